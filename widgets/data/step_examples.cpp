#include "widgets/data/step_examples.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/data/transforms/resample.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/sample_image.h"
#include "widgets/data/step_kinds.h"

namespace loom {

namespace {

// Enough to see what happens, little enough for forty of them at once.
constexpr int kSide = 76;

SampleInput small(const SampleInput& sample) {
    const auto* picture = std::get_if<Picture>(&sample);
    if (!picture || std::max(picture->width, picture->height) <= kSide) return sample;
    const double scale = double(kSide) / std::max(picture->width, picture->height);
    return resample(*picture, std::max(1, int(picture->width * scale)),
                    std::max(1, int(picture->height * scale)), "bilinear");
}

/// The steps that bring a sample to what the kind takes, the kind last.
std::vector<Choice> stepsFor(const TransformKind& kind, const SampleInput& sample,
                             const DatasetFacts& facts) {
    std::vector<Choice> steps;
    if (std::holds_alternative<Picture>(sample) && !kind.takesPicture)
        steps.push_back(Choice{kind.makeForBytes ? "ToImage" : "ToTensor"});
    const auto* picture = std::get_if<Picture>(&sample);
    // Three quarters of the picture: a crop of the whole would show nothing.
    const std::int64_t side =
        picture ? std::max(4, std::min(picture->width, picture->height) * 3 / 4) : 0;
    Choice step = freshStep(kind, facts, side);
    const ParamSpec* often = findSpec(kind.params, "p");
    if (often && often->type == ParamType::Float) step.params.set("p", Value(1.0));
    steps.push_back(std::move(step));
    return steps;
}

}  // namespace

std::vector<StepExample> stepExamples(const SampleInput& sample, const DatasetFacts& facts,
                                      const std::atomic<bool>& cancelled) {
    std::vector<StepExample> examples;
    const SampleInput before = small(sample);
    const QImage beforeImage = toImage(before, nullptr);
    for (const TransformKind& kind : transforms()) {
        if (cancelled) break;
        const auto pipeline = Pipeline::make(stepsFor(kind, before, facts));
        if (!pipeline) continue;
        TorchRandom random(3);
        auto stages = pipeline->stages(before, random);
        if (!stages) continue;
        const std::vector<TransformChoice> nothingUndone;
        // The step itself shows: what it does to a tensor is not taken back.
        const SampleInput& made = stages->back().value;
        const bool stretched = kind.takesTensor && !kind.takesPicture;
        examples.push_back(
            {q(kind.info.id), beforeImage, toImage(made, stretched ? nullptr : &nothingUndone)});
    }
    return examples;
}

}  // namespace loom
