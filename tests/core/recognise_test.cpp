#include "core/data/sets/recognise.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "core/data/dataset.h"
#include "tests/support/small_project.h"

using namespace loom;

namespace {

void writePicture(const QString& path, int grey) {
    QDir().mkpath(QFileInfo(path).path());
    const auto png =
        encodePng(Picture{4, 3, 1, std::vector<std::uint8_t>(12, static_cast<std::uint8_t>(grey))});
    QFile file(path);
    if (!png || !file.open(QIODevice::WriteOnly)) qFatal("cannot write %s", qPrintable(path));
    file.write(QByteArray::fromStdString(*png));
}

}  // namespace

class RecogniseTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aFolderPerClass();
    void classFoldersAlone();
    void aPublishedSetByItsFoldersName();
    void nothingThere();
    void picturesByTheirFirstBytes();

private:
    QTemporaryDir m_folder;
    QString path(const QString& name) const { return m_folder.filePath(name); }
    static std::vector<RecognisedDataset> at(const QString& path) {
        return recogniseDatasets(path.toStdString());
    }
};

void RecogniseTest::aFolderPerClass() {
    for (const char* name :
         {"train/cat/1.png", "train/dog/1.png", "val/cat/2.png", "val/dog/2.png"})
        writePicture(path(QStringLiteral("pets/") + name), 90);
    for (const char* place : {"pets", "pets/train", "pets/train/cat"}) {
        const auto found = at(path(place));
        QVERIFY2(!found.empty(), place);
        QCOMPARE(found.front().dataset.kind, std::string("ImageFolder"));
        QCOMPARE(QString::fromStdString(found.front().dataset.params.find("root")->asString()),
                 QFileInfo(path("pets")).canonicalFilePath());
        QVERIFY(!found.front().testIsTrain);
        const auto opened =
            openDataset(found.front().dataset.kind, found.front().dataset.params, Split::Test);
        QVERIFY(opened && (*opened)->size() == 2);
    }
}

void RecogniseTest::classFoldersAlone() {
    writePicture(path("plain/cat/1.png"), 10);
    writePicture(path("plain/dog/1.png"), 20);
    const auto found = at(path("plain"));
    QVERIFY(!found.empty());
    QCOMPARE(found.front().dataset.kind, std::string("ImageFolder"));
    QVERIFY(found.front().testIsTrain);
    const auto opened =
        openDataset(found.front().dataset.kind, found.front().dataset.params, Split::Train);
    QVERIFY(opened && (*opened)->size() == 2);
}

void RecogniseTest::aPublishedSetByItsFoldersName() {
    test::writeSmallFashionMnist(path("data"), 20, 10);
    for (const char* place : {"data", "data/FashionMNIST", "data/FashionMNIST/raw",
                              "data/FashionMNIST/raw/train-images-idx3-ubyte"}) {
        const auto found = at(path(place));
        QVERIFY2(!found.empty(), place);
        QCOMPARE(found.front().dataset.kind, std::string("FashionMNIST"));
        // The files look the same, the folder says otherwise.
        for (const auto& one : found) QVERIFY(one.dataset.kind != "MNIST");
        const auto opened = openDataset("FashionMNIST", found.front().dataset.params, Split::Train);
        QVERIFY(opened && (*opened)->size() == 20);
    }
}

void RecogniseTest::nothingThere() {
    QVERIFY(at(path("nowhere")).empty());
    QDir().mkpath(path("empty/inner"));
    QVERIFY(at(path("empty")).empty());
    // What lies beside is not meant.
    test::writeSmallFashionMnist(path("beside"), 10, 10);
    QDir().mkpath(path("beside/other"));
    QVERIFY(at(path("beside/other")).empty());
}

void RecogniseTest::picturesByTheirFirstBytes() {
    writePicture(path("a.png"), 3);
    QVERIFY(QFile::copy(path("a.png"), path("a.dat")));
    QVERIFY(beginsAsPicture(path("a.dat").toStdString()));
    QFile text(path("fake.png"));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("no picture at all");
    text.close();
    QVERIFY(!beginsAsPicture(path("fake.png").toStdString()));
    QVERIFY(!beginsAsPicture(path("nowhere.png").toStdString()));
}

QTEST_APPLESS_MAIN(RecogniseTest)
#include "recognise_test.moc"
