#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
//
#include <jpeglib.h>

#include "core/data/pictures/picture.h"
#include "core/data/pictures/picture_header.h"
#include "tests/support/python.h"

using namespace loom;

/// JPEG files of every make: the whole equals Pillow's, every window equals the whole's, and of
/// damaged files the same are refused.
class JpegTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void wholeEqualsPillow_data();
    void wholeEqualsPillow();
    void windowsEqualTheWhole_data();
    void windowsEqualTheWhole();
    void damagedFilesAreTakenAsByPillow();
    void hugeSidesAreRefusedBeforeMemoryIs();
    void windowsOutsideAreRefused();

private:
    QTemporaryDir m_folder;
};

namespace {

struct Make {
    const char* name;
    int width;
    int height;
    J_COLOR_SPACE stored;
    int horizontal = 1;  ///< sampling factors of the first component
    int vertical = 1;
    bool progressive = false;
    int restart = 0;  ///< MCUs between restart markers
    int quality = 90;
    bool arithmetic = false;
};

const Make kMakes[] = {
    {"444", 61, 47, JCS_YCbCr},
    {"444_one", 1, 1, JCS_YCbCr},
    {"422", 97, 64, JCS_YCbCr, 2, 1},
    {"422_odd", 33, 17, JCS_YCbCr, 2, 1},
    {"420", 160, 121, JCS_YCbCr, 2, 2},
    {"420_even", 128, 96, JCS_YCbCr, 2, 2},
    {"420_small", 7, 5, JCS_YCbCr, 2, 2},
    {"420_column", 3, 200, JCS_YCbCr, 2, 2},
    {"420_row", 301, 2, JCS_YCbCr, 2, 2},
    {"420_restart", 150, 111, JCS_YCbCr, 2, 2, false, 3},
    {"420_rough", 203, 155, JCS_YCbCr, 2, 2, false, 0, 20},
    {"440", 90, 101, JCS_YCbCr, 1, 2},
    {"411", 131, 70, JCS_YCbCr, 4, 1},
    {"410", 131, 70, JCS_YCbCr, 4, 2},
    {"grey", 119, 83, JCS_GRAYSCALE},
    {"grey_restart", 119, 83, JCS_GRAYSCALE, 1, 1, false, 7},
    {"rgb", 77, 60, JCS_RGB},
    {"cmyk", 75, 61, JCS_CMYK},
    {"ycck", 75, 61, JCS_YCCK},
    {"ycck_420", 95, 71, JCS_YCCK, 2, 2},
    {"progressive_444", 61, 47, JCS_YCbCr, 1, 1, true},
    {"progressive_422", 97, 64, JCS_YCbCr, 2, 1, true},
    {"progressive_420", 160, 121, JCS_YCbCr, 2, 2, true},
    {"progressive_restart", 150, 111, JCS_YCbCr, 2, 2, true, 5},
    {"progressive_grey", 119, 83, JCS_GRAYSCALE, 1, 1, true},
    {"progressive_ycck", 75, 61, JCS_YCCK, 2, 2, true},
    {"arithmetic", 110, 90, JCS_YCbCr, 2, 2, false, 0, 90, true},
};

QByteArray encode(const Make& make) {
    jpeg_compress_struct info = {};
    jpeg_error_mgr errors = {};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* memory = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &memory, &size);
    info.image_width = JDIMENSION(make.width);
    info.image_height = JDIMENSION(make.height);
    const bool inks = make.stored == JCS_CMYK || make.stored == JCS_YCCK;
    info.input_components = make.stored == JCS_GRAYSCALE ? 1 : inks ? 4 : 3;
    info.in_color_space = inks ? JCS_CMYK : make.stored == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_colorspace(&info, make.stored);
    jpeg_set_quality(&info, make.quality, TRUE);
    info.comp_info[0].h_samp_factor = make.horizontal;
    info.comp_info[0].v_samp_factor = make.vertical;
    if (make.stored == JCS_YCCK) {
        info.comp_info[3].h_samp_factor = make.horizontal;
        info.comp_info[3].v_samp_factor = make.vertical;
    }
    info.restart_interval = unsigned(make.restart);
    info.arith_code = make.arithmetic;
    if (make.progressive) jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    std::mt19937 random(5);
    std::vector<JSAMPLE> row(std::size_t(make.width * info.input_components));
    while (info.next_scanline < info.image_height) {
        const double y = info.next_scanline;
        for (int x = 0; x < make.width; ++x)
            for (int c = 0; c < info.input_components; ++c)
                row[std::size_t(x * info.input_components + c)] = JSAMPLE(
                    128 + 90 * std::sin(x / 7.0 + c) * std::cos(y / 9.0) + int(random() % 30) - 15);
        JSAMPROW at = row.data();
        jpeg_write_scanlines(&info, &at, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    QByteArray bytes(reinterpret_cast<const char*>(memory), qsizetype(size));
    std::free(memory);
    return bytes;
}

const char* const kScript = R"(
import os, sys, warnings
from PIL import Image
warnings.simplefilter('ignore')
folder = sys.argv[1] + '/'
for name in sorted(os.listdir(folder)):
    if not name.endswith('.jpg'): continue
    try:
        image = Image.open(folder + name).convert('RGB')
        open(folder + name + '.raw', 'wb').write(image.width.to_bytes(4, 'little') + image.height.to_bytes(4, 'little') + image.tobytes())
    except Exception as problem:
        open(folder + name + '.no', 'w').write(repr(problem))
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

std::string_view view(const QByteArray& bytes) {
    return {bytes.constData(), std::size_t(bytes.size())};
}

bool equalsRaw(const Picture& picture, const QByteArray& raw) {
    QByteArray mine(8, '\0');
    const qint32 sides[] = {picture.width, picture.height};
    std::memcpy(mine.data(), sides, 8);
    return raw == mine.append(reinterpret_cast<const char*>(picture.pixels.data()),
                              qsizetype(picture.pixels.size()));
}

QByteArray damaged(QByteArray bytes, std::mt19937& random, int way) {
    const auto place = [&] { return qsizetype(random() % std::uint32_t(bytes.size())); };
    const auto inData = [&] { return bytes.size() / 2 + place() / 2; };
    switch (way) {
        case 0:
            return bytes.left(place());
        case 1:
            bytes[inData()] = char(random());
            return bytes;
        case 2:
            bytes[place()] = char(random());
            return bytes;
        case 3:
            return bytes.insert(inData(), QByteArray("\xFF\xD9", 2));
        case 4:
            return bytes.insert(inData(), QByteArray("\xFF\xD3", 2));
        case 5:
            return bytes.remove(inData(), 1 + qsizetype(random() % 20));
        case 6:
            return bytes.insert(inData(), QByteArray("\xFF\xC4\x00\x10", 4));
        case 7:
            return bytes.left(bytes.size() - 2);
        case 8:
            return bytes + "behind the end";
        default:
            bytes[inData()] = '\xFF';
            return bytes;
    }
}

}  // namespace

void JpegTest::initTestCase() {
    std::mt19937 random(9);
    for (const Make& make : kMakes) {
        const QByteArray bytes = encode(make);
        write(m_folder.filePath(QString(make.name) + ".jpg"), bytes);
        for (int i = 0; i < 20; ++i)
            write(m_folder.filePath(QString("%1-damaged-%2.jpg").arg(make.name).arg(i)),
                  damaged(bytes, random, i % 10));
    }
    const auto python = test::runPython(kScript, {m_folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
}

void JpegTest::wholeEqualsPillow_data() {
    QTest::addColumn<QString>("name");
    for (const Make& make : kMakes) QTest::newRow(make.name) << make.name;
}

void JpegTest::wholeEqualsPillow() {
    QFETCH(QString, name);
    const auto picture = readPicture(m_folder.filePath(name + ".jpg").toStdString());
    QVERIFY2(picture, picture ? "" : picture.error().message.c_str());
    const QByteArray raw = readAll(m_folder.filePath(name + ".jpg.raw"));
    QVERIFY(!raw.isEmpty());
    QVERIFY(equalsRaw(*picture, raw));
}

void JpegTest::windowsEqualTheWhole_data() {
    wholeEqualsPillow_data();
}

void JpegTest::windowsEqualTheWhole() {
    QFETCH(QString, name);
    const QByteArray bytes = readAll(m_folder.filePath(name + ".jpg"));
    const auto whole = decodePicture(view(bytes), "whole");
    QVERIFY(whole);
    std::mt19937 random(1);
    const auto below = [&](int count) { return int(random() % std::uint32_t(count)); };
    for (int round = 0; round < 400; ++round) {
        PictureWindow window;
        window.height = 1 + below(whole->height);
        window.width = 1 + below(whole->width);
        window.top = below(whole->height - int(window.height) + 1);
        window.left = below(whole->width - int(window.width) + 1);
        const auto part = decodeWindow(view(bytes), window, "part");
        QVERIFY2(part, part ? "" : part.error().message.c_str());
        const QByteArray place =
            QByteArray::number(window.top) + " " + QByteArray::number(window.left) + " " +
            QByteArray::number(window.height) + " " + QByteArray::number(window.width);
        QVERIFY2(part->pixels == cutWindow(*whole, window).pixels, place);
        QCOMPARE(part->width, int(window.width));
        QCOMPARE(part->height, int(window.height));
    }
}

void JpegTest::damagedFilesAreTakenAsByPillow() {
    int taken = 0;
    int refused = 0;
    std::mt19937 random(2);
    for (const QString& name : QDir(m_folder.path()).entryList({"*-damaged-*.jpg"})) {
        const QByteArray bytes = readAll(m_folder.filePath(name));
        const QByteArray raw = readAll(m_folder.filePath(name + ".raw"));
        const auto picture = decodePicture(view(bytes), name.toStdString());
        const QByteArray note = name.toUtf8() + ": " + readAll(m_folder.filePath(name + ".no")) +
                                (picture ? "" : picture.error().message.c_str());
        QVERIFY2(picture.ok() == !raw.isEmpty(), note);
        const auto header = readPictureHeader(view(bytes));
        if (picture) {
            ++taken;
            QVERIFY2(equalsRaw(*picture, raw), note);
        } else {
            ++refused;
            QVERIFY2(picture.error().message.starts_with(name.toStdString()), note);
        }
        // What is refused and what comes out does not depend on how much is decoded.
        if (!header) continue;
        for (int i = 0; i < 8; ++i) {
            PictureWindow window;
            window.height = 1 + std::int64_t(random() % header->height);
            window.width = 1 + std::int64_t(random() % header->width);
            window.top =
                std::int64_t(random() % (header->height - std::uint64_t(window.height) + 1));
            window.left =
                std::int64_t(random() % (header->width - std::uint64_t(window.width) + 1));
            const auto part = decodeWindow(view(bytes), window, "part");
            QVERIFY2(part.ok() == picture.ok(), note);
            if (part) QVERIFY2(part->pixels == cutWindow(*picture, window).pixels, note);
        }
    }
    QVERIFY2(taken > 100 && refused > 100,
             QByteArray::number(taken) + " taken, " + QByteArray::number(refused) + " refused");
}

void JpegTest::hugeSidesAreRefusedBeforeMemoryIs() {
    QByteArray bytes = encode(kMakes[0]);
    const qsizetype frame = bytes.indexOf(QByteArray("\xFF\xC0", 2));
    QVERIFY(frame > 0);
    bytes.replace(frame + 5, 4, QByteArray("\x30\x00\x30\x00", 4));
    const auto picture = decodePicture(view(bytes), "huge.jpg");
    QVERIFY(!picture);
    QVERIFY2(picture.error().message.starts_with(
                 "huge.jpg says it has 12288 × 12288 pixels, more than its "),
             picture.error().message.c_str());
}

void JpegTest::windowsOutsideAreRefused() {
    const QByteArray bytes = encode(kMakes[0]);
    for (const PictureWindow& window : {PictureWindow{-1, 0, 5, 5}, PictureWindow{0, 0, 48, 5},
                                        PictureWindow{0, 58, 5, 5}, PictureWindow{3, 3, 0, 5}})
        QVERIFY(!decodeWindow(view(bytes), window, "outside"));
}

QTEST_GUILESS_MAIN(JpegTest)
#include "jpeg_test.moc"
