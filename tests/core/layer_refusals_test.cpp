#include <QTest>
#include <random>
#include <set>

#include "core/check/shape_report.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "tests/support/layer_cases.h"

using namespace loom;

namespace {

Graph graphOf(const std::string& text) {
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    return *graph;
}

std::vector<Diagnostic> errorsOf(const Graph& graph) {
    std::vector<Diagnostic> errors;
    for (const Diagnostic& diagnostic : inferShapes(graph, std::nullopt).diagnostics)
        if (diagnostic.severity == Severity::Error) errors.push_back(diagnostic);
    return errors;
}

QString sentences(const std::vector<Diagnostic>& diagnostics) {
    QStringList all;
    for (const Diagnostic& d : diagnostics) all << QString::fromStdString(d.message);
    return all.join('\n');
}

Project projectOf(const Graph& graph) {
    Project project = newProject();
    project.network = graph;
    project.data = {};
    project.data.dataset.kind.clear();
    project.training.threads = 1;
    return project;
}

}  // namespace

/// What layers say to wrong use, and whether the repairs that they offer mend it.
class LayerRefusalsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// `fix`: the repair to take, after which nothing is wrong any more; −1: there is none.
    void sayWhatIsWrong_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("message");
        QTest::addColumn<int>("fix");
        const auto row = [](const char* name, const char* text, const char* message, int fix) {
            QTest::newRow(name) << QString(text) << QString(message) << fix;
        };
        row("hardtanh", "Input 4 > a=Hardtanh min_val=2 > Output",
            "a clips to the range from 2 to 1, which is empty.", 0);
        row("celu", "Input 4 > a=CELU alpha=0 > Output", "a divides by its alpha, which is 0.", 0);
        row("rrelu", "Input 4 > a=RReLU lower=0.5 > Output",
            "a draws slopes from 0.5 to 0.3333333333333333, which is an empty range.", 0);
        row("prelu", "Input 4x2 > a=PReLU num_parameters=3 > Output",
            "a has 3 slopes, but 4 channels arrive (4 rows of 2 numbers).", 1);
        row("glu", "Input 5 > a=GLU > Output",
            "a needs two halves of dim 1, but it is 5 long (a row of 5 numbers).", -1);
        row("glu of the batch", "Input 4 > a=GLU dim=0 > Output",
            "a halves dim 0, the batch, and so would gate samples of the batch with each other.",
            0);
        row("bilinear",
            "a=Input 4 ; b=Input 2x4 ; a > c=Bilinear out_features=3 > Output ; b > c:1",
            "c pairs rows of numbers, but a row of 4 numbers arrives at input 0 and 2 rows of 4 "
            "numbers at input 1.",
            -1);
        row("unflatten", "Input 6 > a=Unflatten dim=1 unflattened_size=[4,2] > Output",
            "a unfolds dim 1 to 4×2, but it is 6 long (a row of 6 numbers), and no number may be "
            "lost or added.",
            0);
        row("dropout of a row", "Input 6 > a=Dropout2d > Output",
            "a receives a row of 6 numbers, but Dropout2d takes pictures, C × H × W.", -1);
        row("words for real numbers",
            "Input 6 > a=Embedding num_embeddings=9 embedding_dim=2 > "
            "Output",
            "a receives real numbers (float32) at its input input, but Embedding takes whole ones "
            "(int64) there.",
            0);
        row("sparse",
            "Input 6 dtype=int64 > a=Embedding num_embeddings=9 embedding_dim=2 sparse=True > "
            "Output",
            "a asks for sparse gradients, which Torchloom's optimizers do not take; full ones give "
            "the same numbers.",
            0);
        row("padding beyond the table",
            "Input 6 dtype=int64 > a=Embedding num_embeddings=9 embedding_dim=2 padding_idx=9 > "
            "Output",
            "a has padding_idx 9, but its table has 9 rows, 0 to 8.", 0);
        row("a bag of rows",
            "Input 6x2 dtype=int64 > a=EmbeddingBag num_embeddings=9 embedding_dim=2 > Output",
            "a receives 6 rows of 2 numbers, but EmbeddingBag takes one row of words per sample.",
            0);
        row("compared sizes", "a=Input 4 ; b=Input 5 ; a > c=CosineSimilarity > Output ; b > c:1",
            "c compares number by number, but 5 arrives at input 1 and 4 before it.", -1);
        row("gate of channels", "a=Input 8x3x3 ; b=Input 8 ; a > c=Multiply > Output ; b > c:1",
            "c multiplies number by number, but 8 arrives at input 1 and 8 × 3 × 3 before it.", 0);
        row("matrices", "a=Input 4x5 ; b=Input 6x5 ; a > c=MatMul > Output ; b > c:1",
            "c multiplies the rows of input 0, 5 numbers long, with the columns of input 1, 6 "
            "numbers long (4 × 5 and 6 × 5).",
            0);
        row("a row for a matrix", "a=Input 5 ; b=Input 4x5 ; a > c=MatMul > Output ; b > c:1",
            "c multiplies the rows of input 0, 5 numbers long, with the columns of input 1, 4 "
            "numbers long (5 and 4 × 5).",
            0);
        row("a circle gone round twice", "Input 4 > a=CircularPad1d padding=[5,1] > Output",
            "a repeats 5 numbers of the other end, but there are only 4 along the length.", 0);
        row("a circle of what is left", "Input 4 > a=CircularPad1d padding=[-2,3] > Output",
            "a repeats 3 numbers of the other end, but there are only 2 along the length.", 0);
        row("root mean square of one number", "Input 4 > s=Select dim=1 index=0 > a=RMSNorm > Output",
            "a receives a single number, but RMSNorm takes rows of numbers.", -1);
        row("root mean square of other sides",
            "Input 3x4 > a=RMSNorm normalized_shape=[3] > Output",
            "a normalises over a normalized_shape of 3, but the last sides of what arrives are 4 "
            "(3 rows of 4 numbers).",
            0);
        row("features of keys",
            "q=Input 5x8 ; k=Input 6x4 ; q > a=ScaledDotProductAttention > Output ; k > a:1 ; "
            "k > a:2",
            "a compares each step of query with each of key, but they have 8 features and 4 "
            "features.",
            -1);
        row("values for keys",
            "q=Input 5x8 ; v=Input 6x8 ; q > a=ScaledDotProductAttention > Output ; q > a:1 ; "
            "v > a:2",
            "a looks up a value for each key, but 5 keys and 6 values arrive.", -1);
        row("attention of a row",
            "q=Input 8 ; q > a=ScaledDotProductAttention > Output ; q > a:1 ; q > a:2",
            "a receives a row of 8 numbers at query, but it takes steps × features there.", -1);
        row("heads that differ",
            "q=Input 4x5x8 ; k=Input 2x6x8 ; q > a=ScaledDotProductAttention > Output ; k > a:1 ; "
            "k > a:2",
            "a compares query with key step by step, but 2 × 6 × 8 arrives at key and 4 × 5 × 8 at "
            "query: the sides before the last two differ.",
            -1);
        row("heads that cannot be shared",
            "q=Input 4x5x8 ; k=Input 3x6x8 ; q > a=ScaledDotProductAttention enable_gqa=True > "
            "Output ; k > a:1 ; k > a:2",
            "a shares the heads of key and value among those of query, but 4 heads of query cannot "
            "be divided evenly among 3 heads of key.",
            -1);
        row("no heads to share",
            "q=Input 5x8 ; q > a=ScaledDotProductAttention enable_gqa=True > Output ; q > a:1 ; "
            "q > a:2",
            "a has enable_gqa, which shares heads of key and value, but 5 rows of 8 numbers "
            "without heads arrive at query.",
            0);
        row("two masks",
            "q=Input 5x8 ; q > a=ScaledDotProductAttention is_causal=True > Output ; q > a:1 ; "
            "q > a:2 ; q > m=CausalMask > a:3",
            "a is told to hide all later steps by is_causal and receives a mask as well, but "
            "PyTorch takes one of the two.",
            0);
        row("a mask for all heads",
            "q=Input 2x5x8 ; s=Input 5x8 ; q > a=ScaledDotProductAttention > Output ; q > a:1 ; "
            "q > a:2 ; s > m=CausalMask > a:3",
            "a takes as attn_mask 2 × 5 × 5, but 5 × 5 arrives.", 0);
        row("one wire without a number", "Input 4 > a=Add > Output",
            "a (Add) needs 2 wires, but only 1 arrives.", -1);
        row("reshape", "Input 6 > a=Reshape shape=[4,-1] > Output",
            "a reshapes to 4×-1, but 6 numbers arrive (a row of 6 numbers), which cannot be "
            "divided evenly.",
            0);
        row("permute", "Input 4x5 > a=Permute dims=[0,1] > Output",
            "a has the dims [0, 1], but what arrives has, with the batch, the dimensions 0 to 2 "
            "(4 rows of 5 numbers).",
            0);
        row("permute the batch", "Input 4x5 > a=Permute dims=[1,0,2] > Output",
            "a moves dimension 0, the batch, to another place, and so would mix the samples of a "
            "batch with each other.",
            0);
        row("select", "Input 4x5 > a=Select dim=1 index=4 > Output",
            "a selects number 4 of dim 1, which is only 4 long (4 rows of 5 numbers).", 0);
        row("slice", "Input 4x5 > a=Slice start=3 stop=2 > Output",
            "a takes 3:2 of dim 1, which is 4 long: nothing is left.", 0);
        row("split", "Input 8 > a=Split split_size_or_sections=[5,2] > Output ; b=Output ; a:1 > b",
            "a splits dim 1 into parts of [5, 2], which do not add up to its length, 8 (a row of 8 "
            "numbers).",
            0);
        row("split into parts of", "Input 6 > a=Split split_size_or_sections=4 > Output",
            "a splits into parts of 4, and how many that are depends on what arrives, but a block "
            "has a fixed number of outputs.",
            0);
        row("chunk", "Input 6 > a=Chunk chunks=5 > Output",
            "a splits dim 1 into 5 equal parts, but it is 6 long, and PyTorch makes only 3 parts "
            "of that.",
            0);
        row("mean of the batch", "Input 6 > a=Mean dim=0 > Output",
            "a averages over dim 0, the batch, and so would mix the samples of a batch with each "
            "other.",
            -1);
        row("twice", "Input 6x2 > a=Sum dim=[1,-2] > Output", "a names dimension 1 twice in dim.",
            0);
        row("lstm on a picture", "Input 1x28x28 > a=LSTM hidden_size=4 batch_first=True > Output",
            "a receives a picture, 1 × 28 × 28, but LSTM takes sequences, steps × features.", 0);
        row("lstm on channels", "Input 3x9x9 > a=LSTM hidden_size=4 batch_first=True > Output",
            "a receives a picture, 3 × 9 × 9, but LSTM takes sequences, steps × features.", 0);
        row("gru on a row", "Input 9 > a=GRU hidden_size=4 batch_first=True > Output",
            "a receives a row of 9 numbers, but GRU takes sequences, steps × features.", 1);
        row("projection", "Input 9x2 > a=LSTM hidden_size=4 proj_size=4 batch_first=True > Output",
            "a projects its 4 hidden numbers to proj_size = 4.", 0);
        row("states without batch_first", "Input 9x2 > a=GRU hidden_size=4 ; a:1 > Output",
            "a has batch_first False, so PyTorch takes the samples of a batch as the steps of one "
            "sequence, and its states would not belong to the samples that are connected.",
            0);
        row("one state of two",
            "Input 9x2 > a=LSTM hidden_size=4 batch_first=True > Output ; h=Input 1x4 > a:1",
            "a receives h_0 but no c_0, and PyTorch takes both or neither.", -1);
        row("state of another size",
            "Input 9x2 > a=GRU hidden_size=4 batch_first=True num_layers=2 > Output ; h=Input 1x4 "
            "> a:1",
            "a takes as h_0 2 × 4, a row for each layer and direction, but 1 × 4 arrives.", -1);
        row("cell on a sequence", "Input 9x2 > a=GRUCell hidden_size=4 > Output",
            "a receives 9 rows of 2 numbers, but GRUCell takes a single step, one row of numbers.",
            -1);
        row("heads", "Input 5x6 > a=TransformerEncoderLayer nhead=4 batch_first=True > Output",
            "a shares its 6 features among 4 heads, but 6 cannot be divided evenly by that.", 0);
        row("keys and values",
            "q=Input 5x6 > a=MultiheadAttention num_heads=2 batch_first=True > Output ; k=Input "
            "4x6 > a:1 ; q > a:2",
            "a looks up a value for each key, but 4 keys and 5 values arrive.", -1);
        row("mask",
            "Input 5x6 > a=TransformerEncoderLayer nhead=2 batch_first=True > Output ; "
            "m=Input 4x5 > a:1",
            "a takes as src_mask 5 × 5, but 4 × 5 arrives.", -1);
        row("width of a transformer",
            "s=Input 5x6 ; t=Input 4x6 ; s > a=Transformer nhead=2 batch_first=True > Output ; t > "
            "a:1",
            "a has d_model = 512, but 6 numbers per step arrive (5 rows of 6 numbers).", 0);
        row("decoder's widths",
            "s=Input 5x6 ; t=Input 4x8 ; s > a=TransformerDecoderLayer nhead=2 batch_first=True > "
            "Output ; t > a:1",
            "a needs steps of the same width at both inputs, but 5 rows of 6 numbers arrive at tgt "
            "and 4 rows of 8 numbers at memory.",
            -1);
        row("a parameter without sides", "Input 6 > a=Add > Output ; p=Parameter shape=[] > a:1",
            "p has no size: its shape is an empty list.", -1);
    }
    void sayWhatIsWrong() {
        QFETCH(QString, text);
        QFETCH(QString, message);
        QFETCH(int, fix);
        const Graph graph = graphOf(text.toStdString());
        const auto errors = errorsOf(graph);
        QCOMPARE(sentences(errors), message);
        QVERIFY(!errors[0].hint.empty());
        if (fix < 0) return;
        QVERIFY(std::size_t(fix) < errors[0].fixes.size());
        const auto mended = errors[0].fixes[std::size_t(fix)].apply(graph);
        QVERIFY2(mended.ok(), mended ? "" : mended.error().message.c_str());
        QCOMPARE(sentences(errorsOf(*mended)), QString());
    }

    void warnsWhatIsProbablyMeantOtherwise_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        QTest::newRow("batch_first") << "Input 9x2 > a=LSTM hidden_size=4 > Output"
                                     << "a has batch_first False";
        QTest::newRow("attention") << "Input 9x2 > a=TransformerEncoderLayer nhead=1 > Output"
                                   << "a has batch_first False";
        QTest::newRow("dropout of one layer")
            << "Input 9x2 > a=GRU hidden_size=4 dropout=0.5 batch_first=True > Output"
            << "with a single layer it does nothing";
        QTest::newRow("nothing to squeeze") << "Input 9x2 > a=Squeeze dim=1 > Output"
                                            << "a changes nothing: dim 1 is 9 long";
        QTest::newRow("a batch in shape")
            << "Input 9 > a=Reshape shape=[-1,3] > Output"
            << "a shape that begins with −1, which in PyTorch would be the batch";
    }
    void warnsWhatIsProbablyMeantOtherwise() {
        QFETCH(QString, text);
        QFETCH(QString, part);
        const Graph graph = graphOf(text.toStdString());
        const ShapeReport report = inferShapes(graph, std::nullopt);
        QVERIFY(!hasErrors(report.diagnostics));
        QCOMPARE(report.diagnostics.size(), 1u);
        QVERIFY2(sentences(report.diagnostics).contains(part),
                 qPrintable(sentences(report.diagnostics)));
        for (const Fix& fix : report.diagnostics[0].fixes) {
            const auto mended = fix.apply(graph);
            QVERIFY(mended.ok());
            QVERIFY2(inferShapes(*mended, std::nullopt).diagnostics.empty(), fix.label.c_str());
        }
    }

    /// Whatever is drawn, a repair that is offered can be taken and does away with its sentence.
    void repairsMend() {
        std::mt19937 random(3);
        QStringList problems;
        std::set<std::string> kinds;
        int taken = 0;
        for (const test::LayerCase& c : test::layerCases()) {
            for (int round = 0; round < 12; ++round) {
                Graph graph = c.graph;
                for (Node& node : graph.nodes) {
                    if (node.kind != "Input") continue;
                    List sides(1 + random() % 4);
                    for (Value& side : sides) side = Value(1 + int(random() % 9));
                    node.params.set("shape", Value(sides));
                }
                for (const Diagnostic& error : errorsOf(graph)) {
                    for (const Fix& fix : error.fixes) {
                        const QString label = QString::fromStdString(
                            c.text + " → " + error.message + " → " + fix.label);
                        const auto mended = fix.apply(graph);
                        if (!mended) {
                            problems
                                << label + ": " + QString::fromStdString(mended.error().message);
                            continue;
                        }
                        ++taken;
                        kinds.insert(graph.find(error.node)->kind);
                        for (const Diagnostic& left : errorsOf(*mended))
                            if (left.message == error.message) problems << label;
                    }
                }
            }
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.mid(0, 300).join('\n')));
        qInfo("%d repairs of %zu kinds mended what they were offered for", taken, kinds.size());
    }

    /// A single number per sample, as Select leaves it: every layer takes it or says why not.
    void singleNumbers() {
        QStringList problems;
        int ran = 0, refused = 0;
        for (const LayerKind& kind : layers()) {
            if (kind.inputs.empty() || kind.outputs.empty()) continue;
            for (const char* type : {"float32", "int64"}) {
                Graph graph =
                    graphOf("x=Input 5 dtype=" + std::string(type) + " > s=Select dim=1 index=0");
                graph.nodes.push_back({"b", kind.info.id, startingParams(kind.params)});
                const int needed = int(kind.inputs.size()) - kind.optionalInputs;
                for (int port = 0; port < needed; ++port)
                    graph.edges.push_back({{"s", 0}, {"b", port}});
                graph.nodes.push_back({"out", "Output"});
                graph.edges.push_back({{"b", 0}, {"out", 0}});
                const QString label = QString::fromStdString(kind.info.id + " of " + type);
                const auto errors = errorsOf(graph);
                if (!errors.empty()) {
                    ++refused;
                    for (const Diagnostic& d : errors)
                        if (d.hint.empty() || d.hint.find("1 to 0") != std::string::npos)
                            problems << label + ": " + QString::fromStdString(d.message);
                    continue;
                }
                const bool whole = std::string(type) == "int64";
                PlainTensor tensor{type, {3, 5}, std::vector<std::uint8_t>(whole ? 120 : 60)};
                const Project project = projectOf(graph);
                const auto weights = initialWeights(project, 1);
                const auto y = weights ? forward(project, *weights, {{"x", tensor}}, true)
                                       : Result<std::vector<NamedTensor>>(weights.error());
                if (!y) {
                    problems << label + ": " + QString::fromStdString(y.error().message);
                    continue;
                }
                ++ran;
                auto dims = y->at(0).tensor.dims;
                if (!dims.empty()) dims.erase(dims.begin());
                const Shape said = *inferShapes(graph, std::nullopt).shapeAt({"b", 0});
                if (dims != said.dims)
                    problems << label + " gives " + QString::fromStdString(Shape{dims}.toText());
            }
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
        qInfo("%d ran, %d were refused", ran, refused);
    }

    void wordsBeyondTheTable() {
        const Graph graph = graphOf(
            "x=Input 2 dtype=int64 > e=Embedding num_embeddings=4 embedding_dim=2 > Output");
        const Project project = projectOf(graph);
        PlainTensor words{"int64", {1, 2}, std::vector<std::uint8_t>(16)};
        words.bytes[8] = 9;
        const auto y = forward(project, *initialWeights(project, 0), {{"x", words}}, false);
        QVERIFY(!y);
        QVERIFY2(y.error().message.starts_with(
                     "e could not compute this: word number 9 arrives, but num_embeddings is 4, so "
                     "words are numbered 0 to 3"),
                 y.error().message.c_str());
    }

    /// How many samples come is known only when they come; that, too, is told in our words.
    void aSingleNumberHasNoDeviation() {
        const Project project =
            projectOf(graphOf("x=Input 3x1x1 > bn=BatchNorm2d track_running_stats=False > Output"));
        const NamedTensor one{"x", {"float32", {1, 3, 1, 1}, std::vector<std::uint8_t>(12)}};
        const auto weights = initialWeights(project, 1);
        QVERIFY(weights.ok());
        const auto y = forward(project, *weights, {one}, false);
        QVERIFY(!y.ok());
        QCOMPARE(QString::fromStdString(y.error().message),
                 "bn received a single number per channel, but normalisation takes the mean and "
                 "deviation of at least two.");
    }
};

QTEST_GUILESS_MAIN(LayerRefusalsTest)
#include "layer_refusals_test.moc"
