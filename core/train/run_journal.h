#pragma once

#include <memory>

#include "core/exchange/weights.h"
#include "core/train/plan.h"
#include "core/train/run_folder.h"
#include "core/train/run_log.h"

namespace loom {

/// What a run leaves behind: its events in the log, and, where it has a folder, everything in that.
class RunJournal {
public:
    RunJournal(const TrainingPlan& plan, RunLog& log) : m_plan(plan), m_log(log) {}

    /// Makes the run's folder and what is in it from the beginning.
    Status open();
    /// Whether a run goes on in the folder that it was written to.
    bool goesOnInPlace() const;
    bool hasFolder() const { return !m_plan.options.runFolder.empty(); }
    /// A file or folder of the run.
    std::string path(const std::string& name) const {
        return m_plan.options.runFolder + "/" + name;
    }

    /// The checkpoint of the run that goes on; empty for a fresh run, and for one that was killed
    /// before its first checkpoint.
    std::string checkpointToContinue() const;
    std::string checkpointFile() const { return path(kCheckpoint); }

    Status publish(const RunEvent& event);
    /// At the end nothing may fail any more: what cannot be written is at least in the log.
    void publishLast(const RunEvent& event);
    void flush();
    void close();

    /// `weights/<name>.pth`.
    Status saveWeights(const std::string& name, const Weights& weights) const;
    /// Which samples the run uses, where it does not use all: `split.json`.
    Status saveSplit(const Dict& indices) const;

private:
    /// A run that goes on in another folder may have had its best epoch already.
    Status takeBestAlong() const;
    static constexpr const char* kCheckpoint = "checkpoints/last.pt";

    const TrainingPlan& m_plan;
    RunLog& m_log;
    std::unique_ptr<RunFolderWriter> m_writer;
};

}  // namespace loom
