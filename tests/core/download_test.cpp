#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <numeric>
#include <thread>

#include "core/data/dataset.h"
#include "core/data/download/download.h"
#include "core/data/download/fetch_file.h"
#include "tests/support/http_server.h"
#include "tests/support/python.h"

using namespace loom;

/// Downloads from a server on this machine that has every fault real ones have.
class DownloadTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void aWholeFileIsFetched_data();
    void aWholeFileIsFetched();
    void cutConnectionsAreContinued();
    void aPartFromEarlierIsContinued();
    void aServerWithoutRangesBeginsAgain();
    void aPartOfAnotherFileIsReplaced_data();
    void aPartOfAnotherFileIsReplaced();
    void wrongContentsAreNotKept_data();
    void wrongContentsAreNotKept();
    void theNextAddressIsTried();
    void whereNothingHelpsEveryAddressIsNamed();
    void stoppingKeepsThePart();
    void aDiskThatRefusesIsASentence();
    void twoAtOnceDoNotMix();
    void fashionMnistComesThroughAMirror();
    void withoutANetworkTheSentenceSaysWhatToDo();
    void mirrorsAreTorchvisions();

private:
    Status fetch(const QString& address, std::vector<QString> more = {});
    QByteArray fetched() const;
    QString path() const { return m_target->filePath("set/file.gz"); }

    QTemporaryDir m_folder;
    std::unique_ptr<QTemporaryDir> m_target;
    std::unique_ptr<test::HttpServer> m_server;
    QByteArray m_bytes;
    std::function<bool(const FetchStep&)> m_goOn;
    std::vector<FetchStep> m_steps;
};

namespace {

QByteArray message(const Status& status) {
    return status.ok()
               ? "no error"
               : QByteArray::fromStdString(status.error().message + " | " + status.error().hint);
}

qint64 sent(const std::vector<test::HttpAnswer>& answers) {
    return std::accumulate(answers.begin(), answers.end(), qint64(0),
                           [](qint64 sum, const auto& one) { return sum + one.bytes; });
}

void write(const QString& path, const QByteArray& bytes) {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

}  // namespace

void DownloadTest::initTestCase() {
    qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toLocal8Bit());
    qputenv("no_proxy", "127.0.0.1");
    for (int i = 0; i < 300000; ++i) m_bytes.append(char(unsigned(i) * 7919u >> 5));
    write(m_folder.filePath("file.gz"), m_bytes);
    QFile::link("/usr/share/datasets/fashion-mnist", m_folder.filePath("FashionMNIST"));
}

void DownloadTest::init() {
    m_target = std::make_unique<QTemporaryDir>();
    m_goOn = [](const FetchStep&) { return true; };
    m_steps.clear();
    // One for each test: a request that an earlier one gave up may still be answered, and told of.
    m_server = std::make_unique<test::HttpServer>(m_folder.path());
    QVERIFY(m_server->isRunning());
}

Status DownloadTest::fetch(const QString& address, std::vector<QString> more) {
    RemoteFile file{"file.gz", {}, {}, m_bytes.size(), "set", {}};
    file.md5 = QCryptographicHash::hash(m_bytes, QCryptographicHash::Md5).toHex().toStdString();
    more.insert(more.begin(), address);
    for (const QString& one : more)
        file.urls.push_back((one.startsWith("http") ? one : m_server->address(one)).toStdString());
    return fetchFile(file, path().toStdString(),
                     [this](const FetchStep& step) {
                         m_steps.push_back(step);
                         return m_goOn(step);
                     },
                     {.connectSeconds = 2, .stallSeconds = 1, .attempts = 2});
}

QByteArray DownloadTest::fetched() const {
    QFile file(path());
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("no file");
}

void DownloadTest::aWholeFileIsFetched_data() {
    QTest::addColumn<QString>("address");
    for (const char* one : {"whole/file.gz", "noranges/file.gz", "nolength/file.gz",
                            "redirect/whole/file.gz", "redirect/redirect/whole/file.gz"})
        QTest::newRow(one) << one;
}

