// Runs beside each other, runs that were killed, and folders that are somebody's: torchloom-cli as
// a program.

#include <signal.h>

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/train/run_claim.h"
#include "core/train/run_folder.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;
using test::runCli;

namespace {

QByteArray contents(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The losses of the steps as printed, by step.
std::map<int, QString> losses(const QByteArray& out) {
    std::map<int, QString> found;
    for (const QByteArray& line : out.split('\n')) {
        const QJsonObject event = QJsonDocument::fromJson(line).object();
        if (event["event"] == "step")
            found[event["step"].toInt()] = QString::number(event["loss"].toDouble(), 'g', 17);
    }
    return found;
}

std::vector<std::unique_ptr<QProcess>> startAtOnce(const QString& folder,
                                                   const std::vector<QStringList>& calls) {
    std::vector<std::unique_ptr<QProcess>> processes;
    for (const QStringList& arguments : calls) {
        processes.push_back(std::make_unique<QProcess>());
        processes.back()->setWorkingDirectory(folder);
        processes.back()->start(TORCHLOOM_CLI, arguments);
    }
    for (const auto& process : processes)
        if (!process->waitForFinished(120000)) qFatal("a run does not end");
    return processes;
}

}  // namespace

class RunsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_project;  ///< an epoch is over in no time
    QString m_long;     ///< an epoch of thousands of steps
    QString path(const QString& name) const { return m_folder.filePath(name); }

