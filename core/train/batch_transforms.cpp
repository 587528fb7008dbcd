#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/backend/batch_transform.h"
#include "core/base/value.h"
#include "core/catalogue/training_kinds.h"

namespace loom {
namespace {

using backend::BatchTransform;
using backend::MixedBatch;

std::string noteOf(const char* name, double lambda) {
    char text[64];
    std::snprintf(text, sizeof text, "%s, λ %.3f", name, lambda);
    return text;
}

/// `float(torch.distributions.Beta(alpha, alpha).sample())`: Beta is a Dirichlet of two there.
double drawLambda(double alpha) {
    const at::Tensor pair = at::_sample_dirichlet(at::full({1, 2}, alpha, at::kFloat));
    return pair[0][0].item<double>();
}

/// Each sample's neighbour is the one before it, the first one's the last.
at::Tensor mixed(const at::Tensor& values, double lambda) {
    return values.roll(1, 0).mul_(1.0 - lambda).add_(values.mul(lambda));
}

class MixUp : public BatchTransform {
public:
    explicit MixUp(double alpha) : m_alpha(alpha) {}
    MixedBatch apply(const at::Tensor& input, const at::Tensor& shares) const override {
        const double lambda = drawLambda(m_alpha);
        return {mixed(input, lambda), mixed(shares, lambda), noteOf("MixUp", lambda)};
    }

private:
    double m_alpha;
};

class CutMix : public BatchTransform {
public:
    explicit CutMix(double alpha) : m_alpha(alpha) {}
    MixedBatch apply(const at::Tensor& input, const at::Tensor& shares) const override {
        const double lambda = drawLambda(m_alpha);
        const std::int64_t height = input.size(-2), width = input.size(-1);
        const auto drawn = [](std::int64_t side) {
            return torch::randint(side, {1}, at::kLong).item<std::int64_t>();
        };
        const std::int64_t x = drawn(width);
        const std::int64_t y = drawn(height);
        const double half = 0.5 * std::sqrt(1.0 - lambda);
        const auto halfWidth = static_cast<std::int64_t>(half * static_cast<double>(width));
        const auto halfHeight = static_cast<std::int64_t>(half * static_cast<double>(height));
        const std::int64_t left = std::max<std::int64_t>(x - halfWidth, 0);
        const std::int64_t top = std::max<std::int64_t>(y - halfHeight, 0);
        const std::int64_t right = std::min(x + halfWidth, width);
        const std::int64_t bottom = std::min(y + halfHeight, height);
        const double kept = 1.0 - static_cast<double>((right - left) * (bottom - top)) /
                                      static_cast<double>(width * height);
        at::Tensor cut = input.clone();
        const auto window = [&](const at::Tensor& of) {
            return of.slice(-2, top, bottom).slice(-1, left, right);
        };
        window(cut).copy_(window(input.roll(1, 0)));
        return {cut, mixed(shares, kept), noteOf("CutMix", kept)};
    }

private:
    double m_alpha;
};

ParamSpec alphaParam() {
    return {.key = "alpha",
            .type = ParamType::Float,
            .defaultValue = 1.0,
            .hint =
                "Both parameters of the Beta distribution that λ is drawn from: 1 makes every "
                "mixture as likely, less prefers nearly pure samples.",
            .minimum = 0,
            .minimumExcluded = true};
}

template <class Transform>
BatchTransformKind kindOf(KindInfo info) {
    BatchTransformKind kind;
    kind.info = std::move(info);
    kind.params = {alphaParam()};
    kind.build = [](const Settings& s) -> std::shared_ptr<BatchTransform> {
        return std::make_shared<Transform>(s.number("alpha"));
    };
    return kind;
}

}  // namespace

backend::BatchMixer::BatchMixer(const std::vector<Choice>& choices) {
    for (const Choice& choice : choices) {
        const BatchTransformKind* kind = batchTransforms().find(choice.kind);
        m_transforms.push_back(kind->build(Settings(kind->params, choice.params)));
    }
}

MixedBatch backend::BatchMixer::mix(const at::Tensor& input, const at::Tensor& labels,
                                    std::int64_t classes) const {
    std::size_t chosen = 0;
    if (m_transforms.size() > 1) {
        // torchvision's RandomChoice draws even among equals.
        const auto count = static_cast<std::int64_t>(m_transforms.size());
        const at::Tensor drawn = at::multinomial(at::ones({count}) / static_cast<double>(count), 1);
        chosen = static_cast<std::size_t>(drawn.item<std::int64_t>());
    }
    return m_transforms[chosen]->apply(input, at::one_hot(labels, classes).to(at::kFloat));
}

const Catalogue<BatchTransformKind>& batchTransforms() {
    static const Catalogue<BatchTransformKind> catalogue({
        kindOf<MixUp>({.id = "MixUp",
                       .family = "on batches",
                       .summary = "blends each sample of a batch with its neighbour",
                       .details =
                           "Every picture becomes a blend of itself and the one before it in the "
                           "batch, and its answer a blend of the two classes in the same shares. "
                           "The network learns to answer between classes and over-fits less. Needs "
                           "a loss that takes shares of classes, such as CrossEntropyLoss.",
                       .python = "torchvision.transforms.v2.MixUp",
                       .keywords = {"blend", "augment", "regularise", "beta"},
                       .formula = "λ ~ Beta(alpha, alpha)\nx' = λ·x + (1 − λ)·x of the neighbour\n"
                                  "y' = λ·y + (1 − λ)·y of the neighbour"}),
        kindOf<CutMix>(
            {.id = "CutMix",
             .family = "on batches",
             .summary = "pastes a window of its neighbour into each sample of a batch",
             .details = "A window at a random place, of the share 1 − λ of the picture, is taken "
                        "from the picture before it in the batch; the answer has both classes, "
                        "each with its share of the pixels. Needs a loss that takes shares of "
                        "classes, such as CrossEntropyLoss.",
             .python = "torchvision.transforms.v2.CutMix",
             .keywords = {"paste", "cut", "augment", "regularise", "beta"},
             .formula = "λ ~ Beta(alpha, alpha), sides of the window √(1 − λ) of the picture's\n"
                        "λ' = share of pixels kept\ny' = λ'·y + (1 − λ')·y of the neighbour"}),
    });
    return catalogue;
}

}  // namespace loom
