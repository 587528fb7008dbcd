#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/choice.h"
#include "core/data/part.h"
#include "core/graph/diagnostic.h"
#include "core/graph/graph.h"

namespace loom {

struct DataSection {
    Choice dataset{"FashionMNIST"};
    std::vector<Choice> trainTransforms;
    std::vector<Choice> testTransforms;
    /// MixUp, CutMix: what is done to whole batches of training; of several, one is drawn for each
    /// batch. `batch_transforms` in the file.
    std::vector<Choice> batchTransforms;
    /// A part of the training set that is held back to judge the run by: losses, best weights and
    /// schedulers then go by it, and its samples pass through the test transforms. `validation`.
    std::optional<Part> validation;
    /// A part of what is left to train with, and of the test set, for quick trials. `subset`,
    /// `test_subset`.
    std::optional<Part> subset;
    std::optional<Part> testSubset;
    /// The network is to give back what it received, as an autoencoder does, instead of the data
    /// set's own answers. `"target": "input"` in the file.
    bool targetIsInput = false;
    Dict extras = {};
    friend bool operator==(const DataSection&, const DataSection&) = default;
};

/// Blocks that train differently from the rest: `optimizer.param_groups` in Python.
struct ParameterGroup {
    std::vector<std::string> blocks;  ///< ids, or paths of groups: `layer4` means all below it
    Dict params;                      ///< what differs of the optimizer: `lr`, `weight_decay`
    bool frozen = false;              ///< `requires_grad_(False)`: not trained at all
    Dict extras = {};
    friend bool operator==(const ParameterGroup&, const ParameterGroup&) = default;
};

struct TrainingSection {
    Choice loss{"CrossEntropyLoss"};
    Choice optimizer{"SGD", {{"lr", Value(0.01)}}};
    std::optional<Choice> scheduler;
    /// A weight file or run folder to start from: what fits by name and size is taken, the rest
    /// begins afresh. `initial_weights` in the file.
    std::string initialWeights;
    std::vector<ParameterGroup> parameterGroups;  ///< a block in two belongs to the last
    /// How samples are drawn, instead of `shuffle`: WeightedRandomSampler and the like. `sampler`.
    std::optional<Choice> sampler;
    std::int64_t batchSize = 64;
    bool shuffle = true;
    bool dropLast = false;
    int numWorkers = 1;
    int prefetchFactor = 2;  ///< `prefetch_factor`: batches that wait ready per worker
    bool pinMemory = false;  ///< `pin_memory`: batches in page-locked memory, for CUDA
    double timeout = 0;      ///< `timeout`: seconds to wait for a batch at most; 0: for ever
    std::int64_t epochs = 5;
    std::int64_t seed = 0;
    std::string device = "auto";  ///< auto, cpu, cuda, cuda:N
    int threads = 0;              ///< 0: the measured best for this machine
    Dict extras = {};
    friend bool operator==(const TrainingSection&, const TrainingSection&) = default;
};

/// The document: everything that is saved. A value.
struct Project {
    static constexpr int kVersion = 1;
    std::int64_t version = kVersion;
    std::string name;
    std::string notes;
    Graph network;
    DataSection data;
    TrainingSection training;
    Dict extras = {};  ///< top-level keys this version does not know; kept on save
    Dict networkExtras = {};
    friend bool operator==(const Project&, const Project&) = default;
};

/// An empty project: Input and Output, Fashion-MNIST with ToTensor, cross entropy and SGD.
Project newProject();

}  // namespace loom