    /// Trains until a few steps were told, then kills the program.
    std::map<int, QString> killedRun(const QStringList& arguments) {
        QProcess process;
        process.start(TORCHLOOM_CLI, arguments);
        QByteArray out;
        while (out.count("\"step\"") < 5 && process.waitForReadyRead(60000))
            out += process.readAllStandardOutput();
        process.kill();
        process.waitForFinished(30000);
        return losses(out.left(out.lastIndexOf('\n') + 1));
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

    void runsStartedAtOnceHaveFoldersOfTheirOwn() {
        for (int round = 0; round < 3; ++round) {
            QTemporaryDir here;
            std::vector<QStringList> calls;
            for (int i = 0; i < 4; ++i)
                calls.push_back({"train", m_project, "--max-steps", "3", "--seed",
                                 QString::number(100 + i), "--json"});
            std::set<QString> folders;
            for (const auto& process : startAtOnce(here.path(), calls)) {
                QCOMPARE(process->exitCode(), 0);
                const QByteArray out = process->readAllStandardOutput();
                const QString start = QString::fromUtf8(out.left(out.indexOf('\n')));
                const QJsonObject event = QJsonDocument::fromJson(start.toUtf8()).object();
                const QString folder = here.filePath(event["run_dir"].toString());
                folders.insert(folder);
                // Record and figures are of one run, and of this one.
                const auto record = readRunRecord(folder.toStdString());
                QVERIFY(record.ok());
                QCOMPARE(record->status, std::string("finished"));
                QCOMPARE(record->details.find("seed")->asInt(), event["seed"].toInt());
                const auto events = readRunEvents(folder.toStdString());
                QVERIFY(events.ok());
                std::map<int, QString> written;
                for (const RunEvent& one : *events)
                    if (one.type == RunEvent::Type::Step)
                        written[static_cast<int>(one.step)] = QString::number(one.loss, 'g', 17);
                QCOMPARE(written, losses(out));
            }
            QCOMPARE(folders.size(), std::size_t(4));
            QCOMPARE(
                QDir(here.filePath("runs")).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 4);
        }
    }

    void ofSeveralForOneFolderOneTrains() {
        QDir().mkpath(path("there"));
        for (const char* name : {"wanted", "there"}) {
            const std::vector<QStringList> calls(
                4, {"train", m_project, "--max-steps", "40", "--out", path(name), "--json"});
            int trained = 0;
            for (const auto& process : startAtOnce(m_folder.path(), calls)) {
                const QByteArray err = process->readAllStandardError();
                if (process->exitCode() == 0) {
                    ++trained;
                    continue;
                }
                QCOMPARE(process->exitCode(), 1);
                QVERIFY2(err.contains(name) &&
                             (err.contains("in use") || err.contains("holds a run already")),
                         err);
                QVERIFY(process->readAllStandardOutput().isEmpty());
            }
            QCOMPARE(trained, 1);
            QCOMPARE(readRunRecord(path(name).toStdString())->status, std::string("finished"));
            QCOMPARE(contents(path(name) + "/metrics.csv").count("\nstep,"), 26);
        }
    }

    void aRefusedRunLeavesNoFolder() {
        QTemporaryDir here;
        const QString broken = test::writeProject(
            here.filePath("broken.loom"),
            test::withField(test::smallProject(path("data")), "training.batch_size", 0));
        QVERIFY(runCli({"train", broken}, here.path()).exitCode != 0);
        QVERIFY(!QDir(here.filePath("runs")).exists() || QDir(here.filePath("runs")).isEmpty());
    }

    void aFolderThatIsNotEmptyIsLeftAlone() {
        QDir().mkpath(path("mine"));
        QFile note(path("mine/note.txt"));
        QVERIFY(note.open(QIODevice::WriteOnly));
        note.close();
        const test::ProcessResult result =
            runCli({"train", m_project, "--max-steps", "1", "--out", path("mine")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("not empty") && result.err.contains("mine"), result.err);
        QCOMPARE(QDir(path("mine")).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
                 QStringList{"note.txt"});
    }

    void aRunInProgressIsNotContinuedTwice() {
        QProcess process;
        process.start(TORCHLOOM_CLI, {"train", m_long, "--out", path("busy"), "--json"});
        QVERIFY(process.waitForReadyRead(60000));
        QCOMPARE(readRunRecord(path("busy").toStdString())->status, std::string("running"));
        const test::ProcessResult second = runCli({"train", m_long, "--resume", path("busy")});
        QCOMPARE(second.exitCode, 1);
        QVERIFY2(second.err.contains("in use") &&
                     second.err.contains(QByteArray::number(process.processId())),
                 second.err);
        process.terminate();
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(readRunRecord(path("busy").toStdString())->status, std::string("stopped"));
    }

    void killedBeforeTheFirstCheckpointItBeginsAgain() {
        const QStringList common{"--json", "--max-steps", "60"};
        const test::ProcessResult whole =
            runCli(QStringList{"train", m_long, "--seed", "11", "--out", path("whole")} + common);
        QVERIFY2(whole.exitCode == 0, whole.err);
        const std::map<int, QString> expected = losses(whole.out);
        QCOMPARE(expected.size(), std::size_t(60));

        const std::map<int, QString> before =
            killedRun({"train", m_long, "--seed", "11", "--out", path("killed"), "--json"});
        QVERIFY(!before.empty());
        QVERIFY(!QFile::exists(path("killed/checkpoints/last.pt")));
        QCOMPARE(readRunRecord(path("killed").toStdString())->status, std::string("interrupted"));
        for (const auto& [step, loss] : before)
            if (step <= 60) QCOMPARE(loss, expected.at(step));
        // What a writer that was killed in the middle of a file leaves.
        for (const char* left : {"run.json.tmp999999999", "weights/last.pth.tmp999999999-3",
                                 "checkpoints/last.pt.tmp999999999-0"}) {
            QFile file(path("killed/") + left);
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write("half") == 4);
        }

        // Its seed is its own; that of the project is another.
        const test::ProcessResult again =
            runCli(QStringList{"train", m_long, "--resume", path("killed")} + common);
        QVERIFY2(again.exitCode == 0, again.err);
        QCOMPARE(losses(again.out), expected);
        QVERIFY2(again.out.contains("first checkpoint"), again.out.left(2000));
        QCOMPARE(contents(path("killed/metrics.csv")).count("\nstep,"), 60);
        QCOMPARE(contents(path("killed/weights/last.pth")),
                 contents(path("whole/weights/last.pth")));
        for (const char* folder : {"killed", "killed/weights", "killed/checkpoints"})
            QVERIFY(QDir(path(folder)).entryList({"*.tmp*"}).isEmpty());
        QVERIFY(!QFile::exists(path("killed/run.lock")));
    }

    void killedRunsBeginAgainElsewhereToo() {
        killedRun({"train", m_long, "--out", path("first"), "--json"});
        const QByteArray before = contents(path("first/metrics.csv"));
        const QStringList common{"--json", "--max-steps", "10"};
        const test::ProcessResult elsewhere = runCli(
            QStringList{"train", m_long, "--resume", path("first"), "--out", path("second")} +
            common);
        QVERIFY2(elsewhere.exitCode == 0, elsewhere.err);
        QCOMPARE(contents(path("first/metrics.csv")), before);
        const test::ProcessResult whole =
            runCli(QStringList{"train", m_long, "--out", path("third")} + common);
        QCOMPARE(losses(elsewhere.out), losses(whole.out));
    }

    void aRunOfAnotherNetworkIsNotContinued() {
        const QString run = path("narrow");
        QCOMPARE(runCli({"train", m_project, "--max-steps", "2", "--out", run}).exitCode, 0);
        const QByteArray project = contents(run + "/project.loom");
        const QByteArray figures = contents(run + "/metrics.csv");
        const QString wide = test::writeProject(
            path("wide.loom"), test::withField(test::smallProject(path("data")),
                                               "network.nodes.1.params.out_channels", 6));
        const test::ProcessResult result = runCli({"train", wide, "--resume", run});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("another network"), result.err);
        QCOMPARE(contents(run + "/project.loom"), project);
        QCOMPARE(contents(run + "/metrics.csv"), figures);
    }

