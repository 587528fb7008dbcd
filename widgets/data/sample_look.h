#pragma once

#include <QImage>
#include <QString>
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "core/data/subset.h"
#include "core/data/transform.h"

namespace loom {

/// What the numbers of a sample are like, channel by channel.
struct SampleFigures {
    struct Channel {
        QString name;
        double least = 0, most = 0, mean = 0, deviation = 0;
        std::vector<double> bars;  ///< how many numbers fall into each part from `low` to `high`
    };
    std::vector<Channel> channels;
    double low = 0, high = 1;  ///< what the bars reach from and to
    QString shape;             ///< "3 × 224 × 224"
    QString type;              ///< "uint8", "float32"
    std::int64_t notFinite = 0;
};
SampleFigures figuresOf(const SampleInput& input);

/// One sample, looked at closely: what each step made of it, and by which draws.
struct SampleLook {
    struct Stage {
        QString title;
        QString badge;
        QString draws;
        SampleInput value;
        std::vector<SampleInput> otherViews;
        QImage shown;  ///< with Normalize undone
        QImage raw;    ///< its least number black, its largest white
        std::vector<QImage> others;
        SampleFigures figures;
    };
    std::vector<Stage> stages;  ///< the source first
    QString answer;
    QString place;                    ///< "sample 17" or its file
    std::vector<QString> inputNames;  ///< of a table's columns
    std::int64_t index = -1;
    std::int64_t count = 0;  ///< samples that there are
    std::uint64_t epoch = 0;
    QString problem;
    QString hint;
};

/// Which sample with whose draws. Runs see the parts that a project takes of its data, so an index
/// counts in those where `splits` says so.
struct LookRequest {
    std::shared_ptr<const Dataset> dataset;  ///< one that is open, instead of `splits`
    SplitChoice splits;
    Split split = Split::Train;
    std::vector<TransformChoice> steps;
    std::uint64_t seed = 0;
    std::uint64_t epoch = 0;
    std::int64_t index = 0;
    std::optional<SampleInput> own = {};  ///< instead of one of the data set
    QString ownName = {};
};

/// Runs on any thread; reads files.
SampleLook lookAt(const LookRequest& request, const std::atomic<bool>& cancelled);

}  // namespace loom
