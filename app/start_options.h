#pragma once

#include <QSize>
#include <QString>
#include <QStringList>
#include <optional>

#include "widgets/style/theme.h"

namespace loom {

/// What the program was asked for on its command line.
struct StartOptions {
    QString project;
    std::optional<ThemeMode> theme;
    QString page;
    QString screenshot;  ///< a PNG of the window, then the end
    QSize size{1280, 800};
    QString helpOn;    ///< a block, a layer or a page's key ("loss/MSELoss") whose help is open
    QString run;       ///< a run folder whose curves the Train page shows
    QString curvesOf;  ///< a run folder whose curves become a picture, then the end
    QString curvesTo;
    QString problem;  ///< a sentence when the command line is wrong
    bool help = false;
    bool version = false;

    /// Neither needs a display.
    bool offscreen() const { return !screenshot.isEmpty() || !curvesOf.isEmpty(); }
    static StartOptions read(const QStringList& arguments);
    static QString usage();
};

}  // namespace loom
