#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <set>

#include "core/base/choice.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// Generated points against numpy and torch, and data sets that follow each other against PyTorch's
/// ConcatDataset.
class GeneratedTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pointsEqualPython();
    void splitsDiffer_data();
    void splitsDiffer();
    void concatenationEqualsPyTorch();
    void classesAreUnitedByName();
    void answersFollowEachOther();
    void boxesAndPicturesPassThrough();
    void whatDoesNotFitIsASentence_data();
    void whatDoesNotFitIsASentence();
};

namespace {

const char* const kPoints = R"(
import sys, numpy, torch
from math import pi
kind, split = sys.argv[1], int(sys.argv[2])
params = dict(word.split('=') for word in sys.argv[3:])
get = lambda key, default: float(params.get(key, default))
seed = int(params.get('seed', 0)); n = int(params.get('samples', 500))
if split: n = (n + 4) // 5
g = torch.Generator().manual_seed(2 * seed + split)
classes = int({'Spirals': get('arms', 2), 'Blobs': get('centers', 3)}.get(kind, 2))
ofClass = [n // classes + (c < n % classes) for c in range(classes)]
# scikit-learn's make_moons, make_circles, make_blobs, without its shuffling.
if kind == 'Moons':
    noise = get('noise', 0.1); outer, inner = numpy.linspace(0, pi, ofClass[0]), numpy.linspace(0, pi, ofClass[1])
    curves = [numpy.stack([numpy.cos(outer), numpy.sin(outer)], 1), numpy.stack([1 - numpy.cos(inner), 1 - numpy.sin(inner) - 0.5], 1)]
if kind == 'Circles':
    noise = get('noise', 0.05); outer, inner = (numpy.linspace(0, 2 * pi, m, endpoint=False) for m in ofClass)
    curves = [numpy.stack([numpy.cos(outer), numpy.sin(outer)], 1), get('factor', 0.5) * numpy.stack([numpy.cos(inner), numpy.sin(inner)], 1)]
if kind == 'Spirals':
    noise = get('noise', 0.02); curves = []
    for c, m in enumerate(ofClass):
        r = numpy.linspace(0, 1, m); angle = 2 * pi * (get('turns', 1) * r + c / classes)
        curves.append(numpy.stack([r * numpy.sin(angle), r * numpy.cos(angle)], 1))
if kind == 'Blobs':
    noise = get('cluster_std', 1); places = torch.Generator().manual_seed(seed)
    curves = [numpy.tile([-10 + 20 * torch.rand(1, generator=places).item() for _ in range(2)], (m, 1)) for m in ofClass]
for i in range(n):
    x, y = (v + noise * torch.randn(1, generator=g).item() for v in curves[i % classes][i // classes])
    print('%.9g %.9g %d' % (x, y, i % classes))
)";

std::shared_ptr<const Dataset> opened(const std::string& kind, const Params& params, Split split) {
    auto data = openDataset(kind, params, split);
    if (!data) qFatal("%s", data.error().message.c_str());
    return *data;
}

Params listed(std::vector<Choice> choices) {
    return {{"datasets", nestedValue(choices)}};
}

}  // namespace

void GeneratedTest::pointsEqualPython() {
    QList<QStringList> cases;
    for (const char* kind : {"Spirals", "Moons", "Circles", "Blobs"})
        for (const QStringList& words :
             {QStringList{},
              QStringList{"samples=101", "seed=5",
                          kind == QByteArray("Blobs") ? "cluster_std=0" : "noise=0"}})
            cases << QStringList{kind} + words;
    cases << QStringList{"Spirals", "arms=5", "turns=2.5"} << QStringList{"Circles", "factor=0.8"}
          << QStringList{"Blobs", "centers=7", "seed=3"} << QStringList{"Moons", "samples=1"};
    QList<QStringList> both;
    for (const QStringList& one : cases)
        for (const char* split : {"0", "1"}) {
            both << one;
            both.last().insert(1, split);
        }
    QByteArrayList said = test::runPythonForEach(kPoints, both);
    QCOMPARE(said.size(), both.size());
    for (const QStringList& one : both) {
        const std::string kind = one[0].toStdString();
        Params params;
        for (const QString& word : one.mid(2)) {
            const std::string key = word.section('=', 0, 0).toStdString();
            params.set(key, *parseParam(*findSpec(datasets().find(kind)->params, key),
                                        word.section('=', 1).toStdString()));
        }
        const auto data = opened(kind, params, one[1] == "0" ? Split::Train : Split::Test);
        const QByteArrayList lines = said.takeFirst().trimmed().split('\n');
        const QString where = one.join(' ');
        QVERIFY2(data->size() == std::int64_t(lines.size()), qPrintable(where));
        for (std::int64_t i = 0; i < data->size(); ++i) {
            const QByteArrayList wanted = lines[i].split(' ');
            const auto sample = data->sample(i);
            const auto& point = std::get<TensorSample>(sample->input);
            QCOMPARE(point.dims, std::vector<std::int64_t>{2});
            for (int c : {0, 1}) {
                const double want = wanted[c].toDouble(),
                             found = double(point.values[std::size_t(c)]);
                QVERIFY2(
                    std::abs(found - want) <= 2e-6 * std::max(1.0, std::abs(want)),
                    qPrintable(
                        QString("%1, point %2: %3 for %4").arg(where).arg(i).arg(found).arg(want)));
            }
            QCOMPARE(data->label(i), wanted[2].toLongLong());
        }
        QCOMPARE(std::int64_t(data->classes().size()), test::targetOf(kind, params).classes);
    }
}

void GeneratedTest::splitsDiffer_data() {
    QTest::addColumn<QByteArray>("kind");
    for (const char* kind : {"Spirals", "Moons", "Circles", "Blobs", "Line"})
        QTest::newRow(kind) << QByteArray(kind);
}

void GeneratedTest::splitsDiffer() {
    QFETCH(QByteArray, kind);
    std::set<std::vector<float>> seen;
    std::size_t count = 0;
    for (const Split split : {Split::Train, Split::Test}) {
        const auto data = opened(kind.toStdString(), {}, split);
        for (std::int64_t i = 0; i < data->size(); ++i, ++count)
            seen.insert(std::get<TensorSample>(data->sample(i)->input).values);
    }
    QCOMPARE(count, std::size_t(600));
    QVERIFY(seen.size() > 595);
}

void GeneratedTest::concatenationEqualsPyTorch() {
    QTemporaryDir folder;
    const auto python = test::runPython(R"(
import hashlib, os, sys
import numpy
from PIL import Image
from torchvision.datasets import ImageFolder
from torch.utils.data import ConcatDataset
rng = numpy.random.default_rng(1)
for top in 'ab':
    for split in ('train', 'test'):
        for name in ('cat', 'dog'):
            folder = f'{sys.argv[1]}/{top}/{split}/{name}'; os.makedirs(folder)
            for i in range(3 if top == 'a' else 2): Image.fromarray(rng.integers(0, 255, (5, 6 + i, 3)).astype(numpy.uint8)).save(f'{folder}/{i}.png')
members = [ImageFolder(f'{sys.argv[1]}/{top}/train') for top in 'aba']
both = ConcatDataset(members)
paths = [path for member in members for path, _ in member.samples]
for i in range(len(both)):
    image, label = both[i]
    print(paths[i], label, *image.size, hashlib.sha256(image.tobytes()).hexdigest(), sep='|')
)",
                                        {folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
    const auto member = [&](const char* name) {
        return Choice{"ImageFolder", {{"root", folder.filePath(name).toStdString()}}};
    };
    const Params params = listed({member("a"), member("b"), member("a")});
    const auto data = opened("ConcatDataset", params, Split::Train);
    QCOMPARE(test::pictureLines(*data), python.out.trimmed().split('\n'));
    QVERIFY(data->hasEncodedPictures());
    QCOMPARE(test::targetOf("ConcatDataset", params).classes, std::int64_t(2));
    QCOMPARE(test::specOf("ConcatDataset", params)->dims, (std::vector<std::int64_t>{3, -1, -1}));
    QVERIFY(test::locationOf("ConcatDataset", params).found);
}

void GeneratedTest::classesAreUnitedByName() {
    const Params params = listed(
        {{"Moons", {{"samples", 10}}}, {"Circles", {{"samples", 10}}}, {"Moons", {{"seed", 4}}}});
    const auto data = opened("ConcatDataset", params, Split::Train);
    QCOMPARE(data->classes(), (std::vector<std::string>{"upper", "lower", "outer", "inner"}));
    QCOMPARE(test::targetOf("ConcatDataset", params).classes, std::int64_t(4));
    QCOMPARE(data->size(), std::int64_t(520));
    QCOMPARE(data->label(1), std::int64_t(1));
    QCOMPARE(data->label(11), std::int64_t(3));
    QCOMPARE(data->sample(11)->label, std::int64_t(3));
    QCOMPARE(data->label(21), std::int64_t(1));
    QVERIFY(!data->sample(520) && !data->sample(-1));
    // Lists within lists.
    const auto nested =
        opened("ConcatDataset", listed({{"ConcatDataset", params}, {"Blobs"}}), Split::Test);
    QCOMPARE(nested->classes().size(), std::size_t(7));
}

void GeneratedTest::answersFollowEachOther() {
    const Params params = listed({{"Line"}, {"Line", {{"slope", -1.0}, {"seed", 9}}}});
    const auto data = opened("ConcatDataset", params, Split::Train);
    const auto second = opened("Line", {{"slope", -1.0}, {"seed", 9}}, Split::Train);
    QCOMPARE(data->answer(503), second->answer(3));
    QVERIFY(data->classes().empty());
    const TargetSpec target = test::targetOf("ConcatDataset", params);
    QVERIFY(target.type == TargetSpec::Type::Numbers);
    QCOMPARE(target.dims, std::vector<std::int64_t>{1});
}

void GeneratedTest::boxesAndPicturesPassThrough() {
    QTemporaryDir folder;
    for (const char* name : {"train", "val"}) {
        const QString json = folder.filePath(QString(name) + "/_annotations.coco.json");
        test::writeFile(json,
                        R"({"images": [{"id": 3, "file_name": "a.png"}], "annotations": [{"id": 1,
            "image_id": 3, "category_id": 2, "bbox": [1, 2, 3, 4], "caption": "here"}],
            "categories": [{"id": 1, "name": "k"}, {"id": 2, "name": "m"}]})");
        const Picture picture{2, 2, 3, std::vector<std::uint8_t>(12, 9)};
        test::writeFile(folder.filePath(QString(name) + "/a.png"),
                        QByteArray::fromStdString(*encodePng(picture)));
    }
    const Choice coco{"CocoDetection", {{"root", folder.path().toStdString()}}};
    const auto data = opened("ConcatDataset", listed({coco, coco}), Split::Train);
    QCOMPARE(data->size(), std::int64_t(2));
    QCOMPARE(data->annotations(1).boxes.at(0).label, std::int64_t(1));
    QCOMPARE(data->annotations(1).captions.at(0), std::string("here"));
    QCOMPARE(data->answerNames(), (std::vector<std::string>{"k", "m"}));
    QCOMPARE(data->answer(1), (std::vector<float>{0, 1}));
    QVERIFY(data->encodedPicture(1));
}

void GeneratedTest::whatDoesNotFitIsASentence_data() {
    QTest::addColumn<QString>("names");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("none") << ""
                          << "ConcatDataset has no data sets yet.";
    QTest::newRow("unknown") << "Moon"
                             << "There is no data set called Moon.";
    QTest::newRow("answers") << "Moons Line"
                             << "The answer of data set 1 (Moons) is a class, but that of data set "
                                "2 (Line) is numbers, 1.";
}

void GeneratedTest::whatDoesNotFitIsASentence() {
    QFETCH(QString, names);
    QFETCH(QString, sentence);
    std::vector<Choice> choices;
    for (const QString& name : names.split(' ', Qt::SkipEmptyParts))
        choices.push_back({name.toStdString()});
    const auto data = openDataset("ConcatDataset", listed(choices), Split::Train);
    QCOMPARE(test::sentenceOf(data), sentence);
    QVERIFY(!data.error().hint.empty());
    QCOMPARE(QString::fromStdString(test::locationOf("ConcatDataset", listed(choices)).message),
             sentence);
}

QTEST_GUILESS_MAIN(GeneratedTest)
#include "generated_test.moc"