void DownloadTest::aWholeFileIsFetched() {
    QFETCH(QString, address);
    const Status done = fetch(address);
    QVERIFY2(done, message(done));
    QVERIFY(fetched() == m_bytes);
    QVERIFY(!QFile::exists(path() + ".part"));
    QVERIFY(!m_steps.empty());
    QCOMPARE(m_steps.back().totalBytes, std::int64_t(m_bytes.size()));
    QCOMPARE(m_steps.back().bytes, std::int64_t(m_bytes.size()));
    QVERIFY(m_steps.back().checking);
}

void DownloadTest::cutConnectionsAreContinued() {
    const Status done = fetch("cut/70000/file.gz");
    QVERIFY2(done, message(done));
    QVERIFY(fetched() == m_bytes);
    const auto answers = m_server->answers(5);
    QCOMPARE(answers.size(), std::size_t(5));
    QCOMPARE(answers[0].range, "-");
    QCOMPARE(answers[1].range, "bytes=70000-");
    QCOMPARE(answers[4].range, "bytes=280000-");
    QCOMPARE(sent(answers), m_bytes.size());
}

void DownloadTest::aPartFromEarlierIsContinued() {
    write(path() + ".part", m_bytes.left(123456));
    Status done = fetch("redirect/whole/file.gz");
    QVERIFY2(done, message(done));
    QVERIFY(fetched() == m_bytes);
    QCOMPARE(m_steps.front().bytes, std::int64_t(123456));
    auto answers = m_server->answers(2);
    QCOMPARE(answers[1].range, "bytes=123456-");
    QCOMPARE(sent(answers), m_bytes.size() - 123456);
    // All had come; only the checksum was missing.
    QFile::rename(path(), path() + ".part");
    done = fetch("whole/file.gz");
    QVERIFY2(done, message(done));
    QVERIFY(fetched() == m_bytes);
    answers = m_server->answers(1);
    QCOMPARE(sent(answers), qint64(0));
}

void DownloadTest::aServerWithoutRangesBeginsAgain() {
    write(path() + ".part", m_bytes.left(123456));
    const Status done = fetch("noranges/file.gz");
    QVERIFY2(done, message(done));
    QVERIFY(fetched() == m_bytes);
    const auto answers = m_server->answers(1);
    QCOMPARE(answers.size(), std::size_t(1));
    QCOMPARE(answers[0].status, 200);
    QCOMPARE(sent(answers), m_bytes.size());
}

void DownloadTest::aPartOfAnotherFileIsReplaced_data() {
    QTest::addColumn<QByteArray>("part");
    QTest::addColumn<QString>("address");
    QTest::newRow("shorter") << QByteArray(1000, 'x') << "whole/file.gz";
    QTest::newRow("longer") << QByteArray(310000, 'x') << "whole/file.gz";
    QTest::newRow("the server answers another range") << m_bytes.left(1000) << "wrongrange/file.gz";
}

void DownloadTest::aPartOfAnotherFileIsReplaced() {
    QFETCH(QByteArray, part);
    QFETCH(QString, address);
    write(path() + ".part", part);
    const Status done = fetch(address);
    QVERIFY2(done, message(done));
    QVERIFY(fetched() == m_bytes);
}

void DownloadTest::wrongContentsAreNotKept_data() {
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("says");
    const QString right = QCryptographicHash::hash(m_bytes, QCryptographicHash::Md5).toHex();
    QTest::newRow("other bytes") << "wrong/file.gz"
                                 << "where " + right + " is expected";
    QTest::newRow("a login page") << "page/file.gz"
                                  << "a web page came instead of the file";
    QTest::newRow("a chain without end") << "loop/file.gz"
                                         << "from one address to the next without end";
    QTest::newRow("not found") << "status/404/file.gz"
                               << "answers 404, not found";
    QTest::newRow("forbidden") << "status/403/file.gz"
                               << "answers 403, not allowed";
    QTest::newRow("a fault") << "status/500/file.gz"
                             << "answers 500, a fault of its own";
    QTest::newRow("nothing comes") << "stall/0/file.gz"
                                   << "nothing came for 1 seconds";
    QTest::newRow("another protocol") << "http+x://file.gz"
                                      << "no address that begins with http";
}

