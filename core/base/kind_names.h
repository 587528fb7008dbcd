#pragma once

#include <string>
#include <vector>

namespace loom {

/// What somebody may have meant by the name of a kind that is not known, the likeliest first: what
/// PyTorch or torchvision called so once, the same name without its module or written otherwise
/// ("nn.Conv2d", "conv2d", "max_pool2d", "cross_entropy"), then names that differ in a few letters.
/// All of them are in `known`.
std::vector<std::string> meantKinds(const std::string& word, const std::vector<std::string>& known);

/// A sentence about it: "It is called Resize now."; empty where nothing comes near.
std::string meantKindHint(const std::string& word, const std::vector<std::string>& known);

}  // namespace loom
