#include <algorithm>

#include "core/backend/torch.h"
#include "core/base/shape.h"
#include "core/catalogue/training_kinds.h"

namespace loom {
namespace {

std::vector<std::int64_t> toOrder(const at::Tensor& indices) {
    const at::Tensor whole = indices.to(at::kLong).contiguous();
    return {whole.data_ptr<std::int64_t>(), whole.data_ptr<std::int64_t>() + whole.numel()};
}

void append(std::vector<std::int64_t>& order, const at::Tensor& more) {
    const auto some = toOrder(more);
    order.insert(order.end(), some.begin(), some.end());
}

/// Python's RandomSampler seeds a generator of its own from the global one.
at::Generator generatorOfItsOwn() {
    const auto seed = torch::empty({}, torch::kInt64).random_().item<std::int64_t>();
    return at::detail::createCPUGenerator(static_cast<std::uint64_t>(seed));
}

std::int64_t asMany(const Settings& s, std::int64_t size) {
    return s.isNone("num_samples") ? size : s.integer("num_samples");
}

ParamSpec numSamplesParam() {
    return {.key = "num_samples",
            .type = ParamType::Int,
            .hint = "Samples drawn for one epoch.",
            .optional = true,
            .minimum = 1,
            .maximum = 1e9,
            .noneText = "as many as there are"};
}

ParamSpec replacementParam(bool defaultValue) {
    return {.key = "replacement",
            .type = ParamType::Bool,
            .defaultValue = defaultValue,
            .hint = "A sample may come again in the same epoch."};
}

std::optional<Error> nothingWrong(const Settings&, const SamplerContext&) {
    return std::nullopt;
}

SamplerKind sequential() {
    SamplerKind kind;
    kind.info = {.id = "SequentialSampler",
                 .family = "sampling",
                 .summary = "takes the samples in the order of the data set",
                 .details =
                     "What shuffle=False does. A network trained so sees each class in a "
                     "block where the data set is sorted by class, and forgets the others.",
                 .python = "torch.utils.data.SequentialSampler",
                 .keywords = {"order", "unshuffled"}};
    kind.check = nothingWrong;
    kind.length = [](const Settings&, std::int64_t size) { return size; };
    kind.draw = [](const Settings&, const SamplerContext& context) {
        return toOrder(at::arange(context.size, at::kLong));
    };
    kind.script = [](const Settings&) { return "sampler = SequentialSampler(train_data)\n"; };
    return kind;
}

SamplerKind random() {
    SamplerKind kind;
    kind.info = {.id = "RandomSampler",
                 .family = "sampling",
                 .summary = "takes the samples in a random order",
                 .details =
                     "What shuffle=True does, with two more choices: fewer or more samples "
                     "than there are in one epoch, and drawing with replacement.",
                 .python = "torch.utils.data.RandomSampler",
                 .keywords = {"shuffle", "replacement"}};
    kind.params = {replacementParam(false), numSamplesParam()};
    kind.check = nothingWrong;
    kind.length = asMany;
    kind.draw = [](const Settings& s, const SamplerContext& context) {
        const at::Generator generator = generatorOfItsOwn();
        const std::int64_t wanted = asMany(s, context.size);
        const auto options = at::TensorOptions().dtype(at::kLong);
        std::vector<std::int64_t> order;
        if (s.flag("replacement")) {
            // In Python's pieces, though the numbers would be the same in one.
            for (std::int64_t left = wanted; left > 0; left -= 32)
                append(order, at::randint(context.size, {std::min<std::int64_t>(left, 32)},
                                          generator, options));
            return order;
        }
        while (static_cast<std::int64_t>(order.size()) < wanted)
            append(order, at::randperm(context.size, generator, options));
        order.resize(static_cast<std::size_t>(wanted));
        return order;
    };
    kind.script = [](const Settings& s) {
        std::string line = "sampler = RandomSampler(train_data";
        if (s.flag("replacement")) line += ", replacement=True";
        if (!s.isNone("num_samples"))
            line += ", num_samples=" + std::to_string(s.integer("num_samples"));
        return line + ")\n";
    };
    return kind;
}

/// The weight of each sample: what its class was given, or 1 / the number of samples of its class.
std::vector<double> sampleWeights(const Settings& s, const SamplerContext& context) {
    std::vector<double> ofClass;
    if (s.isNone("weights")) {
        std::vector<std::int64_t> counts(static_cast<std::size_t>(context.classes), 0);
        for (const std::int64_t label : context.labels)
            if (label >= 0 && label < context.classes) ++counts[static_cast<std::size_t>(label)];
        for (const std::int64_t count : counts)
            ofClass.push_back(count > 0 ? 1.0 / static_cast<double>(count) : 0.0);
    } else {
        ofClass = s.numbers("weights");
    }
    std::vector<double> weights;
    weights.reserve(context.labels.size());
    for (const std::int64_t label : context.labels)
        weights.push_back(label >= 0 && label < static_cast<std::int64_t>(ofClass.size())
                              ? ofClass[static_cast<std::size_t>(label)]
                              : 0.0);
    return weights;
}

SamplerKind weighted() {
    SamplerKind kind;
    kind.info = {
        .id = "WeightedRandomSampler",
        .family = "sampling",
        .summary = "takes samples of rare classes more often",
        .details =
            "Each sample is drawn with a probability in proportion to its weight. Without "
            "weights of your own a sample weighs 1 / the number of samples of its class, so "
            "that every class comes equally often however rare it is. In PyTorch the weights "
            "are a list with one number per sample; here one per class makes that list.",
        .python = "torch.utils.data.WeightedRandomSampler",
        .keywords = {"balanced", "imbalance", "rare", "class weights", "oversampling"},
        .formula = "P(sample) = weight / Σ weights"};
    kind.params = {{.key = "weights",
                    .type = ParamType::Floats,
                    .hint = "A number for each class, in their order, which its samples weigh.",
                    .optional = true,
                    .arity = 0,
                    .minimum = 0,
                    .noneText = "balanced"},
                   numSamplesParam(),
                   replacementParam(true)};
    kind.needsClasses = true;
    kind.check = [](const Settings& s, const SamplerContext& context) -> std::optional<Error> {
        if (!s.isNone("weights")) {
            const auto weights = s.numbers("weights");
            if (context.classes > 0 && static_cast<std::int64_t>(weights.size()) != context.classes)
                return Error{"WeightedRandomSampler has " + std::to_string(weights.size()) +
                                 (weights.size() == 1 ? " weight" : " weights") + " for " +
                                 std::to_string(context.classes) + " classes.",
                             "Give one number per class, or none for balanced classes."};
            if (std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0; }))
                return Error{"All weights of WeightedRandomSampler are 0, so no sample can come.",
                             "Give at least one class a weight."};
        }
        if (context.labels.empty()) return std::nullopt;
        // torch.multinomial takes at most 2^24 categories.
        if (context.size > (std::int64_t(1) << 24))
            return Error{
                "WeightedRandomSampler can draw from 16,777,216 samples at most, but "
                "there are " +
                    groupDigits(context.size) + ".",
                "Take a subset, or another sampler."};
        const auto weights = sampleWeights(s, context);
        const auto possible =
            std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0; });
        if (possible == 0)
            return Error{"No sample has a weight above 0.",
                         "Give a class that occurs in the data a weight."};
        if (!s.flag("replacement") && possible < asMany(s, context.size))
            return Error{"WeightedRandomSampler is to draw " +
                             groupDigits(asMany(s, context.size)) +
                             " samples without replacement, but only " + groupDigits(possible) +
                             " have a weight above 0.",
                         "Switch replacement on, or set num_samples to fewer."};
        return std::nullopt;
    };
    kind.length = asMany;
    kind.draw = [](const Settings& s, const SamplerContext& context) {
        const at::Tensor weights = torch::tensor(sampleWeights(s, context), torch::kFloat64);
        return toOrder(at::multinomial(weights, asMany(s, context.size), s.flag("replacement")));
    };
    kind.script = [](const Settings& s) {
        const std::string ofClass =
            s.isNone("weights")
                ? "(1 / torch.bincount(labels).double())"
                : "torch.tensor(" + s.value("weights").toPython() + ", dtype=torch.float64)";
        return "labels = torch.tensor([label for _, label in train_data])\nweights = " + ofClass +
               "[labels]\nsampler = WeightedRandomSampler(weights, " +
               (s.isNone("num_samples") ? "len(train_data)"
                                        : std::to_string(s.integer("num_samples"))) +
               (s.flag("replacement") ? "" : ", replacement=False") + ")\n";
    };
    return kind;
}

}  // namespace

const Catalogue<SamplerKind>& samplers() {
    static const Catalogue<SamplerKind> catalogue({random(), sequential(), weighted()});
    return catalogue;
}

}  // namespace loom
