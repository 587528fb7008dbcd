#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cstring>
#include <sstream>
#include <thread>

#include "core/data/sets/coco_file.h"
#include "core/data/sets/lmdb_file.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// LSUN's data bases and COCO's annotations against torchvision on the same files; and files that
/// are damaged anywhere.
class LargeSetsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void lsunEqualsTorchvision();
    void lsunIsReadByManyThreads();
    void lsunTakesTheClassesNamed();
    void damagedDataBasesAreSentences();
    void largeDataBaseHasEveryEntry();
    void cocoEqualsTorchvision();
    void cocoIsFoundInEveryLayout();
    void damagedAnnotationsAreSentences_data();
    void damagedAnnotationsAreSentences();
    void annotationsCutOffAnywhereAreSentences();
    void hugeNumbersOfBracketsAreSentences();
    void largeAnnotationsAreQuick();

private:
    QString path(const QString& below) const { return m_folder.filePath(below); }
    Params root(const QString& below, Params more = {}) const {
        more.set("root", path(below).toStdString());
        return more;
    }
    QByteArray bytesOf(const QString& below) const {
        QFile file(path(below));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QTemporaryDir m_folder;
    QByteArrayList m_said;
};

namespace {

const char* const kScript = R"(
import collections, hashlib, io, json, os, sys, types
import lmdb, numpy
from PIL import Image
root = sys.argv[1] + '/'
os.makedirs(root, exist_ok=True); os.chdir(root)
rng = numpy.random.default_rng(5)
def encoded(w, h, form):
    buf = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (h, w, 3)).astype(numpy.uint8), 'RGB').save(buf, format=form)
    return buf.getvalue()
def say(path, label, image):
    image = image.convert('RGB')
    print(path, label, *image.size, hashlib.sha256(image.tobytes()).hexdigest(), sep='|')

import torchvision.datasets.lsun as lsun
categories = ['bedroom', 'bridge', 'church_outdoor', 'classroom', 'conference_room', 'dining_room', 'kitchen', 'living_room', 'restaurant', 'tower']
for c, category in enumerate(categories):
    for split in ('train', 'val'):
        folder = f'lsun/{category}_{split}_lmdb'
        os.makedirs(folder)
        env = lmdb.open(folder, map_size=1 << 24)
        with env.begin(write=True) as txn:
            for i in range(40 if category == 'kitchen' and split == 'train' else 2):
                form = ['PNG', 'JPEG', 'WEBP'][i % 3]
                # Small ones lie within a page, others on pages of their own.
                txn.put(hashlib.sha1(f'{category}{split}{i}'.encode()).hexdigest().encode(), encoded(*((3, 2) if i % 4 == 0 else (40, 30)), form))
        with env.begin(write=True) as txn:
            txn.put(b'gone', b'x' * 9000)
        with env.begin(write=True) as txn:
            txn.delete(b'gone')
        env.close()
for split in ('train', 'val'):
    data = lsun.LSUN(root + 'lsun', classes=split)
    for i in range(len(data)):
        image, label = data[i]
        db = data.dbs[label]
        key = db.keys[i - ([0] + data.indices)[label]]
        say(f'picture {key.decode()} of {root}lsun/{categories[label]}_{split}_lmdb/data.mdb', label, image)
    print()

# pycocotools as far as torchvision uses it.
class COCO:
    def __init__(self, path):
        with open(path) as f: self.dataset = json.load(f)
        self.anns, self.imgs, self.imgToAnns = {}, {}, collections.defaultdict(list)
        for ann in self.dataset.get('annotations', []):
            self.imgToAnns[ann['image_id']].append(ann); self.anns[ann['id']] = ann
        for img in self.dataset['images']: self.imgs[img['id']] = img
    def loadImgs(self, id): return [self.imgs[id]]
    def getAnnIds(self, id): return [ann['id'] for ann in self.imgToAnns[id]]
    def loadAnns(self, ids): return [self.anns[id] for id in ids]
