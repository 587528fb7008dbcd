#pragma once

#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include "core/backend/compiled_network.h"

namespace loom::backend {

/// Leaves a pass, forward or backward, that was asked to stop.
struct Interrupted : std::exception {
    const char* what() const noexcept override { return "interrupted"; }
};

/// While it lives, passes of this thread ask `asked` between blocks, on the way forward and, where
/// gradients are computed, on the way back; `true` ends them with Interrupted.
class InterruptScope {
public:
    explicit InterruptScope(std::function<bool()> asked);
    ~InterruptScope();
    InterruptScope(const InterruptScope&) = delete;
    InterruptScope& operator=(const InterruptScope&) = delete;

    /// Nobody is asked any more in the scope that this thread is in.
    static void endAsking();
    /// What the thread's passes ask; empty outside of any scope.
    static const std::function<bool()>& current();

private:
    std::function<bool()> m_before;
};

/// What a step changes before its gradients are there: running statistics and the state of the
/// random generators. Remembered before a step and put back when the step is interrupted, so that
/// the run goes on to the bit as if it had not begun.
class StepMemory {
public:
    void remember(CompiledNetwork& network);
    void putBack();

private:
    std::vector<std::pair<at::Tensor, at::Tensor>> m_buffers;  ///< the network's, and copies
    std::vector<std::pair<at::Generator, at::Tensor>> m_generators;
};

}  // namespace loom::backend
