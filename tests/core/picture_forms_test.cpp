#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <random>

#include "core/data/pictures/picture.h"
#include "core/data/pictures/picture_header.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// Every form that Pillow reads of the formats that are read here: its pixels, and its refusals.
class PictureFormsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void pixelsEqualPillow();
    void greyIsLuma();
    void olderPillowsDiffer();
    void windowsEqualTheWhole();
    void whatPillowRefusesIsNamed();
    void damagedFilesNeverCrash();
    void otherFormatsAreNamed_data();
    void otherFormatsAreNamed();

private:
    QStringList namesWith(const char* ending) const;
    QByteArray read(const QString& name) const;

    QTemporaryDir m_folder;
};

namespace {

Result<Picture> decode(const QByteArray& bytes) {
    return decodePicture({bytes.constData(), std::size_t(bytes.size())}, "It");
}

}  // namespace

void PictureFormsTest::initTestCase() {
    const auto python =
        test::runProcess("/usr/bin/python3",
                         {TORCHLOOM_SOURCE_DIR "/tests/support/picture_forms.py", m_folder.path()});
    QVERIFY2(python.exitCode == 0, python.err);
    QVERIFY(namesWith(".raw").size() > 300);
    QVERIFY(namesWith(".refused").size() > 20);
}

QStringList PictureFormsTest::namesWith(const char* ending) const {
    QStringList names = QDir(m_folder.path()).entryList({QString("*") + ending}, QDir::Files);
    for (QString& name : names) name.chop(qsizetype(std::strlen(ending)));
    return names;
}

QByteArray PictureFormsTest::read(const QString& name) const {
    QFile file(m_folder.filePath(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void PictureFormsTest::pixelsEqualPillow() {
    QStringList wrong;
    for (const QString& name : namesWith(".raw")) {
        const auto picture = decode(read(name));
        if (!picture)
            wrong << name + ": " +
                         QString::fromStdString(picture.error().message + " " +
                                                picture.error().hint);
        else if (test::rawOf(*picture) != read(name + ".raw"))
            wrong
                << name +
                       QString(": other pixels (%1 x %2)").arg(picture->width).arg(picture->height);
    }
    QVERIFY2(wrong.isEmpty(), qPrintable("\n" + wrong.join("\n")));
}

void PictureFormsTest::greyIsLuma() {
    for (const QString& name : namesWith(".luma")) {
        const auto picture = decode(read(name));
        QVERIFY2(picture, qPrintable(name));
        QVERIFY2(test::rawOf(convertChannels(*picture, 1)).mid(8) == read(name + ".luma"),
                 qPrintable(name));
    }
}

void PictureFormsTest::olderPillowsDiffer() {
    for (const QString& name : namesWith(".older")) {
        const auto picture = decode(read(name));
        QVERIFY2(picture, qPrintable(name));
        QVERIFY2(test::rawOf(*picture) != read(name + ".older"), qPrintable(name));
    }
}

void PictureFormsTest::windowsEqualTheWhole() {
    for (const QString& name : namesWith(".raw")) {
        const QByteArray bytes = read(name);
        const std::string_view view(bytes.constData(), std::size_t(bytes.size()));
        const auto header = readPictureHeader(view);
        const auto whole = decode(bytes);
        QVERIFY2(header && whole, qPrintable(name));
        QCOMPARE(int(header->width), whole->width);
        QCOMPARE(int(header->height), whole->height);
        const PictureWindow window{2, 3, 11, 13};
        const auto part = decodeWindow(view, window, "It");
        QVERIFY2(part && part->pixels == cutWindow(*whole, window).pixels, qPrintable(name));
    }
}

void PictureFormsTest::whatPillowRefusesIsNamed() {
    QStringList wrong;
    for (const QString& name : namesWith(".refused")) {
        // Pillow fails at these by mistakes of its own; libtiff reads them.
        const bool mistake = name.startsWith("II-6") || name.startsWith("MM-6") ||
                             name.startsWith("saved-YCbCr") || name.contains("-1-2-");
        const auto picture = decode(read(name));
        if (picture && !mistake) wrong << name;
        if (!picture && picture.error().hint.empty()) wrong << name + " without advice";
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(", ")));
}

void PictureFormsTest::damagedFilesNeverCrash() {
    std::mt19937 random(7);
    for (const QString& name : namesWith(".raw")) {
        const QByteArray whole = read(name);
        for (int round = 0; round < 12; ++round) {
            QByteArray bytes = whole;
            if (round < 4) {
                bytes.truncate(qsizetype(random() % std::uint32_t(whole.size())));
            } else {
                const auto area =
                    std::uint32_t(round % 2 ? whole.size() : qMin<qsizetype>(whole.size(), 120));
                for (int i = 0; i < 1 + round % 4; ++i) bytes[random() % area] = char(random());
            }
            const auto picture = decode(bytes);
            if (!picture)
                QVERIFY2(
                    picture.error().message.starts_with("It ") && !picture.error().hint.empty(),
                    picture.error().message.c_str());
            else
                QCOMPARE(picture->pixels.size(),
                         std::size_t(picture->width) * std::size_t(picture->height) * 3);
        }
    }
}

void PictureFormsTest::otherFormatsAreNamed_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("named");
    const auto row = [](const QByteArray& bytes, const char* named) {
        QTest::newRow(named) << bytes + QByteArray(200, '\0') << QString(named);
    };
    row(QByteArray("\0\0\0\x18"
                   "ftypheic",
                   12),
        "a HEIC picture");
    row(QByteArray("\0\0\0\x1c"
                   "ftypavif",
                   12),
        "an AVIF picture");
    row("\xFF\x0A", "a JPEG XL picture");
    row("8BPS", "a Photoshop file (PSD)");
    row("%PDF-1.7", "a PDF document");
    row("<svg xmlns='http://www.w3.org/2000/svg'>", "an SVG drawing");
    row("<html>404</html>", "a web page");
    row("P7\nWIDTH 4", "a PAM picture");
    row("Pf\n4 4\n-1.0\n", "a PFM picture");
    row("PK\3\4", "a ZIP archive");
    row(QByteArray("\x89PNG\r\n\x1a\n"), "a damaged PNG file");
    row("GIF89a", "a damaged GIF file");
}

void PictureFormsTest::otherFormatsAreNamed() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, named);
    const auto picture = decode(bytes);
    QVERIFY(!picture);
    QVERIFY2(QString::fromStdString(picture.error().message).contains(named),
             picture.error().message.c_str());
    QVERIFY(!picture.error().hint.empty());
}

QTEST_GUILESS_MAIN(PictureFormsTest)
#include "picture_forms_test.moc"
