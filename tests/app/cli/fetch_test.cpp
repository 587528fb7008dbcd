#include <signal.h>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "tests/support/http_server.h"
#include "tests/support/python.h"

using namespace loom;
using test::runCli;

/// `datasets fetch` as a program: events, exit codes, interrupts. The publishers' addresses are
/// kept out of reach; what comes, comes from a server on this machine.
class FetchTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void whatCanBeFetchedIsListed();
    void whatIsHereIsNotFetched();
    void aDownloadTellsEvents();
    void anInterruptKeepsThePart();
    void withoutANetworkItFails();
    void wrongSettingsAreExitCode2();

private:
    QTemporaryDir m_folder;
    std::unique_ptr<test::HttpServer> m_server;
};

namespace {

std::vector<QJsonObject> events(const QByteArray& out) {
    std::vector<QJsonObject> all;
    for (const QByteArray& line : out.split('\n'))
        if (!line.isEmpty()) all.push_back(QJsonDocument::fromJson(line).object());
    return all;
}

}  // namespace

void FetchTest::initTestCase() {
    for (const char* name : {"http_proxy", "https_proxy"}) qputenv(name, "http://127.0.0.1:1");
    qputenv("no_proxy", "127.0.0.1");
    qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toLocal8Bit());
    QDir(m_folder.path()).mkpath("KMNIST");
    QFile file(m_folder.filePath("KMNIST/train-images-idx3-ubyte.gz"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(2'000'000, 'k'));
    file.close();
    m_server = std::make_unique<test::HttpServer>(m_folder.path());
    QVERIFY(m_server->isRunning());
}

void FetchTest::whatCanBeFetchedIsListed() {
    const auto list = events(runCli({"datasets", "list", "--json"}).out);
    QCOMPARE(list.size(), std::size_t(1));
    bool seen = false;
    for (const QJsonValue& one : list[0]["datasets"].toArray()) {
        if (one["kind"] == "ImageFolder") QVERIFY(!one["can_be_fetched"].toBool());
        if (one["kind"] != "CIFAR10") continue;
        seen = true;
        QVERIFY(one["can_be_fetched"].toBool());
        QCOMPARE(one["download_bytes"].toInteger(), qint64(170498071));
    }
    QVERIFY(seen);
    QVERIFY(runCli({"datasets", "list"}).out.contains("170 MB"));
    const test::ProcessResult info =
        runCli({"datasets", "info", "EMNIST", "--set", "split=letters", "--root", "/nowhere"});
    QCOMPARE(info.exitCode, 0);
    QVERIFY2(info.out.contains("N/A") && info.out.contains("datasets fetch EMNIST brings it here"),
             info.out);
}

void FetchTest::whatIsHereIsNotFetched() {
    QVERIFY2(QFile::exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"),
             test::kNoFashionMnist);
    const test::ProcessResult done = runCli({"datasets", "fetch", "FashionMNIST", "--json"});
    QCOMPARE(done.exitCode, 0);
    const auto last = events(done.out).back();
    QCOMPARE(last["event"].toString(), "finish");
    QCOMPARE(last["status"].toString(), "done");
    QVERIFY(last["found"].toBool());
}

void FetchTest::aDownloadTellsEvents() {
    QTemporaryDir root;
    qputenv("TORCHLOOM_MIRROR", m_server->address("whole").toLocal8Bit());
    const test::ProcessResult done =
        runCli({"datasets", "fetch", "KMNIST", "--root", root.path(), "--json"});
    qunsetenv("TORCHLOOM_MIRROR");
    // Two million letters are not KMNIST.
    QCOMPARE(done.exitCode, 1);
    QVERIFY2(done.err.contains("where bdb82020997e1d708af4cf47b453dcf7 is expected"), done.err);
    const auto all = events(done.out);
    QVERIFY(all.size() >= 2);
    QCOMPARE(all[0]["event"].toString(), "progress");
    QCOMPARE(all[0]["file"].toString(), "train-images-idx3-ubyte.gz");
    QCOMPARE(all[0]["file_count"].toInt(), 4);
    QCOMPARE(all.back()["event"].toString(), "finish");
    QCOMPARE(all.back()["status"].toString(), "failed");
    QVERIFY(all.back()["message"].toString().contains("could not be fetched"));
    QVERIFY(QDir(root.filePath("KMNIST/raw")).isEmpty());
}

void FetchTest::anInterruptKeepsThePart() {
    QTemporaryDir root;
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("TORCHLOOM_MIRROR", m_server->address("slow"));
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(TORCHLOOM_CLI),
                  {"datasets", "fetch", "KMNIST", "--root", root.path(), "--json"});
    const QString part = root.filePath("KMNIST/raw/train-images-idx3-ubyte.gz.part");
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(part).size() > 100'000, 20000);
    QVERIFY(process.processId() > 0);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(10000));
    QCOMPARE(process.exitCode(), 130);
    QVERIFY(process.readAllStandardError().contains("goes on from there"));
    QCOMPARE(events(process.readAllStandardOutput()).back()["status"].toString(), "interrupted");
    const qint64 kept = QFileInfo(part).size();
    QVERIFY(kept > 100'000 && kept < 2'000'000);
    m_server->answers(1);
    qputenv("TORCHLOOM_MIRROR", m_server->address("whole").toLocal8Bit());
    runCli({"datasets", "fetch", "KMNIST", "--root", root.path()});
    qunsetenv("TORCHLOOM_MIRROR");
    const auto answers = m_server->answers(1);
    QCOMPARE(answers[0].range, QStringLiteral("bytes=%1-").arg(kept));
    QCOMPARE(answers[0].bytes, 2'000'000 - kept);
}

void FetchTest::withoutANetworkItFails() {
    QTemporaryDir root;
    const test::ProcessResult done =
        runCli({"datasets", "fetch", "CIFAR10", "--root", root.path()});
    QCOMPARE(done.exitCode, 1);
    for (const char* word :
         {"https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz", "no network", "by hand"})
        QVERIFY2(done.err.contains(word), done.err);
}

void FetchTest::wrongSettingsAreExitCode2() {
    for (const char* set : {"split=greek", "colour=red", "split"}) {
        const test::ProcessResult done = runCli({"datasets", "fetch", "EMNIST", "--set", set});
        QCOMPARE(done.exitCode, 2);
        QVERIFY2(done.err.contains("split"), done.err);
    }
    QCOMPARE(runCli({"datasets", "fetch", "NoSuchSet"}).exitCode, 2);
}

QTEST_GUILESS_MAIN(FetchTest)
#include "fetch_test.moc"
