#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <cstring>

#include "app/main_window.h"
#include "app/status_strip.h"
#include "app/top_bar.h"
#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/canvas/add_popup.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/canvas/layer_list.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/data/data_page.h"
#include "widgets/data/step_panel.h"
#include "widgets/data/transform_strip.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/runs/train_page.h"

using namespace loom;
using State = TrainingSession::State;

namespace {
test::AppHome* home = nullptr;
}

/// From an empty canvas to weights in Python, with mouse and keys alone: every event goes to the
/// window as the desktop would send it.
class FirstLightTest : public QObject {
    Q_OBJECT

    MainWindow* m_window = nullptr;

    QWindow* handle() const { return m_window->windowHandle(); }
    void click(QWidget* widget, QPoint place) {
        QTest::mouseClick(handle(), Qt::LeftButton, {}, widget->mapTo(m_window, place));
    }
    void click(QWidget* widget) { click(widget, widget->rect().center()); }
    void key(Qt::Key key, Qt::KeyboardModifiers keys = {}) { QTest::keyClick(handle(), key, keys); }
    void type(const QString& text) {
        for (const QChar letter : text) QTest::keyClick(handle(), letter.toLatin1());
    }
    const Graph& graph() const { return m_window->document()->graph(); }

    /// Tab, a few letters, Enter: the block comes behind the selected one.
    void addBehind(const char* letters, const char* kind) {
        const std::size_t before = graph().nodes.size();
        key(Qt::Key_Tab);
        QTRY_VERIFY(m_window->designPage()->canvas()->addPopup()->isVisible());
        type(QString::fromLatin1(letters));
        key(Qt::Key_Return);
        QTRY_COMPARE(graph().nodes.size(), before + 1);
        QVERIFY2(graph().nodes.back().kind == kind,
                 qPrintable(QStringLiteral("%1 gave %2")
                                .arg(QLatin1String(letters),
                                     QString::fromStdString(graph().nodes.back().kind))));
    }

    /// Writes into a field of the inspector.
    void set(const char* key_, const char* value) {
        auto* field = m_window->designPage()->findChild<QLineEdit*>(QStringLiteral("param.") +
                                                                    QLatin1String(key_));
        QVERIFY2(field && field->isVisible(), key_);
        click(field);
        key(Qt::Key_A, Qt::ControlModifier);
        type(QString::fromLatin1(value));
        key(Qt::Key_Return);
    }

    QPoint onCanvas(const QPointF& scene) const {
        return m_window->designPage()->canvas()->mapFromScene(scene);
    }
    void dragOnCanvas(QPoint from, QPoint to) {
        QWidget* surface = m_window->designPage()->canvas()->viewport();
        const QPoint start = surface->mapTo(m_window, from);
        const QPoint end = surface->mapTo(m_window, to);
        QTest::mouseMove(handle(), start);
        QTest::mousePress(handle(), Qt::LeftButton, {}, start);
        for (int i = 1; i <= 6; ++i) QTest::mouseMove(handle(), start + (end - start) * i / 6, 10);
        QTest::mouseRelease(handle(), Qt::LeftButton, {}, end);
    }

