#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/result.h"

namespace loom {

/// The right to write into a run folder: one run at a time has it, over all programs. It is a lock
/// on the file `run.lock` in the folder and ends with the program, however that ends; so it also
/// tells a run that goes on from one whose program is gone.
///
/// Threads: one at a time.
class RunClaim {
public:
    /// A folder for a fresh run: made, or there and empty. Refused when it holds anything, or when
    /// another program is just taking it.
    static Result<std::shared_ptr<RunClaim>> take(const std::string& folder);
    /// A new folder `<parent>/<date>_<time>_<name>`, or with a number behind it, which nobody else
    /// has.
    static Result<std::shared_ptr<RunClaim>> takeBelow(const std::string& parent,
                                                       const std::string& projectName);
    /// The folder of a run that is to go on.
    static Result<std::shared_ptr<RunClaim>> takeAgain(const std::string& folder);

    ~RunClaim();
    RunClaim(const RunClaim&) = delete;
    RunClaim& operator=(const RunClaim&) = delete;

    const std::string& folder() const { return m_folder; }
    /// A folder that was made for the run and that nothing was written to goes, too.
    void release();

private:
    RunClaim(std::string folder, bool made, int lock)
        : m_folder(std::move(folder)), m_made(made), m_lock(lock) {}
    static Result<std::shared_ptr<RunClaim>> lock(const std::string& folder, bool made);

    std::string m_folder;
    bool m_made;
    int m_lock;
};

/// The process that trains in `folder` now, 0 where its number is not known; nullopt: none does.
std::optional<std::int64_t> trainingProcess(const std::string& folder);

/// Asks the program that trains in `folder` to end the run and keep what was learned.
Status askToStop(const std::string& folder);

/// Whether `folder` is one of a run, were it only begun.
bool isRunFolder(const std::string& folder);
/// The run folder that `path` lies in, links followed; empty where it lies in none.
std::string runFolderAround(const std::string& path);
/// Refuses to write over what a run recorded: its project, figures, weights and checkpoints. Other
/// files may lie beside them.
Status notOfARunsRecord(const std::string& path);

}  // namespace loom
