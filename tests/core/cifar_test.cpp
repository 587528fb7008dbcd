#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "core/data/dataset.h"
#include "tests/support/python.h"

using namespace loom;

/// CIFAR-10 in every form its files come in, made small by Python, and what is wrong with others.
class CifarTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("XDG_CACHE_HOME", m_cache.path().toLocal8Bit()); }
    void everyFormIsRead_data();
    void everyFormIsRead();
    void missingDataSayHowToGetThem();
    void cutOffAnywhereIsASentence_data();
    void cutOffAnywhereIsASentence();
    void wrongContentsAreSentences();

private:
    QTemporaryDir m_cache;
};

namespace {

/// Writes six files of three pictures each in the asked form; pixel b of picture i in file k is
/// (k * 50 + i * 7 + b) % 251, its label (k + i) % 10.
const char* const kScript = R"(
import os, pickle, struct, sys
import numpy
folder, form = sys.argv[1], sys.argv[2]
os.makedirs(folder, exist_ok=True)
names = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch']
def short(text): return b'U' + bytes([len(text)]) + text
def python2(data, labels):
    raw = data.tobytes()
    out = b'\x80\x02}q\x01(' + short(b'batch_label') + short(b'training batch') + short(b'labels') + b']q\x02('
    for label in labels: out += b'K' + bytes([label])
    out += b'e' + short(b'data') + b'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85' + short(b'b') + b'\x87R('
    out += b'K\x01' + b'M' + struct.pack('<H', len(labels)) + b'M\x00\x0c\x86' + b'cnumpy\ndtype\n' + short(b'u1') + b'K\x00K\x01\x87R('
    out += b'K\x03' + short(b'|') + b'NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T' + struct.pack('<I', len(raw)) + raw + b'tb'
    return out + short(b'filenames') + b'](' + b''.join(short(b'a.png') for _ in labels) + b'eu.'
for k, name in enumerate(names):
    i, b = numpy.mgrid[0:3, 0:3072]
    data = ((k * 50 + i * 7 + b) % 251).astype(numpy.uint8)
    labels = [(k + n) % 10 for n in range(3)]
    if form == 'binary':
        open(folder + '/' + name + '.bin', 'wb').write(b''.join(bytes([l]) + d.tobytes() for l, d in zip(labels, data)))
    elif form == 'python2':
        bytes_ = python2(data, labels)
        assert (pickle.loads(bytes_, encoding='bytes')[b'data'] == data).all()
        open(folder + '/' + name, 'wb').write(bytes_)
    else:
        key = (lambda text: text.encode()) if form == 'bytes keys' else (lambda text: text)
        value = {key('data'): data, key('labels'): labels, key('batch_label'): name}
        open(folder + '/' + name, 'wb').write(pickle.dumps(value, int(form[-1]) if form[-1].isdigit() else 3))
)";

bool makeSet(const QString& folder, const QString& form) {
    const auto python = test::runPython(kScript, {folder, form});
    if (python.exitCode != 0) qWarning() << python.err;
    return python.exitCode == 0;
}

Params rootOf(const QString& folder) {
    return {{"root", folder.toStdString()}};
}

QByteArray readAll(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

void checkSplit(const Dataset& dataset, int firstFile, int files) {
    QCOMPARE(dataset.size(), std::int64_t(3 * files));
    for (int n = 0; n < 3 * files; ++n) {
        const int k = firstFile + n / 3;
        const int i = n % 3;
        const auto sample = dataset.sample(n);
        QCOMPARE(sample->label, std::int64_t((k + i) % 10));
        const Picture& picture = std::get<Picture>(sample->input);
        QCOMPARE(picture.channels, 3);
        for (int y = 0; y < 32; ++y)
            for (int x = 0; x < 32; ++x)
                for (int c = 0; c < 3; ++c)
                    QCOMPARE(picture.pixels[std::size_t((y * 32 + x) * 3 + c)],
                             std::uint8_t((k * 50 + i * 7 + c * 1024 + y * 32 + x) % 251));
    }
}

}  // namespace

void CifarTest::everyFormIsRead_data() {
    QTest::addColumn<QString>("form");
    QTest::addColumn<QString>("below");
    QTest::newRow("as downloaded") << "python2"
                                   << "/cifar-10-batches-py";
    QTest::newRow("python 3, protocol 2") << "protocol 2"
                                          << "/cifar-10-batches-py";
    QTest::newRow("python 3, protocol 4") << "protocol 4"
                                          << "/cifar-10-batches-py";
    QTest::newRow("keys of bytes") << "bytes keys"
                                   << "/cifar-10-batches-py";
    QTest::newRow("root is the folder itself") << "python2"
                                               << "";
    QTest::newRow("binary") << "binary"
                            << "/cifar-10-batches-bin";
    QTest::newRow("binary in root") << "binary"
                                    << "";
}

void CifarTest::everyFormIsRead() {
    QFETCH(QString, form);
    QFETCH(QString, below);
    QTemporaryDir folder;
    QVERIFY(makeSet(folder.path() + below, form));
    const auto train = openDataset("CIFAR10", rootOf(folder.path()), Split::Train);
    QVERIFY2(train, train ? "" : train.error().message.c_str());
    checkSplit(**train, 0, 5);
    const auto test = openDataset("CIFAR10", rootOf(folder.path()), Split::Test);
    QVERIFY(test);
    checkSplit(**test, 5, 1);
    QCOMPARE((*test)->classes().size(), std::size_t(10));
    QCOMPARE((*test)->classes()[9], std::string("truck"));
}

