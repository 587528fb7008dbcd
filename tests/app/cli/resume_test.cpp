// Runs that go on, or cannot, and signals that come in numbers: torchloom-cli as a program.

#include <signal.h>
#include <sys/stat.h>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <map>
#include <vector>

#include "core/train/run_folder.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;
using test::runCli;

namespace {

/// Every file of a folder with what it holds.
std::map<QString, QByteArray> allOf(const QString& folder) {
    std::map<QString, QByteArray> found;
    for (const QString& below :
         {QString(), QStringLiteral("/weights"), QStringLiteral("/checkpoints")})
        for (const QFileInfo& entry : QDir(folder + below).entryInfoList(QDir::Files)) {
            QFile file(entry.filePath());
            if (file.open(QFile::ReadOnly)) found[entry.filePath()] = file.readAll();
        }
    return found;
}

}  // namespace

class ResumeTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_project, m_long;
    QString path(const QString& name) const { return m_folder.filePath(name); }

    QString finishedRun(const QString& name) {
        const auto made = runCli({"train", m_project, "--max-steps", "6", "--out", path(name)});
        if (made.exitCode != 0) qFatal("%s", made.err.constData());
        return path(name);
    }

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(path("data"), 200, 40);
        m_project = test::writeProject(path("small.loom"), test::smallProject(path("data")));
        test::writeSmallFashionMnist(path("long-data"), 6000, 40);
        m_long = test::writeProject(
            path("long.loom"),
            test::withField(test::smallProject(path("long-data")), "training.batch_size", 1));
    }

    void aRunThatCannotGoOnIsLeftAsItWas_data() {
        QTest::addColumn<QByteArray>("checkpoint");
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("said");
        QTest::newRow("empty checkpoint") << QByteArray("") << QStringList() << "last.pt";
        QTest::newRow("damaged checkpoint")
            << QByteArray("PK\3\4nothing") << QStringList() << "last.pt";
        QTest::newRow("no checkpoint") << QByteArray() << QStringList() << "6 steps behind it";
        QTest::newRow("another optimizer")
            << QByteArray("as it is") << QStringList{"--set", "training.optimizer.kind=RMSprop"}
            << "was trained with";
    }
    void aRunThatCannotGoOnIsLeftAsItWas() {
        QFETCH(QByteArray, checkpoint);
        QFETCH(QStringList, options);
        QFETCH(QString, said);
        const QString run = finishedRun(QString("cannot-") + QTest::currentDataTag());
        const QString file = run + QStringLiteral("/checkpoints/last.pt");
        if (checkpoint.isNull()) {
            QVERIFY(QFile::remove(file));
        } else if (checkpoint != "as it is") {
            QFile damaged(file);
            QVERIFY(damaged.open(QFile::WriteOnly) &&
                    damaged.write(checkpoint) == checkpoint.size());
        }
        const auto before = allOf(run);
        const auto result =
            runCli(QStringList{"train", m_project, "--epochs", "9", "--resume", run} + options);
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains(said.toUtf8()), result.err);
        for (const auto& [name, bytes] : before) {
            QFile now(name);
            QVERIFY2(now.open(QFile::ReadOnly), qPrintable(name));
            QVERIFY2(now.readAll() == bytes, qPrintable(name));
        }
    }

    void whatChangedIsSaid() {
        const QString run = finishedRun("changed");
        const auto result = runCli({"train", m_project, "--resume", run, "--max-steps", "8",
                                    "--epochs", "9", "--set", "training.optimizer.params.lr=0.5"});
        QVERIFY2(result.exitCode == 0, result.err);
        const QByteArray all = result.out + result.err;
        QVERIFY2(all.contains("training.optimizer.params.lr ("), all);
        QVERIFY2(all.contains("now 0.5"), all);
        // The same project again has nothing to say.
        const QString same = finishedRun("unchanged");
        const auto quiet = runCli({"train", m_project, "--resume", same, "--max-steps", "8"});
        QVERIFY2(quiet.exitCode == 0, quiet.err);
        QVERIFY2(!(quiet.out + quiet.err).contains("differs from"), quiet.err);
    }

    void severalSignalsAreOneWish_data() {
        QTest::addColumn<QList<int>>("sent");
        QTest::newRow("SIGTERM twice") << QList<int>{SIGTERM, SIGTERM};
        QTest::newRow("SIGINT three times") << QList<int>{SIGINT, SIGINT, SIGINT};
        QTest::newRow("SIGHUP") << QList<int>{SIGHUP};
        QTest::newRow("SIGHUP and SIGTERM") << QList<int>{SIGHUP, SIGTERM};
    }
    void severalSignalsAreOneWish() {
        QFETCH(QList<int>, sent);
        const QString run = path(QString("wish-") + QTest::currentDataTag());
        QProcess process;
        process.start(TORCHLOOM_CLI, {"train", m_long, "--out", run, "--json"});
        QByteArray out;
        while (out.count("\"step\"") < 5 && process.waitForReadyRead(60000))
            out += process.readAllStandardOutput();
        for (const int signal : sent) ::kill(pid_t(process.processId()), signal);
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 130);
        out += process.readAllStandardOutput();
        QVERIFY2(out.trimmed().split('\n').last().contains("\"finish\""), out.right(300));
        QCOMPARE(readRunRecord(run.toStdString())->status, std::string("stopped"));
        QVERIFY(QFileInfo::exists(run + QStringLiteral("/checkpoints/last.pt")));
    }

    void aNamedPipeIsNoFile() {
        const QString pipe = path("pipe.pth");
        QVERIFY(::mkfifo(pipe.toUtf8().constData(), 0600) == 0);
        const auto result = runCli({"evaluate", m_project, "--weights", pipe});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("named pipe"), result.err);
    }

    void whatNoWeightCanHoldIsRefused() {
        for (const char* command : {"check", "train"}) {
            const QString project = test::writeProject(
                path("large.loom"), test::withField(test::smallProject(path("data")),
                                                    "training.optimizer.params.lr", 1e39));
            const auto result = runCli({command, project});
            QCOMPARE(result.exitCode, 2);
            QVERIFY2((result.out + result.err).contains("lr is 1e+39"), result.err);
        }
    }

    void oneBadPictureLeavesTheOthersTheirAnswers() {
        const QString run = finishedRun("pictures");
        const auto made = test::runPython(
            "import sys\nfrom PIL import Image\nImage.new('L', (28, 28), 90).save(sys.argv[1])",
            {path("good.png")});
        QCOMPARE(made.exitCode, 0);
        QFile bad(path("bad.png"));
        QVERIFY(bad.open(QFile::WriteOnly));
        bad.close();
        const auto result = runCli(
            {"predict", m_project, "--weights", run, path("bad.png"), path("good.png"), "--json"});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("bad.png"), result.err);
        const QJsonArray all =
            QJsonDocument::fromJson(result.out).object()["predictions"].toArray();
        QCOMPARE(all.size(), 1);
        QVERIFY(all[0].toObject()["image"].toString().endsWith("good.png"));
        const auto top =
            runCli({"predict", m_project, "--weights", run, path("good.png"), "--top", "1.5"});
        QCOMPARE(top.exitCode, 2);
        QVERIFY2(top.err.contains("no whole number from 1"), top.err);
    }
};

QTEST_GUILESS_MAIN(ResumeTest)
#include "resume_test.moc"
