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
                // An operation's parameters are those that a block needs, not a function's; and some
                // modules are built of others.
                bool operation = false;
                if constexpr (requires { kind.pythonExpression; })
                    operation = kind.pythonExpression || kind.pythonModule;
                if (kind.info.python.starts_with("torch") && !operation)
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
skip = {'self', 'device', 'dtype', 'foreach', 'differentiable', 'capturable', 'fused', 'size_average', 'reduce', 'last_epoch', 'verbose', 'optimizer', 'params', 'min_value', 'max_value', '_weight', 'custom_encoder', 'custom_decoder'}
problems = []
for name, ours in json.loads(sys.argv[1]).items():
    obj = eval(name)
    ours = dict(ours)
    arguments = inspect.signature(obj.__init__).parameters
    if isinstance(obj, type) and issubclass(obj, torch.nn.RNNBase):  # RNN, LSTM and GRU hand theirs on
        arguments = {k: p for k, p in inspect.signature(torch.nn.RNNBase.__init__).parameters.items() if k != 'mode' and (k != 'proj_size' or obj is torch.nn.LSTM)}
    for key, p in arguments.items():
        if key in skip or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD): continue
        if key not in ours: problems.append(f'{name} lacks {key}'); continue
        if p.default is p.empty or key in ('lr',) and not isinstance(p.default, float): continue
        default = p.default.value if isinstance(p.default, enum.Enum) else p.default
        mine = eval(ours[key])
        if callable(default): default = default.__name__
        if isinstance(default, tuple): default = list(default)
        if mine != default: problems.append(f'{name}.{key} is {mine!r}, Python has {default!r}')
print('\n'.join(problems))
)";
        const auto peer = test::runPython(
            script, {QString::fromUtf8(QJsonDocument(ours).toJson(QJsonDocument::Compact))});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QVERIFY2(peer.out.trimmed().isEmpty(), peer.out.constData());
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
