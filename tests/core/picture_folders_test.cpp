#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// Folders and lists of one's own pictures, and ImageNet's layout, against torchvision and plain
/// Python on the same files.
class PictureFoldersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void imageNetEqualsTorchvision();
    void imageNetTakesItsWordsFromKaggle();
    void imageNetSaysWhatIsMissing();
    void labelFoldersEqualPython();
    void labelFoldersSayWhatIsMissing();
    void listEqualsPython();
    void listsAreSplit();
    void listsSayWhatIsWrong_data();
    void listsSayWhatIsWrong();
    void askingAgainIsQuick();

private:
    QString path(const QString& below) const { return m_folder.filePath(below); }
    Params root(const QString& below, Params more = {}) const {
        more.set("root", path(below).toStdString());
        return more;
    }
    QTemporaryDir m_folder;
    QByteArrayList m_said;
};

namespace {

const char* const kScript = R"(
import csv, hashlib, os, sys
import numpy, torch
from PIL import Image
from torchvision.datasets import ImageNet
root = sys.argv[1] + '/'
rng = numpy.random.default_rng(3)
def put(name, w=8, h=6):
    os.makedirs(os.path.dirname(root + name), exist_ok=True)
    Image.fromarray(rng.integers(0, 255, (h, w, 3)).astype(numpy.uint8), 'RGB').save(root + name, format='JPEG' if name.lower().endswith(('jpeg', 'jpg')) else 'PNG')
def say(path, label, image):
    image = image.convert('RGB')
    print(path, label, *image.size, hashlib.sha256(image.tobytes()).hexdigest(), sep='|')
wnids = ['n01440764', 'n01443537', 'n02084071']
for wnid in wnids:
    for i in (10, 9, 2): put(f'net/train/{wnid}/{wnid}_{i}.JPEG')
    put(f'net/val/{wnid}/ILSVRC2012_val_0000000{wnids.index(wnid)}.JPEG')
torch.save(({'n01440764': ('tench', 'Tinca tinca'), 'n01443537': ('goldfish', 'Carassius auratus'), 'n02084071': ('dog',)}, wnids), root + 'net/meta.bin')
for split in ('train', 'val'):
    data = ImageNet(root + 'net', split)
    print('|'.join(', '.join(words) for words in data.classes))
    for i, (path, label) in enumerate(data.samples): say(path, label, data[i][0])
    print()

# The Dataset class that courses write for this layout.
for split, names in (('train', ['ants', 'bees']), ('val', ['ants', 'bees'])):
    for name in names:
        for i in (3, 20, 1):
            put(f'insects/{split}/{name}_image/{name}{i}.jpg')
            os.makedirs(root + f'insects/{split}/{name}_label', exist_ok=True)
            open(root + f'insects/{split}/{name}_label/{name}{i}.txt', 'w').write(name + ('\r\n' if i == 3 else ''))
class Labelled(torch.utils.data.Dataset):
    def __init__(self, images, labels):
        self.images, self.labels, self.names = images, labels, sorted(os.listdir(images))
    def __getitem__(self, i):
        name = self.names[i]
        label = open(os.path.join(self.labels, name.replace('.jpg', '.txt'))).read().strip()
        return os.path.join(self.images, name), label, Image.open(os.path.join(self.images, name))
    def __len__(self): return len(self.names)
both = Labelled(root + 'insects/train/ants_image', root + 'insects/train/ants_label') + Labelled(root + 'insects/train/bees_image', root + 'insects/train/bees_label')
for i in range(len(both)):
    path, label, image = both[i]
    say(path, ['ants', 'bees'].index(label), image)
print()

# A list: quotes, a comma in a name, a UTF-8 mark, CRLF.
rows = []
for i in range(10):
    name = f'photos/{"a, b" if i % 3 == 0 else "c"}/{i}.png'
    put('list/' + name)
    rows.append((i, name, ['zebra', 'Äffin', 'cat "big"'][i % 3], i * 10 + 1))
with open(root + 'list/train.csv', 'w', newline='', encoding='utf-8-sig') as f:
    out = csv.writer(f, delimiter=';', lineterminator='\r\n')
    out.writerow(['row', 'file', 'label', 'number']); out.writerows(rows)
classes = sorted({row[2] for row in rows})
held = set(torch.randperm(10, generator=torch.Generator().manual_seed(7))[:3].tolist())
print('|'.join(classes))
for want in (False, True):
    with open(root + 'list/train.csv', newline='', encoding='utf-8-sig') as f:
        for i, row in enumerate(csv.DictReader(f, delimiter=';')):
            if (i in held) == want: say(root + 'list/' + row['file'], classes.index(row['label']), Image.open(root + 'list/' + row['file']))
    print()
)";

