#include "core/data/transform.h"

#include <iterator>

#include "core/base/kind_names.h"
#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/data/transforms/published_pipelines.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {

const Catalogue<TransformKind>& transforms() {
    static const Catalogue<TransformKind> catalogue({
        toTensorKind(),
        normalizeKind(),
        resizeKind(),
        centerCropKind(),
        randomCropKind(),
        randomResizedCropKind(),
        fiveCropKind(),
        tenCropKind(),
        padKind(),
        randomHorizontalFlipKind(),
        randomVerticalFlipKind(),
        randomRotationKind(),
        randomAffineKind(),
        randomPerspectiveKind(),
        elasticTransformKind(),
        grayscaleKind(),
        randomGrayscaleKind(),
        colorJitterKind(),
        gaussianBlurKind(),
        randomInvertKind(),
        randomPosterizeKind(),
        randomSolarizeKind(),
        randomAdjustSharpnessKind(),
        randomAutocontrastKind(),
        randomEqualizeKind(),
        autoAugmentKind(),
        randAugmentKind(),
        trivialAugmentWideKind(),
        randomErasingKind(),
        linearTransformationKind(),
        toPILImageKind(),
        convertImageDtypeKind(),
        toImageKind(),
        toDtypeKind(),
        identityKind(),
        rgbKind(),
        randomChannelPermutationKind(),
        randomPhotometricDistortKind(),
        gaussianNoiseKind(),
        scaleJitterKind(),
        randomShortestSizeKind(),
        randomResizeKind(),
        randomZoomOutKind(),
        randomApplyKind(),
        randomChoiceKind(),
        randomOrderKind(),
    });
    return catalogue;
}

namespace {

/// Why a step cannot take the bytes that ToImage has left.
std::optional<Error> bytesProblem(const TransformKind& kind) {
    const std::string& name = kind.info.id;
    if (kind.makeForBytes) return std::nullopt;
    if (kind.bytes == TransformKind::Bytes::Begin || name == "ToTensor")
        return Error{sentence("{name} finds a tensor of bytes already.", {{"name", name}}),
                     sentence("Take {name} away.", {{"name", name}})};
    if (!kind.takesPicture)
        return Error{sentence("{name} works on numbers from 0 to 1, but bytes from 0 to 255 arrive "
                              "here.",
                              {{"name", name}}),
                     sentence("Put ToDtype with scale on before {name}.", {{"name", name}})};
    return Error{
        sentence("{name} is not known here for the bytes that ToImage makes.", {{"name", name}}),
        sentence("Put {name} before ToImage.", {{"name", name}})};
}

/// Whether bytes for Python's v2 stand behind a step.
bool bytesBehind(const TransformKind& kind, bool before, bool isTensor) {
    if (isTensor || kind.bytes == TransformKind::Bytes::End) return false;
    return before || kind.bytes == TransformKind::Bytes::Begin;
}

/// Why a step cannot take what arrives, by its type alone.
std::optional<Error> typeProblem(const std::string& name, bool takesPicture, bool takesTensor,
                                 bool isTensor, std::size_t rank) {
    if (isTensor && !takesTensor)
        return Error{name + " works on pictures, but a tensor arrives here.",
                     name == "ToTensor" ? "What arrives is a tensor already: take ToTensor away."
                                        : "Put " + name + " before ToTensor."};
    if (!isTensor && !takesPicture)
        return Error{name + " works on tensors, but a picture arrives here.",
                     "Put ToTensor before " + name + "."};
    if (isTensor && rank != 3)
        return Error{name + " needs a tensor C × H × W, but one with " + std::to_string(rank) +
                         (rank == 1 ? " side" : " sides") + " arrives here.",
                     "Take " + name + " away."};
    return std::nullopt;
}

Result<const TransformKind*> kindOf(const TransformChoice& choice) {
    if (const TransformKind* kind = transforms().find(choice.kind)) return kind;
    if (const PublishedPipeline* published = findPublishedPipeline(choice.kind))
        return Error{sentence("{weights} is a whole list of transforms, no step of one.",
                              {{"weights", published->weights}}),
                     "Put its steps in place of the list; the catalogue has them."};
    std::vector<std::string> known;
    for (const TransformKind& one : transforms()) known.push_back(one.info.id);
    const std::string meant = meantKindHint(choice.kind, known);
    return Error{"There is no transform called " + choice.kind + " here.",
                 meant.empty() ? "Take it away, or choose another one." : meant};
}

/// The kind of a step whose parameters are each in range.
Result<const TransformKind*> checkedKind(const TransformChoice& choice) {
    auto kind = kindOf(choice);
    if (!kind) return kind.error();
    for (const ParamProblem& problem : checkParams((*kind)->params, choice.params))
        if (!problem.unknown) return Error{choice.kind + ": " + problem.message, problem.hint};
    return kind;
}

}  // namespace

