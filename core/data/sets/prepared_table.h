#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/data/sets/table_columns.h"

namespace loom {

/// How a column of the file becomes numbers of the input.
struct InputColumn {
    std::size_t column = 0;
    Scaling scaling = {};
    std::vector<std::string> categories = {};  ///< empty: a column of numbers
    std::vector<float> shares = {};  ///< what stands for a missing category: how often each one is
    std::size_t width() const { return categories.empty() ? 1 : categories.size(); }
};

struct TablePart {
    std::vector<float> cells;          ///< rows × columns; a category by its place, missing −1
    std::vector<std::int64_t> labels;  ///< empty where answers are numbers
    std::vector<float> answers;        ///< rows × answers
    std::vector<std::uint32_t> lines;
    std::string path;
};

/// A table made ready for a network: both splits, standardised with the training rows' figures.
struct PreparedTable {
    std::vector<InputColumn> columns;
    std::vector<std::string> inputNames, answerNames, classes;
    std::string targetName;
    TablePart train, test;
    bool isWhole = false;                    ///< inputs are whole numbers, as they stand
    std::int64_t smallest = 0, largest = 0;  ///< of them, where they are whole
    std::size_t width() const { return inputNames.size(); }
    const TablePart& of(Split split) const { return split == Split::Train ? train : test; }
};

/// Reads the columns that the settings of a Table choose.
///
/// Errors: name file, line and column.
Result<std::shared_ptr<const PreparedTable>> prepareTable(const Settings& settings,
                                                          const TablePair& tables);

}  // namespace loom
