#include "core/data/transforms/pipeline_fixes.h"

#include <algorithm>
#include <utility>

#include "core/base/kind_names.h"
#include "core/base/sentence.h"
#include "core/data/transforms/published_pipelines.h"

namespace loom {
namespace {

using Steps = std::vector<TransformChoice>;

/// Whether the step makes a tensor of a picture, as ToTensor does.
bool makesTensor(const TransformChoice& choice) {
    const TransformKind* kind = transforms().find(choice.kind);
    if (!kind || (!kind->takesPicture && !kind->makeForBytes)) return false;
    const auto made = kind->infer(Settings(kind->params, choice.params), {false, {-1, -1, -1}});
    return made && made->isTensor;
}

/// The first step of the range that makes a tensor; `end` when none does.
std::size_t findConverter(const Steps& steps, std::size_t begin, std::size_t end) {
    while (begin < end && !makesTensor(steps[begin])) ++begin;
    return begin;
}

Steps moved(Steps steps, std::size_t from, std::size_t to) {
    TransformChoice step = std::move(steps[from]);
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(from));
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(to), std::move(step));
    return steps;
}

Steps inserted(Steps steps, std::size_t at, const char* kind) {
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(at), TransformChoice{kind});
    return steps;
}

/// Whether ToImage has left bytes at the end of the range, which ToTensor does not take.
bool endsWithBytes(const Steps& steps, std::size_t end) {
    bool bytes = false;
    for (std::size_t i = 0; i < end; ++i) {
        const TransformKind* kind = transforms().find(steps[i].kind);
        if (!kind) continue;
        if (kind->bytes == TransformKind::Bytes::Begin) bytes = true;
        if (kind->bytes == TransformKind::Bytes::End || makesTensor(steps[i])) bytes = false;
    }
    return bytes;
}

/// With the step that makes a tensor of numbers of what arrives at `at`; its name for a button.
std::pair<Steps, std::string> withConverter(const Steps& steps, std::size_t at) {
    const char* kind = endsWithBytes(steps, at) ? "ToDtype" : "ToTensor";
    Steps mended = inserted(steps, at, kind);
    if (kind != std::string("ToTensor")) {
        mended[at].params.set("dtype", Value("float32"));
        mended[at].params.set("scale", Value(true));
    }
    return {std::move(mended), kind};
}

/// Ways for a step that gets a picture where it needs a tensor, or the other way round.
void mendOrder(const Steps& steps, std::size_t failed, const TransformKind& kind, bool isTensor,
               std::vector<PipelineFix>& fixes) {
    const std::string& name = kind.info.id;
    if (!isTensor && !kind.takesPicture) {
        const std::size_t converter = findConverter(steps, failed + 1, steps.size());
        if (converter < steps.size()) {
            fixes.push_back({"Move " + name + " behind " + steps[converter].kind,
                             moved(steps, failed, converter), static_cast<int>(converter)});
        } else {
            auto [mended, added] = withConverter(steps, failed);
            fixes.push_back(
                {sentence("Add {added} before {step}", {{"added", added}, {"step", name}}),
                 std::move(mended), static_cast<int>(failed) + 1});
        }
    } else if (isTensor && !kind.takesTensor && !makesTensor(steps[failed])) {
        const std::size_t converter = findConverter(steps, 0, failed);
        if (converter < failed)
            fixes.push_back({"Move " + name + " before " + steps[converter].kind,
                             moved(steps, failed, converter), static_cast<int>(converter)});
    }
}

/// A wrong parameter back to what it is without the user, or to what a fresh step begins with.
void mendParams(const Steps& steps, std::size_t failed, const TransformKind& kind,
                std::vector<PipelineFix>& fixes) {
    for (const ParamProblem& problem : checkParams(kind.params, steps[failed].params)) {
        const ParamSpec* spec = problem.unknown ? nullptr : findSpec(kind.params, problem.key);
        if (!spec || (spec->required && spec->suggestion.isNone())) continue;
        Steps mended = steps;
        if (spec->required)
            mended[failed].params.set(problem.key, spec->suggestion);
        else
            mended[failed].params.erase(problem.key);
        const Value& value = spec->required ? spec->suggestion : spec->defaultValue;
        fixes.push_back({"Set " + problem.key + " to " + value.toPython(), std::move(mended),
                         static_cast<int>(failed)});
    }
}

void mendName(const Steps& steps, std::size_t failed, std::vector<PipelineFix>& fixes) {
    if (const PublishedPipeline* published = findPublishedPipeline(steps[failed].kind)) {
        fixes.push_back({"Use the steps of " + published->weights, published->steps,
                         static_cast<int>(published->steps.size()) - 1});
        return;
    }
    std::vector<std::string> known;
    for (const TransformKind& one : transforms()) known.push_back(one.info.id);
    for (const std::string& near : meantKinds(steps[failed].kind, known)) {
        Steps mended = steps;
        mended[failed].kind = near;
        fixes.push_back({"Use " + near, std::move(mended), static_cast<int>(failed)});
        return;
    }
}

/// Every step fits, but what comes out is no tensor of one size.
void mendEnd(const Steps& steps, const SampleSpec& last, std::vector<PipelineFix>& fixes) {
    constexpr std::int64_t kUsualSide = 224;
    if (!last.isTensor) {
        auto [mended, converter] = withConverter(steps, steps.size());
        fixes.push_back({sentence("Add {step} at the end", {{"step", converter}}),
                         std::move(mended), static_cast<int>(steps.size())});
    } else if (!last.fixed() && last.dims.size() == 3) {
        const std::size_t at = findConverter(steps, 0, steps.size());
        Steps mended = inserted(steps, at, "Resize");
        mended[at].params.set("size", List{Value(kUsualSide), Value(kUsualSide)});
        fixes.push_back({"Add Resize to 224 × 224", std::move(mended), static_cast<int>(at)});
    }
}

}  // namespace

std::size_t findConverter(const Steps& steps) {
    return findConverter(steps, 0, steps.size());
}

std::vector<PipelineFix> pipelineFixes(const Steps& choices, const SampleSpec& input) {
    std::vector<PipelineFix> fixes;
    const PipelineInference inference = inferPipeline(choices, input);
    if (inference.failedStep < 0) {
        mendEnd(choices, inference.specs.empty() ? input : inference.specs.back(), fixes);
        return fixes;
    }
    const auto failed = static_cast<std::size_t>(inference.failedStep);
    const SampleSpec& before = failed == 0 ? input : inference.specs[failed - 1];
    const std::string& name = choices[failed].kind;
    if (const TransformKind* kind = transforms().find(name)) {
        mendOrder(choices, failed, *kind, before.isTensor, fixes);
        mendParams(choices, failed, *kind, fixes);
    } else {
        mendName(choices, failed, fixes);
    }
    Steps without = choices;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(failed));
    // Of a data set that gives tensors, a single ToTensor is one too many, but no second one.
    const bool second = before.isTensor && makesTensor(choices[failed]) &&
                        std::any_of(choices.begin(), choices.begin() + inference.failedStep,
                                    [&](const TransformChoice& one) { return one.kind == name; });
    fixes.push_back({(second ? "Remove the second " : "Remove ") + name, std::move(without), -1});
    return fixes;
}

}  // namespace loom
