#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/data/dataset.h"
#include "tests/support/python.h"

using namespace loom;

/// Every published data set on small files in its own format, picture by picture as torchvision
/// reads them; out of the archives as well; and what damaged files say.
class PublishedSetsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void everyReaderEqualsTorchvision();
    void archivesAreUnpackedOnce();
    void otherChecksumsAreNoted();
    void whatIsKnownWithoutFiles();
    void damagedFilesAreSentences_data();
    void damagedFilesAreSentences();
    void otherContentsAreSentences_data();
    void otherContentsAreSentences();

private:
    QTemporaryDir m_folder;
    QJsonArray m_cases;
};

namespace {

QByteArray readAll(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const QString& path, const QByteArray& bytes) {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

QByteArray digest(const Dataset& dataset) {
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        const auto sample = dataset.sample(i);
        if (!sample) return QByteArray::fromStdString(sample.error().message);
        const auto& picture = std::get<Picture>(sample->input);
        hash.addData(QByteArrayView(picture.pixels.data(), qsizetype(picture.pixels.size())));
        const auto label = static_cast<qint32>(sample->label);
        if (label != dataset.label(i)) return "labels differ";
        hash.addData(QByteArrayView(reinterpret_cast<const char*>(&label), 4));
    }
    return hash.result().toHex();
}

Params paramsOf(const QJsonObject& one, const QString& folder) {
    Params params{{"root", (folder + "/" + one["root"].toString()).toStdString()}};
    const QJsonObject more = one["params"].toObject();
    for (auto it = more.begin(); it != more.end(); ++it)
        params.set(it.key().toStdString(),
                   it->isDouble() ? Value(it->toInt()) : Value(it->toString().toStdString()));
    return params;
}

Split splitOf(const QJsonObject& one) {
    return one["split"] == "train" ? Split::Train : Split::Test;
}

DatasetLocation locate(const std::string& id, const Params& params) {
    const DatasetKind* kind = datasets().find(id);
    return kind->locate(Settings(kind->params, params));
}

}  // namespace

