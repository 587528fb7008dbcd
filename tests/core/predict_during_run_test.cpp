#include <QTemporaryDir>
#include <QTest>
#include <thread>

#include "core/graph/text_form.h"
#include "core/train/network_use.h"
#include "core/train/session.h"
#include "tests/support/small_project.h"

using namespace loom;

namespace {

std::vector<double> lossesOf(const TrainingSession& session) {
    std::size_t cursor = 0;
    std::vector<double> losses;
    for (const RunEvent& event : session.log().read(cursor))
        if (event.type == RunEvent::Type::Step) losses.push_back(event.loss);
    return losses;
}

}  // namespace

/// Trying pictures while a run goes on builds networks, which draw initial weights, beside a
/// training that draws its dropout from the same stream.
class PredictDuringRunTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theRunStaysTheSameToTheLastBit() {
        QTemporaryDir folder;
        test::writeSmallFashionMnist(folder.path(), 400, 40);
        Project project = newProject();
        project.network = *graphFromText(
            "Input > Conv2d out_channels=4 kernel_size=3 stride=2 > ReLU > Dropout p=0.3 > Flatten "
            "> Linear out_features=10 > Output");
        project.data.dataset = {"FashionMNIST", {{"root", folder.path().toStdString()}}};
        project.training.batchSize = 10;
        project.training.epochs = 6;
        project.training.threads = 1;
        project.training.device = "cpu";
        const PlanResult plan = makePlan(project, {});
        QVERIFY(plan);

        TrainingSession alone(plan.plan);
        alone.start();
        alone.wait();
        QCOMPARE(alone.status(), std::string("finished"));

        TrainingSession watched(plan.plan);
        const auto tryAPicture = [&] {
            const auto weights = watched.weights();
            if (!weights) return false;
            const auto predictor = Predictor::make(project, *weights);
            return predictor &&
                   predictor->predict(Picture{28, 28, 1, std::vector<std::uint8_t>(784, 100)}).ok();
        };
        // Between two batches, where the next number drawn would be another one ...
        watched.stepBatches(20);
        watched.start();
        QTRY_COMPARE_WITH_TIMEOUT(watched.state(), TrainingSession::State::Paused, 10000);
        QVERIFY(tryAPicture());
        // ... and beside the running batches.
        watched.resume();
        std::thread visitor([&] {
            while (watched.state() != TrainingSession::State::Ended) (void)tryAPicture();
        });
        watched.wait();
        visitor.join();
        QCOMPARE(watched.status(), std::string("finished"));
        QCOMPARE(lossesOf(watched), lossesOf(alone));
    }
};

QTEST_GUILESS_MAIN(PredictDuringRunTest)
#include "predict_during_run_test.moc"
