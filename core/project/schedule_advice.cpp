#include "core/project/schedule_advice.h"

#include <algorithm>

#include "core/base/saturating.h"
#include "core/base/sentence.h"

namespace loom {
namespace {

/// How long a run is in what its scheduler counts.
struct Span {
    std::int64_t length = 0;
    bool batches = false;

    std::string text(std::int64_t count) const {
        return batches ? counted(count, "batch", "batches") : counted(count, "epoch", "epochs");
    }
};

/// Half a cosine, which should end where the run ends.
std::optional<Error> halfCosine(const std::string& kind, std::int64_t half, const Span& run) {
    if (half == run.length) return std::nullopt;
    const std::string hint =
        "Set T_max to " + groupDigits(run.length) + " to end the run at the smallest rate.";
    if (half > run.length)
        return Error{kind + " reaches its smallest rate after T_max = " + run.text(half) +
                         ", but the run has only " + run.text(run.length) + ".",
                     hint};
    return Error{kind + " reaches its smallest rate after T_max = " + run.text(half) +
                     " and then raises it again, as the run has " + run.text(run.length) + ".",
                 hint};
}

}  // namespace

std::optional<Error> scheduleAdvice(const TrainingSection& training, std::int64_t batchesPerEpoch) {
    const SchedulerKind* kind =
        training.scheduler ? schedulers().find(training.scheduler->kind) : nullptr;
    if (!kind) return std::nullopt;
    const Settings settings(kind->params, training.scheduler->params);
    const bool batches = settings.text("interval") == "batch" ||
                         (kind->perBatch && settings.text("interval") != "epoch");
    if (batches && batchesPerEpoch == 0) return std::nullopt;
    const Span run{batches ? times(training.epochs, batchesPerEpoch) : training.epochs, batches};
    const auto has = [&](const char* key) {
        return findSpec(kind->params, key) && !settings.isNone(key);
    };
    // By parameters and not by kinds: they mean the same wherever they occur.
    if (has("T_max")) return halfCosine(kind->info.id, settings.integer("T_max"), run);
    const std::string stays = "Take fewer, or train longer.";
    if (has("step_size") && settings.integer("step_size") >= run.length)
        return Error{kind->info.id + " changes the rate for the first time after step_size = " +
                         run.text(settings.integer("step_size")) + ", but the run has only " +
                         run.text(run.length) + ": the rate stays as it is.",
                     stays};
    if (has("milestones")) {
        const auto milestones = settings.integers("milestones");
        const auto first = std::min_element(milestones.begin(), milestones.end());
        if (first != milestones.end() && *first >= run.length)
            return Error{"The first of the milestones of " + kind->info.id + " is after " +
                             run.text(*first) + ", but the run has only " + run.text(run.length) +
                             ": the rate stays as it is.",
                         stays};
    }
    return std::nullopt;
}

}  // namespace loom
