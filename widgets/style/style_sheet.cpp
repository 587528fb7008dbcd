#include "widgets/style/style_sheet.h"

#include <QFile>
#include <QRegularExpression>
#include <QtGlobal>
#include <algorithm>
#include <utility>

namespace loom {

QString styleSheet(const Tokens& t, bool dark) {
    QFile file(QStringLiteral(":/style/loom.qss"));
    if (!file.open(QIODevice::ReadOnly)) qFatal("The style sheet is missing from the program.");
    const QString sheet = QString::fromUtf8(file.readAll());

    const std::pair<const char*, QString> names[] = {
        {"window", t.window.name()},
        {"panel", t.panel.name()},
        {"surface", t.surface.name()},
        {"canvas", t.canvas.name()},
        {"hairline", t.hairline.name()},
        {"field", t.field.name()},
        {"text", t.text.name()},
        {"muted", t.muted.name()},
        {"accent", t.accent.name()},
        {"accentHover", t.accentHover.name()},
        {"accentSoft", t.accentSoft.name()},
        {"onAccent", t.onAccent.name()},
        {"danger", t.danger.name()},
        {"dangerSoft", t.dangerSoft.name()},
        {"warning", t.warning.name()},
        {"warningSoft", t.warningSoft.name()},
        {"good", t.good.name()},
        {"goodSoft", t.goodSoft.name()},
        {"hover", t.hover.name()},
        {"mode", dark ? QStringLiteral("dark") : QStringLiteral("light")},
        {"mono", monoFont().family()},
    };
    static const QRegularExpression word(QStringLiteral("@([A-Za-z]+)"));
    QString result;
    qsizetype last = 0;
    for (auto it = word.globalMatch(sheet); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        result += sheet.mid(last, match.capturedStart() - last);
        last = match.capturedEnd();
        const QString name = match.captured(1);
        const auto* found =
            std::find_if(std::begin(names), std::end(names),
                         [&](const auto& entry) { return name == QLatin1String(entry.first); });
        if (found == std::end(names))
            qFatal("The style sheet asks for @%s, which is not a colour.", qPrintable(name));
        result += found->second;
    }
    return result + sheet.mid(last);
}

}  // namespace loom
