#include "core/base/machine_memory.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

namespace loom {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

std::int64_t installed(const std::string& root) {
    std::ifstream info(root + "/proc/meminfo");
    std::string word;
    while (info >> word) {
        std::int64_t kilobytes = 0;
        if (word == "MemTotal:" && info >> kilobytes) return kilobytes * 1024;
    }
    return 0;
}

/// The number in a control group's file; "max", or no such file, is no limit.
std::int64_t limitIn(const std::string& path) {
    std::ifstream file(path);
    std::string text;
    std::int64_t bytes = 0;
    if (!(file >> text)) return kNoLimit;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), bytes);
    return read.ec == std::errc() && bytes > 0 ? bytes : kNoLimit;
}

/// The smallest limit of a group and of all that it lies in.
std::int64_t limitUpwards(const std::string& mount, std::string group, const char* file) {
    std::int64_t smallest = kNoLimit;
    while (true) {
        smallest = std::min(smallest, limitIn(mount + group + "/" + file));
        const std::size_t slash = group.rfind('/');
        if (slash == std::string::npos) return smallest;
        group.resize(slash);
    }
}

}  // namespace

std::int64_t machineMemory(const std::string& root) {
    std::int64_t smallest = kNoLimit;
    // Lines of "hierarchy:controllers:path"; version 2 has one, with no controllers named.
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        std::string path = line.substr(second + 1);
        if (path == "/") path.clear();
        if (controllers == ",,")
            smallest =
                std::min(smallest, limitUpwards(root + "/sys/fs/cgroup", path, "memory.max"));
        else if (controllers.find(",memory,") != std::string::npos)
            smallest = std::min(smallest, limitUpwards(root + "/sys/fs/cgroup/memory", path,
                                                       "memory.limit_in_bytes"));
    }
    const std::int64_t all = installed(root);
    if (smallest == kNoLimit) return all;
    return all > 0 ? std::min(all, smallest) : smallest;
}

bool machineHasGpu() {
    std::error_code ignored;
    return std::filesystem::exists("/dev/nvidiactl", ignored);
}

}  // namespace loom
