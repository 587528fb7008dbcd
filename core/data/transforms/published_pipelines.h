#pragma once

#include <string>
#include <vector>

#include "core/data/transform.h"

namespace loom {

/// The steps that pictures must go through for a published model's weights:
/// `ResNet50_Weights.IMAGENET1K_V2.transforms()` of torchvision.
struct PublishedPipeline {
    std::string weights;  ///< "ResNet50_Weights.IMAGENET1K_V2"
    std::string model;    ///< torchvision's function, as the network in the zoo is called
    /// torchvision builds the model with `transform_input`, which gives its pictures mean and
    /// deviation 0.5 in place of ImageNet's; the zoo's network has no such step, so these steps do.
    bool transformsInput = false;
    std::vector<TransformChoice> steps;
};

/// Of every weights that torchvision publishes for a network of the zoo.
const std::vector<PublishedPipeline>& publishedPipelines();
/// Null: no weights are called so.
const PublishedPipeline* findPublishedPipeline(const std::string& weights);

}  // namespace loom
