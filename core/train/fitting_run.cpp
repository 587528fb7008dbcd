#include "core/train/fitting_run.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "core/project/project_check.h"
#include "core/project/project_file.h"

namespace loom {

namespace {

/// Older runs are not looked at: each costs reading its project.
constexpr int kMostLookedAt = 100;

/// What the weights' names and sizes hang on, block by block; empty for a drawing with errors.
std::map<std::string, std::int64_t> parametersOf(const Project& project) {
    const ShapeReport shapes = checkProject(project).shapes;
    std::map<std::string, std::int64_t> found;
    for (const Node& node : project.network.nodes) {
        const BlockReport* block = shapes.find(node.id);
        if (!block || !block->known) return {};
        if (block->inference.parameters > 0)
            found[node.id + " " + node.kind] = block->inference.parameters;
    }
    return found;
}

Graph withoutPlaces(Graph graph) {
    for (Node& node : graph.nodes) node.position = {};
    graph.groups.clear();
    return graph;
}

}  // namespace

bool sameDrawing(const Graph& a, const Graph& b) {
    return withoutPlaces(a) == withoutPlaces(b);
}

std::optional<bool> weightsFit(const Project& a, const Project& b) {
    if (a.data == b.data && sameDrawing(a.network, b.network)) return true;
    const std::map<std::string, std::int64_t> left = parametersOf(a), right = parametersOf(b);
    if (left.empty() || right.empty()) return std::nullopt;
    return left == right;
}

std::optional<RunRecord> latestFittingRun(const std::string& runsFolder, const Project& project,
                                          const std::atomic<bool>& cancelled) {
    int looked = 0;
    for (RunRecord& record : listRuns(runsFolder)) {
        if (cancelled || looked == kMostLookedAt) break;
        if (record.weights.empty()) continue;
        ++looked;
        const auto trained =
            loadProject((std::filesystem::path(record.folder) / "project.loom").string());
        if (trained && weightsFit(trained->project, project).value_or(false))
            return std::move(record);
    }
    return std::nullopt;
}

}  // namespace loom
