#include "core/train/resume_check.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <vector>

#include "core/base/sentence.h"
#include "core/project/project_file.h"
#include "core/train/run_folder.h"
#include "core/train/run_surroundings.h"

namespace loom {
namespace {

/// The fields in which two parts of a document differ: "training.seed (0, now 3)".
void differences(const Value* before, const Value* now, const std::string& place,
                 std::vector<std::string>& found) {
    static const Value none;
    if (!before) before = &none;
    if (!now) now = &none;
    if (*before == *now) return;
    if (before->isDict() && now->isDict()) {
        const Dict &a = before->asDict(), &b = now->asDict();
        for (const auto& [key, value] : a)
            differences(&value, b.find(key), place + "." + key, found);
        for (const auto& [key, value] : b)
            if (!a.find(key)) differences(nullptr, &value, place + "." + key, found);
        return;
    }
    constexpr std::size_t kLongest = 40;
    const std::string old = before->toPython(), fresh = now->toPython();
    found.push_back(old.size() > kLongest || fresh.size() > kLongest
                        ? place
                        : sentence("{field} ({before}, now {now})",
                                   {{"field", place}, {"before", old}, {"now", fresh}}));
}

std::int64_t stepsOf(const RunRecord& record) {
    const Value* results = record.details.find("results");
    const Value* steps = results && results->isDict() ? results->asDict().find("steps") : nullptr;
    return steps && steps->isInt() ? steps->asInt() : 0;
}

/// What of data and training differs from the project as the run in `folder` was trained, in one
/// sentence.
std::string changedSinceTraining(const std::string& folder, const Project& project) {
    const auto trained = loadProject(folder + "/project.loom");
    if (!trained) return {};
    const Value before = projectToValue(trained->project), now = projectToValue(project);
    std::vector<std::string> found;
    for (const char* part : {"data", "training"})
        differences(before.asDict().find(part), now.asDict().find(part), part, found);
    // Said elsewhere, or asked for: how long the run is, and where it computes.
    std::erase_if(found, [](const std::string& field) {
        for (const char* known : {"training.epochs", "training.threads", "training.device",
                                  "training.num_workers", "training.prefetch_factor"})
            if (field.starts_with(known)) return true;
        return false;
    });
    if (found.empty()) return {};
    constexpr std::size_t kMost = 6;
    return sentence(
        "The project differs from the one that the run was trained with: {fields}. Learning rates, "
        "momenta and random numbers go on as the checkpoint has them, the rest is taken from now "
        "on.",
        {{"fields", someWords(found, kMost)}});
}

}  // namespace

std::vector<std::string> remarksOnResuming(const TrainingPlan& plan) {
    const std::string& folder = plan.options.resumeFrom;
    if (folder.empty()) return {};
    std::vector<std::string> remarks = {
        otherSurroundings(folder, currentEnvironment(plan.threads, plan.device)),
        changedSinceTraining(folder, plan.project)};
    std::erase(remarks, std::string());
    return remarks;
}

std::optional<Error> whyNotResumed(const std::string& folder, const Project& project) {
    const Result<RunRecord> record = readRunRecord(folder);
    if (!record) return std::nullopt;
    std::error_code ignored;
    const std::string checkpoint = folder + "/checkpoints/last.pt";
    // Whoever ended by itself or was stopped had written one.
    const bool ended = record->status == "finished" || record->status == "stopped";
    if (!std::filesystem::exists(checkpoint, ignored)) {
        if (!ended || stepsOf(*record) == 0) return std::nullopt;
        return Error{
            sentence("The run in \"{folder}\" has {steps} behind it, but its checkpoint {file} is "
                     "not there.",
                     {{"folder", folder},
                      {"steps", counted(stepsOf(*record), "step", "steps")},
                      {"file", checkpoint}}),
            "Bring the file back, or train in another folder; initial_weights can begin with this "
            "run's weights."};
    }
    const auto trained = loadProject(folder + "/project.loom");
    if (!trained) return std::nullopt;
    const std::string before = trained->project.training.optimizer.kind,
                      now = project.training.optimizer.kind;
    if (before == now) return std::nullopt;
    return Error{sentence("The run in \"{folder}\" was trained with {before}, and the project has "
                          "{now}, which cannot go on from what {before} remembers.",
                          {{"folder", folder}, {"before", before}, {"now", now}}),
                 sentence("Resume it with {before}, or train afresh with initial_weights from this "
                          "run.",
                          {{"before", before}})};
}

}  // namespace loom
