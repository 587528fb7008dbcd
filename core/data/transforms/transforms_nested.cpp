#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>

#include "core/base/sentence.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

std::string joinedTexts(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
    return all;
}

/// Steps that a random step runs, each a list of one, so that it may run them in any order.
class Steps {
public:
    explicit Steps(const Settings& settings) {
        for (const TransformChoice& choice : nestedChoices(settings.value("transforms"))) {
            auto step = Pipeline::make({choice});
            if (!step) continue;  // `infer` has told of it before
            m_steps.push_back(std::move(*step));
            m_names.push_back(choice.kind);
        }
    }
    std::size_t size() const { return m_steps.size(); }
    const std::string& name(std::size_t step) const { return m_names[step]; }

    /// Runs them in that order; `told` gets what each drew.
    Result<std::vector<SampleInput>> run(const std::vector<std::size_t>& order, SampleInput input,
                                         TorchRandom& random,
                                         std::vector<std::string>* told) const {
        std::vector<SampleInput> views;
        views.push_back(std::move(input));
        for (const std::size_t step : order) {
            std::vector<SampleInput> next;
            for (SampleInput& view : views) {
                auto made = m_steps[step].applyAll(std::move(view), random, told);
                if (!made) return made.error();
                std::move(made->begin(), made->end(), std::back_inserter(next));
            }
            views = std::move(next);
        }
        return views;
    }

private:
    std::vector<Pipeline> m_steps;
    std::vector<std::string> m_names;
};

/// A step made of others: derived classes say which of them run.
class Nested : public Transform {
public:
    explicit Nested(const Settings& settings) : m_steps(settings) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        auto all = applyAll(std::move(input), random, trace);
        if (!all) return all.error();
        return std::move(all->front());
    }

    Result<std::vector<SampleInput>> applyAll(SampleInput input, TorchRandom& random,
                                              std::string* trace) const override {
        std::string chosen;
        const std::vector<std::size_t> order = draw(random, chosen);
        std::vector<std::string> told = {chosen};
        auto made = m_steps.run(order, std::move(input), random, trace ? &told : nullptr);
        if (trace) *trace = joinedTexts(told);
        return made;
    }

protected:
    /// The steps to run, and a few words about them.
    virtual std::vector<std::size_t> draw(TorchRandom& random, std::string& told) const = 0;
    std::vector<std::size_t> inOrder() const {
        std::vector<std::size_t> order(m_steps.size());
        std::iota(order.begin(), order.end(), std::size_t(0));
        return order;
    }

    Steps m_steps;
};

class RandomApply : public Nested {
public:
    explicit RandomApply(const Settings& settings) : Nested(settings), m_p(settings.number("p")) {}

private:
    std::vector<std::size_t> draw(TorchRandom& random, std::string& told) const override {
        // torchvision leaves the picture when p < the draw, so an equal draw applies.
        const bool left = static_cast<float>(m_p) < random.uniform();
        told = left ? "not applied" : "applied";
        return left ? std::vector<std::size_t>() : inOrder();
    }

    double m_p;
};

class RandomChoice : public Nested {
public:
    explicit RandomChoice(const Settings& settings) : Nested(settings) {
        if (settings.isNone("p")) return;
        double sum = 0;
        for (const double weight : settings.numbers("p")) m_sums.push_back(sum += weight);
    }

private:
    /// Source: Python's `random.choices`.
    std::vector<std::size_t> draw(TorchRandom& random, std::string& told) const override {
        const auto count = static_cast<double>(m_steps.size());
        const double drawn = random.pythonRandom();
        std::size_t chosen = static_cast<std::size_t>(std::floor(drawn * count));
        if (!m_sums.empty())
            chosen = static_cast<std::size_t>(
                std::upper_bound(m_sums.begin(), m_sums.end() - 1, drawn * m_sums.back()) -
                m_sums.begin());
        told = "number " + std::to_string(chosen + 1) + ", " + m_steps.name(chosen);
        return {chosen};
    }

    std::vector<double> m_sums;  ///< of the weights so far; empty: all are equal
};

class RandomOrder : public Nested {
public:
    using Nested::Nested;

private:
    /// Source: Python's `random.shuffle`.
    std::vector<std::size_t> draw(TorchRandom& random, std::string& told) const override {
        std::vector<std::size_t> order = inOrder();
        for (std::size_t last = order.size(); last-- > 1;)
            std::swap(order[last], order[random.pythonBelow(static_cast<std::uint32_t>(last + 1))]);
        told = "order";
        for (const std::size_t step : order) told += " " + std::to_string(step + 1);
        return order;
    }
};

