#include "core/data/files/locations.h"

#include <sys/stat.h>

#include <cstdlib>

#include "core/base/files.h"

namespace loom {

std::string homeDataFolder() {
    return expandHome("~/.torchloom/data");
}

std::vector<std::string> dataRoots(const std::string& root) {
    if (!root.empty()) {
        std::string expanded = expandHome(root);
        while (expanded.size() > 1 && expanded.back() == '/') expanded.pop_back();
        return {expanded};
    }
    std::vector<std::string> roots;
    if (const char* set = std::getenv("TORCHLOOM_DATA"); set && *set)
        roots.push_back(expandHome(set));
    roots.insert(roots.end(), {"./data", homeDataFolder(), expandHome("~/data")});
    return roots;
}

ParamSpec rootParam(const std::string& hint) {
    ParamSpec spec;
    spec.key = "root";
    spec.type = ParamType::Path;
    spec.defaultValue = "";
    spec.hint = hint;
    return spec;
}

bool isFile(const std::string& path) {
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

bool isFolder(const std::string& path) {
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace loom
