// The transforms' view at work: views, inner steps, menu, ways out of mistakes, and the inspector.

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "core/base/random.h"
#include "core/data/loader.h"
#include "tests/app/data_bench.h"
#include "tests/support/window_test_main.h"
#include "widgets/data/compare_view.h"
#include "widgets/data/kind_picker.h"
#include "widgets/data/numbers_view.h"
#include "widgets/data/preview_grid.h"
#include "widgets/data/sample_inspector.h"
#include "widgets/data/step_panel.h"
#include "widgets/data/transform_strip.h"
#include "widgets/data/transforms_view.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/parts_form.h"
#include "widgets/style/segmented.h"
#include "widgets/style/theme.h"

using namespace loom;
using test::Bench;

namespace {

using Kinds = std::vector<std::string>;

Choice normalize() {
    return {"Normalize", {{"mean", Value(List{Value(0.5)})}, {"std", Value(List{Value(0.25)})}}};
}

Choice randomApply() {
    return {
        "RandomApply",
        {{"transforms", nestedValue({{"RandomCrop", {{"size", Value(28)}, {"padding", Value(4)}}},
                                     {"RandomHorizontalFlip"}})}}};
}

std::vector<Choice> innerOf(const Bench& bench, std::size_t step) {
    return innerSteps(bench.document.project().data.trainTransforms.at(step));
}

}  // namespace

class DataPreviewTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void severalViewsShowBesideEachOther() {
        Bench bench;
        bench.setSteps({{"FiveCrop", {{"size", Value(20)}}}, {"ToTensor"}});
        const auto& cards = bench.page.strip()->cards();
        QCOMPARE(cards[1].others.size(), std::size_t(4));
        QCOMPARE(cards[2].others.size(), std::size_t(4));
        QVERIFY(cards[1].others[0] != cards[1].picture);
        QVERIFY(cards[0].others.empty());
    }

    void drawsAreWrittenUnderTheStep() {
        Bench bench;
        bench.setSteps({{"RandomRotation", {{"degrees", Value(30)}}},
                        {"RandomHorizontalFlip", {{"p", Value(0.0)}}},
                        {"ToTensor"}});
        const auto& cards = bench.page.strip()->cards();
        QVERIFY(!cards[1].draws.isEmpty());
        QVERIFY(!cards[2].draws.isEmpty());
        QVERIFY(cards[3].draws.isEmpty());
        QVERIFY(cards[1].toolTip.contains(cards[1].draws));
    }

    void innerStepsAreNamedAndEdited() {
        Bench bench;
        bench.setSteps({randomApply(), {"ToTensor"}});
        QCOMPARE(
            bench.page.strip()->cards()[1].inner,
            QStringList({QStringLiteral("RandomCrop"), QStringLiteral("RandomHorizontalFlip")}));
        bench.page.selectStep(0);
        PartsForm* parts = bench.page.stepPanel()->parts();
        QVERIFY(parts && parts->isVisible());
        QCOMPARE(parts->forms().size(), std::size_t(2));

        QTest::mouseClick(parts->addButton(), Qt::LeftButton);
        QCOMPARE(innerOf(bench, 0).size(), std::size_t(3));
        auto* kind =
            qobject_cast<QComboBox*>(parts->forms()[2]->kindForm()->editor(QStringLiteral("3.")));
        QVERIFY(kind);
        kind->setCurrentIndex(kind->findText(QStringLiteral("RandomVerticalFlip")));
        Q_EMIT kind->activated(kind->currentIndex());
        QCOMPARE(innerOf(bench, 0)[2].kind, std::string("RandomVerticalFlip"));

        auto* p =
            qobject_cast<QLineEdit*>(parts->forms()[2]->paramForm()->editor(QStringLiteral("p")));
        QVERIFY(p);
        p->setFocus();
        p->selectAll();
        QTest::keyClicks(p, QStringLiteral("0.25"));
        QTest::keyClick(p, Qt::Key_Return);
        QCOMPARE(innerOf(bench, 0)[2].params.find("p")->asFloat(), 0.25);

        // The upper of two arrows of the last form.
        QTest::qWait(20);  // fresh rows show with the next turn of the event loop
        const auto buttons = parts->findChildren<QToolButton*>();
        QToolButton* up = nullptr;
        for (QToolButton* button : buttons)
            if (button->isVisible() && button->toolTip() == QStringLiteral("One place earlier"))
                up = button;
        QVERIFY(up);
        QTest::mouseClick(up, Qt::LeftButton);
        QCOMPARE(innerOf(bench, 0)[1].kind, std::string("RandomVerticalFlip"));
        for (int i = 0; i < 4; ++i) bench.document.undoStack()->undo();
        QCOMPARE(innerOf(bench, 0).size(), std::size_t(2));

        QStringList texts;
        for (QLabel* label : bench.page.stepPanel()->findChildren<QLabel*>())
            texts << label->text().remove(QChar(0x200b));
        QVERIFY2(texts.contains(
                     QStringLiteral("transforms.RandomApply([transforms.RandomCrop(28, padding=4), "
                                    "transforms.RandomHorizontalFlip()])")),
                 qPrintable(texts.filter(QStringLiteral("transforms.")).join(QLatin1Char('\n'))));
    }

    void stepsAreDoubledByTheKeyboard() {
        Bench bench;
        bench.setSteps({{"RandomHorizontalFlip", {{"p", Value(0.75)}}}, {"ToTensor"}});
        bench.page.selectStep(0);
        bench.page.strip()->setFocus();
        QTest::keyClick(bench.page.strip(), Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(bench.steps(),
                 Kinds({"RandomHorizontalFlip", "RandomHorizontalFlip", "ToTensor"}));
        QCOMPARE(bench.document.project().data.trainTransforms[1].params.find("p")->asFloat(),
                 0.75);
        QCOMPARE(bench.page.strip()->selected(), 2);
    }

    void aMistakeIsMendedByOneClick() {
        Bench bench;
        bench.setSteps({normalize(), {"ToTensor"}});
        QVERIFY(bench.page.strip()->cards()[1].failed);
        const QPointer<QPushButton> fix =
            bench.page.findChild<QPushButton*>(QStringLiteral("stripFix0"));
        QVERIFY(fix && fix->isVisible());
        QCOMPARE(fix->text(), QStringLiteral("Move Normalize behind ToTensor"));
        QTest::mouseClick(fix, Qt::LeftButton);
        QCOMPARE(bench.steps(), Kinds({"ToTensor", "Normalize"}));
        bench.settle();
        QVERIFY(bench.document.report().ok());
        QVERIFY(!fix || !fix->isVisible());
        bench.document.undoStack()->undo();
        QCOMPARE(bench.steps(), Kinds({"Normalize", "ToTensor"}));
        // The panel of the failing step has the same ways out.
        bench.page.selectStep(0);
        auto* same = bench.page.stepPanel()->findChild<QPushButton*>(QStringLiteral("fix0"));
        QVERIFY(same);
        QTRY_VERIFY(same->isVisible());
        QTest::mouseClick(same, Qt::LeftButton);
        QCOMPARE(bench.steps(), Kinds({"ToTensor", "Normalize"}));
    }

    void theMenuIsGroupedSearchedAndHasPictures() {
        Bench bench;
        KindPicker* picker = bench.page.transforms()->openPicker();
        QListWidget* list = picker->list();
        int headings = 0;
        for (int row = 0; row < list->count(); ++row)
            headings += !(list->item(row)->flags() & Qt::ItemIsEnabled);
        QVERIFY(headings >= 3);
        QVERIFY(list->currentItem()->flags() & Qt::ItemIsEnabled);
        const auto pictures = [&] {
            int count = 0;
            for (int row = 0; row < list->count(); ++row)
                count += !list->item(row)->data(Qt::UserRole + 1).value<QPixmap>().isNull();
            return count;
        };
        QTRY_VERIFY_WITH_TIMEOUT(pictures() + 4 >= static_cast<int>(transforms().size()), 10000);
        QTest::keyClicks(picker->search(), QStringLiteral("mirror"));
        QVERIFY(list->count() >= 2);
        QTest::keyClick(picker->search(), Qt::Key_Down);
        QCOMPARE(list->currentRow(), 1);
        QTest::keyClick(picker->search(), Qt::Key_Up);
        QCOMPARE(list->currentRow(), 0);
        for (int row = 0; row < list->count() &&
                          list->currentItem()->text() != QStringLiteral("RandomHorizontalFlip");
             ++row)
            QTest::keyClick(picker->search(), Qt::Key_Down);
        QTest::keyClick(picker->search(), Qt::Key_Return);
        const Kinds kinds = bench.steps();
        QVERIFY(std::find(kinds.begin(), kinds.end(), "RandomHorizontalFlip") != kinds.end());
    }

    void theInspectorShowsExactlyWhatALoaderDelivers() {
        Bench bench;
        bench.setSteps({{"RandomCrop", {{"size", Value(28)}, {"padding", Value(4)}}},
                        {"ToTensor"},
                        normalize()});
        PreviewGrid* rolls = bench.page.transforms()->rolls();
        QTest::mouseClick(rolls, Qt::LeftButton, {}, rolls->cellRect(3).center());
        SampleInspector* inspector = bench.page.transforms()->inspector();
        QVERIFY(inspector);
        QTRY_VERIFY(!inspector->isComputing());
        const SampleLook& look = inspector->shown();
        QCOMPARE(look.stages.size(), std::size_t(4));
        QCOMPARE(look.epoch, std::uint64_t(3));

        const Project& project = bench.document.project();
        const auto dataset =
            openDataset(project.data.dataset.kind, project.data.dataset.params, Split::Train);
        const auto pipeline = Pipeline::make(project.data.trainTransforms);
        const auto delivered =
            prepareSample(**dataset, *pipeline, look.index,
                          static_cast<std::uint64_t>(project.training.seed), look.epoch);
        QVERIFY(delivered);
        QCOMPARE(std::get<TensorSample>(look.stages.back().value).values, delivered->values);
        auto* draws = inspector->findChild<QLabel*>(QStringLiteral("draws"));
        QVERIFY2(draws->text().startsWith(QStringLiteral("RandomCrop: ")),
                 qPrintable(draws->text()));
        const SampleFigures::Channel& channel = look.stages.back().figures.channels.front();
        QCOMPARE(channel.least,
                 double(*std::min_element(delivered->values.begin(), delivered->values.end())));
        double sum = 0;
        for (const float value : delivered->values) sum += double(value);
        QVERIFY(std::abs(channel.mean - sum / double(delivered->values.size())) < 1e-9);
    }

    void theInspectorWalksRollsAndShowsNumbers() {
        Bench bench;
        bench.setSteps(
            {{"RandomCrop", {{"size", Value(28)}, {"padding", Value(6)}}}, {"ToTensor"}});
        PreviewGrid* grid = bench.page.grid();
        QTest::mouseClick(grid, Qt::LeftButton, {}, grid->cellRect(0).center());
        SampleInspector* inspector = bench.page.transforms()->inspector();
        QTRY_VERIFY(!inspector->isComputing());
        const std::int64_t first = inspector->shown().index;
        QTest::mouseClick(inspector->findChild<QToolButton*>(QStringLiteral("sampleAfter")),
                          Qt::LeftButton);
        QTRY_VERIFY(!inspector->isComputing());
        QCOMPARE(inspector->shown().index, (first + 1) % 100);
        const std::uint64_t epoch = inspector->shown().epoch;
        QTest::keyClick(inspector, Qt::Key_R);
        QTRY_VERIFY(!inspector->isComputing());
        QCOMPARE(inspector->shown().epoch, epoch + 1);

        // A step against the one before it.
        QTest::mouseClick(inspector->strip(), Qt::LeftButton, {},
                          inspector->strip()->cardRect(1).center());
        QCOMPARE(inspector->strip()->selected(), 1);
        Q_EMIT inspector->modes()->chosen(QStringLiteral("numbers"));
        QTableView* table = inspector->numbers()->table();
        QCOMPARE(table->model()->rowCount(), 28);
        const auto& picture = std::get<Picture>(inspector->shown().stages[1].value);
        QCOMPARE(table->model()->index(14, 5).data().toInt(), int(picture.pixels[14 * 28 + 5]));

        Q_EMIT inspector->modes()->chosen(QStringLiteral("slider"));
        CompareView* compare = inspector->compare();
        QTest::mouseClick(compare, Qt::LeftButton, {},
                          QPoint(compare->width() / 4, compare->height() / 2));
        QVERIFY(std::abs(compare->edge() - 0.25) < 0.02);
        QTest::keyClick(compare, Qt::Key_Right);
        QVERIFY(std::abs(compare->edge() - 0.30) < 0.02);

        QTest::mouseClick(inspector->findChild<QPushButton*>(QStringLiteral("followSample")),
                          Qt::LeftButton);
        bench.settle();
        QCOMPARE(bench.page.strip()->cards()[0].caption, inspector->shown().answer);
    }

    void anOwnPictureGoesThroughTheSteps() {
        Bench bench;
        bench.setSteps({{"CenterCrop", {{"size", Value(28)}}}, {"ToTensor"}});
        bench.page.previewOwn(Picture{40, 30, 3, std::vector<std::uint8_t>(3600, 77)},
                              QStringLiteral("cat.png"));
        bench.settle();
        const auto& cards = bench.page.strip()->cards();
        QCOMPARE(cards[0].caption, QStringLiteral("cat.png"));
        QCOMPARE(cards[0].badge, QStringLiteral("40×30, grey"));  // as the data set's pictures are
        QVERIFY(!cards[2].picture.isNull());
        QVERIFY(!bench.document.isModified() || bench.document.undoStack()->count() == 1);
        auto* back = bench.page.findChild<QPushButton*>(QStringLiteral("leaveOwn"));
        QVERIFY(back->isVisible());
        QTest::mouseClick(back, Qt::LeftButton);
        bench.settle();
        QVERIFY(bench.page.strip()->cards()[0].caption != QStringLiteral("cat.png"));
        QVERIFY(!back->isVisible());
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<DataPreviewTest>(argc, argv, test::home);
}

#include "data_preview_test.moc"
