#include <signal.h>
#include <sys/mount.h>

#include <QDir>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;
using test::runCli;

namespace {

QList<QJsonObject> events(const QByteArray& out, const QString& kind = {}) {
    QList<QJsonObject> found;
    for (const QByteArray& line : out.split('\n')) {
        if (line.isEmpty()) continue;
        QJsonParseError error;
        const QJsonObject event = QJsonDocument::fromJson(line, &error).object();
        if (error.error != QJsonParseError::NoError) qFatal("no JSON: %s", line.constData());
        if (kind.isEmpty() || event["event"] == kind) found.append(event);
    }
    return found;
}

/// The losses as printed, so that they compare to the last digit.
QStringList losses(const QByteArray& out) {
    QStringList found;
    for (const QJsonObject& step : events(out, "step"))
        found.append(QString::number(step["loss"].toDouble(), 'g', 17));
    return found;
}

}  // namespace

class TrainTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_project;
    QString path(const QString& name) const { return m_folder.filePath(name); }

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(m_folder.path(), 200, 40);
        m_project = test::writeProject(path("small.loom"), test::smallProject(m_folder.path()));
    }

    void jsonLinesFollowTheContract() {
        const test::ProcessResult result =
            runCli({"train", m_project, "--out", path("json"), "--json"});
        QVERIFY2(result.exitCode == 0, result.err);
        const QList<QJsonObject> all = events(result.out);
        QCOMPARE(all.front()["event"].toString(), "start");
        const QList<QJsonObject> steps = events(result.out, "step");
        QCOMPARE(steps.size(), 2 * 13);  // 200 samples in batches of 16
        for (int i = 0; i < steps.size(); ++i) {
            QCOMPARE(steps[i]["step"].toInt(), i + 1);
            QCOMPARE(steps[i]["epoch"].toInt(), i / 13 + 1);
            QVERIFY(steps[i]["loss"].isDouble());
            QCOMPARE(steps[i]["lr"].toDouble(), 0.05);
        }
        const QList<QJsonObject> epochs = events(result.out, "epoch");
        QCOMPARE(epochs.size(), 2);
        for (const char* key :
             {"epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds"})
            QVERIFY2(epochs[1][key].isDouble(), key);
        QVERIFY(epochs[1]["train_loss"].toDouble() < epochs[0]["train_loss"].toDouble());
        const QJsonObject finish = all.back();
        QCOMPARE(finish["event"].toString(), "finish");
        QCOMPARE(finish["status"].toString(), "finished");
        QCOMPARE(finish["steps"].toInt(), 26);
        QCOMPARE(finish["run_dir"].toString(), path("json"));
        QVERIFY(finish["samples_per_second"].toDouble() > 0);
    }

    void theRunFolderIsComplete() {
        QVERIFY2(runCli({"train", m_project, "--out", path("folder")}).exitCode == 0, "train");
        for (const char* file :
             {"project.loom", "run.json", "metrics.csv", "weights/last.pth", "weights/best.pth"})
            QVERIFY2(QFile::exists(path("folder/") + file), file);
        QVERIFY(QDir(path("folder/checkpoints")).exists());
        QCOMPARE(QDir(path("folder")).entryList({"events.out.tfevents.*"}).size(), 1);
        const test::ProcessResult python = test::runPython(
            "import sys, torch\n"
            "for name in 'last', 'best':\n"
            "    print(list(torch.load(f'{sys.argv[1]}/weights/{name}.pth', weights_only=True)))\n",
            {path("folder")});
        QVERIFY2(python.exitCode == 0, python.err);
        QCOMPARE(python.out.split('\n')[0], "['conv.weight', 'conv.bias', 'fc.weight', 'fc.bias']");
    }

    void withoutATerminalItPrintsPlainLines() {
        const test::ProcessResult result = runCli({"train", m_project, "--out", path("plain")});
        QCOMPARE(result.exitCode, 0);
        QVERIFY2(result.out.contains("Epoch 2/2") && result.out.contains("Run folder: "),
                 result.out);
        QVERIFY(!result.out.contains('\r') && !result.err.contains('\r') &&
                !result.err.contains('\x1b'));
        QVERIFY2(result.err.contains("1 thread"), result.err);
    }

    void onATerminalItDrawsABar() {
        // `script` gives the program a terminal.
        QCOMPARE(test::runProcess("script", {"-qec", "true", "/dev/null"}).exitCode, 0);
        const QString command =
            QString(TORCHLOOM_CLI) + " train " + m_project + " --epochs 60 --out " + path("bar");
        // So many that the run does not end before the bar is first drawn.
        const test::ProcessResult result =
            test::runProcess("script", {"-qec", command, "/dev/null"});
        QVERIFY2(result.exitCode == 0, result.out);
        QVERIFY2(result.out.contains("█") && result.out.contains("\r\x1b[K") &&
                     result.out.contains("loss"),
                 result.out);
    }

    void optionsOverrideTheProject() {
        const test::ProcessResult result =
            runCli({"train", m_project, "--out", path("options"), "--json", "--epochs", "1",
                    "--max-steps", "4", "--seed", "9", "--workers", "0", "--set",
                    "training.optimizer.params.lr=0.125", "--set", "training.batch_size=10"});
        QVERIFY2(result.exitCode == 0, result.err);
        const QList<QJsonObject> steps = events(result.out, "step");
        QCOMPARE(steps.size(), 4);
        QCOMPARE(steps[0]["lr"].toDouble(), 0.125);
        QFile saved(path("options/project.loom"));
        QVERIFY(saved.open(QIODevice::ReadOnly));
        const QJsonObject training =
            QJsonDocument::fromJson(saved.readAll()).object()["training"].toObject();
        QCOMPARE(training["seed"].toInt(), 9);
        QCOMPARE(training["batch_size"].toInt(), 10);
    }

    void equalSeedsGiveEqualLossesForAnyNumberOfWorkers() {
        QStringList first;
        for (const char* workers : {"0", "1", "4"}) {
            const test::ProcessResult result =
                runCli({"train", m_project, "--json", "--workers", workers, "--out",
                        path("workers") + workers});
            QVERIFY2(result.exitCode == 0, result.err);
            if (first.isEmpty()) first = losses(result.out);
            QCOMPARE(losses(result.out), first);
        }
        const test::ProcessResult other =
            runCli({"train", m_project, "--json", "--seed", "4", "--out", path("seed4")});
        QVERIFY(losses(other.out) != first);
    }

    void withoutOutAFreshFolderIsMadeBelowRuns() {
        QTemporaryDir here;
        const QStringList arguments{"train", m_project, "--max-steps", "1"};
        QCOMPARE(runCli(arguments, here.path()).exitCode, 0);
        QCOMPARE(runCli(arguments, here.path()).exitCode, 0);
        const QStringList runs =
            QDir(here.filePath("runs")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QCOMPARE(runs.size(), 2);
        QVERIFY(QFile::exists(here.filePath("runs/") + runs[0] + "/run.json"));
    }

    void anotherRunIsNeverWrittenOver() {
        QVERIFY(runCli({"train", m_project, "--max-steps", "2", "--out", path("taken")}).exitCode ==
                0);
        QFile metrics(path("taken/metrics.csv"));
        QVERIFY(metrics.open(QIODevice::ReadOnly));
        const QByteArray before = metrics.readAll();
        const test::ProcessResult again =
            runCli({"train", m_project, "--max-steps", "2", "--out", path("taken")});
        QCOMPARE(again.exitCode, 1);
        QVERIFY2(again.err.contains("taken") && again.err.contains("--resume"), again.err);
        metrics.seek(0);
        QCOMPARE(metrics.readAll(), before);
    }

    void aDivergedRunIsExitCode3() {
        const test::ProcessResult result =
            runCli({"train", m_project, "--json", "--out", path("diverged"), "--set",
                    "training.optimizer.params.lr=1e30"});
        QVERIFY2(result.exitCode == 3, result.out + result.err);
        QCOMPARE(events(result.out, "finish").front()["status"].toString(), "diverged");
        QCOMPARE(events(result.out, "diverged").size(), 1);
        QVERIFY2(result.err.contains("learning rate"), result.err);
    }

    void missingDataIsExitCode1() {
        QTemporaryDir empty;
        const QString project =
            test::writeProject(path("nodata.loom"), test::smallProject(empty.path()));
        const test::ProcessResult result = runCli({"train", project, "--out", path("nodata")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("FashionMNIST") || result.err.contains("Fashion-MNIST"),
                 result.err);
        QVERIFY2(result.err.contains(empty.path().toUtf8()), result.err);
    }

    void aFullDiskIsASentence() {
        QTemporaryDir disk;
        if (mount("tmpfs", disk.path().toUtf8(), "tmpfs", 0, "size=64k") != 0)
            QSKIP(
                "A disk that is full takes a small one to mount, which only root may; CI is root.");
        const test::ProcessResult result =
            runCli({"train", m_project, "--out", disk.filePath("run")});
        umount(disk.path().toUtf8());
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("disk is full") || result.err.contains("No space left"),
                 result.err);
        QVERIFY2(result.err.contains("run"), result.err);
    }

    void aReaderThatLeavesEndsTheRunCleanly() {
        const test::ProcessResult result = test::runProcess(
            "/bin/bash",
            {"-c", QString("set -o pipefail; %1 train %2 --epochs 200 --json --out %3 | head -n 3")
                       .arg(TORCHLOOM_CLI, m_project, path("pipe"))});
        QCOMPARE(events(result.out).size(), 3);
        QCOMPARE(result.exitCode, 1);
        QVERIFY(QFile::exists(path("pipe/weights/last.pth")));
    }

    void linesArriveWhileItTrains() {
        QProcess process;
        process.start(TORCHLOOM_CLI,
                      {"train", m_project, "--epochs", "100000", "--json", "--out", path("live")});
        QByteArray out;
        QElapsedTimer timer;
        timer.start();
        while (events(out.left(out.lastIndexOf('\n') + 1), "step").size() < 5 &&
               timer.elapsed() < 60000) {
            process.waitForReadyRead(1000);
            out += process.readAllStandardOutput();
        }
        QVERIFY(events(out.left(out.lastIndexOf('\n') + 1), "step").size() >= 5);
        QCOMPARE(process.state(), QProcess::Running);
        process.terminate();
        QVERIFY(process.waitForFinished(30000));
        QCOMPARE(process.exitCode(), 130);
    }

    void interruptedAndResumedEqualsUninterrupted_data() {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGTERM") << SIGTERM;
    }
    void interruptedAndResumedEqualsUninterrupted() {
        QFETCH(int, signal);
        const QString name = QString("resume%1").arg(signal);
        // Long enough that the signal arrives in the middle of it.
        const QStringList common{"--json", "--epochs", "60"};
        static QStringList whole;
        if (whole.isEmpty()) {
            const test::ProcessResult result =
                runCli(QStringList{"train", m_project, "--out", path("whole")} + common);
            QVERIFY2(result.exitCode == 0, result.err);
            whole = losses(result.out);
        }
        QProcess process;
        process.start(TORCHLOOM_CLI, QStringList{"train", m_project, "--out", path(name)} + common);
        QByteArray out;
        while (out.count("\"step\"") < 40 && process.waitForReadyRead(60000))
            out += process.readAllStandardOutput();
        ::kill(static_cast<pid_t>(process.processId()), signal);
        QVERIFY(process.waitForFinished(60000));
        out += process.readAllStandardOutput();
        QCOMPARE(process.exitCode(), 130);
        const QStringList before = losses(out);
        QCOMPARE(events(out, "finish").front()["status"].toString(), "stopped");
        QVERIFY2(before.size() < whole.size(), "the run ended before the signal");

        const test::ProcessResult rest =
            runCli(QStringList{"train", m_project, "--resume", path(name)} + common);
        QVERIFY2(rest.exitCode == 0, rest.err);
        QCOMPARE(before + losses(rest.out), whole);
        QCOMPARE(QDir(path(name)).entryList({"*tfevents*"}).size(), 2);
        // The curves of the two parts are one.
        QFile csv(path(name) + "/metrics.csv"), wholeCsv(path("whole/metrics.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly) && wholeCsv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count("\nstep,"), wholeCsv.readAll().count("\nstep,"));
        QFile weights(path(name) + "/weights/last.pth"),
            wholeWeights(path("whole/weights/last.pth"));
        QVERIFY(weights.open(QIODevice::ReadOnly) && wholeWeights.open(QIODevice::ReadOnly));
        const test::ProcessResult same = test::runPython(
            "import sys, torch\n"
            "a, b = (torch.load(f, weights_only=True) for f in sys.argv[1:])\n"
            "assert all(torch.equal(a[k], b[k]) for k in b) and list(a) == list(b)\n",
            {weights.fileName(), wholeWeights.fileName()});
        QVERIFY2(same.exitCode == 0, same.err);
    }

    void aLongerRunSaysWhatItsScheduleDoes() {
        const QString project = test::writeProject(
            path("cycle.loom"),
            test::withField(
                test::smallProject(m_folder.path()), "training.scheduler",
                QJsonObject{{"kind", "OneCycleLR"}, {"params", QJsonObject{{"max_lr", 0.1}}}}));
        for (const char* choice : {"keep", "stretch"}) {
            const QString run = path(QString("cycle-") + choice);
            QCOMPARE(runCli({"train", project, "--out", run, "--max-steps", "20"}).exitCode, 0);
            const test::ProcessResult result = runCli(
                {"train", project, "--resume", run, "--epochs", "3", "--schedule-length", choice});
            QVERIFY2(result.exitCode == 0, result.err);
            QVERIFY2(result.err.contains("OneCycleLR was drawn for 2 epochs") &&
                         result.err.contains("--schedule-length "),
                     result.err);
        }
        QCOMPARE(
            runCli({"train", project, "--resume", path("cycle-keep"), "--schedule-length", "guess"})
                .exitCode,
            2);
    }

    /// Thousands of epochs a second, killed: what is lost is a second at most, and the run goes on.
    void killedRunsGoOn() {
        const QString project = test::sourcePath("projects/zoo/linear_regression.loom");
        const QStringList common{
            "--json", "--epochs", "3000", "--threads", "1", "--set", "training.batch_size=500"};
        const test::ProcessResult whole =
            runCli(QStringList{"train", project, "--out", path("line")} + common);
        QVERIFY2(whole.exitCode == 0, whole.err);
        const QStringList expected = losses(whole.out);
        QCOMPARE(expected.size(), 3000);
        QProcess process;
        process.start(TORCHLOOM_CLI,
                      QStringList{"train", project, "--out", path("killed")} + common);
        QByteArray out;
        while (out.count("\"step\"") < 1000 && process.waitForReadyRead(60000))
            out += process.readAllStandardOutput();
        process.kill();
        QVERIFY(process.waitForFinished(60000));
        const test::ProcessResult rest =
            runCli(QStringList{"train", project, "--resume", path("killed")} + common);
        QVERIFY2(rest.exitCode == 0, rest.err);
        const QStringList again = losses(rest.out);
        QVERIFY2(!again.isEmpty() && again.size() < 3000,
                 qPrintable(QString::number(again.size())));
        QCOMPARE(again, expected.mid(3000 - again.size()));
        QFile csv(path("killed/metrics.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count("\nstep,"), 3000);
    }

    void benchMeasuresTheThreeParts() {
        const test::ProcessResult result =
            runCli({"bench", m_project, "--steps", "5", "--threads", "1", "--json"});
        QVERIFY2(result.exitCode == 0, result.err);
        const QJsonObject bench = QJsonDocument::fromJson(result.out).object();
        for (const char* part : {"pipeline", "training_step", "training"})
            QVERIFY2(bench["samples_per_second"].toObject()[part].toDouble() > 0, part);
        QCOMPARE(bench["threads"].toInt(), 1);
    }

    void resumingANonsenseFolderIsASentence() {
        QDir().mkpath(path("nonsense"));
        const test::ProcessResult result =
            runCli({"train", m_project, "--resume", path("nonsense")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("nonsense"), result.err);
        QCOMPARE(runCli({"train", m_project, "--resume", path("nowhere")}).exitCode, 1);
    }
};

QTEST_GUILESS_MAIN(TrainTest)
#include "train_test.moc"
