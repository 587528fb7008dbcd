#include <sys/syscall.h>
#include <unistd.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <chrono>
#include <cmath>

#include "core/exchange/torch_file.h"
#include "core/project/project_file.h"
#include "core/train/best_epoch.h"
#include "core/train/evaluation.h"
#include "core/train/run_folder.h"
#include "core/train/schedule_length.h"
#include "core/train/session.h"
#include "tests/support/python.h"
#include "tests/support/sessions.h"

namespace {
std::atomic<int> syncs = 0;
}

/// Every wait for the disk passes here before it reaches the system.
extern "C" int fsync(int file) {
    ++syncs;
    return static_cast<int>(syscall(SYS_fsync, file));
}

using namespace loom;
using namespace loom::test;

namespace {

Project line() {
    auto loaded =
        loadProject(test::sourcePath("projects/zoo/linear_regression.loom").toStdString());
    if (!loaded) qFatal("no project");
    Project p = loaded->project;
    p.training.batchSize = 500;
    p.training.threads = 1;
    p.training.device = "cpu";
    return p;
}

RunEvent epochEvent(std::int64_t number, double loss, double accuracy = kNoNumber) {
    RunEvent event;
    event.type = RunEvent::Type::Epoch;
    event.epoch = number;
    event.testLoss = loss;
    event.testAccuracy = accuracy;
    return event;
}

}  // namespace