/// The sentence of a step within, with its place: "RandomApply, step 2: Normalize works on ...".
Error within(const std::string& name, std::size_t step, const Error& problem) {
    return {name + ", step " + std::to_string(step + 1) + ": " + problem.message, problem.hint};
}

/// What is known when either may come out.
Result<SampleSpec> eitherOf(const std::string& name, const SampleSpec& one,
                            const SampleSpec& other) {
    if (one.isTensor != other.isTensor)
        return Error{name + " would leave a picture now and a tensor then, by chance.",
                     "Take ToTensor, ToPILImage and the like out of its list."};
    if (one.views != other.views)
        return Error{name + " would leave " + std::to_string(one.views) +
                         " views of a sample now "
                         "and " +
                         std::to_string(other.views) + " then, by chance.",
                     "Take FiveCrop and TenCrop out of its list."};
    if (one.dims.size() != other.dims.size())
        return Error{name + " would leave samples of different numbers of sides, by chance."};
    SampleSpec both = one;
    for (std::size_t i = 0; i < both.dims.size(); ++i)
        if (one.dims[i] != other.dims[i]) both.dims[i] = -1;
    return both;
}

Result<SampleSpec> inferStep(const std::string& name, const std::vector<TransformChoice>& choices,
                             std::size_t step, const SampleSpec& input) {
    const auto inference = inferPipeline({choices[step]}, input);
    if (inference.failedStep >= 0) return within(name, step, inference.problem);
    return inference.specs.back();
}

Result<SampleSpec> inferApply(const Settings& settings, const SampleSpec& input) {
    SampleSpec spec = input;
    const auto choices = nestedChoices(settings.value("transforms"));
    for (std::size_t i = 0; i < choices.size(); ++i) {
        auto made = inferStep("RandomApply", choices, i, spec);
        if (!made) return made;
        spec = *made;
    }
    if (settings.number("p") <= 0) return input;
    return settings.number("p") >= 1 ? Result(spec) : eitherOf("RandomApply", spec, input);
}

Result<SampleSpec> inferChoice(const Settings& settings, const SampleSpec& input) {
    const auto choices = nestedChoices(settings.value("transforms"));
    if (choices.empty())
        return Error{"RandomChoice has no transforms to choose from.", "Add one to its list."};
    std::vector<double> weights(choices.size(), 1.0);
    if (!settings.isNone("p")) {
        weights = settings.numbers("p");
        if (weights.size() != choices.size())
            return Error{
                "RandomChoice's p has " +
                    counted(static_cast<std::int64_t>(weights.size()), "number", "numbers") +
                    " for " +
                    counted(static_cast<std::int64_t>(choices.size()), "transform", "transforms") +
                    ".",
                "Give one weight per transform, or none."};
        if (std::accumulate(weights.begin(), weights.end(), 0.0) <= 0)
            return Error{"RandomChoice's p is 0 throughout, so nothing can be chosen.",
                         "Give at least one transform a weight above 0."};
    }
    std::optional<SampleSpec> spec;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (weights[i] <= 0) continue;
        auto made = inferStep("RandomChoice", choices, i, input);
        if (!made) return made;
        if (spec) made = eitherOf("RandomChoice", *spec, *made);
        if (!made) return made;
        spec = *made;
    }
    return *spec;
}

