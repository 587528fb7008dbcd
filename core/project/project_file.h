#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/project/project.h"

namespace loom {

struct LoadedProject {
    Project project;
    bool readOnly = false;            ///< the file is of a newer version
    std::vector<Diagnostic> remarks;  ///< unknown keys that were kept, and the like
};

/// Reads the text of a `.loom` file. `name` is the file's name for the sentences.
Result<LoadedProject> projectFromJson(const std::string& text,
                                      const std::string& name = "The project");
/// Canonical: the same project always gives the same bytes.
std::string projectToJson(const Project& project);
Value projectToValue(const Project& project);

Result<LoadedProject> loadProject(const std::string& path);
Status saveProject(const std::string& path, const Project& project);

/// Sets a field by its path in the file, `training.optimizer.params.lr`, from text (JSON, or else a
/// string). List items by number: `data.train_transforms.1.params.mean`.
Result<Project> withField(const Project& project, const std::string& path, const std::string& text);

}  // namespace loom
