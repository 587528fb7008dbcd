#include "core/backend/fresh_network.h"

namespace loom::backend {

BorrowedStreams::BorrowedStreams(std::int64_t seed)
    : m_lock(randomStreams()), m_before(at::detail::getDefaultCPUGenerator().get_state()) {
    torch::manual_seed(static_cast<std::uint64_t>(seed));
}

BorrowedStreams::~BorrowedStreams() {
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    generator.set_state(m_before);
}

Result<std::shared_ptr<CompiledNetwork>> freshNetwork(const Graph& graph, const ShapeReport& shapes,
                                                      std::int64_t seed) {
    // A training may be between two steps of the same stream: it goes on where it was.
    const BorrowedStreams borrowed(seed);
    return CompiledNetwork::build(graph, shapes);
}

}  // namespace loom::backend
