#include "widgets/data/dataset_browser.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTest>
#include <QTimer>
#include <algorithm>

#include "core/data/pictures/picture.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/data/annotated_picture.h"
#include "widgets/data/class_list.h"
#include "widgets/data/data_page.h"
#include "widgets/data/sample_table.h"
#include "widgets/data/sample_view.h"
#include "widgets/data/scatter_view.h"
#include "widgets/data/thumbnail_grid.h"
#include "widgets/data/transform_strip.h"
#include "widgets/data/transforms_view.h"
#include "widgets/style/segmented.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

test::AppHome* home = nullptr;

struct Bench {
    DocumentController document;
    DataPage page{&document};

    explicit Bench(const Choice& dataset) {
        page.resize(1300, 800);
        page.show();
        Project project = newProject();
        project.data.dataset = dataset;
        document.reset(project);
        page.showView(QStringLiteral("browse"));
        settle();
    }
    static Choice small() {
        const QString root = home->path(QStringLiteral("small"));
        if (!QFileInfo::exists(root)) test::writeSmallFashionMnist(root, 600, 100);
        return {"FashionMNIST", {{"root", Value(root.toStdString())}}};
    }
    DatasetBrowser& browser() { return *page.browser(); }
    void settle() {
        QTest::qWait(30);
        QElapsedTimer clock;
        clock.start();
        while (page.isComputing() && clock.elapsed() < 10000) QTest::qWait(10);
    }
    void clickSegment(const char* id) {
        auto* button = page.findChild<QPushButton*>(QLatin1String("segment.") + QLatin1String(id));
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
        settle();
    }
    void clickClass(int row, Qt::KeyboardModifiers modifiers = {}) {
        ClassList* list = browser().classes();
        list->scrollTo(list->model()->index(row, 0));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, modifiers,
                          list->visualRect(list->model()->index(row, 0)).center());
        settle();
    }
    void clickCell(std::int64_t position) {
        ThumbnailGrid* grid = browser().grid();
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, {}, grid->cellRect(position).center());
        settle();
    }
};

/// A folder of pictures in two classes, one of them no picture at all.
Choice pets() {
    const QString root = home->path(QStringLiteral("pets"));
    if (!QFileInfo::exists(root))
        for (const char* split : {"train", "test"})
            for (int i = 0; i < 6; ++i) {
                const QString folder =
                    root + QStringLiteral("/%1/%2").arg(
                               QLatin1String(split),
                               i % 2 ? QStringLiteral("dog") : QStringLiteral("cat"));
                QDir().mkpath(folder);
                QImage image(20 + i * 10, 30, QImage::Format_RGB888);
                image.fill(QColor(40 * i, 90, 200));
                image.save(folder + QStringLiteral("/pet%1.png").arg(i));
                if (i == 0) {
                    QFile broken(folder + QStringLiteral("/broken.png"));
                    if (broken.open(QIODevice::WriteOnly)) broken.write("no picture");
                }
            }
    return {"ImageFolder", {{"root", Value(root.toStdString())}}};
}

}  // namespace

class DatasetBrowserTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void showsOnlyWhatIsVisible() {
        Bench bench(Bench::small());
        ThumbnailGrid* grid = bench.browser().grid();
        QCOMPARE(grid->count(), std::int64_t(600));
        const auto [first, last] = grid->visibleRange();
        QCOMPARE(first, std::int64_t(0));
        QVERIFY(last > 20 && last < 200);
        QVERIFY(grid->thumbnails()->find(grid->itemAt(0)));
        QVERIFY(grid->thumbnails()->find(grid->itemAt(last - 1)));
        // What is far below was not read.
        QVERIFY(!grid->thumbnails()->find(grid->itemAt(599)));
        grid->verticalScrollBar()->setValue(grid->verticalScrollBar()->maximum());
        bench.settle();
        QVERIFY(grid->thumbnails()->find(grid->itemAt(599)));
    }

    void classesFilterAndCount() {
        Bench bench(Bench::small());
        ThumbnailGrid* grid = bench.browser().grid();
        bench.clickClass(3);
        const auto& data = *bench.browser().data();
        QCOMPARE(grid->count(), data.counts[0][2]);
        for (std::int64_t i = 0; i < grid->count(); ++i) QCOMPARE(data.groupOf(grid->itemAt(i)), 2);
        bench.clickClass(5, Qt::ControlModifier);
        QCOMPARE(grid->count(), data.counts[0][2] + data.counts[0][4]);
        bench.clickClass(0);
        QCOMPARE(grid->count(), std::int64_t(600));
        bench.clickSegment("2");
        QCOMPARE(grid->count(), std::int64_t(100));
        QVERIFY(bench.browser().statusText().contains(QStringLiteral("100")));
    }

    void classesCanHaveHeadings() {
        Bench bench(Bench::small());
        QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("byClass")),
                          Qt::LeftButton);
        bench.settle();
        ThumbnailGrid* grid = bench.browser().grid();
        QCOMPARE(grid->count(), std::int64_t(600));
        const auto& data = *bench.browser().data();
        int before = 0;
        for (std::int64_t i = 0; i < grid->count(); ++i) {
            const int group = data.groupOf(grid->itemAt(i));
            QVERIFY(group >= before);
            before = group;
        }
    }

    void searchTakesClassesNumbersAndFiles() {
        Bench bench(Bench::small());
        QLineEdit* search = bench.browser().search();
        ThumbnailGrid* grid = bench.browser().grid();
        const auto& data = *bench.browser().data();
        QTest::keyClicks(search, QStringLiteral("coat"));
        bench.settle();
        QCOMPARE(grid->count(), data.counts[0][4]);
        search->clear();
        QTest::keyClicks(search, QStringLiteral("417"));
        bench.settle();
        QCOMPARE(grid->count(), std::int64_t(1));
        QCOMPARE(grid->itemAt(0).index, std::int64_t(417));

        Bench folder(pets());
        QTest::keyClicks(folder.browser().search(), QStringLiteral("pet3"));
        folder.settle();
        QCOMPARE(folder.browser().grid()->count(), std::int64_t(1));
        QVERIFY(folder.browser()
                    .data()
                    ->nameOf(folder.browser().grid()->itemAt(0))
                    .endsWith(QStringLiteral("dog/pet3.png")));
    }

    void mouseAndKeysChooseASample() {
        Bench bench(Bench::small());
        ThumbnailGrid* grid = bench.browser().grid();
        bench.clickCell(2);
        QCOMPARE(grid->current(), std::int64_t(2));
        QVERIFY(bench.browser().sampleView()->isVisible());
        const QImage second = bench.browser().sampleView()->image();
        QVERIFY(!second.isNull());
        grid->setFocus();
        QTest::keyClick(grid, Qt::Key_Right);
        QCOMPARE(grid->current(), std::int64_t(3));
        bench.settle();
        QVERIFY(bench.browser().sampleView()->image() != second);
        QVERIFY(bench.browser().sampleView()->text().contains(
            QStringLiteral("sample 3 of the training set")));
        QTest::keyClick(grid, Qt::Key_Down);
        QVERIFY(grid->current() > 4);
        QVERIFY(grid->cellRect(grid->current()).left() == grid->cellRect(3).left());
        QTest::keyClick(grid, Qt::Key_End);
        QCOMPARE(grid->current(), std::int64_t(599));
        QVERIFY(grid->viewport()->rect().contains(grid->cellRect(599)));
        QTest::keyClick(grid, Qt::Key_Home);
        QCOMPARE(grid->current(), std::int64_t(0));
        bench.settle();
        QTest::keyClick(grid, Qt::Key_Return);
        bench.settle();
        QVERIFY(bench.browser().sampleView()->width() > grid->width());
        QTest::keyClick(grid, Qt::Key_Escape);
        QVERIFY(bench.browser().classes()->isVisible());
    }

    void unreadablePicturesSayWhy() {
        Bench bench(pets());
        ThumbnailGrid* grid = bench.browser().grid();
        QCOMPARE(grid->count(), std::int64_t(7));
        std::int64_t broken = -1;
        for (std::int64_t i = 0; i < grid->count(); ++i)
            if (bench.browser()
                    .data()
                    ->nameOf(grid->itemAt(i))
                    .endsWith(QStringLiteral("broken.png")))
                broken = i;
        QVERIFY(broken >= 0);
        const Thumbnail* thumbnail = grid->thumbnails()->find(grid->itemAt(broken));
        QVERIFY(thumbnail && thumbnail->image.isNull());
        QVERIFY(thumbnail->problem.contains(QStringLiteral("broken.png")));
        bench.clickCell(broken);
        QVERIFY(bench.browser().sampleView()->text().contains(thumbnail->problem));
        QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("copyPath")),
                          Qt::LeftButton);
        QVERIFY(QApplication::clipboard()->text().endsWith(QStringLiteral("broken.png")));
        QVERIFY(bench.browser().statusText().contains(QStringLiteral("20 to 70 × 30 pixels")));
    }

    void aSampleIsFollowedThroughTheTransforms() {
        Bench bench(Bench::small());
        bench.clickSegment("2");
        bench.clickCell(4);
        const QImage chosen = bench.browser().sampleView()->image();
        QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("followSample")),
                          Qt::LeftButton);
        bench.settle();
        QCOMPARE(bench.page.shownView(), QStringLiteral("transforms"));
        QCOMPARE(bench.page.split(), Split::Test);
        QCOMPARE(bench.page.strip()->cards().front().picture.convertToFormat(QImage::Format_RGB32),
                 chosen.convertToFormat(QImage::Format_RGB32));
    }

    void exactlyTheseAreShownUntilAllAreWanted() {
        Bench bench(Bench::small());
        bench.browser().showSamples(QStringLiteral("Duplicates: 3"),
                                    {{Split::Train, 5}, {Split::Test, 7}, {Split::Train, 1}});
        bench.settle();
        ThumbnailGrid* grid = bench.browser().grid();
        QCOMPARE(grid->count(), std::int64_t(3));
        QCOMPARE(grid->itemAt(1), (BrowserItem{Split::Test, 7}));
        QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("showAll")),
                          Qt::LeftButton);
        bench.settle();
        QCOMPARE(grid->count(), std::int64_t(600));
    }

    void theValidationPartIsApart() {
        Bench bench(Bench::small());
        bench.document.edit(QStringLiteral("Hold back"),
                            [](const Project& project) -> Result<Project> {
                                Project next = project;
                                next.data.validation = Part{.fraction = 0.25};
                                return next;
                            });
        bench.settle();
        QCOMPARE(bench.browser().grid()->count(), std::int64_t(450));
        bench.clickSegment("1");
        QCOMPARE(bench.browser().grid()->count(), std::int64_t(150));
    }

    void numbersAreATableAndPoints() {
        Bench bench(Choice{"Line"});
        SampleTable* table = bench.browser().table();
        QVERIFY(bench.browser().data() && bench.browser().data()->any());
        QVERIFY(table->isVisible());
        QVERIFY(table->samples()->rowCount() > 10);
        QCOMPARE(table->samples()->columnCount(), 2);
        ScatterView* scatter = bench.browser().scatter();
        QVERIFY(scatter->isVisible());
        QVERIFY(scatter->points().size() > 10);
        const ScatterView::Point point = scatter->points()[7];
        QTest::mouseClick(scatter, Qt::LeftButton, {}, scatter->placeOf(point).toPoint());
        bench.settle();
        QVERIFY(table->currentIndex().isValid());
        QVERIFY(bench.browser().sampleView()->isVisible());
    }

    void boxesAreDrawnWithTheirNames() {
        AnnotatedPicture picture;
        picture.resize(200, 200);
        QImage image(100, 100, QImage::Format_RGB888);
        image.fill(Qt::black);
        picture.setPicture(image, {{10, 20, 50, 40, 0}},
                           {QStringLiteral("dog"), QStringLiteral("cat")});
        const QImage shown = picture.grab().toImage();
        // The left edge of the box, at twice the picture's scale, in its colour.
        QCOMPARE(shown.pixelColor(20, 80), seriesColor(0));
        QVERIFY(shown.pixelColor(60, 80) == QColor(Qt::black));
    }

    void theWindowAnswersWhileScrollingThroughSixtyThousand() {
        QVERIFY2(QFileInfo::exists(QStringLiteral("/usr/share/datasets/fashion-mnist")),
                 test::kNoFashionMnist);
        Bench bench(Choice{"FashionMNIST"});
        ThumbnailGrid* grid = bench.browser().grid();
        QCOMPARE(grid->count(), std::int64_t(60000));
        qint64 longest = 0;
        QElapsedTimer since;
        since.start();
        QTimer beat;
        connect(&beat, &QTimer::timeout, this,
                [&] { longest = std::max(longest, since.restart()); });
        beat.start(5);
        QScrollBar* bar = grid->verticalScrollBar();
        for (int i = 0; i <= 100; ++i) {
            bar->setValue(static_cast<int>(std::int64_t(bar->maximum()) * i / 100));
            QTest::qWait(10);
        }
        qInfo("longest pause of the window: %lld ms", static_cast<long long>(longest));
        bench.settle();
        QVERIFY(grid->thumbnails()->find(grid->itemAt(59999)));
        QVERIFY(longest < 500);
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<DatasetBrowserTest>(argc, argv, home);
}

#include "dataset_browser_test.moc"
