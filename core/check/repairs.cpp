#include "core/check/repairs.h"

#include "core/graph/edit.h"

namespace loom {

Fix endingFix(const NodeId& after, const Shape& shape, std::int64_t outputs) {
    const bool flatten = shape.rank() > 1;
    return {flatten ? "Add Flatten and Linear" : "Add Linear",
            [after, flatten, outputs](const Graph& graph) -> Result<Graph> {
                Result<Graph> next = graph;
                NodeId last = after;
                if (flatten) {
                    Node flat;
                    flat.kind = "Flatten";
                    next = edit::insertAfter(*next, last, std::move(flat));
                    if (!next) return next;
                    last = next->nodes.back().id;
                }
                Node linear;
                linear.kind = "Linear";
                linear.params.set("out_features", Value(outputs));
                return edit::insertAfter(*next, last, std::move(linear));
            }};
}

}  // namespace loom
