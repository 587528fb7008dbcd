#include "core/backend/layer.h"
#include "core/catalogue/training_kinds.h"
#include "core/graph/edit.h"

namespace loom {
namespace {

using backend::BuiltLoss;

ParamSpec reduction() {
    return {.key = "reduction",
            .type = ParamType::Choice,
            .defaultValue = "mean",
            .hint =
                "How the samples' losses become one number: their mean or their sum. Training "
                "needs one number, so none cannot train.",
            .choices = {"mean", "sum", "none"}};
}

std::vector<ParamSpec> classParams() {
    return {
        {.key = "weight",
         .type = ParamType::Floats,
         .hint = "A weight for each class, to make rare classes count more; one number per class.",
         .optional = true,
         .arity = 0,
         .minimum = 0,
         .noneText = "all equal"},
        {.key = "ignore_index",
         .type = ParamType::Int,
         .defaultValue = -100,
         .hint = "Samples with this class number do not count."},
        reduction()};
}

Diagnostic problem(const LossContext& c, Severity severity, const std::string& message,
                   const std::string& hint, bool onBlock, std::vector<Fix> fixes = {}) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    if (onBlock) diagnostic.node = c.source.id;
    diagnostic.message = message;
    diagnostic.hint = hint;
    diagnostic.fixes = std::move(fixes);
    return diagnostic;
}

std::optional<Diagnostic> reductionProblem(const LossContext& c, const std::string& loss) {
    if (c.settings.text("reduction") != "none") return std::nullopt;
    return problem(c, Severity::Error,
                   loss +
                       " has reduction none, which gives one number per sample, but training needs "
                       "a single one.",
                   "Take mean, PyTorch's default.", false);
}

Fix removeBlock(const NodeId& id) {
    return {"Remove " + id, [id](const Graph& graph) -> Result<Graph> {
                return edit::removeNodes(graph, {id}, true);
            }};
}

/// What all losses over classes ask of the output.
std::vector<Diagnostic> checkClasses(const LossContext& c, const std::string& loss) {
    std::vector<Diagnostic> found;
    if (auto wrong = reductionProblem(c, loss)) found.push_back(*wrong);
    const std::int64_t classes = c.target.classes;
    if (c.output.rank() != 1) {
        found.push_back(problem(
            c, Severity::Error,
            c.source.id + " gives " + c.output.toSentence() + " for each sample, but " + loss +
                " takes one row with a number per class.",
            "End the network with Flatten and Linear" +
                (classes ? " with out_features " + groupDigits(classes) : std::string()) + ".",
            true));
        return found;
    }
    const std::int64_t outputs = c.output.dims[0];
    if (classes > 0 && outputs != classes) {
        const NodeId id = c.source.id;
        std::vector<Fix> fixes;
        if (c.source.params.contains("out_features")) {
            fixes.push_back(
                {"Set out_features to " + groupDigits(classes), [id, classes](const Graph& graph) {
                     return edit::setParam(graph, id, "out_features", Value(classes));
                 }});
        }
        // More outputs than classes can learn; fewer cannot even name every answer.
        found.push_back(
            problem(c, outputs < classes ? Severity::Error : Severity::Warning,
                    id + " gives " + groupDigits(outputs) + " numbers, but the data has " +
                        groupDigits(classes) + " classes.",
                    "The last layer has one output per class: " + groupDigits(classes) + ".", true,
                    std::move(fixes)));
    }
    const std::size_t weights = c.settings.numbers("weight").size();
    if (!c.settings.isNone("weight") && static_cast<std::int64_t>(weights) != outputs) {
        found.push_back(problem(c, Severity::Error,
                                loss + " has " + std::to_string(weights) +
                                    " class weights, but the network gives " +
                                    groupDigits(outputs) + " classes.",
                                "Give one weight per class.", false));
    }
    return found;
}

at::Tensor classWeights(const std::vector<double>& weights, const at::Tensor& output) {
    if (weights.empty()) return {};
    return torch::tensor(weights, torch::kFloat64).to(output.scalar_type()).to(output.device());
}

std::int64_t reductionCode(const std::string& word) {
    return word == "sum"    ? at::Reduction::Sum
           : word == "none" ? at::Reduction::None
                            : at::Reduction::Mean;
}

LossKind crossEntropy() {
    LossKind kind;
    kind.info = {"CrossEntropyLoss",
                 "classification",
                 "compares scores with the right class",
                 "Turns the network's scores into probabilities (softmax) and takes −log of the "
                 "right class's. The usual loss for "
                 "classification; the network ends with plain scores, without Softmax.",
                 "torch.nn.CrossEntropyLoss",
                 {"classification", "softmax"}};
    kind.params = classParams();
    kind.params.push_back(
        {.key = "label_smoothing",
         .type = ParamType::Float,
         .defaultValue = 0.0,
         .hint = "Takes this much away from the right answer and spreads it over all classes.",
         .minimum = 0,
         .maximum = 1});
    kind.check = [](const LossContext& c) {
        std::vector<Diagnostic> found = checkClasses(c, "CrossEntropyLoss");
        if (c.source.kind == "Softmax") {
            found.push_back(
                problem(c, Severity::Warning,
                        c.source.id + " is a Softmax before CrossEntropyLoss, which contains a "
                                      "softmax itself; with two, learning is slow.",
                        "Remove " + c.source.id + ", or use NLLLoss on log-probabilities.", true,
                        {removeBlock(c.source.id)}));
        }
        return found;
    };
    kind.build = [](const Settings& s) {
        auto built = std::make_shared<BuiltLoss>();
        built->sums = s.text("reduction") == "sum";
        built->forward =
            [weights = s.isNone("weight") ? std::vector<double>() : s.numbers("weight"),
             ignore = s.integer("ignore_index"), reduce = reductionCode(s.text("reduction")),
             smoothing = s.number("label_smoothing")](const at::Tensor& output,
                                                      const at::Tensor& target) {
                return at::cross_entropy_loss(output, target, classWeights(weights, output), reduce,
                                              ignore, smoothing);
            };
        built->target = [](const at::Tensor& labels, const at::Tensor&) { return labels; };
        built->probabilities = [](const at::Tensor& output) { return at::softmax(output, 1); };
        return built;
    };
    return kind;
}

LossKind nll() {
    LossKind kind;
    kind.info = {"NLLLoss",
                 "classification",
                 "compares log-probabilities with the right class",
                 "Minus the log-probability of the right class. The network ends with "
                 "log-probabilities (LogSoftmax).",
                 "torch.nn.NLLLoss",
                 {"classification", "likelihood"}};
    kind.params = classParams();
    kind.check = [](const LossContext& c) {
        std::vector<Diagnostic> found = checkClasses(c, "NLLLoss");
        if (c.source.kind != "LogSoftmax") {
            found.push_back(problem(
                c, Severity::Warning,
                "NLLLoss expects log-probabilities, but " + c.source.id + " is a " + c.source.kind +
                    ", which gives other numbers.",
                "Use CrossEntropyLoss on plain scores; it takes the log-softmax itself.", true));
        }
        return found;
    };
    kind.build = [](const Settings& s) {
        auto built = std::make_shared<BuiltLoss>();
        built->sums = s.text("reduction") == "sum";
        built->forward = [weights =
                              s.isNone("weight") ? std::vector<double>() : s.numbers("weight"),
                          ignore = s.integer("ignore_index"),
                          reduce = reductionCode(s.text("reduction"))](const at::Tensor& output,
                                                                       const at::Tensor& target) {
            return at::nll_loss_nd(output, target, classWeights(weights, output), reduce, ignore);
        };
        built->target = [](const at::Tensor& labels, const at::Tensor&) { return labels; };
        built->probabilities = [](const at::Tensor& output) { return at::exp(output); };
        return built;
    };
    return kind;
}

LossKind mse() {
    LossKind kind;
    kind.info = {"MSELoss",
                 "regression",
                 "averages squared differences",
                 "The mean of (output − answer)². For classes the answer is 1 at the right class "
                 "and 0 elsewhere (one-hot).",
                 "torch.nn.MSELoss",
                 {"regression", "squared error", "l2"}};
    kind.params = {reduction()};
    kind.check = [](const LossContext& c) {
        std::vector<Diagnostic> found;
        if (c.target.type == TargetSpec::Type::ClassIndex) {
            LossContext classes = c;
            found = checkClasses(classes, "MSELoss");
        } else if (auto wrong = reductionProblem(c, "MSELoss")) {
            found.push_back(*wrong);
        }
        return found;
    };
    kind.build = [](const Settings& s) {
        auto built = std::make_shared<BuiltLoss>();
        built->sums = s.text("reduction") == "sum";
        built->forward = [reduce = reductionCode(s.text("reduction"))](const at::Tensor& output,
                                                                       const at::Tensor& target) {
            return at::mse_loss(output, target, reduce);
        };
        built->target = [](const at::Tensor& labels, const at::Tensor& output) {
            return at::one_hot(labels, output.size(1)).to(output.scalar_type());
        };
        built->probabilities = [](const at::Tensor& output) { return at::softmax(output, 1); };
        return built;
    };
    return kind;
}

}  // namespace

const Catalogue<LossKind>& losses() {
    static const Catalogue<LossKind> catalogue({crossEntropy(), nll(), mse()});
    return catalogue;
}

}  // namespace loom
