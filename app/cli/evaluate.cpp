#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/train/network_use.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::string weights;
    bool json = false;
};

int run(const Options& options) {
    const TrainedProject trained = openTrained(options.project, options.weights);
    if (!trained.project) return trained.exitCode;
    const Result<Evaluation> evaluation = evaluate(*trained.project, trained.weights);
    if (!evaluation) return fail(evaluation.error());
    if (options.json)
        printResult(Dict{{"loss", evaluation->loss},
                         {"accuracy", evaluation->accuracy},
                         {"samples", evaluation->samples}});
    else
        printLine("Test split, " + groupDigits(evaluation->samples) + " samples: loss " +
                  lossText(evaluation->loss) + ", accuracy " + percentText(evaluation->accuracy));
    return kDone;
}

}  // namespace

Run declareEvaluate(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addWeights(app, options->weights);
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