module = types.ModuleType('pycocotools.coco'); module.COCO = COCO
sys.modules['pycocotools'] = types.ModuleType('pycocotools'); sys.modules['pycocotools.coco'] = module
from torchvision.datasets import CocoDetection, CocoCaptions
cats = [{'id': 90, 'name': 'toothbrush', 'supercategory': 'indoor'}, {'id': 1, 'name': 'person'}, {'id': 18, 'name': 'chien "ä" [x]'}]
os.makedirs('coco/annotations')
for split, count in (('train', 9), ('val', 4)):
    os.makedirs(f'coco/{split}2017/deep')
    images, anns, captions = [], [], []
    for i in range(count):
        id = int(rng.integers(1, 10**12)); name = f'{"deep/" if i == 2 else ""}{i:012}.jpg'
        open(f'coco/{split}2017/{name}', 'wb').write(encoded(30 + i, 20, 'JPEG'))
        images.append({'license': 3, 'file_name': name, 'height': 20, 'width': 30 + i, 'id': id})
        for k in range(0 if i == 1 else int(rng.integers(1, 5))):
            crowd = int(k == 3)
            anns.append({'segmentation': {'counts': [1, 2, [3]], 'size': [20, 30]} if crowd else [[1.5, 2, 3, 4]], 'area': 3.25, 'iscrowd': crowd, 'image_id': id,
                         'bbox': [round(float(x), 2) for x in rng.uniform(0, 15, 4)], 'category_id': int(rng.choice([1, 18, 90])), 'id': len(anns) + 1})
        for k in range(2): captions.append({'image_id': id, 'id': len(captions) + 7, 'caption': f'Bild {i}, Satz {k}: "ü" \u4e2d'})
    rng.shuffle(images); rng.shuffle(anns)
    anns = [dict(a) for a in anns]; images = [dict(i) for i in images]
    info = {'info': {'id': 5, 'images': [1, {'id': 2}], 'bbox': [1]}}
    json.dump({**info, 'images': images, 'licenses': [{'id': 1, 'name': 'x'}], 'annotations': anns, 'categories': cats}, open(f'coco/annotations/instances_{split}2017.json', 'w'))
    json.dump({**info, 'annotations': captions, 'images': images}, open(f'coco/annotations/captions_{split}2017.json', 'w'), ensure_ascii=False)
    detection = CocoDetection(root + f'coco/{split}2017', root + f'coco/annotations/instances_{split}2017.json')
    sentences = CocoCaptions(root + f'coco/{split}2017', root + f'coco/annotations/captions_{split}2017.json')
    order = sorted(c['id'] for c in cats)
    for i in range(len(detection)):
        image, target = detection[i]
        say(root + f'coco/{split}2017/' + detection.coco.loadImgs(detection.ids[i])[0]['file_name'], 0, image)
        print(';'.join(' '.join('%.17g' % x for x in t['bbox']) + f' {order.index(t["category_id"])}' for t in target))
        print(' '.join(str(int(any(t['category_id'] == c for t in target))) for c in order))
        print(';'.join(sentences[i][1]))
    print()
)";

}  // namespace

void LargeSetsTest::initTestCase() {
    const auto python = test::runPython(kScript, {m_folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
    m_said = python.out.split('\n');
}

void LargeSetsTest::lsunEqualsTorchvision() {
    for (const Split split : {Split::Train, Split::Test}) {
        const auto data = openDataset("LSUN", root("lsun"), split);
        QVERIFY2(data, qPrintable(test::sentenceOf(data)));
        QCOMPARE((*data)->classes().size(), std::size_t(10));
        QVERIFY((*data)->hasEncodedPictures());
        const qsizetype end = m_said.indexOf("");
        QCOMPARE(test::pictureLines(**data), m_said.first(end));
        m_said.remove(0, end + 1);
        QCOMPARE((*data)->bytesInMemory(), 8 * (*data)->size());
    }
    QCOMPARE(test::targetOf("LSUN", root("lsun")).classes, std::int64_t(10));
}

void LargeSetsTest::lsunIsReadByManyThreads() {
    const auto data = openDataset("LSUN", root("lsun", {{"classes", "kitchen"}}), Split::Train);
    QVERIFY(data);
    QByteArrayList once;
    for (std::int64_t i = 0; i < 40; ++i)
        once << QByteArray::fromStdString(*(*data)->encodedPicture(i));
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int round = 0; round < 50; ++round)
                for (std::int64_t i = 0; i < 40; ++i) {
                    const auto bytes = (*data)->encodedPicture(i);
                    if (!bytes || *bytes != once[i].toStdString()) ++wrong;
                }
        });
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(wrong.load(), 0);
}