void PublishedSetsTest::initTestCase() {
    qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toLocal8Bit());
    const auto python = test::runProcess(
        "/usr/bin/python3",
        {TORCHLOOM_SOURCE_DIR "/tests/support/published_sets.py", m_folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
    m_cases = QJsonDocument::fromJson(python.out).array();
    QVERIFY(m_cases.size() > 80);
}

void PublishedSetsTest::everyReaderEqualsTorchvision() {
    for (const QJsonValue& value : m_cases) {
        const QJsonObject one = value.toObject();
        const QByteArray name = (one["name"].toString() + " " + one["split"].toString()).toUtf8();
        const Params params = paramsOf(one, m_folder.path());
        const std::string kind = one["kind"].toString().toStdString();
        const DatasetLocation location = locate(kind, params);
        QVERIFY2(location.found, name + ": " + location.message.c_str());
        const auto opened = openDataset(kind, params, splitOf(one));
        QVERIFY2(opened, name + (opened ? "" : ": " + opened.error().message).c_str());
        QCOMPARE((*opened)->size(), one["size"].toInteger());
        QVERIFY2(digest(**opened) == one["digest"].toString().toUtf8(),
                 name + ": " + digest(**opened));
        QCOMPARE((*opened)->displayTransposed(), kind == "EMNIST");
        QCOMPARE((*opened)->classes(), knownClasses(*datasets().find(kind), params));
        const QJsonArray classes = one["classes"].toArray();
        for (qsizetype i = 0; i < classes.size(); ++i)
            QCOMPARE(QString::fromStdString((*opened)->classes()[std::size_t(i)]),
                     classes[i].toString());
        QVERIFY(!(*opened)->sample(one["size"].toInteger()));
    }
}

void PublishedSetsTest::archivesAreUnpackedOnce() {
    const struct {
        const char* kind;
        const char* archive;
        const char* file;
    } sets[] = {
        {"CIFAR10", "cifar-10-python.tar.gz", "cifar-10-batches-py/data_batch_1"},
        {"CIFAR100", "cifar-100-python.tar.gz", "cifar-100-python/train"},
        {"STL10", "stl10_binary.tar.gz", "stl10_binary/train_X.bin"},
        {"EMNIST", "EMNIST/raw/gzip.zip", "EMNIST/raw/emnist-letters-test-images-idx3-ubyte"}};
    for (const auto& set : sets) {
        QTemporaryDir root;
        const QString archive = root.filePath(set.archive);
        write(archive, readAll(m_folder.filePath("archive/") + set.archive));
        Params params{{"root", root.path().toStdString()}};
        if (set.kind == std::string("EMNIST")) params.set("split", "letters");
        DatasetLocation location = locate(set.kind, params);
        QVERIFY2(location.found, location.message.c_str());
        QVERIFY2(location.message.find(archive.toStdString() +
                                       "; it will be unpacked on first use") != std::string::npos,
                 location.message.c_str());
        QVERIFY(!QFile::exists(root.filePath(set.file)));
        const auto opened = openDataset(set.kind, params, Split::Test);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        const QFileInfo unpacked(root.filePath(set.file));
        QVERIFY(unpacked.exists());
        for (const QString& name : unpacked.dir().entryList(QDir::Files))
            QVERIFY2(!name.contains("unpacking"), qPrintable(name));
        location = locate(set.kind, params);
        QVERIFY2(location.found && location.message.find("unpacked on first") == std::string::npos,
                 location.message.c_str());
        // The archive is not needed any more.
        QVERIFY(QFile::remove(archive));
        QVERIFY(openDataset(set.kind, params, Split::Train));
    }
}

void PublishedSetsTest::otherChecksumsAreNoted() {
    QTemporaryDir root;
    const QString from = m_folder.filePath("cifar-4/cifar-10-batches-py/");
    for (const QString& name : QDir(from).entryList(QDir::Files))
        write(root.filePath("cifar-10-batches-py/" + name), readAll(from + name));
    const Params params{{"root", root.path().toStdString()}};
    QVERIFY(locate("CIFAR10", params).message.ends_with("cifar-10-batches-py."));
    QVERIFY(openDataset("CIFAR10", params, Split::Test));
    const DatasetLocation location = locate("CIFAR10", params);
    QVERIFY(location.found);
    QVERIFY2(location.message.ends_with("Not as published, by checksum: test_batch."),
             location.message.c_str());
}

void PublishedSetsTest::whatIsKnownWithoutFiles() {
    const struct {
        const char* kind;
        Params params;
        std::vector<std::int64_t> sides;
        std::int64_t classes;
    } known[] = {{"KMNIST", {}, {1, 28, 28}, 10},
                 {"EMNIST", {{"split", "byclass"}}, {1, 28, 28}, 62},
                 {"EMNIST", {{"split", "bymerge"}}, {1, 28, 28}, 47},
                 {"EMNIST", {{"split", "letters"}}, {1, 28, 28}, 27},
                 {"CIFAR100", {}, {3, 32, 32}, 100},
                 {"CIFAR100", {{"label_mode", "coarse"}}, {3, 32, 32}, 20},
                 {"STL10", {}, {3, 96, 96}, 10},
                 {"SVHN", {}, {3, 32, 32}, 10}};
    for (const auto& one : known) {
        const DatasetKind* kind = datasets().find(one.kind);
        const Settings settings(kind->params, one.params);
        QCOMPARE(kind->spec(settings)->dims, one.sides);
        QCOMPARE(kind->target(settings).classes, one.classes);
        QCOMPARE(knownClasses(*kind, one.params).size(), std::size_t(one.classes));
        QVERIFY(!kind->downloads(settings).empty());
        for (const RemoteFile& file : kind->downloads(settings))
            QVERIFY(file.md5.size() == 32 && file.bytes > 0 && !file.urls.empty());
    }
    const auto missing = openDataset("EMNIST", {}, Split::Train);
    QVERIFY(!missing);
    QVERIFY2(missing.error().message.find("split") != std::string::npos,
             missing.error().message.c_str());
}

void PublishedSetsTest::damagedFilesAreSentences_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("file");
    QTest::addColumn<bool>("archive");
    const auto add = [](const char* kind, const char* file, bool archive = false) {
        QTest::addRow("%s", file) << kind << file << archive;
    };
    add("EMNIST", "plain/EMNIST/raw/emnist-balanced-train-images-idx3-ubyte");
    add("EMNIST", "plain/EMNIST/raw/emnist-balanced-train-labels-idx1-ubyte");
    add("CIFAR100", "cifar-python2/cifar-100-python/train");
    add("CIFAR100", "cifar-4/cifar-100-python/train");
    add("CIFAR100", "cifar-binary/cifar-100-binary/train.bin");
    add("STL10", "plain/stl10_binary/train_X.bin");
    add("STL10", "plain/stl10_binary/train_y.bin");
    add("SVHN", "svhn/train_32x32.mat");
    add("SVHN", "svhn-unpacked/train_32x32.mat");
    add("EMNIST", "archive/EMNIST/raw/gzip.zip", true);
    add("CIFAR10", "archive/cifar-10-python.tar.gz", true);
    add("STL10", "archive/stl10_binary.tar.gz", true);
}

