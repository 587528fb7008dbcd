#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "core/base/json.h"
#include "core/catalogue/init_kind.h"
#include "core/check/problem_place.h"
#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

struct Case {
    const char* block;
    const char* parameter;  ///< as in the file
    const char* kind;
    const char* params;  ///< JSON
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"conv1", "weight", "xavier_uniform_", "{}"},
        {"fc1", "weight", "xavier_uniform_", R"({"gain": 1.5})"},
        {"conv1", "weight", "xavier_normal_", "{}"},
        {"fc1", "weight", "xavier_normal_", R"({"gain": 0.3})"},
        {"conv1", "weight", "kaiming_uniform_", "{}"},
        {"fc1", "weight", "kaiming_uniform_",
         R"({"a": 0.2, "mode": "fan_out", "nonlinearity": "leaky_relu"})"},
        {"conv1", "weight", "kaiming_normal_", R"({"mode": "fan_out", "nonlinearity": "relu"})"},
        {"fc1", "weight", "kaiming_normal_", R"({"nonlinearity": "tanh"})"},
        {"fc1", "weight", "kaiming_normal_", R"({"nonlinearity": "selu"})"},
        {"fc1", "weight", "kaiming_normal_", R"({"nonlinearity": "conv2d"})"},
        {"conv1", "weight", "orthogonal_", "{}"},
        {"fc1", "weight", "orthogonal_", R"({"gain": 1.4})"},
        {"fc2", "weight", "orthogonal_", "{}"},
        {"fc1", "bias", "uniform_", "{}"},
        {"conv1", "weight", "uniform_", R"({"a": -0.1, "b": 0.1})"},
        {"fc1", "weight", "normal_", R"({"std": 0.01})"},
        {"conv1", "bias", "normal_", R"({"mean": 1, "std": 2})"},
        {"fc1", "weight", "trunc_normal_", R"({"std": 0.02})"},
        {"bn1", "weight", "trunc_normal_", R"({"mean": 1, "std": 0.5, "a": 0, "b": 1.5})"},
        {"fc1", "bias", "zeros_", "{}"},
        {"bn1", "bias", "ones_", "{}"},
        {"bn1", "weight", "constant_", R"({"val": 0.25})"},
        {"fc1", "weight", "eye_", "{}"},
        {"conv1", "weight", "dirac_", "{}"},
        {"conv1", "weight", "dirac_", R"({"groups": 2})"},
        {"fc1", "weight", "sparse_", R"({"sparsity": 0.9})"},
        {"fc2", "weight", "sparse_", R"({"sparsity": 0.25, "std": 0.5})"},
        {"lstm", "weight", "orthogonal_", "{}"},
        {"lstm", "weight_hh", "xavier_uniform_", "{}"},
        {"lstm", "bias_ih_l0", "zeros_", "{}"}};
    return all;
}

Project project() {
    Project p = newProject();
    p.data.dataset.kind.clear();  // the network alone is looked at
    const bool recurrent = layers().find("LSTM") != nullptr;
    p.network = *graphFromText(
        std::string("Input 3x6x6 > Conv2d out_channels=4 kernel_size=3 > BatchNorm2d > Flatten > "
                    "Linear out_features=20 > fc2=Linear out_features=30 bias=False > Output") +
        (recurrent ? " ; series=Input 5x7 > lstm=LSTM hidden_size=6 batch_first=True > more=Output"
                   : ""));
    return p;
}

void begin(Project& p, const Case& c) {
    p.network.find(c.block)->initialization.set(
        c.parameter, Dict{{"kind", c.kind}, {"params", *parseJson(c.params)}});
}

}  // namespace

/// Every way to begin against torch.nn.init with the same seed: all weights of the network, those
/// that are not touched included, equal to the bit.
class InitializationSweepTest : public QObject {
    Q_OBJECT