void CifarTest::missingDataSayHowToGetThem() {
    QTemporaryDir folder;
    const DatasetKind* kind = datasets().find("CIFAR10");
    const Params params = rootOf(folder.path());
    const Settings settings(kind->params, params);
    auto location = kind->locate(settings);
    QVERIFY(!location.found);
    QVERIFY2(location.message.find("is not on this machine") != std::string::npos,
             location.message.c_str());
    for (const char* word : {"https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                             "c58f30108f718f92721af3b95e74349a", "Download it (170 MB)"})
        QVERIFY2(location.howToGet.find(word) != std::string::npos, word);
    QCOMPARE(kind->spec(settings)->dims, (std::vector<std::int64_t>{3, 32, 32}));
    QCOMPARE(kind->classNames[0], std::string("airplane"));
    write(folder.filePath("cifar-10-python.tar.gz"), "packed");
    location = kind->locate(settings);
    QVERIFY2(location.message.find("it will be unpacked on first use") != std::string::npos,
             location.message.c_str());
    const auto opened = openDataset("CIFAR10", params, Split::Train);
    QVERIFY(!opened);
    QVERIFY2(opened.error().message.starts_with(
                 folder.filePath("cifar-10-python.tar.gz").toStdString() + " is damaged: "),
             opened.error().message.c_str());
    QFile::remove(folder.filePath("cifar-10-python.tar.gz"));
    QVERIFY(makeSet(folder.filePath("cifar-10-batches-py"), "python2"));
    QVERIFY(kind->locate(settings).found);
    QFile::remove(folder.filePath("cifar-10-batches-py/data_batch_4"));
    location = kind->locate(settings);
    QCOMPARE(QString::fromStdString(location.message),
             "CIFAR-10 is not complete: " + folder.filePath("cifar-10-batches-py") +
                 " has no data_batch_4.");
}

void CifarTest::cutOffAnywhereIsASentence_data() {
    QTest::addColumn<QString>("form");
    QTest::addColumn<QString>("name");
    QTest::newRow("python") << "python2"
                            << "test_batch";
    QTest::newRow("protocol 4") << "protocol 4"
                                << "test_batch";
    QTest::newRow("binary") << "binary"
                            << "test_batch.bin";
}

void CifarTest::cutOffAnywhereIsASentence() {
    QFETCH(QString, form);
    QFETCH(QString, name);
    QTemporaryDir folder;
    QVERIFY(makeSet(folder.path(), form));
    const QString path = folder.filePath(name);
    const QByteArray whole = readAll(path);
    for (qsizetype length = 0; length < whole.size(); length += length < 300 ? 1 : 97) {
        // Whole records are a shorter file, not a broken one.
        if (form == "binary" && length > 0 && length % 3073 == 0) continue;
        write(path, whole.left(length));
        const auto opened = openDataset("CIFAR10", rootOf(folder.path()), Split::Test);
        QVERIFY2(!opened, QByteArray::number(length));
        QVERIFY2(opened.error().message.starts_with(path.toStdString() + " is damaged: "),
                 opened.error().message.c_str());
    }
}

void CifarTest::wrongContentsAreSentences() {
    QTemporaryDir folder;
    QVERIFY(makeSet(folder.path(), "binary"));
    QByteArray bytes = readAll(folder.filePath("test_batch.bin"));
    bytes[3073] = 10;
    write(folder.filePath("test_batch.bin"), bytes);
    auto opened = openDataset("CIFAR10", rootOf(folder.path()), Split::Test);
    QVERIFY(!opened);
    QCOMPARE(QString::fromStdString(opened.error().message),
             folder.filePath("test_batch.bin") +
                 " is damaged: label 1 is 10, but labels go from 0 to 9.");

    QTemporaryDir pickled;
    QVERIFY(makeSet(pickled.path(), "python2"));
    const auto says = [&](const QString& value, const char* wanted) {
        const auto python = test::runPython(
            "import pickle, sys, numpy\npickle.dump(" + value + ", open(sys.argv[1], 'wb'), 2)",
            {pickled.filePath("test_batch")});
        QVERIFY2(python.exitCode == 0, python.err);
        opened = openDataset("CIFAR10", rootOf(pickled.path()), Split::Test);
        QVERIFY(!opened);
        QVERIFY2(opened.error().message.find(wanted) != std::string::npos,
                 opened.error().message.c_str());
    };
    const QString data = "numpy.zeros((2, 3072), numpy.uint8)";
    says("[1, 2]", "no entries called data and labels");
    says("{'data': " + data + "}", "no entries called data and labels");
    says("{'data': " + data + ", 'labels': [1]}", "1 labels for 2 pictures");
    says("{'data': " + data + ", 'labels': [1, -1]}", "label 1 is -1");
    says("{'data': " + data + ", 'labels': [1, 'a']}", "label 1 is no whole number");
    says("{'data': numpy.zeros((2, 3072), numpy.float32), 'labels': [1, 2]}",
         "no numpy array of unsigned bytes");
    says("{'data': numpy.zeros((2, 3000), numpy.uint8), 'labels': [1, 2]}",
         "not rows of 3,072 bytes");
    says("{'data': numpy.asfortranarray(numpy.ones((2, 3072), numpy.uint8)), 'labels': [1, 2]}",
         "not rows of 3,072 bytes");
    says("{'data': b'x' * 6144, 'labels': [1, 2]}", "no numpy array of unsigned bytes");
}

QTEST_GUILESS_MAIN(CifarTest)
#include "cifar_test.moc"
