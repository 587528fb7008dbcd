#include "core/backend/tensors.h"

#include <array>
#include <cstring>

namespace loom::backend {
namespace {

struct Named {
    const char* name;
    at::ScalarType type;
};

constexpr std::array<Named, 9> kTypes = {{{"float32", at::kFloat},
                                          {"float64", at::kDouble},
                                          {"float16", at::kHalf},
                                          {"bfloat16", at::kBFloat16},
                                          {"int64", at::kLong},
                                          {"int32", at::kInt},
                                          {"int16", at::kShort},
                                          {"int8", at::kChar},
                                          {"uint8", at::kByte}}};

}  // namespace

c10::optional<at::ScalarType> scalarType(const std::string& name) {
    if (name == "bool") return at::kBool;
    for (const Named& entry : kTypes)
        if (name == entry.name) return entry.type;
    return c10::nullopt;
}

PlainTensor toPlain(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.detach().to(at::kCPU).contiguous();
    PlainTensor plain;
    plain.dtype = flat.scalar_type() == at::kBool ? "bool" : "";
    for (const Named& entry : kTypes)
        if (flat.scalar_type() == entry.type) plain.dtype = entry.name;
    plain.dims = flat.sizes().vec();
    plain.bytes.resize(flat.nbytes());
    if (!plain.bytes.empty()) std::memcpy(plain.bytes.data(), flat.data_ptr(), plain.bytes.size());
    return plain;
}

Result<at::Tensor> toTensor(const PlainTensor& plain) {
    const auto type = scalarType(plain.dtype);
    if (!type)
        return Error{"numbers of type " + plain.dtype + " are not supported.",
                     "Save the tensor as float32."};
    at::Tensor tensor = at::empty(plain.dims, at::TensorOptions().dtype(*type));
    if (tensor.nbytes() != plain.bytes.size())
        return Error{"the tensor's bytes do not fit its size.",
                     "The file is damaged; take another copy."};
    if (!plain.bytes.empty())
        std::memcpy(tensor.data_ptr(), plain.bytes.data(), plain.bytes.size());
    return tensor;
}

}  // namespace loom::backend
