// The inspector's column is narrow; nothing in it may be wider than it.

#include <QApplication>
#include <QComboBox>
#include <QFontMetrics>
#include <QHeaderView>
#include <QLayout>
#include <QTableView>
#include <QTest>
#include <set>
#include <string>

#include "core/project/project_file.h"
#include "tests/support/layer_cases.h"
#include "widgets/explain/weights_card.h"
#include "widgets/inspector/block_page.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {
constexpr int kNarrowest = 260;
}

class InspectorWidthTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// Every layer kind with all its cards, weights among them.
    void everyKindFits() {
        DocumentController document;
        BlockPage page(document);
        page.show();
        std::set<std::string> seen;
        QStringList wide;
        for (const test::LayerCase& one : test::layerCases()) {
            const std::string kind = one.graph.find(one.block)->kind;
            if (!seen.insert(kind).second) continue;
            Project project = newProject();
            project.network = one.graph;
            document.reset(project);
            page.setBlock(one.block);
            WeightsCard* weights = page.weights();
            QVERIFY(QTest::qWaitFor([&] { return !weights->isComputing(); }, 20000));
            page.layout()->activate();
            if (const int width = page.minimumSizeHint().width(); width > kNarrowest)
                wide << QStringLiteral("%1: %2").arg(QString::fromStdString(kind)).arg(width);
        }
        QVERIFY(seen.size() > 100);
        QVERIFY2(wide.isEmpty(), qPrintable(wide.join(QStringLiteral(", "))));
    }

    void longNamesGiveWay() {
        DocumentController document;
        Project project = newProject();
        for (const test::LayerCase& one : test::layerCases())
            if (one.graph.find(one.block)->kind == "Conv2d") {
                project.network = one.graph;
                document.reset(project);
                BlockPage page(document);
                page.show();
                page.setBlock(one.block);
                page.weights()->setWeightFile(
                    QStringLiteral("/nowhere/the_weights_of_my_first_large_network_seed_7.pth"));
                QVERIFY(QTest::qWaitFor([&] { return !page.weights()->isComputing(); }, 20000));
                page.layout()->activate();
                QVERIFY2(page.minimumSizeHint().width() <= kNarrowest,
                         qPrintable(QString::number(page.minimumSizeHint().width())));
                return;
            }
        QFAIL("no Conv2d among the cases");
    }

    void numbersOfTheTableAreWhole() {
        DocumentController document;
        for (const test::LayerCase& one : test::layerCases()) {
            if (one.graph.find(one.block)->kind != "Conv2d") continue;
            Project project = newProject();
            project.network = one.graph;
            document.reset(project);
            BlockPage page(document);
            page.resize(kNarrowest, 900);
            page.show();
            page.setBlock(one.block);
            QVERIFY(QTest::qWaitFor([&] { return !page.weights()->isComputing(); }, 20000));
            const QTableView* table = page.weights()->table();
            if (!table->isVisible()) continue;
            const QFontMetrics metrics(table->font());
            for (int row = 0; row < table->model()->rowCount(); ++row)
                for (int column = 0; column < table->model()->columnCount(); ++column) {
                    const QString text = table->model()->index(row, column).data().toString();
                    QVERIFY2(metrics.horizontalAdvance(text) + 6 <= table->columnWidth(column),
                             qPrintable(text));
                }
            return;
        }
        QFAIL("no Conv2d with a table among the cases");
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::apply(application, ThemeMode::Light);
    InspectorWidthTest tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "inspector_width_test.moc"
