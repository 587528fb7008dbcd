#include <QDir>
#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;
using namespace loom::test;

/// Folders of one's own pictures: without pictures to test with, and of one size or of several that
/// nobody told. `check` says what `train` does.
class OwnPicturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void withoutATestFolder_data();
    void withoutATestFolder();
    void tablesWithoutRowsToTest_data();
    void tablesWithoutRowsToTest();
    void aTestFolderThatIsNamedMustBeThere();
    void listsWithoutTestPictures();
    void setsInARow();
    void equalPicturesNeedNoResize_data();
    void equalPicturesNeedNoResize();
    void differentPicturesNeedOne();
    void whereNoPictureIsNothingIsSaidOfSizes();

private:
    QString path(const QString& below) const { return m_folder->filePath(below); }

    void picture(const QString& below, int number, int width = 12, int height = 12) const {
        QImage image(width, height, QImage::Format_RGB888);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                image.setPixel(x, y, qRgb(x * 9 + number * 5, y * 9, below.contains("bees") * 90));
        QDir().mkpath(QFileInfo(path(below)).path());
        QVERIFY(image.save(path(below)));
    }

    /// `train/ants/0.png`, or with labels apart.
    void pets(const QString& split, const QString& kind, int width = 12, int height = 12) const {
        for (const char* name : {"ants", "bees"})
            for (int i = 0; i < 6; ++i) {
                if (kind == "LabelFolders") {
                    picture(QStringLiteral("%1/%2_image/%3.png").arg(split, name).arg(i), i, width,
                            height);
                    writeFile(path(QStringLiteral("%1/%2_label/%3.txt").arg(split, name).arg(i)),
                              name);
                } else {
                    picture(QStringLiteral("%1/%2/%3.png").arg(split, name).arg(i), i, width,
                            height);
                }
            }
    }

    Project project(const std::string& kind) const {
        Project project = newProject();
        project.network = *graphFromText("Input > Flatten > Linear out_features=2 > Output");
        project.data.dataset = {kind, {{"root", m_folder->path().toStdString()}}};
        project.data.trainTransforms = {{"ToTensor"}};
        project.data.testTransforms = {{"ToTensor"}};
        project.training.batchSize = 4;
        project.training.epochs = 2;
        project.training.threads = 1;
        return project;
    }

    QString saved(const Project& project) const {
        writeFile(path("it.loom"), QByteArray::fromStdString(projectToJson(project)));
        return path("it.loom");
    }

    ProcessResult check(const QString& file) const { return runCli({"check", file}); }

    ProcessResult train(const QString& file) const {
        QDir(path("run")).removeRecursively();
        return runCli({"train", file, "--out", path("run"), "--json"});
    }

    static QList<QJsonObject> events(const ProcessResult& result, const char* kind) {
        QList<QJsonObject> found;
        for (const QByteArray& line : result.out.split('\n')) {
            const QJsonObject object = QJsonDocument::fromJson(line).object();
            if (object["event"].toString() == kind) found << object;
        }
        return found;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void OwnPicturesTest::tablesWithoutRowsToTest_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("network");
    QTest::addColumn<QString>("loss");
    QTest::newRow("Table") << "Table"
                           << "Input > Linear out_features=2 > Output"
                           << "CrossEntropyLoss";
    QTest::newRow("TimeSeries") << "TimeSeries"
                                << "Input > Flatten > Linear out_features=1 > Output"
                                << "MSELoss";
}

