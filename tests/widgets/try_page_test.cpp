#include "widgets/runs/try_page.h"

#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QUndoStack>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/train/network_use.h"
#include "tests/support/small_project.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/data/bar_list.h"
#include "widgets/data/preview_grid.h"
#include "widgets/runs/drawing_pad.h"
#include "widgets/runs/try_answer.h"

using namespace loom;

namespace {

/// The page on a project, without a run: weights come from a file.
struct Bench {
    DocumentController document;
    TrainingBridge bridge;
    TryPage page{&document, &bridge};

    explicit Bench(const Project& project) {
        document.reset(project);
        page.resize(1000, 700);
        page.show();
        settle();
    }
    void settle() {
        QVERIFY(QTest::qWaitFor([this] { return !page.isComputing(); }, 20000));
        QCoreApplication::processEvents();
    }
    QString said() const { return page.verdict() + QLatin1Char('\n') + page.answer()->remarks(); }
    QLabel* seen() const { return page.findChild<QLabel*>(QStringLiteral("seenPicture")); }
    bool shows(const QString& text) const {
        for (const QLabel* label : page.findChildren<QLabel*>())
            if (label->isVisible() && label->text() == text) return true;
        return false;
    }
    void clickSample(int index) {
        QTest::mouseClick(page.samples(), Qt::LeftButton, {},
                          page.samples()->cellRect(index).center());
        settle();
    }
    void change(const std::function<void(Project&)>& how) {
        QVERIFY(document.edit(QStringLiteral("change"), [&](const Project& now) -> Result<Project> {
            Project next = now;
            how(next);
            return next;
        }));
        settle();
    }
};

}  // namespace

class TryPageTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    Project m_pictures = newProject();
    QString m_weights;
    QString path(const QString& name) const { return m_folder.filePath(name); }

    QString weightsOf(const Project& project, const QString& name) {
        const auto weights = initialWeights(project, 1);
        if (!weights) qFatal("%s", weights.error().message.c_str());
        if (!saveStateDict(path(name).toStdString(), *weights)) qFatal("cannot save");
        return path(name);
    }

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(m_folder.path(), 20, 30);
        m_pictures.network = *graphFromText("Input > Flatten > fc=Linear out_features=10 > Output");
        m_pictures.data.dataset = {"FashionMNIST", {{"root", m_folder.path().toStdString()}}};
        m_pictures.training.threads = 1;
        m_weights = weightsOf(m_pictures, QStringLiteral("w.pth"));
    }

    void aPictureOfAnySizeIsBroughtToTheDatas() {
        Bench bench(m_pictures);
        bench.page.setWeightFile(m_weights);
        QImage photo(64, 48, QImage::Format_RGB888);
        for (int y = 0; y < 48; ++y)
            for (int x = 0; x < 64; ++x) photo.setPixelColor(x, y, QColor(4 * x, 5 * y, 128));
        QVERIFY(photo.save(path("photo.png")));
        bench.page.tryFile(path("photo.png"));
        bench.settle();
        QVERIFY2(bench.said().contains(QStringLiteral("64 × 48")) &&
                     bench.said().contains(QStringLiteral("28 × 28")),
                 qPrintable(bench.said()));
        QVERIFY2(bench.said().contains(QStringLiteral("sure")), qPrintable(bench.said()));
        QVERIFY(bench.seen()->isVisible() && !bench.seen()->pixmap().isNull());
        // Beside each probability stands what the network gave.
        QCOMPARE(bench.page.bars()->rows().size(), 10u);
        for (const BarList::Row& row : bench.page.bars()->rows())
            QVERIFY2(row.value.contains(QStringLiteral("%")) &&
                         row.value.simplified().split(QLatin1Char(' ')).size() == 3,
                     qPrintable(row.value));
        // Of the data set's own pictures there is nothing to say.
        bench.clickSample(3);
        QVERIFY2(!bench.said().contains(QStringLiteral("28 × 28")), qPrintable(bench.said()));
    }

    void aDrawingOnPaperIsSwappedByAClick_data() {
        QTest::addColumn<bool>("transparent");
        QTest::newRow("white") << false;
        QTest::newRow("transparent") << true;
    }
    void aDrawingOnPaperIsSwappedByAClick() {
        QFETCH(bool, transparent);
        Bench bench(m_pictures);
        bench.page.setWeightFile(m_weights);
        QImage drawing(120, 120, QImage::Format_ARGB32);
        drawing.fill(transparent ? QColor(0, 0, 0, 0) : QColor(Qt::white));
        QPainter(&drawing).fillRect(40, 20, 20, 80, Qt::black);
        QVERIFY(drawing.save(path("drawing.png")));
        bench.page.tryFile(path("drawing.png"));
        bench.settle();
        QPushButton* invert = bench.page.answer()->invertButton();
        QVERIFY2(invert->isVisible(), qPrintable(bench.said()));
        const QImage before = bench.seen()->pixmap().toImage();
        QVERIFY(qGray(before.pixel(2, 2)) > 200);
        QTest::mouseClick(invert, Qt::LeftButton);
        bench.settle();
        QVERIFY(invert->isVisible() && invert->isChecked());
        const QImage after = bench.seen()->pixmap().toImage();
        QVERIFY(qGray(after.pixel(2, 2)) < 60);
        QTest::mouseClick(invert, Qt::LeftButton);
        bench.settle();
        QCOMPARE(bench.seen()->pixmap().toImage(), before);
        // The next picture begins as it is; one that is as the data's has no such button.
        bench.clickSample(0);
        QVERIFY(!invert->isVisible());
    }

    void theStripFollowsTheDataSet() {
        Bench bench(m_pictures);
        bench.page.setWeightFile(m_weights);
        QVERIFY(bench.shows(QStringLiteral("Test pictures")));
        QCOMPARE(bench.page.samples()->cells().size(), 12u);
        bench.clickSample(0);
        QVERIFY(!bench.page.pad()->picture().isNull());
        bench.change([](Project& project) {
            project.data.dataset = {"Blobs", {}};
            project.data.trainTransforms = project.data.testTransforms = {};
        });
        QVERIFY(bench.shows(QStringLiteral("Test points")));
        QVERIFY(!bench.shows(QStringLiteral("Test pictures")));
        QVERIFY(bench.page.rowField()->isVisible());
        QCOMPARE(bench.page.samples()->cells().size(), 12u);
        // What was tried came from the old set.
        QVERIFY(bench.page.pad()->picture().isNull());
        // Also where the change came while another page was shown.
        bench.page.hide();
        bench.document.undoStack()->undo();
        bench.page.show();
        bench.settle();
        QVERIFY(bench.shows(QStringLiteral("Test pictures")));
        QVERIFY(!bench.page.rowField()->isVisible());
    }

    void weightsThatNoLongerFitAreSaid() {
        Bench bench(m_pictures);
        bench.page.setWeightFile(m_weights);
        bench.settle();
        QVERIFY2(bench.page.verdict().startsWith(QStringLiteral("Nothing tried")),
                 qPrintable(bench.said()));
        const auto narrow = [](Project& project) {
            project.network.find("fc")->params.set("out_features", 7);
        };
        bench.change(narrow);
        QVERIFY2(bench.page.verdict().contains(QStringLiteral("fc.weight")),
                 qPrintable(bench.said()));
        bench.document.undoStack()->undo();
        bench.settle();
        QVERIFY2(!bench.page.verdict().contains(QStringLiteral("fc.weight")),
                 qPrintable(bench.said()));
        // And of a sample that was tried before.
        bench.clickSample(1);
        QCOMPARE(bench.page.bars()->rows().size(), 10u);
        bench.change(narrow);
        QVERIFY2(bench.page.verdict().contains(QStringLiteral("fc.weight")),
                 qPrintable(bench.said()));
        QVERIFY(bench.page.bars()->rows().empty());
        // A block that is only moved changes nothing.
        bench.document.undoStack()->undo();
        bench.settle();
        const QString before = bench.said();
        QVERIFY(
            bench.document.edit(QStringLiteral("move"), [](const Project& now) -> Result<Project> {
                Project next = now;
                next.network.find("fc")->position.x += 40;
                return next;
            }));
        QVERIFY(!bench.page.isComputing());
        QCOMPARE(bench.said(), before);
    }

    void aRowOfATableIsTyped() {
        QFile file(path("flowers.csv"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("length,colour,kind\n");
        for (int i = 0; i < 40; ++i)
            file.write(QStringLiteral("%1,%2,%3\n")
                           .arg(1 + 0.1 * i)
                           .arg(i % 3 ? "red" : "white")
                           .arg(i % 2 ? "rose" : "lily")
                           .toUtf8());
        file.close();
        Project project = newProject();
        project.network = *graphFromText("Input > fc=Linear out_features=2 > Output");
        project.data.dataset = {"Table", {{"root", file.fileName().toStdString()}}};
        project.data.trainTransforms = project.data.testTransforms = {};
        project.training.threads = 1;
        Bench bench(project);
        bench.page.setWeightFile(weightsOf(project, QStringLiteral("table.pth")));
        bench.settle();
        QVERIFY2(bench.shows(QStringLiteral("Test rows")) && bench.shows(QStringLiteral("Row")),
                 qPrintable(bench.said()));
        QVERIFY(bench.shows(QStringLiteral("length, colour")));
        QLineEdit* field = bench.page.rowField();
        QTest::keyClicks(field, QStringLiteral("2.5, red"));
        QTest::keyClick(field, Qt::Key_Return);
        bench.settle();
        QVERIFY2(bench.page.verdict() == QStringLiteral("rose") ||
                     bench.page.verdict() == QStringLiteral("lily"),
                 qPrintable(bench.said()));
        // A row of the strip stands in the field; typed anew it is the same sample.
        bench.clickSample(2);
        const auto rows = bench.page.bars()->rows();
        QCOMPARE(field->text().split(QLatin1Char(',')).size(), 2);
        QTest::keyClick(field, Qt::Key_Return);
        bench.settle();
        QCOMPARE(bench.page.bars()->rows().front().value, rows.front().value);
        for (const auto& [typed, told] :
             {std::pair("2.5", "2 cells"), {"long, red", "length"}, {"2.5, blue", "red, white"}}) {
            field->setText(QString::fromLatin1(typed));
            QTest::mouseClick(bench.page.findChild<QPushButton*>(QStringLiteral("tryTypedRow")),
                              Qt::LeftButton);
            bench.settle();
            QVERIFY2(bench.said().contains(QString::fromLatin1(told)), qPrintable(bench.said()));
        }
    }

    void aPointIsTyped() {
        Project project = newProject();
        project.network = *graphFromText("Input > fc=Linear out_features=1 > Output");
        project.data.dataset = {"Line", {}};
        project.data.trainTransforms = project.data.testTransforms = {};
        project.training.loss = {"MSELoss", {}};
        project.training.threads = 1;
        Weights weights;
        const float weight = 3, bias = 0.5f;
        weights.tensors = {{"fc.weight", {"float32", {1, 1}, std::vector<std::uint8_t>(4)}},
                           {"fc.bias", {"float32", {1}, std::vector<std::uint8_t>(4)}}};
        std::memcpy(weights.tensors[0].tensor.bytes.data(), &weight, 4);
        std::memcpy(weights.tensors[1].tensor.bytes.data(), &bias, 4);
        QVERIFY(saveStateDict(path("line.pth").toStdString(), weights).ok());
        Bench bench(project);
        bench.page.setWeightFile(path("line.pth"));
        bench.settle();
        QVERIFY(bench.shows(QStringLiteral("Point")) && bench.shows(QStringLiteral("Test points")));
        QTest::keyClicks(bench.page.rowField(), QStringLiteral("2"));
        QTest::keyClick(bench.page.rowField(), Qt::Key_Return);
        bench.settle();
        QCOMPARE(bench.page.verdict(), QStringLiteral("y: 6.5"));
    }
};

QTEST_MAIN(TryPageTest)
#include "try_page_test.moc"
