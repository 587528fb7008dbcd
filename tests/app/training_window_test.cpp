// Training a small project in the window: epoch by epoch, the last batch, a loss that does not fit.

#include <QComboBox>
#include <QFileInfo>
#include <QPushButton>
#include <QTableWidget>
#include <QTest>
#include <QUndoStack>
#include <string>

#include "app/main_window.h"
#include "app/run_actions.h"
#include "app/status_strip.h"
#include "app/top_bar.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/run_folder.h"
#include "tests/app/runs_bench.h"
#include "widgets/canvas/canvas_scene.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/data/preview_grid.h"
#include "widgets/explain/tensor_model.h"
#include "widgets/explain/weights_card.h"
#include "widgets/explain/weights_history.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/runs/train_page.h"
#include "widgets/runs/try_page.h"

using namespace loom;
using namespace loom::test;
using State = TrainingSession::State;

namespace {

/// The course's line: one weight and one bias.
QString lineFile(const char* loss, int epochs) {
    Project project = newProject();
    project.name = "line";
    project.network = *graphFromText("Input > fc=Linear out_features=1 > Output");
    project.data.dataset = {"Line", {}};
    project.data.trainTransforms = project.data.testTransforms = {};
    project.training.loss = {loss, {}};
    project.training.optimizer = {"SGD", {{"lr", 0.1}}};
    project.training.epochs = epochs;
    project.training.threads = 1;
    project.training.device = "cpu";
    const QString file = home->path(QStringLiteral("line-%1.loom").arg(QLatin1String(loss)));
    if (!saveProject(file.toStdString(), project)) qFatal("cannot write");
    return file;
}

}  // namespace

class TrainingWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void epochByEpochWithItsNumbers() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(lineFile("MSELoss", 6));
        window.designPage()->canvas()->drawing().select({"fc"});
        QTest::keyClick(&window, Qt::Key_Greater, Qt::ShiftModifier);
        TrainingBridge* bridge = window.bridge();
        for (int epoch = 1; epoch <= 3; ++epoch) {
            QTRY_VERIFY_WITH_TIMEOUT(
                bridge->state() == State::Paused &&
                    bridge->session()->historyOf("fc").size() == std::size_t(epoch) + 1,
                20000);
            // Exactly an epoch: what the network holds now is what stands in the last row.
            const auto history = bridge->session()->historyOf("fc");
            const auto now = bridge->session()->weights();
            QVERIFY(now.ok());
            QCOMPARE(history.back().epoch, std::int64_t(epoch));
            QCOMPARE(numbersOf(*history.back().weights.find("weight")),
                     numbersOf(*now->find("fc.weight")));
            QCOMPARE(numbersOf(*history.back().weights.find("bias")),
                     numbersOf(*now->find("fc.bias")));
            if (epoch < 3) window.runActions()->epoch()->trigger();
        }
        window.showPage(MainWindow::Design);
        const QTableWidget* table =
            window.designPage()->inspector()->blockPage()->weights()->history()->table();
        QTRY_COMPARE_WITH_TIMEOUT(table->rowCount(), 4, 10000);
        QCOMPARE(table->horizontalHeaderItem(1)->text(), QStringLiteral("weight"));
        QCOMPARE(table->horizontalHeaderItem(2)->text(), QStringLiteral("bias"));
        const auto history = bridge->session()->historyOf("fc");
        for (int row = 0; row < 4; ++row) {
            const auto& entry = history[static_cast<std::size_t>(row)];
            QCOMPARE(table->item(row, 0)->text(), QString::number(row));
            QCOMPARE(table->item(row, 1)->text(),
                     weightText(numbersOf(*entry.weights.find("weight")).front()));
        }
        QVERIFY(table->item(0, 1)->text() != table->item(3, 1)->text());
        bridge->resume();
        QTRY_VERIFY_WITH_TIMEOUT(!bridge->isActive(), 20000);
        QCOMPARE(bridge->session()->historyOf("fc").size(), std::size_t(7));
    }

    void theLastBatchIsTheLast() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(lineFile("MSELoss", 4));
        window.runActions()->train()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 20000);
        const auto batch = window.bridge()->session()->lastBatch();
        QVERIFY(batch);
        QCOMPARE(batch->step, window.trainPage()->progress().step());
        QVERIFY(batch->step > 1);
        // Answers that are numbers stand under their tiles.
        const auto& cells = window.trainPage()->lastBatch()->cells();
        QVERIFY(!cells.empty());
        const auto data = window.bridge()->session()->trainingData();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            QVERIFY(!batch->items[i].answer.empty());
            QCOMPARE(batch->items[i].answer, data->answer(batch->items[i].index));
            QVERIFY2(cells[i].caption.startsWith(QStringLiteral("→ ")),
                     qPrintable(cells[i].caption));
        }
    }

    void aPauseShowsItsBatch() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(lineFile("MSELoss", 100000));
        window.runActions()->train()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > 20, 20000);
        window.runActions()->pause()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.bridge()->state() == State::Paused, 20000);
        QCOMPARE(window.bridge()->session()->lastBatch()->step,
                 window.trainPage()->progress().step());
        window.bridge()->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 20000);
    }

    void aLossForClassesIsReplacedByOneClick() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(lineFile("CrossEntropyLoss", 4));
        QVERIFY(!window.document()->report().ok());
        window.runActions()->train()->trigger();
        QCOMPARE(window.currentPage(), int(MainWindow::Train));
        QPushButton* mend =
            window.trainPage()->findChild<QPushButton*>(QStringLiteral("readinessFix"));
        QVERIFY(mend && mend->isVisible());
        QCOMPARE(mend->text(), QStringLiteral("Use MSELoss"));
        // The message that the card shows does not lie over it.
        const QWidget* toast = window.statusStrip()->messageCard();
        QVERIFY(!toast || toast->isHidden());
        for (const QLabel* label : window.trainPage()->findChildren<QLabel*>())
            QVERIFY(!label->isVisible() || label->text() != QStringLiteral("Ready"));
        QTest::mouseClick(mend, Qt::LeftButton);
        QCOMPARE(window.document()->project().training.loss.kind, std::string("MSELoss"));
        QVERIFY(window.document()->report().ok());
        window.document()->undoStack()->undo();
        QCOMPARE(window.document()->project().training.loss.kind, std::string("CrossEntropyLoss"));
        // Alt+Enter does the same from every page.
        QTest::keyClick(&window, Qt::Key_Return, Qt::AltModifier);
        QCOMPARE(window.document()->project().training.loss.kind, std::string("MSELoss"));
        const QString done = QStringLiteral("Done: Use MSELoss");
        const auto says = [&] {
            for (const ElidedLabel* label : window.statusStrip()->findChildren<ElidedLabel*>())
                if (label->isVisible() && label->fullText().startsWith(done)) return true;
            return false;
        };
        QVERIFY(says());
        QCoreApplication::processEvents();
        // What was said of it does not outlive it.
        window.document()->undoStack()->undo();
        QVERIFY(!says());
        window.document()->undoStack()->setClean();
    }

    void dropoutAtTheEndIsRemarkedOn() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(lineFile("MSELoss", 4));
        const auto draw = [&](const char* text) {
            window.document()->editGraph(QStringLiteral("Draw"), [&](const Graph&) {
                return Result<Graph>(*graphFromText(text));
            });
        };
        draw("Input > fc=Linear out_features=1 > drop=Dropout > Output");
        QVERIFY(window.document()->report().ok());
        const auto& found = window.document()->report().diagnostics;
        QCOMPARE(found.size(), std::size_t(1));
        QCOMPARE(found.front().node, NodeId("drop"));
        QTest::keyClick(&window, Qt::Key_Return, Qt::AltModifier);
        QVERIFY(!window.document()->graph().find("drop"));
        QVERIFY(window.document()->report().diagnostics.empty());
        draw("Input > h=Linear out_features=4 > drop=Dropout > fc=Linear out_features=1 > Output");
        QVERIFY(window.document()->report().diagnostics.empty());
        window.document()->undoStack()->setClean();
    }

    void aDigitBeginsTheFirstNumber() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(lineFile("MSELoss", 4));
        CanvasView* canvas = window.designPage()->canvas();
        canvas->setFocus();
        canvas->drawing().select({"fc"});
        QTest::keyClick(canvas, Qt::Key_7);
        QCOMPARE(window.document()->graph().find("fc")->params.find("out_features")->asInt(),
                 std::int64_t(7));
        QWidget* field = QApplication::focusWidget();
        QTest::keyClick(field, Qt::Key_2);
        QCOMPARE(window.document()->graph().find("fc")->params.find("out_features")->asInt(),
                 std::int64_t(72));
        QTest::keyClick(field, Qt::Key_Return);
        window.document()->undoStack()->undo();
        QCOMPARE(window.document()->graph().find("fc")->params.find("out_features")->asInt(),
                 std::int64_t(1));
        window.document()->undoStack()->setClean();
    }

    void runsOfNumbersHaveNoAccuracy() {
        finishedRun(lineFile("MSELoss", 2));
        MainWindow window;
        window.resize(960, 600);
        bringUp(window);
        window.showPage(MainWindow::Runs);
        QTableWidget* table = window.runsPage()->table();
        QTRY_VERIFY_WITH_TIMEOUT(table->rowCount() > 0, 5000);
        table->selectRow(0);
        QTRY_VERIFY(!window.runsPage()->isReading());
        QTRY_VERIFY(window.runsPage()->curves()->accuracy()->isHidden());
        // A narrow list keeps the names.
        QVERIFY2(table->columnWidth(0) >= 140, qPrintable(QString::number(table->columnWidth(0))));
        QVERIFY(table->item(0, 0)->toolTip().contains(QStringLiteral("Started")));
    }

    void chineseNamesStayInRunFolders() {
        const QString file = lineFile("MSELoss", 1);
        auto loaded = loadProject(file.toStdString());
        loaded->project.name = "手写数字 识别/一";
        QVERIFY(saveProject(file.toStdString(), loaded->project).ok());
        const QString run = finishedRun(file);
        QVERIFY2(run.endsWith(QStringLiteral("_手写数字-识别-一")), qPrintable(run));
    }
};

int main(int argc, char** argv) {
    return windowTestMain<TrainingWindowTest>(argc, argv, home);
}

#include "training_window_test.moc"