void LargeSetsTest::lsunTakesTheClassesNamed() {
    const Params two = root("lsun", {{"classes", "tower_train, bedroom"}});
    const auto data = openDataset("LSUN", two, Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE((*data)->classes(), (std::vector<std::string>{"tower", "bedroom"}));
    QCOMPARE((*data)->size(), std::int64_t(4));
    QVERIFY((*data)->nameOf(0).ends_with("/tower_train_lmdb/data.mdb"));
    QCOMPARE((*data)->label(2), std::int64_t(1));
    QCOMPARE(QString::fromStdString(test::locationOf("LSUN", two).message),
             "4 train and 4 test pictures of tower and bedroom found in " + path("lsun") + ".");
    QVERIFY(
        test::sentenceOf(openDataset("LSUN", root("lsun", {{"classes", "castle"}}), Split::Train))
            .startsWith("LSUN has no class called castle; there are bedroom,"));
    QDir().mkpath(path("lsun1"));
    QCOMPARE(test::sentenceOf(openDataset("LSUN", root("lsun1"), Split::Train)),
             "LSUN's data bases are not in " + path("lsun1") +
                 ": it has no folder like bedroom_train_lmdb.");
    test::writeFile(path("lsun1/tower_train_lmdb/data.mdb"),
                    bytesOf("lsun/tower_train_lmdb/data.mdb"));
    QCOMPARE(test::sentenceOf(openDataset("LSUN", root("lsun1"), Split::Train)),
             path("lsun1/tower_val_lmdb/data.mdb") + " is missing.");
}

void LargeSetsTest::damagedDataBasesAreSentences() {
    const QByteArray whole = bytesOf("lsun/kitchen_train_lmdb/data.mdb");
    int refused = 0;
    const auto readAll = [&](QByteArray bytes) {
        const auto file = LmdbFile::open(
            [bytes](std::uint64_t offset, void* into, std::size_t size) {
                if (offset > std::uint64_t(bytes.size()) ||
                    size > std::uint64_t(bytes.size()) - offset)
                    return false;
                std::memcpy(into, bytes.data() + offset, size);
                return true;
            },
            std::uint64_t(bytes.size()), "x");
        const auto count = [&](const Error& error) {
            ++refused;
            QVERIFY2(error.message.starts_with("x ") && error.message.ends_with("."),
                     error.message.c_str());
        };
        if (!file) return count(file.error());
        const auto entries = (*file)->entries();
        if (!entries) return count(entries.error());
        QVERIFY(entries->size() <= std::size_t(bytes.size()));
        for (const std::uint64_t entry : *entries) {
            const auto key = (*file)->key(entry), value = (*file)->value(entry);
            if (!key || !value) return count((key ? value : key).error());
        }
    };
    readAll(whole);
    QCOMPARE(refused, 0);
    // Cut off at every page, and within the head.
    for (qsizetype bytes = 0; bytes < whole.size(); bytes += bytes < 400 ? 13 : 4096)
        readAll(whole.first(bytes));
    QVERIFY(refused > 20);
    QRandomGenerator random(11);
    for (int round = 0; round < 3000; ++round) {
        QByteArray bytes = whole;
        for (int change = random.bounded(1, 6); change > 0; --change) {
            // Where pages and entries are described, rather than in the pictures.
            const qsizetype page = random.bounded(int(bytes.size() / 4096)) * 4096;
            bytes[page + random.bounded(round % 2 ? 200 : 4096)] = char(random.bounded(256));
        }
        readAll(bytes);
    }
    QVERIFY(refused > 200);
    for (const QByteArray& garbage : {QByteArray(), QByteArray(5, 'x'), QByteArray(100000, '\xDE')})
        readAll(garbage);
    QByteArray cut = whole.first(whole.size() / 2);
    test::writeFile(path("lsun2/tower_train_lmdb/data.mdb"), cut);
    test::writeFile(path("lsun2/tower_val_lmdb/data.mdb"), whole);
    const auto message = test::locationOf("LSUN", root("lsun2")).message;
    QVERIFY2(QString::fromStdString(message).startsWith(path("lsun2/tower_train_lmdb/data.mdb") +
                                                        " is cut off: it should have "),
             message.c_str());
}

void LargeSetsTest::largeDataBaseHasEveryEntry() {
    const auto python = test::runPython(R"(
import hashlib, lmdb, os, sys
env = lmdb.open(sys.argv[1], map_size=1 << 28)
with env.begin(write=True) as txn:
    for i in range(30000): txn.put(hashlib.sha1(b'%d' % i).hexdigest().encode(), b'%d' % i * (i % 7 * 100))
with env.begin() as txn:
    for key, value in txn.cursor(): print(key.decode(), hashlib.md5(value).hexdigest())
)",
                                        {path("many")});
    QVERIFY2(python.exitCode == 0, python.err);
    const auto file = LmdbFile::open(path("many/data.mdb").toStdString());
    QVERIFY(file);
    const auto entries = (*file)->entries();
    QVERIFY2(entries, qPrintable(test::sentenceOf(entries)));
    const QByteArrayList lines = python.out.trimmed().split('\n');
    QCOMPARE(qsizetype(entries->size()), lines.size());
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const auto value = (*file)->value((*entries)[std::size_t(i)]);
        const QByteArray digest =
            QCryptographicHash::hash(QByteArray::fromStdString(*value), QCryptographicHash::Md5)
                .toHex();
        QCOMPARE(
            QByteArray::fromStdString(*(*file)->key((*entries)[std::size_t(i)])) + ' ' + digest,
            lines[i]);
    }
}

