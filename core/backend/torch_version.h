#pragma once

#include <torch/version.h>

namespace loom::backend {

/// Whether the LibTorch that is linked is of this release or a later one. Formulas that PyTorch
/// changed follow the linked one, because its functions and Python's are compared on one machine.
constexpr bool torchSince(int major, int minor) {
    return TORCH_VERSION_MAJOR > major ||
           (TORCH_VERSION_MAJOR == major && TORCH_VERSION_MINOR >= minor);
}

}  // namespace loom::backend
