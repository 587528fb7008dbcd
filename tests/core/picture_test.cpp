#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cstring>
#include <random>

#include "core/data/pictures/picture.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// Decoding against Pillow, damaged files, and the way back to PNG.
class PictureTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void pixelsEqualPillow_data();
    void pixelsEqualPillow();
    void cutOffFilesAreSentences_data();
    void cutOffFilesAreSentences();
    void changedBytesNeverCrash_data();
    void changedBytesNeverCrash();
    void otherFilesAreSentences();
    void decompressionBombIsRefused();
    void pngKeepsEveryPixel();
    void greyEqualsPillow();

private:
    QTemporaryDir m_folder;
};

namespace {

const QStringList kNames = {
    "rgb.png",       "rgba.png",   "grey.png",    "la.png",      "palette.png",     "bit.png",
    "wide.png",      "turned.jpg", "plain.jpg",   "grey.jpg",    "progressive.jpg", "sharp.jpg",
    "lossless.webp", "rgb.bmp",    "grey.bmp",    "palette.bmp", "rgb.ppm",         "grey.pgm",
    "rgb.tif",       "grey.tif",   "packed.tiff", "one.png",     "thumbnail.jpg"};

const char* const kScript = R"(
import os, sys
import numpy
from PIL import Image
folder = sys.argv[1] + '/'
rng = numpy.random.default_rng(3)
y, x = numpy.mgrid[0:61, 0:47]
base = numpy.stack([(128 + 100 * numpy.sin(x / 9.0 + k) * numpy.cos(y / 7.0) + rng.normal(0, 15, x.shape)).clip(0, 255) for k in range(4)], axis=2).astype(numpy.uint8)
rgb = Image.fromarray(base[:, :, :3].copy(), 'RGB'); rgba = Image.fromarray(base, 'RGBA'); grey = Image.fromarray(base[:, :, 0].copy(), 'L')
rgb.save(folder + 'rgb.png'); rgba.save(folder + 'rgba.png'); grey.save(folder + 'grey.png')
Image.merge('LA', (grey, grey.transpose(0))).save(folder + 'la.png')
rgb.quantize(40).save(folder + 'palette.png'); grey.convert('1').save(folder + 'bit.png')
Image.fromarray((base[:, :, 0].astype(numpy.int32) * 3), 'I').save(folder + 'wide.png')
exif = Image.Exif(); exif[0x0112] = 6
rgb.save(folder + 'turned.jpg', exif=exif.tobytes(), quality=90)
rgb.save(folder + 'plain.jpg'); grey.save(folder + 'grey.jpg'); rgb.save(folder + 'progressive.jpg', progressive=True, quality=70)
rgb.save(folder + 'sharp.jpg', subsampling=0, quality=98, restart_marker_blocks=3)
rgb.save(folder + 'lossless.webp', lossless=True)
rgb.save(folder + 'rgb.bmp'); grey.save(folder + 'grey.bmp'); rgb.quantize(30).save(folder + 'palette.bmp')
rgb.save(folder + 'rgb.ppm'); grey.save(folder + 'grey.pgm')
rgb.save(folder + 'rgb.tif'); grey.save(folder + 'grey.tif'); rgb.save(folder + 'packed.tiff', compression='tiff_lzw')
Image.new('RGB', (1, 1), (1, 2, 3)).save(folder + 'one.png')
# A JPEG inside an application segment, as cameras write it, end marker included.
plain = open(folder + 'plain.jpg', 'rb').read()
inner = plain[:2000] + b'\xff\xd9'
open(folder + 'thumbnail.jpg', 'wb').write(plain[:2] + b'\xff\xe5' + (len(inner) + 2).to_bytes(2, 'big') + inner + plain[2:])
for name in sorted(os.listdir(folder)):
    image = Image.open(folder + name).convert('RGB')
    open(folder + name + '.raw', 'wb').write(image.width.to_bytes(4, 'little') + image.height.to_bytes(4, 'little') + image.tobytes())
rgb.convert('L').save(folder + 'luma.png')
)";

QByteArray readAll(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

}  // namespace

