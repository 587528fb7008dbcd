#include "core/data/least_squares.h"

#include "core/backend/torch.h"

namespace loom {

std::vector<float> leastSquares(const std::vector<float>& a, const std::vector<float>& b,
                                std::size_t columns) {
    torch::NoGradGuard guard;
    const auto rows = static_cast<std::int64_t>(b.size());
    const at::Tensor matrix = torch::tensor(a).view({rows, static_cast<std::int64_t>(columns)});
    const at::Tensor right = torch::tensor(b).view({rows, 1});
    try {
        const at::Tensor found =
            std::get<0>(at::linalg_lstsq(matrix, right, c10::nullopt, "gels")).contiguous();
        return {found.data_ptr<float>(), found.data_ptr<float>() + columns};
    } catch (const c10::Error&) {
        return {};  // the matrix has not full rank
    }
}

}  // namespace loom