void DownloadTest::wrongContentsAreNotKept() {
    QFETCH(QString, address);
    QFETCH(QString, says);
    write(path(), "an old one");
    const Status done = fetch(address);
    QVERIFY(!done);
    QVERIFY2(message(done).contains(says.toUtf8()), message(done));
    QVERIFY2(message(done).startsWith("file.gz could not be fetched: http"), message(done));
    QVERIFY2(message(done).contains("by hand") && message(done).contains(path().left(20).toUtf8()),
             message(done));
    QCOMPARE(fetched(), QByteArray("an old one"));
    QVERIFY(!QFile::exists(path() + ".part"));
}

void DownloadTest::theNextAddressIsTried() {
    const Status done = fetch("http://127.0.0.1:1/file.gz",
                              {"status/404/file.gz", "wrong/file.gz", "cut/70000/file.gz"});
    QVERIFY2(done, message(done));
    QVERIFY(fetched() == m_bytes);
}

void DownloadTest::whereNothingHelpsEveryAddressIsNamed() {
    write(path() + ".part", m_bytes.left(50000));
    const Status done = fetch("http://127.0.0.1:1/a", {"status/404/file.gz", "stall/0/file.gz"});
    QVERIFY(!done);
    for (const char* word :
         {"http://127.0.0.1:1/a: nobody answers there, or this computer has no network",
          "/status/404/file.gz: the server answers 404, not found",
          "/stall/0/file.gz: nothing came for 1 seconds", "kept", "with a browser"})
        QVERIFY2(message(done).contains(word), message(done));
    QVERIFY(!QFile::exists(path()));
    QCOMPARE(QFileInfo(path() + ".part").size(), qint64(50000));
}

void DownloadTest::stoppingKeepsThePart() {
    m_goOn = [](const FetchStep& step) { return step.bytes < 60000; };
    Status done = fetch("slow/file.gz");
    QVERIFY(!done);
    QVERIFY2(message(done).contains("was stopped") && message(done).contains("goes on from there"),
             message(done));
    const qint64 part = QFileInfo(path() + ".part").size();
    QVERIFY(part >= 60000 && part < m_bytes.size());
    QVERIFY(!QFile::exists(path()));
    m_server->answers(1);
    m_goOn = [](const FetchStep&) { return true; };
    done = fetch("whole/file.gz");
    QVERIFY2(done, message(done));
    QVERIFY(fetched() == m_bytes);
    QCOMPARE(sent(m_server->answers(1)), m_bytes.size() - part);
    // Asked before anything comes.
    QFile::remove(path());
    int asked = 0;
    m_goOn = [&asked](const FetchStep& step) {
        ++asked;
        return step.bytes > 0;
    };
    done = fetch("stall/0/file.gz");
    QVERIFY2(message(done).contains("was stopped"), message(done));
    QCOMPARE(asked, 1);
}

void DownloadTest::aDiskThatRefusesIsASentence() {
    QDir().mkpath(QFileInfo(path()).path());
    QVERIFY(QFile::link("/dev/full", path() + ".part"));
    Status done = fetch("whole/file.gz");
    QVERIFY2(message(done).contains("cannot be written: the disk is full"), message(done));
    QVERIFY(!QFile::exists(path()));
    QFile::remove(path() + ".part");
    QVERIFY(QDir(m_target->path()).removeRecursively());
    write(m_target->path(), "a file where a folder should be");
    done = fetch("whole/file.gz");
    QVERIFY2(message(done).contains("a part of the path is a file, not a folder"), message(done));
    QFile::remove(m_target->path());
}