void PictureTest::initTestCase() {
    const auto python = test::runPython(kScript, {m_folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
}

void PictureTest::pixelsEqualPillow_data() {
    QTest::addColumn<QString>("name");
    for (const QString& name : kNames) QTest::newRow(qPrintable(name)) << name;
}

void PictureTest::pixelsEqualPillow() {
    QFETCH(QString, name);
    const auto picture = readPicture(m_folder.filePath(name).toStdString());
    QVERIFY2(picture, picture ? "" : picture.error().message.c_str());
    QCOMPARE(picture->channels, 3);
    const QByteArray wanted = readAll(m_folder.filePath(name + ".raw"));
    QVERIFY(!wanted.isEmpty());
    QVERIFY(test::rawOf(*picture) == wanted);
}

void PictureTest::cutOffFilesAreSentences_data() {
    pixelsEqualPillow_data();
}

void PictureTest::cutOffFilesAreSentences() {
    QFETCH(QString, name);
    const QByteArray whole = readAll(m_folder.filePath(name));
    const QString path = m_folder.filePath("cut-" + name);
    int refused = 0;
    int tried = 0;
    for (qsizetype length = 0; length < whole.size() - 1;
         length += length < 64 ? 1 : 1 + whole.size() / 60) {
        write(path, whole.left(length));
        const auto picture = readPicture(path.toStdString());
        ++tried;
        if (!picture) {
            ++refused;
            QVERIFY2(picture.error().message.starts_with(path.toStdString()),
                     picture.error().message.c_str());
            QVERIFY(!picture.error().hint.empty());
            continue;
        }
        // Only bytes after the last pixel may be missing without harm.
        QVERIFY2(test::rawOf(*picture) == readAll(m_folder.filePath(name + ".raw")),
                 QByteArray::number(length));
    }
    QVERIFY2(refused * 10 > tried * 9,
             QByteArray::number(refused) + " of " + QByteArray::number(tried));
}

void PictureTest::changedBytesNeverCrash_data() {
    pixelsEqualPillow_data();
}

void PictureTest::changedBytesNeverCrash() {
    QFETCH(QString, name);
    const QByteArray whole = readAll(m_folder.filePath(name));
    const QString path = m_folder.filePath("changed-" + name);
    std::mt19937 random(7);
    for (int round = 0; round < 100; ++round) {
        QByteArray bytes = whole;
        const auto area =
            std::uint32_t(round % 2 ? bytes.size() : std::min<qsizetype>(bytes.size(), 200));
        for (int i = 0; i < 1 + round % 5; ++i) bytes[random() % area] = char(random());
        write(path, bytes);
        const auto picture = readPicture(path.toStdString());
        if (picture)
            QCOMPARE(picture->pixels.size(),
                     std::size_t(picture->width) * std::size_t(picture->height) * 3);
        else
            QVERIFY2(picture.error().message.starts_with(path.toStdString()),
                     picture.error().message.c_str());
    }
}

void PictureTest::otherFilesAreSentences() {
    const auto says = [&](const QString& path, const char* wanted) {
        const auto picture = readPicture(path.toStdString());
        QVERIFY(!picture);
        const QByteArray message = QByteArray::fromStdString(picture.error().message);
        QVERIFY2(message.startsWith(path.toUtf8()) && message.contains(wanted), message);
    };
    write(m_folder.filePath("empty.jpg"), "");
    write(m_folder.filePath("text.jpg"), "<html>404</html>");
    write(m_folder.filePath("moving.png"), "GIF89a" + QByteArray(40, '\1'));
    write(m_folder.filePath("noise.png"), "\x89PNG\r\n\x1a\n" + QByteArray(400, '\x55'));
    QDir(m_folder.path()).mkdir("folder.png");
    says(m_folder.filePath("empty.jpg"), "is empty");
    says(m_folder.filePath("text.jpg"), "is not a picture");
    says(m_folder.filePath("moving.png"), "is a damaged GIF file");
    says(m_folder.filePath("noise.png"), "is a damaged PNG file");
    says(m_folder.filePath("folder.png"), "is a folder");
    says(m_folder.filePath("absent.png"), "does not exist");
}

void PictureTest::decompressionBombIsRefused() {
    QByteArray png = readAll(m_folder.filePath("rgb.png"));
    png.replace(16, 8, QByteArray("\0\0\xea\x60\0\0\xea\x60", 8));
    const QString path = m_folder.filePath("bomb.png");
    write(path, png);
    const auto picture = readPicture(path.toStdString());
    QVERIFY(!picture);
    QVERIFY2(picture.error().message.find(
                 "60000 × 60000 pixels, more than the 178,956,970 allowed") != std::string::npos,
             picture.error().message.c_str());
}

void PictureTest::pngKeepsEveryPixel() {
    for (const char* name : {"rgb.png", "grey.jpg"}) {
        for (const int channels : {1, 3}) {
            const Picture picture =
                convertChannels(*readPicture(m_folder.filePath(name).toStdString()), channels);
            const auto png = encodePng(picture);
            QVERIFY(png);
            write(m_folder.filePath("again.png"), QByteArray::fromStdString(*png));
            const auto again = readPicture(m_folder.filePath("again.png").toStdString());
            QVERIFY(again);
            QCOMPARE(convertChannels(*again, channels).pixels, picture.pixels);
        }
    }
}

void PictureTest::greyEqualsPillow() {
    const auto colour = readPicture(m_folder.filePath("rgb.png").toStdString());
    const auto luma = readPicture(m_folder.filePath("luma.png").toStdString());
    QCOMPARE(convertChannels(convertChannels(*colour, 1), 3).pixels, luma->pixels);
}

QTEST_GUILESS_MAIN(PictureTest)
#include "picture_test.moc"
