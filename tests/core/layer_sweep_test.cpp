#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <set>

#include "core/catalogue/layer_kind.h"
#include "core/check/shape_report.h"
#include "core/exchange/torch_file.h"
#include "core/train/network_use.h"
#include "tests/support/layer_cases.h"
#include "tests/support/python.h"

using namespace loom;
using test::LayerCase;

namespace {

/// A project of the network alone: sizes come from its Input blocks.
Project projectOf(const Graph& graph) {
    Project project = newProject();
    project.network = graph;
    project.data = {};
    project.data.dataset.kind.clear();
    project.training.threads = 1;
    return project;
}

std::string firstProblem(const ShapeReport& report) {
    for (const Diagnostic& diagnostic : report.diagnostics)
        if (diagnostic.severity == Severity::Error) return diagnostic.message;
    return {};
}

/// What Python needs to build the same: a module or an expression for every block, in order.
QJsonArray blocksOf(const Graph& graph, const ShapeReport& report) {
    QJsonArray blocks;
    for (const NodeId& id : report.order) {
        const Node& node = *graph.find(id);
        const LayerKind& kind = *layers().find(node.kind);
        if (!kind.build) continue;
        QJsonObject block{{"id", QString::fromStdString(id)}};
        if (kind.pythonExpression) {
            std::vector<std::string> inputs;
            for (const Edge& edge : graph.edgesInto(id)) inputs.push_back(edge.from.node);
            block["expression"] = QString::fromStdString(
                kind.pythonExpression(Settings(kind.params, node.params), inputs));
        } else {
            block["module"] = QString::fromStdString(
                pythonConstruction(kind, node.params, report.find(id)->inference.inferred));
        }
        blocks.append(block);
    }
    return blocks;
}

/// Builds every case, and writes down initial weights, outputs and gradients in both modes, and
/// what the profiler counts of multiplications.
const char* const kScript = R"(
import sys, json, warnings, torch
from torch import nn
import torch.nn.functional as F
warnings.filterwarnings('ignore')
torch.set_num_threads(1)
folder, report = sys.argv[1], []
exec(open(sys.argv[2] + '/newer_layers.py').read())
if hasattr(torch.backends, 'mha'): torch.backends.mha.set_fastpath_enabled(False)
release = tuple(int(part) for part in torch.__version__.split('.')[:2])
def number(text): return tuple(int(part) for part in text.split('.'))
# Counts are of products one by one; PyTorch 2 has kernels for the whole of attention, which the profiler does not look into.
def counted_products():
    try: from torch.nn.attention import sdpa_kernel, SDPBackend
    except ImportError: return contextlib.nullcontext()
    return sdpa_kernel(SDPBackend.MATH)
def flat(v):
    return [t for e in v for t in flat(e)] if isinstance(v, (tuple, list)) else [v]
for i, case in enumerate(json.load(open(folder + '/cases.json'))):
    try:
        torch.manual_seed(21)
        mods, m, root = {}, None, nn.Sequential()
        for block in case['blocks']:
            if 'module' not in block: continue
            m = mods[block['id']] = eval(block['module'])
            if isinstance(m, nn.Parameter): root.register_parameter(block['id'], m)
            else: root.add_module(block['id'], m)
        torch.save(root.state_dict(), f'{folder}/w{i}.pth')
        g = torch.Generator().manual_seed(i)
        given = {}
        for k, spec in enumerate(case['inputs']):
            size = [3] + spec['size']
            given[f'x{k}'] = torch.randint(spec['limit'], size, generator=g) if spec['limit'] else torch.randn(size, generator=g)
        torch.save(given, f'{folder}/x{i}.pt')
        def run(inputs):
            env = dict(globals(), m=m, mods=mods, **inputs)
            asked = case['older'] if case['before'] and release < number(case['before']) else case['python']
            if asked: return flat(eval(asked, env))
            last = None
            for block in case['blocks']:
                if 'expression' in block: last = env[block['id']] = eval(block['expression'], env)
                else: last = m(*[inputs[f'x{k}'] for k in range(len(inputs))])
            return flat(last)
        entry = {}
        for mode in ('eval', 'train'):
            root.train(mode == 'train')
            state = {k: v.clone() for k, v in root.state_dict().items()}
            # Outputs are what a script sees under no_grad, where oneDNN computes an LSTM otherwise. Python's own fast
            # paths of attention differ in the last bits; PyTorch 2 can switch them off, and gradients do.
            plain = None
            if hasattr(torch.backends, 'mha') or not any(isinstance(x, nn.MultiheadAttention) for x in root.modules()):
                torch.manual_seed(0)
                with torch.no_grad(): plain = run({k: v.clone() for k, v in given.items()})
                root.load_state_dict(state)
            torch.manual_seed(0)
            inputs = {k: v.clone().requires_grad_(True) if v.is_floating_point() else v for k, v in given.items()}
            ys = run({k: v * 1 if v.is_floating_point() else v for k, v in inputs.items()})
            outs = {f'out{k}': y.detach().clone() for k, y in enumerate(plain or ys)}
            torch.save(outs, f'{folder}/{mode}_y{i}.pt')
            gs = {f'out{k}': torch.randn(y.shape, generator=g) for k, y in enumerate(ys) if y.requires_grad}
            grads = {}
            root.zero_grad()
            if gs:
                torch.autograd.backward([y for y in ys if y.requires_grad], list(gs.values()))
                grads = {k: v.grad for k, v in inputs.items() if v.is_floating_point() and v.grad is not None}
                grads.update({k: p.grad.clone() for k, p in root.named_parameters() if p.grad is not None})
            torch.save(gs, f'{folder}/{mode}_g{i}.pt')
            torch.save(grads, f'{folder}/{mode}_grads{i}.pt')
            entry[mode] = [list(y.shape[1:]) for y in ys]
            if mode == 'train':
                root.load_state_dict(state)
                with torch.no_grad(), counted_products(), torch.profiler.profile(with_flops=True) as prof: run(given)
                counted = {e.key: e.flops for e in prof.key_averages() if e.key in ('aten::conv2d', 'aten::mm', 'aten::addmm', 'aten::bmm')}
                entry['macs'] = sum(counted.values()) / 2 / 3
                entry['others'] = any(e.key in ('aten::baddbmm', 'aten::convolution', 'aten::bilinear', 'aten::_trilinear') for e in prof.key_averages()) and 'aten::conv2d' not in counted
            root.load_state_dict(state)
        entry['parameters'] = sum(p.numel() for p in root.parameters())
        report.append(entry)
    except Exception as e:
        report.append({'error': f'{type(e).__name__}: {e}'})
print(json.dumps(report))
)";

