#include "core/backend/fresh_network.h"

#include "core/backend/borrowed_streams.h"

namespace loom::backend {

Result<std::shared_ptr<CompiledNetwork>> freshNetwork(const Graph& graph, const ShapeReport& shapes,
                                                      std::int64_t seed) {
    // A training may be between two steps of the same stream: it goes on where it was.
    const BorrowedStreams borrowed(seed);
    return CompiledNetwork::build(graph, shapes);
}

}  // namespace loom::backend
