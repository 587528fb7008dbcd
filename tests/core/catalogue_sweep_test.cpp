#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <set>

#include "core/base/json.h"
#include "core/catalogue/layer_kind.h"
#include "core/catalogue/training_kinds.h"
#include "core/check/shape_report.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "core/exchange/format_kind.h"
#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/session.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;

namespace {

/// One line each: the size that arrives, and a block with settings. Every layer has at least one
/// line.
const char* const kLayerCases[] = {
    "1x28x28 > Conv2d out_channels=4 kernel_size=5 padding=1",
    "3x12x10 > Conv2d out_channels=6 kernel_size=[3,5] stride=[2,1] padding=[1,2] dilation=[1,2] "
    "groups=3 bias=False",
    "2x9x9 > Conv2d out_channels=3 kernel_size=4 padding=same dilation=2",
    "2x9x9 > Conv2d out_channels=3 kernel_size=3 padding=valid",
    "2x9x9 > Conv2d out_channels=3 kernel_size=3 padding=2 padding_mode=reflect",
    "2x9x9 > Conv2d out_channels=3 kernel_size=3 padding=[2,1] padding_mode=replicate",
    "2x9x9 > Conv2d out_channels=3 kernel_size=5 padding=same padding_mode=circular",
    "3x13x11 > MaxPool2d kernel_size=2",
    "3x13x11 > MaxPool2d kernel_size=3 stride=2 padding=1 ceil_mode=True",
    "3x13x11 > MaxPool2d kernel_size=[3,2] stride=[1,2] dilation=2",
    "3x13x11 > MaxPool2d kernel_size=2 stride=2 padding=1 ceil_mode=True",
    "3x13x11 > AvgPool2d kernel_size=2",
    "3x13x11 > AvgPool2d kernel_size=3 stride=2 padding=1 ceil_mode=True count_include_pad=False",
    "3x13x11 > AvgPool2d kernel_size=[2,3] stride=1 padding=1 divisor_override=5",
    "3x13x11 > AdaptiveAvgPool2d output_size=1",
    "3x13x11 > AdaptiveAvgPool2d output_size=[4,null]",
    "3x4x4 > ReLU",
    "3x4x4 > ReLU inplace=True",
    "3x4x4 > LeakyReLU",
    "3x4x4 > LeakyReLU negative_slope=0.2",
    "3x4x4 > Sigmoid",
    "3x4x4 > Tanh",
    "9 > Softmax dim=1",
    "3x4x4 > Softmax dim=-1",
    "3x4x4 > Softmax",
    "3x7 > Softmax",
    "30 > Linear out_features=7",
    "5x30 > Linear out_features=7 bias=False",
    "3x4x5 > Linear in_features=5 out_features=2",
    "3x4x5 > Flatten",
    "3x4x5 > Flatten start_dim=2",
    "3x4x5 > Flatten end_dim=2",
    "3x4x5 > Dropout",
    "40 > Dropout p=0.2",
    "3x4x5 > BatchNorm2d",
    "3x4x5 > BatchNorm2d eps=0.001 momentum=0.3 affine=False",
    "3x4x5 > BatchNorm2d momentum=None",
    "3x4x5 > BatchNorm2d track_running_stats=False",
};

struct Case {
    std::string text;
    Project project;
    std::string python;
    Node node;
};

Case caseOf(const char* text) {
    Case c;
    c.text = text;
    c.project = newProject();
    auto graph = graphFromText(std::string("Input ") + text + " > Output");
    if (!graph) qFatal("%s: %s", text, graph.error().message.c_str());
    c.project.network = *graph;
    c.node = graph->nodes[1];
    const ShapeReport report = inferShapes(*graph, std::nullopt);
    if (hasErrors(report.diagnostics))
        qFatal("%s: %s", text, report.diagnostics[0].message.c_str());
    const LayerKind* kind = layers().find(c.node.kind);
    c.python = pythonCall("nn." + c.node.kind, kind->params, c.node.params,
                          report.find(c.node.id)->inference.inferred);
    return c;
}

const char* const kScript = R"(
import sys, json, torch
from torch import nn
torch.set_num_threads(1)
folder, report = sys.argv[1], []
for i, case in enumerate(json.load(open(folder + '/cases.json'))):
    torch.manual_seed(21)
    module = eval(case['python'])
    x = torch.randn(*([4] + case['input']), generator=torch.Generator().manual_seed(i))
    torch.save(x.clone(), f'{folder}/x{i}.pt')
    model = nn.Sequential(); model.add_module(case['id'], module)
    torch.save(model.state_dict(), f'{folder}/w{i}.pth')
    module.eval()
    with torch.no_grad(): y = module(x.clone())
    torch.save(y, f'{folder}/eval{i}.pt')
    module.train(); torch.manual_seed(0)
    with torch.no_grad(): z = module(x.clone())
    torch.save(z, f'{folder}/train{i}.pt')
    report.append({'shape': list(y.shape[1:]), 'parameters': sum(p.numel() for p in module.parameters())})
print(json.dumps(report))
)";