/// Cut off and with flipped bits at many places: either the sound set, or a sentence that names
/// the file; never half a set.
void PublishedSetsTest::damagedFilesAreSentences() {
    QFETCH(QString, kind);
    QFETCH(QString, file);
    QFETCH(bool, archive);
    const QString below = file.section('/', 1);
    const auto attempt = [&](const QByteArray& bytes, bool mayBeSound) {
        QTemporaryDir root;
        const QString folder = below.contains('/') ? below.section('/', 0, -2) + "/" : QString();
        const QString from = m_folder.filePath(file.section('/', 0, 0)) + "/" + folder;
        QDir().mkpath(root.path() + "/" + folder);
        if (!archive)
            for (const QString& name : QDir(from).entryList(QDir::Files))
                if (kind != "EMNIST" || name.contains("balanced"))
                    QFile::link(from + name, root.filePath(folder + name));
        QFile::remove(root.filePath(below));
        write(root.filePath(below), bytes);
        Params params{{"root", root.path().toStdString()}};
        if (kind == "EMNIST") params.set("split", "balanced");
        const auto opened = openDataset(kind.toStdString(), params, Split::Train);
        if (opened) {
            QVERIFY(mayBeSound);
            for (std::int64_t i = 0; i < (*opened)->size(); ++i) QVERIFY((*opened)->sample(i));
            return;
        }
        const QByteArray says = QByteArray::fromStdString(opened.error().message);
        QVERIFY2(says.contains(below.section('/', -1).toUtf8()), says);
        QVERIFY(!archive || QDir(root.path() + "/" + folder).entryList(QDir::Files).size() == 1);
    };
    const QByteArray whole = readAll(m_folder.filePath(file));
    QVERIFY(!whole.isEmpty());
    const qsizetype step = std::max<qsizetype>(1, whole.size() / (archive ? 8 : 16));
    for (qsizetype at = 0; at < whole.size(); at += at < 20 && !archive ? 4 : step) {
        // A shorter file of whole records is a smaller set, not a damaged one.
        attempt(whole.left(at), kind == "CIFAR100" && file.endsWith(".bin"));
        QByteArray flipped = whole;
        flipped[at] = char(flipped[at] ^ 0x41);
        attempt(flipped, true);
        if (QTest::currentTestFailed()) {
            qWarning() << "at byte" << at;
            return;
        }
    }
}

void PublishedSetsTest::otherContentsAreSentences_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("python");
    QTest::addColumn<QString>("says");
    const auto svhn = [](const char* name, const char* save, const char* says) {
        QTest::addRow("SVHN %s", name)
            << "SVHN"
            << QStringLiteral(
                   "import scipy.io, numpy as n\n"
                   "X = n.zeros((32, 32, 3, 4), n.uint8); y = n.ones((4, 1))\n"
                   "scipy.io.savemat('train_32x32.mat', %1)\n"
                   "scipy.io.savemat('test_32x32.mat', {'X': X, 'y': y})\n")
                   .arg(save)
            << says;
    };
    svhn("label 11", "{'X': X, 'y': y * 11}", "label 0 is 11, but labels go from 1 to 10");
    svhn("a fraction", "{'X': X, 'y': y * 0.5}", "y holds numbers that are not whole");
    svhn("fewer labels", "{'X': X, 'y': y[:3]}", "it has 3 labels for 4 pictures");
    svhn("no y", "{'X': X}", "it has no variables called X and y");
    svhn("other sides", "{'X': X[:31], 'y': y}", "X does not hold pictures of 32 × 32 × 3");
    svhn("doubles", "{'X': X.astype(float), 'y': y}", "X does not hold pictures of 32 × 32 × 3");
    svhn("text", "{'X': 'abc', 'y': y}", "X does not hold");
    const auto stl = [](const char* name, const char* change, const char* says) {
        QTest::addRow("STL10 %s", name)
            << "STL10"
            << QStringLiteral(
                   "import os\nos.mkdir('stl10_binary'); os.chdir('stl10_binary')\n"
                   "def put(name, data): open(name, 'wb').write(data)\n"
                   "for s in ('train', 'test'):\n"
                   "    put(s + '_X.bin', b'x' * 27648 * 3); put(s + '_y.bin', b'\\1\\2\\3')\n"
                   "put('fold_indices.txt', b'0 1\\n' * 9 + b'2')\n%1\n")
                   .arg(change)
            << says;
    };
    stl("no whole picture", "put('train_X.bin', b'x' * 27649)",
        "train_X.bin is damaged: its 27,649 bytes are no whole number of pictures");
    stl("label 0", "put('train_y.bin', b'\\1\\0\\1')", "label 1 is 0, but labels go from 1 to 10");
    stl("fewer labels", "put('train_y.bin', b'\\1\\1')", "it has 2 labels, but train_X.bin has 3");
    stl("a fold beyond", "put('fold_indices.txt', b'0 1\\n' * 9 + b'3')",
        "fold 9 names a picture that is not there (\"3\" of 3)");
    stl("no such fold", "put('fold_indices.txt', b'0 1\\n')", "it has only 2 lines");
    stl("words", "put('fold_indices.txt', b'0 1\\n' * 9 + b'one two')", "(\"one\" of 3)");
}

void PublishedSetsTest::otherContentsAreSentences() {
    QFETCH(QString, kind);
    QFETCH(QString, python);
    QFETCH(QString, says);
    QTemporaryDir root;
    const auto made = test::runPython(python, {}, root.path());
    QVERIFY2(made.exitCode == 0, made.err);
    Params params{{"root", root.path().toStdString()}};
    if (kind == "STL10") params.set("folds", 9);
    const auto opened = openDataset(kind.toStdString(), params, Split::Train);
    QVERIFY(!opened);
    QVERIFY2(opened.error().message.find(says.toStdString()) != std::string::npos,
             opened.error().message.c_str());
    QVERIFY(opened.error().message.starts_with(root.path().toStdString()));
    QVERIFY(openDataset(kind.toStdString(), params, Split::Test));
}

QTEST_GUILESS_MAIN(PublishedSetsTest)
#include "published_sets_test.moc"
