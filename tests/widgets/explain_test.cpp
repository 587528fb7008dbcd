#include <QClipboard>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

#include "core/catalogue/init_kind.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/graph/edit.h"
#include "tests/widgets/canvas_bench.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/explain/help_index.h"
#include "widgets/explain/help_panel.h"
#include "widgets/explain/help_view.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

const char* const kNetwork =
    "Input 1x28x28 > conv1=Conv2d out_channels=32 kernel_size=5 padding=1 > relu=ReLU > "
    "pool=MaxPool2d kernel_size=2 > flatten=Flatten > fc=Linear out_features=10 > Output";

HelpPage pageOf(const Bench& bench, const char* id) {
    const Node* node = bench.document.graph().find(id);
    return makeHelpPage(*findHelp(layerHelpKey(QString::fromStdString(node->kind))),
                        bench.document.graph(), bench.document.report().shapes, id);
}

/// Every text of a page that a reader would see.
QStringList textsOf(const QWidget& widget) {
    QStringList texts;
    for (const QLabel* label : widget.findChildren<QLabel*>()) texts << label->text();
    return texts;
}

QRect markOf(const LayerList* list, const QString& kind) {
    for (int row = 0; row < list->count(); ++row)
        if (list->item(row)->data(LayerList::KindRole).toString() == kind) {
            const QRect rect = list->visualItemRect(list->item(row));
            return QRect(rect.right() - 20, rect.top(), 14, rect.height());
        }
    return {};
}

}  // namespace

class ExplainTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    void everyKindOfEveryCatalogueHasAPage() {
        QCOMPARE(helpKinds().size(), layers().size() + losses().size() + optimizers().size() +
                                         schedulers().size() + transforms().size() +
                                         batchTransforms().size() + samplers().size() +
                                         datasets().size() + initializations().size());
        const Graph none;
        const ShapeReport nothing;
        QSet<QString> keys;
        HelpView view;
        for (const HelpKind& kind : helpKinds()) {
            const HelpPage page = makeHelpPage(kind, none, nothing);
            const QByteArray name = page.key.toUtf8();
            QVERIFY2(!keys.contains(page.key), name);
            keys.insert(page.key);
            QVERIFY2(page.summary.startsWith(page.title + ' ') && page.summary.endsWith('.'), name);
            QVERIFY2(!page.summary.contains(".."), name);
            QVERIFY2(!page.family.isEmpty() && !page.catalogue.isEmpty(), name);
            if (!page.pythonName.isEmpty()) QVERIFY2(!page.code.isEmpty(), name);
            if (kind.layer) QVERIFY2(!page.inputs.empty() || !page.outputs.empty(), name);
            QCOMPARE(page.params.size(), kind.params->size());
            for (const HelpPage::Param& param : page.params) {
                QVERIFY2(!param.name.isEmpty() && !param.type.isEmpty() &&
                             !param.defaultText.isEmpty() && !param.hint.isEmpty(),
                         name + ": " + param.name.toUtf8());
                QVERIFY2(param.value.isEmpty() && !param.set, name);
            }
            for (const HelpPage::Link& link : page.related) {
                QVERIFY2(findHelp(link.key), name);
                QVERIFY2(link.key != page.key, name);
            }
            for (const QString& line : page.formula) QVERIFY2(!line.trimmed().isEmpty(), name);
            // On the screen too: no card is a heading alone.
            view.setPage(page);
            for (const Card* card : view.findChildren<Card*>()) {
                int texts = 0;
                for (const QLabel* label : card->findChildren<QLabel*>())
                    texts += !label->text().isEmpty() && !label->isHidden();
                QVERIFY2(texts >= 2, name);
            }
        }
    }

    void numbersAreTheReports() {
        Bench bench(kNetwork);
        const ShapeReport& report = bench.document.report().shapes;
        for (const Node& node : bench.document.graph().nodes) {
            const BlockReport& block = *report.find(node.id);
            QVERIFY(block.known);
            const HelpPage page = pageOf(bench, node.id.c_str());
            QCOMPARE(page.block.toStdString(), node.id);
            QVERIFY(page.problem.isEmpty());
            QCOMPARE(page.sizes.size(), block.inference.formulas.size());
            for (std::size_t i = 0; i < page.sizes.size(); ++i)
                QCOMPARE(page.sizes[i].text.toStdString(), block.inference.formulas[i].text);
            QCOMPARE(page.counts.at(0).value.toStdString(),
                     groupDigits(block.inference.parameters));
            QCOMPARE(page.counts.at(1).value.toStdString(), groupDigits(block.inference.macs));
            for (const Shape& shape : block.inference.outputs)
                QVERIFY(page.shapes.contains(QString::fromStdString(shape.toText())));
        }
        const HelpPage conv = pageOf(bench, "conv1");
        QCOMPARE(conv.shapes, QStringLiteral("1×28×28  →  32×26×26"));
        QCOMPARE(conv.counts[0].value, QStringLiteral("832"));
        QCOMPARE(conv.counts[1].how,
                 QStringLiteral("21,632 numbers come out, each a sum of 25 products"));
        QCOMPARE(conv.code, QStringLiteral("nn.Conv2d(1, 32, 5, padding=1)"));
        const auto param = [&](const char* key) {
            for (const HelpPage::Param& p : conv.params)
                if (p.name == QLatin1String(key)) return p;
            return HelpPage::Param();
        };
        QVERIFY(param("padding").set);
        QCOMPARE(param("padding").value, QStringLiteral("1"));
        QVERIFY(!param("stride").set);
        QCOMPARE(param("stride").value, QStringLiteral("1"));
        QCOMPARE(param("in_channels").value, QStringLiteral("1"));
        QCOMPARE(param("out_channels").range, QStringLiteral("at least 1"));
    }

    void f1ExplainsTheSelectedBlockAndFollowsIt() {
        Bench bench(kNetwork);
        HelpPanel& help = *bench.page.help();
        QVERIFY(!help.isVisible());
        bench.click(bench.middle("conv1"));
        bench.page.explain();
        QVERIFY(help.isVisible());
        QVERIFY(bench.view.isVisible() && bench.view.height() >= 160);
        QCOMPARE(help.currentKey(), QStringLiteral("layer/Conv2d"));
        QVERIFY(textsOf(help).contains(QStringLiteral("1×28×28  →  32×26×26")));
        // Parameters change while the page is open.
        bench.document.editGraph("Set", [](const Graph& graph) {
            return edit::setParam(graph, "conv1", "stride", Value(2));
        });
        QCOMPARE(help.view()->page().shapes, QStringLiteral("1×28×28  →  32×13×13"));
        QVERIFY(textsOf(help).contains(QStringLiteral("1×28×28  →  32×13×13")));
        QVERIFY(textsOf(help).contains(QStringLiteral("⌊(28 + 2·1 − 1·(5−1) − 1)/2⌋ + 1 = 13")));
        bench.document.editGraph("Set", [](const Graph& graph) {
            return edit::setParam(graph, "conv1", "kernel_size", Value(99));
        });
        QVERIFY(help.view()->page().problem.contains(QStringLiteral("conv1")));
        bench.document.undoStack()->undo();
        bench.view.drawing().select({"pool"});
        QCOMPARE(help.currentKey(), QStringLiteral("layer/MaxPool2d"));
        QCOMPARE(help.currentBlock(), NodeId("pool"));
        QTest::mouseClick(help.backButton(), Qt::LeftButton);
        QCOMPARE(help.currentBlock(), NodeId("conv1"));
        QTest::mouseClick(help.forwardButton(), Qt::LeftButton);
        QCOMPARE(help.currentBlock(), NodeId("pool"));
        QVERIFY(!help.forwardButton()->isEnabled());
        // A link of the page, then back by key.
        Q_EMIT help.view()->linkActivated(QStringLiteral("layer/AvgPool2d"));
        QCOMPARE(help.currentKey(), QStringLiteral("layer/AvgPool2d"));
        QVERIFY(help.view()->page().block.isEmpty());
        QTest::keyClick(&help, Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(help.currentBlock(), NodeId("pool"));
        // A block that is gone leaves its page without numbers.
        bench.document.editGraph("Remove", [](const Graph& graph) -> Result<Graph> {
            return edit::removeNodes(graph, {"pool"});
        });
        QCOMPARE(help.currentKey(), QStringLiteral("layer/MaxPool2d"));
        QVERIFY(help.view()->page().block.isEmpty());
        QTest::keyClick(&help, Qt::Key_Escape);
        QVERIFY(!help.isVisible());
    }

    void questionMarksOpenPages() {
        Bench bench(kNetwork);
        HelpPanel& help = *bench.page.help();
        const std::size_t blocks = bench.document.graph().nodes.size();
        LayerList* palette = bench.page.palettePanel()->list();
        const QRect mark = markOf(palette, QStringLiteral("Sigmoid"));
        QTest::mouseClick(palette->viewport(), Qt::LeftButton, {}, mark.center());
        QVERIFY(help.isVisible());
        QCOMPARE(help.currentKey(), QStringLiteral("layer/Sigmoid"));
        QCOMPARE(bench.document.graph().nodes.size(), blocks);
        // In the search, the mark and F1.
        bench.view.setFocus();
        bench.key(Qt::Key_Tab);
        QTest::keyClicks(bench.search(), QStringLiteral("tanh"));
        LayerList* found = bench.view.addPopup()->list();
        QTest::mouseClick(found->viewport(), Qt::LeftButton, {},
                          markOf(found, QStringLiteral("Tanh")).center());
        QCOMPARE(help.currentKey(), QStringLiteral("layer/Tanh"));
        QCOMPARE(bench.document.graph().nodes.size(), blocks);
        bench.view.addPopup()->close();
        bench.view.setFocus();
        bench.key(Qt::Key_Tab);
        QTest::keyClicks(bench.search(), QStringLiteral("dropout"));
        bench.page.explain();
        QCOMPARE(help.currentKey(), QStringLiteral("layer/Dropout"));
        bench.view.addPopup()->close();
        // On the inspector.
        bench.view.drawing().select({"fc"});
        bench.page.closeHelp();
        auto* button = bench.page.inspector()->blockPage()->findChild<QToolButton*>(
            QStringLiteral("inspector.help"));
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(help.isVisible());
        QCOMPARE(help.currentBlock(), NodeId("fc"));
    }

    void indexFindsByNameAndByWhatItDoes() {
        Bench bench(kNetwork);
        bench.page.showHelpIndex();
        HelpPanel& help = *bench.page.help();
        HelpIndex& index = *help.index();
        QCOMPARE(index.pageCount(), static_cast<int>(helpKinds().size()));
        QTest::keyClicks(index.searchField(), QStringLiteral("crossent"));
        QCOMPARE(index.list()->currentItem()->text(), QStringLiteral("CrossEntropyLoss"));
        QTest::keyClick(index.searchField(), Qt::Key_Return);
        QCOMPARE(help.currentKey(), QStringLiteral("loss/CrossEntropyLoss"));
        QVERIFY(!help.view()->page().params.empty());
        QTest::mouseClick(help.backButton(), Qt::LeftButton);
        QCOMPARE(help.currentKey(), QString());
        index.searchField()->setText(QStringLiteral("zzzzqq"));
        QCOMPARE(index.pageCount(), 0);
        index.searchField()->setText(QStringLiteral("momentum"));
        QVERIFY(index.pageCount() > 0);
    }

    void pythonIsCopied() {
        Bench bench(kNetwork);
        bench.page.explainBlock("conv1");
        QApplication::clipboard()->clear();
        auto* copy = bench.page.help()->findChild<QPushButton*>(QStringLiteral("help.copy"));
        QVERIFY(copy);
        QTest::mouseClick(copy, Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(),
                 QStringLiteral("nn.Conv2d(1, 32, 5, padding=1)"));
    }
};

QTEST_MAIN(ExplainTest)
#include "explain_test.moc"
