#include "widgets/data/step_kinds.h"

#include <algorithm>
#include <cmath>

namespace loom {

namespace {

const ParamSpec* partsSpec(const TransformKind& kind) {
    const auto found =
        std::find_if(kind.params.begin(), kind.params.end(),
                     [](const ParamSpec& spec) { return spec.type == ParamType::Kinds; });
    return found == kind.params.end() ? nullptr : &*found;
}

Value rounded(const std::vector<double>& numbers) {
    List list;
    for (const double number : numbers) list.emplace_back(std::round(number * 1e4) / 1e4);
    if (list.empty()) list.emplace_back(0.5);
    return Value(std::move(list));
}

}  // namespace

std::vector<Choice>& stepsOf(Project& project, Split split) {
    return split == Split::Train ? project.data.trainTransforms : project.data.testTransforms;
}

const std::vector<Choice>& stepsOf(const Project& project, Split split) {
    return split == Split::Train ? project.data.trainTransforms : project.data.testTransforms;
}

std::vector<Choice> innerSteps(const Choice& step) {
    const TransformKind* kind = transforms().find(step.kind);
    const ParamSpec* parts = kind ? partsSpec(*kind) : nullptr;
    const Value* list = parts ? step.params.find(parts->key) : nullptr;
    return list ? nestedChoices(*list) : std::vector<Choice>();
}

Choice freshStep(const TransformKind& kind, const DatasetFacts& facts, std::int64_t side) {
    Choice step{kind.info.id, startingParams(kind.params)};
    for (const ParamSpec& spec : kind.params) {
        if (!spec.required) continue;
        if (spec.key == "mean")
            step.params.set(spec.key, rounded(facts.mean));
        else if (spec.key == "std")
            step.params.set(spec.key, rounded(facts.deviation));
        else if (spec.key == "size" && side > 0)
            step.params.set(spec.key, Value(side));
    }
    return step;
}

ChoiceForm::Subject stepSubject(Split split, std::size_t step) {
    ChoiceForm::Subject subject = catalogueSubject("transform", transforms());
    subject.partsKey = "transforms";
    subject.partName = "step";
    subject.partKinds = [](const std::string& id) {
        std::vector<std::string> kinds;
        const TransformKind* owner = transforms().find(id);
        if (!owner || !partsSpec(*owner)) return kinds;
        for (const TransformKind& kind : transforms()) kinds.push_back(kind.info.id);
        return kinds;
    };
    subject.adapt = [](const Project&, Choice& choice) {
        const TransformKind* kind = transforms().find(choice.kind);
        if (!kind) return;
        for (const auto& [key, value] : freshStep(*kind, {}, 0).params)
            if (!choice.params.contains(key)) choice.params.set(key, value);
    };
    subject.get = [split, step](const Project& project) -> std::optional<Choice> {
        const std::vector<Choice>& steps = stepsOf(project, split);
        if (step >= steps.size()) return std::nullopt;
        return steps[step];
    };
    subject.set = [split, step](Project& project, std::optional<Choice> choice) {
        std::vector<Choice>& steps = stepsOf(project, split);
        if (choice && step < steps.size()) steps[step] = std::move(*choice);
    };
    return subject;
}

std::string stepPython(const Choice& step) {
    const TransformKind* kind = transforms().find(step.kind);
    if (!kind) return step.kind + "(…)";
    const ParamSpec* parts = partsSpec(*kind);
    if (!parts) return pythonCall("transforms." + step.kind, kind->params, step.params);
    std::string list;
    for (const Choice& inner : innerSteps(step))
        list += (list.empty() ? "" : ", ") + stepPython(inner);
    // The list is written here: a kind in it is a call of its own, not a dict.
    std::vector<ParamSpec> others;
    Params values;
    for (const ParamSpec& spec : kind->params) {
        if (spec.key == parts->key) continue;
        others.push_back(spec);
        if (const Value* value = step.params.find(spec.key)) values.set(spec.key, *value);
    }
    const std::string rest = pythonCall("", others, values);
    return "transforms." + step.kind + "([" + list + "]" +
           (rest.size() > 2 ? ", " + rest.substr(1) : ")");
}

}  // namespace loom
