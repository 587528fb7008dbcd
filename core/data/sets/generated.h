#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/data/dataset.h"

namespace loom {

/// Points that a rule makes: rows of numbers, each with a class or with numbers as its answer.
struct GeneratedPoints {
    std::vector<float> inputs;         ///< count × inputSize, row after row
    std::vector<std::int64_t> labels;  ///< empty where answers are numbers
    std::vector<float> answers;        ///< one each; empty where classes are the answers
};

/// A data set made on the spot by `make`: `samples` points to train with and a fifth as many to
/// test with, of two streams of random numbers.
struct PointSource {
    KindInfo info;
    std::vector<ParamSpec> params;  ///< `samples` and `seed` are added
    std::int64_t inputSize = 2;
    /// Empty where answers are numbers.
    std::function<std::vector<std::string>(const Settings&)> classes;
    std::function<GeneratedPoints(const Settings&, std::int64_t count, TorchRandom&)> make;
};

DatasetKind generatedKind(PointSource source);

/// The parameters that several generated sets share.
ParamSpec noiseParam(double byDefault, const std::string& hint);

}  // namespace loom