std::vector<double> numbers(const PlainTensor& tensor) {
    std::vector<double> out;
    const auto take = [&]<class T>(T) {
        for (std::size_t i = 0; i + sizeof(T) <= tensor.bytes.size(); i += sizeof(T)) {
            T value;
            std::memcpy(&value, tensor.bytes.data() + i, sizeof value);
            out.push_back(static_cast<double>(value));
        }
    };
    if (tensor.dtype == "float32")
        take(float());
    else if (tensor.dtype == "int64")
        take(std::int64_t());
    else if (tensor.dtype == "float64")
        take(double());
    return out;
}

/// The largest difference, relative to the largest number of `b`.
double difference(const PlainTensor& a, const PlainTensor& b) {
    const std::vector<double> ours = numbers(a), theirs = numbers(b);
    if (ours.size() != theirs.size()) return INFINITY;
    double largest = 1e-12, worst = 0;
    for (double v : theirs)
        if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (std::isnan(ours[i]) && std::isnan(theirs[i])) continue;
        if (ours[i] == theirs[i]) continue;
        const double d = std::abs(ours[i] - theirs[i]) / largest;
        worst = std::max(worst, std::isnan(d) ? INFINITY : d);
    }
    return worst;
}

}  // namespace

/// Compares every layer with Debian's Python PyTorch, and checks what sizes it takes.
class LayerSweepTest : public QObject {
    Q_OBJECT

    std::vector<LayerCase> m_cases;
    std::vector<ShapeReport> m_reports;
    QTemporaryDir m_folder;
    QJsonArray m_expected;

    std::string file(const QString& stem, std::size_t index, const char* ending) const {
        return m_folder.filePath(stem + QString::number(index) + QLatin1String(ending))
            .toStdString();
    }

