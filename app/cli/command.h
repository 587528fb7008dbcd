#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <vector>

namespace loom::cli {

/// What the program's exit status means, for every command.
enum ExitCode {
    kDone = 0,
    kFailed = 1,   ///< files, memory, runtime
    kMisused = 2,  ///< a wrong command line, or a project with errors
    kDiverged = 3,
    kInterrupted = 130  ///< what was learned is saved
};

/// Runs a command whose options have been read.
using Run = std::function<int()>;

/// One verb of torchloom-cli. `declare` adds its options to `app` and gives what runs with them.
struct Command {
    const char* name;
    const char* summary;
    Run (*declare)(CLI::App& app);
};

const std::vector<Command>& commands();

Run declareCheck(CLI::App& app);
Run declareSummary(CLI::App& app);
Run declareTrain(CLI::App& app);
Run declareEvaluate(CLI::App& app);
Run declarePredict(CLI::App& app);
Run declareForward(CLI::App& app);
Run declareInit(CLI::App& app);
Run declareMatch(CLI::App& app);
Run declareTransform(CLI::App& app);
Run declareExport(CLI::App& app);
Run declareDatasets(CLI::App& app);
Run declareCatalogue(CLI::App& app);
Run declareBench(CLI::App& app);

}  // namespace loom::cli
