#pragma once

#include <optional>
#include <vector>

#include "core/catalogue/training_kinds.h"
#include "core/check/shape_report.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "core/project/project.h"

namespace loom {

/// Everything the program knows about a project before running it.
struct ProjectReport {
    ShapeReport shapes;
    std::vector<Diagnostic> diagnostics;  ///< of network, data and training together, errors first
    DatasetLocation location;
    std::optional<SampleSpec> sampleSpec;  ///< what the data set holds
    std::optional<Shape> dataShape;        ///< what the network receives, after the transforms
    PipelineInference trainPipeline;
    PipelineInference testPipeline;
    TargetSpec target;
    std::int64_t trainingBytes = 0;  ///< forecast: weights, gradients, optimizer state, activations
    bool ok() const { return !hasErrors(diagnostics); }
};

/// Fast enough to run after every edit: reads no samples. A data set whose files are missing is a
/// warning here (the design can still be right); starting a run turns it into an error.
ProjectReport checkProject(const Project& project);

}  // namespace loom