Result<Pipeline> Pipeline::make(const std::vector<TransformChoice>& choices) {
    Pipeline pipeline;
    bool bytes = false;
    for (const TransformChoice& choice : choices) {
        const std::string place = "Transform " + std::to_string(pipeline.m_steps.size() + 1) + ": ";
        const auto kind = checkedKind(choice);
        if (!kind) return Error{place + kind.error().message, kind.error().hint};
        const Settings settings((*kind)->params, choice.params);
        // Numbers that do not go together show with any input, also one of unknown size.
        if (bytes)
            if (auto problem = bytesProblem(**kind))
                return Error{place + problem->message, problem->hint};
        auto fits = (*kind)->infer(settings, {!(*kind)->takesPicture && !bytes, {-1, -1, -1}});
        if (!fits && (*kind)->takesPicture && (*kind)->takesTensor)
            if (auto others = (*kind)->infer(settings, {true, {-1, -1, -1}})) fits = others;
        if (!fits) return Error{place + fits.error().message, fits.error().hint};
        pipeline.m_steps.push_back(
            {choice.kind, (*kind)->takesPicture || bytes, (*kind)->takesTensor,
             bytes ? (*kind)->makeForBytes(settings) : (*kind)->make(settings)});
        bytes = bytesBehind(**kind, bytes, bytes && fits->isTensor);
    }
    pipeline.makeTables();
    return pipeline;
}

Result<std::vector<SampleInput>> Transform::applyAll(SampleInput input, TorchRandom& random,
                                                     std::string* trace) const {
    auto made = apply(std::move(input), random, trace);
    if (!made) return made.error();
    std::vector<SampleInput> one;
    one.push_back(std::move(*made));
    return one;
}

std::optional<PictureWindow> Transform::chooseWindow(std::int64_t, std::int64_t, TorchRandom&,
                                                     std::string*) const {
    return std::nullopt;
}

Result<SampleInput> Transform::applyToWindow(SampleInput cut) const {
    return cut;
}

Result<std::vector<SampleInput>> Pipeline::Step::apply(SampleInput input, TorchRandom& random,
                                                       std::string* trace) const {
    const auto* tensor = std::get_if<TensorSample>(&input);
    if (auto problem = typeProblem(name, takesPicture, takesTensor, tensor != nullptr,
                                   tensor ? tensor->dims.size() : 3))
        return *problem;
    return transform->applyAll(std::move(input), random, trace);
}

Result<std::vector<SampleInput>> Pipeline::applyStep(const Step& step,
                                                     std::vector<SampleInput> views,
                                                     TorchRandom& random, std::string* trace) {
    std::vector<SampleInput> made;
    for (SampleInput& view : views) {
        std::string draws;
        auto some = step.apply(std::move(view), random, trace ? &draws : nullptr);
        if (!some) return some.error();
        for (SampleInput& one : *some) made.push_back(std::move(one));
        if (trace && !draws.empty()) *trace += (trace->empty() ? "" : "; ") + draws;
    }
    return made;
}

Result<std::vector<SampleInput>> Pipeline::applyAll(SampleInput input, TorchRandom& random,
                                                    std::vector<std::string>* trace) const {
    std::vector<SampleInput> views;
    views.push_back(std::move(input));
    for (const Step& step : m_steps) {
        std::string draws;
        auto made = applyStep(step, std::move(views), random, trace ? &draws : nullptr);
        if (!made) return made.error();
        views = std::move(*made);
        if (!draws.empty()) trace->push_back(step.name + ": " + draws);
    }
    return views;
}

Result<std::vector<Pipeline::Stage>> Pipeline::stages(SampleInput input,
                                                      TorchRandom& random) const {
    std::vector<Stage> stages;
    stages.push_back({std::move(input), {}});
    for (const Step& step : m_steps) {
        std::vector<SampleInput> views;
        views.push_back(stages.back().value);
        for (const SampleInput& other : stages.back().otherViews) views.push_back(other);
        std::string draws;
        auto made = applyStep(step, std::move(views), random, &draws);
        if (!made) return made.error();
        Stage stage;
        stage.value = std::move(made->front());
        stage.draws = std::move(draws);
        stage.otherViews.assign(std::make_move_iterator(made->begin() + 1),
                                std::make_move_iterator(made->end()));
        stages.push_back(std::move(stage));
    }
    return stages;
}

PipelineInference inferPipeline(const std::vector<TransformChoice>& choices,
                                const SampleSpec& input) {
    PipelineInference inference;
    SampleSpec spec = input;
    if (!spec.isTensor && spec.dims.size() != 3) spec.dims = {-1, -1, -1};
    bool bytes = false;
    for (const TransformChoice& choice : choices) {
        Result<SampleSpec> made = [&]() -> Result<SampleSpec> {
            const auto kind = checkedKind(choice);
            if (!kind) return kind.error();
            if (bytes)
                if (auto problem = bytesProblem(**kind)) return *problem;
            if (auto problem = typeProblem(choice.kind, (*kind)->takesPicture || bytes,
                                           (*kind)->takesTensor, spec.isTensor, spec.dims.size()))
                return *problem;
            SampleSpec one = spec;
            one.views = 1;
            auto after = (*kind)->infer(Settings((*kind)->params, choice.params), one);
            if (after) after->views *= spec.views;
            if (after) bytes = bytesBehind(**kind, bytes, after->isTensor);
            return after;
        }();
        if (!made) {
            inference.failedStep = static_cast<int>(inference.specs.size());
            inference.problem = made.error();
            return inference;
        }
        spec = *made;
        inference.specs.push_back(spec);
    }
    return inference;
}

}  // namespace loom
