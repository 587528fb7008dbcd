#include <QTest>
#include <algorithm>
#include <random>

#include "core/catalogue/layer_kind.h"
#include "core/check/shape_report.h"
#include "core/train/network_use.h"

using namespace loom;

namespace {

/// Draws settings that a person could type, sensible or not.
class Draw {
public:
    explicit Draw(unsigned seed) : m_random(seed) {}

    int below(int n) { return static_cast<int>(m_random() % static_cast<unsigned>(n)); }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + below(static_cast<int>(high - low + 1));
    }

    Params params(const LayerKind& kind) {
        Params params;
        for (const ParamSpec& spec : kind.params) {
            const bool needed = spec.required && !spec.inferred;
            if (!needed && below(spec.inferred ? 8 : 2) == 0) continue;
            if (spec.inferred) continue;
            const Value value = draw(spec);
            if (!checkParam(spec, value)) params.set(spec.key, value);
        }
        return params;
    }

    Value shape() {
        List sides(static_cast<std::size_t>(between(1, 4)));
        for (Value& side : sides) side = Value(below(3) == 0 ? 1 : between(2, 10));
        return Value(sides);
    }

private:
    std::mt19937 m_random;

    Value number(const ParamSpec& spec) {
        if (spec.optional && below(12) == 0) return {};
        if (spec.type == ParamType::Floats || spec.type == ParamType::Float) {
            static constexpr double numbers[] = {0.1, 0.4, 0.5, 0.75, 1, 1.3, 2, 3, -0.5, 0};
            return Value(numbers[below(10)]);
        }
        const std::int64_t low = spec.minimum ? static_cast<std::int64_t>(*spec.minimum) : -2;
        return Value(below(6) == 0 ? between(low, 12) : between(low, 4));
    }

    Value draw(const ParamSpec& spec) {
        if (spec.optional && below(6) == 0) return {};
        if (!spec.choices.empty() && (spec.type == ParamType::Choice || below(4) == 0))
            return Value(spec.choices[static_cast<std::size_t>(
                below(static_cast<int>(spec.choices.size())))]);
        if (spec.type == ParamType::Bool) return Value(below(2) == 0);
        const bool list = spec.type == ParamType::Ints || spec.type == ParamType::Floats;
        if (!list || below(2) == 0) return number(spec);
        List items(static_cast<std::size_t>(spec.arity ? spec.arity : below(5)));
        for (Value& item : items) item = number(spec);
        return Value(items);
    }
};

}  // namespace

/// What spatial layers accept of settings drawn at random really runs as they say.
class LayerSettingsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatIsAcceptedRuns_data() {
        QTest::addColumn<QString>("kind");
        for (const LayerKind& kind : layers())
            for (const char* family :
                 {"convolution", "pooling", "padding", "normalisation", "vision"})
                if (kind.info.family == family)
                    QTest::newRow(kind.info.id.c_str()) << QString::fromStdString(kind.info.id);
    }

    void whatIsAcceptedRuns() {
        QFETCH(QString, kind);
        const LayerKind& layer = *layers().find(kind.toStdString());
        // The same draws in every run; qHash differs from process to process.
        unsigned seed = 7;
        for (const QChar letter : kind) seed = seed * 31 + letter.unicode();
        Draw draw(seed);
        int ran = 0, refused = 0;
        for (int round = 0; round < 8000 && ran < 60; ++round) {
            Graph graph;
            graph.nodes.push_back({"x", "Input", {{"shape", draw.shape()}}});
            graph.nodes.push_back({"b", layer.info.id, draw.params(layer)});
            const bool unpools = layer.inputs.size() == 2;
            if (unpools) addPool(graph, draw);
            graph.edges.push_back({{unpools ? "pool" : "x", 0}, {"b", 0}});
            if (unpools) graph.edges.push_back({{"pool", 1}, {"b", 1}});
            const std::size_t outputs = outputPorts(layer, graph.find("b")->params).size();
            for (std::size_t i = 0; i < outputs; ++i) {
                const NodeId id = "out" + std::to_string(i);
                graph.nodes.push_back({id, "Output"});
                graph.edges.push_back({{"b", static_cast<int>(i)}, {id, 0}});
            }
            const ShapeReport report = inferShapes(graph, std::nullopt);
            std::string label = graph.find("x")->params.find("shape")->toText();
            for (const Node& node : graph.nodes)
                if (node.kind != "Input" && node.kind != "Output")
                    label += " > " + node.kind + " " + Value(node.params).toPython();
            if (hasErrors(report.diagnostics)) {
                ++refused;
                for (const Diagnostic& d : report.diagnostics)
                    QVERIFY2(!d.hint.empty() && d.message.back() == '.' && d.hint.back() == '.',
                             (label + ": " + d.message).c_str());
                continue;
            }
            ++ran;
            runs(graph, report, label);
            if (QTest::currentTestFailed()) return;
        }
        QVERIFY2(ran >= 5, qPrintable(QStringLiteral("only %1 ran").arg(ran)));
        qInfo("%d ran, %d were refused", ran, refused);
    }

private:
    /// The pool whose places are undone, half of the time with the same window.
    static void addPool(Graph& graph, Draw& draw) {
        Node& unpool = *graph.find("b");
        const std::string id = "MaxPool" + unpool.kind.substr(unpool.kind.size() - 2);
        Params params = draw.params(*layers().find(id));
        for (const auto& [key, value] : unpool.params)
            if (key != "output_size" && draw.below(4) > 0) params.set(key, value);
        params.set("return_indices", Value(true));
        graph.nodes.push_back({"pool", id, params});
        graph.edges.push_back({{"x", 0}, {"pool", 0}});
    }

    static void runs(const Graph& graph, const ShapeReport& report, const std::string& label) {
        Project project = newProject();
        project.network = graph;
        project.data = {};
        project.data.dataset.kind.clear();
        project.training.threads = 1;
        PlainTensor x;
        x.dtype = "float32";
        x.dims = report.shapeAt({"x", 0})->dims;
        x.dims.insert(x.dims.begin(), 2);
        std::int64_t count = 1;
        for (std::int64_t side : x.dims) count *= side;
        for (std::int64_t i = 0; i < count; ++i) {
            const float number = static_cast<float>((i * 7919) % 101 - 50) / 25;
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(&number);
            x.bytes.insert(x.bytes.end(), bytes, bytes + 4);
        }
        const auto weights = initialWeights(project, 1);
        QVERIFY2(weights.ok(), (label + ": " + (weights ? "" : weights.error().message)).c_str());
        std::int64_t parameters = 0;
        const auto y = forward(project, *weights, {{"x", x}}, true);
        // Where a maximum lies is known only from the numbers: places beyond the output are told
        // then, in a sentence of ours.
        if (!y && y.error().message.find("its indices name place") != std::string::npos) return;
        QVERIFY2(y.ok(), (label + ": " + (y ? "" : y.error().message)).c_str());
        for (const NamedTensor& entry : *y) {
            std::vector<std::int64_t> dims = entry.tensor.dims;
            dims.erase(dims.begin());
            const Shape& said = *report.shapeAt({entry.name, 0});
            QVERIFY2(
                dims == said.dims,
                (label + ": said " + said.toText() + ", gives " + Shape{dims}.toText()).c_str());
        }
        for (const NamedTensor& entry : weights->tensors)
            if (entry.name.ends_with("weight") || entry.name.ends_with("bias"))
                parameters += Shape{entry.tensor.dims}.count();
        QVERIFY2(parameters == report.parameters, label.c_str());
    }
};

QTEST_GUILESS_MAIN(LayerSettingsTest)
#include "layer_settings_test.moc"
