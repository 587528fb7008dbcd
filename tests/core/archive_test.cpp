#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "core/data/files/archive.h"
#include "core/data/files/checksum.h"
#include "core/data/files/disk_space.h"
#include "tests/support/python.h"

using namespace loom;

/// Archives as publishers make them, and as nobody should: what would leave the folder, fill the
/// disk or pretend. And checksums.
class ArchiveTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void wantedFilesAreUnpacked_data();
    void wantedFilesAreUnpacked();
    void whatIsRefusedLeavesNothing_data();
    void whatIsRefusedLeavesNothing();
    void stoppingLeavesNothing();
    void whatIsThereStaysUntilAllIsWhole();
    void leftOversOfAnEndedProgramGo();
    void aFullDiskIsForeseen();
    void checksumsAreMd5();
    void checksumsAreRememberedWhileTheFileStays();

private:
    QTemporaryDir m_folder;
};

namespace {

const std::vector<PackedFile> kWanted = {{"set/a", 1000}, {"set/b", 2000}};

const char* const kScript = R"(
import gzip, io, struct, sys, tarfile, zipfile
a, b = b'a' * 1000, bytes(range(250)) * 8
def tar(name, members, mode='w:gz'):
    with tarfile.open(name, mode) as archive:
        for path, data, *kind in members:
            info = tarfile.TarInfo(path)
            if kind: info.type, info.linkname = kind[0], kind[1]
            else: info.size = len(data)
            archive.addfile(info, None if kind else io.BytesIO(data))
def zip(name, members):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as archive:
        for path, data in members: archive.writestr(path, data)
both = [('x/a', a), ('x/b', b)]
tar('fine.tar.gz', [('x/readme.html', b'hello')] + both)
tar('plain.tar', both, 'w:')
tar('dots.tar.gz', [('./x/a', a), ('./x/b', b)])
tar('gnu.tar.gz', [('x/' + 'long/' * 40 + 'a', a), ('x/b', b)])
zip('fine.zip', both)
zip('packed.zip', [('gzip/a.gz', gzip.compress(a)), ('gzip/b.gz', gzip.compress(b))])
open('a.gz', 'wb').write(gzip.compress(a))
tar('up.tar.gz', both + [('../evil', b'x')])
tar('inside.tar.gz', both + [('x/../../evil', b'x')])
tar('root.tar.gz', both + [('/tmp/evil', b'x')])
zip('up.zip', both + [('..\\evil', b'x')])
tar('symlink.tar.gz', [('x/b', b), ('x/a', b'', tarfile.SYMTYPE, '/etc/passwd')])
tar('hardlink.tar.gz', [('x/b', b), ('x/a', b'', tarfile.LNKTYPE, 'x/b')])
tar('device.tar.gz', both + [('x/null', b'', tarfile.CHRTYPE, '')])
tar('fifo.tar.gz', both + [('x/fifo', b'', tarfile.FIFOTYPE, '')])
tar('bomb.tar.gz', [('x/b', b), ('x/a', b'\0' * 50_000_000)])
zip('bomb.zip', [('x/b', b), ('x/a', b'\0' * 50_000_000)])
zip('inner bomb.zip', [('x/b', b), ('x/a.gz', gzip.compress(b'\0' * 50_000_000))])
tar('padded.tar.gz', [('x/huge', b'\0' * 100_000_000)] + both)
open('bomb a.gz', 'wb').write(gzip.compress(b'\0' * 50_000_000))
tar('twice.tar.gz', both + [('y/a', a)])
tar('half.tar.gz', both[:1])
tar('empty.tar.gz', [])
open('text.tar.gz', 'wb').write(b'<html>not found</html>')
open('nothing.tar.gz', 'wb').write(b'')
fine = open('fine.tar.gz', 'rb').read()
open('cut.tar.gz', 'wb').write(fine[:-9])
open('sum.tar.gz', 'wb').write(fine[:-8] + b'\0\0\0\0' + fine[-4:])
open('text.zip', 'wb').write(b'PK but nothing more')
crc = bytearray(open('fine.zip', 'rb').read())
at = crc.index(b'PK\x01\x02')
crc[14] ^= 1; crc[at + 16] ^= 1
open('sum.zip', 'wb').write(crc)
packed = gzip.compress(b)
zip('inner cut.zip', [('x/a', a), ('x/b.gz', packed[:-10])])
zip('inner sum.zip', [('x/a', a), ('x/b.gz', packed[:-8] + b'\0\0\0\0' + packed[-4:])])
)";

QByteArray readAll(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("no file");
}