template <class K>
void checkKinds(const Catalogue<K>& catalogue) {
    std::set<std::string> ids;
    for (const K& kind : catalogue) {
        const char* id = kind.info.id.c_str();
        QVERIFY2(ids.insert(kind.info.id).second, id);
        QVERIFY2(!kind.info.family.empty() && !kind.info.summary.empty(), id);
        QVERIFY2(kind.info.summary.back() != '.', id);
        QVERIFY2(catalogue.find(kind.info.id) == &kind, id);
    }
}

template <class K>
void checkSpecs(const Catalogue<K>& catalogue) {
    for (const K& kind : catalogue) {
        std::set<std::string> keys;
        Params all;
        for (const ParamSpec& spec : kind.params) {
            const std::string where = kind.info.id + "." + spec.key;
            QVERIFY2(keys.insert(spec.key).second, where.c_str());
            QVERIFY2(!spec.hint.empty() && spec.hint.back() == '.', where.c_str());
            if (!spec.defaultValue.isNone()) {
                QVERIFY2(!checkParam(spec, spec.defaultValue), where.c_str());
                all.set(spec.key, spec.defaultValue);
                // What a form shows, typed in again, is the same value.
                const std::string shown = spec.type == ParamType::Bool
                                              ? spec.defaultValue.toPython()
                                              : spec.defaultValue.toText();
                const auto again = parseParam(spec, shown);
                QVERIFY2(again && *again == spec.defaultValue, where.c_str());
            }
            if (!spec.suggestion.isNone())
                QVERIFY2(!checkParam(spec, spec.suggestion), where.c_str());
            QVERIFY2(spec.type != ParamType::Choice || !spec.choices.empty(), where.c_str());
            QVERIFY2(!(spec.required && !spec.inferred) || !spec.suggestion.isNone() ||
                         spec.type == ParamType::Path,
                     where.c_str());
        }
        const auto value = parseJson(printJson(Value(all)));
        QVERIFY2(value.ok() && value->asDict() == all, kind.info.id.c_str());
    }
}

}  // namespace

/// Visits every kind of every catalogue.
class CatalogueSweepTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void kindsAreComplete() {
        checkKinds(layers());
        checkKinds(losses());
        checkKinds(optimizers());
        checkKinds(schedulers());
        checkKinds(datasets());
        checkKinds(transforms());
        checkKinds(formats());
    }

    void parametersAreComplete() {
        checkSpecs(layers());
        checkSpecs(losses());
        checkSpecs(optimizers());
        checkSpecs(schedulers());
        checkSpecs(datasets());
        checkSpecs(transforms());
    }

    void everyPythonParameterIsThere() {
        QJsonObject ours;
        const auto add = [&](const auto& catalogue) {
            for (const auto& kind : catalogue) {
                QJsonArray keys;
                for (const ParamSpec& spec : kind.params)
                    keys.append(QJsonArray{QString::fromStdString(spec.key),
                                           QString::fromStdString(spec.defaultValue.toPython())});
                if (kind.info.python.starts_with("torch") &&
                    !kind.info.python.starts_with("torch.add") &&
                    !kind.info.python.starts_with("torch.cat"))
                    ours[QString::fromStdString(kind.info.python)] = keys;
            }
        };
        add(layers());
        add(losses());
        add(optimizers());
        add(schedulers());
        add(transforms());
        const char* const script = R"(
import sys, json, inspect, enum, torch, torchvision, torchvision.transforms, torch.optim.lr_scheduler
# Arguments that choose where or how Python computes, not what; and two kept by PyTorch for old code.
skip = {'self', 'device', 'dtype', 'foreach', 'differentiable', 'capturable', 'fused', 'size_average', 'reduce', 'last_epoch', 'verbose', 'optimizer', 'params'}
problems = []
for name, ours in json.loads(sys.argv[1]).items():
    obj = eval(name)
    ours = dict(ours)
    for key, p in inspect.signature(obj.__init__).parameters.items():
        if key in skip or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD): continue
        if key not in ours: problems.append(f'{name} lacks {key}'); continue
        if p.default is p.empty or key in ('lr',) and not isinstance(p.default, float): continue
        default = p.default.value if isinstance(p.default, enum.Enum) else p.default
        mine = eval(ours[key])
        if isinstance(default, tuple): default = list(default)
        if mine != default: problems.append(f'{name}.{key} is {mine!r}, Python has {default!r}')
