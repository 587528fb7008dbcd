#include "core/data/files/disk_space.h"

#include <cstdio>
#include <filesystem>
#include <system_error>

namespace loom {

std::string bytesText(std::int64_t bytes) {
    const char* units[] = {"bytes", "kB", "MB", "GB", "TB"};
    if (bytes < 1000) return std::to_string(bytes) + " bytes";
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 999.5 && unit + 1 < std::size(units)) {
        amount /= 1000;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, amount < 9.95 ? "%.1f %s" : "%.0f %s", amount, units[unit]);
    return text;
}

Status checkSpace(const std::string& folder, std::int64_t bytes) {
    std::error_code code;
    std::filesystem::path place = std::filesystem::absolute(folder, code);
    while (!code && !std::filesystem::exists(place, code) && place.has_relative_path())
        place = place.parent_path();
    const std::filesystem::space_info space = std::filesystem::space(place, code);
    if (code || bytes <= 0 || space.available >= static_cast<std::uintmax_t>(bytes)) return {};
    return Error{"The disk of " + folder + " has room for " +
                     bytesText(static_cast<std::int64_t>(space.available)) + ", but " +
                     bytesText(bytes) + " are needed.",
                 "Free some space, or choose another folder with root."};
}

}  // namespace loom
