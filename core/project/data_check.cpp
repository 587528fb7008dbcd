#include "core/project/data_check.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>

#include "core/data/transforms/pipeline_fixes.h"

namespace loom {

namespace {

/// Draws every class equally often as long as no weights are given.
constexpr const char* kBalancedSampler = "WeightedRandomSampler";

using Steps = std::vector<Choice>;

Steps::iterator findStep(Steps& steps, const char* kind) {
    return std::find_if(steps.begin(), steps.end(),
                        [&](const Choice& step) { return step.kind == kind; });
}

/// The list's Normalize; one behind ToTensor where it has none yet.
Choice& normalizeOf(Steps& steps) {
    auto step = findStep(steps, "Normalize");
    if (step == steps.end()) {
        const std::size_t tensor = std::min(findConverter(steps) + 1, steps.size());
        step =
            steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(tensor), Choice{"Normalize"});
    }
    return *step;
}

Result<Project> useStatistics(Project project, const DataFix& fix) {
    for (Steps* steps : {&project.data.trainTransforms, &project.data.testTransforms})
        for (const auto& [key, value] : fix.values) normalizeOf(*steps).params.set(key, value);
    return project;
}

Result<Project> sameNormalize(Project project, const DataFix&) {
    const auto step = findStep(project.data.trainTransforms, "Normalize");
    if (step == project.data.trainTransforms.end())
        return Error{"The training list has no Normalize any more.", "Check the data again."};
    normalizeOf(project.data.testTransforms) = *step;
    return project;
}

Result<Project> balanceClasses(Project project, const DataFix&) {
    project.training.sampler = Choice{kBalancedSampler};
    project.training.shuffle = false;
    return project;
}

Result<Project> holdBack(Project project, const DataFix&) {
    Part part;
    part.fraction = 0.2;
    project.data.validation = part;
    return project;
}

/// Random steps that must leave a size behind become the ones that take the middle.
Result<Project> steadyTest(Project project, const DataFix&) {
    Steps steady;
    for (const Choice& step : project.data.testTransforms) {
        const TransformKind* kind = transforms().find(step.kind);
        if (!kind || !kind->random) {
            steady.push_back(step);
            continue;
        }
        const Value* size = step.params.find("size");
        if (!size) continue;
        const bool resized = step.params.contains("scale") || step.params.contains("ratio") ||
                             findSpec(kind->params, "scale");
        // What crops and scales at random leaves the whole picture scaled.
        if (resized) steady.push_back(Choice{"Resize", {{"size", *size}}});
        steady.push_back(Choice{"CenterCrop", {{"size", *size}}});
    }
    project.data.testTransforms = std::move(steady);
    return project;
}

}  // namespace

DatasetCheckRequest dataCheckRequest(const Project& project, const ProjectReport& report) {
    DatasetCheckRequest request;
    request.dataset = project.data.dataset;
    request.trainTransforms = project.data.trainTransforms;
    request.testTransforms = project.data.testTransforms;
    request.seed = static_cast<std::uint64_t>(project.training.seed);
    request.validated = project.data.validation.has_value();
    request.needsLabels = !project.data.targetIsInput;
    const SamplerKind* sampler =
        project.training.sampler ? samplers().find(project.training.sampler->kind) : nullptr;
    request.balanced = sampler && sampler->needsClasses;
    const std::vector<NodeId> outputs = nodesOfKind(project.network, "Output");
    const Edge* wire = outputs.size() == 1 ? project.network.edgeInto({outputs[0], 0}) : nullptr;
    const Shape* shape = wire ? report.shapes.shapeAt(wire->from) : nullptr;
    const Node* source = wire ? project.network.find(wire->from.node) : nullptr;
    const LossKind* loss = losses().find(project.training.loss.kind);
    if (!shape || shape->dims.empty() || !source || !loss || project.data.targetIsInput ||
        report.target.type != TargetSpec::Type::ClassIndex)
        return request;
    request.outputs = shape->dims.front();
    request.outputBlock = source->id;
    request.judge = [loss, params = project.training.loss.params, output = *shape, block = *source,
                     network = project.network](const TargetSpec& target) {
        return loss->check({Settings(loss->params, params), output, block, target, network});
    };
    return request;
}

Result<Project> applyDataFix(const Project& project, const DataFix& fix) {
    static const std::map<std::string, std::function<Result<Project>(Project, const DataFix&)>>
        fixes{{"use_statistics", useStatistics},
              {"same_normalize", sameNormalize},
              {"balance_classes", balanceClasses},
              {"hold_back", holdBack},
              {"steady_test", steadyTest}};
    const auto found = fixes.find(fix.id);
    if (found == fixes.end())
        return Error{"This version does not know how to do this: " + fix.label + ".",
                     "Change the settings by hand."};
    return found->second(project, fix);
}

}  // namespace loom
