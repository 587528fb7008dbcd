#include "core/data/sets/table_source.h"

#include <algorithm>
#include <cmath>

#include "core/base/catalogue.h"
#include "core/base/random.h"
#include "core/base/sentence.h"
#include "core/base/text.h"
#include "core/data/files/file_cache.h"
#include "core/data/files/locations.h"
#include "core/data/sets/class_names.h"
#include "core/data/sets/picture_index.h"

namespace loom {
namespace {

bool isCsvName(const std::string& name) {
    return name.ends_with(".csv") || name.ends_with(".CSV") || name.ends_with(".tsv");
}

/// A path that needs no folder before it.
bool isOwnPath(const std::string& name) {
    return name.starts_with("/") || name == "~" || name.starts_with("~/");
}

std::string below(const std::string& folder, const std::string& name) {
    return isOwnPath(name) ? dataRoots(name).front() : folder + "/" + name;
}

/// A file that was named without a root: as the shell would find it, else in one of the places
/// where data sets are looked for.
std::string whereItLies(const std::string& file) {
    const std::string here = dataRoots(isOwnPath(file) ? file : "./" + file).front();
    if (isOwnPath(file) || isFile(here)) return here;
    for (const std::string& root : dataRoots(""))
        if (isFile(below(root, file))) return below(root, file);
    return here;
}

std::string firstThere(const std::string& folder, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (isFile(folder + "/" + name)) return folder + "/" + name;
    return {};
}

/// The tables of a folder. Pictures may lie beside them by the thousand, so it is looked through
/// once for each change.
Result<std::vector<std::string>> tablesIn(const std::string& folder) {
    using Found = Result<std::vector<std::string>>;
    static FileCache<Found> cache;
    return cache.get(folder, {folder}, [&]() -> Found {
        auto contents = listFolder(folder);
        if (!contents) return contents.error();
        std::erase_if(contents->files, [](const std::string& name) { return !isCsvName(name); });
        std::sort(contents->files.begin(), contents->files.end());
        return std::move(contents->files);
    });
}

/// The only table of a folder, or why none is taken.
std::string onlyTable(const std::string& folder, std::string& problem) {
    const auto tables = tablesIn(folder);
    if (!tables)
        problem = tables.error().message;
    else if (tables->empty())
        problem = folder + " holds no CSV file.";
    else if (tables->size() > 1)
        problem = folder + " holds " + std::to_string(tables->size()) +
                  " CSV files, none of them called train.csv: " + someNames(*tables) + ".";
    return problem.empty() ? folder + "/" + tables->front() : "";
}

}  // namespace

std::vector<std::string> TableFiles::paths() const {
    std::vector<std::string> all;
    for (const std::string& path : {train, test})
        if (!path.empty()) all.push_back(path);
    return all;
}

std::string TableFiles::names() const {
    return joinWords(paths());
}

TableFiles findTables(const Settings& settings, const std::string& kind) {
    TableFiles files;
    const std::string given = settings.text("root"), file = settings.text("file"),
                      test = settings.text("test_file");
    if (given.empty() && file.empty()) {
        files.problem = kind + " has no file yet.";
        return files;
    }
    const std::string root = given.empty() ? whereItLies(file) : dataRoots(given).front();
    std::string folder = root;
    if (isFile(root)) {
        files.train = root;
        folder = root.substr(0, root.find_last_of('/'));
        if (!given.empty() && !file.empty()) files.train = below(folder, file);
    } else if (!given.empty() && !file.empty() && isOwnPath(file)) {
        files.train = below(root, file);
    } else if (!isFolder(root)) {
        files.problem = "Neither a file nor a folder lies at " + root + ".";
        return files;
    } else if (!given.empty() && !file.empty()) {
        files.train = below(root, file);
    } else {
        files.train = firstThere(root, {"train.csv", "train.tsv"});
        if (files.train.empty()) files.train = onlyTable(root, files.problem);
        if (files.train.empty()) return files;
    }
    if (isOwnPath(file)) folder = files.train.substr(0, files.train.find_last_of('/'));
    if (!test.empty()) {
        files.test = below(folder, test);
        // Beside root, where `file` lies elsewhere.
        if (!isFile(files.test) && isFolder(root) && isFile(below(root, test)))
            files.test = below(root, test);
    } else if (files.train.ends_with("/train.csv") || files.train.ends_with("/train.tsv")) {
        files.test = firstThere(
            folder, {"test.csv", "val.csv", "valid.csv", "validation.csv", "test.tsv", "val.tsv"});
    }
    for (const std::string& path : files.paths())
        if (!isFile(path)) files.problem = "The file " + path + " does not exist.";
    return files;
}

std::string tableFolder(const Settings& settings, const TableFiles& files) {
    const std::string root = settings.text("root");
    return root.empty() ? files.train : root;
}

std::vector<ParamSpec> tableFileParams(const std::string& rows) {
    std::vector<ParamSpec> params = {
        rootParam("The CSV file, or the folder that holds it."),
        {.key = "file",
         .type = ParamType::Text,
         .defaultValue = "",
         .hint = "The file with the " + rows +
                 " to train with, in root or with a path of its own. Left empty: train.csv, else "
                 "the only CSV file in root."},
        {.key = "test_file",
         .type = ParamType::Text,
         .defaultValue = "",
         .hint = "The file with the " + rows +
                 " to test with, beside the other or with a path of its own. Left empty: test.csv "
                 "or val.csv beside train.csv; if there is none, test_fraction is held out."},
        {.key = "test_fraction",
         .type = ParamType::Float,
         .defaultValue = 0.2,
         .hint = "With one file: this share of its " + rows + " is kept to test with.",
         .minimum = 0,
         .maximum = 1}};
    for (ParamSpec& spec : csvParams()) params.push_back(std::move(spec));
    return params;
}

Result<TablePair> readTables(const TableFiles& files, const CsvFormat& format) {
    auto train = readCsv(files.train, format);
    if (!train) return train.error();
    TablePair pair{std::make_shared<const CsvTable>(std::move(*train)), nullptr};
    if (files.test.empty()) return pair;
    auto test = readCsv(files.test, format);
    if (!test) return test.error();
    const auto& wanted = pair.train->names();
    if (test->columns() != wanted.size())
        return Error{files.test + " has " + std::to_string(test->columns()) + " columns, but " +
                         files.train + " has " + std::to_string(wanted.size()) + ".",
                     "Give both files the same columns."};
    for (std::size_t c = 0; c < wanted.size(); ++c)
        if (classKey(test->names()[c]) != classKey(wanted[c]))
            return Error{"Column " + std::to_string(c + 1) + " is called " + test->names()[c] +
                             " in " + files.test + ", but " + wanted[c] + " in " + files.train +
                             ".",
                         "Give both files the same columns in the same order."};
    pair.test = std::make_shared<const CsvTable>(std::move(*test));
    return pair;
}

Result<std::vector<std::size_t>> columnsNamed(const CsvTable& table,
                                              const std::vector<std::string>& names,
                                              const std::string& param) {
    std::vector<std::size_t> columns;
    for (const std::string& name : names) {
        auto found = std::find(table.names().begin(), table.names().end(), name);
        // Typed with a common space where the file has a no-break one.
        if (found == table.names().end())
            found = std::find_if(
                table.names().begin(), table.names().end(),
                [key = classKey(name)](const std::string& one) { return classKey(one) == key; });
        if (found == table.names().end()) {
            const auto near = nearestWords(name, table.names());
            return Error{
                param + " names the column " + name + ", but " + table.name() + " has only " +
                    someNames(table.names()) + ".",
                near.empty() ? "Correct " + param + "." : "Did you mean " + near.front() + "?"};
        }
        columns.push_back(static_cast<std::size_t>(found - table.names().begin()));
    }
    return columns;
}

std::string TableRow::where() const {
    return "line " + std::to_string(table->line(row)) + " of " + table->name();
}

std::vector<TableRow> RowSplit::all() const {
    std::vector<TableRow> rows = train;
    rows.insert(rows.end(), test.begin(), test.end());
    return rows;
}

RowSplit splitAtRandom(const TablePair& tables, double fraction, std::int64_t seed) {
    RowSplit split;
    const std::size_t rows = tables.train->rows();
    std::vector<char> held(rows, 0);
    if (!tables.test) {
        TorchRandom random(static_cast<std::uint64_t>(seed));
        const auto order = random.permutation(static_cast<std::int64_t>(rows));
        const auto count =
            static_cast<std::size_t>(std::nearbyint(fraction * static_cast<double>(rows)));
        for (std::size_t i = 0; i < count; ++i) held[static_cast<std::size_t>(order[i])] = 1;
    }
    for (std::size_t row = 0; row < rows; ++row)
        (held[row] ? split.test : split.train).push_back({tables.train.get(), row});
    if (tables.test)
        for (std::size_t row = 0; row < tables.test->rows(); ++row)
            split.test.push_back({tables.test.get(), row});
    return split;
}

std::string someNames(const std::vector<std::string>& names) {
    std::vector<std::string> words;
    for (const std::string& name : names) words.push_back(shortText(name));
    return someWords(words, 12);
}

std::string settingsKey(const Settings& settings) {
    std::string key;
    for (const ParamSpec& spec : settings.specs()) key += settings.value(spec.key).toPython() + "/";
    return key;
}

}  // namespace loom
