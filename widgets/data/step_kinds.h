#pragma once

#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "core/project/project.h"
#include "widgets/data/preview.h"
#include "widgets/inspector/section_forms.h"

namespace loom {

std::vector<Choice>& stepsOf(Project& project, Split split);
const std::vector<Choice>& stepsOf(const Project& project, Split split);

/// The steps that a step is made of, such as RandomApply's; empty for the others.
std::vector<Choice> innerSteps(const Choice& step);

/// A step with something that works at once where its kind has no default: the measured mean and
/// deviation, the side of the pictures.
Choice freshStep(const TransformKind& kind, const DatasetFacts& facts, std::int64_t side);

/// A step of a list, for forms.
ChoiceForm::Subject stepSubject(Split split, std::size_t step);

/// The step's own parameters as Python has them, inner steps included.
std::string stepPython(const Choice& step);

}  // namespace loom
