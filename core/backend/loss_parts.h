#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/backend/loss.h"
#include "core/catalogue/layer_kind.h"
#include "core/catalogue/training_kinds.h"

/// What the losses have in common: their parameters, the forms they take answers in, what their
/// outputs mean, and what they ask of the network's end.
namespace loom {

// --- parameters ---

ParamSpec reductionParam(bool batchMean = false);
ParamSpec classWeightParam(const std::string& hint);
ParamSpec numberParam(const std::string& key, double defaultValue, const std::string& hint,
                      std::optional<double> minimum = {}, bool minimumExcluded = false);
ParamSpec flagParam(const std::string& key, bool defaultValue, const std::string& hint);

/// The weights as a tensor beside the output; undefined for None.
at::Tensor weightTensor(const std::optional<std::vector<double>>& weights,
                        const at::Tensor& output);
std::optional<std::vector<double>> weightNumbers(const Settings& settings, const std::string& key);
std::int64_t reductionCode(const Settings& settings);

// --- answers, from class numbers; answers that are numbers pass, in the output's shape ---

using AnswerForm = at::Tensor (*)(const at::Tensor& labels, const at::Tensor& output);
at::Tensor classIndex(const at::Tensor& labels, const at::Tensor& output);
/// 1 at the right class, 0 elsewhere; with a single output the class number 0 or 1 itself.
at::Tensor oneHot(const at::Tensor& labels, const at::Tensor& output);
/// +1 at the right class, −1 elsewhere.
at::Tensor plusMinusOne(const at::Tensor& labels, const at::Tensor& output);
/// The right class first, then −1: MultiLabelMarginLoss reads up to the first −1.
at::Tensor paddedList(const at::Tensor& labels, const at::Tensor& output);

// --- what outputs mean, as numbers from 0 to 1 ---

using Meaning = at::Tensor (*)(const at::Tensor& output);
at::Tensor softmaxOf(const at::Tensor& output);
at::Tensor sigmoidOf(const at::Tensor& output);
at::Tensor expOf(const at::Tensor& output);
/// Each number is the probability itself, cut to 0..1.
at::Tensor asTheyAre(const at::Tensor& output);
/// Small outputs stand for likely classes.
at::Tensor softmaxOfMinus(const at::Tensor& output);

/// A loss that applies one function; what is left to say of each.
struct LossParts {
    AnswerForm answer = oneHot;
    Meaning meaning = asTheyAre;
    bool smallestWins = false;  ///< the class with the smallest output is meant
    double threshold = 0.5;     ///< of a single output: above it, class 1 is meant
    /// `ignore_index`, and `weight` where the mean is one of weighted samples: it is then divided
    /// by the weights of the samples that count.
    std::optional<std::int64_t> ignored = {};
    std::optional<std::vector<double>> sampleWeights = {};
};
std::shared_ptr<backend::BuiltLoss> builtLoss(
    const Settings& settings, const LossParts& parts,
    std::function<at::Tensor(const at::Tensor& output, const at::Tensor& target)> forward);

// --- checks ---

/// What a loss wants the network's last block to be.
struct Ending {
    std::vector<Gives> fits = {};           ///< what it takes; empty: plain scores
    std::string takes = {};                 ///< "probabilities from 0 to 1"
    std::string insert = {};                ///< the kind a fix puts there
    Severity severity = Severity::Warning;  ///< when something else gives the numbers
    std::vector<Gives> surplus = {};        ///< what should not arrive
    std::string surplusReason = {};         ///< "contains a softmax itself"
    std::string instead = {};               ///< the loss that fits without a change: a hint
};

struct LossChecks {
    bool numbers = true;                    ///< takes answers that are numbers
    bool singleOutput = false;              ///< one output may tell two classes apart
    std::vector<std::string> weights = {};  ///< parameters with one number per output
    Ending ending = {};
};
std::vector<Diagnostic> checkLossParts(const std::string& loss, const LossContext& context,
                                       const LossChecks& checks);
Diagnostic lossProblem(const LossContext& context, Severity severity, const std::string& message,
                       const std::string& hint, bool onBlock, std::vector<Fix> fixes = {});

// --- the catalogue's parts ---

std::vector<LossKind> classificationLosses();
std::vector<LossKind> yesNoLosses();
std::vector<LossKind> regressionLosses();

}  // namespace loom
