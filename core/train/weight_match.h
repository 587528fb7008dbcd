#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exchange/weights.h"
#include "core/project/project.h"

namespace loom {

/// One tensor that a weight file and a network may share.
struct WeightMatchRow {
    enum class Fit {
        Fits,
        OtherSize,      ///< both have it, in different sizes: the network's begins afresh
        OnlyInNetwork,  ///< begins afresh
        OnlyInFile      ///< not used
    };
    std::string name;
    Fit fit = Fit::Fits;
    std::vector<std::int64_t> fileDims = {};
    std::vector<std::int64_t> networkDims = {};
};

/// What of a weight file fits a network, by name and size: Python's
/// `load_state_dict(..., strict=False)`, but with tensors of another size left out, too.
struct WeightMatch {
    std::vector<WeightMatchRow> rows;  ///< the network's in its order, then what only the file has
    std::int64_t fits = 0;
    std::int64_t otherSize = 0;
    std::int64_t onlyInNetwork = 0;
    std::int64_t onlyInFile = 0;
    std::int64_t numbersTaken = 0;  ///< of the fitting tensors
    /// Blocks whose parameters all come from the file, in the network's order: what transfer
    /// learning freezes.
    std::vector<NodeId> filledBlocks;
    std::vector<NodeId> freshBlocks;  ///< blocks with parameters that begin afresh
    std::vector<std::string> remarks;  ///< how names of the file became the network's, sentences
    /// "120 of 122 tensors fit; fc begins afresh."
    std::string toSentence() const;
};

/// Errors say why the project has no network, or between which parts of the file to choose.
Result<WeightMatch> matchTable(const Project& project, const Weights& weights);

}  // namespace loom
