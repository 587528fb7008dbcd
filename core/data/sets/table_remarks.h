#pragma once

#include <string>
#include <vector>

#include "core/data/sets/table_columns.h"

namespace loom {

/// The parameters of a kind by which columns are chosen.
struct ColumnParams {
    std::string inputs;  ///< names what goes in; left empty: all that fit
    std::string ignore;  ///< names what is left out; empty: the kind has no such parameter
};

/// What should be known of how a table was read, though it could be read: numbers that people
/// wrote, texts that became an input each, a column that only counts the rows, a first line that
/// may hold names. Each with the other reading as a fix.
std::vector<Diagnostic> tableRemarks(const Settings& settings, const TablePair& tables,
                                     const ColumnParams& params);

/// Whether the header gives this column no name, as pandas writes its index.
bool isUnnamed(const CsvTable& table, std::size_t column);

/// The parameter `dtype`; `inputs` is what the form calls the columns that go in.
ParamSpec dtypeParam(const std::string& inputs);

}  // namespace loom
