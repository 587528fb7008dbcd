#include "app/cli/project_argument.h"

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "core/exchange/torch_file.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/run_claim.h"

namespace loom::cli {

void addProject(CLI::App& app, std::string& path) {
    app.add_option("PROJECT", path, "The project file (*.loom)")->required();
}

void addWeights(CLI::App& app, std::string& path) {
    app.add_option("--weights", path, "A weight file, or a run folder (its best weights)")
        ->required();
}

void addOutput(CLI::App& app, std::string& path, const std::string& what) {
    app.add_option("--output", path, what)->required()->check(recordOfARun);
}

std::string recordOfARun(const std::string& file) {
    const Status free = notOfARunsRecord(file);
    return free ? std::string() : free.error().message + " " + free.error().hint;
}

void addJson(CLI::App& app, bool& json) {
    app.add_flag("--json", json, "Print the result as JSON");
}

std::optional<Project> openProject(const std::string& path) {
    Result<LoadedProject> loaded = loadProject(path);
    if (!loaded) {
        printError(loaded.error());
        return std::nullopt;
    }
    printDiagnostics(loaded->remarks);
    return std::move(loaded->project);
}

bool canRun(const Project& project) {
    const ProjectReport report = checkProject(project);
    for (const Diagnostic& diagnostic : report.diagnostics)
        if (diagnostic.severity == Severity::Error) printDiagnostics({diagnostic});
    return report.ok();
}

TrainedProject openTrained(const std::string& projectPath, const std::string& weightsPath) {
    std::optional<Project> project = openProject(projectPath);
    if (!project) return {{}, {}, kFailed};
    if (!canRun(*project)) return {{}, {}, kMisused};
    Result<Weights> weights = loadWeights(weightsPath);
    if (!weights) return {{}, {}, fail(weights.error())};
    if (const Status fits = matchWeights(*project, *weights); !fits)
        return {{}, {}, fail(fits.error())};
    return {std::move(project), *std::move(weights), kDone};
}

}  // namespace loom::cli