/// Runs of thousands of short epochs: what is written goes by the clock, and nothing of it is lost.
class RunPaceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theDiskIsWaitedForByTheClock() {
        QTemporaryDir folder;
        Project p = line();
        p.training.epochs = 600;
        PlanOptions options;
        options.runFolder = folder.filePath("run").toStdString();
        auto session = sessionFor(p, options);
        syncs = 0;
        const auto begin = std::chrono::steady_clock::now();
        session->start();
        session->wait();
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        QCOMPARE(session->status(), std::string("finished"));
        // At the beginning, at the first epoch, at the end, and once a second between.
        QVERIFY2(syncs < 20 + 6 * seconds,
                 qPrintable(QString("%1 in %2 s").arg(syncs.load()).arg(seconds)));
        // Everything is there all the same.
        const auto events = readRunEvents(options.runFolder);
        QVERIFY(events.ok());
        QCOMPARE(events->size(), std::size_t(1200));
        const auto record = readRunRecord(options.runFolder);
        QCOMPARE(record->epochsDone, 600);
        QCOMPARE(record->status, std::string("finished"));
        // The best weights are those of the epoch that the record names.
        const auto best = loadWeights(options.runFolder);
        QVERIFY(best.ok());
        const auto found = evaluate(p, *best);
        QVERIFY(found.ok());
        BestEpoch expected;
        for (const RunEvent& event : *events)
            if (event.type == RunEvent::Type::Epoch) expected.offer(event);
        QVERIFY2(std::abs(found->loss - expected.epoch().testLoss) < 1e-9,
                 qPrintable(QString("%1 %2").arg(found->loss).arg(expected.epoch().testLoss)));
    }

    /// A program that is killed loses a second at most, and its run goes on to the bit.
    void aKilledRunGoesOnToTheBit() {
        QTemporaryDir folder;
        Project p = line();
        p.training.epochs = 4000;
        auto whole = sessionFor(p, {});
        whole->start();
        whole->wait();
        const auto expected = eventsOf(*whole, RunEvent::Type::Step);
        // A copy of the folder in the middle of the run is what a kill would leave.
        PlanOptions options;
        options.runFolder = folder.filePath("run").toStdString();
        const QString killed = folder.filePath("killed");
        {
            auto session = sessionFor(p, options);
            session->start();
            QTRY_VERIFY_WITH_TIMEOUT(eventsOf(*session, RunEvent::Type::Epoch).size() > 1500,
                                     60000);
            QCOMPARE(
                test::runProcess("cp", {"-r", QString::fromStdString(options.runFolder), killed})
                    .exitCode,
                0);
            session->stop();
            session->wait();
        }
        options.runFolder = options.resumeFrom = killed.toStdString();
        auto rest = sessionFor(p, options);
        rest->start();
        rest->wait();
        QCOMPARE(rest->status(), std::string("finished"));
        const auto steps = eventsOf(*rest, RunEvent::Type::Step);
        QVERIFY(!steps.empty() && steps.size() < expected.size());
        for (const RunEvent& step : steps)
            QCOMPARE(step.loss, expected[std::size_t(step.step - 1)].loss);
        // The curves have every step once.
        const auto recorded = readRunEvents(options.runFolder);
        QVERIFY(recorded.ok());
        std::int64_t next = 1;
        for (const RunEvent& event : *recorded)
            if (event.type == RunEvent::Type::Step) QCOMPARE(event.step, next++);
        QCOMPARE(next, std::int64_t(4001));
    }

    void theBestIsTheFirstOfTheHighestAccuracyOrTheLowestLoss() {
        const double nan = std::nan("");
        BestEpoch classes;
        QVERIFY(!classes.exists());
        QVERIFY(!classes.offer(epochEvent(1, nan, nan)));
        QVERIFY(!classes.exists());
        QVERIFY(classes.offer(epochEvent(2, 0.9, 0.5)));
        QVERIFY(!classes.offer(epochEvent(3, 0.1, 0.5)));
        QVERIFY(classes.offer(epochEvent(4, 2.0, 0.6)));
        QVERIFY(!classes.offer(epochEvent(5, nan, nan)));
        QCOMPARE(classes.epoch().epoch, 4);
        BestEpoch numbers;
        QVERIFY(!numbers.offer(epochEvent(1, nan)));
        QVERIFY(numbers.offer(epochEvent(2, INFINITY)));
        QVERIFY(numbers.offer(epochEvent(3, 0.5)));
        QVERIFY(!numbers.offer(epochEvent(4, 0.5)));
        QVERIFY(!numbers.offer(epochEvent(5, nan)));
        QVERIFY(numbers.offer(epochEvent(6, 0.25)));
        QCOMPARE(numbers.epoch().epoch, 6);
        // A validation set judges even where its loss is no number.
        BestEpoch judged;
        RunEvent bad = epochEvent(1, 0.1);
        bad.validated = true;
        QVERIFY(!judged.offer(bad));
        bad.epoch = 2, bad.validationLoss = 3;
        QVERIFY(judged.offer(bad));
        QCOMPARE(judged.epoch().epoch, 2);
    }

    /// weights/best.pth, run.json and what reads it name the same epoch, also where the first was
    /// not a number.
    void aNanAtFirstDoesNotStick() {
        QTemporaryDir folder;
        TrainingPlan plan;
        plan.project = line();
        plan.options.runFolder = folder.filePath("run").toStdString();
        {
            RunFolderWriter writer(plan, currentEnvironment(1, "cpu"));
            QVERIFY(writer.open().ok());
            for (const auto& [number, loss] :
                 {std::pair(1, std::nan("")), {2, 0.5}, {3, 0.25}, {4, 0.75}})
                writer.write(epochEvent(number, loss));
            RunEvent end;
            end.type = RunEvent::Type::Finish;
            end.status = "finished";
            writer.write(end);
        }
        const auto record = readRunRecord(plan.options.runFolder);
        QVERIFY(record.ok());
        QCOMPARE(record->best.epoch, 3);
        QCOMPARE(record->best.loss, 0.25);
        QVERIFY(std::isnan(record->best.accuracy));
        QVERIFY(!record->best.onValidation);
    }

    /// A schedule whose length the run had set keeps it when the run is made longer, or is drawn
    /// over the whole; either is said.
    void aLongerRunKeepsOrStretchesItsCycle_data() {
        QTest::addColumn<bool>("stretch");
        QTest::addColumn<bool>("nested");
        QTest::newRow("keep") << false << false;
        QTest::newRow("stretch") << true << false;
        QTest::newRow("keep, in a chain") << false << true;
    }
    void aLongerRunKeepsOrStretchesItsCycle() {
        QFETCH(bool, stretch);
        QFETCH(bool, nested);
        QTemporaryDir folder;
        Project p = line();
        p.training.batchSize = 100;
        p.training.epochs = 4;
        const Params cycle{{"max_lr", 0.2}, {"cycle_momentum", false}};
        p.training.scheduler = Choice{"OneCycleLR", cycle};
        if (nested)
            p.training.scheduler = Choice{
                "ChainedScheduler",
                {{"schedulers", List{Dict{{"kind", "OneCycleLR"}, {"params", Value(cycle)}}}}}};
        const auto rates = [](const TrainingSession& session) {
            std::vector<double> found;
            for (const RunEvent& step : eventsOf(session, RunEvent::Type::Step))
                found.push_back(step.lr);
            return found;
        };
        const auto ran = [&](const Project& project, const PlanOptions& options) {
            auto session = sessionFor(project, options);
            session->start();
            session->wait();
            if (session->status() != "finished") qFatal("%s", session->status().c_str());
            return session;
        };
        const std::vector<double> four = rates(*ran(p, {}));
        PlanOptions options;
        options.runFolder = folder.filePath("run").toStdString();
        options.maxSteps = 10;
        ran(p, options);
        options.maxSteps = -1;
        options.resumeFrom = options.runFolder;
        options.scheduleLength = stretch ? ScheduleLength::Stretch : ScheduleLength::Keep;
        p.training.epochs = 6;
        const std::vector<double> six = rates(*ran(p, {}));
        const auto rest = ran(p, options);
        const std::vector<double> found = rates(*rest);
        QCOMPARE(found.size(), std::size_t(20));
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (stretch)
                QCOMPARE(found[i], six[10 + i]);
            else if (i < 10)
                QCOMPARE(found[i], four[10 + i]);
            else
                QVERIFY2(std::abs(found[i] - four.back()) < 1e-4, qPrintable(QString::number(i)));
        }
        const auto said = eventsOf(*rest, RunEvent::Type::Message);
        QVERIFY(!said.empty());
        QVERIFY2(said[0].message.find("was drawn for 4 epochs, the run's length until now, and the "
                                      "run now has 6 epochs") != std::string::npos,
                 said[0].message.c_str());
        QVERIFY(said[0].hint.find(stretch ? "--schedule-length keep"
                                          : "--schedule-length stretch") != std::string::npos);
        // Once decided, it is not asked again.
        if (!stretch) return;
        options.scheduleLength = ScheduleLength::Keep;
        QVERIFY(eventsOf(*ran(p, options), RunEvent::Type::Message).empty());
    }

    /// A run that goes on in another folder has its best weights and its curves there, too, even
    /// where nothing is left to do.
    void whatWasBestGoesAlong() {
        QTemporaryDir folder;
        Project p = line();
        p.training.epochs = 3;
        PlanOptions options;
        options.runFolder = folder.filePath("first").toStdString();
        auto first = sessionFor(p, options);
        first->start();
        first->wait();
        options.resumeFrom = options.runFolder;
        options.runFolder = folder.filePath("second").toStdString();
        auto second = sessionFor(p, options);
        second->start();
        second->wait();
        QCOMPARE(second->status(), std::string("finished"));
        const auto a = loadStateDict(options.resumeFrom + "/weights/best.pth");
        const auto b = loadStateDict(options.runFolder + "/weights/best.pth");
        QVERIFY(a.ok() && b.ok());
        QCOMPARE(b->tensors[0].tensor.bytes, a->tensors[0].tensor.bytes);
        QCOMPARE(readRunEvents(options.runFolder)->size(), std::size_t(6));
        QCOMPARE(readRunRecord(options.runFolder)->best.epoch,
                 readRunRecord(options.resumeFrom)->best.epoch);
    }

    void otherSchedulesAreNotAsked() {
        TrainingSection training = line().training;
        const auto follows = [&](const char* kind, const Params& params) {
            training.scheduler = Choice{kind, params};
            return followsRunLength(training);
        };
        QVERIFY(follows("OneCycleLR", {{"max_lr", 0.2}, {"cycle_momentum", false}}));
        QVERIFY(follows("OneCycleLR",
                        {{"max_lr", 0.2}, {"cycle_momentum", false}, {"steps_per_epoch", 9}}));
        QVERIFY(!follows("OneCycleLR",
                         {{"max_lr", 0.2}, {"cycle_momentum", false}, {"total_steps", 2000000}}));
        QVERIFY(!follows("CosineAnnealingLR", {{"T_max", 5}}));
        QVERIFY(!follows("StepLR", {{"step_size", 5}}));
    }
};

QTEST_GUILESS_MAIN(RunPaceTest)
#include "run_pace_test.moc"
