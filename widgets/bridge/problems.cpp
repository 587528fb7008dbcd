#include "widgets/bridge/problems.h"

#include <algorithm>

namespace loom {

Tone toneOf(const Diagnostic& diagnostic) {
    if (diagnostic.severity == Severity::Info) return Tone::Note;
    if (isUnfinished(diagnostic)) return Tone::Advice;
    return diagnostic.severity == Severity::Error ? Tone::Danger : Tone::Warning;
}

QString cardTone(Tone tone) {
    return tone == Tone::Danger    ? QStringLiteral("danger")
           : tone == Tone::Warning ? QStringLiteral("warning")
                                   : QString();
}

QString textRole(Tone tone) {
    return tone == Tone::Danger    ? QStringLiteral("danger")
           : tone == Tone::Warning ? QStringLiteral("warning")
                                   : QStringLiteral("muted");
}

QString toneSign(Tone tone) {
    return tone == Tone::Danger    ? QStringLiteral("● ")
           : tone == Tone::Warning ? QStringLiteral("▲ ")
                                   : QStringLiteral("○ ");
}

const Diagnostic* foremostProblem(const ProjectReport& report) {
    const auto found =
        std::find_if(report.diagnostics.begin(), report.diagnostics.end(),
                     [](const Diagnostic& one) { return one.severity != Severity::Info; });
    return found == report.diagnostics.end() ? nullptr : &*found;
}

QString problemText(const Diagnostic& diagnostic) {
    const QString message = QString::fromStdString(diagnostic.message);
    return diagnostic.hint.empty()
               ? message
               : message + QLatin1Char(' ') + QString::fromStdString(diagnostic.hint);
}

}  // namespace loom
