#pragma once

#include <QString>
#include <QStringList>
#include <array>
#include <atomic>
#include <memory>
#include <set>
#include <vector>

#include "core/data/dataset.h"
#include "core/project/project.h"

namespace loom {

/// The parts of a data set that a run uses: what is held back to judge by is of the training set.
enum class DataPart { Train, Validation, Test };
inline constexpr std::array<DataPart, 3> kDataParts{DataPart::Train, DataPart::Validation,
                                                    DataPart::Test};
QString partTitle(DataPart part);

/// Where a sample lies in the data set.
struct BrowserItem {
    Split split = Split::Train;
    std::int64_t index = 0;
    friend bool operator==(const BrowserItem&, const BrowserItem&) = default;
    friend auto operator<=>(const BrowserItem&, const BrowserItem&) = default;
};

/// A data set opened for looking through: both splits, and all labels.
struct BrowserData {
    std::array<std::shared_ptr<const Dataset>, 2> sets;  ///< by Split
    std::array<std::vector<std::int64_t>, 3> parts;      ///< by DataPart: places in their split
    /// Classes, or categories of which a sample may have several; then what is in none.
    QStringList groups;
    bool severalLabels = false;
    std::array<std::vector<std::int64_t>, 3> counts;  ///< by DataPart, then by group
    QString problem;                                  ///< why nothing could be opened
    QString hint;

    const Dataset& dataset(Split split) const { return *sets[static_cast<std::size_t>(split)]; }
    const Dataset* any() const { return sets[0] ? sets[0].get() : sets[1].get(); }
    /// Tables and points, which are no pictures to look at.
    bool isTable() const;
    bool isIn(const BrowserItem& item, int group) const;
    /// The group of a sample that has one; the first of several.
    int groupOf(const BrowserItem& item) const;
    /// "Coat", "person, dog", "→ 2.04".
    QString answerOf(const BrowserItem& item) const;
    QString nameOf(const BrowserItem& item) const;
    std::vector<BrowserItem> itemsOf(DataPart part) const;

    std::array<std::vector<std::int32_t>, 2> labels;  ///< by Split; empty where answers are numbers
    std::int32_t classes = 0;                         ///< groups that are classes
};

/// Opens what the project names. Runs on any thread; reads files.
std::shared_ptr<const BrowserData> openBrowserData(const DataSection& section,
                                                   const std::atomic<bool>& cancelled);

struct BrowserFilter {
    DataPart part = DataPart::Train;
    std::set<int> groups;  ///< none: all
    /// A class's name, a part of a file's name or of a caption, or a sample's number.
    QString search;
    bool grouped = false;            ///< sorted by class, with a heading for each
    std::vector<BrowserItem> exact;  ///< these and no others, whatever else is asked for
};

/// What a filter lets through, in sections with a title each; one without where all are together.
struct BrowserSection {
    QString title;
    std::vector<BrowserItem> items;
};
std::vector<BrowserSection> filterItems(const BrowserData& data, const BrowserFilter& filter,
                                        const std::atomic<bool>& cancelled);

}  // namespace loom
