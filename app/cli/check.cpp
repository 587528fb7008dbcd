#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/check/problem_place.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "core/train/run_rules.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    bool json = false;
};

Dict toDict(const Diagnostic& diagnostic) {
    List fixes;
    for (const Fix& fix : diagnostic.fixes) fixes.emplace_back(fix.label);
    return Dict{{"severity", toText(diagnostic.severity)},
                {"node", diagnostic.node},
                {"message", diagnostic.message},
                {"hint", diagnostic.hint},
                {"fixes", fixes},
                {"section", pageOf(diagnostic)}};
}

void printText(const std::vector<Diagnostic>& diagnostics, const ProjectReport& report) {
    for (const Diagnostic& diagnostic : diagnostics) {
        printLine(toText(diagnostic.severity) + ": " + diagnostic.message);
        if (!diagnostic.hint.empty()) printLine("  " + diagnostic.hint);
        for (const Fix& fix : diagnostic.fixes) printLine("  fix: " + fix.label);
    }
    if (!hasErrors(diagnostics))
        printLine(
            "No errors: " + groupDigits(static_cast<std::int64_t>(report.shapes.order.size())) +
            " blocks, " + groupDigits(report.shapes.parameters) + " parameters.");
}

/// A file that is a project, but says what no project can: its one diagnostic. Else the file
/// cannot be read.
int refuse(const Options& options, const Error& error) {
    const int code = exitCodeForFile(options.project);
    if (options.json && code == kMisused) {
        Diagnostic diagnostic;
        diagnostic.message = error.message;
        diagnostic.hint = error.hint;
        printResult(Dict{{"diagnostics", List{toDict(diagnostic)}}});
        return code;
    }
    return fail(error, code);
}

int run(const Options& options) {
    Result<LoadedProject> loaded = loadProject(options.project);
    if (!loaded) return refuse(options, loaded.error());
    const ProjectReport report = checkProject(loaded->project);
    std::vector<Diagnostic> diagnostics = checkForTraining(loaded->project, report);
    diagnostics.insert(diagnostics.end(), loaded->remarks.begin(), loaded->remarks.end());
    if (options.json) {
        List list;
        for (const Diagnostic& diagnostic : diagnostics) list.emplace_back(toDict(diagnostic));
        printResult(Dict{{"diagnostics", list}});
    } else {
        printText(diagnostics, report);
    }
    return hasErrors(diagnostics) ? kMisused : kDone;
}

}  // namespace

Run declareCheck(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
