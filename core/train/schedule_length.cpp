#include "core/train/schedule_length.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/train/run_folder.h"
#include "core/train/schedule.h"

namespace loom {
namespace {

std::string lengthText(const RunLength& length, bool withBatches) {
    const std::string epochs = counted(length.epochs, "epoch", "epochs");
    if (!withBatches) return epochs;
    return sentence(
        "{epochs} of {batches}",
        {{"epochs", epochs}, {"batches", counted(length.batchesPerEpoch, "batch", "batches")}});
}

}  // namespace

bool followsRunLength(const TrainingSection& training) {
    const OptimizerKind* optimizer = optimizers().find(training.optimizer.kind);
    const SchedulerKind* kind =
        training.scheduler ? schedulers().find(training.scheduler->kind) : nullptr;
    if (!optimizer || !kind) return false;
    for (const auto& [specs, params] : {std::pair(&optimizer->params, &training.optimizer.params),
                                        std::pair(&kind->params, &training.scheduler->params)})
        for (const ParamProblem& problem : checkParams(*specs, *params))
            if (!problem.unknown) return false;
    const Settings settings(kind->params, training.scheduler->params);
    if (kind->check(settings, optimizer, RunLength{})) return false;
    // Long enough for every phase; what it is does not matter here.
    const RunLength length{1000, 1000};
    std::vector<GroupRates> groups = {
        startingRates(Settings(optimizer->params, training.optimizer.params))};
    const auto schedule = buildSchedule(training.scheduler, length, groups);
    return schedule && schedule->followsRun();
}

std::int64_t plannedEpochs(const std::string& folder) {
    const auto record = readRunRecord(folder);
    if (!record) return 0;
    const Value* plan = record->details.find("plan");
    const Value* epochs = plan && plan->isDict() ? plan->asDict().find("epochs") : nullptr;
    return epochs && epochs->isInt() ? epochs->asInt() : 0;
}

std::string scheduleLengthQuestion(const Project& project, const std::string& resumeFrom) {
    if (resumeFrom.empty() || !followsRunLength(project.training)) return {};
    // A run that was killed before its first checkpoint begins again.
    std::error_code ignored;
    if (!std::filesystem::exists(resumeFrom + "/checkpoints/last.pt", ignored)) return {};
    const std::int64_t drawn = plannedEpochs(resumeFrom);
    if (drawn <= 0 || drawn == project.training.epochs) return {};
    return sentence("{schedule} was drawn for the run's {before}, and the run now has {now}.",
                    {{"schedule", project.training.scheduler->kind},
                     {"before", counted(drawn, "epoch", "epochs")},
                     {"now", groupDigits(project.training.epochs)}});
}

std::string scheduleLengthSentence(const std::string& kind, const RunLength& drawn,
                                   const RunLength& now, ScheduleLength choice) {
    const bool batches = drawn.batchesPerEpoch != now.batchesPerEpoch;
    const std::string begin =
        sentence(
            "{schedule} was drawn for {before}, the run's length until now, and the run now "
            "has {now}.",
            {{"schedule", kind},
             {"before", lengthText(drawn, batches)},
             {"now", lengthText(now, batches)}}) +
        " ";
    if (choice == ScheduleLength::Stretch)
        return begin +
               "It is drawn anew over the whole run, so that the learning rate moves from "
               "where it was to where the longer or shorter curve has it at this step.";
    const bool longer = now.epochs * now.batchesPerEpoch > drawn.epochs * drawn.batchesPerEpoch;
    return begin + (longer ? "It keeps the length it was drawn for, and behind its end the "
                             "learning rate stays as it is there."
                           : "It keeps the length it was drawn for, and the run ends before it "
                             "does.");
}

std::string scheduleLengthHint(ScheduleLength choice) {
    return choice == ScheduleLength::Stretch
               ? "--schedule-length keep leaves it as it was drawn."
               : "--schedule-length stretch draws it over the whole run instead.";
}

}  // namespace loom
