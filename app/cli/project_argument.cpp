#include "app/cli/project_argument.h"

#include <utility>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/exchange/torch_file.h"
#include "core/project/initialization_check.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/run_claim.h"

namespace loom::cli {

void addProject(CLI::App& app, std::string& path) {
    app.add_option("PROJECT", path, "The project file (*.loom)")->required();
}

void addWeights(CLI::App& app, std::string& path) {
    app.add_option("--weights", path,
                   "A weight file, or a run folder (its best weights); needless for a network "
                   "without weights");
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

OpenedProject openProject(const std::string& path) {
    OpenedProject opened;
    Result<LoadedProject> loaded = loadProject(path);
    if (!loaded) {
        opened.exitCode = fail(loaded.error(), exitCodeForFile(path));
        return opened;
    }
    printDiagnostics(loaded->remarks);
    opened.emplace(std::move(loaded->project));
    return opened;
}

int exitCodeForFile(const std::string& path) {
    const auto text = readFile(path);
    const auto root = text ? parseJson(*text) : Result<Value>(text.error());
    const Value* format = root && root->isDict() ? root->asDict().find("format") : nullptr;
    return format && *format == Value("torchloom-project") ? kMisused : kFailed;
}

bool isSound(const Project& project, Needs needs) {
    const ProjectReport report = checkProject(project);
    std::vector<Diagnostic> judged = report.diagnostics;
    if (needs == Needs::Network) {
        judged = report.shapes.diagnostics;
        for (Diagnostic& diagnostic : checkInitializations(project.network, report.shapes))
            judged.push_back(std::move(diagnostic));
    }
    for (const Diagnostic& diagnostic : judged)
        if (diagnostic.severity == Severity::Error) printDiagnostics({diagnostic});
    return !hasErrors(judged);
}

OpenedWeights openWeights(const Project& project, const std::string& path) {
    if (path.empty()) {
        if (!needsWeights(project)) return {};
        return {{},
                fail({"The network has weights, but --weights names no file.",
                      "Name a weight file or a run folder; torchloom-cli init makes fresh ones."},
                     kMisused)};
    }
    Result<Weights> weights = loadWeights(path);
    if (!weights) return {{}, fail(weights.error())};
    return {*std::move(weights), kDone};
}

TrainedProject openTrained(const std::string& projectPath, const std::string& weightsPath,
                           Needs needs) {
    OpenedProject project = openProject(projectPath);
    if (!project) return {{}, {}, project.exitCode};
    if (!isSound(*project, needs)) return {{}, {}, kMisused};
    OpenedWeights opened = openWeights(*project, weightsPath);
    if (opened.exitCode != kDone) return {{}, {}, opened.exitCode};
    std::vector<std::string> remarks;
    if (const Status fits = matchWeights(*project, opened.weights, &remarks); !fits)
        return {{}, {}, fail(fits.error())};
    for (const std::string& remark : remarks) printMessage(remark);
    return {std::move(project), std::move(opened.weights), kDone};
}

}  // namespace loom::cli
