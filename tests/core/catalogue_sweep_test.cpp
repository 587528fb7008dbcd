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
        checkKinds(batchTransforms());
        checkKinds(samplers());
        checkKinds(formats());
    }

    void parametersAreComplete() {
        checkSpecs(layers());
        checkSpecs(losses());
        checkSpecs(optimizers());
        checkSpecs(schedulers());
        checkSpecs(datasets());
        checkSpecs(transforms());
        checkSpecs(batchTransforms());
        checkSpecs(samplers());
    }

    void everyPythonParameterIsThere() {
        QJsonObject ours;
        const auto add = [&](const auto& catalogue) {
            for (const auto& kind : catalogue) {
                QJsonArray keys;
                for (const ParamSpec& spec : kind.params)
                    keys.append(QJsonArray{QString::fromStdString(spec.key),
                                           QString::fromStdString(spec.defaultValue.toPython())});
                // An operation's parameters are those that a block needs, not a function's; and
                // some modules are built of others.
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
        add(samplers());
        const char* const script = R"(
import sys, json, inspect, enum, torch, torchvision, torchvision.transforms, torch.optim.lr_scheduler
# Arguments that choose where or how Python computes, not what; some kept by PyTorch for old code; and functions.
skip = {'self', 'device', 'dtype', 'foreach', 'differentiable', 'capturable', 'fused', 'size_average', 'reduce', 'last_epoch', 'verbose', 'optimizer', 'params', 'min_value', 'max_value', '_weight', 'custom_encoder', 'custom_decoder', 'scale_fn', 'scale_mode', '_random_samples', 'data_source', 'generator'}
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
};

QTEST_GUILESS_MAIN(CatalogueSweepTest)
#include "catalogue_sweep_test.moc"
