#include "core/project/delivered_dataset.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/data/dataset.h"

namespace loom {
namespace {

const char* const kType = "dtype";
const char* const kWhole = "int64";

/// The parameter that holds data sets within a data set; null where there is none.
const ParamSpec* membersOf(const DatasetKind& kind) {
    const auto found =
        std::find_if(kind.params.begin(), kind.params.end(),
                     [](const ParamSpec& spec) { return spec.type == ParamType::Kinds; });
    return found == kind.params.end() ? nullptr : &*found;
}

Choice inWholeNumbers(Choice choice) {
    const DatasetKind* kind = datasets().find(choice.kind);
    if (!kind) return choice;
    for (const ParamProblem& problem : checkParams(kind->params, choice.params))
        if (!problem.unknown) return choice;
    const Settings settings(kind->params, choice.params);
    if (findSpec(kind->params, kType) && settings.text(kType) == "auto")
        choice.params.set(kType, Value(kWhole));
    if (const ParamSpec* members = membersOf(*kind)) {
        std::vector<Choice> nested = nestedChoices(settings.value(members->key));
        for (Choice& one : nested) one = inWholeNumbers(std::move(one));
        choice.params.set(members->key, nestedValue(nested));
    }
    return choice;
}

}  // namespace

Choice deliveredDataset(const Project& project) {
    const bool whole = std::any_of(
        project.network.nodes.begin(), project.network.nodes.end(), [](const Node& node) {
            const Value* type = node.kind == "Input" ? node.params.find(kType) : nullptr;
            return type && type->isString() && type->asString() == kWhole;
        });
    return whole ? inWholeNumbers(project.data.dataset) : project.data.dataset;
}

bool deliversWhole(const Choice& dataset) {
    const DatasetKind* kind = datasets().find(dataset.kind);
    if (!kind) return false;
    const Settings settings(kind->params, dataset.params);
    if (findSpec(kind->params, kType)) return settings.text(kType) == kWhole;
    const ParamSpec* members = membersOf(*kind);
    const std::vector<Choice> nested =
        members ? nestedChoices(settings.value(members->key)) : std::vector<Choice>{};
    return !nested.empty() && std::all_of(nested.begin(), nested.end(), deliversWhole);
}

Project withDatasetParams(Project project, const Params& params) {
    for (const auto& [key, value] : params) {
        if (value.isNone())
            project.data.dataset.params.erase(key);
        else
            project.data.dataset.params.set(key, value);
    }
    return project;
}

}  // namespace loom
