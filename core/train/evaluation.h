#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exchange/weights.h"
#include "core/project/project.h"
#include "core/project/project_check.h"
#include "core/train/run_log.h"

namespace loom {

/// How a network does on the whole test set: loss and accuracy are what the criterion gives for it
/// in one batch, whatever the project's batch size.
struct Evaluation {
    double loss = kNoNumber;      ///< with reduction none the mean over all numbers it gave
    double accuracy = kNoNumber;  ///< 0..1, of the samples that count; NaN without classes
    std::int64_t samples = 0;
    std::int64_t skipped = 0;          ///< samples that could not be read, not among `samples`
    std::string reduction;             ///< "mean", "sum", "none", ...
    double lossSum = kNoNumber;        ///< of the losses of the batches, as courses print it
    double lossPerSample = kNoNumber;  ///< of a summed loss; else NaN
};

/// One sample of an evaluation.
struct EvaluatedSample {
    std::int64_t index = 0;  ///< in the data set's own test split
    bool classes = true;     ///< the answers are classes
    std::int64_t target = 0;
    std::int64_t prediction = 0;
    /// Without classes: answer and output, number by number. Empty where the input itself is the
    /// answer.
    std::vector<float> targetNumbers = {};
    std::vector<float> predictedNumbers = {};
    /// What the criterion gives for it with reduction none; of several numbers their mean, or their
    /// sum where it sums.
    double loss = kNoNumber;
    std::vector<float> scores = {};  ///< with classes: the network's output as it is
};

struct EvaluationOptions {
    /// Told every sample in the order of the test split; an error ends the evaluation.
    std::function<Status(const EvaluatedSample&)> tell = {};
    /// Told of every sample that could not be read.
    std::function<void(const Error&)> skipped = {};
    /// Gets sentences on how the names of the weights were read.
    std::vector<std::string>* remarks = nullptr;
};

/// "mean", "sum", "none", ...
std::string reductionOf(const Choice& loss);

/// What evaluating asks of a project: what training does, but a loss may give one number per sample
/// (reduction none).
ProjectReport checkForEvaluation(const Project& project);

/// Loads the weights into the project's network and passes over the test split once, on the CPU.
Result<Evaluation> evaluate(const Project& project, const Weights& weights,
                            const EvaluationOptions& options = {});

}  // namespace loom