void LargeSetsTest::cocoEqualsTorchvision() {
    for (const Split split : {Split::Train, Split::Test}) {
        const auto data = openDataset("CocoDetection", root("coco"), split);
        QVERIFY2(data, qPrintable(test::sentenceOf(data)));
        QCOMPARE((*data)->answerNames(),
                 (std::vector<std::string>{"person", "chien \"ä\" [x]", "toothbrush"}));
        QVERIFY((*data)->classes().empty() && (*data)->hasEncodedPictures());
        const QByteArrayList pictures = test::pictureLines(**data);
        for (std::int64_t i = 0; i < (*data)->size(); ++i) {
            QCOMPARE(pictures[i], m_said.takeFirst());
            const Annotations said = (*data)->annotations(i);
            QByteArrayList boxes, present, captions;
            for (const Box& box : said.boxes) {
                QByteArray text;
                for (const double side : {box.x, box.y, box.width, box.height})
                    text += QByteArray::number(side, 'g', 17) + ' ';
                boxes << text + QByteArray::number(qint64(box.label));
            }
            for (const float one : (*data)->answer(i)) present << QByteArray::number(one);
            for (const std::string& one : said.captions) captions << QByteArray::fromStdString(one);
            QCOMPARE(boxes.join(';'), m_said.takeFirst());
            QCOMPARE(present.join(' '), m_said.takeFirst());
            QCOMPARE(captions.join(';'), m_said.takeFirst());
        }
        QCOMPARE(m_said.takeFirst(), QByteArray());
    }
    const TargetSpec target = test::targetOf("CocoDetection", root("coco"));
    QVERIFY(target.type == TargetSpec::Type::Numbers);
    QCOMPARE(target.dims, std::vector<std::int64_t>{3});
    const auto location = test::locationOf("CocoDetection", root("coco"));
    QVERIFY(location.found);
    QCOMPARE(QString::fromStdString(location.message),
             "3 categories found in " + path("coco/annotations/instances_train2017.json") +
                 " and " + path("coco/annotations/instances_val2017.json") +
                 ", with captions beside them.");
}

