#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/data/transform.h"

namespace loom {

/// How a picture becomes what a network takes.
struct PicturePreparation {
    int channels = 3;
    /// Height and width it is scaled to before the transforms; nullopt: it goes as it is.
    std::optional<std::pair<int, int>> scaledTo = {};
    bool toDataSize = false;  ///< those of the data set's pictures; else those the network takes
};

/// The first way that gives the size the network takes: as it is where the transforms scale it
/// themselves or the data set's pictures have no size of their own; scaled to the size of the data
/// set's pictures; scaled to the size the network takes. In the data set's channels, or else in the
/// network's. `data`: the data set's pictures, where known. Errors: no way leads there.
Result<PicturePreparation> fitPicture(const Picture& picture,
                                      const std::vector<TransformChoice>& transforms,
                                      const std::optional<SampleSpec>& data, const Shape& takes);

/// "The picture, 300 × 200 pixels, was scaled to 28 × 28, the size of the data set's pictures."
/// Empty where it was not scaled.
std::string scalingSentence(const Picture& picture, const PicturePreparation& preparation);

}  // namespace loom
