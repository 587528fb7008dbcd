#include "core/data/files/file_cache.h"

#include <sys/stat.h>

namespace loom {

FileStamp fileStamp(const std::string& path) {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0) return {};
    return {true, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
            static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_ino)};
}

}  // namespace loom
