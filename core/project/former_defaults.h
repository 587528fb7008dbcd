#pragma once

#include "core/project/project.h"

/// Defaults that PyTorch or torchvision changed after the oldest release that is followed. A file
/// that leaves such a parameter out was written before the change and keeps the former default;
/// files that are written state the value, so that they mean the same with every release.
namespace loom {

/// Sets what the file left out to the former default.
void applyFormerDefaults(Project& project);

/// The project with today's default written out where nothing is set.
Project withStatedDefaults(Project project);

}  // namespace loom