void OwnPicturesTest::tablesWithoutRowsToTest() {
    QFETCH(QString, kind);
    QFETCH(QString, network);
    QFETCH(QString, loss);
    QByteArray rows = "a,b\n";
    for (int i = 0; i < 24; ++i)
        rows += QByteArray::number(i * 0.5) + ',' + QByteArray::number(i % 2) + '\n';
    writeFile(path("rows.csv"), rows);
    Project one = project(kind.toStdString());
    one.network = *graphFromText(network.toStdString());
    one.data.trainTransforms = one.data.testTransforms = {};
    one.data.dataset.params = {{"root", path("rows.csv").toStdString()}, {"test_fraction", 0.0}};
    if (kind == "TimeSeries") one.data.dataset.params.set("window", Value(4));
    one.training.loss = {loss.toStdString(), {}};
    const QString file = saved(one);
    const auto checked = check(file);
    QVERIFY2(checked.exitCode == 0, checked.out + checked.err);
    QVERIFY2((checked.out + checked.err).contains("leaves no row to test with"),
             checked.out + checked.err);
    const auto trained = train(file);
    QVERIFY2(trained.exitCode == 0, trained.out + trained.err);
    QCOMPARE(events(trained, "epoch").size(), 2);
    const auto evaluated = runCli({"evaluate", file, "--weights", path("run")});
    QVERIFY(evaluated.exitCode != 0);
    QVERIFY2(evaluated.err.contains("leaves no row to test with"), evaluated.err);
}

void OwnPicturesTest::withoutATestFolder_data() {
    QTest::addColumn<QString>("kind");
    QTest::newRow("ImageFolder") << "ImageFolder";
    QTest::newRow("LabelFolders") << "LabelFolders";
}

void OwnPicturesTest::withoutATestFolder() {
    QFETCH(QString, kind);
    pets("train", kind);
    Project one = project(kind.toStdString());
    // Judged by the pictures that it trains with, and said so.
    const QString file = saved(one);
    const auto checked = check(file);
    QVERIFY2(checked.exitCode == 0, checked.out + checked.err);
    QVERIFY2((checked.out + checked.err).contains("for the pictures to test with, does not exist"),
             checked.out + checked.err);
    auto trained = train(file);
    QVERIFY2(trained.exitCode == 0, trained.out + trained.err);
    auto epochs = events(trained, "epoch");
    QCOMPARE(epochs.size(), 2);
    QVERIFY(epochs.back()["test_loss"].isDouble());
    QVERIFY2((trained.out + trained.err).contains("measured on the training samples"),
             trained.out + trained.err);
    // What needs a test set says what is missing.
    const auto evaluated = runCli({"evaluate", file, "--weights", path("run")});
    QVERIFY2(evaluated.exitCode == 1, evaluated.out + evaluated.err);
    QVERIFY2(evaluated.err.contains("for the pictures to test with, does not exist"),
             evaluated.err);
    // What does not need one works.
    const auto predicted =
        runCli({"predict", file, "--weights", path("run"),
                path(kind == "ImageFolder" ? "train/ants/0.png" : "train/ants_image/0.png")});
    QVERIFY2(predicted.exitCode == 0, predicted.err);
    QVERIFY2(predicted.out.contains("ants"), predicted.out);
    // Judged by a part that is held back.
    one.data.validation = Part{0.25, {}, false, 0};
    trained = train(saved(one));
    QVERIFY2(trained.exitCode == 0, trained.out + trained.err);
    epochs = events(trained, "epoch");
    QCOMPARE(epochs.size(), 2);
    QVERIFY(epochs.back()["validation_loss"].isDouble());
    QCOMPARE(epochs.back()["test_loss"], epochs.back()["validation_loss"]);
    QVERIFY2((trained.out + trained.err).contains("judged by its validation part"),
             trained.out + trained.err);
    // And with a folder to test with nothing of that is said.
    pets("val", kind);
    const auto whole = check(saved(one));
    QVERIFY2(!(whole.out + whole.err).contains("does not exist"), whole.out + whole.err);
    QCOMPARE(runCli({"evaluate", file, "--weights", path("run")}).exitCode, 0);
}

void OwnPicturesTest::aTestFolderThatIsNamedMustBeThere() {
    pets("train", "ImageFolder");
    Project one = project("ImageFolder");
    one.data.dataset.params.set("test", "exam");
    const auto trained = train(saved(one));
    QVERIFY2(trained.exitCode != 0, trained.out);
    QVERIFY2(trained.err.contains("exam"), trained.err);
}

