#pragma once

#include <cstdint>
#include <string>

namespace loom {

/// Bytes of memory that this process may use at most: the machine's, or less where a control group
/// (a container, a batch system's job) limits it. 0 when the system does not say. `root` stands
/// for the file system's, for tests.
std::int64_t machineMemory(const std::string& root = "");

/// Whether a driver for NVIDIA's GPUs runs here. Whether it is used, the library decides.
bool machineHasGpu();

}  // namespace loom