    void aRunIsStoppedFromOutside() {
        QProcess process;
        process.start(TORCHLOOM_CLI, {"train", m_long, "--out", path("asked"), "--json"});
        QByteArray out;
        while (!out.contains("\"step\"") && process.waitForReadyRead(60000))
            out += process.readAllStandardOutput();
        const Status asked = askToStop(path("asked").toStdString());
        QVERIFY2(asked.ok(), asked.ok() ? "" : asked.error().message.c_str());
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitCode(), 130);
        QCOMPARE(readRunRecord(path("asked").toStdString())->status, std::string("stopped"));
        QVERIFY(!askToStop(path("asked").toStdString()).ok());
    }

    void nothingWritesOverWhatARunRecorded() {
        const QString run = path("record");
        QCOMPARE(runCli({"train", m_project, "--max-steps", "2", "--out", run}).exitCode, 0);
        const QByteArray project = contents(run + "/project.loom");
        const QByteArray best = contents(run + "/weights/best.pth");
        const QList<QStringList> calls{
            {"init", m_project, "--output", run + "/weights/best.pth"},
            {"init", m_project, "--output", run + "/project.loom"},
            {"export", m_project, "--weights", run, "--format", "state_dict", "--output",
             run + "/weights/best.pth"},
            {"export", m_project, "--weights", run, "--format", "state_dict", "--output",
             run + "/checkpoints/last.pt"},
            {"evaluate", m_project, "--weights", run, "--predictions", run + "/metrics.csv"}};
        for (const QStringList& call : calls) {
            const test::ProcessResult result = runCli(call);
            QCOMPARE(result.exitCode, 2);
            QVERIFY2(result.err.contains("record of the run"), result.err);
        }
        QCOMPARE(contents(run + "/project.loom"), project);
        QCOMPARE(contents(run + "/weights/best.pth"), best);
        // A file of its own may lie beside them.
        QCOMPARE(runCli({"export", m_project, "--weights", run, "--format", "state_dict",
                         "--output", run + "/mine.pth"})
                     .exitCode,
                 0);
    }
};

QTEST_GUILESS_MAIN(RunsTest)
#include "runs_test.moc"