print('\n'.join(problems))
)";
        const auto peer = test::runPython(
            script, {QString::fromUtf8(QJsonDocument(ours).toJson(QJsonDocument::Compact))});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QVERIFY2(peer.out.trimmed().isEmpty(), peer.out.constData());
    }

    void everyLayerHasACase() {
        std::set<std::string> seen = {"Input", "Output", "Add", "Concat"};
        for (const char* text : kLayerCases) seen.insert(caseOf(text).node.kind);
        for (const LayerKind& kind : layers())
            QVERIFY2(seen.contains(kind.info.id), kind.info.id.c_str());
    }

    /// Shapes, parameter counts, initial weights and outputs in both modes, to the bit.
    void layersEqualPyTorch() {
        QTemporaryDir folder;
        QJsonArray list;
        std::vector<Case> cases;
        for (const char* text : kLayerCases) {
            cases.push_back(caseOf(text));
            QJsonArray sides;
            const ShapeReport report = inferShapes(cases.back().project.network, std::nullopt);
            for (std::int64_t side : report.shapeAt({"input", 0})->dims) sides.append(qint64(side));
            list.append(QJsonObject{{"python", QString::fromStdString(cases.back().python)},
                                    {"input", sides},
                                    {"id", QString::fromStdString(cases.back().node.id)}});
        }
        QFile file(folder.filePath("cases.json"));
        QVERIFY(file.open(QFile::WriteOnly));
        file.write(QJsonDocument(list).toJson());
        file.close();
        const auto peer = test::runPython(kScript, {folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const QJsonArray expected = QJsonDocument::fromJson(peer.out).array();
        for (std::size_t i = 0; i < cases.size(); ++i) {
            Case& c = cases[i];
            c.project.training.threads = 1;
            const auto name = [&](const char* stem, const char* ending) {
                return folder.filePath(stem + QString::number(i) + ending).toStdString();
            };
            const ShapeReport report = inferShapes(c.project.network, std::nullopt);
            std::vector<std::int64_t> shape;
            for (const QJsonValue& side : expected[int(i)]["shape"].toArray())
                shape.push_back(side.toInteger());
            QVERIFY2(report.find(c.node.id)->inference.outputs[0].dims == shape, c.text.c_str());
            QVERIFY2(report.parameters == expected[int(i)]["parameters"].toInteger(),
                     c.text.c_str());
            const auto weights = initialWeights(c.project, 21);
            QVERIFY2(weights.ok(), c.text.c_str());
            if (!weights->tensors.empty()) {
                const auto theirs = loadStateDict(name("w", ".pth"));
                QVERIFY2(theirs.ok(), c.text.c_str());
                QCOMPARE(theirs->tensors.size(), weights->tensors.size());
                for (const NamedTensor& entry : theirs->tensors) {
                    const PlainTensor* own = weights->find(entry.name);
                    QVERIFY2(
                        own && own->bytes == entry.tensor.bytes && own->dtype == entry.tensor.dtype,
                        (c.text + ": " + entry.name).c_str());
                }
            }
            const auto x = loadTensors(name("x", ".pt"));
            QVERIFY(x.ok());
            for (const bool train : {false, true}) {
                const auto y = forward(c.project, *weights, *x, train);
                QVERIFY2(y.ok(), (c.text + ": " + (y ? "" : y.error().message)).c_str());
                const auto theirs = loadTensors(name(train ? "train" : "eval", ".pt"));
                QVERIFY2(y->at(0).tensor.dims == theirs->at(0).tensor.dims, c.text.c_str());
                QVERIFY2(y->at(0).tensor.bytes == theirs->at(0).tensor.bytes,
                         (c.text + (train ? " in training" : " in eval")).c_str());
            }
        }
        qInfo("%zu cases, bit-equal in both modes", cases.size());
    }

    void poolsGiveIndices() {
        Project project = newProject();
        project.network = *graphFromText(
            "Input 2x6x6 > MaxPool2d kernel_size=2 return_indices=True > Output ; more=Output ; "
            "pool:1 > more");
        const ShapeReport report = inferShapes(project.network, std::nullopt);
        QVERIFY2(!hasErrors(report.diagnostics),
                 report.diagnostics.empty() ? "" : report.diagnostics[0].message.c_str());
        QCOMPARE(report.shapeAt({"pool", 1})->type, ElementType::Int64);
        const auto y = forward(
            project, {}, {{"", {"float32", {1, 2, 6, 6}, std::vector<std::uint8_t>(288)}}}, false);
        QVERIFY2(y.ok(), y ? "" : y.error().message.c_str());
        QCOMPARE(y->at(1).tensor.dtype, std::string("int64"));
        QVERIFY(
            !hasErrors(inferShapes(*graphFromText("Input 2x6x6 > MaxPool2d kernel_size=2 > Output"),
                                   std::nullopt)
                           .diagnostics));
        QVERIFY(hasErrors(
            inferShapes(
                *graphFromText(
                    "Input 2x6x6 > MaxPool2d kernel_size=2 > Output ; more=Output ; pool:1 > more"),
                std::nullopt)
                .diagnostics));
    }

    void branchesEqualPyTorch() {
        QTemporaryDir folder;
        Project project = newProject();
        project.network = *graphFromText(
            "Input 3x8x8 > layer1.0.conv1=Conv2d out_channels=3 kernel_size=3 padding=1 > Add > "
            "ReLU > Concat > Output ; input > add:1 ; add > concat:1");
        const auto weights = initialWeights(project, 2);
        QVERIFY(weights.ok());
        QVERIFY(saveStateDict(folder.filePath("w.pth").toStdString(), *weights).ok());
        const char* const script = R"(
import sys, torch
from torch import nn
f = sys.argv[1]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(nn.Sequential())
        self.layer1[0].add_module('conv1', nn.Conv2d(3, 3, 3, padding=1))
    def forward(self, x):
        s = self.layer1[0].conv1(x) + x
        return torch.cat([torch.relu(s), s], 1)
torch.manual_seed(2)
net = Net()
w = torch.load(f + '/w.pth', weights_only=True)
assert all(torch.equal(w[k], v) for k, v in net.state_dict().items())
net.load_state_dict(w, strict=True)
x = torch.randn(2, 3, 8, 8)
torch.save({'input': x}, f + '/x.pt'); torch.save(net(x).detach(), f + '/y.pt')
)";
        const auto peer = test::runPython(script, {folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const auto y =
            forward(project, *weights, *loadTensors(folder.filePath("x.pt").toStdString()), false);
        QVERIFY2(y.ok(), y ? "" : y.error().message.c_str());
        QVERIFY(y->at(0).tensor.bytes ==
                loadTensors(folder.filePath("y.pt").toStdString())->at(0).tensor.bytes);
    }

    void lossesEqualPyTorch_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("params");
        QTest::addColumn<QString>("python");
        const QString weights = "[1, 2, 0.5, 1, 1, 3, 1, 0.25, 1, 1]";
        QTest::newRow("cross entropy") << "CrossEntropyLoss"
                                       << "{}"
                                       << "nn.CrossEntropyLoss()(y, t)";
        QTest::newRow("cross entropy, all settings")
            << "CrossEntropyLoss"
            << "{\"weight\": " + weights +
                   ", \"ignore_index\": 3, \"reduction\": \"sum\", \"label_smoothing\": 0.2}"
            << "nn.CrossEntropyLoss(weight=torch.tensor(" + weights +
                   "), ignore_index=3, reduction='sum', label_smoothing=0.2)(y, t)";
        QTest::newRow("nll") << "NLLLoss"
                             << "{}"
                             << "nn.NLLLoss()(y, t)";
        QTest::newRow("nll, all settings")
            << "NLLLoss"
            << "{\"weight\": " + weights + ", \"ignore_index\": 2}"
            << "nn.NLLLoss(weight=torch.tensor(" + weights + "), ignore_index=2)(y, t)";
        QTest::newRow("mse") << "MSELoss"
                             << "{}"
                             << "nn.MSELoss()(y, nn.functional.one_hot(t, 10).float())";
        QTest::newRow("mse, sum")
            << "MSELoss"
            << "{\"reduction\": \"sum\"}"
            << "nn.MSELoss(reduction='sum')(y, nn.functional.one_hot(t, 10).float())";
    }
    void lossesEqualPyTorch() {
        QFETCH(QString, kind);
        QFETCH(QString, params);
        QFETCH(QString, python);
        QTemporaryDir folder;
        test::writeSmallFashionMnist(folder.path(), 60, 20);
        Project project = newProject();
        project.network = *graphFromText("Input > Flatten > Linear out_features=10 > Output");
        project.data.dataset = {"FashionMNIST", {{"root", folder.path().toStdString()}}};
        project.training.loss = {kind.toStdString(), parseJson(params.toStdString())->asDict()};
        project.training.optimizer = {"SGD", {{"lr", 0.001}}};
        project.training.batchSize = 20;
        project.training.shuffle = false;
        project.training.epochs = 1;
        project.training.threads = 1;
        const PlanResult plan = makePlan(project, {});
        QVERIFY2(plan, plan.problem.error.message.c_str());
        TrainingSession session(plan.plan);
        session.start();
        session.wait();
        QByteArray ours;
        std::size_t cursor = 0;
        for (const RunEvent& event : session.log().read(cursor))
            if (event.type == RunEvent::Type::Step)
                ours += QByteArray::number(event.loss, 'g', 17) + " ";
        const char* const script = R"(
import sys, torch, numpy as np
from torch import nn
torch.set_num_threads(1)
raw = sys.argv[2] + '/FashionMNIST/raw/train-'
x = torch.from_numpy(np.frombuffer(open(raw + 'images-idx3-ubyte', 'rb').read(), np.uint8, offset=16).copy()).reshape(-1, 1, 28, 28).float().div(255)
labels = torch.from_numpy(np.frombuffer(open(raw + 'labels-idx1-ubyte', 'rb').read(), np.uint8, offset=8).astype(np.int64))
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
for i in range(3):
    t = labels[20 * i:20 * i + 20]
    y = model(x[20 * i:20 * i + 20])
    loss = eval(sys.argv[1])
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    print('%.17g' % loss.item(), end=' ')
)";
        const auto peer = test::runPython(script, {python, folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QCOMPARE(ours, peer.out);
    }

    void schedulesEqualPyTorch() {
        const char* const script = R"(
import torch, json
from torch.optim.lr_scheduler import *
def run(make):
    o = torch.optim.SGD([torch.zeros(1)], lr=0.4); s = make(o); out = []
    for _ in range(9): out.append(o.param_groups[0]['lr']); o.step(); s.step()
    return out
print(json.dumps({'StepLR': run(lambda o: StepLR(o, 3, 0.3)), 'ExponentialLR': run(lambda o: ExponentialLR(o, 0.5)), 'CosineAnnealingLR': run(lambda o: CosineAnnealingLR(o, 4, 0.1))}))
)";
        const std::map<std::string, Params> settings = {
            {"StepLR", {{"step_size", 3}, {"gamma", 0.3}}},
            {"ExponentialLR", {{"gamma", 0.5}}},
            {"CosineAnnealingLR", {{"T_max", 4}, {"eta_min", 0.1}}}};
        const auto peer = test::runPython(script);
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const QJsonObject expected = QJsonDocument::fromJson(peer.out).object();
        for (const SchedulerKind& kind : schedulers()) {
            const QJsonArray rates = expected[QString::fromStdString(kind.info.id)].toArray();
            QCOMPARE(rates.size(), 9);
            for (int epoch = 0; epoch < 9; ++epoch) {
                const double rate =
                    kind.rate(Settings(kind.params, settings.at(kind.info.id)), 0.4, epoch);
                QVERIFY2(std::abs(rate - rates[epoch].toDouble()) <= 1e-12,
                         (kind.info.id + " " + std::to_string(rate)).c_str());
            }
        }
    }
};

QTEST_GUILESS_MAIN(CatalogueSweepTest)
#include "catalogue_sweep_test.moc"
