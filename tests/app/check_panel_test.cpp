#include "widgets/data/check_panel.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QPushButton>
#include <QTest>

#include "tests/support/python.h"
#include "tests/support/window_test_main.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/data/data_page.h"
#include "widgets/data/dataset_browser.h"
#include "widgets/data/finding_card.h"
#include "widgets/data/thumbnail_grid.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

test::AppHome* home = nullptr;

/// Pictures of 20 × 20 in two classes, twice as many dogs and more; one is in both splits, and one
/// is no picture.
QString makePets(const QString& name) {
    const QString root = home->path(name);
    if (QFileInfo::exists(root)) return root;
    const auto put = [&](const QString& place, int number) {
        const QString path = root + QLatin1Char('/') + place;
        QDir().mkpath(QFileInfo(path).path());
        QImage image(20, 20, QImage::Format_RGB888);
        for (int y = 0; y < 20; ++y)
            for (int x = 0; x < 20; ++x)
                image.setPixelColor(
                    x, y,
                    QColor((x * 11 + number * 37) % 256, (y * 7 + number * 13) % 256, x * y % 256));
        image.save(path);
    };
    for (int i = 0; i < 3; ++i) put(QStringLiteral("train/cat/c%1.png").arg(i), i);
    for (int i = 0; i < 12; ++i) put(QStringLiteral("train/dog/d%1.png").arg(i), 20 + i);
    for (int i = 0; i < 3; ++i) put(QStringLiteral("test/cat/t%1.png").arg(i), 50 + i);
    for (int i = 0; i < 3; ++i) put(QStringLiteral("test/dog/t%1.png").arg(i), 60 + i);
    put(QStringLiteral("test/dog/leak.png"), 21);
    QFile broken(root + QStringLiteral("/train/dog/broken.png"));
    if (broken.open(QIODevice::WriteOnly)) broken.write("no picture");
    return root;
}

struct Bench {
    DocumentController document;
    DataPage page{&document};

    Bench() {
        page.resize(1300, 800);
        page.show();
        Project project = newProject();
        project.data.dataset = Choice{
            "ImageFolder", {{"root", Value(makePets(QStringLiteral("pets")).toStdString())}}};
        const List half{Value(0.9)};
        const List small{Value(0.01)};
        project.data.trainTransforms = {
            {"ToTensor"}, {"Normalize", {{"mean", Value(half)}, {"std", Value(small)}}}};
        project.data.testTransforms = {
            {"RandomHorizontalFlip"},
            {"ToTensor"},
            {"Normalize", {{"mean", Value(half)}, {"std", Value(small)}}}};
        document.reset(project);
        page.showView(QStringLiteral("check"));
        settle();
    }
    CheckPanel& panel() { return *page.checkPanel(); }
    void settle() {
        QTest::qWait(30);
        QElapsedTimer clock;
        clock.start();
        while (page.isComputing() && clock.elapsed() < 10000) QTest::qWait(10);
    }
    void click(const char* name) {
        auto* button = page.findChild<QPushButton*>(QLatin1String(name));
        QVERIFY2(button && button->isVisible(), name);
        QTest::mouseClick(button, Qt::LeftButton);
        settle();
    }
    FindingCard* card(const char* id) {
        for (FindingCard* card : panel().cards())
            if (card->finding().id == id) return card;
        return nullptr;
    }
};

bool isSaid(const QWidget& widget, const QString& words) {
    for (const QLabel* label : widget.findChildren<QLabel*>())
        if (label->isVisible() && label->text().contains(words)) return true;
    return false;
}

}  // namespace

class CheckPanelTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsWhatItFinds() {
        Bench bench;
        QVERIFY(bench.panel().warningLine().isEmpty());
        bench.click("checkData");
        QVERIFY(bench.panel().report());
        for (const char* id : {"unreadable", "leak", "imbalance", "normalize", "random_test"})
            QVERIFY2(bench.card(id), id);
        QVERIFY(isSaid(bench.panel(), QStringLiteral("1 test picture")));
        QVERIFY(isSaid(bench.panel(), QStringLiteral("23 samples read")));
        QVERIFY(bench.panel().warningLine().contains(
            QStringLiteral("Test pictures that are trained with")));
    }

    void picturesAreAClickAway() {
        Bench bench;
        bench.click("checkData");
        FindingCard* leak = bench.card("leak");
        QVERIFY(leak);
        auto* pictures = leak->findChild<QWidget*>(QStringLiteral("findingPictures"));
        QVERIFY(pictures && pictures->isVisible());
        QTest::mouseClick(pictures, Qt::LeftButton, {}, QPoint(20, 20));
        bench.settle();
        QCOMPARE(bench.page.shownView(), QStringLiteral("browse"));
        ThumbnailGrid* grid = bench.page.browser()->grid();
        QCOMPARE(grid->count(), std::int64_t(2));
        QVERIFY(bench.page.browser()
                    ->data()
                    ->nameOf(grid->itemAt(1))
                    .endsWith(QStringLiteral("leak.png")));
        QVERIFY(isSaid(*bench.page.browser(), QStringLiteral("trained with: 2")));
    }

    void fixesMendAndCheckAnew() {
        Bench bench;
        bench.click("checkData");
        QVERIFY(bench.card("normalize"));
        bench.click("fix.use_statistics");
        QVERIFY(!bench.card("normalize"));
        const auto& steps = bench.document.project().data.trainTransforms;
        QVERIFY(steps.back().params.find("mean")->asList().size() == 3);
        bench.click("fix.steady_test");
        QVERIFY(!bench.card("random_test"));
        QCOMPARE(bench.document.project().data.testTransforms.size(), std::size_t(2));
        bench.document.undoStack()->undo();
        bench.document.undoStack()->undo();
        QCOMPARE(bench.document.project().data.testTransforms.size(), std::size_t(3));
        // What was found is no longer of what stands there.
        QVERIFY(isSaid(bench.panel(), QStringLiteral("Check again")));
    }

    void anotherDataSetForgetsTheFindings() {
        Bench bench;
        bench.click("checkData");
        bench.document.edit(QStringLiteral("Choose"),
                            [](const Project& project) -> Result<Project> {
                                Project next = project;
                                next.data.dataset = Choice{"Line"};
                                return next;
                            });
        bench.settle();
        QVERIFY(!bench.panel().report());
        QVERIFY(bench.panel().cards().empty());
        QVERIFY(bench.panel().warningLine().isEmpty());
    }

    void stoppingEndsIt() {
        QVERIFY2(QFileInfo::exists(QStringLiteral("/usr/share/datasets/fashion-mnist")),
                 test::kNoFashionMnist);
        Bench bench;
        bench.document.edit(QStringLiteral("Choose"),
                            [](const Project& project) -> Result<Project> {
                                Project next = project;
                                next.data.dataset = Choice{"FashionMNIST"};
                                return next;
                            });
        bench.settle();
        QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("checkData")),
                          Qt::LeftButton);
        auto* stop = bench.page.findChild<QPushButton*>(QStringLiteral("stopCheck"));
        QVERIFY(stop->isVisible());
        QTest::mouseClick(stop, Qt::LeftButton);
        bench.settle();
        QVERIFY(bench.panel().report());
        QVERIFY(!bench.panel().report()->complete);
        QVERIFY(isSaid(bench.panel(), QStringLiteral("stopped before the end")));
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<CheckPanelTest>(argc, argv, home);
}

#include "check_panel_test.moc"