    /// Every value of `theirs` equals the one of that name in `ours`; counts those equal to the
    /// bit.
    void compare(const LayerCase& c, const char* what, const std::vector<NamedTensor>& ours,
                 const std::vector<NamedTensor>& theirs, int& equal, int& total,
                 QStringList& problems) const {
        for (const NamedTensor& entry : theirs) {
            const auto own = std::find_if(ours.begin(), ours.end(), [&](const NamedTensor& t) {
                return t.name == entry.name;
            });
            const QString label = QStringLiteral("%1: %2 %3 ")
                                      .arg(QString::fromStdString(c.text), QLatin1String(what),
                                           QString::fromStdString(entry.name));
            if (own == ours.end()) {
                problems << label + QStringLiteral("is missing");
                continue;
            }
            if (own->tensor.dims != entry.tensor.dims || own->tensor.dtype != entry.tensor.dtype) {
                problems << label + QStringLiteral("has another size or type");
                continue;
            }
            ++total;
            // Both call the same library, so every bit is the same.
            if (own->tensor.bytes == entry.tensor.bytes)
                ++equal;
            else
                problems << label + QStringLiteral("differs by %1")
                                        .arg(difference(own->tensor, entry.tensor));
        }
    }

private Q_SLOTS:
    void initTestCase() {
        m_cases = test::layerCases();
        QJsonArray list;
        for (const LayerCase& c : m_cases) {
            m_reports.push_back(inferShapes(c.graph, std::nullopt));
            const ShapeReport& report = m_reports.back();
            QVERIFY2(firstProblem(report).empty(), (c.text + " → " + firstProblem(report)).c_str());
            QJsonArray inputs;
            for (std::size_t k = 0; k < c.limits.size(); ++k) {
                QJsonArray size;
                for (std::int64_t side : report.shapeAt({"x" + std::to_string(k), 0})->dims)
                    size.append(qint64(side));
                inputs.append(QJsonObject{{"size", size}, {"limit", qint64(c.limits[k])}});
            }
            list.append(QJsonObject{{"python", QString::fromStdString(c.python)},
                                    {"before", QString::fromStdString(c.before)},
                                    {"older", QString::fromStdString(c.older)},
                                    {"inputs", inputs},
                                    {"blocks", blocksOf(c.graph, report)}});
        }
        QFile cases(m_folder.filePath("cases.json"));
        QVERIFY(cases.open(QFile::WriteOnly));
        cases.write(QJsonDocument(list).toJson());
        cases.close();
        const auto peer = test::runPython(
            kScript, {m_folder.path(), test::sourcePath(QStringLiteral("tests/support"))});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        m_expected = QJsonDocument::fromJson(peer.out.trimmed().split('\n').last()).array();
        QCOMPARE(std::size_t(m_expected.size()), m_cases.size());
        for (std::size_t i = 0; i < m_cases.size(); ++i) {
            const QString error = m_expected[int(i)].toObject().value("error").toString();
            QVERIFY2(error.isEmpty(),
                     qPrintable(QString::fromStdString(m_cases[i].text) + " in Python: " + error));
        }
    }

