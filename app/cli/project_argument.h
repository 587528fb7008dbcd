#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "core/exchange/weights.h"
#include "core/project/project.h"

namespace loom::cli {

/// The argument that nearly every command begins with.
void addProject(CLI::App& app, std::string& path);
/// `--weights FILE`; may be left out where the network has none.
void addWeights(CLI::App& app, std::string& path);
/// `--output FILE`, required; never a file that a run recorded.
void addOutput(CLI::App& app, std::string& path, const std::string& what);
/// For every option that names a file to write: why it must not be that one, or nothing.
std::string recordOfARun(const std::string& file);
/// `--json`.
void addJson(CLI::App& app, bool& json);

/// A project, or the exit code of why there is none.
struct OpenedProject : std::optional<Project> {
    using std::optional<Project>::optional;
    int exitCode = 0;
};
/// Reads the project and prints what is remarkable about the file, or why it is none.
OpenedProject openProject(const std::string& path);

/// For a project that could not be opened: the file is at fault (1), or what it says (2).
int exitCodeForFile(const std::string& path);

/// What of a project must be sound.
enum class Needs {
    Network,    ///< the drawing alone: data and training may be anything
    Everything  ///< network, data and training
};
/// Whether it is; prints the errors when not.
bool isSound(const Project& project, Needs needs);

/// Weights from a file or run folder; without a path those of a network that has none. `exitCode`
/// is not 0, and the reason printed, when there are none.
struct OpenedWeights {
    Weights weights;
    int exitCode = 0;
};
OpenedWeights openWeights(const Project& project, const std::string& path);

/// A sound project with weights that fit. `exitCode` says why there is none.
struct TrainedProject {
    std::optional<Project> project;
    Weights weights;
    int exitCode = 0;
};
TrainedProject openTrained(const std::string& projectPath, const std::string& weightsPath,
                           Needs needs);

}  // namespace loom::cli
