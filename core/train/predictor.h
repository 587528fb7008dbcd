#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/check/shape_report.h"
#include "core/data/pictures/picture.h"
#include "core/exchange/weights.h"
#include "core/project/project.h"

namespace loom {

struct ClassScore {
    std::int64_t index = 0;
    std::string name;
    double probability = 0;
    /// What the network gave for this class, before anything makes a probability of it: the logit
    /// of a classifier. None for the class that a network with a single output leaves unsaid.
    std::optional<double> score = {};
};

/// What a network made of one sample.
struct Prediction {
    std::vector<ClassScore> classes;  ///< most probable first; none where answers are numbers
    TensorSample output;              ///< the network's answer, the mean over the sample's views
    TensorSample seen;                ///< what the network received
    /// What was done to the sample, as sentences: brought to another size, put on white.
    std::vector<std::string> remarks;
    /// Set where the picture is a drawing on the opposite ground of the data set's pictures, which
    /// the network cannot know: what to do about it.
    std::string inversionAdvice;
};

/// The drawing as a Predictor reads it: where neither the Input block nor the data set says how
/// large samples are, as of folders that are not on this machine, the test transforms do.
ShapeReport shapesForPrediction(const Project& project);

struct PredictOptions {
    bool invert = false;  ///< white for black, before the transforms
};

/// Answers for single samples, through the test transforms. Judges the drawing, the test transforms
/// and the sample; data and training need not be sound.
///
/// A picture is made grey or colour as the data set's are. Where the transforms alone do not make
/// the size of it that the network takes, and where they begin by cutting though the data set's
/// pictures have a size, it is scaled to that size first, by Pillow's bilinear filter.
///
/// Probabilities are what the loss makes of the outputs; outputs that are probabilities already, or
/// their logarithms, as the network's last layers say, are taken as such.
///
/// Threads: any; a training that goes on meanwhile is not changed by it.
class Predictor {
public:
    /// `remarks` get sentences on how the names of the weights were read.
    static Result<Predictor> make(const Project& project, const Weights& weights,
                                  std::vector<std::string>* remarks = nullptr);
    /// Errors: the sample does not become what the network takes.
    Result<Prediction> predict(const SampleInput& sample, const PredictOptions& options = {}) const;
    /// A picture file. Errors name it.
    Result<Prediction> predictFile(const std::string& path,
                                   const PredictOptions& options = {}) const;
    /// False where the answers are numbers: a regression, an autoencoder, a network that ends with
    /// no row of numbers.
    bool givesClasses() const;
    /// The size of the samples that the network takes.
    const Shape& takes() const;

private:
    struct State;
    explicit Predictor(std::shared_ptr<const State> state);
    std::shared_ptr<const State> m_state;
};

}  // namespace loom
