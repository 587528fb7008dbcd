#pragma once

#include <mutex>

#include "core/backend/compiled_network.h"
#include "core/backend/random_streams.h"

namespace loom::backend {

/// A network with the weights that a PyTorch script gets after `torch.manual_seed(seed)`. PyTorch's
/// random streams are afterwards where they were, so that a training beside it goes on undisturbed.
Result<std::shared_ptr<CompiledNetwork>> freshNetwork(const Graph& graph, const ShapeReport& shapes,
                                                      std::int64_t seed);

/// Holds PyTorch's random streams and puts them back where they were.
class BorrowedStreams {
public:
    explicit BorrowedStreams(std::int64_t seed);
    ~BorrowedStreams();
    BorrowedStreams(const BorrowedStreams&) = delete;
    BorrowedStreams& operator=(const BorrowedStreams&) = delete;

private:
    std::unique_lock<std::mutex> m_lock;
    at::Tensor m_before;
};

}  // namespace loom::backend
