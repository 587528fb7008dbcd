#pragma once

#include <QImage>
#include <QString>
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "core/project/project.h"

namespace loom {

/// What the data page wants to see: one sample through every step, and many through all of them.
struct PreviewRequest {
    Choice dataset;
    std::vector<TransformChoice> steps;
    Split split = Split::Train;
    std::uint64_t seed = 0;
    std::uint64_t roll = 0;   ///< the epoch whose random draws are shown
    std::int64_t sample = 0;  ///< the one followed through the steps
    int columns = 10;
    int rows = 4;  ///< of the grid, the one with draws of `sample` included
    /// A sample of the user's own instead of one of the data set, and what it is called.
    std::optional<SampleInput> own = {};
    QString ownName = {};
};

/// A sample as three pictures: with Normalize undone, with its numbers stretched from black to
/// white, and before any step.
struct PreviewPicture {
    QImage shown;
    QImage raw;
    QImage before;
};

struct PreviewStage {
    PreviewPicture picture;
    std::vector<PreviewPicture> others;  ///< further views of it, after FiveCrop
    QString draws;                       ///< what was drawn; empty where nothing was
    QString size;                        ///< what the sample is now
};

struct PreviewCell {
    PreviewPicture picture;
    QString className;
    QString draws;            ///< a line per step that drew
    QString columns;          ///< of a table's row: what stands in each column, a line each
    std::int64_t index = -1;  ///< -1: the user's own
    std::uint64_t epoch = 0;  ///< whose draws they are
};

struct PreviewResult {
    std::shared_ptr<const Dataset> dataset;  ///< kept open while it is shown
    std::optional<SampleInput> source;       ///< the followed sample itself
    std::vector<PreviewStage> stages;        ///< the source first; as many steps as worked
    std::vector<PreviewCell> rolls;          ///< `sample` in `columns` draws where steps are random
    std::vector<PreviewCell> cells;          ///< other samples
    int failedStep = -1;
    QString problem;  ///< of the failed step, or of the data set when failedStep is -1
    QString hint;
    QString className;  ///< of the followed sample
};

/// The answer of a sample: its class, or its numbers.
QString answerOf(const Dataset& dataset, std::int64_t index, std::int64_t label);
/// A sample as it is looked at, small; `undone` are the steps whose Normalize is taken back.
PreviewPicture pictureOf(const SampleInput& input, const std::vector<TransformChoice>& undone);

/// Runs on any thread; reads files.
PreviewResult computePreview(const PreviewRequest& request, const std::atomic<bool>& cancelled);

/// Counts and statistics of a whole data set.
struct DatasetFacts {
    std::vector<std::pair<QString, std::int64_t>> classes;  ///< training pictures of each
    std::int64_t trainSize = 0;
    std::int64_t testSize = 0;
    std::vector<double> mean;  ///< of the training pictures as ToTensor gives them, by channel
    std::vector<double> deviation;
    std::int64_t measured = 0;    ///< pictures the statistics are from
    std::int64_t unreadable = 0;  ///< of those that were looked at
    bool isWhole() const { return measured + unreadable == trainSize; }
    QString problem;
    QString hint;
};
/// Statistics behind the steps `before`, from as many samples as take a moment.
DatasetFacts measureDataset(const Choice& dataset, const std::vector<TransformChoice>& before,
                            const std::atomic<bool>& cancelled);
/// The same facts with statistics of every training picture. `progress` comes from any thread.
DatasetFacts measureWhole(const Choice& dataset, const std::vector<TransformChoice>& before,
                          DatasetFacts facts, const std::atomic<bool>& cancelled,
                          const std::function<void(std::int64_t, std::int64_t)>& progress);

}  // namespace loom
