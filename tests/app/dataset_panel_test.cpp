#include "widgets/data/dataset_panel.h"

#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileDialog>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "tests/support/app_home.h"
#include "tests/support/http_server.h"
#include "tests/support/small_project.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/data/data_page.h"
#include "widgets/data/dataset_browser.h"
#include "widgets/data/dataset_panel.h"
#include "widgets/data/download_card.h"
#include "widgets/data/kind_picker.h"
#include "widgets/data/thumbnail_grid.h"
#include "widgets/inspector/problem_card.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

test::AppHome* home = nullptr;

struct Bench {
    DocumentController document;
    DataPage page{&document};

    explicit Bench(const QString& root) {
        page.resize(1300, 900);
        page.show();
        Project project = newProject();
        project.data.dataset = Choice{"FashionMNIST", {{"root", Value(root.toStdString())}}};
        document.reset(project);
        settle();
    }
    void settle() {
        QTest::qWait(30);
        QElapsedTimer clock;
        clock.start();
        while (page.isComputing() && clock.elapsed() < 10000) QTest::qWait(10);
    }
    DownloadCard& card() { return *page.datasetPanel()->download(); }
    QPushButton* button(const char* name) {
        return page.findChild<QPushButton*>(QLatin1String(name));
    }
    QString said() {
        QStringList lines;
        for (const QLabel* label : card().findChildren<QLabel*>())
            if (label->isVisible()) lines << label->text();
        return lines.join(QLatin1Char('\n'));
    }
};

KindPicker* openPicker(Bench& bench) {
    auto* kinds = bench.page.findChild<QComboBox*>(QStringLiteral("param.dataset"));
    QTest::mouseClick(kinds, Qt::LeftButton);
    QWidget* popup = QApplication::activePopupWidget();
    return qobject_cast<KindPicker*>(popup);
}

}  // namespace

class DatasetPanelTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { qunsetenv("TORCHLOOM_MIRROR"); }

    void kindsAreSearchedFor() {
        Bench bench(home->path(QStringLiteral("nothing")));
        KindPicker* picker = openPicker(bench);
        QVERIFY(picker);
        auto* list = picker->findChild<QListWidget*>(QStringLiteral("kindList"));
        QVERIFY(list->count() >= static_cast<int>(datasets().size()));
        QTest::keyClicks(picker->search(), QStringLiteral("imagefolder"));
        QTest::keyClick(picker->search(), Qt::Key_Return);
        QCOMPARE(bench.document.project().data.dataset.kind, std::string("ImageFolder"));
        // Typing into the field begins the search.
        auto* kinds = bench.page.findChild<QComboBox*>(QStringLiteral("param.dataset"));
        QTest::keyClick(kinds, Qt::Key_C);
        picker = qobject_cast<KindPicker*>(QApplication::activePopupWidget());
        QVERIFY(picker);
        QCOMPARE(picker->search()->text(), QStringLiteral("c"));
        QTest::keyClicks(picker->search(), QStringLiteral("ifar10"));
        QTest::keyClick(picker->search(), Qt::Key_Return);
        QCOMPARE(bench.document.project().data.dataset.kind, std::string("CIFAR10"));
        bench.document.undoStack()->undo();
        QCOMPARE(bench.document.project().data.dataset.kind, std::string("ImageFolder"));
    }

    /// One's own data are the first that the menu offers, by names one looks for.
    void ownDataAreInTheMenu() {
        Bench bench(home->path(QStringLiteral("nothing")));
        QSignalSpy chosen(bench.page.datasetPanel(), &DatasetPanel::ownDataChosen);
        const QString table = home->path(QStringLiteral("own.csv"));
        QFile file(table);
        QVERIFY(file.open(QFile::WriteOnly));
        file.write("a,b\n1,2\n");
        file.close();
        const auto choose = [&](const QString& entry, const QString& path) {
            KindPicker* picker = openPicker(bench);
            if (!picker) return QStringLiteral("no menu");
            const auto found = picker->list()->findItems(entry, Qt::MatchExactly);
            if (found.size() != 1) return QStringLiteral("not in the menu");
            const QRect row = picker->list()->visualItemRect(found[0]);
            if (!picker->list()->viewport()->rect().contains(row))
                return QStringLiteral("out of sight");
            QTest::mouseClick(picker->list()->viewport(), Qt::LeftButton, {}, row.center());
            auto* dialog = bench.page.window()->findChild<QFileDialog*>(QStringLiteral("ownData"));
            if (!dialog) return QStringLiteral("no dialog");
            dialog->selectFile(path);
            if (auto* name = dialog->findChild<QLineEdit*>()) name->setText(path);
            QMetaObject::invokeMethod(dialog, "accept");
            return chosen.isEmpty() ? QStringLiteral("nothing chosen")
                                    : chosen.takeFirst()[0].toString();
        };
        QCOMPARE(choose(QStringLiteral("My own table…"), table), table);
        QTRY_VERIFY(!bench.page.window()->findChild<QFileDialog*>());
        QCOMPARE(choose(QStringLiteral("My own pictures…"), home->path(QString())),
                 QDir::cleanPath(home->path(QString())));
    }

    /// What was read otherwise than it is written is said on the page, with the other reading.
    void readingsAreSaid() {
        Bench bench(home->path(QStringLiteral("nothing")));
        const QString path = home->path(QStringLiteral("prices.csv"));
        QFile file(path);
        QVERIFY(file.open(QFile::WriteOnly));
        file.write(",price,y\n0,$1.50,a\n1,$2,b\n2,$3,a\n3,$4,b\n");
        file.close();
        Project project = newProject();
        project.data.dataset = {"Table", {{"root", Value(path.toStdString())}}};
        bench.document.reset(project);
        bench.settle();
        const auto cards = [&] {
            QList<ProblemCard*> shown;
            for (ProblemCard* card : bench.page.datasetPanel()->findChildren<ProblemCard*>())
                if (card->isVisible()) shown << card;
            return shown;
        };
        QTRY_COMPARE(cards().size(), 2);
        auto* leave = cards()[0]->findChild<QPushButton*>();
        QCOMPARE(leave->text(), QStringLiteral("Leave column 1 out"));
        QTest::mouseClick(leave, Qt::LeftButton);
        QTRY_COMPARE(cards().size(), 1);
        QCOMPARE(bench.document.project().data.dataset.params.find("ignore")->asString(),
                 std::string("column 1"));
        bench.document.undoStack()->undo();
        QTRY_COMPARE(cards().size(), 2);
    }

    void whatCanBeFetchedIsOffered() {
        Bench bench(home->path(QStringLiteral("nothing")));
        QVERIFY(bench.card().isVisible());
        QVERIFY2(bench.said().contains(QStringLiteral("4 files")), qPrintable(bench.said()));
        QVERIFY(bench.said().contains(QStringLiteral("MB")));
        bench.document.edit(QStringLiteral("Choose"),
                            [](const Project& project) -> Result<Project> {
                                Project next = project;
                                next.data.dataset = Choice{"ImageFolder"};
                                return next;
                            });
        QVERIFY(!bench.card().isVisible());
    }

    void withoutAServerItSaysWhy() {
        qputenv("TORCHLOOM_MIRROR", "http://127.0.0.1:9");
        Bench bench(home->path(QStringLiteral("nothing")));
        QTest::mouseClick(bench.button("downloadDataset"), Qt::LeftButton);
        QVERIFY(bench.button("cancelDownload")->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(!bench.card().isRunning(), 60000);
        QVERIFY2(bench.said().contains(QStringLiteral("train-images-idx3-ubyte.gz")),
                 qPrintable(bench.said()));
        QVERIFY(bench.button("downloadDataset")->isVisible());
    }

    void cancellingKeepsWhatHasComeAndTheNextTimeItIsThere() {
        const QString served = home->path(QStringLiteral("served"));
        QDir().mkpath(served + QStringLiteral("/FashionMNIST"));
        QFile large(served + QStringLiteral("/FashionMNIST/train-images-idx3-ubyte.gz"));
        QVERIFY(large.open(QIODevice::WriteOnly));
        large.write(QByteArray(26421880, 'x'));
        large.close();
        test::HttpServer server(served);
        QVERIFY(server.isRunning());
        qputenv("TORCHLOOM_MIRROR", server.address(QStringLiteral("slow")).toLocal8Bit());
        const QString root = home->path(QStringLiteral("arriving"));
        Bench bench(root);
        QTest::mouseClick(bench.button("downloadDataset"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(bench.said().contains(QStringLiteral("/s")), 10000);
        QVERIFY2(bench.said().contains(QStringLiteral("(1 of 4)")), qPrintable(bench.said()));
        QVERIFY(bench.card().findChild<QProgressBar*>()->isVisible());
        QTest::mouseClick(bench.button("cancelDownload"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!bench.card().isRunning(), 10000);
        QVERIFY(bench.said().contains(QStringLiteral("kept for the next time")));
        QCOMPARE(bench.button("downloadDataset")->text(), QStringLiteral("Continue the download"));

        // The files come from elsewhere meanwhile; the page shows them as soon as it is told.
        test::writeSmallFashionMnist(root, 60, 20);
        bench.page.showView(QStringLiteral("browse"));
        Q_EMIT bench.card().fetched();
        bench.settle();
        QVERIFY(!bench.card().isVisible());
        QCOMPARE(bench.page.browser()->grid()->count(), std::int64_t(60));
        QCOMPARE(bench.page.datasetPanel()->facts().trainSize, std::int64_t(60));
    }

    void filesAreReadForThoseWhoLook() {
        const QString root = home->path(QStringLiteral("unseen"));
        test::writeSmallFashionMnist(root, 2000, 20);
        DocumentController document;
        DataPage page(&document);
        page.resize(1300, 900);
        Project project = newProject();
        project.data.dataset = Choice{"FashionMNIST", {{"root", Value(root.toStdString())}}};
        // As the classics of the zoo have it: every picture would become 64 times as large.
        project.data.trainTransforms = {{"Resize", {{"size", Value(List{224, 224})}}},
                                        {"ToTensor"}};
        document.reset(project);
        QVERIFY(!page.isComputing());
        QCOMPARE(page.datasetPanel()->facts().trainSize, std::int64_t(0));
        page.show();
        QTRY_VERIFY_WITH_TIMEOUT(!page.isComputing(), 20000);
        QCOMPARE(page.datasetPanel()->facts().trainSize, std::int64_t(2000));
        QVERIFY(page.datasetPanel()->facts().measured > 10);
        QVERIFY(page.datasetPanel()->facts().measured <= 500);
        // All of them when they are wanted, with a way to stop it.
        auto* stop = page.findChild<QPushButton*>(QStringLiteral("stopMeasuring"));
        QVERIFY(stop && !stop->isVisible());
        for (QPushButton* button : page.datasetPanel()->findChildren<QPushButton*>())
            if (button->text() == QStringLiteral("Use in Normalize"))
                QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(stop->isVisible());
        QVERIFY(page.datasetPanel()->isMeasuring());
        QTest::mouseClick(stop, Qt::LeftButton);
        QVERIFY(!page.datasetPanel()->isMeasuring());
        QVERIFY(!stop->isVisible());
        QCOMPARE(document.project().data.trainTransforms.size(), std::size_t(2));
    }

    /// Of many pictures some are looked at first; what goes into the project is from all of them.
    void normalizeTakesTheWholeTrainingSet() {
        const QString root = home->path(QStringLiteral("many"));
        double sum = 0;
        constexpr int kPictures = 420;
        for (const char* split : {"train", "test"})
            for (int i = 0; i < (split[1] == 'r' ? kPictures : 2); ++i) {
                const QString folder =
                    QStringLiteral("%1/%2/%3").arg(root, split, i % 2 ? "odd" : "even");
                QDir().mkpath(folder);
                QImage image(4, 4, QImage::Format_RGB32);
                // The pictures that are looked at first are dark, the others bright.
                const int grey = i % 2 ? 200 + i % 50 : 10;
                if (split[1] == 'r') sum += grey / 255.0;
                image.fill(qRgb(grey, grey, grey));
                QVERIFY(image.save(
                    QStringLiteral("%1/%2.png").arg(folder).arg(i, 4, 10, QLatin1Char('0'))));
            }
        Bench bench(home->path(QStringLiteral("nothing")));
        Project project = newProject();
        project.data.dataset = Choice{"ImageFolder", {{"root", Value(root.toStdString())}}};
        project.data.trainTransforms = {{"ToTensor"}};
        bench.document.reset(project);
        bench.settle();
        const DatasetFacts& facts = bench.page.datasetPanel()->facts();
        QCOMPARE(facts.trainSize, std::int64_t(kPictures));
        QVERIFY(facts.measured < kPictures);
        QVERIFY(!facts.isWhole());
        QPushButton* use = nullptr;
        for (QPushButton* button : bench.page.datasetPanel()->findChildren<QPushButton*>())
            if (button->text() == QStringLiteral("Use in Normalize")) use = button;
        QVERIFY(use && use->isVisible());
        QTest::mouseClick(use, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(bench.page.datasetPanel()->facts().isWhole(), 20000);
        bench.settle();
        const auto& steps = bench.document.project().data.trainTransforms;
        QCOMPARE(steps.size(), std::size_t(2));
        QCOMPARE(steps[1].kind, std::string("Normalize"));
        const double mean = steps[1].params.find("mean")->asList()[0].asFloat();
        QVERIFY2(std::abs(mean - sum / kPictures) < 1e-4,
                 qPrintable(QStringLiteral("%1, not %2").arg(mean).arg(sum / kPictures)));
    }
};

int main(int argc, char** argv) {
    test::AppHome own;
    home = &own;
    // The publishers are far away: nothing but the test's own server answers.
    for (const char* name : {"http_proxy", "https_proxy"}) qputenv(name, "http://127.0.0.1:9");
    qputenv("no_proxy", "127.0.0.1");
    QApplication application(argc, argv);
    Theme::apply(application, ThemeMode::Light);
    DatasetPanelTest tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "dataset_panel_test.moc"
