#include "core/train/run_claim.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/base/errno_text.h"
#include "core/base/file_lock.h"
#include "core/base/files.h"

namespace loom {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLockName = "run.lock";
/// Longer parts of a project's name are left out of a folder's.
constexpr std::size_t kLongestName = 60;
/// As many runs begin in one second at most.
constexpr int kMostNumbers = 10000;
constexpr std::uint64_t kLargestRecord = std::uint64_t(16) << 20;

std::string lockPath(const std::string& folder) {
    return (fs::path(folder) / kLockName).string();
}

bool isThere(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

bool isEmptyButForTheLock(const std::string& folder) {
    std::error_code problem;
    for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem))
        if (entry->path().filename() != kLockName) return false;
    return !problem;
}

std::optional<ProcessIdentity> writtenIn(int lock) {
    char text[256];
    const ssize_t count = ::pread(lock, text, sizeof text, 0);
    if (count <= 0) return std::nullopt;
    return ProcessIdentity::fromText({text, static_cast<std::size_t>(count)});
}

Error heldBy(const std::string& folder, std::int64_t process) {
    return {process > 0 ? "\"" + folder + "\" is in use: process " + std::to_string(process) +
                              " is training in it."
                        : "\"" + folder + "\" is in use: another program is training in it.",
            "Choose another folder, or wait until that run has ended."};
}

Error occupied(const std::string& folder) {
    const bool run = isRunFolder(folder);
    return {"\"" + folder + (run ? "\" holds a run already" : "\" is not empty") +
                ", and a run never writes over what is there.",
            run ? "Choose another folder, or continue that run with --resume " + folder + "."
                : std::string("Choose another folder, or an empty one.")};
}

Error notMade(const std::string& folder, int code) {
    return {"The folder " + folder + " cannot be made: " + errnoText(code) + ".",
            "Choose another folder, or mend its permissions."};
}

std::string withoutSlashes(std::string folder) {
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    return folder;
}

/// "2026-03-05_14-02-11_two-convolutions".
std::string nameNow(const std::string& projectName) {
    const std::time_t now = std::time(nullptr);
    std::tm local = {};
    localtime_r(&now, &local);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%d_%H-%M-%S", &local);
    std::string name;
    for (const char c : projectName) {
        const auto byte = static_cast<unsigned char>(c);
        // Letters of other scripts are bytes above ASCII, which every file system here takes.
        if (byte >= 0x80)
            name += c;
        else if (std::isalnum(byte))
            name += static_cast<char>(std::tolower(byte));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    while (!name.empty() && name.back() == '-') name.pop_back();
    std::string folder = stamp;
    // Not in the middle of a character.
    std::size_t end = std::min(name.size(), kLongestName);
    while (end < name.size() && end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80)
        --end;
    name.resize(end);
    if (!name.empty()) folder.append("_").append(name, 0, kLongestName);
    return folder;
}

}  // namespace

Result<std::shared_ptr<RunClaim>> RunClaim::lock(const std::string& folder, bool made) {
    const std::string path = lockPath(folder);
    while (true) {
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (file < 0)
            return Error{path + " cannot be written: " + errnoText(errno) + ".",
                         "Choose another folder, or mend its permissions."};
        const std::optional<ProcessIdentity> before = writtenIn(file);
        const LockState state = tryLock(file);
        if (state == LockState::Held ||
            (state == LockState::Unknown && before && before->isAlive())) {
            ::close(file);
            return heldBy(folder, before ? before->pid : 0);
        }
        // Whoever had it may have removed the file meanwhile: then this is the lock of nothing.
        struct stat mine = {}, there = {};
        if (::fstat(file, &mine) != 0 || ::stat(path.c_str(), &there) != 0 ||
            mine.st_ino != there.st_ino || mine.st_dev != there.st_dev) {
            ::close(file);
            continue;
        }
        const std::string self = ProcessIdentity::current().toText() + "\n";
        if (::ftruncate(file, 0) != 0 ||
            ::pwrite(file, self.data(), self.size(), 0) != static_cast<ssize_t>(self.size())) {
            const int code = errno ? errno : EIO;
            ::close(file);
            return Error{path + " cannot be written: " + errnoText(code) + ".",
                         "Choose another folder, or mend its permissions."};
        }
        return std::shared_ptr<RunClaim>(new RunClaim(folder, made, file));
    }
}

