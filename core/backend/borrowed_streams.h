#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/backend/random_streams.h"
#include "core/backend/torch.h"

namespace loom::backend {

/// Holds all of PyTorch's default generators, the CPU's and those of every CUDA device, seeded as
/// by `torch.manual_seed(seed)`, and puts them back where they were. Whatever builds or runs a
/// network beside a training does it under one of these.
class BorrowedStreams {
public:
    /// Waits until nobody else holds them.
    explicit BorrowedStreams(std::int64_t seed);
    /// Null where somebody holds them: for those who must not wait.
    static std::unique_ptr<BorrowedStreams> ifFree(std::int64_t seed);
    ~BorrowedStreams();
    BorrowedStreams(const BorrowedStreams&) = delete;
    BorrowedStreams& operator=(const BorrowedStreams&) = delete;

private:
    BorrowedStreams(std::unique_lock<StreamLock> held, std::int64_t seed);

    std::unique_lock<StreamLock> m_lock;
    std::vector<at::Generator> m_generators;
    std::vector<at::Tensor> m_before;
};

}  // namespace loom::backend
