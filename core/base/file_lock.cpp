#include "core/base/file_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>

namespace loom {

namespace {

/// The whole file. `l_pid` must be 0 for a lock that belongs to an open file.
struct flock wholeFile(short type) {
    struct flock lock = {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

std::string bootId() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    file >> id;
    return id;
}

/// The 22nd field of /proc/PID/stat; 0 when there is no such process.
std::int64_t startOf(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    // The second field is the program's name in brackets, whatever that holds.
    const std::size_t name = text.rfind(')');
    if (name == std::string::npos) return 0;
    std::istringstream fields(text.substr(name + 1));
    std::string skipped;
    for (int field = 3; field < 22; ++field) fields >> skipped;
    std::int64_t started = 0;
    fields >> started;
    return started;
}

}  // namespace

LockState tryLock(int descriptor) {
    struct flock lock = wholeFile(F_WRLCK);
    if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return LockState::Free;
    return errno == EAGAIN || errno == EACCES ? LockState::Held : LockState::Unknown;
}

LockState lockState(int descriptor) {
    struct flock lock = wholeFile(F_RDLCK);
    if (::fcntl(descriptor, F_OFD_GETLK, &lock) != 0) return LockState::Unknown;
    return lock.l_type == F_UNLCK ? LockState::Free : LockState::Held;
}

ProcessIdentity ProcessIdentity::current() {
    ProcessIdentity self;
    self.pid = ::getpid();
    self.started = startOf(self.pid);
    self.boot = bootId();
    return self;
}

bool ProcessIdentity::isAlive() const {
    return pid > 0 && boot == bootId() && started != 0 && startOf(pid) == started;
}

std::string ProcessIdentity::toText() const {
    return std::to_string(pid) + " " + std::to_string(started) + " " + boot;
}

std::optional<ProcessIdentity> ProcessIdentity::fromText(const std::string& text) {
    ProcessIdentity identity;
    std::istringstream fields(text);
    if (!(fields >> identity.pid >> identity.started >> identity.boot)) return std::nullopt;
    return identity;
}

}  // namespace loom
