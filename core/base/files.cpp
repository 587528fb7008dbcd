#include "core/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/base/errno_text.h"

namespace loom {

std::string errnoText(int code) {
    switch (code) {
        case ENOENT:
            return "it does not exist";
        case EACCES:
        case EPERM:
            return "this user may not";
        case ENOSPC:
        case EDQUOT:
            return "the disk is full";
        case EROFS:
            return "the disk is read-only";
        case EISDIR:
            return "it is a folder, not a file";
        case ENOTDIR:
            return "a part of the path is a file, not a folder";
        case ENAMETOOLONG:
            return "the name is too long";
        default:
            return std::strerror(code);
    }
}

namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor() {
        if (m_fd >= 0) ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }
    bool close() { return ::close(std::exchange(m_fd, -1)) == 0; }

private:
    int m_fd;
};

}  // namespace

Result<std::string> readFile(const std::string& path, std::uint64_t maximumBytes) {
    const auto fail = [&](const std::string& why) {
        return Error{path + " cannot be read: " + why + ".", "Check the path and its permissions."};
    };
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return fail(errnoText(errno));
    struct stat info = {};
    if (::fstat(file.get(), &info) != 0) return fail(errnoText(errno));
    if (S_ISDIR(info.st_mode)) return fail("it is a folder, not a file");
    std::string bytes;
    if (S_ISREG(info.st_mode)) {
        if (static_cast<std::uint64_t>(info.st_size) > maximumBytes) {
            return fail("it has " + std::to_string(info.st_size) + " bytes, more than the " +
                        std::to_string(maximumBytes) + " such a file may have");
        }
        bytes.reserve(static_cast<std::size_t>(info.st_size) + 1);
    }
    // Small files, read by the thousand, should not cost a megabyte each.
    std::string chunk(std::clamp<std::size_t>(bytes.capacity() + 1, 1 << 12, 1 << 20), '\0');
    while (true) {
        const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(errnoText(errno));
        if (count == 0) return bytes;
        bytes.append(chunk.data(), static_cast<std::size_t>(count));
        if (bytes.size() > maximumBytes) return fail("it is longer than such a file may be");
    }
}

Status writeFileAtomically(const std::string& path, std::string_view bytes) {
    const std::string temporary = path + ".tmp" + std::to_string(::getpid());
    const auto fail = [&](int code) {
        ::unlink(temporary.c_str());
        return Error{
            path + " cannot be written: " + errnoText(code) + ".",
            code == ENOSPC
                ? "Free some space or choose another folder. What was there before is unchanged."
                : "Choose another folder, or mend its permissions."};
    };
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return fail(errno);
    const char* next = bytes.data();
    std::size_t left = bytes.size();
    while (left > 0) {
        const ssize_t count = ::write(file.get(), next, left);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(errno);
        next += count;
        left -= static_cast<std::size_t>(count);
    }
    if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) return fail(errno);
    if (!file.close()) return fail(errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return fail(errno);
    return {};
}

Status makeFolder(const std::string& path) {
    std::error_code code;
    std::filesystem::create_directories(path, code);
    if (code) {
        return Error{"The folder " + path + " cannot be made: " + errnoText(code.value()) + ".",
                     "Choose another folder, or mend its permissions."};
    }
    if (!std::filesystem::is_directory(path, code))
        return Error{path + " is not a folder.", "Choose another name."};
    return {};
}

std::string expandHome(const std::string& path) {
    if (path != "~" && !path.starts_with("~/")) return path;
    const char* home = std::getenv("HOME");
    return home ? home + path.substr(1) : path;
}

}  // namespace loom
