#include "core/backend/loss_parts.h"

namespace loom {
namespace {

const std::string kFamily = "yes or no for each output";
const std::string kOneHot =
    " From class numbers it makes answers that are 1 at the right class and 0 elsewhere; a network "
    "with a single output tells two classes apart.";
const std::string kPlusMinus =
    " From class numbers it makes answers that are 1 at the right class and −1 elsewhere; a "
    "network with a single output tells two classes apart.";
const std::string kOutputWeights = "A weight for each output; one number per output.";

const Ending kLogits = {
    .surplus = {Gives::Probabilities},
    .surplusReason = "contains a sigmoid itself; with two, the gradients are small",
    .instead = "BCELoss."};

LossKind bce() {
    LossKind kind;
    kind.info = {"BCELoss",
                 kFamily,
                 "compares probabilities with yes or no, output by output",
                 "Binary cross entropy: −log of the probability given to what is true, for each "
                 "output by itself. The network ends with Sigmoid." +
                     kOneHot,
                 "torch.nn.BCELoss",
                 {"binary", "multi-label", "sigmoid"},
                 "loss = −(y · log(x) + (1 − y) · log(1 − x))"};
    kind.params = {classWeightParam(kOutputWeights), reductionParam()};
    kind.check = [](const LossContext& c) {
        return checkLossParts(
            "BCELoss", c,
            {.singleOutput = true,
             .weights = {"weight"},
             .ending = {.fits = {Gives::Probabilities},
                        .takes = "probabilities from 0 to 1",
                        .insert = "Sigmoid",
                        .severity = Severity::Error,
                        .instead = "BCEWithLogitsLoss, which contains a sigmoid."}});
    };
    kind.build = [](const Settings& s) {
        return builtLoss(s, {},
                         [weights = weightNumbers(s, "weight"), reduce = reductionCode(s)](
                             const at::Tensor& output, const at::Tensor& target) {
                             return at::binary_cross_entropy(output, target,
                                                             weightTensor(weights, output), reduce);
                         });
    };
    kind.takesShares = true;
    return kind;
}

LossKind bceWithLogits() {
    LossKind kind;
    kind.info = {"BCEWithLogitsLoss",
                 kFamily,
                 "compares scores with yes or no, output by output",
                 "A sigmoid and binary cross entropy in one, which is exact where the two apart "
                 "are not. The network ends with plain scores." +
                     kOneHot,
                 "torch.nn.BCEWithLogitsLoss",
                 {"binary", "multi-label", "sigmoid", "logits"},
                 "loss = −(y · log σ(x) + (1 − y) · log(1 − σ(x))), σ(x) = 1 / (1 + exp(−x))"};
    kind.params = {
        classWeightParam(kOutputWeights),
        reductionParam(),
        {.key = "pos_weight",
         .type = ParamType::Floats,
         .hint = "How much more a yes counts than a no; above 1 finds more of a rare class. One "
                 "number per output.",
         .optional = true,
         .arity = 0,
         .minimum = 0,
         .noneText = "all equal"}};
    kind.check = [](const LossContext& c) {
        return checkLossParts(
            "BCEWithLogitsLoss", c,
            {.singleOutput = true, .weights = {"weight", "pos_weight"}, .ending = kLogits});
    };
    kind.build = [](const Settings& s) {
        return builtLoss(
            s, {.meaning = sigmoidOf, .threshold = 0},
            [weights = weightNumbers(s, "weight"), positive = weightNumbers(s, "pos_weight"),
             reduce = reductionCode(s)](const at::Tensor& output, const at::Tensor& target) {
                return at::binary_cross_entropy_with_logits(output, target,
                                                            weightTensor(weights, output),
                                                            weightTensor(positive, output), reduce);
            });
    };
    kind.takesShares = true;
    return kind;
}

LossKind softMargin() {
    LossKind kind;
    kind.info = {
        "SoftMarginLoss",
        kFamily,
        "wants scores on the right side of zero, softly",
        "log(1 + exp(−answer · score)): the logistic loss for answers of 1 and −1." + kPlusMinus,
        "torch.nn.SoftMarginLoss",
        {"logistic", "binary"},
        "loss = log(1 + exp(−y · x)), y is 1 or −1"};
    kind.params = {reductionParam()};
    kind.check = [](const LossContext& c) {
        return checkLossParts("SoftMarginLoss", c, {.singleOutput = true, .ending = kLogits});
    };
    kind.build = [](const Settings& s) {
        return builtLoss(
            s, {.answer = plusMinusOne, .meaning = sigmoidOf, .threshold = 0},
            [reduce = reductionCode(s)](const at::Tensor& output, const at::Tensor& target) {
                return at::soft_margin_loss(output, target, reduce);
            });
    };
    return kind;
}

LossKind hingeEmbedding() {
    LossKind kind;
    kind.info = {"HingeEmbeddingLoss",
                 kFamily,
                 "wants small distances for what belongs together, large ones for the rest",
                 "Takes the outputs as distances: where the answer is 1 the distance itself is the "
                 "loss, where it is −1 what it lacks to the margin. The class with the smallest "
                 "output is the one meant; the shares shown are a softmax of the distances, no "
                 "probabilities. The distances must not be negative: end the network with ReLU or "
                 "Softplus." +
                     kPlusMinus,
                 "torch.nn.HingeEmbeddingLoss",
                 {"distance", "similarity", "embedding"},
                 "loss = x where y = 1, max(0, margin − x) where y = −1"};
    kind.params = {numberParam("margin", 1.0, "How far apart is far enough."), reductionParam()};
    kind.check = [](const LossContext& c) {
        return checkLossParts("HingeEmbeddingLoss", c,
                              {.singleOutput = true,
                               .ending = {.fits = {Gives::NotNegative, Gives::Probabilities},
                                          .takes = "distances, which are never negative,",
                                          .insert = "Softplus"}});
    };
    kind.build = [](const Settings& s) {
        const double margin = s.number("margin");
        return builtLoss(s,
                         {.answer = plusMinusOne,
                          .meaning = softmaxOfMinus,
                          .smallestWins = true,
                          .threshold = -margin / 2},
                         [margin, reduce = reductionCode(s)](const at::Tensor& output,
                                                             const at::Tensor& target) {
                             return at::hinge_embedding_loss(output, target, margin, reduce);
                         });
    };
    return kind;
}

LossKind multiLabelMargin() {
    LossKind kind;
    kind.info = {"MultiLabelMarginLoss",
                 kFamily,
                 "wants every right class's score ahead of every wrong one's by 1",
                 "A margin loss for samples with several right classes. The answer is a list of "
                 "class numbers, filled up with −1; from a single class number it makes such a "
                 "list. Scores are no probabilities; what is shown as such is their softmax.",
                 "torch.nn.MultiLabelMarginLoss",
                 {"multi-label", "hinge", "margin"},
                 "loss = Σ max(0, 1 − (x[right] − x[wrong])) / classes, over all pairs"};
    kind.params = {reductionParam()};
    kind.check = [](const LossContext& c) { return checkLossParts("MultiLabelMarginLoss", c, {}); };
    kind.build = [](const Settings& s) {
        return builtLoss(
            s, {.answer = paddedList, .meaning = softmaxOf},
            [reduce = reductionCode(s)](const at::Tensor& output, const at::Tensor& target) {
                return at::multilabel_margin_loss(output, target, reduce);
            });
    };
    return kind;
}

LossKind multiLabelSoftMargin() {
    LossKind kind;
    kind.info = {"MultiLabelSoftMarginLoss",
                 kFamily,
                 "compares scores with yes or no, averaged over the outputs",
                 "Binary cross entropy on scores, averaged over the outputs of each sample. The "
                 "network ends with plain scores." +
                     kOneHot,
                 "torch.nn.MultiLabelSoftMarginLoss",
                 {"multi-label", "binary", "sigmoid"},
                 "loss = −mean of (y · log σ(x) + (1 − y) · log σ(−x)), σ(x) = 1 / (1 + exp(−x))"};
    kind.params = {classWeightParam(kOutputWeights), reductionParam()};
    kind.check = [](const LossContext& c) {
        return checkLossParts("MultiLabelSoftMarginLoss", c,
                              {.singleOutput = true, .weights = {"weight"}, .ending = kLogits});
    };
    kind.build = [](const Settings& s) {
        return builtLoss(s, {.meaning = sigmoidOf, .threshold = 0},
                         [weights = weightNumbers(s, "weight"), sum = s.text("reduction") == "sum",
                          each = s.text("reduction") == "none"](const at::Tensor& output,
                                                                const at::Tensor& target) {
                             at::Tensor loss = -(target * at::log_sigmoid(output) +
                                                 (1 - target) * at::log_sigmoid(-output));
                             if (weights) loss = loss * weightTensor(weights, output);
                             loss = loss.sum(-1) / output.size(-1);
                             return each ? loss : sum ? loss.sum() : loss.mean();
                         });
    };
    kind.takesShares = true;
    return kind;
}

}  // namespace

std::vector<LossKind> yesNoLosses() {
    return {bceWithLogits(),    bce(),           multiLabelSoftMargin(), softMargin(),
            multiLabelMargin(), hingeEmbedding()};
}

}  // namespace loom
