#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QString>
#include <array>

class QApplication;

namespace loom {

/// Every colour of the program, by what it is for. One set for light, one for dark.
struct Tokens {
    QColor window, panel, surface;
    QColor canvas, gridDot;
    QColor hairline;
    QColor field;  ///< border of things one types into; stronger than a hairline
    QColor text, muted;
    QColor canvasLabel;  ///< small text straight on the canvas
    QColor accent, accentHover, accentSoft;
    QColor onAccent;  ///< text on an accent surface
    QColor danger, dangerSoft, warning, warningSoft, good, goodSoft;
    QColor hover;  ///< behind rows and ghost buttons under the mouse
    QColor wire;
    QColor shadow;
};

enum class ThemeMode { System, Light, Dark };

/// The look in force. `changed` is emitted after palette, fonts and style sheet have been replaced:
/// whoever paints by hand repaints then.
class Theme : public QObject {
    Q_OBJECT
public:
    static Theme& instance();

    /// Installs style, fonts, palette and style sheet. Call once, before the first widget.
    static void apply(QApplication& application, ThemeMode mode = ThemeMode::System);
    void setMode(ThemeMode mode);
    ThemeMode mode() const { return m_mode; }
    bool isDark() const { return m_dark; }
    const Tokens& tokens() const;
    static const Tokens& tokensFor(bool dark);

Q_SIGNALS:
    void changed();

private:
    Theme() = default;
    void install();
    bool systemIsDark() const;

    ThemeMode m_mode = ThemeMode::System;
    bool m_dark = false;
    bool m_systemPaletteDark = false;
    bool m_applied = false;
};

/// Shorthand for Theme::instance().tokens().
const Tokens& tokens();

/// The interface font at 13 px or another size; Inter where it is installed.
QFont uiFont(int pixels = 13, QFont::Weight weight = QFont::Normal);
/// For numbers, shapes and code: every figure as wide as the next. JetBrains Mono where installed.
QFont monoFont(int pixels = 12, QFont::Weight weight = QFont::Normal);

/// The colour of a layer's family ("convolution", "pooling", ...); grey for one not known.
QColor familyColor(const QString& family);
/// "CONVOLUTION", as headings of the palette say it.
QString familyTitle(const QString& family);

/// Okabe and Ito's colours, told apart by colour-blind people; for curves. Counts around after
/// eight.
QColor seriesColor(int index);
constexpr int kSeriesColors = 8;

/// False when the system asks for no animation.
bool motionAllowed();

}  // namespace loom