    void everyLayerHasACase() {
        std::set<std::string> seen = {"Input", "Output"};
        for (const LayerCase& c : m_cases)
            for (const Node& node : c.graph.nodes) seen.insert(node.kind);
        QStringList missing;
        for (const LayerKind& kind : layers())
            if (!seen.contains(kind.info.id)) missing << QString::fromStdString(kind.info.id);
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join(", ")));
        qInfo("%zu layers, %zu cases", layers().size(), m_cases.size());
    }

    void sizesAndCountsEqualPyTorch() {
        QStringList problems;
        int counted = 0;
        for (std::size_t i = 0; i < m_cases.size(); ++i) {
            const QJsonObject theirs = m_expected[int(i)].toObject();
            const ShapeReport& report = m_reports[i];
            const QString label = QString::fromStdString(m_cases[i].text);
            const QJsonArray shapes = theirs["eval"].toArray();
            for (int port = 0; port < shapes.size(); ++port) {
                std::vector<std::int64_t> dims;
                for (const QJsonValue& side : shapes[port].toArray())
                    dims.push_back(side.toInteger());
                const Shape* own = report.shapeAt({"out" + std::to_string(port), 0});
                if (!own || own->dims != dims)
                    problems << label + QStringLiteral(": output %1 is %2 in PyTorch, here %3")
                                            .arg(port)
                                            .arg(QString::fromStdString(Shape{dims}.toText()),
                                                 own ? QString::fromStdString(own->toText())
                                                     : QStringLiteral("missing"));
            }
            if (report.parameters != theirs["parameters"].toInteger())
                problems << label + QStringLiteral(": parameters %1, in PyTorch %2")
                                        .arg(report.parameters)
                                        .arg(theirs["parameters"].toInteger());
            const double macs = theirs["macs"].toDouble();
            // What mixes the samples of a batch, and warns of it, has no count for one sample.
            const bool mixes = std::any_of(
                report.diagnostics.begin(), report.diagnostics.end(), [](const Diagnostic& d) {
                    return d.severity == Severity::Warning &&
                           d.message.find("batch_first") != std::string::npos;
                });
            if (macs > 0 && !mixes && !theirs["others"].toBool()) {
                ++counted;
                if (std::abs(macs - double(report.macs)) > 0.5)
                    problems << label + QStringLiteral(": MACs %1, PyTorch's profiler counts %2")
                                            .arg(report.macs)
                                            .arg(macs);
            }
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
        qInfo("MACs compared in %d cases", counted);
    }

    void initialWeightsEqualPyTorch() {
        QStringList problems;
        int tensors = 0;
        for (std::size_t i = 0; i < m_cases.size(); ++i) {
            const auto theirs = loadStateDict(file("w", i, ".pth"));
            if (!theirs || theirs->tensors.empty()) continue;
            const auto own = initialWeights(projectOf(m_cases[i].graph), 21);
            QVERIFY2(own.ok(), m_cases[i].text.c_str());
            QStringList ourNames, theirNames;
            for (const NamedTensor& t : own->tensors) ourNames << QString::fromStdString(t.name);
            for (const NamedTensor& t : theirs->tensors) {
                theirNames << QString::fromStdString(t.name);
                const PlainTensor* mine = own->find(t.name);
                ++tensors;
                if (mine && (mine->bytes != t.tensor.bytes || mine->dtype != t.tensor.dtype))
                    problems << QString::fromStdString(m_cases[i].text + ": " + t.name +
                                                       " differs");
            }
            if (ourNames != theirNames)
                problems << QString::fromStdString(m_cases[i].text) + ": " + ourNames.join(' ') +
                                " against " + theirNames.join(' ');
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
        qInfo("%d tensors, names, order and bits equal", tensors);
    }

    void outputsAndGradientsEqualPyTorch() {
        QStringList problems;
        int equalOutputs = 0, outputs = 0, equalGradients = 0, compared = 0;
        for (std::size_t i = 0; i < m_cases.size(); ++i) {
            const LayerCase& c = m_cases[i];
            const Project project = projectOf(c.graph);
            Weights weights;
            if (auto theirs = loadStateDict(file("w", i, ".pth"))) weights = *theirs;
            const auto x = loadTensors(file("x", i, ".pt"));
            QVERIFY2(x.ok(), c.text.c_str());
            for (const bool train : {false, true}) {
                const QString mode = train ? "train" : "eval";
                const auto y = forward(project, weights, *x, train);
                if (!y) {
                    problems << QString::fromStdString(c.text + ": " + y.error().message);
                    break;
                }
                const auto theirs = loadTensors(file(mode + "_y", i, ".pt"));
                QVERIFY2(theirs.ok(), c.text.c_str());
                compare(c, train ? "training" : "eval", *y, *theirs, equalOutputs, outputs,
                        problems);
                const auto given = loadTensors(file(mode + "_g", i, ".pt"));
                if (!given || given->empty()) continue;
                const auto own = gradients(project, weights, *x, *given, train);
                if (!own) {
                    problems << QString::fromStdString(c.text + ": " + own.error().message);
                    break;
                }
                const auto grads = loadTensors(file(mode + "_grads", i, ".pt"));
                QVERIFY2(grads.ok(), c.text.c_str());
                compare(c, train ? "training, gradient of" : "eval, gradient of", *own, *grads,
                        equalGradients, compared, problems);
            }
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
        qInfo("equal to the bit: outputs: %d of %d, gradients: %d of %d", equalOutputs, outputs,
              equalGradients, compared);
    }

    /// What a layer accepts really runs and gives the size it says; what it refuses is a sentence
    /// of ours with advice.
    void takesOnlyWhatRuns() {
        std::mt19937 random(7);
        const auto upTo = [&](int n) { return static_cast<int>(random() % unsigned(n)); };
        QStringList problems;
        int ran = 0, refused = 0;
        for (const LayerCase& c : m_cases) {
            for (int round = 0; round < 8; ++round) {
                Graph graph = c.graph;
                for (Node& node : graph.nodes) {
                    if (node.kind != "Input") continue;
                    List sides = node.params.find("shape")->asList();
                    // Half of the time one side changes, else everything does.
                    if (round % 2 == 0 && !sides.empty()) {
                        sides[std::size_t(upTo(int(sides.size())))] = Value(1 + upTo(12));
                    } else {
                        sides.assign(std::size_t(1 + upTo(4)), Value());
                        for (Value& side : sides) side = Value(1 + upTo(9));
                    }
                    node.params.set("shape", Value(sides));
                    if (round == 7)
                        node.params.set("dtype", Value(c.limits[0] ? "float32" : "int64"));
                }
                const ShapeReport report = inferShapes(graph, std::nullopt);
                QString label = QString::fromStdString(c.text) + " given";
                for (const Node& node : graph.nodes)
                    if (node.kind == "Input")
                        label += ' ' + QString::fromStdString(node.params.find("shape")->toText());
                if (round == 7) label += QStringLiteral(" of the other type");
                if (hasErrors(report.diagnostics)) {
                    ++refused;
                    for (const Diagnostic& d : report.diagnostics)
                        if (d.severity == Severity::Error &&
                            (!d.message.starts_with(d.node) || d.hint.empty() ||
                             d.message.back() != '.' || d.hint.back() != '.'))
                            problems << label + ": " +
                                            QString::fromStdString(d.message + " / " + d.hint);
                    continue;
                }
                std::vector<NamedTensor> inputs;
                std::size_t k = 0;
                for (const Node& node : graph.nodes) {
                    if (node.kind != "Input") continue;
                    const Shape& shape = *report.shapeAt({node.id, 0});
                    PlainTensor tensor;
                    tensor.dims = shape.dims;
                    tensor.dims.insert(tensor.dims.begin(), 3);
                    const bool whole = shape.type == ElementType::Int64;
                    tensor.dtype = whole ? "int64" : "float32";
                    const std::int64_t limit = c.limits[std::min(k++, c.limits.size() - 1)];
                    for (std::int64_t n = 3 * shape.count(); n > 0; --n) {
                        const std::int64_t number = limit ? upTo(int(limit)) : 0;
                        const float real = float(upTo(2000) - 1000) / 500;
                        const auto* bytes = whole ? reinterpret_cast<const std::uint8_t*>(&number)
                                                  : reinterpret_cast<const std::uint8_t*>(&real);
                        tensor.bytes.insert(tensor.bytes.end(), bytes, bytes + (whole ? 8 : 4));
                    }
                    inputs.push_back({node.id, std::move(tensor)});
                }
                const Project project = projectOf(graph);
                const auto weights = initialWeights(project, 1);
                const auto y = weights ? forward(project, *weights, inputs, true)
                                       : Result<std::vector<NamedTensor>>(weights.error());
                if (!y) {
                    // Batch statistics of a single number each cannot be taken: known at run time.
                    problems << label +
                                    " was accepted: " + QString::fromStdString(y.error().message);
                    continue;
                }
                ++ran;
                for (const NamedTensor& entry : *y) {
                    std::vector<std::int64_t> dims = entry.tensor.dims;
                    if (!dims.empty()) dims.erase(dims.begin());
                    const Shape& said = *report.shapeAt({entry.name, 0});
                    if (dims != said.dims ||
                        (entry.tensor.dtype == "int64") != (said.type == ElementType::Int64))
                        problems << label + QStringLiteral(": said %1, gives %2")
                                                .arg(QString::fromStdString(said.toText()),
                                                     QString::fromStdString(Shape{dims}.toText()));
                }
            }
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.mid(0, 60).join('\n')));
        qInfo("%d networks ran as said, %d were refused with a sentence", ran, refused);
    }
};

QTEST_GUILESS_MAIN(LayerSweepTest)
#include "layer_sweep_test.moc"
