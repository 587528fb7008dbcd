#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <cstdio>
#include <cstdlib>

#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/session.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

/// The script a course would write, for a network and an optimizer given as Python. Prints a JSON
/// list of the losses as hexadecimal floats, then saves the trained weights.
const char* const kScript = R"(
import sys, json, gzip, struct, torch, numpy as np
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
model_code, optimizer_code, steps, threads, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
torch.set_num_threads(threads)
def read(name):
    raw = gzip.open('/usr/share/datasets/fashion-mnist/' + name).read()
    dims = raw[3]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dims)
def dataset(prefix, n):
    images = torch.from_numpy(read(prefix + '-images-idx3-ubyte.gz').copy()).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(read(prefix + '-labels-idx1-ubyte.gz').astype(np.int64))
    return TensorDataset(images.to(torch.float32).div(255).sub_(torch.tensor([0.286])).div_(torch.tensor([0.353])), labels)
train, test = dataset('train', 60000), dataset('t10k', 10000)
torch.manual_seed(3)
model = eval(model_code)
loss_fn = nn.CrossEntropyLoss()
optimizer = eval(optimizer_code)
loader = DataLoader(train, batch_size=32, shuffle=True)
losses = []
model.train()
for x, y in loader:
    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item().hex())
    if len(losses) == steps: break
print(json.dumps(losses))
torch.save(model.state_dict(), folder + '/python.pth')
)";

const char* const kGraph =
    "Input > 0=Conv2d out_channels=8 kernel_size=5 padding=1 > 1=BatchNorm2d > 2=ReLU > "
    "3=MaxPool2d kernel_size=2 > 4=Conv2d out_channels=12 kernel_size=3 > "
    "5=ReLU > 6=Dropout p=0.25 > 7=AvgPool2d kernel_size=2 > 8=Flatten > 9=Linear out_features=32 "
    "> 10=Dropout > 11=Linear out_features=10 > Output";
const char* const kModel =
    "nn.Sequential(nn.Conv2d(1, 8, 5, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), "
    "nn.Conv2d(8, 12, 3), nn.ReLU(), nn.Dropout(0.25), "
    "nn.AvgPool2d(2), nn.Flatten(), nn.Linear(300, 32), nn.Dropout(0.5), nn.Linear(32, 10))";

Project parityProject(const QString& kind, const Params& params) {
    auto graph = graphFromText(kGraph);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    Project project = newProject();
    project.network = *graph;
    project.data.trainTransforms = {{"ToTensor"},
                                    {"Normalize", {{"mean", List{0.286}}, {"std", List{0.353}}}}};
    project.data.testTransforms = project.data.trainTransforms;
    project.training.optimizer = {kind.toStdString(), params};
    project.training.batchSize = 32;
    project.training.seed = 3;
    project.training.threads = 2;
    project.training.device = "cpu";
    return project;
}

struct Run {
    QStringList losses;
    Weights weights;
};

Run trained(const Project& project, std::int64_t steps) {
    PlanOptions options;
    options.maxSteps = steps;
    const PlanResult plan = makePlan(project, options);
    if (!plan) qFatal("%s", plan.problem.error.message.c_str());
    TrainingSession session(plan.plan);
    session.start();
    session.wait();
    std::size_t cursor = 0;
    Run run;
    for (const RunEvent& event : session.log().read(cursor)) {
        if (event.type == RunEvent::Type::Failed) qWarning("%s", event.message.c_str());
        if (event.type != RunEvent::Type::Step) continue;
        char hex[64];
        std::snprintf(hex, sizeof hex, "%a", event.loss);
        run.losses << hex;
    }
    auto weights = session.weights();
    if (weights) run.weights = *weights;
    return run;
}

/// `0x1.2p+1` and `0x1.2000000000000p+1` are one number.
double number(const QString& hex) {
    return std::strtod(hex.toUtf8().constData(), nullptr);
}

}  // namespace

