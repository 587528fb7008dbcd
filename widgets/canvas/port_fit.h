#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "core/project/project_check.h"
#include "widgets/canvas/block_item.h"

namespace loom {

struct PortFit {
    PortHandle port;
    PortMark mark = PortMark::Fits;
    QString reason;  ///< why a bridge is needed, or why it cannot be
};

/// What each port says to a wire that is dragged from `origin`: fits, needs something in between,
/// or impossible. Asks each block alone what it would make of what would arrive, so that a
/// network of hundreds of blocks is classified at once.
std::vector<PortFit> classifyPorts(const Graph& graph, const ShapeReport& report,
                                   const PortHandle& origin,
                                   const std::vector<PortHandle>& candidates);

/// The same for ports as a level shows them; a group's answers for all that it stands for.
std::vector<PortFit> classifyShown(const Graph& graph, const ShapeReport& report,
                                   const Level& level, const PortHandle& origin,
                                   const std::vector<PortHandle>& candidates);

/// Whether a fresh block of this kind would take the wire from `origin`, and at which of its ports.
struct KindFit {
    const LayerKind* kind = nullptr;
    PortMark mark = PortMark::Fits;
    QString reason;
    bool isThere = false;  ///< an end of the network, and one of this kind is drawn already
};
KindFit classifyKind(const Graph& graph, const ShapeReport& report, const PortHandle& origin,
                     const LayerKind& kind);

}  // namespace loom
