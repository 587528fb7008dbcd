#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "core/data/loader.h"
#include "tests/support/python.h"

using namespace loom;

/// ImageFolder against torchvision's: classes, order of files, pixels; and folders that are wrong.
class ImageFolderTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void orderAndPixelsEqualTorchvision();
    void emptyClassesAreTakenWhereAllowed();
    void splitsAreFoundByName();
    void rootMayHoldTheClassesItself();
    void wrongFoldersAreSentences();
    void damagedPictureIsNamedByTheLoader();
    void picturesOfDifferentSizeAreNamed();
    void manyFilesAreIndexedQuickly();

private:
    QString path(const QString& below) const { return m_folder.filePath(below); }
    QTemporaryDir m_folder;
};

namespace {

const char* const kScript = R"(
import hashlib, os, sys
import numpy
from PIL import Image
from torchvision.datasets import ImageFolder
root = sys.argv[1] + '/'
rng = numpy.random.default_rng(9)
def put(name, w=9, h=7, mode='RGB'):
    os.makedirs(os.path.dirname(root + name), exist_ok=True)
    Image.fromarray(rng.integers(0, 255, (h, w, 3)).astype(numpy.uint8), 'RGB').convert(mode).save(root + name, format='PNG' if name.endswith('/.png') else None)
for name in ['b.png', 'a.jpg', 'Z.PNG', 'ä.png', '10.png', '9.png', '.png', '.hidden.jpeg', 'x.tiff', 'y.BMP', 'z.webp', 'p.ppm',
             'a/1.png', 'a-b/1.png', 'a/c/1.png', 'a b/2.png', '.cache/3.png']:
    put('pets/train/cat/' + name)
put('pets/train/Dog/1.png', mode='L'); put('pets/train/Dog/2.png', mode='P'); put('pets/train/élan/1.gif.jpg')
put('pets/train/.secret/1.png')
for name in ['notes.txt', 'clip.gif', 'noending', 'a.png.bak']:
    open(root + 'pets/train/cat/' + name, 'w').write('no picture')
open(root + 'pets/train/README.txt', 'w').write('not a class')
os.makedirs(root + 'elsewhere'); put('elsewhere/far.png')
os.symlink(root + 'elsewhere', root + 'pets/train/cat/link')
os.symlink(root + 'elsewhere/far.png', root + 'pets/train/cat/linked.png')
os.symlink(root + 'elsewhere', root + 'pets/train/wolf')
for name in ['cat/1.png', 'Dog/1.png', 'élan/1.png', '.secret/1.png', 'wolf/1.png']: put('pets/val/' + name)
data = ImageFolder(root + 'pets/train')
print('|'.join(data.classes))
for (path, label), (image, _) in zip(data.samples, (data[i] for i in range(len(data)))):
    print(path, label, *image.size, hashlib.sha256(image.tobytes()).hexdigest(), sep='|')
)";

const char* const kAllowEmpty = R"(
import inspect, sys
from torchvision.datasets import ImageFolder
root = sys.argv[1] + '/sparse/train'
if 'allow_empty' not in inspect.signature(ImageFolder).parameters: sys.exit()
try: ImageFolder(root)
except FileNotFoundError: print('refused')
data = ImageFolder(root, allow_empty=True)
print(*data.classes, end='|'); print(*data.targets)
)";

void write(const QString& path, const QByteArray& bytes) {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

auto openFolder(const QString& root, Split split = Split::Train, Params more = {}) {
    more.set("root", root.toStdString());
    return openDataset("ImageFolder", more, split);
}

}  // namespace

void ImageFolderTest::initTestCase() {
    QVERIFY(m_folder.isValid());
}

