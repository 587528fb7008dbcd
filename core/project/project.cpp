#include "core/project/project.h"

namespace loom {

Project newProject() {
    Project project;
    project.name = "Untitled";
    project.network.nodes = {{.id = "input", .kind = "Input", .position = {0, 0}},
                             {.id = "output", .kind = "Output", .position = {480, 0}}};
    project.data.trainTransforms = {{"ToTensor"}};
    project.data.testTransforms = {{"ToTensor"}};
    return project;
}

}  // namespace loom
