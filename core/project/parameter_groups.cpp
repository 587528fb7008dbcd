#include "core/project/parameter_groups.h"

#include <algorithm>
#include <functional>
#include <map>

#include "core/base/sentence.h"
#include "core/catalogue/freeze_key.h"
#include "core/catalogue/layer_kind.h"
#include "core/catalogue/training_kinds.h"

namespace loom {
namespace {

/// A block that uses another's module trains as that one does.
std::string owner(const Graph& graph, const std::string& path) {
    const Node* node = graph.find(path);
    return node && !node->sharesWith.empty() ? node->sharesWith : path;
}

Diagnostic problem(Severity severity, const std::string& message, const std::string& hint) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.section = "training";
    diagnostic.message = message;
    diagnostic.hint = hint;
    return diagnostic;
}

/// "The group of conv1, conv2"
std::string nameOf(const ParameterGroup& group) {
    return "The parameter group of " +
           (group.blocks.empty() ? std::string("no block") : someWords(group.blocks, 4));
}

void checkBlocks(const TrainingSection& training, const Graph& graph,
                 std::vector<Diagnostic>& found) {
    std::map<std::string, int> named;
    for (const ParameterGroup& group : training.parameterGroups) {
        if (group.blocks.empty())
            found.push_back(problem(Severity::Warning, "A parameter group names no block.",
                                    "Remove it, or give it blocks."));
        for (const std::string& path : group.blocks) {
            const bool known =
                std::any_of(graph.nodes.begin(), graph.nodes.end(),
                            [&](const Node& node) { return liesBelow(node.id, path); });
            if (!known) {
                std::vector<std::string> ids;
                for (const Node& node : graph.nodes) ids.push_back(node.id);
                const auto near = nearestWords(path, ids);
                found.push_back(problem(
                    Severity::Error,
                    nameOf(group) + " names " + path +
                        ", but the network has no block of that name and none below it.",
                    near.empty() ? "Take it out of the group." : "Did you mean " + near[0] + "?"));
            }
            if (++named[path] == 2)
                found.push_back(
                    problem(Severity::Warning,
                            path + " is named by two parameter groups; the later one counts.",
                            "Take it out of one of them."));
        }
    }
}

void checkSettings(const TrainingSection& training, std::vector<Diagnostic>& found) {
    const OptimizerKind* optimizer = optimizers().find(training.optimizer.kind);
    if (!optimizer) return;
    bool own = false;
    for (const ParameterGroup& group : training.parameterGroups) {
        if (group.frozen) continue;
        own = true;
        Params merged = training.optimizer.params;
        for (const auto& [key, value] : group.params) merged.set(key, value);
        for (const auto& [key, value] : group.params) {
            const ParamSpec* spec = findSpec(optimizer->params, key);
            if (!spec) {
                found.push_back(problem(Severity::Warning,
                                        nameOf(group) + " sets " + key + ", but " +
                                            training.optimizer.kind +
                                            " has no such parameter; it has no effect.",
                                        "Take it away, or choose another optimizer."));
            } else if (const auto wrong = checkParam(*spec, value)) {
                found.push_back(
                    problem(Severity::Error, nameOf(group) + ": " + wrong->message, wrong->hint));
            }
        }
        if (const auto wrong = optimizer->check(Settings(optimizer->params, merged)))
            found.push_back(
                problem(Severity::Error, nameOf(group) + ": " + wrong->message, wrong->hint));
    }
    if (own && !optimizer->takesGroups)
        found.push_back(problem(
            Severity::Error,
            training.optimizer.kind +
                " trains all parameters with the same settings, but the project has parameter "
                "groups of their own.",
            "Take another optimizer, or let those blocks follow the network's settings; freezing "
            "works with every optimizer."));
}

/// Puts the blocks into groups that differ from where they were by `change`, and tidies up.
TrainingSection regroup(TrainingSection training, const Graph& graph,
                        const std::vector<NodeId>& blocks,
                        const std::function<void(ParameterGroup&)>& change) {
    for (const NodeId& id : blocks) {
        const std::string block = owner(graph, id);
        ParameterGroup wanted;
        if (const auto place = parameterGroupOf(training, graph, block)) {
            wanted = training.parameterGroups[*place];
            wanted.blocks.clear();
        }
        change(wanted);
        for (ParameterGroup& group : training.parameterGroups) std::erase(group.blocks, block);
        const bool stillNamed = parameterGroupOf(training, graph, block).has_value();
        if (wanted.params.empty() && !wanted.frozen && wanted.extras.empty() && !stillNamed)
            continue;
        const auto same = std::find_if(training.parameterGroups.rbegin(),
                                       training.parameterGroups.rend(), [&](const auto& group) {
                                           return group.params == wanted.params &&
                                                  group.frozen == wanted.frozen &&
                                                  group.extras == wanted.extras;
                                       });
        // A path that a later group names still rules over a block put into an earlier one.
        const bool atEnd = stillNamed && same != training.parameterGroups.rbegin();
        if (same == training.parameterGroups.rend() || atEnd) {
            wanted.blocks = {block};
            training.parameterGroups.push_back(std::move(wanted));
        } else {
            same->blocks.push_back(block);
        }
    }
    std::erase_if(training.parameterGroups, [](const auto& group) { return group.blocks.empty(); });
    return training;
}

}  // namespace

