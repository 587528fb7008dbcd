#include <QElapsedTimer>
#include <QTest>
#include <algorithm>

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
        QTest::newRow("ceil, a window larger than the picture")
            << "Input 1x1x1 > MaxPool2d kernel_size=2 ceil_mode=True"
            << "pool 1×1×1";
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
            << "conv1 is set to in_channels = 3, but 1 channel arrives (a picture, 1 × 28 × 28).";
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
        QTest::newRow("conv1d on a picture")
            << "Input 3x8x8 > Conv1d out_channels=4 kernel_size=3 > Output"
            << "conv1 receives a picture, 3 × 8 × 8, but Conv1d takes sequences, C × L.";
        QTest::newRow("a picture without channels")
            << "Input 8x8 > Conv2d out_channels=4 kernel_size=3 > Output"
            << "conv1 receives 8 rows of 8 numbers, but Conv2d takes pictures, C × H × W.";
        QTest::newRow("dilation too large")
            << "Input 3x8x8 > Conv2d out_channels=4 kernel_size=3 dilation=4 > Output"
            << "conv1 slides a window of 9×9 (kernel_size with dilation), larger than the picture "
               "that arrives, 8×8.";
        QTest::newRow("same, reflected too far")
            << "Input 3x4 > Conv1d out_channels=2 kernel_size=9 padding=same padding_mode=reflect "
               "> Output"
            << "conv1 pads 4 by reflect, but a side of the sequence is only 4 long.";
        QTest::newRow("output_padding")
            << "Input 3x8x8 > ConvTranspose2d out_channels=2 kernel_size=3 stride=2 "
               "output_padding=[1,2] > Output"
            << "deconv1 adds an output_padding of 1×2, but it must be smaller than stride or "
               "dilation: at most 1×1 here.";
        QTest::newRow("all padded away")
            << "Input 3x8 > ConvTranspose1d out_channels=2 kernel_size=1 padding=4 > Output"
            << "deconv1 takes more off by its padding than there is: 8 would become 0.";
        QTest::newRow("fold") << "Input 12x15 > Fold output_size=5 kernel_size=2 > Output"
                              << "fold has 4 · 4 = 16 places in an output_size of 5×5, but 15 "
                                 "columns arrive.";
        QTest::newRow("average of a small volume")
            << "Input 3x2x8x8 > AvgPool3d kernel_size=4 padding=2 > Output"
            << "pool averages windows of 4×4×4, larger than the volume that arrives, 2×8×8; "
               "AvgPool3d counts neither padding nor ceil_mode here.";
        QTest::newRow("adaptive to None")
            << "Input 3x8x8 > AdaptiveMaxPool2d output_size=None > Output"
            << "maxpool has an output_size of None, which PyTorch takes for single sides only, as "
               "in [None, 7].";
        QTest::newRow("a side of None")
            << "Input 3x8x8 > MaxPool2d kernel_size=2 stride=[2,null] > Output"
            << "pool has a side of None in stride = [2, None], but every side needs a number.";
        QTest::newRow("fractional without a size")
            << "Input 3x8x8 > FractionalMaxPool2d kernel_size=2 > Output"
            << "pool has neither an output_size nor an output_ratio.";
        QTest::newRow("fractional volume")
            << "Input 3x8x8x8 > FractionalMaxPool3d kernel_size=3 output_size=6 > Output"
            << "pool is to give 6×6×6 from 8×8×8, but windows of 3×3×3 leave room for 5×5×5 at "
               "most.";
        QTest::newRow("unpooled to another size")
            << "Input 3x5x5 > p=MaxPool2d kernel_size=2 return_indices=True > u=MaxUnpool2d "
               "kernel_size=2 > Output ; p:1 > u:1"
            << "u gives 4×4, but its indices count places in the 5×5 that were pooled.";
        QTest::newRow("unpool size")
            << "Input 3x5x5 > p=MaxPool2d kernel_size=2 return_indices=True > u=MaxUnpool2d "
               "kernel_size=2 output_size=9 > Output ; p:1 > u:1"
            << "u is to give an output_size of 9×9, but with this stride and 2×2 arriving its "
               "height can be 3 to 5.";
        QTest::newRow("reflection")
            << "Input 3x4x5 > ReflectionPad2d padding=[1,1,4,0] > Output"
            << "pad reflects 4 numbers, but the height that arrives is 4, which leaves 3 beside "
               "the edge.";
        QTest::newRow("cropped away") << "Input 3x4x5 > ZeroPad2d padding=[-3,-2,0,0] > Output"
                                      << "pad cuts 5 off a width of 5, so that nothing is left.";
        QTest::newRow("instance of one")
            << "Input 3x1x1 > InstanceNorm2d > Output"
            << "norm receives 3 × 1 × 1, one number per channel, and the mean of one number is "
               "itself: nothing would be left.";
        QTest::newRow("layer norm")
            << "Input 3x4x5 > LayerNorm normalized_shape=[3,5] > Output"
            << "layernorm normalises over a normalized_shape of 3×5, but the last sides of what "
               "arrives are 4×5 (a picture, 3 × 4 × 5).";
        QTest::newRow("group norm") << "Input 6x4x4 > GroupNorm num_groups=4 > Output"
                                    << "groupnorm forms 4 groups, but 6 channels cannot be divided "
                                       "evenly by 4.";
        QTest::newRow("pixel shuffle")
            << "Input 6x4x4 > PixelShuffle upscale_factor=2 > Output"
            << "pixelshuffle makes one channel of 2² = 4, but 6 channels arrive, which is no "
               "multiple of it.";
        QTest::newRow("pixel unshuffle")
            << "Input 3x5x4 > PixelUnshuffle downscale_factor=2 > Output"
            << "pixelunshuffle divides height and width by 2, but 5×4 cannot be divided evenly.";
        QTest::newRow("mode of another rank")
            << "Input 3x5x4 > Upsample scale_factor=2 mode=linear > Output"
            << "up resamples by linear, which is not made for a picture, 3 × 5 × 4.";
        QTest::newRow("corners of nearest")
            << "Input 3x5x4 > Upsample scale_factor=2 align_corners=True > Output"
            << "up sets align_corners, which has no meaning with mode nearest.";
        QTest::newRow("size and factor")
            << "Input 3x5x4 > Upsample scale_factor=2 size=3 > Output"
            << "up has both a size and a scale_factor, but one of them says it all.";
        QTest::newRow("unconnected") << "Input 4x8x8 > Output ; ReLU"
                                     << "relu (ReLU) is not connected yet.";
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

    /// The profiler counts pictures only; these were counted by hand.
    void macsOfOtherConvolutions() {
        const auto macs = [](const std::string& text) {
            return inferShapes(graphOf("Input " + text + " > Output"), std::nullopt).macs;
        };
        QCOMPARE(macs("3x10 > Conv1d out_channels=4 kernel_size=3"), 4 * 8 * (3 * 3));
        QCOMPARE(macs("4x6x6 > Conv2d out_channels=8 kernel_size=3 groups=4"), 8 * 16 * 9);
        QCOMPARE(macs("2x4x4x4 > Conv3d out_channels=3 kernel_size=3"), 3 * 8 * (2 * 27));
        QCOMPARE(macs("2x3x3 > ConvTranspose2d out_channels=4 kernel_size=2 stride=2"),
                 2 * 9 * (4 * 4));
        QCOMPARE(macs("3x10 > MaxPool1d kernel_size=2"), 0);
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
