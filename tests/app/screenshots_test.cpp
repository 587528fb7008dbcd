#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QLayout>
#include <QScrollArea>
#include <QTest>
#include <cmath>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/top_bar.h"
#include "widgets/runs/runs_page.h"

#include <QMenu>
#include <QPushButton>
#include <QTableWidget>
#include <QUndoStack>
#include "app/run_actions.h"
#include "app/screenshot.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/data/data_page.h"
#include "widgets/data/preview_grid.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/runs/train_page.h"
#include "widgets/runs/try_page.h"
#include "widgets/style/controls.h"

using namespace loom;

namespace {

test::AppHome* home = nullptr;

/// Whether what is beyond the edge can be scrolled to.
bool scrolls(const QWidget* widget) {
    for (const QWidget* at = widget; at; at = at->parentWidget())
        if (qobject_cast<const QAbstractScrollArea*>(at)) return true;
    return false;
}

/// Texts that do not fit where they stand, and widgets that leave the window. Names what is elided
/// by design (ElidedLabel) and what scrolls apart.
QStringList misfits(const QWidget& window) {
    QApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    QStringList found;
    for (const QWidget* widget : window.findChildren<QWidget*>()) {
        if (!widget->isVisible()) continue;
        const QRect where(widget->mapTo(&window, QPoint()), widget->size());
        if (qobject_cast<const QAbstractButton*>(widget) && !scrolls(widget) &&
            !window.rect().contains(where))
            found << QStringLiteral("button outside the window: %1 %2")
                         .arg(widget->accessibleName(), widget->toolTip());
        if (const QWidget* parent = widget->parentWidget();
            parent && parent->layout() &&
            parent->layout()->indexOf(const_cast<QWidget*>(widget)) >= 0 &&
            !parent->rect().contains(widget->geometry()) && !scrolls(widget))
            found << QStringLiteral("%1 leaves its place: %2 in %3")
                         .arg(QLatin1String(widget->metaObject()->className()))
                         .arg(widget->geometry().right())
                         .arg(parent->width());
        if (const auto* area = qobject_cast<const QScrollArea*>(widget);
            area && area->widget() && area->widget()->width() > area->viewport()->width() &&
            area->horizontalScrollBarPolicy() == Qt::ScrollBarAlwaysOff)
            found << QStringLiteral("a column is cut: %1 of %2 in %3")
                         .arg(area->viewport()->width())
                         .arg(area->widget()->width())
                         .arg(QLatin1String(widget->parentWidget()->metaObject()->className()));
        if (widget->visibleRegion().isEmpty()) continue;
        QString text;
        if (const auto* label = qobject_cast<const QLabel*>(widget)) {
            if (qobject_cast<const ElidedLabel*>(widget)) continue;
            text = label->text();
            if (text.isEmpty()) continue;
            if (label->wordWrap()) {
                if (label->heightForWidth(label->width()) > label->height() + 1)
                    found << QStringLiteral("label cut below: %1").arg(text);
            } else if (label->sizeHint().width() > label->width() + 1) {
                found << QStringLiteral("label cut: %1 (%2 of %3)")
                             .arg(text)
                             .arg(label->width())
                             .arg(label->sizeHint().width());
            }
        } else if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) {
            text = button->text();
            if (!text.isEmpty() && button->fontMetrics().horizontalAdvance(text) > button->width())
                found << QStringLiteral("button cut: %1").arg(text);
        } else if (const auto* combo = qobject_cast<const QComboBox*>(widget)) {
            text = combo->currentText();
            if (combo->fontMetrics().horizontalAdvance(text) > combo->width() - 34)
                found << QStringLiteral("choice cut: %1 (%2)").arg(text).arg(combo->width());
        }
        if (text.isEmpty()) continue;
        const QRect place(widget->mapTo(&window, QPoint()), widget->size());
        if (place.right() > window.width() || place.left() < 0)
            found << QStringLiteral("outside the window: %1").arg(text);
    }
    return found;
}

}  // namespace

class ScreenshotsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        m_root = home->path(QStringLiteral("small"));
        test::writeSmallFashionMnist(m_root, 128, 32);
        m_project = test::writeProject(
            home->path(QStringLiteral("small.loom")),
            test::withField(test::smallProject(m_root), QStringLiteral("training.epochs"), 6));
        if (const QString real = qEnvironmentVariable("TORCHLOOM_PICTURES"); !real.isEmpty())
            m_project =
                test::sourcePath(QStringLiteral("projects/fashion_mnist_two_convolutions.loom"));
    }

    void everyPageFits_data() {
        QTest::addColumn<QString>("page");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("dark");
        for (const char* page :
             {"design", "data", "data/browse", "data/check", "data/load", "train", "runs", "try"})
            for (const QSize size :
                 {QSize(960, 540), QSize(960, 600), QSize(1280, 800), QSize(1920, 1080)})
                for (const bool dark : {false, true}) {
                    // The look changes colours; once for each size is enough of the rest.
                    if (dark && size.height() == 600) continue;
                    QTest::addRow("%s-%dx%d-%s", page, size.width(), size.height(),
                                  dark ? "dark" : "light")
                        << QString::fromLatin1(page) << size << dark;
                }
    }

    void everyPageFits() {
        QFETCH(QString, page);
        QFETCH(QSize, size);
        QFETCH(bool, dark);
        Theme::instance().setMode(dark ? ThemeMode::Dark : ThemeMode::Light);
        MainWindow window;
        window.resize(size);
        window.show();
        window.openAtStart(m_project);
        if (page == QLatin1String("data")) window.dataPage()->addStep(QStringLiteral("RandomCrop"));
        if (page == QLatin1String("train") || page == QLatin1String("try")) {
            if (page == QLatin1String("train")) {
                window.showPage(MainWindow::Train);
                settle(window);
                const QStringList idle = misfits(window);
                QVERIFY2(idle.isEmpty(), qPrintable(idle.join(QLatin1Char('\n'))));
            }
            window.runActions()->train()->trigger();
            // A run that goes on: half-way is what a class looks at.
            QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > 3, 60000);
            if (page == QLatin1String("try")) {
                window.showPage(MainWindow::TryIt);
                settle(window);
                QTest::mouseClick(window.tryPage()->samples(), Qt::LeftButton, {},
                                  window.tryPage()->samples()->cellRect(2).center());
            } else if (!qEnvironmentVariable("TORCHLOOM_PICTURES").isEmpty()) {
                QTest::qWait(4000);
            }
        }
        window.showPage(MainWindow::pageByName(page.section(QLatin1Char('/'), 0, 0)));
        window.dataPage()->showView(page.section(QLatin1Char('/'), 1));
        settle(window);
        if (page == QLatin1String("train")) {
            window.trainPage()->curves()->loss()->drawNow();
            window.trainPage()->curves()->accuracy()->drawNow();
        }
        QCoreApplication::processEvents();
        if (const QString keep = qEnvironmentVariable("TORCHLOOM_PICTURES"); !keep.isEmpty())
            QVERIFY(window.grab().save(
                QDir(keep).filePath(QString::fromLatin1(QTest::currentDataTag())
                                        .replace(QLatin1Char('/'), QLatin1Char('-')) +
                                    QStringLiteral(".png"))));
        const QStringList wrong = misfits(window);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
        if (window.bridge()->isActive()) window.bridge()->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 20000);
    }

    void popupsAndOddStatesFit_data() {
        QTest::addColumn<bool>("dark");
        QTest::addRow("light") << false;
        QTest::addRow("dark") << true;
    }
    void popupsAndOddStatesFit() {
        QFETCH(bool, dark);
        Theme::instance().setMode(dark ? ThemeMode::Dark : ThemeMode::Light);
        const QString suffix = dark ? QStringLiteral("-dark.png") : QStringLiteral("-light.png");
        const QString keep = qEnvironmentVariable("TORCHLOOM_PICTURES");
        const auto look = [&](QWidget* widget, const QString& name) {
            QTest::qWait(60);
            if (!keep.isEmpty()) QVERIFY(widget->grab().save(QDir(keep).filePath(name + suffix)));
            const QStringList wrong = misfits(*widget);
            QVERIFY2(wrong.isEmpty(),
                     qPrintable(name + QStringLiteral(": ") + wrong.join(QLatin1Char('\n'))));
        };
        MainWindow window;
        window.resize(1280, 800);
        window.show();
        window.openAtStart(m_project);
        QMenu* menu = window.topBar()->menuButton()->menu();
        menu->popup(QPoint(10, 50));
        look(menu, QStringLiteral("menu"));
        menu->close();
        auto* device = window.findChild<QPushButton*>(QStringLiteral("deviceButton"));
        device->menu()->popup(QPoint(10, 50));
        look(device->menu(), QStringLiteral("devices"));
        device->menu()->close();

        window.showPage(MainWindow::Data);
        QTest::mouseClick(
            window.dataPage()->findChild<QPushButton*>(QStringLiteral("addTransform")),
            Qt::LeftButton);
        QWidget* picker = QApplication::activePopupWidget();
        QVERIFY(picker);
        look(picker, QStringLiteral("picker"));
        picker->close();

        window.document()->edit(QStringLiteral("Choose"),
                                [](const Project& project) -> Result<Project> {
                                    Project next = project;
                                    next.data.dataset = Choice{"CIFAR10"};
                                    return next;
                                });
        settle(window);
        look(&window, QStringLiteral("missing-data"));
        window.showPage(MainWindow::Train);
        look(&window, QStringLiteral("not-ready"));
        window.notice()->show(
            QStringLiteral(
                "The project \"a.loom\" is broken at line 3, column 7: a comma is missing."),
            QStringLiteral("Open it in a text editor."), "danger",
            {{QStringLiteral("Show"), [] {}}});
        look(&window, QStringLiteral("notice"));
        window.notice()->dismiss();
        window.document()->undoStack()->undo();
        window.showPage(MainWindow::TryIt);
        settle(window);
        look(&window, QStringLiteral("try-empty"));

        window.showPage(MainWindow::Runs);
        settle(window);
        window.runsPage()->table()->selectAll();
        settle(window);
        window.runsPage()->curves()->loss()->drawNow();
        window.runsPage()->curves()->accuracy()->drawNow();
        look(&window, QStringLiteral("compare"));
        window.document()->undoStack()->setClean();
    }

private:
    QString m_root;
    QString m_project;
};

int main(int argc, char** argv) {
    return test::windowTestMain<ScreenshotsTest>(argc, argv, home);
}

#include "screenshots_test.moc"
