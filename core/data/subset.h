#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/choice.h"
#include "core/data/dataset.h"
#include "core/data/part.h"

namespace loom {

/// A data set cut in two: what the part takes, and the rest. Both hold indices of the data set.
///
/// Without `stratified` it is Python's `random_split(data, [n - k, k],
/// torch.Generator().manual_seed(seed))`: `rest` and `part` are its two subsets in their order.
/// Stratified, each class is cut so with one and the same generator, class after class; classes
/// give `k` in proportion to their sizes, the largest remainders first; and both lists are sorted.
struct Cut {
    std::vector<std::int64_t> rest;
    std::vector<std::int64_t> part;
};
Result<Cut> cutDataset(const Dataset& dataset, const Part& part);

/// The samples of `indices` in that order, torch.utils.data.Subset.
std::shared_ptr<const Dataset> makeSubset(std::shared_ptr<const Dataset> dataset,
                                          std::vector<std::int64_t> indices);

/// What a run reads, after the parts of a project were taken: `validation` is null without one.
struct SplitDatasets {
    std::shared_ptr<const Dataset> train;
    std::shared_ptr<const Dataset> validation;
    std::shared_ptr<const Dataset> test;
    /// Which samples of the data set's own training and test sets those are; empty: all of them.
    std::vector<std::int64_t> trainIndices;
    std::vector<std::int64_t> validationIndices;
    std::vector<std::int64_t> testIndices;
    /// Why there is no test set, a sentence: `test` is then the validation part, or the training
    /// set without one.
    std::string noTest = {};
};
struct SplitChoice {
    Choice dataset;
    std::optional<Part> validation = {};
    std::optional<Part> subset = {};
    std::optional<Part> testSubset = {};
};
/// Why a data set has no test set though its training set is here, a sentence; empty: it has one,
/// or is not here at all.
std::string lacksTestSet(const Choice& dataset);

/// The test set, and of a data set that has none the training set: samples to look at.
Result<std::shared_ptr<const Dataset>> openSamples(const Choice& dataset);

Result<SplitDatasets> openSplits(const SplitChoice& choice);

}  // namespace loom
