#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <thread>

#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "app/cli/train_report.h"
#include "app/cli/whole_number.h"
#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/project/project_file.h"
#include "core/project/unknown_parts.h"
#include "core/train/run_folder.h"
#include "core/train/run_rules.h"
#include "core/train/session.h"

namespace loom::cli {

namespace fs = std::filesystem;

namespace {

/// How often events are collected and shown: what is printed leaves the program this often.
constexpr std::chrono::milliseconds kShowEvery(40);

struct Options {
    std::string project;
    std::string out;
    std::string resume;
    std::optional<std::int64_t> epochs;
    std::optional<std::int64_t> maxSteps;
    std::optional<std::int64_t> seed;
    std::optional<std::string> device;
    std::optional<int> threads;
    std::optional<int> workers;
    std::vector<std::string> fields;
    std::string scheduleLength = "keep";
    bool json = false;
};

/// A run that goes on keeps its seed, whatever was said on the command line that began it.
void keepSeed(Project& project, const std::string& runFolder) {
    const Result<LoadedProject> trained =
        loadProject((fs::path(runFolder) / "project.loom").string());
    if (!trained || trained->project.training.seed == project.training.seed) return;
    project.training.seed = trained->project.training.seed;
    printMessage("The run goes on with its own seed, " + std::to_string(project.training.seed) +
                 ".");
}

Result<Project> withOptions(Project project, const Options& options) {
    if (!options.resume.empty() && !options.seed) keepSeed(project, options.resume);
    for (const std::string& field : options.fields) {
        const std::size_t equals = field.find('=');
        if (equals == std::string::npos || equals == 0)
            return Error{"--set " + field + " has no KEY=VALUE.",
                         "For example --set training.optimizer.params.lr=0.1."};
        Result<Project> changed =
            withField(project, field.substr(0, equals), field.substr(equals + 1));
        if (!changed) return changed;
        project = *std::move(changed);
    }
    TrainingSection& training = project.training;
    if (options.epochs) training.epochs = *options.epochs;
    if (options.seed) training.seed = *options.seed;
    if (options.device) training.device = *options.device;
    if (options.threads) training.threads = *options.threads;
    if (options.workers) training.numWorkers = *options.workers;
    return project;
}

int exitCodeFor(const std::string& status) {
    if (status == "finished") return kDone;
    if (status == "stopped") return isInterrupted() ? kInterrupted : kDone;
    return status == "diverged" ? kDiverged : kFailed;
}

/// "Best test accuracy: 91.20 % after epoch 3"; of the loss where there are no classes.
std::string bestText(const RunRecord::Best& best) {
    const bool classes = !std::isnan(best.accuracy);
    const auto figure = [&](double accuracy, double loss) {
        return classes ? percentText(accuracy) : lossText(loss);
    };
    const char* text =
        best.onValidation
            ? (classes
                   ? "Best validation accuracy: {best} after epoch {epoch}; test accuracy after "
                     "that epoch: {test}"
                   : "Best validation loss: {best} after epoch {epoch}; test loss after that "
                     "epoch: {test}")
            : (classes ? "Best test accuracy: {best} after epoch {epoch}"
                       : "Best test loss: {best} after epoch {epoch}");
    return sentence(text, {{"best", figure(best.accuracy, best.loss)},
                           {"epoch", groupDigits(best.epoch)},
                           {"test", figure(best.testAccuracy, best.testLoss)}});
}

void printWhereItIs(const TrainingSession& session) {
    const std::string folder = session.runFolder();
    if (folder.empty()) return;
    if (const Result<RunRecord> record = readRunRecord(folder); record && record->best.epoch > 0)
        printLine(bestText(record->best));
    printLine("Run folder: " + folder);
    const fs::path best = fs::path(folder) / "weights" / "best.pth";
    std::error_code ignored;
    if (fs::exists(best, ignored)) printLine("Best weights: " + best.string());
}

/// Shows the run until it has ended; asks it to stop when the user, or whoever reads, has had
/// enough.
void follow(TrainingSession& session, TrainReport& report) {
    std::size_t cursor = 0;
    bool asked = false;
    for (bool ended = false; !ended;) {
        ended = session.state() == TrainingSession::State::Ended;
        report.show(session.log().read(cursor));
        if (!asked && !ended && (isInterrupted() || !report.isHeard())) {
            asked = true;
            session.stop();
        }
        if (!ended) std::this_thread::sleep_for(kShowEvery);
    }
    session.wait();
    report.show(session.log().read(cursor));
}

int run(const Options& options) {
    const OpenedProject opened = openProject(options.project);
    if (!opened) return opened.exitCode;
    const Result<Project> project = withOptions(*opened, options);
    if (!project) return fail(project.error(), kMisused);
    printDiagnostics(unknownParts(*project));

    PlanOptions planOptions;
    planOptions.maxSteps = options.maxSteps.value_or(-1);
    planOptions.resumeFrom = options.resume;
    planOptions.scheduleLength =
        options.scheduleLength == "stretch" ? ScheduleLength::Stretch : ScheduleLength::Keep;
    planOptions.runFolder = options.out.empty() ? options.resume : options.out;
    planOptions.runsFolder = "runs";
    const PlanResult plan = makePlan(*project, planOptions);
    if (!plan) return fail(plan.problem.error, plan.problem.invalidProject ? kMisused : kFailed);
    // Held until the run has opened the same data, which are then in memory.
    const RunOpening opening = openRun(*plan.plan);
    if (opening.refusal)
        return fail({opening.refusal->diagnostic.message, opening.refusal->diagnostic.hint},
                    opening.refusal->invalidProject ? kMisused : kFailed);

    catchInterrupts();
    TrainingSession session(plan.plan);
    const std::unique_ptr<TrainReport> report =
        options.json ? makeJsonReport(*plan.plan) : makeTextReport(*plan.plan);
    if (!options.json)
        printMessage("Training " + project->name + " on " +
                     currentEnvironment(plan.plan->threads, plan.plan->device).toText());
    session.start();
    follow(session, *report);

    const std::string status = session.status();
    if (!options.json) {
        if (status == "stopped")
            printMessage("Stopped; continue with --resume " + session.runFolder());
        printWhereItIs(session);
    }
    if (!report->isHeard()) return kFailed;
    return exitCodeFor(status);
}

}  // namespace

Run declareTrain(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    app.add_option("--out", options->out, "The run folder; else a fresh one below ./runs");
    app.add_option("--epochs", options->epochs, "Passes over the data")
        ->check(wholeNumber(1, 1000000000));
    app.add_option("--max-steps", options->maxSteps, "Stop after this many steps")
        ->check(wholeNumber(0));
    app.add_option("--seed", options->seed, "For weights, order, dropout and transforms")
        ->check(wholeNumber(0));
    app.add_option("--device", options->device, "auto, cpu, cuda, cuda:N");
    app.add_option("--threads", options->threads, "CPU threads; 0: the best for this machine")
        ->check(wholeNumber(0, 4096));
    app.add_option("--workers", options->workers, "Threads that prepare batches")
        ->check(wholeNumber(0, 256));
    app.add_option("--set", options->fields,
                   "KEY=VALUE: any field of the project, by its path in the file")
        ->expected(1)
        ->take_all();
    app.add_option("--resume", options->resume, "Continue the run in this folder");
    app.add_option("--schedule-length", options->scheduleLength,
                   "With --resume and other --epochs, for schedules whose length the run had set "
                   "(OneCycleLR): keep the one it was drawn for, or stretch it over the whole run")
        ->check(CLI::IsMember({"keep", "stretch"}));
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