bool liesBelow(const std::string& name, const std::string& path) {
    return name == path || (!path.empty() && name.size() > path.size() &&
                            name[path.size()] == '.' && name.starts_with(path));
}

bool freezesItself(const Node& node) {
    const Value* value = node.params.find(kFreezeKey);
    const LayerKind* kind = value ? layers().find(node.kind) : nullptr;
    return kind && findSpec(kind->params, kFreezeKey) && value->isBool() && value->asBool();
}

ParameterGroupIndex::ParameterGroupIndex(const TrainingSection& training, const Graph& graph) {
    for (const Node& node : graph.nodes) {
        if (!node.sharesWith.empty()) m_owners[node.id] = node.sharesWith;
        if (freezesItself(node)) m_frozenBlocks.insert(node.id);
    }
    for (std::size_t i = 0; i < training.parameterGroups.size(); ++i) {
        m_frozen.push_back(training.parameterGroups[i].frozen);
        for (const std::string& path : training.parameterGroups[i].blocks) {
            const auto owner = m_owners.find(path);
            m_groups[owner == m_owners.end() ? path : owner->second] = i;
        }
    }
}

std::optional<std::size_t> ParameterGroupIndex::groupOf(const std::string& name) const {
    if (m_groups.empty()) return std::nullopt;
    const auto owner = m_owners.find(name);
    std::string path = owner == m_owners.end() ? name : owner->second;
    std::optional<std::size_t> last;
    while (!path.empty()) {
        const auto found = m_groups.find(path);
        if (found != m_groups.end() && (!last || found->second > *last)) last = found->second;
        const std::size_t dot = path.rfind('.');
        path.resize(dot == std::string::npos ? 0 : dot);
    }
    return last;
}

bool ParameterGroupIndex::isFrozen(const std::string& name) const {
    const auto place = groupOf(name);
    if (place && m_frozen[*place]) return true;
    if (m_frozenBlocks.empty()) return false;
    const auto owner = m_owners.find(name);
    std::string path = owner == m_owners.end() ? name : owner->second;
    while (!path.empty() && !m_frozenBlocks.contains(path)) {
        const std::size_t dot = path.rfind('.');
        path.resize(dot == std::string::npos ? 0 : dot);
    }
    return !path.empty();
}

std::optional<std::size_t> parameterGroupOf(const TrainingSection& training, const Graph& graph,
                                            const std::string& name) {
    return ParameterGroupIndex(training, graph).groupOf(name);
}

bool isFrozen(const TrainingSection& training, const Graph& graph, const std::string& name) {
    return ParameterGroupIndex(training, graph).isFrozen(name);
}

std::int64_t trainedParameters(const TrainingSection& training, const Graph& graph,
                               const ShapeReport& shapes) {
    const ParameterGroupIndex groups(training, graph);
    std::int64_t frozen = 0;
    for (const Node& node : graph.nodes) {
        const BlockReport* block = shapes.find(node.id);
        if (block && block->known && node.sharesWith.empty() && groups.isFrozen(node.id))
            frozen += block->inference.parameters;
    }
    return shapes.parameters - frozen;
}

std::vector<Diagnostic> checkParameterGroups(const TrainingSection& training, const Graph& graph,
                                             const ShapeReport& shapes) {
    std::vector<Diagnostic> found;
    checkBlocks(training, graph, found);
    checkSettings(training, found);
    if (shapes.parameters > 0 && trainedParameters(training, graph, shapes) == 0)
        found.push_back(problem(Severity::Error,
                                "All blocks with weights are frozen, so there is nothing to train.",
                                "Unfreeze at least one block, such as the last."));
    return found;
}

TrainingSection followGraph(TrainingSection training, const Graph& before, const Graph& after) {
    if (training.parameterGroups.empty()) return training;
    const bool inPlace = before.nodes.size() == after.nodes.size();
    for (ParameterGroup& group : training.parameterGroups) {
        std::vector<std::string> blocks;
        for (const std::string& path : group.blocks) {
            std::optional<std::string> now;
            bool known = false;
            for (std::size_t i = 0; i < before.nodes.size() && !now; ++i) {
                const std::string& id = before.nodes[i].id;
                if (!liesBelow(id, path)) continue;
                known = true;
                const std::string rest = id.substr(path.size());
                if (after.find(id))
                    now = path;
                else if (inPlace && after.nodes[i].id.ends_with(rest))
                    now = after.nodes[i].id.substr(0, after.nodes[i].id.size() - rest.size());
            }
            // What was never there is said by the check, and not taken away in silence.
            if (now || !known) blocks.push_back(now.value_or(path));
        }
        group.blocks = std::move(blocks);
    }
    std::erase_if(training.parameterGroups, [](const auto& group) { return group.blocks.empty(); });
    return training;
}

TrainingSection withOwnSetting(TrainingSection training, const Graph& graph,
                               const std::vector<NodeId>& blocks, const std::string& key,
                               const std::optional<Value>& value) {
    return regroup(std::move(training), graph, blocks, [&](ParameterGroup& group) {
        if (value)
            group.params.set(key, *value);
        else
            group.params.erase(key);
    });
}

TrainingSection withFrozen(TrainingSection training, const Graph& graph,
                           const std::vector<NodeId>& blocks, bool frozen) {
    return regroup(std::move(training), graph, blocks,
                   [&](ParameterGroup& group) { group.frozen = frozen; });
}

}  // namespace loom
