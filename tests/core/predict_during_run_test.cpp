#include <QTemporaryDir>
#include <QTest>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/graph/text_form.h"
#include "core/project/project_check.h"
#include "core/train/network_use.h"
#include "core/train/predictor.h"
#include "core/train/probe.h"
#include "core/train/session.h"
#include "core/train/weight_match.h"
#include "tests/support/sessions.h"
#include "tests/support/small_project.h"

using namespace loom;
using namespace loom::test;

namespace {

/// A way to compute something with a network; false when it failed.
struct Door {
    const char* name;
    std::function<bool(const Project&, const Weights&)> use;
};

PlainTensor batchOf(std::vector<std::int64_t> dims) {
    PlainTensor tensor{"float32", std::move(dims), {}};
    tensor.bytes.resize(static_cast<std::size_t>(Shape{tensor.dims}.count()) * sizeof(float));
    return tensor;
}

TensorSample sample() {
    return {{1, 28, 28}, std::vector<float>(784, 0.25f)};
}

const std::vector<Door>& doors() {
    static const std::vector<Door> all = {
        {"fresh weights",
         [](const Project& p, const Weights&) { return initialWeights(p, 99).ok(); }},
        {"match",
         [](const Project& p, const Weights& w) {
             return matchWeights(p, w).ok() && matchTable(p, w).ok();
         }},
        {"forward",
         [](const Project& p, const Weights& w) {
             return forward(p, w, {{"", batchOf({4, 1, 28, 28})}}, true).ok() &&
                    forward(p, w, {{"", batchOf({4, 1, 28, 28})}}, false).ok();
         }},
        {"gradients",
         [](const Project& p, const Weights& w) {
             return gradients(p, w, {{"", batchOf({4, 1, 28, 28})}}, {{"output", batchOf({4, 10})}},
                              true)
                 .ok();
         }},
        {"predict",
         [](const Project& p, const Weights& w) {
             const auto predictor = Predictor::make(p, w);
             return predictor &&
                    predictor->predict(Picture{28, 28, 1, std::vector<std::uint8_t>(784, 100)})
                        .ok() &&
                    predictor->predict(Picture{30, 20, 3, std::vector<std::uint8_t>(1800, 9)}).ok();
         }},
        {"evaluate", [](const Project& p, const Weights& w) { return evaluate(p, w).ok(); }},
        {"help page",
         [](const Project& p, const Weights& w) {
             ProbeOptions trains{.weights = &w, .blockTrains = true};
             return probeBlock(p, "d", {sample()}, trains).ok() &&
                    probeBlock(p, "pool", {sample()}).ok();
         }},
        {"check", [](const Project& p, const Weights&) {
             Project other = p;
             other.network.find("fc")->initialization.set(
                 "weight", Dict{{"kind", "kaiming_normal_"}, {"params", Dict{}}});
             return checkProject(other).shapes.parameters > 0;
         }}};
    return all;
}

}  // namespace

/// Whatever computes beside a run builds networks, which draw initial weights, and runs layers that
/// draw, beside a training that draws its dropout from the same streams.
class PredictDuringRunTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    Project m_project = newProject();
    std::shared_ptr<const TrainingPlan> m_plan;
    std::vector<double> m_alone;

    static bool waitForPause(const TrainingSession& session) {
        return QTest::qWaitFor([&] { return session.state() == TrainingSession::State::Paused; },
                               10000);
    }

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(m_folder.path(), 200, 40);
        // FractionalMaxPool2d draws even when it does not train.
        m_project.network = *graphFromText(
            "Input > Conv2d out_channels=4 kernel_size=3 stride=2 > pool=FractionalMaxPool2d "
            "kernel_size=2 output_size=6 > ReLU > d=Dropout p=0.3 > Flatten > "
            "fc=Linear out_features=10 > Output");
        m_project.data.dataset = {"FashionMNIST", {{"root", m_folder.path().toStdString()}}};
        m_project.training.batchSize = 10;
        m_project.training.epochs = 6;
        m_project.training.threads = 1;
        m_project.training.device = "cpu";
        const PlanResult plan = makePlan(m_project, {});
        QVERIFY2(plan, plan.problem.error.message.c_str());
        m_plan = plan.plan;
        TrainingSession alone(m_plan);
        alone.start();
        alone.wait();
        QCOMPARE(alone.status(), std::string("finished"));
        m_alone = lossesOf(alone);
        QCOMPARE(m_alone.size(), 120u);
    }

    /// Between two batches, where the next number drawn would be another one.
    void aPausedRunGoesOnWhereItWas_data() {
        QTest::addColumn<int>("door");
        for (std::size_t i = 0; i < doors().size(); ++i)
            QTest::newRow(doors()[i].name) << static_cast<int>(i);
    }
    void aPausedRunGoesOnWhereItWas() {
        QFETCH(int, door);
        TrainingSession watched(m_plan);
        watched.stepBatches(15);
        watched.start();
        QVERIFY(waitForPause(watched));
        const auto weights = watched.weights();
        QVERIFY(weights.ok());
        QVERIFY(doors()[static_cast<std::size_t>(door)].use(m_project, *weights));
        watched.resume();
        watched.wait();
        QCOMPARE(watched.status(), std::string("finished"));
        QCOMPARE(lossesOf(watched), m_alone);
    }

    /// Through all doors in turn while batches go on.
    void aRunningOneIsNotDisturbed() {
        TrainingSession watched(m_plan);
        watched.stepBatches(1);
        watched.start();
        QVERIFY(waitForPause(watched));
        const auto weights = watched.weights();
        QVERIFY(weights.ok());
        watched.resume();
        int used = 0, failed = 0;
        std::thread visitor([&] {
            while (watched.state() != TrainingSession::State::Ended) {
                failed += !doors()[static_cast<std::size_t>(used) % doors().size()].use(m_project,
                                                                                        *weights);
                ++used;
            }
        });
        watched.wait();
        visitor.join();
        QCOMPARE(watched.status(), std::string("finished"));
        QCOMPARE(failed, 0);
        QVERIFY2(used >= static_cast<int>(doors().size()), qPrintable(QString::number(used)));
        QCOMPARE(lossesOf(watched), m_alone);
    }
};

QTEST_GUILESS_MAIN(PredictDuringRunTest)
#include "predict_during_run_test.moc"
