#include <QElapsedTimer>
#include <QTest>

#include "core/check/shape_report.h"
#include "core/graph/text_form.h"

using namespace loom;

namespace {

Graph graphOf(const std::string& text) {
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    return *graph;
}

/// "conv1 8×26×26, relu 8×26×26" of the blocks between Input and Output.
QString shapesOf(const std::string& text) {
    const ShapeReport report = inferShapes(graphOf(text), std::nullopt);
    QStringList parts;
    for (const NodeId& id : report.order) {
        const BlockReport* block = report.find(id);
        if (id == "input" || id == "output") continue;
        parts << QString::fromStdString(
            id + " " + (block->known ? block->inference.outputs[0].toText() : "?"));
    }
    return parts.join(", ");
}

QString problemOf(const std::string& text) {
    const ShapeReport report = inferShapes(graphOf(text), std::nullopt);
    for (const Diagnostic& diagnostic : report.diagnostics)
        if (diagnostic.severity == Severity::Error)
            return QString::fromStdString(diagnostic.message);
    return {};
}

}  // namespace

class ShapeReportTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theCourseNetwork() {
        const std::string text =
            "Input 1x28x28 > Conv2d out_channels=32 kernel_size=5 padding=1 > ReLU > Conv2d "
            "out_channels=64 kernel_size=3 padding=1 > ReLU > "
            "MaxPool2d kernel_size=2 > Flatten > Linear out_features=10 > Output";
        QCOMPARE(shapesOf(text), QString("conv1 32×26×26, relu 32×26×26, conv2 64×26×26, relu2 "
                                         "64×26×26, pool 64×13×13, flatten 10816, fc1 10"));
        const ShapeReport report = inferShapes(graphOf(text), std::nullopt);
        QVERIFY(report.diagnostics.empty());
        QCOMPARE(report.parameters, 832 + 18496 + 108170);
        QCOMPARE(report.find("conv1")->inference.macs, 540800);
        QCOMPARE(report.find("conv1")->activationBytes, 32 * 26 * 26 * 4);
        QCOMPARE(QString::fromStdString(report.find("conv1")->inference.formulas[0].text),
                 QString("⌊(28 + 2·1 − 1·(5−1) − 1)/1⌋ + 1 = 26"));
    }

    void sizes_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("ceil") << "Input 1x7x7 > MaxPool2d kernel_size=2 ceil_mode=True"
                              << "pool 1×4×4";
        QTest::newRow("floor") << "Input 1x7x7 > MaxPool2d kernel_size=2"
                               << "pool 1×3×3";
        QTest::newRow("ceil, window in the padding left out")
            << "Input 1x5x5 > MaxPool2d kernel_size=2 padding=1 ceil_mode=True"
            << "pool 1×3×3";
        QTest::newRow("stride and dilation")
            << "Input 3x32x20 > Conv2d out_channels=4 kernel_size=[3,5] stride=2 dilation=[2,1]"
            << "conv1 4×14×8";
        QTest::newRow("same") << "Input 3x32x20 > Conv2d out_channels=4 kernel_size=4 padding=same"
                              << "conv1 4×32×20";
        QTest::newRow("adaptive") << "Input 3x9x9 > AdaptiveAvgPool2d output_size=[null,2]"
                                  << "avgpool 3×9×2";
        QTest::newRow("flatten part") << "Input 3x4x5 > Flatten start_dim=2"
                                      << "flatten 3×20";
        QTest::newRow("sequence") << "Input 7x16 > Linear out_features=4"
                                  << "fc1 7×4";
        QTest::newRow("concat") << "Input 3x4x4 > a=ReLU > Concat ; input > concat:1"
                                << "a 3×4×4, concat 6×4×4";
        QTest::newRow("add broadcasts")
            << "Input 3x4x4 > AdaptiveAvgPool2d output_size=1 > Add ; input > add:1"
            << "avgpool 3×1×1, add 3×4×4";
    }
    void sizes() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(shapesOf(text.toStdString()), expected);
    }

    void mistakesAreSentences_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("linear on a picture")
            << "Input 64x13x13 > Linear out_features=10 > Output"
            << "fc1 receives a picture, 64 × 13 × 13, but Linear takes rows of numbers.";
        QTest::newRow("conv on a row")
            << "Input 784 > Conv2d out_channels=1 kernel_size=3 > Output"
            << "conv1 receives a row of 784 numbers, but Conv2d takes pictures, C × H × W.";
        QTest::newRow("kernel too large")
            << "Input 1x4x4 > Conv2d out_channels=1 kernel_size=5 > Output"
            << "conv1 slides a window of 5×5, larger than the picture that arrives, 4×4.";
        QTest::newRow("kernel too large with padding")
            << "Input 1x4x4 > Conv2d out_channels=1 kernel_size=9 padding=1 > Output"
            << "conv1 slides a window of 9×9, larger than the picture that arrives, 4×4 (6×6 with "
               "padding).";
        QTest::newRow("wrong in_channels")
            << "Input 1x28x28 > Conv2d in_channels=3 out_channels=1 kernel_size=3 > Output"
            << "conv1 is set to in_channels = 3, but 1 channel arrive (a picture, 1 × 28 × 28).";
        QTest::newRow("groups")
            << "Input 4x8x8 > Conv2d out_channels=6 kernel_size=3 groups=4 > Output"
            << "conv1 splits its channels into 4 groups, but 6 out_channels cannot be divided "
               "evenly by 4.";
        QTest::newRow("same with stride")
            << "Input 4x8x8 > Conv2d out_channels=6 kernel_size=3 padding=same stride=2 > Output"
            << "conv1 has padding \"same\" with a stride of 2×2, but PyTorch offers \"same\" only "
               "with stride 1.";
        QTest::newRow("pool padding") << "Input 4x8x8 > MaxPool2d kernel_size=2 padding=2 > Output"
                                      << "pool pads by 2×2, but a pool's padding can be at most "
                                         "half of its kernel_size, 2×2.";
        QTest::newRow("unconnected") << "Input 4x8x8 > Output ; ReLU"
                                     << "relu (ReLU) is not connected to any block.";
        QTest::newRow("no input") << "Tanh > Output"
                                  << "The network has no Input block, so no sample can enter it.";
        QTest::newRow("no path") << "Input 4x8x8 > a=ReLU ; b=Tanh > Output"
                                 << "No path leads from an Input to output, so it would give the "
                                    "same answer for every sample.";
        QTest::newRow("add")
            << "Input 4x8x8 > Conv2d out_channels=3 kernel_size=1 > Add > Output ; input > add:1"
            << "add adds number by number, but 4 × 8 × 8 arrives at input 1 and 3 × 8 × 8 before "
               "it.";
        QTest::newRow("one wire into add") << "Input 4x8x8 > Add > Output"
                                           << "add (Add) needs 2 wires, but only 1 arrives.";
        QTest::newRow("unknown kind")
            << "Input 4x8x8 > ReLu > Output"
            << "relu is of kind ReLu, which this Torchloom does not know.";
        QTest::newRow("missing parameter")
            << "Input 4x8x8 > Conv2d out_channels=3 > Output"
            << "conv1: kernel_size is not set, and it has no default.";
        QTest::newRow("no size") << "Input > ReLU > Output"
                                 << "input does not know how large a sample is.";
        QTest::newRow("flatten the batch")
            << "Input 4x8x8 > Flatten start_dim=0 > Output"
            << "flatten begins at dimension 0, the batch, and so would run all samples together.";
        QTest::newRow("softmax dim") << "Input 4 > Softmax dim=2 > Output"
                                     << "softmax works along dim 2, but what arrives has, with the "
                                        "batch, the dimensions 0 to 1 (a row of 4 numbers).";
    }
    void mistakesAreSentences() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(problemOf(text.toStdString()), expected);
    }

    void aBlankCanvasMarksNoBlock() {
        const ShapeReport report = inferShapes(graphOf("Input 1x8x8 ; Output"), std::nullopt);
        QCOMPARE(report.diagnostics.size(), std::size_t(1));
        QVERIFY(report.diagnostics[0].node.empty());
        QCOMPARE(report.diagnostics[0].message, std::string("The network has no layers yet."));
    }

    void cyclesAndDanglingWires() {
        Graph graph = graphOf("Input 1x8x8 > a=ReLU > b=Tanh > Output");
        graph.edges[0].from = {"b", 0};
        ShapeReport report = inferShapes(graph, std::nullopt);
        QVERIFY(hasErrors(report.diagnostics));
        QVERIFY(std::any_of(
            report.diagnostics.begin(), report.diagnostics.end(),
            [](const Diagnostic& d) { return d.message.find("circle") != std::string::npos; }));
        graph = graphOf("Input 1x8x8 > a=ReLU > Output");
        graph.edges.push_back({{"a", 3}, {"nowhere", 0}});
        graph.edges.push_back({{"a", 3}, {"output", 0}});
        report = inferShapes(graph, std::nullopt);
        QVERIFY(report.diagnostics.size() >= 3);
    }

    void everyFixOfAnErrorHelps_data() { mistakesAreSentences_data(); }
    void everyFixOfAnErrorHelps() {
        QFETCH(QString, text);
        const Graph graph = graphOf(text.toStdString());
        const ShapeReport report = inferShapes(graph, std::nullopt);
        for (const Diagnostic& diagnostic : report.diagnostics) {
            QVERIFY2(!diagnostic.hint.empty(), diagnostic.message.c_str());
            for (const Fix& fix : diagnostic.fixes) {
                const auto mended = fix.apply(graph);
                QVERIFY2(mended.ok(), fix.label.c_str());
                const ShapeReport after = inferShapes(*mended, std::nullopt);
                for (const Diagnostic& left : after.diagnostics)
                    QVERIFY2(left.message != diagnostic.message, fix.label.c_str());
            }
        }
    }

    void aDeepNetworkIsQuick() {
        std::string text = "Input 8x64x64";
        for (int i = 0; i < 500; ++i) text += " > Conv2d out_channels=8 kernel_size=3 padding=1";
        const Graph graph = graphOf(text + " > Output");
        QElapsedTimer timer;
        timer.start();
        QVERIFY(inferShapes(graph, std::nullopt).diagnostics.empty());
        qInfo("500 blocks: %lld ms", timer.elapsed());
    }
};

QTEST_APPLESS_MAIN(ShapeReportTest)
#include "shape_report_test.moc"