void OwnPicturesTest::listsWithoutTestPictures() {
    pets("train", "ImageFolder");
    QByteArray rows = "path,label\n";
    for (int i = 0; i < 6; ++i)
        rows += "train/ants/" + QByteArray::number(i) + ".png,ant\ntrain/bees/" +
                QByteArray::number(i) + ".png,bee\n";
    writeFile(path("list.csv"), rows);
    Project one = project("PictureList");
    one.data.dataset.params.set("test_fraction", Value(0.0));
    const QString file = saved(one);
    const auto checked = check(file);
    QVERIFY2(checked.exitCode == 0, checked.out + checked.err);
    QVERIFY2((checked.out + checked.err).contains("no picture to test with"), checked.out);
    const auto trained = train(file);
    QVERIFY2(trained.exitCode == 0, trained.out + trained.err);
}

void OwnPicturesTest::setsInARow() {
    pets("a/train", "ImageFolder");
    pets("b/train", "ImageFolder");
    const auto member = [&](const char* name) {
        return Choice{"ImageFolder", {{"root", path(name).toStdString()}}};
    };
    Project one = project("ImageFolder");
    one.data.dataset = {"ConcatDataset", {{"datasets", nestedValue({member("a"), member("b")})}}};
    auto trained = train(saved(one));
    QVERIFY2(trained.exitCode == 0, trained.out + trained.err);
    QVERIFY((trained.out + trained.err).contains("measured on the training samples"));
    // One of the two has something to test with, which is then the test set of both.
    pets("b/test", "ImageFolder");
    trained = train(saved(one));
    QVERIFY2(trained.exitCode == 0, trained.out + trained.err);
    QVERIFY(!(trained.out + trained.err).contains("measured on the training samples"));
}

void OwnPicturesTest::equalPicturesNeedNoResize_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<bool>("fixed");
    for (const char* kind : {"ImageFolder", "LabelFolders"})
        for (const bool fixed : {false, true})
            QTest::newRow(qPrintable(QStringLiteral("%1%2").arg(kind, fixed ? ", fixed" : "")))
                << kind << fixed;
}

void OwnPicturesTest::equalPicturesNeedNoResize() {
    QFETCH(QString, kind);
    QFETCH(bool, fixed);
    pets("train", kind);
    pets("test", kind);
    Project one = project(kind.toStdString());
    if (fixed)
        one.network =
            *graphFromText("Input shape=[3,12,12] > Flatten > Linear out_features=2 > Output");
    const QString file = saved(one);
    const auto checked = check(file);
    QVERIFY2(checked.exitCode == 0, checked.out + checked.err);
    QVERIFY2(!(checked.out + checked.err).contains("size"), checked.out + checked.err);
    const auto trained = train(file);
    QVERIFY2(trained.exitCode == 0, trained.out + trained.err);
}

void OwnPicturesTest::differentPicturesNeedOne() {
    pets("train", "ImageFolder");
    pets("test", "ImageFolder", 14, 12);
    const QString file = saved(project("ImageFolder"));
    const auto checked = check(file);
    QCOMPARE(checked.exitCode, 2);
    QVERIFY2((checked.out + checked.err).contains("different sizes"), checked.out + checked.err);
    QCOMPARE(train(file).exitCode, 2);
    // What changes on disk is seen.
    QDir(path("test")).removeRecursively();
    pets("test", "ImageFolder");
    QCOMPARE(check(file).exitCode, 0);
}

void OwnPicturesTest::whereNoPictureIsNothingIsSaidOfSizes() {
    Project one = project("ImageFolder");
    one.network =
        *graphFromText("Input shape=[3,12,12] > Flatten > Linear out_features=2 > Output");
    const auto checked = check(saved(one));
    QVERIFY2(!(checked.out + checked.err).contains("different sizes"), checked.out + checked.err);
    QVERIFY2(checked.exitCode == 0, checked.out + checked.err);
}

QTEST_GUILESS_MAIN(OwnPicturesTest)
#include "own_pictures_test.moc"
