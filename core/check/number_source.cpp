#include "core/check/number_source.h"

#include <set>

namespace loom {

const Node& sourceOfNumbers(const Graph& graph, const Node& block, bool training) {
    const Node* at = &block;
    std::set<NodeId> seen;
    while (seen.insert(at->id).second) {
        const LayerKind* kind = layers().find(at->kind);
        const bool handsOn = kind && (kind->gives == Gives::WhatArrives ||
                                      (kind->gives == Gives::WhatArrivesUsed && !training));
        const Edge* wire = handsOn ? graph.edgeInto({at->id, 0}) : nullptr;
        const Node* before = wire ? graph.find(wire->from.node) : nullptr;
        if (!before) break;
        at = before;
    }
    return *at;
}

Gives numbersAtOutput(const Graph& graph, const NodeId& output) {
    const Edge* wire = graph.edgeInto({output, 0});
    const Node* last = wire ? graph.find(wire->from.node) : nullptr;
    if (!last) return Gives::Anything;
    const LayerKind* kind = layers().find(sourceOfNumbers(graph, *last, false).kind);
    return kind ? kind->gives : Gives::Anything;
}

}  // namespace loom
