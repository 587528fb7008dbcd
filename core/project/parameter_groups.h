#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/check/shape_report.h"
#include "core/project/project.h"

namespace loom {

/// Whether a block, or a parameter by its full name, lies at or below a path: `layer4` holds
/// `layer4.0.conv1` and `layer4.0.conv1.weight`.
bool liesBelow(const std::string& name, const std::string& path);

/// Whether the block's own settings keep its weights from being trained (`_freeze`).
bool freezesItself(const Node& node);

/// Tells which group each block and parameter trains with; made once for many questions.
class ParameterGroupIndex {
public:
    ParameterGroupIndex(const TrainingSection& training, const Graph& graph);
    /// The place in `training.parameterGroups` for a block's id or a parameter's full name;
    /// nullopt: it trains as the rest. Named by several groups, it belongs to the last.
    std::optional<std::size_t> groupOf(const std::string& name) const;
    bool isFrozen(const std::string& name) const;

private:
    std::unordered_map<std::string, std::size_t> m_groups;  ///< by path
    std::unordered_map<std::string, std::string> m_owners;  ///< of blocks with another's module
    std::vector<bool> m_frozen;
    std::unordered_set<std::string> m_frozenBlocks;  ///< by a setting of their own, kFreezeKey
};

/// For a single question.
std::optional<std::size_t> parameterGroupOf(const TrainingSection& training, const Graph& graph,
                                            const std::string& name);
bool isFrozen(const TrainingSection& training, const Graph& graph, const std::string& name);

/// Parameters of the network that are trained.
std::int64_t trainedParameters(const TrainingSection& training, const Graph& graph,
                               const ShapeReport& shapes);

/// What is wrong with the groups themselves: blocks that are not there, settings the optimizer does
/// not have, nothing left to train.
std::vector<Diagnostic> checkParameterGroups(const TrainingSection& training, const Graph& graph,
                                             const ShapeReport& shapes);

/// The groups after an edit of the drawing: they follow blocks that were renamed and let go of
/// those that were removed.
TrainingSection followGraph(TrainingSection training, const Graph& before, const Graph& after);

// --- edits of the groups, for one or more blocks at once ---

/// Gives the blocks settings of their own; with `value` nullopt they follow the network's again.
TrainingSection withOwnSetting(TrainingSection training, const Graph& graph,
                               const std::vector<NodeId>& blocks, const std::string& key,
                               const std::optional<Value>& value);
TrainingSection withFrozen(TrainingSection training, const Graph& graph,
                           const std::vector<NodeId>& blocks, bool frozen);

}  // namespace loom
