#include "core/train/run_rules.h"

#include <algorithm>
#include <array>

#include "core/base/machine_memory.h"
#include "core/base/shape.h"
#include "core/catalogue/batch_rules.h"
#include "core/exchange/torch_file.h"
#include "core/project/memory_check.h"
#include "core/project/schedule_advice.h"
#include "core/train/weight_match.h"

namespace loom {
namespace {

Diagnostic trainingError(const std::string& message, const std::string& hint,
                         const std::string& section = "training") {
    Diagnostic diagnostic;
    diagnostic.section = section;
    diagnostic.message = message;
    diagnostic.hint = hint;
    return diagnostic;
}

/// A schedule against the run's length, which is known only with the data. That of a run that goes
/// on was drawn for its own length, which its checkpoint knows.
std::optional<RunRefusal> scheduleFits(const TrainingPlan& plan, const RunData& data) {
    const TrainingSection& training = plan.project.training;
    if (!training.scheduler || !plan.options.resumeFrom.empty()) return std::nullopt;
    const SchedulerKind* kind = schedulers().find(training.scheduler->kind);
    const auto wrong = kind->check(Settings(kind->params, training.scheduler->params),
                                   optimizers().find(training.optimizer.kind),
                                   {training.epochs, data.batchesPerEpoch()});
    if (!wrong) return std::nullopt;
    return RunRefusal{trainingError(wrong->message, wrong->hint)};
}

/// The smallest of the batches into which `count` samples are cut.
std::int64_t smallestBatch(std::int64_t count, std::int64_t batch, bool dropLast) {
    const std::int64_t last = count % batch;
    return last == 0 || (dropLast && count >= batch) ? std::min(count, batch) : last;
}

/// Blocks that compute with the batch as a whole against the smallest one.
std::optional<RunRefusal> batchesSuffice(const TrainingPlan& plan, const RunData& data) {
    const TrainingSection& training = plan.project.training;
    // A run that ends within its first epoch meets neither its last batch nor the passes behind it.
    if (plan.options.maxSteps >= 0 && plan.options.maxSteps < data.batchesPerEpoch())
        return std::nullopt;
    struct Pass {
        const char* name;
        std::int64_t samples;
        bool training;
        const PipelineInference& pipeline;
    };
    const std::array<Pass, 3> passes = {
        {{"training", data.samplesPerEpoch(), true, plan.report.trainPipeline},
         {"validation", data.size(RunData::Set::Validation), false, plan.report.testPipeline},
         {"test", data.size(RunData::Set::Test), false, plan.report.testPipeline}}};
    for (const Pass& pass : passes) {
        if (pass.samples == 0) continue;
        const std::int64_t smallest =
            smallestBatch(pass.samples, training.batchSize, pass.training && training.dropLast);
        const std::int64_t views =
            pass.pipeline.specs.empty() ? 1 : pass.pipeline.specs.back().views;
        for (const NodeId& id : plan.report.shapes.order) {
            const Node& node = *plan.project.network.find(id);
            const Node* owner =
                node.sharesWith.empty() ? &node : plan.project.network.find(node.sharesWith);
            const LayerKind* kind = layers().find(node.kind);
            const BlockReport* block = plan.report.shapes.find(id);
            if (!owner || !kind || !block || block->inputs.empty()) continue;
            const std::int64_t least = leastBatch(node.kind, Settings(kind->params, owner->params),
                                                  block->inputs.front(), pass.training);
            if (smallest * views >= least) continue;
            RunRefusal refusal{trainingError(
                "The last batch holds a single sample (" + groupDigits(pass.samples) + " of the " +
                    pass.name + " set in batches of " + groupDigits(training.batchSize) +
                    "), but " + id +
                    " takes the mean and deviation over a batch and needs at least two numbers "
                    "per channel.",
                pass.training && training.batchSize > 1
                    ? "Switch drop_last on, or take another batch_size."
                    : "Take another batch_size.")};
            refusal.diagnostic.node = id;
            return refusal;
        }
    }
    return std::nullopt;
}

/// A file to start from that cannot be read, or of which nothing fits.
std::optional<RunRefusal> initialWeightsFit(const TrainingPlan& plan, const RunData&) {
    const std::string& path = plan.project.training.initialWeights;
    if (path.empty() || !plan.options.resumeFrom.empty()) return std::nullopt;
    const auto weights = loadWeights(path);
    if (!weights)
        return RunRefusal{trainingError(weights.error().message, weights.error().hint), false};
    const auto match = matchTable(plan.project, *weights);
    if (match && match->fits > 0) return std::nullopt;
    return RunRefusal{trainingError(
        path + " cannot be the start: " + (match ? match->toSentence() : match.error().message),
        match ? "Name the blocks as in the network the weights come from, or start "
                "afresh."
              : match.error().hint)};
}

using Rule = std::optional<RunRefusal> (*)(const TrainingPlan&, const RunData&);
/// Where the project leaves the device to the machine, and it turned out to be the processor.
std::optional<RunRefusal> memorySuffices(const TrainingPlan& plan, const RunData&) {
    if (plan.device != "cpu") return std::nullopt;
    Project project = plan.project;
    project.training.device = plan.device;
    auto tooMuch = checkMemory(project, plan.report.shapes, machineMemory());
    if (!tooMuch) return std::nullopt;
    return RunRefusal{std::move(*tooMuch)};
}

constexpr std::array<Rule, 4> kRules = {memorySuffices, scheduleFits, batchesSuffice,
                                        initialWeightsFit};

}  // namespace

RunOpening openRun(const TrainingPlan& plan) {
    RunOpening opening;
    bool filesAtFault = false;
    auto data = RunData::open(plan, &filesAtFault);
    if (!data) {
        opening.refusal = RunRefusal{trainingError(data.error().message, data.error().hint, "data"),
                                     !filesAtFault};
        return opening;
    }
    for (const Rule rule : kRules)
        if ((opening.refusal = rule(plan, *data))) return opening;
    opening.data.emplace(*std::move(data));
    return opening;
}

std::vector<Diagnostic> checkForTraining(const Project& project, const ProjectReport& report) {
    std::vector<Diagnostic> all = report.diagnostics;
    // A project without a data set lacks something wherever it is opened.
    if (project.data.dataset.kind.empty())
        for (Diagnostic& one : all)
            if (one.message == report.location.message) one.severity = Severity::Error;
    std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return a.severity > b.severity;
    });
    if (!report.ok() || !report.location.found) return all;
    const auto refuse = [&](Diagnostic diagnostic) {
        all.insert(all.begin(), std::move(diagnostic));
        return all;
    };
    const PlanResult plan = makePlan(project, {});
    if (!plan) return refuse(trainingError(plan.problem.error.message, plan.problem.error.hint));
    const RunOpening opening = openRun(*plan.plan);
    if (opening.refusal) return refuse(opening.refusal->diagnostic);
    // What is counted in epochs was said before.
    if (const auto advice = scheduleAdvice(project.training, opening.data->batchesPerEpoch());
        advice && !scheduleAdvice(project.training, 0)) {
        Diagnostic diagnostic = trainingError(advice->message, advice->hint);
        diagnostic.severity = Severity::Info;
        all.push_back(std::move(diagnostic));
    }
    return all;
}

}  // namespace loom
