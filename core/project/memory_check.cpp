#include "core/project/memory_check.h"

#include "core/base/machine_memory.h"
#include "core/base/saturating.h"
#include "core/base/shape.h"
#include "core/project/memory_forecast.h"

namespace loom {
namespace {

std::string bytesText(std::int64_t bytes) {
    return bytes == kUncountable ? "more bytes than can be counted"
                                 : byteText(static_cast<double>(bytes));
}

/// The largest batch whose forecast stays within `available`; 0 when not even one sample's does.
std::int64_t largestBatch(Project project, const ShapeReport& shapes, std::int64_t available) {
    std::int64_t fits = 0, tooLarge = project.training.batchSize;
    while (tooLarge - fits > 1) {
        project.training.batchSize = fits + (tooLarge - fits) / 2;
        (forecastMemory(project, shapes).total() <= available ? fits : tooLarge) =
            project.training.batchSize;
    }
    return fits;
}

}  // namespace

std::optional<Diagnostic> checkMemory(const Project& project, const ShapeReport& shapes,
                                      std::int64_t available) {
    // A GPU has memory of its own, which is not asked about here. Where one may be meant, the run
    // knows, and looks again when it begins.
    const std::string& device = project.training.device;
    if (available <= 0 || device.starts_with("cuda") || (device == "auto" && machineHasGpu()))
        return std::nullopt;
    const MemoryForecast forecast = forecastMemory(project, shapes);
    if (forecast.total() <= available) return std::nullopt;
    Diagnostic diagnostic;
    diagnostic.section = "training";
    const std::int64_t batch = project.training.batchSize;
    const std::int64_t fits = largestBatch(project, shapes, available);
    const std::string machine = "this machine has " + bytesText(available) + ".";
    if (fits == 0) {
        Project one = project;
        one.training.batchSize = 1;
        diagnostic.message =
            "Training needs " + bytesText(forecastMemory(one, shapes).total()) +
            " of memory even with a single sample in a batch (" +
            bytesText(plus(forecast.weights, forecast.gradients, forecast.optimizerState)) +
            " of it for " + groupDigits(shapes.parameters) + " parameters), but " + machine;
        diagnostic.hint = "Make the network smaller.";
    } else {
        diagnostic.message = "Training in batches of " + groupDigits(batch) + " needs " +
                             bytesText(forecast.total()) + " of memory, but " + machine;
        diagnostic.hint =
            "Set batch_size to " + groupDigits(fits) + " or less, or make the network smaller.";
    }
    return diagnostic;
}

}  // namespace loom
