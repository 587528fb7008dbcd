#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/data/sets/csv.h"

namespace loom {

/// The CSV files of a data set. Without a file of its own the test split is taken from `train`.
struct TableFiles {
    std::string train;
    std::string test;                        ///< may be empty
    std::string problem;                     ///< a sentence when they are not there
    std::vector<std::string> paths() const;  ///< those that are there
    /// "iris.csv", "train.csv and test.csv".
    std::string names() const;
};

/// `root` is the table itself or a folder with `file` in it; without `file`: train.csv, else the
/// only .csv there. `file` may also be a path of its own; without a root it is looked for as the
/// shell would. `test_file` likewise: test.csv, val.csv or valid.csv if one lies beside.
TableFiles findTables(const Settings& settings, const std::string& kind);
/// Where a set of these files lies, for a DatasetLocation.
std::string tableFolder(const Settings& settings, const TableFiles& files);

/// Parameters `root`, `file`, `test_file`, `test_fraction`; `delimiter` and `header` besides.
std::vector<ParamSpec> tableFileParams(const std::string& rows);

/// Both tables with the same columns in the same order; `test` may be null.
struct TablePair {
    std::shared_ptr<const CsvTable> train;
    std::shared_ptr<const CsvTable> test;
};
Result<TablePair> readTables(const TableFiles& files, const CsvFormat& format);

/// Where these columns stand; errors say which names there are.
Result<std::vector<std::size_t>> columnsNamed(const CsvTable& table,
                                              const std::vector<std::string>& names,
                                              const std::string& param);

/// A row of one of the tables.
struct TableRow {
    const CsvTable* table = nullptr;
    std::size_t row = 0;
    std::string_view cell(std::size_t column) const { return table->cell(row, column); }
    /// "line 17 of iris.csv", with the whole path.
    std::string where() const;
};

/// Which rows are to train and which to test with.
struct RowSplit {
    std::vector<TableRow> train;
    std::vector<TableRow> test;
    std::vector<TableRow> all() const;
};

/// As the files say; with one file, the first `round(fraction · rows)` numbers of
/// `torch.randperm(rows)` of a generator seeded with `seed` are to test with. Both in the order of
/// the file.
RowSplit splitAtRandom(const TablePair& tables, double fraction, std::int64_t seed);

/// `{"a", "b"}` as "a, b"; many are cut short.
std::string someNames(const std::vector<std::string>& names);

/// The key under which what was found out about settings is remembered.
std::string settingsKey(const Settings& settings);

}  // namespace loom
