#pragma once

#include <QString>

#include "core/check/shape_report.h"

namespace loom {

/// The line of Python that stands for a block, with its values; empty for kinds that have none and
/// for operations whose inputs are not connected yet.
QString pythonLine(const Graph& graph, const ShapeReport& report, const NodeId& id);
/// The same for a kind with these parameters, on no canvas. `inputs` are the names of what arrives.
QString pythonLine(const LayerKind& kind, const Params& params, const Params& inferred,
                   const std::string& name, const std::vector<std::string>& inputs);

}  // namespace loom
