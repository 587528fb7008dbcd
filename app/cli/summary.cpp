#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/project/project_check.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    bool json = false;
};

/// What the block gives, or, for blocks without an output, what it takes.
const Shape* shownShape(const BlockReport& block) {
    if (!block.known) return nullptr;
    if (!block.inference.outputs.empty()) return &block.inference.outputs.front();
    return block.inputs.empty() ? nullptr : &block.inputs.front();
}

Value toValue(const Shape* shape) {
    if (!shape) return {};
    List sides;
    for (const std::int64_t side : shape->dims) sides.emplace_back(side);
    return sides;
}

void printAsJson(const Graph& graph, const ShapeReport& shapes) {
    List blocks;
    for (const NodeId& id : shapes.order) {
        const BlockReport& block = *shapes.find(id);
        blocks.emplace_back(Dict{{"id", id},
                                 {"kind", graph.find(id)->kind},
                                 {"output_shape", toValue(shownShape(block))},
                                 {"parameters", block.inference.parameters},
                                 {"macs", block.inference.macs}});
    }
    printResult(Dict{{"blocks", blocks}, {"parameters", shapes.parameters}, {"macs", shapes.macs}});
}

void printAsText(const Graph& graph, const ShapeReport& shapes) {
    std::vector<std::vector<std::string>> rows{
        {"Block", "Kind", "Output", "Parameters", "Multiply-adds"}};
    for (const NodeId& id : shapes.order) {
        const BlockReport& block = *shapes.find(id);
        const Shape* shape = shownShape(block);
        rows.push_back({id, graph.find(id)->kind, shape ? shape->toText() : "?",
                        groupDigits(block.inference.parameters),
                        groupDigits(block.inference.macs)});
    }
    rows.push_back({"Total", "", "", groupDigits(shapes.parameters), groupDigits(shapes.macs)});
    printTable(rows, 3);
}

int run(const Options& options) {
    const OpenedProject project = openProject(options.project);
    if (!project) return project.exitCode;
    const ProjectReport report = checkProject(*project);
    if (options.json)
        printAsJson(project->network, report.shapes);
    else
        printAsText(project->network, report.shapes);
    for (const Diagnostic& diagnostic : report.shapes.diagnostics)
        if (diagnostic.severity == Severity::Error) printDiagnostics({diagnostic});
    return hasErrors(report.shapes.diagnostics) ? kMisused : kDone;
}

}  // namespace

Run declareSummary(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