void LargeSetsTest::cocoIsFoundInEveryLayout() {
    const auto copy = [&](const QString& from, const QString& to) {
        test::writeFile(path(to), bytesOf(from));
    };
    for (const auto& [from, to] : {std::pair("train", "train"), std::pair("val", "valid")}) {
        const QString name(from);
        copy("coco/annotations/instances_" + name + "2017.json",
             "robo/" + QString(to) + "/_annotations.coco.json");
        copy("coco/annotations/instances_" + name + "2017.json",
             "old/annotations/instances_" + name + "2014.json");
        QDir().mkpath(path("old/images"));
        QVERIFY(QFile::link(path("coco/" + name + "2017"), path("old/images/" + name + "2014")));
    }
    QVERIFY(test::locationOf("CocoDetection", root("robo")).found);
    const auto old = openDataset("CocoDetection", root("old"), Split::Test);
    QVERIFY2(old, qPrintable(test::sentenceOf(old)));
    QVERIFY((*old)->sample(0));
    QVERIFY((*old)->annotations(0).captions.empty());
    const Params named = root("coco", {{"val_images", "train2017"},
                                       {"val_annotations", "annotations/instances_train2017.json"},
                                       {"val_captions", "annotations/captions_train2017.json"}});
    const auto swapped = openDataset("CocoDetection", named, Split::Test);
    QVERIFY(swapped);
    QCOMPARE((*swapped)->size(), std::int64_t(9));
    QCOMPARE(QString::fromStdString(
                 test::locationOf("CocoDetection", root("coco", {{"val_images", "none"}})).message),
             "The folder of pictures " + path("coco/none") + ", to test with, is not there.");
}

void LargeSetsTest::damagedAnnotationsAreSentences_data() {
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char* name, const QByteArray& json, const QString& sentence) {
        QTest::newRow(name) << json << sentence;
    };
    row("nothing", "",
        "x cannot be read as annotations: it ends in the middle, at line 1, column 1.");
    row("no list", "{\"info\": []}",
        "x has no list of images, so it is no annotation file in COCO's form.");
    row("no id", "{\"images\": [{\"id\": 1, \"file_name\": \"a\"}, {\"file_name\": \"b\"}]}",
        "x cannot be read as annotations: entry 2 of images has no id.");
    row("id too large", "{\"images\": [{\"id\": 99999999999999999999, \"file_name\": \"a\"}]}",
        "x cannot be read as annotations: entry 1 of images has no id.");
    row("no name", "{\"images\": [{\"id\": 1}]}",
        "x cannot be read as annotations: entry 1 of images has no file_name.");
    row("outside", "{\"images\": [{\"id\": 1, \"file_name\": \"a/../../b\"}]}",
        "x cannot be read as annotations: entry 1 of images names a file outside of the pictures' "
        "folder: a/../../b.");
    row("no picture", "{\"images\": [], \"annotations\": [{\"id\": 1}]}",
        "x cannot be read as annotations: entry 1 of annotations has no image_id.");
    row("box",
        "{\"images\": [], \"annotations\": [{\"image_id\": 1, \"bbox\": [1, 2, 3, 4, 5, 6]}]}",
        "x cannot be read as annotations: entry 1 of annotations has a bbox that is not four "
        "numbers: x, y, width, height.");
    row("category",
        "{\"images\": [{\"id\": 1, \"file_name\": \"a\"}], \"annotations\": [{\"image_id\": 1, "
        "\"category_id\": 7}], \"categories\": [{\"id\": 1, \"name\": \"k\"}]}",
        "x: an annotation of picture 1 is of category 7, which is not among the 1 categories.");
    row("infinite", "{\"images\": [],\n \"annotations\": [{\"image_id\": 1, \"bbox\": [1e999]}]}",
        "x cannot be read as annotations: the number 1e999 is too large.");
}

