#include "core/backend/loss_parts.h"

#include <cstddef>

namespace loom {

ParamSpec reductionParam(bool batchMean) {
    ParamSpec spec{
        .key = "reduction",
        .type = ParamType::Choice,
        .defaultValue = "mean",
        .hint =
            "How the numbers' losses become one: their mean or their sum. Training needs one "
            "number, so none cannot train.",
        .choices = {"mean", "sum", "none"}};
    if (batchMean) {
        spec.hint +=
            " batchmean divides the sum by the samples alone, as the formula in books does.";
        spec.choices.insert(spec.choices.begin(), "batchmean");
    }
    return spec;
}

ParamSpec classWeightParam(const std::string& hint) {
    return {.key = "weight",
            .type = ParamType::Floats,
            .hint = hint,
            .optional = true,
            .arity = 0,
            .minimum = 0,
            .noneText = "all equal"};
}

ParamSpec numberParam(const std::string& key, double defaultValue, const std::string& hint,
                      std::optional<double> minimum, bool minimumExcluded) {
    return {.key = key,
            .type = ParamType::Float,
            .defaultValue = defaultValue,
            .hint = hint,
            .minimum = minimum,
            .minimumExcluded = minimumExcluded};
}

ParamSpec flagParam(const std::string& key, bool defaultValue, const std::string& hint) {
    return {.key = key, .type = ParamType::Bool, .defaultValue = defaultValue, .hint = hint};
}

std::optional<std::vector<double>> weightNumbers(const Settings& settings, const std::string& key) {
    if (settings.isNone(key)) return std::nullopt;
    return settings.numbers(key);
}

at::Tensor weightTensor(const std::optional<std::vector<double>>& weights,
                        const at::Tensor& output) {
    if (!weights) return {};
    return torch::tensor(*weights, torch::kFloat64).to(output.scalar_type()).to(output.device());
}

std::int64_t reductionCode(const Settings& settings) {
    const std::string word = settings.text("reduction");
    return word == "sum" || word == "batchmean" ? at::Reduction::Sum
           : word == "none"                     ? at::Reduction::None
                                                : at::Reduction::Mean;
}

namespace {

at::Tensor numbersFor(const at::Tensor& answers, const at::Tensor& output) {
    const at::Tensor numbers = answers.to(output.scalar_type());
    return numbers.numel() == output.numel() ? numbers.reshape(output.sizes()) : numbers;
}

bool areNumbers(const at::Tensor& labels) {
    return labels.is_floating_point();
}

bool isSingle(const at::Tensor& output) {
    return output.dim() == 2 && output.size(1) == 1;
}

/// Two columns from one: of class 0 and of class 1.
at::Tensor bothClasses(const at::Tensor& second) {
    return isSingle(second) ? at::cat({1 - second, second}, 1) : second;
}

/// What torch's nll_loss divides by, in the precision of its weights.
std::function<double(const std::vector<std::int64_t>&)> divisorOf(const LossParts& parts) {
    return [ignored = parts.ignored,
            weights = parts.sampleWeights](const std::vector<std::int64_t>& labels) {
        double sum = 0;
        for (const std::int64_t label : labels) {
            if (label == ignored) continue;
            const auto place = static_cast<std::size_t>(label);
            if (!weights)
                sum += 1;
            else if (place < weights->size())
                sum += static_cast<double>(static_cast<float>((*weights)[place]));
        }
        return sum;
    };
}

}  // namespace

at::Tensor classIndex(const at::Tensor& labels, const at::Tensor& output) {
    return areNumbers(labels) ? numbersFor(labels, output) : labels;
}

at::Tensor oneHot(const at::Tensor& labels, const at::Tensor& output) {
    if (areNumbers(labels)) return numbersFor(labels, output);
    if (isSingle(output)) return labels.to(output.scalar_type()).unsqueeze(1);
    return at::one_hot(labels, output.size(1)).to(output.scalar_type());
}

at::Tensor plusMinusOne(const at::Tensor& labels, const at::Tensor& output) {
    return areNumbers(labels) ? numbersFor(labels, output) : oneHot(labels, output) * 2 - 1;
}

at::Tensor paddedList(const at::Tensor& labels, const at::Tensor& output) {
    if (areNumbers(labels)) return numbersFor(labels, output).to(at::kLong);
    at::Tensor list = at::full(output.sizes(), -1, labels.options());
    list.select(1, 0).copy_(labels);
    return list;
}

at::Tensor softmaxOf(const at::Tensor& output) {
    return at::softmax(output, 1);
}

at::Tensor sigmoidOf(const at::Tensor& output) {
    return bothClasses(at::sigmoid(output));
}

at::Tensor expOf(const at::Tensor& output) {
    return bothClasses(at::exp(output).clamp(0, 1));
}

at::Tensor asTheyAre(const at::Tensor& output) {
    return bothClasses(output.clamp(0, 1));
}

at::Tensor softmaxOfMinus(const at::Tensor& output) {
    if (isSingle(output)) return bothClasses(at::sigmoid(-output));
    return at::softmax(-output, 1);
}

std::shared_ptr<backend::BuiltLoss> builtLoss(
    const Settings& settings, const LossParts& parts,
    std::function<at::Tensor(const at::Tensor& output, const at::Tensor& target)> forward) {
    auto built = std::make_shared<backend::BuiltLoss>();
    const std::string reduction = settings.text("reduction");
    built->sums = reduction == "sum";
    built->each = reduction == "none";
    built->sumsNumbers = built->sums || reduction == "batchmean";
    built->ignored = parts.ignored;
    if (!built->each && (parts.ignored || parts.sampleWeights))
        built->meanWeight = divisorOf(parts);
    built->forward = std::move(forward);
    built->target = parts.answer;
    built->probabilities = parts.meaning;
    built->classes = [parts](const at::Tensor& output) {
        const at::Tensor merit = parts.smallestWins ? -output : output;
        return isSingle(output) ? merit.squeeze(1).gt(parts.threshold).to(at::kLong)
                                : merit.argmax(1);
    };
    return built;
}

}  // namespace loom
