#include "core/train/plan.h"

#include <sched.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "core/backend/torch.h"
#include "core/project/project_file.h"
#include "core/train/fitting_run.h"
#include "core/train/resume_check.h"
#include "core/train/run_claim.h"

namespace loom {
namespace {

/// The library behind BLAS among what this process has loaded.
std::string loadedBlas() {
    std::ifstream maps("/proc/self/maps");
    std::string line, found = "unknown";
    while (std::getline(maps, line)) {
        const std::size_t slash = line.find('/');
        if (slash == std::string::npos) continue;
        const std::string path = std::filesystem::weakly_canonical(line.substr(slash)).string();
        if (path.find("openblas") != std::string::npos) {
            for (const char* flavour : {"openmp", "pthread", "serial"})
                if (path.find(std::string("openblas-") + flavour) != std::string::npos)
                    return std::string("OpenBLAS (") + flavour + ")";
            found = "OpenBLAS";
        } else if (path.find("libmkl") != std::string::npos) {
            return "MKL";
        } else if (found == "unknown" && path.find("libblas.so") != std::string::npos) {
            found = "reference BLAS (slow; install libopenblas0-openmp)";
        }
    }
    return found;
}

/// `cuda:0` for `cuda`; what `auto` stands for here.
Result<std::string> resolveDevice(const std::string& wanted) {
    const auto count =
        torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
    if (wanted == "auto") return std::string(count > 0 ? "cuda:0" : "cpu");
    if (wanted == "cpu") return wanted;
    const std::string device = wanted == "cuda" ? "cuda:0" : wanted;
    if (std::atoi(device.c_str() + 5) < count) return device;
    if (!at::hasCUDA()) {
        return Error{
            "The project asks for " + wanted + ", but this LibTorch was built without CUDA.",
            "Choose the device auto or cpu, or build Torchloom with a LibTorch that has CUDA."};
    }
    if (count == 0)
        return Error{"The project asks for " + wanted + ", but no GPU was found.",
                     "Check the driver with nvidia-smi, or choose the device auto or cpu."};
    return Error{"The project asks for " + wanted + ", but this machine has only " +
                     std::to_string(count) + (count == 1 ? " GPU (cuda:0)." : " GPUs."),
                 "Choose a device from cuda:0 to cuda:" + std::to_string(count - 1) + "."};
}

/// Null where nothing is written.
Result<std::shared_ptr<RunClaim>> takeFolder(const Project& project, const PlanOptions& options) {
    if (!options.resumeFrom.empty() && !isRunFolder(options.resumeFrom))
        return Error{"\"" + options.resumeFrom + "\" is not a run folder: it holds no run.json.",
                     "Name the folder that the run was written to."};
    if (!options.resumeFrom.empty())
        if (auto problem = whyNotResumed(options.resumeFrom, project)) return *problem;
    if (!options.resumeFrom.empty()) {
        // Before anything is written: its record is not to be that of another network.
        const auto trained = loadProject(options.resumeFrom + "/project.loom");
        if (trained && weightsFit(trained->project, project) == false)
            return Error{
                "The run in \"" + options.resumeFrom +
                    "\" was trained with another network than this project's.",
                "Resume it with its own project, " + options.resumeFrom + "/project.loom."};
    }
    if (!options.runFolder.empty()) {
        std::error_code ignored;
        const bool same =
            options.runFolder == options.resumeFrom ||
            std::filesystem::equivalent(options.runFolder, options.resumeFrom, ignored);
        return same ? RunClaim::takeAgain(options.runFolder) : RunClaim::take(options.runFolder);
    }
    if (!options.runsFolder.empty()) return RunClaim::takeBelow(options.runsFolder, project.name);
    return std::shared_ptr<RunClaim>();
}

}  // namespace

std::string Environment::toText() const {
    return std::to_string(threads) + (threads == 1 ? " thread" : " threads") + " · LibTorch " +
           torchVersion + " · " + blas;
}

std::vector<DeviceChoice> availableDevices() {
    std::vector<DeviceChoice> devices = {{"cpu", "CPU"}};
    if (!torch::cuda::is_available()) return devices;
    for (std::size_t i = 0; i < torch::cuda::device_count(); ++i)
        devices.push_back({"cuda:" + std::to_string(i), "GPU " + std::to_string(i) + " (CUDA)"});
    return devices;
}

int defaultThreads() {
    // All processors this process may use: LibTorch 1.13's own default, half of them, was 1.5 to 2
    // times slower.
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::clamp(CPU_COUNT(&set), 1, 16);
}

Environment currentEnvironment(int threads, const std::string& device) {
    Environment environment;
    environment.threads = threads;
    environment.device = device;
    environment.torchVersion = TORCH_VERSION;
    static const std::string blas = loadedBlas();
    environment.blas = blas;
    const char* policy = std::getenv("OMP_WAIT_POLICY");
    environment.ompWaitPolicy = policy ? policy : "not set";
    environment.cudaBuilt = at::hasCUDA();
    environment.cudaDevices =
        torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
    return environment;
}

PlanResult makePlan(const Project& project, const PlanOptions& options) {
    auto plan = std::make_shared<TrainingPlan>();
    plan->project = project;
    plan->options = options;
    plan->report = checkProject(project);
    for (const Diagnostic& diagnostic : plan->report.diagnostics)
        if (diagnostic.severity == Severity::Error)
            return PlanError{{diagnostic.message, diagnostic.hint}, true};
    if (!plan->report.location.found)
        return PlanError{{plan->report.location.message, plan->report.location.howToGet},
                         project.data.dataset.kind.empty()};
    if (!plan->report.dataShape)
        return PlanError{
            {"The size of the data's pictures could not be found.", "Look at the Data page."},
            true};
    auto device = resolveDevice(project.training.device);
    if (!device) return PlanError{device.error(), true};
    plan->device = *device;
    plan->threads = project.training.threads > 0 ? project.training.threads : defaultThreads();
    // The folder last: a run that is refused leaves none.
    if (Result<std::shared_ptr<RunClaim>> claim = takeFolder(project, options); !claim)
        return PlanError{claim.error()};
    else
        plan->claim = *std::move(claim);
    if (plan->claim) plan->options.runFolder = plan->claim->folder();
    return std::shared_ptr<const TrainingPlan>(plan);
}

std::string defaultRunsFolder() {
    const char* data = std::getenv("XDG_DATA_HOME");
    const char* home = std::getenv("HOME");
    const std::string base =
        data && *data ? data : (home ? std::string(home) : std::string(".")) + "/.local/share";
    return base + "/torchloom/runs";
}

}  // namespace loom
