// What the network saw: the latest batch of a run, any batch before it, and each sample closely.

#include "widgets/runs/batch_panel.h"

#include <QApplication>
#include <QLabel>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>
#include <cstddef>
#include <memory>

#include "core/data/loader.h"
#include "core/project/project_file.h"
#include "core/train/plan.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/data/preview_grid.h"
#include "widgets/data/sample_inspector.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

test::AppHome* home = nullptr;

/// A short run with a random step and a validation part, finished.
struct FinishedRun {
    TrainingBridge bridge;
    BatchPanel panel{&bridge};
    std::shared_ptr<const TrainingPlan> plan;

    FinishedRun() {
        const QString root = home->path(QStringLiteral("small"));
        test::writeSmallFashionMnist(root, 100, 20);
        auto loaded = loadProject(
            test::writeProject(home->path(QStringLiteral("p.loom")), test::smallProject(root))
                .toStdString());
        if (!loaded) qFatal("%s", loaded.error().message.c_str());
        Project project = loaded->project;
        project.data.trainTransforms.insert(
            project.data.trainTransforms.begin(),
            Choice{"RandomCrop", {{"size", Value(28)}, {"padding", Value(4)}}});
        project.data.validation = Part{.fraction = 0.2, .count = {}, .stratified = true};
        const PlanResult made = makePlan(project, {});
        if (!made) qFatal("%s", made.problem.error.message.c_str());
        plan = made.plan;
        QObject::connect(&bridge, &TrainingBridge::batchShown, &panel,
                         [this](const std::shared_ptr<const BatchSnapshot>& batch) {
                             panel.showLatest(*batch);
                         });
        panel.resize(300, 600);
        panel.show();
        bridge.start(plan);
    }
    bool finish() {
        return QTest::qWaitFor([&] { return !bridge.isActive(); }, 30000);
    }
    void settle() {
        QTest::qWait(20);
        QTRY_VERIFY(!panel.isComputing());
    }
};

}  // namespace

class BatchPanelTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anyBatchIsMadeAgain() {
        FinishedRun run;
        QVERIFY(run.finish());
        // 80 samples in batches of 16 for two epochs.
        QTRY_COMPARE(run.panel.step()->maximum(), 10);
        run.panel.step()->setFocus();
        run.panel.step()->selectAll();
        QTest::keyClicks(run.panel.step(), QStringLiteral("7"));
        QTest::keyClick(run.panel.step(), Qt::Key_Return);
        run.settle();
        const auto members = run.bridge.session()->samplesOf(7);
        QVERIFY(members);
        QCOMPARE(members->epoch, 1);
        QCOMPARE(run.panel.grid()->cells().size(), std::size_t(12));
        bool named = false;
        for (QLabel* label : run.panel.findChildren<QLabel*>())
            named = named || label->text().contains(QStringLiteral("Step 7, epoch 2"));
        QVERIFY(named);

        // The inspector makes exactly what the loader gave the run.
        QTest::mouseClick(run.panel.grid(), Qt::LeftButton, {},
                          run.panel.grid()->cellRect(5).center());
        SampleInspector* inspector = run.panel.inspector();
        QVERIFY(inspector && inspector->isVisible());
        QTRY_VERIFY(!inspector->isComputing());
        const Project& project = run.plan->project;
        const auto pipeline = Pipeline::make(project.data.trainTransforms);
        const auto delivered =
            prepareSample(*run.bridge.session()->trainingData(), *pipeline, members->indices[5],
                          static_cast<std::uint64_t>(project.training.seed), 1);
        QVERIFY(delivered);
        QCOMPARE(inspector->shown().index, members->indices[5]);
        QCOMPARE(inspector->shown().count, 80);
        QCOMPARE(std::get<TensorSample>(inspector->shown().stages.back().value).values,
                 delivered->values);
        // Its draws are the run's: there is no rolling on.
        QVERIFY(!inspector->findChild<QWidget*>(QStringLiteral("inspectorRoll"))->isVisible());
        inspector->close();

        QTest::mouseClick(run.panel.findChild<QToolButton*>(QStringLiteral("latestBatch")),
                          Qt::LeftButton);
        const auto last = run.bridge.session()->lastBatch();
        QCOMPARE(run.panel.step()->value(), static_cast<int>(last->step));
    }

    void theNextRunIsFollowedFromItsBeginning() {
        FinishedRun run;
        QObject::connect(&run.bridge, &TrainingBridge::runStarted, &run.panel, &BatchPanel::clear);
        QVERIFY(run.finish());
        QTRY_COMPARE(run.panel.step()->maximum(), 10);
        const auto texts = [&] {
            QStringList found;
            for (QLabel* label : run.panel.findChildren<QLabel*>()) found << label->text();
            return found.join(QLatin1Char('|'));
        };
        for (int again = 0; again < 2; ++again) {
            // The second time after an earlier batch was looked at.
            if (again == 1) {
                run.panel.step()->setValue(4);
                run.settle();
            }
            run.bridge.start(run.plan, /*paused=*/true);
            QVERIFY(!run.panel.isComputing());
            QVERIFY2(!texts().contains(QStringLiteral("not known")), qPrintable(texts()));
            QVERIFY(run.panel.grid()->cells().empty());
            run.bridge.stepBatches(3);
            QTRY_COMPARE(run.panel.step()->maximum(), 3);
            QTRY_VERIFY(run.bridge.session()->lastBatch());
            const auto shown = run.bridge.session()->lastBatch()->step;
            QTRY_COMPARE(run.panel.step()->value(), static_cast<int>(shown));
            QVERIFY(!run.panel.grid()->cells().empty());
            QVERIFY2(texts().contains(QStringLiteral("Last batch")), qPrintable(texts()));
            QVERIFY2(!texts().contains(QStringLiteral("not known")), qPrintable(texts()));
            run.bridge.resume();
            QVERIFY(run.finish());
            QTRY_COMPARE(run.panel.step()->maximum(), 10);
        }
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<BatchPanelTest>(argc, argv, home);
}

#include "batch_panel_test.moc"
