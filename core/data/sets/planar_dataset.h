#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/data/dataset.h"

namespace loom {

/// Pictures of one size, each stored as the planes of its channels, one after the other.
struct PlanarPictures {
    std::string title;  ///< the set's, for sentences
    int channels = 1;
    int height = 0;
    int width = 0;
    bool byColumns = false;                 ///< planes lie column by column, as MATLAB writes them
    std::vector<std::uint8_t> planes = {};  ///< of all pictures
    /// Instead of `planes`, where they stay on the disk: those of one picture.
    std::function<Result<std::vector<std::uint8_t>>(std::int64_t)> readOne = {};
    std::vector<std::int16_t> labels = {};  ///< -1: none
    std::vector<std::string> classes = {};
    bool onTheirSide = false;  ///< see Dataset::displayTransposed
};

std::shared_ptr<const Dataset> makePlanarDataset(PlanarPictures pictures);

}  // namespace loom
