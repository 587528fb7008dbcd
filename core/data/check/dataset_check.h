#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/choice.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/graph/diagnostic.h"

namespace loom {

/// A sample that something was found about.
struct FoundSample {
    Split split = Split::Train;
    std::int64_t index = 0;
    std::string name = {};   ///< its file, or "sample 17"
    std::string note = {};   ///< what is wrong with this one, where that differs: "cut off"
    std::int64_t group = 0;  ///< equal ones of a finding about duplicates have the same
};

/// A repair of the project that mends a finding; `applyDataFix` knows the ids.
struct DataFix {
    std::string id;     ///< "use_statistics", "same_normalize", "balance_classes", ...
    std::string label;  ///< a verb: "Use the training set's"
    Params values = {};
};

/// Something about a data set that would spoil a training, or is good to know. Whoever looks at a
/// data set makes them: the check, and a run that had to leave out samples.
struct DataFinding {
    Severity severity = Severity::Warning;
    std::string id;  ///< what was looked for: "unreadable", "leak", "imbalance", ...; permanent
    std::string title;
    std::string message;  ///< with the figures
    std::string hint = {};
    std::int64_t count = 0;  ///< samples concerned; more than `samples` where they are many
    std::vector<FoundSample> samples = {};
    std::vector<DataFix> fixes = {};
};

/// How many samples a finding lists at most.
inline constexpr std::size_t kListedSamples = 500;

struct DatasetCheckRequest {
    Choice dataset;
    std::vector<Choice> trainTransforms = {};
    std::vector<Choice> testTransforms = {};
    std::uint64_t seed = 0;   ///< of the run, for random transforms before Normalize
    bool balanced = false;    ///< a sampler makes up for uneven classes
    bool validated = false;   ///< a part is held back for validation
    bool needsLabels = true;  ///< false where the network is to give back what it received
    /// Numbers that the network gives for a sample, where each stands for a class.
    std::optional<std::int64_t> outputs = {};
    std::string outputBlock = {};  ///< the block that gives them
    /// What the loss says of the network when the answers are these.
    std::function<std::vector<Diagnostic>(const TargetSpec&)> judge = {};
    int threads = 0;  ///< 0: as many as the machine has
};

struct DatasetCheckProgress {
    std::int64_t done = 0;
    std::int64_t total = 0;
    double seconds = 0;  ///< since the beginning
};

struct DatasetCheckReport {
    std::vector<DataFinding> findings;  ///< the worst first
    std::vector<std::string> passed;    ///< what was looked at and found in order
    std::int64_t trainSize = 0;
    std::int64_t testSize = 0;
    std::int64_t looked = 0;        ///< samples read
    std::vector<double> mean;       ///< of the training set as Normalize gets it, by channel
    std::vector<double> deviation;  ///< empty where nothing is to be normalised
    double seconds = 0;
    bool complete = true;  ///< false when it was stopped
};

/// Reads every sample of both splits and judges what it saw: files, sizes, equal samples, classes,
/// labels against the network, numbers against Normalize.
///
/// Threads: blocks; reads with threads of its own. `goOn` is asked some times a second on the
///          caller's thread; false ends it with what was found so far.
/// Memory:  8 bytes per sample, and one sample per thread.
DatasetCheckReport checkDataset(const DatasetCheckRequest& request,
                                const std::function<bool(const DatasetCheckProgress&)>& goOn);

}  // namespace loom
