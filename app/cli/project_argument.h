#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "core/exchange/weights.h"
#include "core/project/project.h"

namespace loom::cli {

/// The argument that nearly every command begins with.
void addProject(CLI::App& app, std::string& path);
/// `--weights FILE`, required.
void addWeights(CLI::App& app, std::string& path);
/// `--output FILE`, required; never a file that a run recorded.
void addOutput(CLI::App& app, std::string& path, const std::string& what);
/// For every option that names a file to write: why it must not be that one, or nothing.
std::string recordOfARun(const std::string& file);
/// `--json`.
void addJson(CLI::App& app, bool& json);

/// Reads the project and prints what is remarkable about the file; nullopt after printing why not.
std::optional<Project> openProject(const std::string& path);

/// Whether the project can run; prints its errors when not.
bool canRun(const Project& project);

/// A project that can run with weights that fit. `exitCode` says why there is none.
struct TrainedProject {
    std::optional<Project> project;
    Weights weights;
    int exitCode = 0;
};
TrainedProject openTrained(const std::string& projectPath, const std::string& weightsPath);

}  // namespace loom::cli
