#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>

#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/session.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;

namespace {

struct Outcome {
    QStringList losses;
    double testLoss = 0;
    double accuracy = 0;
    Weights weights;
};

Outcome train(const Project& project) {
    Outcome outcome;
    const PlanResult plan = makePlan(project, {});
    if (!plan) qFatal("%s", plan.problem.error.message.c_str());
    TrainingSession session(plan.plan);
    session.start();
    session.wait();
    std::size_t cursor = 0;
    for (const RunEvent& event : session.log().read(cursor)) {
        if (event.type == RunEvent::Type::Step)
            outcome.losses << QString::number(event.loss, 'g', 17);
        if (event.type == RunEvent::Type::Epoch) {
            outcome.testLoss = event.testLoss;
            outcome.accuracy = event.testAccuracy;
        }
    }
    if (auto weights = session.weights()) outcome.weights = *weights;
    return outcome;
}

}  // namespace

/// Training on numbers instead of classes: a line's points, and pictures to be given back.
class NumericTargetTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void lineEqualsPython() {
        auto loaded =
            loadProject(test::sourcePath("projects/zoo/linear_regression.loom").toStdString());
        QVERIFY(loaded.ok());
        Project project = loaded->project;
        project.training.threads = 1;
        project.training.epochs = 2;
        const Outcome ours = train(project);
        const char* const script = R"(
import math, torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.set_num_threads(1)
def points(count, seed):
    g = torch.Generator().manual_seed(seed)
    draw = lambda: torch.rand(1, generator=g).item()
    xs, ys = [], []
    for _ in range(count):
        x = draw(); u = draw(); v = draw()
        normal = math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)
        xs.append([x]); ys.append([3.0 * x + 0.8 + 0.05 * normal])
    return TensorDataset(torch.tensor(xs), torch.tensor(ys))
train, test = points(500, 0), points(100, 1)
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss_fn = nn.MSELoss()
loader, test_loader = DataLoader(train, 20, shuffle=True), DataLoader(test, 20)
)";
        const auto peer = test::runPython(script + test::trainingLoop());
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QCOMPARE(ours.losses, QString::fromUtf8(peer.out).split('\n', Qt::SkipEmptyParts));
        QVERIFY(std::isnan(ours.accuracy));
    }

    void lineIsFound() {
        auto loaded =
            loadProject(test::sourcePath("projects/zoo/linear_regression.loom").toStdString());
        QVERIFY(loaded.ok());
        const Outcome ours = train(loaded->project);
        float weight = 0, bias = 0;
        std::memcpy(&weight, ours.weights.find("fc.weight")->bytes.data(), 4);
        std::memcpy(&bias, ours.weights.find("fc.bias")->bytes.data(), 4);
        QVERIFY2(std::abs(weight - 3) < 0.1 && std::abs(bias - 0.8f) < 0.05,
                 qPrintable(QString("%1 %2").arg(weight).arg(bias)));
        QVERIFY(ours.testLoss < 0.004);
        const auto tested = evaluate(loaded->project, ours.weights);
        QVERIFY(tested.ok());
        QVERIFY(std::abs(tested->loss - ours.testLoss) < 1e-6);
        QVERIFY(std::isnan(tested->accuracy));
    }

    /// The input is the answer.
    void autoencoderEqualsPython() {
        QTemporaryDir folder;
        test::writeSmallFashionMnist(folder.path(), 60, 20);
        Project project = newProject();
        project.network = *graphFromText(
            "Input > 0=Flatten > 1=Linear out_features=16 > 2=ReLU > 3=Linear out_features=784 > "
            "4=Sigmoid > Reshape shape=[1,28,28] > Output");
        project.data.dataset = {"FashionMNIST", {{"root", folder.path().toStdString()}}};
        project.data.targetIsInput = true;
        project.training.loss = {"MSELoss"};
        project.training.optimizer = {"Adam", {{"lr", 0.01}}};
        project.training.batchSize = 20;
        project.training.shuffle = false;
        project.training.epochs = 1;
        project.training.threads = 1;
        const auto again = projectFromJson(projectToJson(project), "autoencoder");
        QVERIFY(again.ok() && again->project == project && again->remarks.empty());
        const Outcome ours = train(project);
        const char* const script = R"(
import sys, torch, numpy as np
from torch import nn
torch.set_num_threads(1)
x = torch.from_numpy(np.frombuffer(open(sys.argv[1] + '/FashionMNIST/raw/train-images-idx3-ubyte', 'rb').read(), np.uint8, offset=16).copy()).reshape(-1, 1, 28, 28).float().div(255)
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 784), nn.Sigmoid())
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for i in range(3):
    b = x[20 * i:20 * i + 20]
    loss = nn.MSELoss()(model(b).reshape(-1, 1, 28, 28), b)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    print('%.17g' % loss.item())
)";
        const auto peer = test::runPython(script, {folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QCOMPARE(ours.losses, QString::fromUtf8(peer.out).split('\n', Qt::SkipEmptyParts));
    }

    void saysWhatDoesNotFit() {
        Project project = newProject();
        project.network = *graphFromText("Input > Flatten > Linear out_features=10 > Output");
        project.data.dataset = {"FashionMNIST"};
        project.data.targetIsInput = true;
        project.training.loss = {"MSELoss"};
        const ProjectReport report = checkProject(project);
        QVERIFY(!report.ok());
        QCOMPARE(QString::fromStdString(report.diagnostics[0].message),
                 "fc1 gives 10 for each sample, but the answer is 1 × 28 × 28.");
        project.data = {};
        project.data.dataset = {"Line"};
        project.network = *graphFromText("Input > Linear out_features=10 > Output");
        project.training.loss = {"CrossEntropyLoss"};
        QVERIFY(!checkProject(project).ok());
        project.network = *graphFromText("Input > Linear out_features=1 > Output");
        QVERIFY2(!checkProject(project).ok(), "cross entropy needs classes");
    }
};

QTEST_GUILESS_MAIN(NumericTargetTest)
#include "numeric_target_test.moc"