QByteArray expectedB() {
    QByteArray b;
    for (int i = 0; i < 2000; ++i) b.append(char(i % 250));
    return b;
}

}  // namespace

void ArchiveTest::initTestCase() {
    qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toLocal8Bit());
    const auto python = test::runPython(kScript, {}, m_folder.path());
    QVERIFY2(python.exitCode == 0, python.err);
}

void ArchiveTest::wantedFilesAreUnpacked_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"fine.tar.gz", "plain.tar", "dots.tar.gz", "gnu.tar.gz", "fine.zip",
                             "packed.zip", "a.gz"})
        QTest::newRow(name) << name;
}

void ArchiveTest::wantedFilesAreUnpacked() {
    QFETCH(QString, name);
    QTemporaryDir root;
    const bool single = name == "a.gz";
    std::vector<PackedFile> wanted = kWanted;
    if (single) wanted.resize(1);
    std::int64_t last = 0;
    const std::string archive = m_folder.filePath(name).toStdString();
    const Status done =
        unpackArchive(archive, wanted, root.path().toStdString(), [&](std::int64_t bytes) {
            const bool grows = bytes >= last;
            last = bytes;
            return grows;
        });
    QVERIFY2(done, done ? "" : done.error().message.c_str());
    QCOMPARE(readAll(root.filePath("set/a")), QByteArray(1000, 'a'));
    if (!single) QCOMPARE(readAll(root.filePath("set/b")), expectedB());
    QCOMPARE(QDir(root.filePath("set")).entryList(QDir::Files).size(), single ? 1 : 2);
    QCOMPARE(QDir(root.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).size(), 1);
    QVERIFY(last <= QFileInfo(m_folder.filePath(name)).size());
}

void ArchiveTest::whatIsRefusedLeavesNothing_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("says");
    const auto add = [](const char* name, const char* says) {
        QTest::newRow(name) << name << says;
    };
    for (const char* name : {"up.tar.gz", "inside.tar.gz", "root.tar.gz", "up.zip"})
        add(name, "would be written outside of its folder");
    for (const char* name : {"symlink.tar.gz", "hardlink.tar.gz", "device.tar.gz", "fifo.tar.gz"})
        add(name, "which is no plain file");
    for (const char* name : {"bomb.tar.gz", "bomb.zip", "inner bomb.zip"})
        add(name, "a unpacks to more than 1.0 MB, far more than it has in the data set");
    add("padded.tar.gz", "far more than the data set has");
    add("twice.tar.gz", "it holds a twice");
    add("half.tar.gz", "it does not hold b");
    add("empty.tar.gz", "it does not hold a, b");
    add("text.tar.gz", "it is no archive");
    add("nothing.tar.gz", "");
    add("cut.tar.gz", "end too early or do not fit their checksum");
    add("sum.tar.gz", "end too early or do not fit their checksum");
    add("text.zip", "is damaged");
    add("sum.zip", "cannot be unpacked");
    add("inner cut.zip", "what it holds of b ends too early");
    add("inner sum.zip", "what it holds of b cannot be unpacked");
    add("not there.zip", "cannot be opened");
}

