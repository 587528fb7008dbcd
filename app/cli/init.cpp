#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/exchange/torch_file.h"
#include "core/train/network_use.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::string output;
    std::optional<std::int64_t> seed;
    bool json = false;
};

int run(const Options& options) {
    const OpenedProject project = openProject(options.project);
    if (!project) return project.exitCode;
    if (!isSound(*project, Needs::Network)) return kMisused;
    const std::int64_t seed = options.seed.value_or(project->training.seed);
    const Result<Weights> weights = initialWeights(*project, seed);
    if (!weights) return fail(weights.error());
    if (const Status saved = saveStateDict(options.output, *weights); !saved)
        return fail(saved.error());
    const auto count = static_cast<std::int64_t>(weights->tensors.size());
    if (options.json)
        printResult(Dict{{"output", options.output}, {"tensors", count}, {"seed", seed}});
    else
        printMessage("Wrote " + options.output + ": " + groupDigits(count) + " tensors, seed " +
                     std::to_string(seed));
    return kDone;
}

}  // namespace

Run declareInit(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addOutput(app, options->output, "Where the weights go (.pth)");
    app.add_option("--seed", options->seed, "Instead of the project's seed");
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