    /// A row of the palette onto the canvas. QDrag blocks, so a timer moves the mouse.
    void dragFromPalette(const char* kind, const QPoint& to) {
        LayerList* list = m_window->designPage()->palettePanel()->list();
        const auto rows = list->findItems(QLatin1String(kind), Qt::MatchExactly);
        QCOMPARE(rows.size(), 1);
        list->scrollToItem(rows.first());
        const QPoint start =
            list->viewport()->mapTo(m_window, list->visualItemRect(rows.first()).center());
        const QPoint end = m_window->designPage()->canvas()->viewport()->mapTo(m_window, to);
        int step = 0;
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, &timer, [&] {
            ++step;
            if (step <= 12)
                QTest::mouseMove(handle(), start + (end - start) * step / 12);
            else if (step == 15)
                QTest::mouseRelease(handle(), Qt::LeftButton, {}, end);
            else if (step > 15)
                timer.stop();
        });
        QTest::mousePress(handle(), Qt::LeftButton, {}, start);
        timer.start(40);
        for (int i = 1; i <= 4; ++i) QTest::mouseMove(handle(), start + QPoint(5 * i, 2 * i));
        QTRY_VERIFY_WITH_TIMEOUT(step > 15, 8000);
    }

    void draw() {
        CanvasView* canvas = m_window->designPage()->canvas();
        click(canvas->viewport(), QPoint(40, 40));
        key(Qt::Key_A, Qt::ControlModifier);
        key(Qt::Key_Delete);
        QTRY_VERIFY(graph().nodes.empty());

        addBehind("input", "Input");
        addBehind("conv2d", "Conv2d");
        set("out_channels", "32");
        set("kernel_size", "5");
        set("padding", "1");
        click(canvas->viewport(),
              onCanvas(canvas->drawing().block(graph().nodes.back().id)->sceneRect().center()));
        addBehind("conv2d", "Conv2d");
        set("out_channels", "64");
        set("kernel_size", "3");
        set("padding", "1");
        const NodeId second = graph().nodes.back().id;
        click(canvas->viewport(), onCanvas(canvas->drawing().block(second)->sceneRect().center()));
        addBehind("maxp", "MaxPool2d");
        set("kernel_size", "2");
        click(canvas->viewport(),
              onCanvas(canvas->drawing().block(graph().nodes.back().id)->sceneRect().center()));
        const NodeId pool = graph().nodes.back().id;
        // A layer asked for by its full name comes, though Flatten would fit better here.
        addBehind("linear", "Linear");
        QVERIFY(!m_window->document()->report().ok());
        key(Qt::Key_Z, Qt::ControlModifier);
        click(canvas->viewport(), onCanvas(canvas->drawing().block(pool)->sceneRect().center()));
        addBehind("flatten", "Flatten");
        addBehind("linear", "Linear");
        set("out_features", "10");
        const NodeId linear = graph().nodes.back().id;

        // ReLU goes onto the wire in front of the pooling, by drag.
        key(Qt::Key_Escape);
        click(canvas->viewport(), onCanvas(canvas->drawing().block(linear)->sceneRect().center()));
        key(Qt::Key_Home);
        QTest::qWait(100);
        const QPointF start = canvas->drawing().block(second)->portPoint({{second, 0}, true});
        const QPointF end = canvas->drawing().block(pool)->portPoint({{pool, 0}, false});
        dragFromPalette("ReLU", onCanvas((start + end) / 2));
        QTRY_VERIFY(graph().nodes.back().kind == "ReLU");
        QCOMPARE(graph().edgesInto(pool).front().from.node, graph().nodes.back().id);

        // The output and its wire by hand: a block from the palette, then port to port.
        key(Qt::Key_Home);
        QTest::qWait(100);
        const QRectF all = canvas->drawing().blocksRect();
        const QPointF free(all.center().x(), all.bottom() + 90);
        dragFromPalette("Output", onCanvas(free));
        QTRY_VERIFY(graph().nodes.back().kind == "Output");
        const NodeId output = graph().nodes.back().id;
        key(Qt::Key_Home);
        QTest::qWait(100);
        dragOnCanvas(onCanvas(canvas->drawing().block(linear)->portPoint({{linear, 0}, true})),
                     onCanvas(canvas->drawing().block(output)->portPoint({{output, 0}, false})));
        QTRY_COMPARE(graph().edgesInto(output).size(), std::size_t(1));
    }

    void pickData(const QString& root) {
        click(m_window->topBar()->pageButton(MainWindow::Data));
        QCOMPARE(m_window->currentPage(), int(MainWindow::Data));
        auto* kinds = m_window->dataPage()->findChild<QComboBox*>(QStringLiteral("param.dataset"));
        QVERIFY(kinds);
        for (const char* wanted : {"MNIST", "FashionMNIST"}) {
            click(kinds);
            QTRY_VERIFY(QApplication::activePopupWidget());
            auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>(
                QStringLiteral("kindSearch"));
            QVERIFY(search);
            QTest::keyClicks(search, QLatin1String(wanted));
            QTest::keyClick(search, Qt::Key_Return);
            QTRY_COMPARE(m_window->document()->project().data.dataset.kind, std::string(wanted));
        }
        auto* folder = m_window->dataPage()->findChild<QLineEdit*>(QStringLiteral("param.root"));
        QVERIFY(folder);
        click(folder);
        type(root);
        key(Qt::Key_Return);
        QTRY_VERIFY(m_window->document()->report().location.found);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->dataPage()->isComputing(), 10000);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->dataPage()->strip()->cards().front().picture.isNull(),
                                 10000);

        auto* add = m_window->dataPage()->findChild<QPushButton*>(QStringLiteral("addTransform"));
        click(add);
        QWidget* picker = nullptr;
        QTRY_VERIFY((picker = QApplication::activePopupWidget()));
        auto* search = picker->findChild<QLineEdit*>(QStringLiteral("kindSearch"));
        QTest::keyClicks(search, QStringLiteral("norm"));
        QTest::keyClick(search, Qt::Key_Return);
        QTRY_COMPARE(m_window->document()->project().data.trainTransforms.size(), std::size_t(2));
        QCOMPARE(m_window->document()->project().data.trainTransforms[1].kind,
                 std::string("Normalize"));
        for (QPushButton* button : m_window->dataPage()->stepPanel()->findChildren<QPushButton*>())
            if (button->text() == QLatin1String("Use for test too")) click(button);
        QTRY_COMPARE(m_window->document()->project().data.testTransforms.size(), std::size_t(2));
    }

