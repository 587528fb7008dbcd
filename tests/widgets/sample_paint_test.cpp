// Samples that are numbers are written, not blown up.

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QTest>
#include <algorithm>

#include "core/data/pictures/picture.h"
#include "widgets/data/sample_image.h"
#include "widgets/data/sample_paint.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

QImage painted(const QImage& sample, QSize size, double ratio) {
    QImage page(size * ratio, QImage::Format_RGB32);
    page.setDevicePixelRatio(ratio);
    page.fill(Qt::white);
    QPainter painter(&page);
    paintSample(painter, sample, QRect(QPoint(), size));
    return page;
}

/// The thickness of the thinnest stroke: the shortest run of dark pixels in any row.
int thinnest(const QImage& page) {
    int shortest = page.width();
    for (int y = 0; y < page.height(); ++y)
        for (int x = 0, run = 0; x < page.width(); ++x) {
            const bool dark = qGray(page.pixel(x, y)) < 160;
            if (!dark && run > 0) shortest = std::min(shortest, run);
            run = dark ? run + 1 : 0;
        }
    return shortest;
}

}  // namespace

class SamplePaintTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void numbersStayNumbers() {
        const TensorSample row{{3}, {1.5f, -2.25f, 0.125f}};
        const QImage image = toImage(row, nullptr);
        QCOMPARE(cellsOf(image), (QStringList{QStringLiteral("1.5"), QStringLiteral("-2.25"),
                                              QStringLiteral("0.125")}));
        // A picture has none.
        QVERIFY(cellsOf(QImage(4, 4, QImage::Format_RGB32)).isEmpty());
    }

    /// Letters of a large frame are thin, as letters are; a magnified bitmap has thick ones.
    void sharpAtEveryScale() {
        const QImage image = cellsImage({QStringLiteral("age"), QStringLiteral("town")},
                                        {QStringLiteral("41"), QStringLiteral("Ulm")});
        for (const int side : {96, 240, 480})
            for (const double ratio : {1.0, 2.0}) {
                const QImage page = painted(image, QSize(side, side), ratio);
                const int stroke = thinnest(page);
                QVERIFY2(stroke >= 1 && stroke <= 3 * ratio, qPrintable(QString::number(stroke)));
            }
    }

    void namesStandBesideTheirCells() {
        const QStringList cells{QStringLiteral("41"), QStringLiteral("7")};
        const QImage with = painted(
            cellsImage({QStringLiteral("age"), QStringLiteral("size")}, cells), QSize(200, 60), 1);
        const QImage without = painted(cellsImage({}, cells), QSize(200, 60), 1);
        const auto isInked = [](const QImage& page, const QRect& where) {
            for (int y = where.top(); y <= where.bottom(); ++y)
                for (int x = where.left(); x <= where.right(); ++x)
                    if (qGray(page.pixel(x, y)) < 200) return true;
            return false;
        };
        QVERIFY(isInked(with, QRect(0, 0, 60, 60)));
        QVERIFY(!isInked(without, QRect(0, 0, 60, 60)));
        QVERIFY(isInked(with, QRect(150, 0, 50, 60)));
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::apply(application, ThemeMode::Light);
    SamplePaintTest tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "sample_paint_test.moc"