void ImageFolderTest::orderAndPixelsEqualTorchvision() {
    const auto python = test::runPython(kScript, {m_folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
    const auto lines = python.out.trimmed().split('\n');
    const auto train = openFolder(path("pets"));
    QVERIFY2(train, train ? "" : train.error().message.c_str());
    QByteArrayList classes;
    for (const std::string& name : (*train)->classes()) classes << QByteArray::fromStdString(name);
    QCOMPARE(classes.join('|'), lines[0]);
    QCOMPARE((*train)->size(), std::int64_t(lines.size() - 1));
    for (std::int64_t i = 0; i < (*train)->size(); ++i) {
        const auto sample = (*train)->sample(i);
        QVERIFY2(sample, sample ? "" : sample.error().message.c_str());
        const Picture& picture = std::get<Picture>(sample->input);
        const QByteArray digest =
            QCryptographicHash::hash(
                QByteArrayView(picture.pixels.data(), qsizetype(picture.pixels.size())),
                QCryptographicHash::Sha256)
                .toHex();
        const QByteArrayList words{QByteArray::fromStdString((*train)->nameOf(i)),
                                   QByteArray::number(qint64(sample->label)),
                                   QByteArray::number(picture.width),
                                   QByteArray::number(picture.height), digest};
        QCOMPARE(words.join('|'), lines[i + 1]);
        QCOMPARE((*train)->label(i), sample->label);
    }
    QCOMPARE((*train)->spec().toSentence(), std::string("a picture, 3 × ? × ?"));
}

void ImageFolderTest::emptyClassesAreTakenWhereAllowed() {
    QImage picture(3, 3, QImage::Format_RGB32);
    picture.fill(Qt::red);
    for (const char* name :
         {"train/ant", "train/bee", "train/cow", "test/ant", "test/bee", "test/cow"})
        QVERIFY(QDir().mkpath(path(QString("sparse/") + name)));
    for (const char* name :
         {"train/ant/1.png", "train/cow/1.png", "train/cow/2.png", "test/bee/1.png"})
        QVERIFY(picture.save(path(QString("sparse/") + name)));
    const auto again = test::runPython(kAllowEmpty, {m_folder.path()});
    QVERIFY2(again.exitCode == 0, again.err);
    const auto refused = openFolder(path("sparse"));
    QVERIFY(!refused && refused.error().message.find("holds no picture") != std::string::npos);
    const auto data = openFolder(path("sparse"), Split::Train, {{"allow_empty", true}});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QByteArrayList labels;
    for (std::int64_t i = 0; i < (*data)->size(); ++i)
        labels << QByteArray::number(qint64((*data)->label(i)));
    QCOMPARE(labels.join(' '), QByteArray("0 2 2"));
    QCOMPARE((*data)->classes(), (std::vector<std::string>{"ant", "bee", "cow"}));
    // A torchvision before 0.18 does not know it and says nothing.
    if (!again.out.isEmpty()) QCOMPARE(again.out, QByteArray("refused\nant bee cow|0 2 2\n"));
    const auto test = openFolder(path("sparse"), Split::Test, {{"allow_empty", true}});
    QVERIFY(test && (*test)->size() == 1);
}

void ImageFolderTest::splitsAreFoundByName() {
    const auto test = openFolder(path("pets"), Split::Test);
    QVERIFY2(test, test ? "" : test.error().message.c_str());
    QCOMPARE((*test)->size(), std::int64_t(5));
    const DatasetKind* kind = datasets().find("ImageFolder");
    const Params params = {{"root", path("pets").toStdString()}};
    const Settings settings(kind->params, params);
    const auto location = kind->locate(settings);
    QVERIFY(location.found);
    QCOMPARE(QString::fromStdString(location.message),
             "5 classes found in " + path("pets/train") + " and " + path("pets/val") + ".");
    QCOMPARE(kind->target(settings).classes, std::int64_t(5));
    const auto named = openFolder(path("pets"), Split::Train, {{"train", "val"}});
    QVERIFY(named);
    QCOMPARE((*named)->size(), std::int64_t(5));
}

void ImageFolderTest::rootMayHoldTheClassesItself() {
    const auto train = openFolder(path("pets/train"), Split::Train, {{"train", "."}});
    QVERIFY2(train, train ? "" : train.error().message.c_str());
    const auto test = openFolder(path("pets/train"), Split::Test,
                                 {{"train", "."}, {"test", path("pets/val").toStdString()}});
    QVERIFY2(test, test ? "" : test.error().message.c_str());
    QCOMPARE((*test)->size(), std::int64_t(5));
}

void ImageFolderTest::wrongFoldersAreSentences() {
    const auto says = [&](const auto& opened, const QString& wanted) {
        QVERIFY(!opened);
        QCOMPARE(QString::fromStdString(opened.error().message), wanted);
        QVERIFY(!opened.error().hint.empty());
    };
    says(openFolder(""), "ImageFolder has no folder yet.");
    says(openFolder(path("absent")), "The folder " + path("absent") + " does not exist.");
    QDir(m_folder.path()).mkpath("flat/train");
    says(openFolder(path("flat")),
         path("flat/train") + " has no folder in it, but each class needs a folder of its own.");
    says(openFolder(path("flat"), Split::Test),
         "The folder " + path("flat/test") + ", for the pictures to test with, does not exist.");
    write(path("flat/train/a/1.txt"), "x");
    says(openFolder(path("flat")),
         "The class folder " + path("flat/train/a") + " holds no picture.");
    write(path("flat/train/a/1.png"), "x");
    write(path("flat/test/b/1.png"), "x");
    says(openFolder(path("flat"), Split::Test),
         path("flat/train") + " and " + path("flat/test") +
             " do not have the same classes: b only in the second.");
    QDir(m_folder.path()).mkpath("flat/test/a");
    QDir(path("flat/test/b")).removeRecursively();
    write(path("flat/train/c/1.png"), "x");
    says(openFolder(path("flat"), Split::Test),
         path("flat/train") + " and " + path("flat/test") +
             " do not have the same classes: c only in the first.");
}

void ImageFolderTest::damagedPictureIsNamedByTheLoader() {
    QDir(path("pets/val/cat")).mkpath(path("one/train/cat"));
    QVERIFY(QFile::copy(path("pets/val/cat/1.png"), path("one/train/cat/1.png")));
    write(path("one/train/cat/2.png"), "no picture");
    const auto train = openFolder(path("one"));
    QVERIFY(train);
    LoaderOptions options;
    options.order = {0, 1};
    options.batchSize = 1;
    Loader loader(*train, *Pipeline::make({{"ToTensor", {}}}), options);
    QVERIFY(loader.next());
    const auto end = loader.next();
    QVERIFY(end);
    QCOMPARE(end->size(), std::int64_t(0));
    QCOMPARE(end->skipped.size(), std::size_t(1));
    QCOMPARE(QString::fromStdString(end->skipped[0].error.message),
             path("one/train/cat/2.png") + " is not a picture that can be read here.");
}

void ImageFolderTest::picturesOfDifferentSizeAreNamed() {
    const auto picture = readPicture(path("pets/val/cat/1.png").toStdString());
    QVERIFY(picture);
    Picture other{4, 5, 3, std::vector<std::uint8_t>(60)};
    write(path("mixed/train/cat/1.png"), QByteArray::fromStdString(*encodePng(*picture)));
    write(path("mixed/train/cat/2.png"), QByteArray::fromStdString(*encodePng(other)));
    LoaderOptions options;
    options.order = {0, 1};
    Loader loader(*openFolder(path("mixed")), *Pipeline::make({{"ToTensor", {}}}), options);
    const auto failed = loader.next();
    QVERIFY(!failed);
    QCOMPARE(QString::fromStdString(failed.error().message),
             "Samples of a batch must have the same size, but " + path("mixed/train/cat/2.png") +
                 " is 3 × 5 × 4 after the transforms, and " + path("mixed/train/cat/1.png") +
                 " is 3 × 7 × 9.");
}

void ImageFolderTest::manyFilesAreIndexedQuickly() {
    QTemporaryDir many;
    constexpr int kFiles = 20000;
    QDir(many.path()).mkpath("train/a");
    for (int i = 0; i < kFiles; ++i) {
        QFile file(many.filePath("train/a/" + QString::number(i) + ".jpg"));
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    QElapsedTimer clock;
    clock.start();
    const auto train = openFolder(many.path());
    const qint64 elapsed = clock.elapsed();
    QVERIFY(train);
    QCOMPARE((*train)->size(), std::int64_t(kFiles));
    QVERIFY2((*train)->nameOf(1).ends_with("/train/a/1.jpg"), (*train)->nameOf(1).c_str());
    QVERIFY2((*train)->nameOf(2).ends_with("/train/a/10.jpg"), (*train)->nameOf(2).c_str());
    QVERIFY((*train)->bytesInMemory() < kFiles * 40);
    qInfo("%d files indexed in %lld ms", kFiles, elapsed);
    QVERIFY(elapsed < 2000);
}

QTEST_GUILESS_MAIN(ImageFolderTest)
#include "image_folder_test.moc"
