#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace loom {

/// Locks on whole files that end with the process that holds them, however it ends. They belong to
/// the open file, so that two openings of one file in one process exclude each other, too.
enum class LockState {
    Free,     ///< tryLock: it is taken now
    Held,     ///< by somebody else
    Unknown,  ///< the file system knows no locks
};
/// Takes the lock for as long as `descriptor`, open for writing, stays open. Never waits.
LockState tryLock(int descriptor);
/// Looks without taking, so that who looks is in nobody's way.
LockState lockState(int descriptor);

/// A process of this machine; a number alone is given out again.
struct ProcessIdentity {
    std::int64_t pid = 0;
    std::int64_t started = 0;  ///< clock ticks after the machine's start; 0: not known
    std::string boot;          ///< the id of that start

    static ProcessIdentity current();
    /// The process is still there. Of another machine, or another start of this one, it never is.
    bool isAlive() const;
    std::string toText() const;
    static std::optional<ProcessIdentity> fromText(const std::string& text);
};

}  // namespace loom