/// Every order is tried, but where the same steps leave the same sizes only once.
Result<SampleSpec> inferOrder(const Settings& settings, const SampleSpec& input) {
    constexpr std::size_t kMaximum = 10;
    const auto choices = nestedChoices(settings.value("transforms"));
    if (choices.size() > kMaximum)
        return Error{"RandomOrder holds " + std::to_string(choices.size()) +
                         " transforms, but at most " + std::to_string(kMaximum) +
                         " can be checked in every order.",
                     "Put some of them outside."};
    const auto same = [](const SampleSpec& a, const SampleSpec& b) {
        return a.isTensor == b.isTensor && a.dims == b.dims && a.views == b.views;
    };
    // Per set of steps that ran, as bits, what they can leave.
    const std::size_t all = (std::size_t(1) << choices.size()) - 1;
    std::vector<std::vector<SampleSpec>> left(all + 1);
    left[0] = {input};
    for (std::size_t ran = 0; ran < all; ++ran)
        for (const SampleSpec& spec : left[ran])
            for (std::size_t step = 0; step < choices.size(); ++step) {
                if (ran >> step & 1) continue;
                SampleSpec one = spec;
                one.views = 1;
                auto made = inferStep("RandomOrder", choices, step, one);
                if (!made)
                    return Error{made.error().message + " This happens when it comes " +
                                     (ran == 0 ? "first." : "after others."),
                                 "Leave in RandomOrder only what may come in any order."};
                made->views *= spec.views;
                auto& known = left[ran | std::size_t(1) << step];
                if (std::none_of(known.begin(), known.end(),
                                 [&](const SampleSpec& k) { return same(k, *made); }))
                    known.push_back(*made);
            }
    SampleSpec spec = left[all].front();
    for (const SampleSpec& other : left[all]) {
        auto both = eitherOf("RandomOrder", spec, other);
        if (!both) return both;
        spec = *both;
    }
    return spec;
}

template <class Made>
TransformKind nestedKind(KindInfo info, const std::string& hint, const std::string& badge) {
    TransformKind kind;
    kind.info = std::move(info);
    kind.random = true;
    kind.takesTensor = true;
    kind.params = {{.key = "transforms",
                    .type = ParamType::Kinds,
                    .hint = hint,
                    .required = true,
                    .suggestion = nestedValue({{"RandomHorizontalFlip", {}}})}};
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<Made>(settings);
    };
    kind.badge = [badge](const Settings& settings) {
        const auto steps = nestedChoices(settings.value("transforms"));
        return badge + counted(static_cast<std::int64_t>(steps.size()), "step", "steps");
    };
    return kind;
}

}  // namespace

TransformKind randomApplyKind() {
    TransformKind kind = nestedKind<RandomApply>(
        {.id = "RandomApply",
         .family = "choice",
         .summary = "runs a list of transforms now and then",
         .details = "With chance p all of its transforms run, in their order; otherwise the "
                    "picture passes as it is. So a strong change, such as a blur, meets only some "
                    "of the pictures.",
         .python = "torchvision.transforms.RandomApply",
         .keywords = {"chance", "sometimes", "group", "list"}},
        "What runs, in this order.", "");
    kind.params.push_back(chanceParam());
    kind.infer = inferApply;
    kind.badge = [steps = kind.badge](const Settings& settings) {
        return steps(settings) + ", " + chanceBadge(settings);
    };
    kind.info.changes.push_back(v2Change("An empty list of transforms is refused."));
    return kind;
}

TransformKind randomChoiceKind() {
    TransformKind kind = nestedKind<RandomChoice>(
        {.id = "RandomChoice",
         .family = "choice",
         .summary = "runs one transform of a list, at random",
         .details = "Each picture gets one of them. With p, some come more often than others. "
                    "The draw is that of Python's own random numbers, seeded like PyTorch's.",
         .python = "torchvision.transforms.RandomChoice",
         .keywords = {"either", "one of", "list", "pick"}},
        "Of these, one runs.", "one of ");
    kind.params.push_back({.key = "p",
                           .type = ParamType::Floats,
                           .hint = "How often each comes, as weights: [3, 1] is three times of "
                                   "four and once of four.",
                           .optional = true,
                           .arity = 0,
                           .minimum = 0,
                           .noneText = "all equally often"});
    kind.infer = inferChoice;
    kind.info.changes.push_back(
        v2Change("Draws from torch's generator, not from Python's random."));
    return kind;
}

TransformKind randomOrderKind() {
    TransformKind kind = nestedKind<RandomOrder>(
        {.id = "RandomOrder",
         .family = "choice",
         .summary = "runs a list of transforms in a random order",
         .details = "All of them run for each picture, in an order of their own. Brightness "
                    "before contrast gives another picture than contrast before brightness, so "
                    "there is more variety. The draw is that of Python's own random numbers, "
                    "seeded like PyTorch's.",
         .python = "torchvision.transforms.RandomOrder",
         .keywords = {"shuffle", "permute", "list"}},
        "What runs, in any order.", "");
    kind.infer = inferOrder;
    kind.info.changes.push_back(
        v2Change("Draws from torch's generator, not from Python's random."));
    return kind;
}

}  // namespace loom
