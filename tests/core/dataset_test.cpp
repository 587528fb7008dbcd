#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/data/dataset.h"
#include "tests/support/python.h"

using namespace loom;

/// Data sets in MNIST's file format, the cache and the memory data set. Files are made here; the
/// real Fashion-MNIST is read where Debian installed it.
class DatasetTest : public QObject {
    Q_OBJECT

private slots:
    void fashionMnistEqualsTorchvision();
    void everyLayoutIsFound_data();
    void everyLayoutIsFound();
    void missingFilesAreNamed();
    void cutOffAnywhereIsASentence_data();
    void cutOffAnywhereIsASentence();
    void changedPackedBytesAreNoticed();
    void wrongContentsAreSentences_data();
    void wrongContentsAreSentences();
    void openSplitsAreShared();
    void wrongChoicesAreSentences();
    void memoryDatasetHoldsItsSamples();
    void everyKindExplainsItself();
};

namespace {

QByteArray bigEndian(quint32 number) {
    const char bytes[] = {char(number >> 24), char(number >> 16), char(number >> 8), char(number)};
    return QByteArray(bytes, 4);
}

QByteArray littleEndian(quint32 number) {
    QByteArray bytes = bigEndian(number);
    std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

QByteArray pictureFile(quint32 count, quint32 side = 28) {
    QByteArray bytes = bigEndian(0x803) + bigEndian(count) + bigEndian(side) + bigEndian(side);
    for (quint32 i = 0; i < count * side * side; ++i) bytes.append(char(i * 7 + i / 784));
    return bytes;
}

QByteArray labelFile(quint32 count) {
    QByteArray bytes = bigEndian(0x801) + bigEndian(count);
    for (quint32 i = 0; i < count; ++i) bytes.append(char(i % 10));
    return bytes;
}

void write(const QString& path, const QByteArray& bytes) {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

QByteArray packed(const QByteArray& bytes) {
    // Qt's zlib stream with gzip's frame around it.
    const QByteArray stream = qCompress(bytes).mid(4);
    quint32 crc = 0xFFFFFFFF;
    for (const char byte : bytes) {
        crc ^= quint8(byte);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    crc = ~crc;
    const quint32 size = quint32(bytes.size());
    return QByteArray("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + stream.mid(2, stream.size() - 6) +
           littleEndian(crc) + littleEndian(size);
}

/// A complete small set: 5 pictures to train, 3 to test.
void writeSet(const QString& folder, bool gz = false, const QString& separator = "-") {
    const auto put = [&](const QString& name, const QByteArray& bytes) {
        write(folder + "/" + name + (gz ? ".gz" : ""), gz ? packed(bytes) : bytes);
    };
    put("train-images" + separator + "idx3-ubyte", pictureFile(5));
    put("train-labels" + separator + "idx1-ubyte", labelFile(5));
    put("t10k-images" + separator + "idx3-ubyte", pictureFile(3));
    put("t10k-labels" + separator + "idx1-ubyte", labelFile(3));
}

Params rootOf(const QString& folder) {
    return {{"root", folder.toStdString()}};
}

auto openTrain(const QString& folder, const std::string& kind = "MNIST") {
    return openDataset(kind, rootOf(folder), Split::Train);
}

QByteArray digest(const Dataset& dataset) {
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        const auto sample = dataset.sample(i);
        const auto& pixels = std::get<Picture>(sample->input).pixels;
        hash.addData(QByteArrayView(pixels.data(), qsizetype(pixels.size())));
        const char label = char(dataset.label(i));
        hash.addData(QByteArrayView(&label, 1));
        if (sample->label != dataset.label(i)) return "labels differ";
    }
    return hash.result().toHex();
}

QByteArray message(const Error& error) {
    return QByteArray::fromStdString(error.message);
}

}  // namespace

void DatasetTest::fashionMnistEqualsTorchvision() {
    QVERIFY2(QFile::exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"),
             test::kNoFashionMnist);
    QTemporaryDir folder;
    const auto python = test::runPython(R"(
import gzip, hashlib, os, sys
import numpy
from torchvision.datasets import FashionMNIST
raw = sys.argv[1] + '/FashionMNIST/raw'
os.makedirs(raw)
for name in os.listdir('/usr/share/datasets/fashion-mnist'):
    if name.endswith('.gz'):
        with gzip.open('/usr/share/datasets/fashion-mnist/' + name) as packed, open(raw + '/' + name[:-3], 'wb') as plain:
            plain.write(packed.read())
for train in (True, False):
    data = FashionMNIST(sys.argv[1], train=train)
    digest = hashlib.sha256()
    pixels = data.data.numpy(); labels = data.targets.numpy().astype(numpy.uint8)
    for picture, label in zip(pixels, labels):
        digest.update(picture.tobytes()); digest.update(bytes([label]))
    print(digest.hexdigest())
print(','.join(data.classes))
)",
                                        {folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
    const auto lines = python.out.trimmed().split('\n');
    const Params debian = {};
    for (const Params& params : {debian, rootOf(folder.path())}) {
        QElapsedTimer clock;
        clock.start();
        const auto train = openDataset("FashionMNIST", params, Split::Train);
        QVERIFY2(train, train ? "" : train.error().message.c_str());
        qInfo("60,000 pictures opened in %lld ms", clock.elapsed());
        const auto test = openDataset("FashionMNIST", params, Split::Test);
        QVERIFY(test);
        QCOMPARE((*train)->size(), std::int64_t(60000));
        QCOMPARE((*test)->size(), std::int64_t(10000));
        QCOMPARE(digest(**train), lines[0]);
        QCOMPARE(digest(**test), lines[1]);
        QByteArrayList classes;
        for (const std::string& name : (*train)->classes())
            classes << QByteArray::fromStdString(name);
        QCOMPARE(classes.join(','), lines[2]);
        QVERIFY((*train)->bytesInMemory() < 48'000'000);
        const DatasetKind* kind = datasets().find("FashionMNIST");
        const auto location = kind->locate(Settings(kind->params, params));
        QVERIFY(location.found);
        QVERIFY2(location.message.starts_with("60,000 train and 10,000 test pictures found in "),
                 location.message.c_str());
    }
}

void DatasetTest::everyLayoutIsFound_data() {
    QTest::addColumn<QString>("below");
    QTest::addColumn<bool>("gz");
    QTest::addColumn<QString>("separator");
    for (const char* below : {"", "/raw", "/MNIST", "/MNIST/raw"})
        for (const bool gz : {false, true})
            QTest::addRow("root%s %s", below, gz ? "packed" : "plain") << below << gz << "-";
    QTest::addRow("dots") << "" << false << ".";
}

void DatasetTest::everyLayoutIsFound() {
    QFETCH(QString, below);
    QFETCH(bool, gz);
    QFETCH(QString, separator);
    QTemporaryDir folder;
    writeSet(folder.path() + below, gz, separator);
    const auto train = openTrain(folder.path());
    QVERIFY2(train, train ? "" : train.error().message.c_str());
    QCOMPARE((*train)->size(), std::int64_t(5));
    const auto test = openDataset("MNIST", rootOf(folder.path() + "/"), Split::Test);
    QVERIFY(test);
    QCOMPARE((*test)->size(), std::int64_t(3));
    const auto sample = (*test)->sample(2);
    QCOMPARE(std::get<Picture>(sample->input).pixels[0], std::uint8_t(1568 * 7 + 2));
    QCOMPARE(sample->label, std::int64_t(2));
    QVERIFY(!(*test)->sample(3));
    QVERIFY(!(*test)->sample(-1));
    const DatasetKind* kind = datasets().find("MNIST");
    const Params params = rootOf(folder.path());
    const auto location = kind->locate(Settings(kind->params, params));
    QVERIFY(location.found);
    QCOMPARE(QString::fromStdString(location.message),
             "5 train and 3 test pictures found in " + folder.path() + below + ".");
}

void DatasetTest::missingFilesAreNamed() {
    QTemporaryDir folder;
    const DatasetKind* kind = datasets().find("MNIST");
    const Params params = rootOf(folder.path());
    auto location = kind->locate(Settings(kind->params, params));
    QVERIFY(!location.found);
    QVERIFY2(location.message.starts_with("MNIST is not on this machine"),
             location.message.c_str());
    QVERIFY(location.howToGet.find("https://") != std::string::npos);
    writeSet(folder.path());
    QFile::remove(folder.filePath("t10k-labels-idx1-ubyte"));
    location = kind->locate(Settings(kind->params, params));
    QVERIFY(!location.found);
    QCOMPARE(QString::fromStdString(location.message),
             "MNIST is not complete: " + folder.path() + " has no t10k-labels-idx1-ubyte.");
    const auto test = openDataset("MNIST", params, Split::Test);
    QVERIFY(!test);
    QCOMPARE(test.error().message, location.message);
    QVERIFY(openDataset("MNIST", params, Split::Train));
}

void DatasetTest::cutOffAnywhereIsASentence_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("gz");
    for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"})
        for (const bool gz : {false, true})
            QTest::addRow("%s%s", name, gz ? ".gz" : "") << name << gz;
}

void DatasetTest::cutOffAnywhereIsASentence() {
    QFETCH(QString, name);
    QFETCH(bool, gz);
    QTemporaryDir folder;
    writeSet(folder.path(), gz);
    const QString path = folder.filePath(name + (gz ? ".gz" : ""));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    const qsizetype step = whole.size() > 300 ? 37 : 1;
    for (qsizetype length = 0; length < whole.size(); length += length < 24 ? 1 : step) {
        write(path, whole.left(length));
        const auto opened = openTrain(folder.path());
        QVERIFY2(!opened, QByteArray::number(length));
        QVERIFY2(message(opened.error()).startsWith(path.toUtf8() + " is damaged: "),
                 message(opened.error()));
    }
    write(path, whole);
    QVERIFY(openTrain(folder.path()));
}

void DatasetTest::changedPackedBytesAreNoticed() {
    QTemporaryDir folder;
    writeSet(folder.path(), true);
    const QString path = folder.filePath("train-images-idx3-ubyte.gz");
    const QByteArray original = digest(**openTrain(folder.path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    for (qsizetype at = 0; at < whole.size(); at += 3) {
        QByteArray changed = whole;
        changed[at] = char(changed[at] ^ 0x20);
        write(path, changed);
        const auto opened = openTrain(folder.path());
        if (opened)
            QCOMPARE(digest(**opened), original);
        else
            QVERIFY2(message(opened.error()).startsWith(path.toUtf8()), message(opened.error()));
    }
}

void DatasetTest::wrongContentsAreSentences_data() {
    QTest::addColumn<QByteArray>("pictures");
    QTest::addColumn<QByteArray>("labels");
    QTest::addColumn<QString>("says");
    const QByteArray fine = pictureFile(5);
    const QByteArray fineLabels = labelFile(5);
    QByteArray badLabel = fineLabels;
    badLabel[10] = 12;
    QTest::newRow("text") << QByteArray("<html>Not found</html>") << fineLabels
                          << "does not begin like an IDX file of pictures";
    QTest::newRow("swapped") << fineLabels << fine << "holds labels where pictures are expected";
    QTest::newRow("labels are pictures")
        << fine << fine << "holds pictures where labels are expected";
    QTest::newRow("fewer labels") << fine << labelFile(4) << "holds 4 labels, but ";
    QTest::newRow("label 12") << fine << badLabel << "label 2 is 12, but labels go from 0 to 9";
    QTest::newRow("no picture") << pictureFile(0) << labelFile(0) << "it holds no picture";
    QTest::newRow("32 pixels") << pictureFile(5, 32) << fineLabels
                               << "holds pictures of 32 × 32 pixels, but MNIST has 28 × 28";
    QTest::newRow("more pictures than it says")
        << fine + "x" << fineLabels << "it goes on after the 5 pictures";
    QTest::newRow("more labels than it says") << fine << fineLabels + "x"
                                              << "it goes on after the 5 labels";
    QByteArray huge = fine;
    huge.replace(4, 4, bigEndian(0xFFFFFFFF));
    QByteArray hugeLabels = fineLabels;
    hugeLabels.replace(4, 4, bigEndian(0xFFFFFFFF));
    QTest::newRow("a count that cannot be") << huge << hugeLabels << "but it is too short for them";
}

void DatasetTest::wrongContentsAreSentences() {
    QFETCH(QByteArray, pictures);
    QFETCH(QByteArray, labels);
    QFETCH(QString, says);
    QTemporaryDir folder;
    writeSet(folder.path());
    write(folder.filePath("train-images-idx3-ubyte"), pictures);
    write(folder.filePath("train-labels-idx1-ubyte"), labels);
    const auto opened = openTrain(folder.path());
    QVERIFY(!opened);
    QVERIFY2(message(opened.error()).contains(says.toUtf8()), message(opened.error()));
    QVERIFY2(message(opened.error()).startsWith(folder.path().toUtf8() + "/train-"),
             message(opened.error()));
    QVERIFY(!opened.error().hint.empty());
}

void DatasetTest::openSplitsAreShared() {
    QTemporaryDir folder;
    writeSet(folder.path());
    auto first = openTrain(folder.path());
    auto second = openTrain(folder.path());
    QVERIFY(first && second);
    QCOMPARE(first->get(), second->get());
    QVERIFY(openDataset("MNIST", rootOf(folder.path()), Split::Test)->get() != first->get());
    // Once nobody has it open, the files are read again.
    first = Error{};
    second = Error{};
    write(folder.filePath("train-images-idx3-ubyte"), pictureFile(2));
    write(folder.filePath("train-labels-idx1-ubyte"), labelFile(2));
    QCOMPARE((*openTrain(folder.path()))->size(), std::int64_t(2));
}

void DatasetTest::wrongChoicesAreSentences() {
    const auto unknown = openDataset("FashionMINST", {}, Split::Train);
    QVERIFY(!unknown);
    QCOMPARE(unknown.error().message, std::string("There is no data set called FashionMINST."));
    QCOMPARE(unknown.error().hint, std::string("Did you mean FashionMNIST?"));
    const auto number = openDataset("MNIST", {{"root", 5}}, Split::Train);
    QVERIFY(!number);
    QVERIFY2(number.error().message.starts_with("MNIST: root is 5"),
             number.error().message.c_str());
}

void DatasetTest::memoryDatasetHoldsItsSamples() {
    const Picture grey{2, 3, 1, {1, 2, 3, 4, 5, 6}};
    const Picture wide{4, 3, 1, std::vector<std::uint8_t>(12, 9)};
    const auto dataset = makeMemoryDataset({{grey, 1}, {wide, 0}}, {"a", "b"});
    QCOMPARE(dataset->size(), std::int64_t(2));
    QCOMPARE(dataset->label(0), std::int64_t(1));
    QCOMPARE(dataset->spec().dims, (std::vector<std::int64_t>{1, 3, -1}));
    QVERIFY(!dataset->spec().fixed());
    QCOMPARE(dataset->spec().toSentence(), std::string("a picture, 1 × 3 × ?"));
    QVERIFY(!dataset->sample(2));
    const auto tensors = makeMemoryDataset({{TensorSample{{1, 1, 2}, {0.5f, 1}}, 0}}, {"a"});
    QCOMPARE(tensors->spec().toSentence(), std::string("a tensor, 1 × 1 × 2"));
}

void DatasetTest::everyKindExplainsItself() {
    for (const DatasetKind& kind : datasets()) {
        QVERIFY(!kind.info.summary.empty() && !kind.info.details.empty());
        // What is made on the spot has no files, and no class in torchvision.
        if (kind.info.family == "generated") {
            const Params defaults;
            QVERIFY(kind.info.python.empty());
            QVERIFY(kind.locate(Settings(kind.params, defaults)).found);
            continue;
        }
        QVERIFY(kind.info.python.empty() || kind.info.python.starts_with("torch"));
        QVERIFY(findSpec(kind.params, "root") || findSpec(kind.params, "datasets"));
        for (const ParamSpec& spec : kind.params) QVERIFY(!spec.hint.empty());
        const Params nowhere = {{"root", "/nowhere/at/all"}};
        const Settings settings(kind.params, nowhere);
        // Of tables only the files tell how wide they are.
        QVERIFY(kind.spec(settings) || kind.info.family == "tables and series" ||
                findSpec(kind.params, "datasets"));
        const auto location = kind.locate(settings);
        QVERIFY(!location.found);
        QVERIFY(!location.message.empty() && !location.howToGet.empty());
        const auto opened = kind.open(settings, Split::Train);
        QVERIFY(!opened);
        QCOMPARE(opened.error().message, location.message);
    }
}

QTEST_GUILESS_MAIN(DatasetTest)
#include "dataset_test.moc"