private Q_SLOTS:
    void fromAnEmptyCanvasToPython() {
        const QString root = home->path(QStringLiteral("small"));
        test::writeSmallFashionMnist(root, 320, 64);
        MainWindow window;
        m_window = &window;
        window.resize(1440, 900);
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowExposed(&window));

        draw();
        if (QTest::currentTestFailed()) return;
        pickData(root);
        if (QTest::currentTestFailed()) return;
        const QString problems =
            m_window->document()->report().diagnostics.empty()
                ? QString()
                : QString::fromStdString(
                      m_window->document()->report().diagnostics.front().message);
        QVERIFY2(m_window->document()->report().ok(), qPrintable(problems));

        // A long recipe, so that there is time to watch.
        click(window.topBar()->pageButton(MainWindow::Train));
        auto* epochs = window.trainPage()->findChild<QLineEdit*>(QStringLiteral("param.epochs"));
        QVERIFY(epochs);
        click(epochs);
        key(Qt::Key_A, Qt::ControlModifier);
        type(QStringLiteral("500"));
        key(Qt::Key_Return);
        QCOMPARE(window.document()->project().training.epochs, std::int64_t(500));

        QElapsedTimer clock;
        clock.start();
        click(window.topBar()->trainButton());
        const RunCurves* curves = window.trainPage()->curves();
        QTRY_VERIFY_WITH_TIMEOUT(
            curves->loss()->seriesCount() > 0 && curves->loss()->points(0).size() > 0, 20000);
        qInfo("first point after %lld ms", static_cast<long long>(clock.elapsed()));
        const std::size_t early = curves->loss()->points(0).size();
        QTRY_VERIFY_WITH_TIMEOUT(curves->loss()->points(0).size() > early + 10, 30000);
        QTRY_VERIFY_WITH_TIMEOUT(curves->accuracy()->points(1).size() > 0, 60000);

        click(curves->loss()->view());
        key(Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(window.bridge()->state(), State::Paused, 5000);
        QTest::qWait(200);
        const std::size_t paused = curves->loss()->points(0).size();
        QTest::qWait(300);
        QCOMPARE(curves->loss()->points(0).size(), paused);
        key(Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(curves->loss()->points(0).size() > paused + 3, 10000);
        click(window.topBar()->stopButton());
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 10000);
        QCOMPARE(window.bridge()->session()->status(), std::string("stopped"));

        const QString file = home->path(QStringLiteral("mine.pth"));
        QTimer::singleShot(400, this, [file] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            QVERIFY2(dialog, "the file chooser must be open");
            auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
            QVERIFY(name);
            name->selectAll();
            QTest::keyClicks(name, file);
            QTest::keyClick(name, Qt::Key_Return);
        });
        click(window.trainPage()->progressCard()->exportButton());
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(file), 10000);
        QTRY_VERIFY(window.statusStrip()->message().contains(QStringLiteral("mine.pth")));
        checkInPython(file);
        m_window = nullptr;
    }