void LargeSetsTest::damagedAnnotationsAreSentences() {
    QFETCH(QByteArray, json);
    QFETCH(QString, sentence);
    std::istringstream in(json.toStdString());
    const auto file = readCoco(in, "x");
    QCOMPARE(test::sentenceOf(file), sentence);
    QVERIFY(!file.error().hint.empty());
}

void LargeSetsTest::annotationsCutOffAnywhereAreSentences() {
    const std::string whole = bytesOf("coco/annotations/instances_val2017.json").toStdString();
    QRandomGenerator random(3);
    for (std::size_t bytes = 0; bytes < whole.size(); bytes += 7) {
        std::istringstream in(whole.substr(0, bytes));
        const auto file = readCoco(in, "x");
        QVERIFY(!file);
        QVERIFY2(file.error().message.starts_with("x cannot be read as annotations: "),
                 file.error().message.c_str());
    }
    for (int round = 0; round < 2000; ++round) {
        std::string bytes = whole;
        for (int change = random.bounded(1, 5); change > 0; --change)
            bytes[random.bounded(quint32(bytes.size()))] = char(random.bounded(256));
        std::istringstream in(bytes);
        const auto file = readCoco(in, "x");
        if (!file) continue;
        for (const Box& box : file->boxes)
            QVERIFY(box.label >= 0 && box.label < std::int64_t(file->categories.size()));
    }
}

void LargeSetsTest::hugeNumbersOfBracketsAreSentences() {
    for (const char* one : {"[", "{\"images\":"}) {
        std::string deep;
        for (int i = 0; i < 1'000'000; ++i) deep += one;
        std::istringstream in(deep);
        QCOMPARE(test::sentenceOf(readCoco(in, "x")),
                 "x cannot be read as annotations: it is nested more than 100 levels deep.");
    }
    const QString file = path("deep/train/_annotations.coco.json");
    test::writeFile(file, QByteArray("{\"categories\": ") + QByteArray(1'000'000, '['));
    test::writeFile(path("deep/val/_annotations.coco.json"), "{}");
    QVERIFY(!test::locationOf("CocoDetection", root("deep")).found);
}

void LargeSetsTest::largeAnnotationsAreQuick() {
    QByteArray json = "{\"images\": [";
    for (int i = 0; i < 20000; ++i)
        json += (i ? "," : "") + QByteArray("{\"id\":") + QByteArray::number(i) +
                ",\"file_name\":\"" + QByteArray::number(i) + ".jpg\"}";
    json += "], \"annotations\": [";
    for (int i = 0; i < 100000; ++i)
        json += (i ? "," : "") + QByteArray("{\"segmentation\":[[") +
                QByteArray("510.66,423.01,511.72,420.03,").repeated(6) +
                "1]],\"area\":702.1,\"iscrowd\":0,\"image_id\":" + QByteArray::number(i % 20000) +
                ",\"bbox\":[473.07,395.93,38.65,28.67],\"category_id\":18,\"id\":1}";
    json += "], \"categories\": [{\"id\":18,\"name\":\"dog\"}]}";
    test::writeFile(path("large/train/_annotations.coco.json"), json);
    test::writeFile(path("large/val/_annotations.coco.json"), json);
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(test::targetOf("CocoDetection", root("large")).dims, std::vector<std::int64_t>{1});
    const qint64 looked = clock.restart();
    const auto data = openDataset("CocoDetection", root("large"), Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    qInfo("%lld MB of annotations: %lld ms to say what they are, %lld ms to read, %lld kB kept",
          qlonglong(json.size() / 1000000), looked, clock.elapsed(),
          qlonglong((*data)->bytesInMemory() / 1000));
    QVERIFY(looked < 200);
    QVERIFY((*data)->bytesInMemory() < json.size() / 3);
    QCOMPARE((*data)->annotations(19999).boxes.size(), std::size_t(5));
}

QTEST_GUILESS_MAIN(LargeSetsTest)
#include "large_sets_test.moc"
