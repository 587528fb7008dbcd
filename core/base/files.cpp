#include "core/base/files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/errno_text.h"
#include "core/base/file_lock.h"

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
    struct stat info = {};
    // Opening a named pipe waits for a writer, for ever if none comes. One that a shell hands over
    // (/dev/stdin, /dev/fd/63) is a link here, and is read.
    if (::lstat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode))
        return fail("it is a named pipe, not a file");
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return fail(errnoText(errno));
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

namespace {

/// "<name>.tmp<process>-<number>", and "<name>.tmp<process>" as earlier versions wrote it: the name
/// of the file it was to become; empty for any other file.
std::string temporaryOf(const std::string& name) {
    const std::size_t mark = name.rfind(".tmp");
    if (mark == std::string::npos || mark == 0) return {};
    const std::string numbers = name.substr(mark + 4);
    const std::size_t dash = numbers.find('-');
    const auto isNumber = [](std::string_view text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    const std::string_view all = numbers;
    const bool ours = dash == std::string::npos
                          ? isNumber(all)
                          : isNumber(all.substr(0, dash)) && isNumber(all.substr(dash + 1));
    return ours ? name.substr(0, mark) : std::string();
}

/// Removes a temporary file that nobody writes any more. A writer holds the lock of its file.
void sweep(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat info = {};
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    LockState lock = tryLock(file.get());
    if (lock == LockState::Unknown) {
        const auto process = static_cast<pid_t>(std::atoll(path.c_str() + path.rfind(".tmp") + 4));
        const bool gone = process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
        lock = gone ? LockState::Free : LockState::Held;
    }
    if (lock == LockState::Free) ::unlink(path.c_str());
}

/// Removes what killed writers left in `folder` of the file `name`, or of any file where it is
/// empty.
void sweepFolder(const std::string& folder, const std::string& name) {
    std::error_code problem;
    for (std::filesystem::directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        const std::string of = temporaryOf(entry->path().filename().string());
        if (!of.empty() && (name.empty() || of == name)) sweep(entry->path().string());
    }
}

/// A fresh file beside `path`, locked, so that nobody takes it for one that was left behind. Its
/// name goes to `temporary`. Below zero with errno set when there is none.
int openTemporary(const std::string& path, std::string& temporary) {
    static std::atomic<unsigned> count = 0;
    while (true) {
        temporary = path + ".tmp" + std::to_string(::getpid()) + "-" + std::to_string(count++);
        const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (file < 0 && errno == EEXIST) continue;
        if (file < 0) return file;
        // Another process may have swept it away before it was locked.
        struct stat info = {};
        if (tryLock(file) != LockState::Held && ::fstat(file, &info) == 0 && info.st_nlink > 0)
            return file;
        ::close(file);
    }
}

}  // namespace

Status writeFileAtomically(const std::string& path, std::string_view bytes) {
    const std::filesystem::path place(path);
    sweepFolder(place.has_parent_path() ? place.parent_path().string() : ".",
                place.filename().string());
    std::string temporary;
    const auto fail = [&](int code) {
        ::unlink(temporary.c_str());
        return Error{
            path + " cannot be written: " + errnoText(code) + ".",
            code == ENOSPC
                ? "Free some space or choose another folder. What was there before is unchanged."
                : "Choose another folder, or mend its permissions."};
    };
    Descriptor file(openTemporary(path, temporary));
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
    // Renamed while it is locked: under its temporary name it is never anybody's leftover.
    if (::rename(temporary.c_str(), path.c_str()) != 0) return fail(errno);
    if (!file.close()) return fail(errno);
    return {};
}

void sweepTemporaries(const std::string& folder) {
    sweepFolder(folder, {});
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
