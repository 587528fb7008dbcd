#pragma once

#include <QString>

#include "core/check/problem_place.h"
#include "core/project/project_check.h"

namespace loom {

/// How loudly a diagnostic is shown. What is only not drawn yet is advice, not an alarm.
enum class Tone { Note, Advice, Warning, Danger };

Tone toneOf(const Diagnostic& diagnostic);
/// Of a Card: "", "warning" or "danger".
QString cardTone(Tone tone);
/// Of a label, as the style sheet knows it.
QString textRole(Tone tone);
/// Stands before a problem in a line; its form says what its colour says.
QString toneSign(Tone tone);

/// The problem that the status bar names, Train goes to and Alt+Enter mends: the first that is more
/// than a note. Null when there is none.
const Diagnostic* foremostProblem(const ProjectReport& report);

/// What is wrong and what to do, as one text.
QString problemText(const Diagnostic& diagnostic);

}  // namespace loom
