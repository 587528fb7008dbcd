#include <cmath>
#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/train/throughput.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::int64_t steps = 100;
    std::optional<int> threads;
    std::optional<int> workers;
    bool json = false;
};

int run(const Options& options) {
    OpenedProject project = openProject(options.project);
    if (!project) return project.exitCode;
    if (options.threads) project->training.threads = *options.threads;
    if (options.workers) project->training.numWorkers = *options.workers;
    const PlanResult plan = makePlan(*project, {});
    if (!plan) return fail(plan.problem.error, plan.problem.invalidProject ? kMisused : kFailed);
    const Result<Throughput> measured = measureThroughput(*plan.plan, options.steps);
    if (!measured) return fail(measured.error());
    const Environment environment = currentEnvironment(plan.plan->threads, plan.plan->device);
    if (options.json) {
        printResult(Dict{{"samples_per_second", Dict{{"pipeline", measured->pipeline},
                                                     {"training_step", measured->trainingStep},
                                                     {"training", measured->training}}},
                         {"batch_size", project->training.batchSize},
                         {"steps", options.steps},
                         {"threads", environment.threads},
                         {"workers", project->training.numWorkers},
                         {"device", environment.device},
                         {"blas", environment.blas}});
        return kDone;
    }
    const auto figure = [](double perSecond) { return groupDigits(std::llround(perSecond)); };
    printLine(environment.toText() + ", batches of " + groupDigits(project->training.batchSize));
    printTable({{"Samples per second", ""},
                {"  data pipeline alone", figure(measured->pipeline)},
                {"  training step, one batch in memory", figure(measured->trainingStep)},
                {"  real training", figure(measured->training)}},
               1);
    return kDone;
}

}  // namespace

Run declareBench(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    app.add_option("--steps", options->steps, "Batches to measure")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--threads", options->threads, "CPU threads; 0: the best for this machine")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--workers", options->workers, "Threads that prepare batches")
        ->check(CLI::NonNegativeNumber);
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
