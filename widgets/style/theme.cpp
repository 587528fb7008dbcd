#include "widgets/style/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>
#include <QStyleHints>
#include <QToolTip>
#include <utility>

#include "widgets/style/style_sheet.h"

// Q_INIT_RESOURCE declares a function of the global namespace: needed because a static library's
// resources are not registered by themselves.
static void initResources() {
    Q_INIT_RESOURCE(style);
}

namespace loom {

namespace {

Tokens lightTokens() {
    Tokens t;
    t.window = QColor(0xF6F7F9);
    t.panel = QColor(0xFBFBFC);
    t.surface = QColor(0xFFFFFF);
    t.canvas = QColor(0xF1F3F6);
    t.gridDot = QColor(0xD5DAE1);
    t.hairline = QColor(0xE2E5EA);
    t.field = QColor(0xCFD5DE);
    t.text = QColor(0x1B1F27);
    t.muted = QColor(0x5F687B);
    t.canvasLabel = QColor(0x566073);
    t.accent = QColor(0x3366EE);
    t.accentHover = QColor(0x2857D6);
    t.accentSoft = QColor(0xE6EDFF);
    t.onAccent = QColor(0xFFFFFF);
    t.danger = QColor(0xD02A1E);
    t.dangerSoft = QColor(0xFDECEA);
    t.warning = QColor(0xB54708);
    t.warningSoft = QColor(0xFFF4E5);
    t.good = QColor(0x0F7552);
    t.goodSoft = QColor(0xE6F6F0);
    t.hover = QColor(0xEEF1F5);
    t.wire = QColor(0x667085);
    t.shadow = QColor(16, 24, 40, 26);
    return t;
}

Tokens darkTokens() {
    Tokens t;
    t.window = QColor(0x15181E);
    t.panel = QColor(0x1A1E26);
    t.surface = QColor(0x1F242D);
    t.canvas = QColor(0x12151A);
    t.gridDot = QColor(0x2A313C);
    t.hairline = QColor(0x2D3440);
    t.field = QColor(0x3D4654);
    t.text = QColor(0xE8EBF0);
    t.muted = QColor(0x98A2B3);
    t.canvasLabel = QColor(0xA3ADBD);
    t.accent = QColor(0x6C95FF);
    t.accentHover = QColor(0x86A8FF);
    t.accentSoft = QColor(0x22304F);
    t.onAccent = QColor(0x0D1424);
    t.danger = QColor(0xFF7A6E);
    t.dangerSoft = QColor(0x3A2224);
    t.warning = QColor(0xF4B860);
    t.warningSoft = QColor(0x3A2F1E);
    t.good = QColor(0x4FD1A1);
    t.goodSoft = QColor(0x1C3830);
    t.hover = QColor(0x272D38);
    t.wire = QColor(0x8D97A8);
    t.shadow = QColor(0, 0, 0, 90);
    return t;
}

QPalette paletteFor(const Tokens& t) {
    QPalette palette;
    palette.setColor(QPalette::Window, t.window);
    palette.setColor(QPalette::WindowText, t.text);
    palette.setColor(QPalette::Base, t.surface);
    palette.setColor(QPalette::AlternateBase, t.panel);
    palette.setColor(QPalette::Text, t.text);
    palette.setColor(QPalette::PlaceholderText, t.muted);
    palette.setColor(QPalette::Button, t.surface);
    palette.setColor(QPalette::ButtonText, t.text);
    palette.setColor(QPalette::BrightText, t.danger);
    palette.setColor(QPalette::ToolTipBase, t.surface);
    palette.setColor(QPalette::ToolTipText, t.text);
    palette.setColor(QPalette::Highlight, t.accent);
    palette.setColor(QPalette::HighlightedText, t.onAccent);
    palette.setColor(QPalette::Link, t.accent);
    palette.setColor(QPalette::LinkVisited, t.accent);
    palette.setColor(QPalette::Mid, t.field);
    palette.setColor(QPalette::Midlight, t.hairline);
    palette.setColor(QPalette::Light, t.surface);
    palette.setColor(QPalette::Dark, t.muted);
    palette.setColor(QPalette::Shadow, t.shadow);
    for (auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        QColor faded = t.muted;
        faded.setAlpha(150);
        palette.setColor(QPalette::Disabled, role, faded);
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, t.field);
    return palette;
}

/// The first of the families that is installed; empty when none is.
QString firstInstalled(std::initializer_list<const char*> families) {
    for (const char* family : families)
        if (QFontDatabase::hasFamily(QString::fromLatin1(family)))
            return QString::fromLatin1(family);
    return {};
}

}  // namespace

Theme& Theme::instance() {
    static Theme theme;
    return theme;
}

void Theme::apply(QApplication& application, ThemeMode mode) {
    Theme& theme = instance();
    initResources();
    if (!theme.m_applied) {
        // Read before ours replaces it: up to Qt 6.4 the only sign of a dark desktop.
        const QPalette system = application.palette();
        theme.m_systemPaletteDark = system.color(QPalette::Window).lightness() <
                                    system.color(QPalette::WindowText).lightness();
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
        QObject::connect(application.styleHints(), &QStyleHints::colorSchemeChanged, &theme,
                         [&theme] { theme.setMode(theme.m_mode); });
#endif
        theme.m_applied = true;
    }
    theme.m_mode = mode;
    theme.m_dark = mode == ThemeMode::System ? theme.systemIsDark() : mode == ThemeMode::Dark;
    theme.install();
}

void Theme::setMode(ThemeMode mode) {
    m_mode = mode;
    const bool dark = mode == ThemeMode::System ? systemIsDark() : mode == ThemeMode::Dark;
    if (dark == m_dark) return;
    m_dark = dark;
    install();
}

void Theme::install() {
    QApplication::setFont(uiFont());
    QApplication::setPalette(paletteFor(tokens()));
    QToolTip::setFont(uiFont(12));
    qApp->setStyleSheet(styleSheet(tokens(), m_dark));
    Q_EMIT changed();
}

bool Theme::systemIsDark() const {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    return QGuiApplication::styleHints()->colorScheme() == Qt::ColorScheme::Dark;
#else
    return m_systemPaletteDark;
#endif
}

const Tokens& Theme::tokens() const {
    return tokensFor(m_dark);
}

const Tokens& Theme::tokensFor(bool dark) {
    static const Tokens light = lightTokens();
    static const Tokens night = darkTokens();
    return dark ? night : light;
}

const Tokens& tokens() {
    return Theme::instance().tokens();
}

QFont uiFont(int pixels, QFont::Weight weight) {
    static const QString family =
        firstInstalled({"Inter", "Cantarell", "Noto Sans", "DejaVu Sans"});
    QFont font =
        family.isEmpty() ? QFontDatabase::systemFont(QFontDatabase::GeneralFont) : QFont(family);
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

QFont monoFont(int pixels, QFont::Weight weight) {
    static const QString family =
        firstInstalled({"JetBrains Mono", "DejaVu Sans Mono", "Noto Sans Mono"});
    QFont font =
        family.isEmpty() ? QFontDatabase::systemFont(QFontDatabase::FixedFont) : QFont(family);
    font.setStyleHint(QFont::Monospace);
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

QColor familyColor(const QString& family) {
    static constexpr std::pair<const char*, QRgb> colors[] = {
        {"input/output", 0x667085},   {"convolution", 0x3B6EF5},      {"pooling", 0x0E9F9A},
        {"padding", 0x5B8DB8},        {"vision", 0x0891B2},           {"activation", 0xE8930C},
        {"normalisation", 0x8B5CF6},  {"linear", 0xD6457F},           {"embedding", 0xD6457F},
        {"distance", 0x64748B},       {"recurrent", 0x2F9E44},        {"attention", 0x2F9E44},
        {"regularisation", 0x9A6B3F}, {"shape operations", 0x64748B}, {"arithmetic", 0x64748B},
    };
    for (const auto& [name, rgb] : colors)
        if (family == QLatin1String(name)) return QColor(rgb);
    return QColor(0x64748B);
}

QString familyTitle(const QString& family) {
    return family.toUpper();
}

QColor seriesColor(int index) {
    // The eighth is Okabe and Ito's black, as a grey that both themes show.
    static const std::array<QRgb, kSeriesColors> colors{0x0072B2, 0xE69F00, 0x009E73, 0xD55E00,
                                                        0xCC79A7, 0x56B4E9, 0xC9BC1F, 0x7F8794};
    return QColor(colors[static_cast<std::size_t>(index % kSeriesColors)]);
}

bool motionAllowed() {
    return QApplication::style()->styleHint(QStyle::SH_Widget_Animation_Duration) > 0;
}

}  // namespace loom