private:
    /// Python loads the file strictly into the same network and computes the same outputs.
    void checkInPython(const QString& file) {
        const Project& project = m_window->document()->project();
        const auto weights = loadWeights(file.toStdString());
        QVERIFY(weights.ok());
        NamedTensor input;
        input.tensor.dims = {4, 1, 28, 28};
        std::vector<float> numbers(4 * 784);
        for (std::size_t i = 0; i < numbers.size(); ++i)
            numbers[i] = static_cast<float>((i * 37) % 101) / 50 - 1;
        input.tensor.bytes.resize(numbers.size() * sizeof(float));
        std::memcpy(input.tensor.bytes.data(), numbers.data(), input.tensor.bytes.size());
        const auto outputs = loom::forward(project, *weights, {input}, false);
        QVERIFY2(outputs.ok(), outputs.ok() ? "" : outputs.error().message.c_str());
        const QString x = home->path(QStringLiteral("x.pt"));
        const QString y = home->path(QStringLiteral("y.pt"));
        QVERIFY(saveTensor(x.toStdString(), input.tensor).ok());
        QVERIFY(saveTensor(y.toStdString(), outputs->front().tensor).ok());
        QStringList convolutions;
        QString linear;
        for (const Node& node : graph().nodes) {
            if (node.kind == "Conv2d") convolutions << QString::fromStdString(node.id);
            if (node.kind == "Linear") linear = QString::fromStdString(node.id);
        }
        QCOMPARE(convolutions.size(), 2);
        const test::ProcessResult result = test::runPython(
            QStringLiteral("import sys, torch\n"
                           "from torch import nn\n"
                           "file, x, y, a, b, c = sys.argv[1:]\n"
                           "class Net(nn.Module):\n"
                           "    def __init__(self):\n"
                           "        super().__init__()\n"
                           "        setattr(self, a, nn.Conv2d(1, 32, 5, padding=1))\n"
                           "        setattr(self, b, nn.Conv2d(32, 64, 3, padding=1))\n"
                           "        setattr(self, c, nn.Linear(64 * 13 * 13, 10))\n"
                           "    def forward(self, x):\n"
                           "        x = torch.relu(getattr(self, b)(getattr(self, a)(x)))\n"
                           "        return getattr(self, c)(torch.max_pool2d(x, 2).flatten(1))\n"
                           "net = Net()\n"
                           "net.load_state_dict(torch.load(file, weights_only=True), strict=True)\n"
                           "net.eval()\n"
                           "with torch.no_grad():\n"
                           "    got = net(torch.load(x, weights_only=True))\n"
                           "want = torch.load(y, weights_only=True)\n"
                           "print('largest difference', (got - want).abs().max().item())\n"
                           "assert torch.allclose(got, want, rtol=1e-5, atol=1e-5)\n"),
            {file, x, y, convolutions[0], convolutions[1], linear});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        qInfo("%s", result.out.trimmed().constData());
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<FirstLightTest>(argc, argv, home);
}

#include "first_light_test.moc"