QByteArray classesOf(const Dataset& dataset) {
    QByteArrayList names;
    for (const std::string& name : dataset.classes()) names << QByteArray::fromStdString(name);
    return names.join('|');
}

}  // namespace

void PictureFoldersTest::initTestCase() {
    const auto python = test::runPython(kScript, {m_folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
    m_said = python.out.split('\n');
}

void PictureFoldersTest::imageNetEqualsTorchvision() {
    for (const Split split : {Split::Train, Split::Test}) {
        const auto data = openDataset("ImageNet", root("net"), split);
        QVERIFY2(data, qPrintable(test::sentenceOf(data)));
        QCOMPARE(classesOf(**data), m_said.takeFirst());
        const qsizetype end = m_said.indexOf("");
        QCOMPARE(test::pictureLines(**data), m_said.first(end));
        m_said.remove(0, end + 1);
        QVERIFY((*data)->hasEncodedPictures());
    }
    const auto location = test::locationOf("ImageNet", root("net"));
    QVERIFY(location.found);
    QCOMPARE(QString::fromStdString(location.message),
             "3 classes found in " + path("net/train") + " and " + path("net/val") + ".");
    QCOMPARE(test::targetOf("ImageNet", root("net")).classes, std::int64_t(3));
}

void PictureFoldersTest::imageNetTakesItsWordsFromKaggle() {
    QVERIFY(QDir().mkpath(path("kaggle/ILSVRC/Data")));
    QVERIFY(QFile::link(path("net"), path("kaggle/ILSVRC/Data/CLS-LOC")));
    const QByteArray meta = [&] {
        QFile file(path("net/meta.bin"));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }();
    // Whatever happens to its bytes, the words are missing and nothing else.
    for (const qsizetype at : {0, 40, 70, 90, 200, 400}) {
        QByteArray broken = meta;
        broken[at] = char(broken[at] ^ 0xFF);
        test::writeFile(path("net/meta.bin"), broken);
        QVERIFY(openDataset("ImageNet", root("net"), Split::Train));
    }
    test::writeFile(path("net/meta.bin"), meta.first(150));
    test::writeFile(path("kaggle/LOC_synset_mapping.txt"),
                    "n01440764 tench, Tinca tinca\r\nn02084071 dog\nnonsense\n\n");
    const auto data = openDataset("ImageNet", root("kaggle"), Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE(classesOf(**data), QByteArray("tench, Tinca tinca|n01443537|dog"));
    test::writeFile(path("net/meta.bin"), meta);
}

void PictureFoldersTest::imageNetSaysWhatIsMissing() {
    QDir().mkpath(path("half/train/n01"));
    QCOMPARE(test::sentenceOf(openDataset("ImageNet", root("half"), Split::Train)),
             path("half") + " has no folder val.");
    test::writeFile(path("half/val/ILSVRC2012_val_00000001.JPEG"), "x");
    QCOMPARE(QString::fromStdString(test::locationOf("ImageNet", root("half")).message),
             path("half/val") +
                 " has no folder in it: its pictures are not yet sorted into their classes.");
}

void PictureFoldersTest::labelFoldersEqualPython() {
    const auto data = openDataset("LabelFolders", root("insects"), Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    const qsizetype end = m_said.indexOf("");
    QCOMPARE(test::pictureLines(**data), m_said.first(end));
    m_said.remove(0, end + 1);
    QCOMPARE(classesOf(**data), QByteArray("ants|bees"));
    const auto location = test::locationOf("LabelFolders", root("insects"));
    QCOMPARE(QString::fromStdString(location.message),
             "6 train and 6 test pictures of ants, bees found in " + path("insects/train") +
                 " and " + path("insects/val") + ".");
    // One pair of folders by name, without a star.
    const auto one = openDataset(
        "LabelFolders",
        root("insects", {{"picture_folder", "ants_image"}, {"label_folder", "ants_label"}}),
        Split::Test);
    QVERIFY2(one, qPrintable(test::sentenceOf(one)));
    QCOMPARE((*one)->size(), std::int64_t(3));
    QCOMPARE(classesOf(**one), QByteArray("ants"));
}

void PictureFoldersTest::labelFoldersSayWhatIsMissing() {
    const auto message = [&] {
        return QString::fromStdString(test::locationOf("LabelFolders", root("insects")).message);
    };
    const QString label = path("insects/train/ants_label/ants20.txt");
    QVERIFY(QFile::rename(label, path("insects/train/ants_label/other.txt")));
    QCOMPARE(message(), label + ", for the picture ants20.jpg, is missing.");
    test::writeFile(label, "ants");
    QVERIFY2(message().endsWith(" The label file " + path("insects/train/ants_label/other.txt") +
                                " has no picture."),
             qPrintable(message()));
    QVERIFY(QFile::remove(path("insects/train/ants_label/other.txt")));
    const auto afterWriting = [&](const QByteArray& text) {
        QFile::remove(label);
        test::writeFile(label, text);
        return message();
    };
    QCOMPARE(afterWriting(" \n"), label + " is empty, but it should hold the name of a class.");
    QVERIFY(afterWriting(QByteArray(5000, 'x')).startsWith(label + " cannot be read: it has 5000"));
    QCOMPARE(afterWriting(QByteArray("an\0ts", 5)),
             label + " is no text file, but it should hold the name of a class.");
    QVERIFY(afterWriting("ants").startsWith("6 train"));
    const QString late = path("insects/val/bees_label/bees1.txt");
    QFile::remove(late);
    test::writeFile(late, "wasps");
    QCOMPARE(message(), "The label file of " + path("insects/val/bees_image/bees1.jpg") +
                            " says wasps, but the pictures to train with are of ants, bees only.");
    QFile::remove(late);
    test::writeFile(late, "bees");
    QDir(path("insects/val")).rename("bees_label", "elsewhere");
    QCOMPARE(message(),
             path("insects/val/bees_image") + " has no folder bees_label with labels beside it.");
}

void PictureFoldersTest::listEqualsPython() {
    const Params params = root("list", {{"test_fraction", 0.3}, {"seed", 7}});
    QCOMPARE(test::targetOf("PictureList", params).classes, std::int64_t(3));
    const QByteArray classes = m_said.takeFirst();
    for (const Split split : {Split::Train, Split::Test}) {
        const auto data = openDataset("PictureList", params, split);
        QVERIFY2(data, qPrintable(test::sentenceOf(data)));
        QCOMPARE(classesOf(**data), classes);
        const qsizetype end = m_said.indexOf("");
        QCOMPARE(test::pictureLines(**data), m_said.first(end));
        m_said.remove(0, end + 1);
    }
    QCOMPARE(QString::fromStdString(test::locationOf("PictureList", params).message),
             "7 train and 3 test pictures in 3 classes found in " + path("list/train.csv") + ".");
    // Numbers are classes by size, not by their digits.
    const auto numbered =
        openDataset("PictureList", root("list", {{"label_column", "number"}}), Split::Train);
    QVERIFY(numbered);
    QCOMPARE(classesOf(**numbered), QByteArray("1|11|21|31|41|51|61|71|81|91"));
}

void PictureFoldersTest::listsAreSplit() {
    test::writeFile(path("list/marked.csv"),
                    "photos/c/1.png,cat,train\nphotos/c/2.png,dog,Val\nphotos/c/4.png,dog,train\n");
    const Params marked = root("list", {{"file", "marked.csv"}, {"split_column", "column 3"}});
    const auto test = openDataset("PictureList", marked, Split::Test);
    QVERIFY2(test, qPrintable(test::sentenceOf(test)));
    QCOMPARE((*test)->size(), std::int64_t(1));
    QCOMPARE((*test)->label(0), std::int64_t(1));
    test::writeFile(path("pair/train.csv"), "image\tlabel\nx.png\t0\ny.png\t1\n");
    test::writeFile(path("pair/test.csv"), "image\tlabel\nz.png\t1\n");
    const Params there =
        root("pair", {{"folder", path("list/photos/c").toStdString()}, {"delimiter", "tab"}});
    QCOMPARE(test::sentenceOf(openDataset("PictureList", there, Split::Train)),
             path("list/photos/c/x.png") + ", the first picture of " + path("pair/train.csv") +
                 ", is not there.");
    for (const char* name : {"x.png", "y.png", "z.png"})
        QVERIFY(QFile::copy(path("list/photos/c/1.png"), path("list/photos/c/") + name));
    const auto now = openDataset("PictureList", there, Split::Test);
    QVERIFY2(now, qPrintable(test::sentenceOf(now)));
    QCOMPARE((*now)->size(), std::int64_t(1));
    QCOMPARE(classesOf(**now), QByteArray("0|1"));
}

void PictureFoldersTest::listsSayWhatIsWrong_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("sentence");
    const QString file = "FILE";
    QTest::newRow("empty") << QByteArray() << file + " is empty.";
    QTest::newRow("only names") << QByteArray("file,label\n")
                                << file + " has a line of names, but no row below it.";
    QTest::newRow("no pictures") << QByteArray("a,b\nx,y\n")
                                 << "No column of FILE holds names of pictures: a, b.";
    QTest::newRow("one column") << QByteArray("a\nx.png\n")
                                << "FILE has no column for the classes of the pictures.";
    QTest::newRow("no class") << QByteArray("f,label\nx.png,a\ny.png,\nz.png,b\n")
                              << "In line 3 of FILE, column label, the value is missing.";
    QTest::newRow("ragged") << QByteArray("f,label\nx.png,a\ny.png,b,c\n")
                            << "FILE: line 3 has 3 cells, but the first line has 2.";
}

void PictureFoldersTest::listsSayWhatIsWrong() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, sentence);
    const QString file = path("wrong/" + QString(QTest::currentDataTag()) + ".csv");
    test::writeFile(file, bytes);
    const Params params = {{"root", file.toStdString()}};
    const auto opened = openDataset("PictureList", params, Split::Train);
    QCOMPARE(test::sentenceOf(opened), sentence.replace("FILE", file));
    QVERIFY(!opened.error().hint.empty());
    QCOMPARE(QString::fromStdString(test::locationOf("PictureList", params).message), sentence);
}

void PictureFoldersTest::askingAgainIsQuick() {
    for (const auto& [kind, below] :
         {std::pair("ImageNet", "net"), std::pair("PictureList", "list")}) {
        const Params params = root(below);
        test::locationOf(kind, params);
        QElapsedTimer clock;
        clock.start();
        for (int i = 0; i < 100; ++i) {
            QVERIFY(test::locationOf(kind, params).found);
            test::targetOf(kind, params);
        }
        const double each = double(clock.nsecsElapsed()) / 1e5;
        qInfo("%s: %.0f µs to ask again", kind, each);
        QVERIFY(each < 1000);
    }
}

QTEST_GUILESS_MAIN(PictureFoldersTest)
#include "picture_folders_test.moc"
