#pragma once

#include "core/data/check/dataset_check.h"
#include "core/project/project_check.h"

namespace loom {

/// What a check of the project's data needs to know of it.
DatasetCheckRequest dataCheckRequest(const Project& project, const ProjectReport& report);

/// The project with a finding mended.
Result<Project> applyDataFix(const Project& project, const DataFix& fix);

}  // namespace loom
