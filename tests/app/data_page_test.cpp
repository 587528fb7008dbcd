#include "widgets/data/data_page.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <algorithm>

#include "tests/app/data_bench.h"
#include "tests/support/window_test_main.h"
#include "widgets/data/preview_grid.h"
#include "widgets/data/sample_image.h"
#include "widgets/data/step_panel.h"
#include "widgets/data/transform_strip.h"
#include "widgets/data/transforms_view.h"
#include "widgets/inspector/param_form.h"
#include "widgets/style/theme.h"

using namespace loom;
using test::Bench;

namespace {

using Kinds = std::vector<std::string>;

}  // namespace

class DataPageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void showsEveryStepWithItsPicture() {
        Bench bench;
        const auto& cards = bench.page.strip()->cards();
        QCOMPARE(cards.size(), bench.steps().size() + 1);
        for (const StripCard& card : cards) {
            QVERIFY2(!card.picture.isNull(), qPrintable(card.title));
            QVERIFY(!card.failed);
        }
        QCOMPARE(bench.page.grid()->cells().size(), std::size_t(40));
    }

    void addsMovesAndRemovesStepsWithUndo() {
        Bench bench;
        const Kinds before = bench.steps();
        bench.page.selectStep(-1);
        bench.page.addStep(QStringLiteral("RandomHorizontalFlip"));
        QCOMPARE(bench.steps().front(), std::string("RandomHorizontalFlip"));
        QCOMPARE(bench.page.strip()->selected(), 1);
        bench.page.addStep(QStringLiteral("RandomCrop"));
        QCOMPARE(bench.steps()[1], std::string("RandomCrop"));
        QVERIFY(bench.document.report().ok());
        bench.page.strip()->setFocus();
        QTest::keyClick(bench.page.strip(), Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(bench.steps()[0], std::string("RandomCrop"));
        QCOMPARE(bench.page.strip()->selected(), 1);
        QTest::keyClick(bench.page.strip(), Qt::Key_Delete);
        QCOMPARE(bench.steps()[0], std::string("RandomHorizontalFlip"));
        bench.document.undoStack()->undo();
        QCOMPARE(bench.steps()[0], std::string("RandomCrop"));
        for (int i = 0; i < 3; ++i) bench.document.undoStack()->undo();
        QCOMPARE(bench.steps(), before);
    }

    void dragChangesTheOrder() {
        Bench bench;
        bench.page.selectStep(-1);
        bench.page.addStep(QStringLiteral("RandomHorizontalFlip"));
        bench.page.addStep(QStringLiteral("RandomCrop"));
        bench.settle();
        TransformStrip* strip = bench.page.strip();
        const QPoint from = strip->cardRect(2).center();
        const QPoint to = strip->cardRect(1).center() - QPoint(30, 0);
        QTest::mousePress(strip, Qt::LeftButton, {}, from);
        for (int i = 1; i <= 5; ++i) {
            const QPoint at = from + (to - from) * i / 5;
            QMouseEvent move(QEvent::MouseMove, at, strip->mapToGlobal(at), Qt::NoButton,
                             Qt::LeftButton, {});
            QApplication::sendEvent(strip, &move);
        }
        QTest::mouseRelease(strip, Qt::LeftButton, {}, to);
        QCOMPARE(bench.steps()[0], std::string("RandomCrop"));
        QCOMPARE(bench.steps()[1], std::string("RandomHorizontalFlip"));
    }

    void rollingDrawsAnew() {
        Bench bench;
        bench.page.selectStep(-1);
        bench.page.addStep(QStringLiteral("RandomCrop"));
        bench.document.edit(QStringLiteral("Pad"), [](const Project& project) -> Result<Project> {
            Project next = project;
            next.data.trainTransforms[0].params.set("padding", Value(6));
            return next;
        });
        bench.settle();
        PreviewGrid* rolls = bench.page.transforms()->rolls();
        const auto first = rolls->cells();
        const auto others = bench.page.grid()->cells();
        // One picture in ten draws, and thirty others.
        QCOMPARE(first.size(), std::size_t(10));
        QCOMPARE(others.size(), std::size_t(30));
        int different = 0;
        for (std::size_t i = 1; i < 10; ++i) different += first[0].picture != first[i].picture;
        QVERIFY(different >= 5);
        QVERIFY2(first[0].toolTip.contains(QStringLiteral("RandomCrop: ")),
                 qPrintable(first[0].toolTip));
        QTest::keyClick(&bench.page, Qt::Key_R);
        bench.settle();
        int changed = 0;
        for (std::size_t i = 0; i < 10; ++i)
            changed += first[i].picture != rolls->cells()[i].picture;
        for (std::size_t i = 0; i < 30; ++i)
            changed += others[i].picture != bench.page.grid()->cells()[i].picture;
        QVERIFY(changed > 20);
    }

    void aStepThatDoesNotFitSaysWhy() {
        Bench bench;
        bench.document.edit(QStringLiteral("Break"), [](const Project& project) -> Result<Project> {
            Project next = project;
            next.data.trainTransforms = {
                {"Normalize",
                 {{"mean", Value(List{Value(0.5)})}, {"std", Value(List{Value(0.5)})}}},
                {"ToTensor"}};
            return next;
        });
        bench.settle();
        const int failed = bench.document.report().trainPipeline.failedStep;
        QVERIFY(failed >= 0);
        QVERIFY(bench.page.strip()->cards()[static_cast<std::size_t>(failed) + 1].failed);
        bool said = false;
        const QString message =
            QString::fromStdString(bench.document.report().trainPipeline.problem.message);
        for (QLabel* label : bench.page.findChildren<QLabel*>())
            said = said || (label->isVisible() && label->text().contains(message));
        QVERIFY(said);
    }

    void trainAndTestAreApart() {
        Bench bench;
        bench.page.setSplit(Split::Test);
        const Kinds train = bench.steps(Split::Train);
        bench.page.selectStep(-1);
        bench.page.addStep(QStringLiteral("Resize"));
        QCOMPARE(bench.steps(Split::Train), train);
        QCOMPARE(bench.steps(Split::Test).front(), std::string("Resize"));
        bench.page.setSplit(Split::Train);
        bench.page.selectStep(-1);
        bench.page.addStep(QStringLiteral("RandomHorizontalFlip"));
        for (QPushButton* button : bench.page.findChildren<QPushButton*>())
            if (button->text() == QStringLiteral("Copy training to test"))
                QTest::mouseClick(button, Qt::LeftButton);
        // Random steps are for training.
        QCOMPARE(bench.steps(Split::Test), train);
    }

    void publishedWeightsBringTheirWholeList() {
        Bench bench;
        const Kinds train = bench.steps(Split::Train);
        bench.page.setSplit(Split::Test);
        bench.page.addStep(QStringLiteral("ResNet50_Weights.IMAGENET1K_V2"));
        QCOMPARE(bench.steps(Split::Test),
                 (Kinds{"Resize", "CenterCrop", "ToTensor", "Normalize"}));
        QCOMPARE(bench.steps(Split::Train), train);
    }

    void parametersAreEditedInThePanel() {
        Bench bench;
        bench.page.selectStep(-1);
        bench.page.addStep(QStringLiteral("RandomCrop"));
        auto* field = qobject_cast<QLineEdit*>(
            bench.page.stepPanel()->form()->editor(QStringLiteral("padding")));
        QVERIFY(field);
        field->setFocus();
        QTest::keyClicks(field, QStringLiteral("4"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(bench.document.project().data.trainTransforms[0].params.find("padding")->toText(),
                 std::string("4"));
        bool python = false;
        for (QLabel* label : bench.page.stepPanel()->findChildren<QLabel*>())
            python = python || label->text()
                                   .remove(QChar(0x200b))
                                   .contains(QStringLiteral("RandomCrop(28, padding=4)"));
        QVERIFY(python);
    }

    void aMissingDataSetSaysHowToGetIt() {
        Bench bench;
        bench.document.edit(QStringLiteral("Choose"),
                            [](const Project& project) -> Result<Project> {
                                Project next = project;
                                next.data.dataset = Choice{"CIFAR10"};
                                return next;
                            });
        bench.settle();
        // Beside the download, the way by hand is folded until it is asked for.
        auto* byHand = bench.page.findChild<QPushButton*>(QStringLiteral("getByHand"));
        QVERIFY(byHand && byHand->isVisible());
        QTest::mouseClick(byHand, Qt::LeftButton);
        QVERIFY(!byHand->isVisible());
        bool help = false;
        const QString how = QString::fromStdString(bench.document.report().location.howToGet);
        for (QLabel* label : bench.page.findChildren<QLabel*>())
            help = help || (label->isVisible() && label->text() == how);
        QVERIFY(!how.isEmpty());
        QVERIFY(help);
        QCOMPARE(bench.page.grid()->cells().size(), std::size_t(0));
    }

    void theWindowAnswersWhilePreviewsAreMade() {
        Bench bench;
        qint64 longest = 0;
        QElapsedTimer since;
        since.start();
        QTimer beat;
        connect(&beat, &QTimer::timeout, this,
                [&] { longest = std::max(longest, since.restart()); });
        beat.start(5);
        for (int i = 0; i < 20; ++i) {
            bench.page.rollAgain();
            QTest::qWait(30);
        }
        bench.settle();
        qInfo("longest pause of the window: %lld ms", static_cast<long long>(longest));
        QVERIFY(longest < 250);
    }

    void normalizeIsUndoneForTheEye() {
        const std::vector<TransformChoice> steps{
            {"ToTensor"},
            {"Normalize", {{"mean", Value(List{Value(0.5)})}, {"std", Value(List{Value(0.25)})}}}};
        const TensorSample tensor{{1, 1, 3}, {-2.0f, 0.0f, 2.0f}};
        const QImage shown = toImage(tensor, &steps);
        QCOMPARE(qGray(shown.pixel(0, 0)), 0);
        QCOMPARE(qGray(shown.pixel(1, 0)), 128);
        QCOMPARE(qGray(shown.pixel(2, 0)), 255);
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<DataPageTest>(argc, argv, test::home);
}

#include "data_page_test.moc"
