#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/project/project.h"
#include "core/project/project_check.h"

namespace loom {

/// Where the numbers of a run depend on the machine: recorded with every run.
struct Environment {
    int threads = 1;
    std::string device = "cpu";
    std::string torchVersion;
    std::string blas;  ///< the library behind BLAS, as loaded
    std::string ompWaitPolicy;
    bool cudaBuilt = false;
    int cudaDevices = 0;
    /// "2 threads · LibTorch 1.13.0 · OpenBLAS (openmp)"
    std::string toText() const;
};

/// Devices a run can use: "cpu", "cuda:0", ... with a label for the menu.
struct DeviceChoice {
    std::string id;
    std::string label;
};
std::vector<DeviceChoice> availableDevices();

/// CPU threads that `threads = 0` stands for on this machine.
int defaultThreads();
Environment currentEnvironment(int threads, const std::string& device);

/// What becomes of a schedule whose length the run had set, when the run is continued for another
/// length; see schedule_length.h.
enum class ScheduleLength { Keep, Stretch };

struct PlanOptions {
    std::string runFolder;  ///< where to write; empty: see runsFolder
    /// Where no folder is named: a fresh one is made below this one. Empty: nothing is written.
    std::string runsFolder;
    std::int64_t maxSteps = -1;  ///< stop after this many steps; -1: no limit
    bool yieldToWindow =
        false;  ///< train at a lower priority, so that a window on the same cores answers at once
    std::string resumeFrom;  ///< a run folder whose checkpoint continues; empty: a fresh start
    ScheduleLength scheduleLength = ScheduleLength::Keep;
};

class RunClaim;

/// Frozen input of a run.
struct TrainingPlan {
    Project project;
    ProjectReport report;
    PlanOptions options;
    int threads = 1;
    std::string device = "cpu";
    /// Nobody else writes to the run's folder until the run has ended; null: the run's writer takes
    /// it.
    std::shared_ptr<RunClaim> claim = nullptr;
};

/// Checks the project, freezes it, and takes the run's folder. Refused with the first error
/// diagnostic's sentence when the project cannot run (`invalidProject` set then), when files are
/// missing, or when the folder is not to be had.
struct PlanError {
    Error error;
    bool invalidProject =
        false;  ///< the design is at fault (exit code 2), not files or the machine
};
class PlanResult {
public:
    PlanResult(std::shared_ptr<const TrainingPlan> ready) : plan(std::move(ready)) {}
    PlanResult(PlanError refusal) : problem(std::move(refusal)) {}
    std::shared_ptr<const TrainingPlan> plan;
    PlanError problem;
    explicit operator bool() const { return plan != nullptr; }
};
PlanResult makePlan(const Project& project, const PlanOptions& options);

/// Where the application keeps runs: `$XDG_DATA_HOME/torchloom/runs`.
std::string defaultRunsFolder();

}  // namespace loom