/// Torchloom against Debian's Python PyTorch, bit for bit.
class PytorchParityTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aHundredLossesAreEqual_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("python");
        QTest::newRow("SGD with momentum")
            << "SGD"
            << "momentum"
            << "torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)";
        QTest::newRow("SGD, nesterov and weight decay")
            << "SGD"
            << "nesterov"
            << "torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.8, nesterov=True, "
               "weight_decay=1e-3)";
        QTest::newRow("Adam") << "Adam"
                              << "adam"
                              << "torch.optim.Adam(model.parameters())";
        QTest::newRow("Adam, amsgrad and weight decay")
            << "Adam"
            << "amsgrad"
            << "torch.optim.Adam(model.parameters(), lr=2e-3, amsgrad=True, weight_decay=1e-3)";
    }
    void aHundredLossesAreEqual() {
        QFETCH(QString, kind);
        QFETCH(QString, json);
        QFETCH(QString, python);
        const std::map<QString, Params> params = {
            {"momentum", {{"lr", 0.05}, {"momentum", 0.9}}},
            {"nesterov",
             {{"lr", 0.02}, {"momentum", 0.8}, {"nesterov", true}, {"weight_decay", 1e-3}}},
            {"adam", {}},
            {"amsgrad", {{"lr", 2e-3}, {"amsgrad", true}, {"weight_decay", 1e-3}}}};
        QTemporaryDir folder;
        const auto peer = test::runPython(kScript, {kModel, python, "100", "2", folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const QJsonArray expected = QJsonDocument::fromJson(peer.out).array();
        QCOMPARE(expected.size(), 100);
        const Run run = trained(parityProject(kind, params.at(json)), 100);
        QCOMPARE(run.losses.size(), 100);
        for (int i = 0; i < 100; ++i)
            QVERIFY2(number(run.losses[i]) == number(expected[i].toString()),
                     qPrintable(QString("step %1: %2, Python %3")
                                    .arg(i + 1)
                                    .arg(run.losses[i], expected[i].toString())));
        // The trained weights too, read from Python's own file.
        const auto weights = loadStateDict((folder.path() + "/python.pth").toStdString());
        QVERIFY2(weights.ok(), weights ? "" : weights.error().message.c_str());
        QCOMPARE(weights->tensors.size(), run.weights.tensors.size());
        for (std::size_t i = 0; i < weights->tensors.size(); ++i) {
            QCOMPARE(weights->tensors[i].name, run.weights.tensors[i].name);
            QVERIFY2(weights->tensors[i].tensor.bytes == run.weights.tensors[i].tensor.bytes,
                     weights->tensors[i].name.c_str());
        }
    }

    void workersDoNotMatter() {
        Project project = parityProject("SGD", {{"lr", 0.05}});
        project.data.trainTransforms.insert(project.data.trainTransforms.begin(),
                                            Choice{"RandomCrop", {{"size", 28}, {"padding", 2}}});
        project.data.trainTransforms.insert(project.data.trainTransforms.begin(),
                                            Choice{"RandomHorizontalFlip"});
        project.training.numWorkers = 0;
        const QStringList alone = trained(project, 12).losses;
        QCOMPARE(alone.size(), 12);
        for (int workers : {1, 3, 8}) {
            project.training.numWorkers = workers;
            QCOMPARE(trained(project, 12).losses, alone);
        }
    }

    void exportedWeightsLoadStrictly() {
        QTemporaryDir folder;
        const Project project = parityProject("SGD", {{"lr", 0.05}, {"momentum", 0.9}});
        const Run run = trained(project, 5);
        const std::string weights = folder.filePath("ours.pth").toStdString();
        QVERIFY(saveStateDict(weights, run.weights).ok());
        const char* const script = R"(
import sys, torch
from torch import nn
torch.set_num_threads(2)
state = torch.load(sys.argv[2] + '/ours.pth', weights_only=True)
model = eval(sys.argv[1])
model.load_state_dict(state, strict=True)
model.eval()
torch.manual_seed(1)
x = torch.randn(7, 1, 28, 28)
torch.save(x, sys.argv[2] + '/x.pt')
with torch.no_grad(): torch.save(model(x), sys.argv[2] + '/y.pt')
torch.save(state, sys.argv[2] + '/legacy.pth', _use_new_zipfile_serialization=False)
torch.save({'epoch': 3, 'lr': 0.5, 'state_dict': {'module.' + k: v for k, v in state.items()}}, sys.argv[2] + '/checkpoint.pth')
)";
        const auto peer = test::runPython(script, {kModel, folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const auto x = loadTensors(folder.filePath("x.pt").toStdString());
        const auto y = loadTensors(folder.filePath("y.pt").toStdString());
        QVERIFY(x.ok() && y.ok());
        const auto output = forward(project, run.weights, *x, false);
        QVERIFY2(output.ok(), output ? "" : output.error().message.c_str());
        QCOMPARE(output->at(0).tensor.dims, y->at(0).tensor.dims);
        QVERIFY(output->at(0).tensor.bytes == y->at(0).tensor.bytes);
        // Files of other forms give the same weights.
        for (const char* name : {"legacy.pth", "checkpoint.pth"}) {
            const auto again = loadStateDict(folder.filePath(name).toStdString());
            QVERIFY2(again.ok(), again ? "" : again.error().message.c_str());
            QCOMPARE(again->tensors.size(), run.weights.tensors.size());
            for (const NamedTensor& entry : run.weights.tensors)
                QVERIFY2(
                    again->find(entry.name) && again->find(entry.name)->bytes == entry.tensor.bytes,
                    entry.name.c_str());
        }
    }

    void initialWeightsAreThoseOfTheSeed() {
        const Project project = parityProject("SGD", {{"lr", 0.05}});
        QTemporaryDir folder;
        const auto weights = initialWeights(project, 11);
        QVERIFY(weights.ok());
        QVERIFY(saveStateDict(folder.filePath("w.pth").toStdString(), *weights).ok());
        const char* const script = R"(
import sys, torch
from torch import nn
torch.manual_seed(11)
model = eval(sys.argv[1])
ours = torch.load(sys.argv[2], weights_only=True)
assert list(ours) == list(model.state_dict()), (list(ours), list(model.state_dict()))
assert all(torch.equal(v, ours[k]) and v.dtype == ours[k].dtype for k, v in model.state_dict().items())
)";
        const auto peer = test::runPython(script, {kModel, folder.filePath("w.pth")});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
    }
};

QTEST_GUILESS_MAIN(PytorchParityTest)
#include "pytorch_parity_test.moc"