Result<std::shared_ptr<RunClaim>> RunClaim::take(const std::string& wanted) {
    const std::string folder = withoutSlashes(wanted);
    if (const Status free = notOfARunsRecord(folder); !free) return free.error();
    if (const fs::path parent = fs::path(folder).parent_path(); !parent.empty())
        if (const Status there = makeFolder(parent.string()); !there) return there.error();
    const bool made = ::mkdir(folder.c_str(), 0777) == 0;
    if (!made && errno != EEXIST) return notMade(folder, errno);
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        return Error{"\"" + folder + "\" is a file, not a folder.", "Choose another name."};
    if (!made) {
        if (const auto process = trainingProcess(folder)) return heldBy(folder, *process);
        // Nothing is put into a folder that is somebody's.
        if (!isEmptyButForTheLock(folder)) return occupied(folder);
    }
    Result<std::shared_ptr<RunClaim>> claim = lock(folder, made);
    if (claim && !isEmptyButForTheLock(folder)) return occupied(folder);
    return claim;
}

Result<std::shared_ptr<RunClaim>> RunClaim::takeBelow(const std::string& parent,
                                                      const std::string& projectName) {
    if (const Status there = makeFolder(parent); !there) return there.error();
    const std::string stem = (fs::path(parent) / nameNow(projectName)).string();
    for (int number = 1; number <= kMostNumbers; ++number) {
        const std::string folder = number == 1 ? stem : stem + "_" + std::to_string(number);
        // Fails when it is there: of two programs only one makes a folder.
        if (::mkdir(folder.c_str(), 0777) == 0) return lock(folder, true);
        if (errno != EEXIST) return notMade(folder, errno);
    }
    return notMade(stem, EEXIST);
}

Result<std::shared_ptr<RunClaim>> RunClaim::takeAgain(const std::string& wanted) {
    const std::string folder = withoutSlashes(wanted);
    if (!isRunFolder(folder))
        return Error{"\"" + folder + "\" is not a run folder: it holds no run.json.",
                     "Name the folder that the run was written to."};
    return lock(folder, false);
}

RunClaim::~RunClaim() {
    release();
}

void RunClaim::release() {
    if (m_lock < 0) return;
    ::unlink(lockPath(m_folder).c_str());
    ::close(std::exchange(m_lock, -1));
    // Refused by the system unless it is empty.
    if (m_made) ::rmdir(m_folder.c_str());
}

std::optional<std::int64_t> trainingProcess(const std::string& folder) {
    const int file = ::open(lockPath(folder).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    const LockState state = lockState(file);
    const std::optional<ProcessIdentity> process = writtenIn(file);
    ::close(file);
    if (state == LockState::Held) return process ? process->pid : 0;
    if (state == LockState::Unknown && process && process->isAlive()) return process->pid;
    return std::nullopt;
}

Status askToStop(const std::string& folder) {
    const Error notHere{
        "The run in \"" + folder + "\" is not trained by a program of this machine.",
        "Stop it where it was started."};
    const int file = ::open(lockPath(folder).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return notHere;
    const bool held = lockState(file) != LockState::Free;
    const std::optional<ProcessIdentity> process = writtenIn(file);
    ::close(file);
    if (!held || !process || !process->isAlive()) return notHere;
    if (::kill(static_cast<pid_t>(process->pid), SIGTERM) != 0)
        return Error{"The program that trains in \"" + folder +
                         "\" could not be asked to stop: " + errnoText(errno) + ".",
                     "Stop it where it was started."};
    return {};
}

bool isRunFolder(const std::string& folder) {
    const fs::path path(folder);
    // A run may have been killed after any of the files it begins with.
    if (isThere(path / kLockName)) return true;
    if (isThere(path / "project.loom") && isThere(path / "metrics.csv")) return true;
    // Other programs may have a run.json, too.
    const Result<std::string> record = readFile((path / "run.json").string(), kLargestRecord);
    return record && record->find("torchloom-run") != std::string::npos;
}

std::string runFolderAround(const std::string& path) {
    std::error_code problem;
    fs::path place = fs::weakly_canonical(fs::absolute(path, problem), problem);
    if (problem) place = path;
    // weights/best.pth lies one folder deeper than project.loom.
    fs::path folder = place.parent_path();
    for (int depth = 0; depth < 2 && folder.has_relative_path(); ++depth) {
        if (isRunFolder(folder.string())) return folder.string();
        folder = folder.parent_path();
    }
    return {};
}

Status notOfARunsRecord(const std::string& path) {
    const std::string folder = runFolderAround(path);
    if (folder.empty()) return {};
    std::error_code problem;
    const fs::path inside =
        fs::weakly_canonical(fs::absolute(path, problem), problem).lexically_relative(folder);
    const std::string first = inside.begin()->string();
    const char* const kRecord[] = {"project.loom", "run.json", "metrics.csv", "split.json",
                                   "run.lock",     "weights",  "checkpoints"};
    const bool recorded = std::any_of(std::begin(kRecord), std::end(kRecord),
                                      [&](const char* name) { return first == name; }) ||
                          first.find("tfevents") != std::string::npos;
    if (!recorded) return {};
    return Error{"\"" + path + "\" belongs to the record of the run in \"" + folder +
                     "\", which is never changed.",
                 "Choose another file."};
}

}  // namespace loom
