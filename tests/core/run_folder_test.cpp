#include "core/train/run_folder.h"

#include <sys/mount.h>

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/project/project_file.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

TrainingPlan plan(const QString& folder, const QString& resumeFrom = {}) {
    TrainingPlan result;
    result.project = newProject();
    result.project.name = "Ünïcode \"name\"";
    result.options.runFolder = folder.toStdString();
    result.options.resumeFrom = resumeFrom.toStdString();
    return result;
}

Environment environment() {
    Environment result;
    result.threads = 2;
    result.torchVersion = "1.13.0";
    result.blas = "OpenBLAS (openmp)";
    return result;
}

RunEvent step(std::int64_t number, double loss, std::int64_t epoch = 1) {
    RunEvent event;
    event.type = RunEvent::Type::Step;
    event.step = number;
    event.epoch = epoch;
    event.wallTime = 1.7e9 + 0.1 * static_cast<double>(number);
    event.elapsed = 0.1 * static_cast<double>(number);
    event.loss = loss;
    event.accuracy = 1.0 / 3.0;
    event.lr = 0.01;
    return event;
}

RunEvent epoch(std::int64_t number, std::int64_t steps, double testAccuracy) {
    RunEvent event;
    event.type = RunEvent::Type::Epoch;
    event.epoch = number;
    event.step = steps;
    event.wallTime = 1.7e9 + static_cast<double>(steps);
    event.trainLoss = 0.7;
    event.trainAccuracy = 0.8;
    event.testLoss = 0.6;
    event.testAccuracy = testAccuracy;
    event.seconds = 12.5;
    return event;
}

RunEvent finish(const std::string& status) {
    RunEvent event;
    event.type = RunEvent::Type::Finish;
    event.status = status;
    event.samplesPerSecond = 1234.5;
    return event;
}

void write(RunFolderWriter& writer, const std::vector<RunEvent>& events) {
    for (const RunEvent& event : events) writer.write(event);
    writer.flush();
}

QStringList boardFiles(const QString& folder) {
    return QDir(folder).entryList({"*tfevents*"}, QDir::Files, QDir::Name);
}

QList<QJsonObject> readBoard(const QString& path) {
    const test::ProcessResult result = test::runProcess(
        "/usr/bin/python3", {test::sourcePath("tests/support/read_events.py"), path});
    if (result.exitCode != 0) qFatal("%s", result.err.constData());
    QList<QJsonObject> events;
    for (const QByteArray& line : result.out.trimmed().split('\n'))
        events.append(QJsonDocument::fromJson(line).object());
    return events;
}

QByteArray contents(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return {};
    return file.readAll();
}

void overwrite(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write");
}

}  // namespace

class RunFolderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// A run that ends within its first epoch can be drawn over epochs like the others.
    void stepsPerEpochAreKnownFromTheStart() {
        QTemporaryDir parent;
        const QString folder = parent.filePath("run");
        RunFolderWriter writer(plan(folder), environment());
        QVERIFY(writer.open().ok());
        RunEvent start;
        start.type = RunEvent::Type::Start;
        start.stepsPerEpoch = 7;
        write(writer, {start, step(1, 2.3)});
        const auto record = readRunRecord(folder.toStdString());
        QVERIFY(record.ok());
        const Value* steps = record->details.find("steps_per_epoch");
        QVERIFY(steps && steps->isInt());
        QCOMPARE(steps->asInt(), std::int64_t(7));
    }

    void whatIsWrittenReadsBackToTheLastBit() {
        QTemporaryDir parent;
        const QString folder = parent.filePath("run");
        {
            RunFolderWriter writer(plan(folder), environment());
            QVERIFY(writer.open().ok());
            write(writer, {step(1, 2.302585124969482), step(2, 0.1 + 0.2), step(3, std::nan("")),
                           epoch(1, 3, 0.5)});
            QVERIFY(writer.problem().ok());
        }
        const Result<std::vector<RunEvent>> events = readRunEvents(folder.toStdString());
        QVERIFY(events.ok());
        QCOMPARE(events->size(), 4u);
        QCOMPARE((*events)[0].loss, 2.302585124969482);
        QCOMPARE((*events)[0].accuracy, 1.0 / 3.0);
        QVERIFY((*events)[1].loss == 0.1 + 0.2);
        QVERIFY((*events)[1].wallTime == step(2, 0).wallTime);
        QVERIFY(std::isnan((*events)[2].loss));
        QVERIFY(std::isnan((*events)[2].trainLoss));
        QCOMPARE((*events)[3].type, RunEvent::Type::Epoch);
        QCOMPARE((*events)[3].seconds, 12.5);
        QVERIFY(contents(folder + "/metrics.csv")
                    .contains("step,3,1,1700000000.3,0.30000000000000004,nan,"));
        const Result<LoadedProject> project = loadProject((folder + "/project.loom").toStdString());
        QVERIFY(project.ok());
        QCOMPARE(project->project.name, "Ünïcode \"name\"");
    }

    void tensorBoardSeesEveryPoint() {
        QTemporaryDir parent;
        const QString folder = parent.filePath("run");
        RunFolderWriter writer(plan(folder), environment());
        QVERIFY(writer.open().ok());
        write(writer, {step(1, 2.5), step(2, 2.25), epoch(1, 2, 0.5)});
        QCOMPARE(boardFiles(folder).size(), 1);
        const QList<QJsonObject> events = readBoard(folder + "/" + boardFiles(folder).front());
        QCOMPARE(events.size(), 5);
        QCOMPARE(events[2]["scalars"].toObject()["loss/train"].toDouble(), 2.5);
        QCOMPARE(events[3]["step"].toInt(), 2);
        QCOMPARE(events[4]["scalars"].toObject()["accuracy/test"].toDouble(), 0.5);
    }

    void theRecordTellsHowItWent() {
        QTemporaryDir parent;
        const QString folder = parent.filePath("run");
        RunFolderWriter writer(plan(folder), environment());
        QVERIFY(writer.open().ok());
        QCOMPARE(readRunRecord(folder.toStdString())->status, "running");
        write(writer, {step(1, 2.5), epoch(1, 1, 0.75), epoch(2, 2, 0.5), finish("finished")});
        const Result<RunRecord> record = readRunRecord(folder.toStdString());
        QVERIFY(record.ok());
        QCOMPARE(record->status, "finished");
        QCOMPARE(record->name, "Ünïcode \"name\"");
        QCOMPARE(record->epochsDone, 2);
        QCOMPARE(record->best.accuracy, 0.75);
        QCOMPARE(record->lastTestLoss, 0.6);
        const QJsonObject json = QJsonDocument::fromJson(contents(folder + "/run.json")).object();
        QCOMPARE(json["threads"].toInt(), 2);
        QCOMPARE(json["blas"].toString(), "OpenBLAS (openmp)");
        QCOMPARE(json["versions"].toObject()["libtorch"].toString(), "1.13.0");
        QCOMPARE(json["results"].toObject()["best"].toObject()["epoch"].toInt(), 1);
        for (const char* key :
             {"plan", "versions", "threads", "device", "seed", "status", "results"})
            QVERIFY2(json.contains(key), key);
    }

    void aResumedRunJoinsWithoutOverlap() {
        QTemporaryDir parent;
        const QString folder = parent.filePath("run");
        {
            RunFolderWriter writer(plan(folder), environment());
            QVERIFY(writer.open().ok());
            write(writer,
                  {step(1, 1.0), step(2, 2.0), epoch(1, 2, 0.9), step(3, 3.0, 2), step(4, 4.0, 2)});
        }
        {
            RunFolderWriter writer(plan(folder, folder), environment());
            QVERIFY(writer.open().ok());
            QCOMPARE(readRunRecord(folder.toStdString())->epochsDone, 1);
            write(writer,
                  {step(3, 30.0, 2), step(4, 40.0, 2), epoch(2, 4, 0.8), finish("finished")});
        }
        const Result<std::vector<RunEvent>> events = readRunEvents(folder.toStdString());
        QVERIFY(events.ok());
        std::vector<double> losses;
        for (const RunEvent& event : *events)
            if (event.type == RunEvent::Type::Step) losses.push_back(event.loss);
        QCOMPARE(losses, (std::vector<double>{1, 2, 30, 40}));
        QCOMPARE(events->size(), 6u);
        QCOMPARE(readRunRecord(folder.toStdString())->best.accuracy, 0.9);
        const QStringList files = boardFiles(folder);
        QCOMPARE(files.size(), 2);
        const QList<QJsonObject> second = readBoard(folder + "/" + files[1]);
        QCOMPARE(second[2]["session_log"].toInt(), 1);
        QCOMPARE(second[2]["step"].toInt(), 3);
        QCOMPARE(second[3]["scalars"].toObject()["loss/train"].toDouble(), 30.0);
    }

    void resumingElsewhereLeavesTheFirstFolderAlone() {
        QTemporaryDir parent;
        const QString first = parent.filePath("first"), second = parent.filePath("second");
        {
            RunFolderWriter writer(plan(first), environment());
            QVERIFY(writer.open().ok());
            write(writer, {step(1, 1.0), step(2, 2.0)});
        }
        const QByteArray before = contents(first + "/metrics.csv");
        {
            RunFolderWriter writer(plan(second, first), environment());
            QVERIFY(writer.open().ok());
            write(writer, {step(2, 20.0)});
        }
        QCOMPARE(contents(first + "/metrics.csv"), before);
        QCOMPARE(readRunEvents(second.toStdString())->size(), 2u);
        QCOMPARE(readBoard(second + "/" + boardFiles(second).front()).size(), 4);
    }

    void anotherRunIsNeverWrittenOver() {
        QTemporaryDir parent;
        const QString folder = parent.filePath("run");
        {
            RunFolderWriter writer(plan(folder), environment());
            QVERIFY(writer.open().ok());
            write(writer, {step(1, 1.0)});
        }
        const QByteArray before = contents(folder + "/metrics.csv");
        RunFolderWriter writer(plan(folder), environment());
        const Status status = writer.open();
        QVERIFY(!status.ok());
        QVERIFY2(status.error().message.find("holds a run already") != std::string::npos,
                 status.error().message.c_str());
        write(writer, {step(1, 5.0)});
        QCOMPARE(contents(folder + "/metrics.csv"), before);
    }

    void aCutLastLineIsLeftOut() {
        QTemporaryDir parent;
        const QString folder = parent.filePath("run");
        {
            RunFolderWriter writer(plan(folder), environment());
            QVERIFY(writer.open().ok());
            write(writer, {step(1, 1.0), step(2, 2.0)});
        }
        const QByteArray whole = contents(folder + "/metrics.csv");
        for (const qsizetype cut : {1, 5, 20}) {
            overwrite(folder + "/metrics.csv", whole.chopped(cut));
            const Result<std::vector<RunEvent>> events = readRunEvents(folder.toStdString());
            QVERIFY(events.ok());
            QCOMPARE(events->size(), 1u);
        }
    }

    /// A later version, or a course's script, adds a column: the others are there all the same.
    void columnsNobodyKnowsAreLeftOut() {
        QTemporaryDir parent;
        const QString folder = parent.filePath("run");
        {
            RunFolderWriter writer(plan(folder), environment());
            QVERIFY(writer.open().ok());
            write(writer, {step(1, 1.0), step(2, 2.0), epoch(1, 2, 0.5)});
        }
        const auto before = readRunEvents(folder.toStdString());
        QVERIFY(before.ok());
        QCOMPARE(before->size(), 3u);
        const QByteArrayList lines = contents(folder + "/metrics.csv").split('\n');
        for (const int place : {3, 5, 99}) {
            QByteArray wider;
            for (qsizetype i = 0; i + 1 < lines.size(); ++i) {
                QByteArrayList cells = lines[i].split(',');
                cells.insert(std::min<qsizetype>(place, cells.size()), i == 0   ? "gradient_norm"
                                                                       : i == 1 ? ""
                                                                                : "much");
                wider += cells.join(',') + "\n";
            }
            overwrite(folder + "/metrics.csv", wider);
            const auto events = readRunEvents(folder.toStdString());
            QVERIFY(events.ok());
            QCOMPARE(events->size(), 3u);
            for (std::size_t i = 0; i < 3; ++i) {
                QCOMPARE(events->at(i).step, before->at(i).step);
                QCOMPARE(events->at(i).loss, before->at(i).loss);
                QCOMPARE(events->at(i).testLoss, before->at(i).testLoss);
                QCOMPARE(events->at(i).seconds, before->at(i).seconds);
            }
        }
    }

    void damagedFoldersAreSentences() {
        QTemporaryDir parent;
        const auto message = [&](const QByteArray& json) {
            overwrite(parent.filePath("run.json"), json);
            const Result<RunRecord> record = readRunRecord(parent.path().toStdString());
            return record ? QString() : QString::fromStdString(record.error().message);
        };
        QVERIFY(message("{\"name\": ").contains("run.json"));
        QVERIFY(message("[1, 2]").contains("run.json"));
        QVERIFY(message("\xff\xfe\x00").contains("run.json"));
        // Wrong types are as good as absent.
        QCOMPARE(
            message(R"({"name": 5, "status": [], "results": {"best": 3, "epochs_done": "x"}})"),
            QString());
        overwrite(parent.filePath("metrics.csv"), "a,b\n1,2\n");
        QVERIFY(!readRunEvents(parent.path().toStdString()).ok());
        QVERIFY(!readRunRecord(parent.filePath("nowhere").toStdString()).ok());
        QVERIFY(!readRunEvents(parent.filePath("nowhere").toStdString()).ok());
    }

    void runsAreListedNewestFirstAndGarbageIsPassedOver() {
        QTemporaryDir parent;
        for (const auto& [name, started] : {std::pair("a", "2024-01-01T10:00:00+0000"),
                                            {"b", "2024-03-01T10:00:00+0000"},
                                            {"c", "2024-02-01T10:00:00+0000"}}) {
            QDir(parent.path()).mkpath(name);
            overwrite(parent.filePath(name) + "/run.json",
                      QByteArray("{\"started\": \"") + started + "\"}");
        }
        QDir(parent.path()).mkpath("empty");
        QDir(parent.path()).mkpath("broken/run.json");
        QDir(parent.path()).mkpath("cut");
        overwrite(parent.filePath("cut/run.json"), "{");
        overwrite(parent.filePath("file"), "no folder");
        const std::vector<RunRecord> runs = listRuns(parent.path().toStdString());
        QCOMPARE(runs.size(), 3u);
        QVERIFY(QString::fromStdString(runs[0].folder).endsWith("/b"));
        QVERIFY(QString::fromStdString(runs[2].folder).endsWith("/a"));
        QVERIFY(listRuns(parent.filePath("nowhere").toStdString()).empty());
    }

    void aFullDiskIsToldOnceAndStopsNothing() {
        QTemporaryDir parent;
        const QByteArray mountPoint = parent.path().toUtf8();
        if (mount("tmpfs", mountPoint, "tmpfs", 0, "size=128k") != 0)
            QSKIP(
                "A disk that is full takes a small one to mount, which only root may; CI is root.");
        Status problem;
        {
            RunFolderWriter writer(plan(parent.filePath("run")), environment());
            const Status opened = writer.open();
            for (int i = 1; i < 5000; ++i) writer.write(step(i, 1.0));
            writer.flush();
            problem = writer.problem();
            if (!opened.ok()) problem = Error{"open failed: " + opened.error().message};
        }
        umount(mountPoint);
        QVERIFY(!problem.ok());
        QVERIFY2(problem.error().message.find("the disk is full") != std::string::npos,
                 problem.error().message.c_str());
        QVERIFY(problem.error().message.find("run") != std::string::npos);
    }

    void nothingIsWrittenWithoutAFolder() {
        RunFolderWriter writer(plan(""), environment());
        QVERIFY(writer.open().ok());
        write(writer, {step(1, 1.0), finish("finished")});
        QVERIFY(writer.problem().ok());
    }
};

QTEST_GUILESS_MAIN(RunFolderTest)
#include "run_folder_test.moc"
