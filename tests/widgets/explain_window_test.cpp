#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "core/check/shape_report.h"
#include "core/graph/text_form.h"
#include "widgets/explain/small_pictures.h"
#include "widgets/explain/window_player.h"
#include "widgets/explain/window_text.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

Project projectOf(const QString& network) {
    Project project = newProject();
    auto graph = graphFromText(network.toStdString());
    if (!graph) qFatal("%s: %s", qPrintable(network), graph.error().message.c_str());
    project.network = *graph;
    return project;
}

/// Numbers without order, of both signs.
TensorSample scattered(const std::vector<std::int64_t>& dims) {
    TensorSample sample{dims, {}};
    for (std::int64_t i = 0; i < Shape{dims}.count(); ++i)
        sample.values.push_back(static_cast<float>(std::sin(static_cast<double>(i) * 12.9898) * 2));
    return sample;
}

struct Made {
    Project project;
    BlockProbe probe;
    std::shared_ptr<const WindowSums> sums;
};

Made made(const QString& block) {
    Made result;
    result.project = projectOf("Input " + block + " > Output");
    const ShapeReport report = inferShapes(result.project.network, std::nullopt);
    if (hasErrors(report.diagnostics))
        qFatal("%s: %s", qPrintable(block), report.diagnostics[0].message.c_str());
    const Node& node = result.project.network.nodes[1];
    auto probe =
        probeBlock(result.project, node.id, {scattered(report.find(node.id)->inputs.at(0).dims)});
    if (!probe) qFatal("%s: %s", qPrintable(block), probe.error().message.c_str());
    result.probe = std::move(*probe);
    const LayerKind& kind = *layers().find(node.kind);
    if (!kind.window) qFatal("%s has no window", node.kind.c_str());
    result.sums = WindowSums::make(kind.window(Settings(kind.params, node.params)), result.probe);
    return result;
}

const char* const kConv = "2x9x8 > Conv2d out_channels=4 kernel_size=3";

}  // namespace

class ExplainWindowTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    /// What is drawn under the window gives, added up, the very number PyTorch gives: everywhere,
    /// the edges first of all.
    void everySumIsPyTorchsNumber_data() {
        QTest::addColumn<QString>("block");
        for (const char* block : {
                 "1x12x10 > Conv2d out_channels=3 kernel_size=5 padding=1",
                 "3x12x10 > Conv2d out_channels=6 kernel_size=[3,5] stride=[2,1] padding=[1,2] "
                 "dilation=[1,2] groups=3 bias=False",
                 "2x9x9 > Conv2d out_channels=3 kernel_size=4 padding=same dilation=2",
                 "2x9x9 > Conv2d out_channels=3 kernel_size=2 padding=same",
                 "2x9x9 > Conv2d out_channels=3 kernel_size=3 padding=valid",
                 "2x9x9 > Conv2d out_channels=3 kernel_size=3 padding=2 padding_mode=reflect",
                 "2x9x9 > Conv2d out_channels=3 kernel_size=3 padding=[2,1] "
                 "padding_mode=replicate",
                 "2x9x9 > Conv2d out_channels=3 kernel_size=5 padding=same padding_mode=circular",
                 "4x7x7 > Conv2d out_channels=8 kernel_size=3 stride=3 padding=2 groups=4",
                 "2x7x7 > Conv2d out_channels=2 kernel_size=1",
                 "2x20 > Conv1d out_channels=3 kernel_size=4 stride=3 padding=2 dilation=2",
                 "2x5x6x7 > Conv3d out_channels=3 kernel_size=[2,3,3] stride=[1,2,1] padding=1",
                 "2x5x6 > ConvTranspose2d out_channels=3 kernel_size=3 stride=2 padding=1 "
                 "output_padding=1",
                 "4x5x6 > ConvTranspose2d out_channels=6 kernel_size=[2,3] stride=[3,1] "
                 "dilation=[2,1] groups=2",
                 "3x8 > ConvTranspose1d out_channels=2 kernel_size=4 stride=3",
                 "3x13x11 > MaxPool2d kernel_size=2",
                 "3x13x11 > MaxPool2d kernel_size=3 stride=2 padding=1 ceil_mode=True",
                 "3x13x11 > MaxPool2d kernel_size=[3,2] stride=[1,2] dilation=2",
                 "3x13x11 > MaxPool2d kernel_size=2 stride=2 padding=1 ceil_mode=True "
                 "return_indices=True",
                 "3x17 > MaxPool1d kernel_size=3 stride=2",
                 "2x6x7x8 > MaxPool3d kernel_size=2 stride=[1,2,2]",
                 "3x13x11 > AvgPool2d kernel_size=2",
                 "3x13x11 > AvgPool2d kernel_size=3 stride=2 padding=1 ceil_mode=True",
                 "3x13x11 > AvgPool2d kernel_size=3 stride=2 padding=1 ceil_mode=True "
                 "count_include_pad=False",
                 "3x13x11 > AvgPool2d kernel_size=[2,3] stride=1 padding=1 divisor_override=5",
                 "3x17 > AvgPool1d kernel_size=4 stride=3 padding=1 ceil_mode=True",
                 "2x6x7x8 > AvgPool3d kernel_size=[2,3,2] padding=[1,1,0]",
                 "3x13x11 > AdaptiveAvgPool2d output_size=1",
                 "3x13x11 > AdaptiveAvgPool2d output_size=[4,null]",
                 "3x13x11 > AdaptiveMaxPool2d output_size=[5,3]",
                 "2x13x11 > LPPool2d norm_type=2 kernel_size=3 stride=2",
                 "2x13x11 > LPPool2d norm_type=3 kernel_size=2 ceil_mode=True",
             }) {
            QTest::addRow("%s", block) << QString::fromUtf8(block);
        }
    }
    void everySumIsPyTorchsNumber() {
        QFETCH(QString, block);
        const Made m = made(block);
        QVERIFY2(m.sums, qPrintable(block));
        const WindowSums& sums = *m.sums;
        const WindowGeometry& geometry = sums.geometry();
        for (std::int64_t channel = 0; channel < sums.outputChannels(); ++channel)
            for (std::int64_t place = 0; place < geometry.outputCount(); ++place) {
                const Cell cell = geometry.outputAt(place);
                QCOMPARE(geometry.outputIndex(cell), place);
                const std::int64_t seen = sums.firstSeen(channel) + place % sums.seenCount();
                const WindowSums::Sum sum =
                    sums.at(cell, channel, seen, place % geometry.kernel(cell)[0]);
                if (std::isnan(sum.real) && std::isnan(sum.result)) continue;
                QVERIFY2(
                    std::abs(sum.result - sum.real) <= 1e-5 * std::max(1.0, std::abs(sum.real)),
                    qPrintable(QStringLiteral("%1: %2 drawn, %3 real at %4")
                                   .arg(block)
                                   .arg(sum.result, 0, 'g', 9)
                                   .arg(sum.real, 0, 'g', 9)
                                   .arg(placeText(geometry, cell))));
                // Nothing is drawn outside of what is drawn as padding.
                for (const WindowTap& tap : geometry.taps(cell))
                    for (std::size_t side = 0; side < 3; ++side) {
                        QVERIFY(tap.at[side] >= geometry.first(side));
                        QVERIFY(tap.at[side] <= geometry.last(side));
                    }
            }
    }

    void windowFollowsMouseAndKeys() {
        const Made m = made(QString::fromLatin1(kConv));
        WindowPlayer player;
        player.resize(560, 460);
        player.show();
        QVERIFY(QTest::qWaitForWindowExposed(&player));
        player.setSums(m.sums);
        WindowView& view = *player.view();
        QApplication::processEvents();
        // Half of it is there at once, up to a place in the middle rows.
        QVERIFY(view.place() / 6 >= 2 && view.place() / 6 <= 4);
        QCOMPARE(view.seenOutputs(), view.place() + 1);
        // Resting on an output shows its window.
        QTest::mouseMove(&view, view.outputPoint({0, 6, 5}).toPoint());
        QTRY_COMPARE(view.place(), 6 * 6 + 5);
        QVERIFY(view.sentence().startsWith(QStringLiteral("Σ of 9 products: ")));
        QVERIFY(view.sentence().contains(QStringLiteral("other channels")));
        QVERIFY(view.sentence().endsWith(exactNumber(view.currentSum().result)));
        // Dragging over the input moves the window; its middle follows the mouse.
        const QPoint from = view.inputPoint({0, 1, 1}).toPoint();
        const QPoint to = view.inputPoint({0, 4, 3}).toPoint();
        QTest::mousePress(&view, Qt::LeftButton, {}, from);
        QCOMPARE(view.place(), 0);
        QTest::mouseMove(&view, to);
        QTRY_COMPARE(view.place(), 3 * 6 + 2);
        QTest::mouseRelease(&view, Qt::LeftButton, {}, to);
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(view.place(), 3 * 6 + 3);
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(view.place(), 4 * 6 + 3);
        QTest::keyClick(&view, Qt::Key_Up);
        QTest::keyClick(&view, Qt::Key_Left);
        QCOMPARE(view.place(), 3 * 6 + 2);
        QTest::mouseClick(player.stepButton(), Qt::LeftButton);
        QCOMPARE(view.place(), 3 * 6 + 3);
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.place(), 0);
        QCOMPARE(view.seenOutputs(), 1);
        // The other channel shows other products of the same sum.
        const WindowSums::Sum before = view.currentSum();
        player.inputChannelBox()->setValue(1);
        QCOMPARE(view.inputChannel(), 1);
        QCOMPARE(view.currentSum().real, before.real);
        QVERIFY(view.currentSum().shown != before.shown);
        player.outputChannelBox()->setValue(2);
        QVERIFY(view.currentSum().real != before.real);
    }

    void playsToTheEndAndRestsWhileHidden() {
        const Made m = made(QStringLiteral("1x6x6 > MaxPool2d kernel_size=2"));
        WindowPlayer player;
        player.resize(520, 420);
        player.show();
        QVERIFY(QTest::qWaitForWindowExposed(&player));
        player.setSums(m.sums);
        WindowView& view = *player.view();
        QVERIFY(player.inputChannelBox()->parentWidget()->isHidden());
        QTest::keyClick(&view, Qt::Key_Home);
        player.speedSlider()->setValue(player.speedSlider()->maximum() / 2);
        QTest::mouseClick(player.playButton(), Qt::LeftButton);
        QVERIFY(view.isPlaying() && view.isMoving());
        QTRY_COMPARE(view.seenOutputs(), 9);
        player.hide();
        QVERIFY(view.isPlaying());
        QVERIFY(!view.isMoving());
        player.show();
        QVERIFY(view.isMoving());
        QTest::keyClick(&view, Qt::Key_Space);
        QVERIFY(!view.isPlaying() && !view.isMoving());
        QVERIFY(view.sentence().startsWith(QStringLiteral("The largest of 4 numbers: ")));
    }

    void groupsOfferOnlyTheChannelsTheySee() {
        const Made m = made(QStringLiteral("4x7x7 > Conv2d out_channels=8 kernel_size=3 groups=2"));
        WindowPlayer player;
        player.setSums(m.sums);
        player.outputChannelBox()->setValue(6);
        QCOMPARE(player.inputChannelBox()->minimum(), 2);
        QCOMPARE(player.inputChannelBox()->maximum(), 3);
        QVERIFY(player.view()->inputChannel() >= 2);
    }

    void unitsAreCounted() {
        UnitsView units;
        units.setUnits(2, 2, {1, 2, 0, -1}, {0, 4, 0, -2});
        QCOMPARE(units.sentence(),
                 QStringLiteral("1 of 3 numbers that are not 0 switched off, the others "
                                "multiplied by 2.00"));
        const auto count = HistogramView::count({0, 1, 2, 3}, 4, 0, 3);
        QCOMPARE(count.bins, (std::vector<int>{1, 1, 1, 1}));
        QCOMPARE(count.mean, 1.5);
    }
};

QTEST_MAIN(ExplainWindowTest)
#include "explain_window_test.moc"
