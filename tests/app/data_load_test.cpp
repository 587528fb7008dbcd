// Split and loader: what the forms write into the project, and the numbers that follow.

#include "tests/support/window_test_main.h"
#include "widgets/data/load_panel.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

#include "core/catalogue/training_kinds.h"
#include "tests/app/data_bench.h"
#include "widgets/data/part_form.h"
#include "widgets/data/split_bar.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/parts_form.h"
#include "widgets/style/theme.h"

using namespace loom;
using test::Bench;

namespace {

void choose(QWidget* editor, const QString& text) {
    auto* combo = qobject_cast<QComboBox*>(editor);
    QVERIFY(combo);
    const int index = combo->findText(text);
    QVERIFY2(index >= 0, qPrintable(text));
    combo->setCurrentIndex(index);
    Q_EMIT combo->activated(index);
}

void type(QWidget* editor, const QString& text) {
    auto* line = qobject_cast<QLineEdit*>(editor);
    QVERIFY(line);
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, text);
    QTest::keyClick(line, Qt::Key_Return);
}

QString batchesText(LoadPanel& panel) {
    return panel.findChild<QLabel*>(QStringLiteral("batches"))->text();
}

std::int64_t part(const LoadPanel& panel, const QString& name) {
    for (const SplitBar::Part& one : panel.bar()->parts())
        if (one.name == name) return one.count;
    return 0;
}

}  // namespace

class DataLoadTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theNumbersFollowAtOnce() {
        Bench bench;
        bench.page.showView(QStringLiteral("load"));
        bench.settle();
        LoadPanel& panel = *bench.page.loadPanel();
        // 100 samples in batches of 16: six full ones and one of four.
        QCOMPARE(part(panel, QStringLiteral("training")), 100);
        QCOMPARE(part(panel, QStringLiteral("test")), 20);
        QCOMPARE(panel.facts().batches, 7);
        QCOMPARE(panel.facts().lastBatch, 4);
        QCOMPARE(batchesText(panel), QStringLiteral("7 batches per epoch"));
        ParamForm* form = panel.fields()->form();
        type(form->editor(QStringLiteral("batch_size")), QStringLiteral("32"));
        bench.settle();
        QCOMPARE(bench.document.project().training.batchSize, 32);
        QCOMPARE(panel.facts().batches, 4);
        // On the box itself: beside it nothing is to be ticked.
        QTest::mouseClick(form->editor(QStringLiteral("drop_last")), Qt::LeftButton, {},
                          QPoint(8, form->editor(QStringLiteral("drop_last"))->height() / 2));
        bench.settle();
        QCOMPARE(panel.facts().batches, 3);
        QCOMPARE(panel.facts().lastBatch, 32);
        QCOMPARE(panel.python(), QStringLiteral("loader = DataLoader(train_data, batch_size=32, "
                                                "shuffle=True, num_workers=1, drop_last=True)"));
    }

    void aValidationPartIsCutAndCounted() {
        Bench bench;
        bench.page.showView(QStringLiteral("load"));
        bench.settle();
        LoadPanel& panel = *bench.page.loadPanel();
        ParamForm* form = panel.validation()->form();
        choose(form->editor(QStringLiteral("validation")), QStringLiteral("a fraction"));
        const auto validation = [&] { return bench.document.project().data.validation; };
        QVERIFY(validation() && validation()->fraction == 0.1 && validation()->stratified);
        type(form->editor(QStringLiteral("fraction")), QStringLiteral("0.3"));
        bench.settle();
        QCOMPARE(part(panel, QStringLiteral("validation")), 30);
        QCOMPARE(part(panel, QStringLiteral("training")), 70);
        // Ten classes of ten, cut in proportion.
        for (const LoadFacts::ClassRow& row : panel.facts().classes) {
            QCOMPARE(row.train, 7);
            QCOMPARE(row.validation, 3);
        }
        QCOMPARE(panel.classes()->rowCount(), 10);
        QCOMPARE(panel.classes()->item(4, 2)->text(), QStringLiteral("3"));
        choose(form->editor(QStringLiteral("validation")), QStringLiteral("a number"));
        type(form->editor(QStringLiteral("count")), QStringLiteral("15"));
        bench.settle();
        QVERIFY(!validation()->fraction && validation()->count == 15);
        QCOMPARE(part(panel, QStringLiteral("validation")), 15);
        choose(form->editor(QStringLiteral("validation")), QStringLiteral("none"));
        QVERIFY(!bench.document.project().data.validation);
        bench.document.undoStack()->undo();
        QVERIFY(bench.document.project().data.validation->count == 15);
    }

    void aSubsetForQuickTrials() {
        Bench bench;
        bench.page.showView(QStringLiteral("load"));
        auto* editor =
            bench.page.loadPanel()->findChild<QComboBox*>(QStringLiteral("param.subset"));
        choose(editor, QStringLiteral("a fraction"));
        bench.settle();
        LoadPanel& panel = *bench.page.loadPanel();
        QCOMPARE(part(panel, QStringLiteral("training")), 10);
        QCOMPARE(part(panel, QStringLiteral("left out")), 90);
        QVERIFY(panel.python().contains(QStringLiteral("stratified_split(train_data, n, 0)")));
    }

    void aBalancedSamplerWeighsByClass() {
        Bench bench;
        bench.page.showView(QStringLiteral("load"));
        LoadPanel& panel = *bench.page.loadPanel();
        choose(panel.sampler()->kindForm()->editor(QStringLiteral("sampler")),
               QStringLiteral("WeightedRandomSampler"));
        bench.settle();
        QCOMPARE(bench.document.project().training.sampler->kind,
                 std::string("WeightedRandomSampler"));
        QVERIFY(panel.facts().weighted);
        for (const LoadFacts::ClassRow& row : panel.facts().classes) {
            QCOMPARE(row.weight, 0.1);
            QVERIFY(std::abs(row.share - 0.1) < 1e-12);
        }
        auto* count = panel.sampler()->paramForm()->editor(QStringLiteral("num_samples"));
        type(count, QStringLiteral("320"));
        bench.settle();
        QCOMPARE(panel.facts().samplesPerEpoch, 320);
        QCOMPARE(panel.facts().batches, 20);
        QVERIFY(panel.python().contains(QStringLiteral("sampler = WeightedRandomSampler")));
        QVERIFY(!panel.python().contains(QStringLiteral("shuffle")));
    }

    void batchTransformsAreAddedAndTakenOut() {
        Bench bench;
        bench.page.showView(QStringLiteral("load"));
        PartsForm* mixing = bench.page.loadPanel()->mixing();
        QCOMPARE(mixing->forms().size(), std::size_t(0));
        QTest::mouseClick(mixing->addButton(), Qt::LeftButton);
        QCOMPARE(bench.document.project().data.batchTransforms.size(), std::size_t(1));
        QCOMPARE(bench.document.project().data.batchTransforms[0].kind,
                 batchTransforms().begin()->info.id);
        type(mixing->forms()[0]->paramForm()->editor(QStringLiteral("alpha")),
             QStringLiteral("0.2"));
        QCOMPARE(bench.document.project().data.batchTransforms[0].params.find("alpha")->asFloat(),
                 0.2);
        for (QToolButton* button : mixing->findChildren<QToolButton*>())
            if (button->toolTip() == QStringLiteral("Take this batch transform out"))
                QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(bench.document.project().data.batchTransforms.empty());
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<DataLoadTest>(argc, argv, test::home);
}

#include "data_load_test.moc"
