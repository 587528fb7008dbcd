#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
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

/// "2.1", "numpy 2.0", or nothing.
bool isRelease(const std::string& text) {
    static const QRegularExpression form(QStringLiteral("^((\\w+ )?\\d+\\.\\d+)?$"));
    return form.match(QString::fromStdString(text)).hasMatch();
}

/// "2.1", "numpy 2.0", or "v2" for torchvision.transforms.v2.
bool namesRelease(const std::string& text) {
    return text == "v2" || (!text.empty() && isRelease(text.substr(text.rfind(' ') + 1)));
}

template <class K>
void checkKinds(const Catalogue<K>& catalogue) {
    std::set<std::string> ids;
    for (const K& kind : catalogue) {
        const char* id = kind.info.id.c_str();
        QVERIFY2(ids.insert(kind.info.id).second, id);
        QVERIFY2(!kind.info.family.empty() && !kind.info.summary.empty(), id);
        QVERIFY2(kind.info.summary.back() != '.', id);
        QVERIFY2(catalogue.find(kind.info.id) == &kind, id);
        QVERIFY2(isRelease(kind.info.since), id);
        for (const VersionChange& change : kind.info.changes)
            QVERIFY2(namesRelease(change.release) && change.change.ends_with('.') &&
                         change.here.ends_with('.'),
                     id);
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
            QVERIFY2(isRelease(spec.since) && isRelease(spec.defaultSince), where.c_str());
            QVERIFY2(!spec.formerDefault || !spec.defaultSince.empty(), where.c_str());
            if (spec.formerDefault && !spec.formerDefault->isNone())
                QVERIFY2(!checkParam(spec, *spec.formerDefault), where.c_str());
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

    void everyPythonParameterIsThereSinceWhenItIsSaid() {
        QJsonArray ours;
        const auto text = [](const std::string& value) { return QString::fromStdString(value); };
        const auto add = [&](const auto& catalogue) {
            for (const auto& kind : catalogue) {
                if (!kind.info.python.starts_with("torch")) continue;
                QJsonArray params;
                for (const ParamSpec& spec : kind.params) {
                    QJsonObject param{{"key", text(spec.key)},
                                      {"default", text(spec.defaultValue.toPython())},
                                      {"since", text(spec.since)},
                                      {"default_since", text(spec.defaultSince)}};
                    if (spec.formerDefault)
                        param["former_default"] = text(spec.formerDefault->toPython());
                    params.append(param);
                }
                // An operation's parameters are those that a block needs, not a function's; and
                // some modules are built of others.
                bool operation = false;
                if constexpr (requires { kind.pythonExpression; })
                    operation = kind.pythonExpression || kind.pythonModule;
                ours.append(QJsonObject{{"python", text(kind.info.python)},
                                        {"since", text(kind.info.since)},
                                        {"operation", operation},
                                        {"params", params}});
            }
        };
        add(layers());
        add(losses());
        add(optimizers());
        add(schedulers());
        add(transforms());
        add(samplers());
        QFile script(test::sourcePath(QStringLiteral("tests/support/catalogue_peer.py")));
        QVERIFY(script.open(QFile::ReadOnly));
        const auto peer = test::runPython(
            QString::fromUtf8(script.readAll()),
            {QString::fromUtf8(QJsonDocument(ours).toJson(QJsonDocument::Compact))});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QVERIFY2(peer.out.trimmed().isEmpty(), peer.out.constData());
    }
};

QTEST_GUILESS_MAIN(CatalogueSweepTest)
#include "catalogue_sweep_test.moc"
