#pragma once

#include "core/backend/torch.h"
#include "core/base/result.h"
#include "core/exchange/weights.h"

namespace loom::backend {

/// A contiguous copy on the CPU in plain memory.
PlainTensor toPlain(const at::Tensor& tensor);
/// The tensor again, on the CPU, in memory of its own. Errors: an element type torch does not have
/// here, or a byte count that does not fit the sides.
Result<at::Tensor> toTensor(const PlainTensor& plain);

/// Element type of a PyTorch name ("float32"); nullopt when there is none.
c10::optional<at::ScalarType> scalarType(const std::string& name);

}  // namespace loom::backend