    static std::string problemsOf(const Project& p) {
        std::string all;
        for (const Diagnostic& d : checkProject(p).diagnostics)
            if (liesIn(d, "network")) all += d.message + "\n";
        return all;
    }

private Q_SLOTS:
    void everyKindEqualsPython() {
        QTemporaryDir folder;
        QJsonArray list;
        std::set<std::string> seen;
        std::vector<Case> used;
        for (const Case& c : cases())
            if (project().network.find(c.block)) used.push_back(c);
        for (const Case& c : used) {
            seen.insert(c.kind);
            QString call = QStringLiteral("nn.init.%1(p").arg(c.kind);
            const Dict given = parseJson(c.params)->asDict();
            for (const auto& [key, value] : given)
                call += QString::fromStdString(", " + key + "=" + value.toPython());
            list.append(
                QJsonObject{{"block", c.block}, {"parameter", c.parameter}, {"call", call + ")"}});
        }
        for (const InitKind& kind : initializations())
            QVERIFY2(seen.contains(kind.info.id), kind.info.id.c_str());
        const char* const script = R"(
import sys, json, torch
from torch import nn
torch.set_num_threads(1)
folder, recurrent = sys.argv[1], sys.argv[3] == 'True'
for i, case in enumerate(json.loads(sys.argv[2])):
    torch.manual_seed(4)
    model = nn.Module()
    model.conv1 = nn.Conv2d(3, 4, 3); model.bn1 = nn.BatchNorm2d(4)
    model.fc1 = nn.Linear(64, 20); model.fc2 = nn.Linear(20, 30, bias=False)
    if recurrent: model.lstm = nn.LSTM(7, 6, batch_first=True)
    for name, p in getattr(model, case['block']).named_parameters():
        if case['parameter'] in name: eval(case['call'])
    torch.save(model.state_dict(), f'{folder}/{i}.pth')
)";
        const bool recurrent = project().network.find("lstm") != nullptr;
        const auto peer = test::runPython(
            script, {folder.path(), QJsonDocument(list).toJson(QJsonDocument::Compact),
                     recurrent ? "True" : "False"});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        for (std::size_t i = 0; i < used.size(); ++i) {
            Project p = project();
            begin(p, used[i]);
            const std::string what = std::string(used[i].block) + "." + used[i].parameter + " " +
                                     used[i].kind + used[i].params;
            QVERIFY2(problemsOf(p).empty(), problemsOf(p).c_str());
            const auto ours = initialWeights(p, 4);
            QVERIFY2(ours.ok(), (ours ? "" : ours.error().message).c_str());
            const auto theirs =
                loadStateDict(folder.filePath(QString::number(i) + ".pth").toStdString());
            QVERIFY(theirs.ok());
            QCOMPARE(ours->tensors.size(), theirs->tensors.size());
            for (const NamedTensor& entry : theirs->tensors)
                QVERIFY2(ours->find(entry.name)->bytes == entry.tensor.bytes,
                         (what + ": " + entry.name).c_str());
        }
        qInfo("%zu settings of %zu initialisations, equal to the bit", used.size(),
              initializations().size());
    }

    void severalBlocksFollowTheirOrder() {
        // Listed the other way round: graph order and the block's own order of parameters count.
        Project p = project();
        begin(p, {"fc2", "weight", "normal_", "{}"});
        begin(p, {"fc1", "bias", "uniform_", "{}"});
        begin(p, {"fc1", "weight", "kaiming_normal_", "{}"});
        begin(p, {"conv1", "weight", "orthogonal_", "{}"});
        QTemporaryDir folder;
        const char* const script = R"(
import sys, torch
from torch import nn
torch.manual_seed(9)
model = nn.Module()
model.conv1 = nn.Conv2d(3, 4, 3); model.bn1 = nn.BatchNorm2d(4)
model.fc1 = nn.Linear(64, 20); model.fc2 = nn.Linear(20, 30, bias=False)
if sys.argv[2] == 'True': model.lstm = nn.LSTM(7, 6, batch_first=True)
nn.init.orthogonal_(model.conv1.weight); nn.init.kaiming_normal_(model.fc1.weight)
nn.init.uniform_(model.fc1.bias); nn.init.normal_(model.fc2.weight)
torch.save(model.state_dict(), sys.argv[1] + '/w.pth')
)";
        const auto peer =
            test::runPython(script, {folder.path(), p.network.find("lstm") ? "True" : "False"});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const auto ours = initialWeights(p, 9);
        const auto theirs = loadStateDict(folder.filePath("w.pth").toStdString());
        QVERIFY(ours.ok() && theirs.ok());
        for (const NamedTensor& entry : theirs->tensors)
            QVERIFY2(ours->find(entry.name)->bytes == entry.tensor.bytes, entry.name.c_str());
    }

    void parametersAreThoseOfPython() {
        QJsonObject ours;
        for (const InitKind& kind : initializations()) {
            QJsonObject keys;
            for (const ParamSpec& spec : kind.params) {
                keys[QString::fromStdString(spec.key)] =
                    QString::fromStdString(spec.defaultValue.toPython());
                QVERIFY2(!spec.hint.empty(), kind.info.id.c_str());
                QVERIFY(spec.defaultValue.isNone() || !checkParam(spec, spec.defaultValue));
            }
            ours[QString::fromStdString(kind.info.id)] = keys;
        }
        const char* const script = R"(
import sys, json, inspect, torch.nn.init as init
ours = json.loads(sys.argv[1])
names = [n for n in dir(init) if n.endswith('_') and not n.startswith('_')]
assert sorted(ours) == sorted(names), (sorted(ours), names)
for name, keys in ours.items():
    theirs = {k: p.default for k, p in inspect.signature(getattr(init, name)).parameters.items() if k not in ('tensor', 'generator')}
    assert list(theirs) and set(theirs) == set(keys) or not theirs and not keys, (name, theirs, keys)
    for key, default in theirs.items():
        assert eval(keys[key]) == (None if default is inspect.Parameter.empty else default), (name, key)
)";
        const auto peer = test::runPython(
            script, {QString::fromUtf8(QJsonDocument(ours).toJson(QJsonDocument::Compact))});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
    }

    void wrongOnesGetASentence_data() {
        QTest::addColumn<QString>("block");
        QTest::addColumn<QString>("parameter");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("params");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* block, const char* parameter, const char* kind,
                            const char* params, const char* sentence) {
            QTest::newRow(sentence) << block << parameter << kind << params << sentence;
        };
        row("fc1", "bias", "orthogonal_", "{}",
            "fc1 cannot begin with orthogonal_: bias is a row of 20 numbers");
        row("conv1", "weight", "eye_", "{}", "weight is 4 × 3 × 3 × 3, and only a matrix");
        row("fc1", "weight", "dirac_", "{}", "only filters of convolutions");
        row("conv1", "weight", "dirac_", R"({"groups": 3})", "cannot be divided into 3 groups");
        row("fc1", "weight", "kaimin_normal_", "{}", "which is not known");
        row("fc1", "wheight", "zeros_", "{}", "but it has weight, bias");
        row("fc2", "bias", "zeros_", "{}", "but it has weight.");
        row("fc1", "weight", "normal_", R"({"std": -1})", "std is -1");
    }
    void wrongOnesGetASentence() {
        QFETCH(QString, block);
        QFETCH(QString, parameter);
        QFETCH(QString, kind);
        QFETCH(QString, params);
        QFETCH(QString, sentence);
        Project p = project();
        const QByteArray b = block.toUtf8(), n = parameter.toUtf8(), k = kind.toUtf8(),
                         v = params.toUtf8();
        begin(p, {b.constData(), n.constData(), k.constData(), v.constData()});
        const auto diagnostics = checkProject(p).diagnostics;
        const Diagnostic* found = nullptr;
        for (const Diagnostic& d : diagnostics)
            if (d.node == block.toStdString()) found = &d;
        QVERIFY(found);
        QVERIFY2(found->message.find(sentence.toStdString()) != std::string::npos,
                 found->message.c_str());
        QVERIFY(!found->hint.empty() && found->fixes.size() == 1);
        p.network = *found->fixes[0].apply(p.network);
        QVERIFY2(problemsOf(p).empty(), problemsOf(p).c_str());
    }

    void looksDoNotDisturbTheStream() {
        Project p = project();
        const auto before = initialWeights(p, 3);
        begin(p, {"fc1", "weight", "orthogonal_", "{}"});
        checkProject(p);
        Project again = project();
        QCOMPARE(initialWeights(again, 3)->find("fc1.weight")->bytes,
                 before->find("fc1.weight")->bytes);
        const auto file = projectFromJson(projectToJson(p), "again");
        QVERIFY(file.ok() && file->project == p);
    }
};

QTEST_GUILESS_MAIN(InitializationSweepTest)
#include "initialization_sweep_test.moc"
