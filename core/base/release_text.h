#pragma once

#include <string>

#include "core/base/params.h"

/// How releases of PyTorch and torchvision are written for people.
namespace loom {

/// "PyTorch 2.4", "torchvision 0.17": releases of torchvision begin with 0, those of PyTorch that
/// are followed do not. "v2" is torchvision.transforms.v2, and what names its library itself
/// ("numpy 2.0") stays as it is.
std::string releaseText(const std::string& release);

/// "since PyTorch 2.4"; empty where every release that is followed has it.
std::string sinceText(const std::string& release);

/// "The default is 0.001 since PyTorch 2.2; before, there was none."; empty where it never changed.
std::string defaultSinceText(const ParamSpec& spec);
/// The same from its parts; `before` null: there was none.
std::string defaultSinceText(const Value& now, const std::string& release, const Value* before);

}  // namespace loom