void DownloadTest::twoAtOnceDoNotMix() {
    Status second;
    int asked = 0;
    m_goOn = [&](const FetchStep&) {
        if (++asked == 3) {
            const auto goOn = std::exchange(m_goOn, [](const FetchStep&) { return true; });
            second = fetch("whole/file.gz");
            m_goOn = goOn;
        }
        return true;
    };
    const Status first = fetch("slow/file.gz");
    QVERIFY2(first, message(first));
    QVERIFY(fetched() == m_bytes);
    QVERIFY2(message(second).contains("is being fetched by another program"), message(second));
}

void DownloadTest::fashionMnistComesThroughAMirror() {
    QVERIFY2(QFile::exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"),
             test::kNoFashionMnist);
    const std::string root = m_target->path().toStdString();
    qputenv("TORCHLOOM_MIRROR", m_server->address("whole/").toLocal8Bit());
    std::vector<DownloadProgress> told;
    const auto goOn = [&](const DownloadProgress& progress) {
        told.push_back(progress);
        return true;
    };
    // Debian packed the files anew, so that they differ from those that torchvision fetches.
    Status done = fetchDataset("FashionMNIST", {}, root, [&](const DownloadProgress& progress) {
        return progress.doing != DownloadProgress::Doing::Checking;
    });
    QVERIFY2(message(done).contains("was stopped"), message(done));
    QCOMPARE(m_server->answers(1).front().path, "/whole/FashionMNIST/train-images-idx3-ubyte.gz");
    const Params params{{"root", root}};
    const DatasetKind* kind = datasets().find("FashionMNIST");
    std::vector<RemoteFile> files = kind->downloads(Settings(kind->params, params));
    for (RemoteFile& file : files) {
        QFile debian(QString::fromStdString("/usr/share/datasets/fashion-mnist/" + file.name));
        QVERIFY(debian.open(QIODevice::ReadOnly));
        file.md5 = QCryptographicHash::hash(debian.readAll(), QCryptographicHash::Md5)
                       .toHex()
                       .toStdString();
    }
    done = fetchFiles("FashionMNIST", files, root, goOn);
    QVERIFY2(done, message(done));
    QByteArray asked;
    for (const test::HttpAnswer& one : m_server->answers(4))
        asked += one.path.section('/', -1).toUtf8() + " " + QByteArray::number(one.status) + "\n";
    QCOMPARE(asked, QByteArray("train-images-idx3-ubyte.gz 416\ntrain-labels-idx1-ubyte.gz 200\n"
                               "t10k-images-idx3-ubyte.gz 200\nt10k-labels-idx1-ubyte.gz 200\n"));
    QCOMPARE(told.front().file, std::string("train-images-idx3-ubyte.gz"));
    QCOMPARE(told.back().fileNumber, 4);
    QCOMPARE(told.back().fileCount, 4);
    for (const auto doing : {DownloadProgress::Doing::Fetching, DownloadProgress::Doing::Checking,
                             DownloadProgress::Doing::Unpacking})
        QVERIFY(std::any_of(told.begin(), told.end(),
                            [&](const DownloadProgress& one) { return one.doing == doing; }));
    const auto train = openDataset("FashionMNIST", params, Split::Train);
    QVERIFY2(train, train ? "" : train.error().message.c_str());
    QCOMPARE((*train)->size(), std::int64_t(60000));
    // As torchvision leaves them: packed, with the unpacked files beside.
    const QDir raw(m_target->filePath("FashionMNIST/raw"));
    QCOMPARE(raw.entryList(QDir::Files).size(), 8);
    QCOMPARE(QFileInfo(raw.filePath("train-images-idx3-ubyte")).size(), qint64(47040016));

    // A second time nothing is asked for; of a damaged set only the damaged file.
    done = fetchDataset("FashionMNIST", {}, root, goOn);
    QVERIFY2(done, message(done));
    QCOMPARE(m_server->answers(0).size(), std::size_t(0));
    write(raw.filePath("t10k-labels-idx1-ubyte"), "cut");
    write(raw.filePath("t10k-labels-idx1-ubyte.gz"), "cut");
    QVERIFY(!openDataset("FashionMNIST", params, Split::Test));
    done = fetchFiles("FashionMNIST", files, root, goOn);
    QVERIFY2(done, message(done));
    const auto answers = m_server->answers(1);
    QCOMPARE(answers.size(), std::size_t(1));
    QCOMPARE(answers[0].path, "/whole/FashionMNIST/t10k-labels-idx1-ubyte.gz");
    QVERIFY(openDataset("FashionMNIST", params, Split::Test));
    qunsetenv("TORCHLOOM_MIRROR");
}

