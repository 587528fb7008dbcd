#include "widgets/style/theme.h"

#include <QDir>
#include <QSvgRenderer>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "widgets/style/icons.h"
#include "widgets/style/style_sheet.h"

using namespace loom;

namespace {

double luminance(const QColor& color) {
    const auto linear = [](double c) {
        return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
           0.0722 * linear(color.blueF());
}

/// WCAG 2's contrast ratio.
double contrast(const QColor& a, const QColor& b) {
    const double one = luminance(a) + 0.05, two = luminance(b) + 0.05;
    return std::max(one, two) / std::min(one, two);
}

}  // namespace

class ThemeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void textIsReadableInBothThemes_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textIsReadableInBothThemes() {
        QFETCH(bool, dark);
        const Tokens& t = Theme::tokensFor(dark);
        struct Pair {
            const char* name;
            QColor front, back;
        };
        const Pair pairs[] = {
            {"text on surface", t.text, t.surface},
            {"text on canvas", t.text, t.canvas},
            {"muted on window", t.muted, t.window},
            {"muted on surface", t.muted, t.surface},
            {"muted on hover", t.muted, t.hover},
            {"shape on canvas", t.canvasLabel, t.canvas},
            {"primary button", t.onAccent, t.accent},
            {"primary, hovered", t.onAccent, t.accentHover},
            {"checked button", t.accentHover, t.accentSoft},
            {"danger on surface", t.danger, t.surface},
            {"danger on soft", t.danger, t.dangerSoft},
            {"warning on surface", t.warning, t.surface},
            {"warning on window", t.warning, t.window},
            {"good on surface", t.good, t.surface},
            {"danger on canvas", t.danger, t.canvas},
            {"good on window", t.good, t.window},
        };
        for (const Pair& pair : pairs) {
            const double ratio = contrast(pair.front, pair.back);
            QVERIFY2(ratio >= 4.5,
                     qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(pair.name)).arg(ratio)));
        }
    }

    void theSheetHasNoUnknownColour() {
        for (bool dark : {false, true}) {
            const QString sheet = styleSheet(Theme::tokensFor(dark), dark);
            QVERIFY(sheet.size() > 2000);
            QVERIFY(!sheet.contains(QLatin1Char('@')));
        }
    }

    void themesChangeWhileRunning() {
        int changes = 0;
        connect(&Theme::instance(), &Theme::changed, this, [&changes] { ++changes; });
        Theme::instance().setMode(ThemeMode::Dark);
        QCOMPARE(qApp->palette().color(QPalette::Window), Theme::tokensFor(true).window);
        Theme::instance().setMode(ThemeMode::Light);
        QCOMPARE(qApp->palette().color(QPalette::Window), Theme::tokensFor(false).window);
        Theme::instance().setMode(ThemeMode::Light);
        QCOMPARE(changes, 2);
    }

    void everyIconDraws() {
        const QStringList files = QDir(QStringLiteral(":/icons")).entryList();
        QVERIFY(files.size() > 30);
        for (const QString& file : files) {
            QVERIFY2(QSvgRenderer(QStringLiteral(":/icons/") + file).isValid(), qPrintable(file));
            const QImage image = iconPixmap(file.chopped(4), Qt::red, 16, 2.0).toImage();
            QCOMPARE(image.width(), 32);
            int inked = 0;
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < image.width(); ++x) inked += qAlpha(image.pixel(x, y)) > 100;
            QVERIFY2(inked > 20, qPrintable(file));
        }
    }

    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }
};

QTEST_MAIN(ThemeTest)
#include "theme_test.moc"
