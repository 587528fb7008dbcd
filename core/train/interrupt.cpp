#include "core/backend/interrupt.h"

namespace loom::backend {
namespace {

std::function<bool()>& asked() {
    thread_local std::function<bool()> function;
    return function;
}

}  // namespace

InterruptScope::InterruptScope(std::function<bool()> function)
    : m_before(std::exchange(asked(), std::move(function))) {}

InterruptScope::~InterruptScope() {
    asked() = std::move(m_before);
}

void InterruptScope::endAsking() {
    asked() = nullptr;
}

const std::function<bool()>& InterruptScope::current() {
    return asked();
}

void StepMemory::remember(CompiledNetwork& network) {
    m_buffers.clear();
    for (const at::Tensor& buffer : network.root().buffers())
        m_buffers.emplace_back(buffer, buffer.clone());
    m_generators.clear();
    m_generators.emplace_back(at::detail::getDefaultCPUGenerator(),
                              at::detail::getDefaultCPUGenerator().get_state());
    if (!at::hasCUDA() || !torch::cuda::is_available()) return;
    for (std::size_t i = 0; i < torch::cuda::device_count(); ++i) {
        const at::Generator generator = at::globalContext().defaultGenerator(
            at::Device(at::kCUDA, static_cast<at::DeviceIndex>(i)));
        m_generators.emplace_back(generator, generator.get_state());
    }
}

void StepMemory::putBack() {
    torch::NoGradGuard guard;
    for (auto& [buffer, before] : m_buffers) at::Tensor(buffer).copy_(before);
    for (auto& [generator, before] : m_generators) generator.set_state(before);
}

}  // namespace loom::backend