void DownloadTest::withoutANetworkTheSentenceSaysWhatToDo() {
    qputenv("http_proxy", "http://127.0.0.1:1");
    qputenv("https_proxy", "http://127.0.0.1:1");
    const std::string root = m_target->path().toStdString();
    const Status done =
        fetchDataset("CIFAR10", {}, root, [](const DownloadProgress&) { return true; });
    qunsetenv("http_proxy");
    qunsetenv("https_proxy");
    QVERIFY(!done);
    for (const char* word : {"cifar-10-python.tar.gz could not be fetched",
                             "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                             "no network", "by hand", root.c_str()})
        QVERIFY2(message(done).contains(word), message(done));
    QCOMPARE(QDir(m_target->path()).entryList(QDir::Files).size(), 0);
    // Of several addresses each is named, and where all the files belong.
    qputenv("http_proxy", "http://127.0.0.1:1");
    qputenv("https_proxy", "http://127.0.0.1:1");
    const Status digits =
        fetchDataset("MNIST", {}, root, [](const DownloadProgress&) { return true; });
    qunsetenv("http_proxy");
    qunsetenv("https_proxy");
    QVERIFY(!digits);
    const std::string folder = root + "/MNIST/raw/";
    for (const std::string& word :
         {std::string("from any of 3 addresses"), std::string("yann.lecun.com"),
          std::string("ossci-datasets.s3.amazonaws.com"), folder,
          std::string("t10k-labels-idx1-ubyte.gz (into ") + folder + ")"})
        QVERIFY2(message(digits).contains(word.c_str()), message(digits));
    const Status never =
        fetchDataset("Line", {}, root, [](const DownloadProgress&) { return true; });
    QVERIFY2(message(never).contains("no address"), message(never));
}

void DownloadTest::mirrorsAreTorchvisions() {
    const auto python = test::runPython(R"(
import json
from torchvision import datasets as d
urls = {name: [m + f[0] for m in getattr(d, name).mirrors for f in getattr(d, name).resources[:1]] for name in ('MNIST', 'FashionMNIST', 'KMNIST')}
urls.update({'EMNIST': [d.EMNIST.url], 'CIFAR10': [d.CIFAR10.url], 'CIFAR100': [d.CIFAR100.url], 'STL10': [d.STL10.url], 'SVHN': [d.SVHN.split_list['train'][0]]})
print(json.dumps(urls))
)");
    QVERIFY2(python.exitCode == 0, python.err);
    const QJsonObject wanted = QJsonDocument::fromJson(python.out).object();
    QVERIFY(wanted.size() > 7);
    for (const QString& id : wanted.keys()) {
        const DatasetKind* kind = datasets().find(id.toStdString());
        QVERIFY2(kind && kind->downloads, qPrintable(id));
        Params params;
        for (const ParamSpec& spec : kind->params)
            if (spec.required) params.set(spec.key, spec.suggestion);
        const auto files = kind->downloads(Settings(kind->params, params));
        const QJsonArray urls = wanted[id].toArray();
        // Addresses that a release gave up stay, after those of the later one.
        const auto& ours = files.front().urls;
        auto next = ours.begin();
        for (const auto& url : urls) {
            next = std::find(next, ours.end(), url.toString().toStdString());
            QVERIFY2(next != ours.end(), qPrintable(id + ": " + url.toString()));
            ++next;
        }
    }
}

QTEST_GUILESS_MAIN(DownloadTest)
#include "download_test.moc"