void ArchiveTest::whatIsRefusedLeavesNothing() {
    QFETCH(QString, name);
    QFETCH(QString, says);
    QTemporaryDir outer;
    const QString root = outer.filePath("deep/root");
    QDir().mkpath(root);
    const std::string archive = m_folder.filePath(name).toStdString();
    const Status done = unpackArchive(archive, kWanted, root.toStdString());
    QVERIFY(!done);
    QVERIFY2(done.error().message.starts_with(archive), done.error().message.c_str());
    QVERIFY2(done.error().message.find(says.toStdString()) != std::string::npos,
             done.error().message.c_str());
    QVERIFY(!done.error().hint.empty());
    QVERIFY(QDir(root + "/set").entryList(QDir::AllEntries | QDir::NoDotAndDotDot).isEmpty());
    QCOMPARE(QDir(outer.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
             QStringList{"deep"});
    QVERIFY(!QFile::exists("/tmp/evil"));
}

void ArchiveTest::stoppingLeavesNothing() {
    QTemporaryDir root;
    const Status done =
        unpackArchive(m_folder.filePath("fine.tar.gz").toStdString(), kWanted,
                      root.path().toStdString(), [](std::int64_t) { return false; });
    QVERIFY(!done);
    QVERIFY(done.error().message.find("was stopped") != std::string::npos);
    QVERIFY(QDir(root.filePath("set")).entryList(QDir::Files).isEmpty());
}

void ArchiveTest::whatIsThereStaysUntilAllIsWhole() {
    QTemporaryDir root;
    QDir(root.path()).mkpath("set");
    QFile old(root.filePath("set/a"));
    QVERIFY(old.open(QIODevice::WriteOnly));
    old.write("old");
    old.close();
    const std::string to = root.path().toStdString();
    QVERIFY(!unpackArchive(m_folder.filePath("cut.tar.gz").toStdString(), kWanted, to));
    QCOMPARE(readAll(root.filePath("set/a")), QByteArray("old"));
    QVERIFY(unpackArchive(m_folder.filePath("fine.tar.gz").toStdString(), kWanted, to));
    QCOMPARE(readAll(root.filePath("set/a")), QByteArray(1000, 'a'));
}

void ArchiveTest::leftOversOfAnEndedProgramGo() {
    QTemporaryDir root;
    QDir(root.path()).mkpath("set");
    // No process has such a number; this one is running.
    const QString ended = root.filePath("set/a.unpacking4194999-1");
    const QString running = root.filePath(
        QStringLiteral("set/a.unpacking%1-99").arg(QCoreApplication::applicationPid()));
    for (const QString& path : {ended, running}) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    QVERIFY(unpackArchive(m_folder.filePath("fine.tar.gz").toStdString(), kWanted,
                          root.path().toStdString()));
    QVERIFY(!QFile::exists(ended));
    QVERIFY(QFile::exists(running));
}

void ArchiveTest::aFullDiskIsForeseen() {
    std::vector<PackedFile> wanted = kWanted;
    wanted[0].bytes = std::int64_t(1) << 59;
    const Status done =
        unpackArchive(m_folder.filePath("fine.tar.gz").toStdString(), wanted, "/tmp/not/there");
    QVERIFY(!done);
    QVERIFY2(done.error().message.starts_with("The disk of /tmp/not/there has room for ") &&
                 done.error().message.ends_with("are needed."),
             done.error().message.c_str());
    QVERIFY(!QFile::exists("/tmp/not"));
    QCOMPARE(bytesText(999), std::string("999 bytes"));
    QCOMPARE(bytesText(999'600), std::string("1.0 MB"));
    QCOMPARE(bytesText(2'640'397'119), std::string("2.6 GB"));
    QCOMPARE(bytesText(170'498'071), std::string("170 MB"));
}

void ArchiveTest::checksumsAreMd5() {
    Md5 empty;
    QCOMPARE(empty.hex(), std::string("d41d8cd98f00b204e9800998ecf8427e"));
    Md5 pieces;
    pieces.add("a");
    pieces.add("");
    pieces.add("bc");
    QCOMPARE(pieces.hex(), std::string("900150983cd24fb0d6963f7d28e17f72"));
    const std::string path = m_folder.filePath("letters").toStdString();
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(3'000'000, 'a'));
    file.close();
    const auto python = test::runPython(
        "import hashlib, sys\nprint(hashlib.md5(open(sys.argv[1], 'rb').read()).hexdigest())",
        {QString::fromStdString(path)});
    QCOMPARE(QByteArray::fromStdString(*md5OfFile(path)), python.out.trimmed());
    std::int64_t told = 0;
    QVERIFY(!md5OfFile(path, [&](std::int64_t done) {
        told = done;
        return false;
    }));
    QVERIFY(told > 0 && told < 3'000'000);
    QVERIFY(md5OfFile("/nowhere").error().message.find("does not exist") != std::string::npos);
}

void ArchiveTest::checksumsAreRememberedWhileTheFileStays() {
    const std::string path = m_folder.filePath("kept").toStdString();
    const auto put = [&](const char* text) {
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    };
    put("abc");
    QVERIFY(!rememberedMd5(path));
    QCOMPARE(*md5OfFileOnce(path), std::string("900150983cd24fb0d6963f7d28e17f72"));
    QCOMPARE(rememberedMd5(path).value_or(""), std::string("900150983cd24fb0d6963f7d28e17f72"));
    QTest::qWait(20);
    put("abd");
    QVERIFY(!rememberedMd5(path));
    QCOMPARE(*md5OfFileOnce(path), std::string("4911e516e5aa21d327512e0c8b197616"));
    // A cache that cannot be kept costs time only.
    qputenv("XDG_CACHE_HOME", "/dev/null/nowhere");
    QCOMPARE(*md5OfFileOnce(path), std::string("4911e516e5aa21d327512e0c8b197616"));
    QVERIFY(!rememberedMd5(path));
    qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toLocal8Bit());
}

QTEST_GUILESS_MAIN(ArchiveTest)
#include "archive_test.moc"
