#pragma once

#include <array>
#include <map>

#include "core/data/check/dataset_check.h"

namespace loom {

/// Samples of which something is true: how many, and the first of them.
struct Noted {
    std::int64_t count = 0;
    std::vector<std::int64_t> indices;
    void add(std::int64_t index);
    void add(const Noted& other);
};

/// Sums from which mean and standard deviation by channel follow.
struct ChannelSums {
    struct Channel {
        double sum = 0;
        double squares = 0;
        double count = 0;
    };
    std::vector<Channel> channels;
    void add(const Picture& picture);  ///< in 0..1, as ToTensor gives it
    void add(const TensorSample& tensor);
    void add(const ChannelSums& other);
    std::vector<double> mean() const;
    std::vector<double> deviation() const;
};

/// The smallest and the largest number of a column of a table.
struct Column {
    float low = 0;
    float high = 0;
};

/// What was seen in some samples of a split. Parts seen by several threads add up.
struct ScanPart {
    std::int64_t looked = 0;
    std::map<std::int64_t, std::string> unreadable;  ///< why, by index; the first of them
    std::int64_t unreadableCount = 0;
    std::map<std::array<int, 3>, Noted> sizes;  ///< by width, height, channels; the first
    std::int64_t otherSizes = 0;                ///< pictures of still other ones
    Noted plain;                                ///< of one colour, or of one number
    Noted colourless;                           ///< RGB with the same three numbers everywhere
    Noted notFinite;
    std::vector<Column> columns;
    ChannelSums sums;
    std::int64_t measured = 0;  ///< samples in `sums`
    std::string measureProblem;
    void noteUnreadable(std::int64_t index, const std::string& why);
    void add(const ScanPart& other);
};

/// All of a split.
struct SplitScan {
    std::shared_ptr<const Dataset> dataset;
    std::optional<Error> problem;  ///< why it could not be opened
    ScanPart seen;
    std::vector<std::uint64_t> hashes;  ///< of each sample's contents; 0: not read, or plain
    // From the labels alone
    std::vector<std::string> names;    ///< of classes, or of several labels at a time
    std::vector<std::int64_t> counts;  ///< by name
    bool severalLabels = false;
    Noted unlabelled;  ///< -1
    Noted beyond;      ///< labels that no class has
    std::int64_t highestLabel = -1;
    std::int64_t size() const { return dataset ? dataset->size() : 0; }
};

struct DatasetScan {
    SplitScan train;
    SplitScan test;
    bool complete = true;
    double seconds = 0;
};

DatasetScan scanDataset(const DatasetCheckRequest& request,
                        const std::function<bool(const DatasetCheckProgress&)>& goOn);

/// Place of the first Normalize in the list; -1: there is none.
int normalizeStep(const std::vector<Choice>& steps);

}  // namespace loom
