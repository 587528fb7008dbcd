#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/base/text.h"
#include "core/data/files/file_cache.h"
#include "core/data/sets/prepared_table.h"
#include "core/data/sets/table_remarks.h"
#include "core/data/typed_row.h"

namespace loom {
namespace {

using Prepared = std::shared_ptr<const PreparedTable>;

class TableDataset : public Dataset, public TypedRows {
public:
    TableDataset(Prepared table, Split split) : m_table(std::move(table)), m_split(split) {}

    std::int64_t size() const override { return static_cast<std::int64_t>(part().lines.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Row " + groupDigits(index) + " was asked for, but there are only " +
                         groupDigits(size()) + "."};
        TensorSample row{{static_cast<std::int64_t>(m_table->width())}, {}};
        row.values.reserve(m_table->width());
        const float* cell =
            part().cells.data() + static_cast<std::size_t>(index) * m_table->columns.size();
        for (const InputColumn& column : m_table->columns) {
            const float value = *cell++;
            if (column.categories.empty()) {
                row.values.push_back(value);
            } else if (value < 0) {
                row.values.insert(row.values.end(), column.shares.begin(), column.shares.end());
            } else {
                row.values.resize(row.values.size() + column.width(), 0.0f);
                row.values[row.values.size() - column.width() + static_cast<std::size_t>(value)] =
                    1;
            }
        }
        return Sample{std::move(row), label(index)};
    }
    std::int64_t label(std::int64_t index) const override {
        return part().labels.empty() ? 0 : part().labels[static_cast<std::size_t>(index)];
    }
    std::vector<float> answer(std::int64_t index) const override {
        if (!m_table->classes.empty()) return {};
        const auto count = static_cast<std::int64_t>(m_table->answerNames.size());
        const auto begin = part().answers.begin() + index * count;
        return {begin, begin + count};
    }
    const std::vector<std::string>& classes() const override { return m_table->classes; }
    std::vector<std::string> answerNames() const override { return m_table->answerNames; }
    std::vector<std::string> inputNames() const override { return m_table->inputNames; }
    SampleSpec spec() const override {
        return {true, {static_cast<std::int64_t>(m_table->width())}};
    }
    std::string nameOf(std::int64_t index) const override {
        return "line " + std::to_string(part().lines[static_cast<std::size_t>(index)]) + " of " +
               part().path;
    }
    std::vector<TypedColumn> typedColumns() const override {
        std::vector<TypedColumn> columns;
        std::size_t place = 0;
        for (const InputColumn& column : m_table->columns) {
            std::string name = m_table->inputNames[place];
            // A category's number is called "colour = red".
            if (!column.categories.empty())
                name.resize(name.size() - 3 - column.categories.front().size());
            columns.push_back({std::move(name), column.categories});
            place += column.width();
        }
        return columns;
    }
    Result<TensorSample> sampleOfCells(const std::vector<std::string>& cells) const override {
        const std::vector<TypedColumn> typed = typedColumns();
        TensorSample row{{static_cast<std::int64_t>(m_table->width())}, {}};
        for (std::size_t i = 0; i < typed.size(); ++i) {
            const InputColumn& column = m_table->columns[i];
            if (column.categories.empty()) {
                const auto number = typedNumber(cells[i], typed[i].name);
                if (!number) return number.error();
                if (m_table->isWhole && *number != std::floor(*number))
                    return Error{"\"" + cells[i] + "\" is no whole number, but " + typed[i].name +
                                     " holds whole ones that stand for words.",
                                 "Type a whole number."};
                row.values.push_back(column.scaling(*number));
                continue;
            }
            // As sample() does for a missing one.
            if (cells[i].empty()) {
                row.values.insert(row.values.end(), column.shares.begin(), column.shares.end());
                continue;
            }
            const auto found =
                std::find(column.categories.begin(), column.categories.end(), cells[i]);
            if (found == column.categories.end()) return noSuchCategory(cells[i], typed[i]);
            const std::size_t begin = row.values.size();
            row.values.resize(begin + column.width(), 0.0f);
            row.values[begin + static_cast<std::size_t>(found - column.categories.begin())] = 1;
        }
        return row;
    }
    std::vector<std::string> cellsOf(std::int64_t index) const override {
        std::vector<std::string> cells;
        const float* cell =
            part().cells.data() + static_cast<std::size_t>(index) * m_table->columns.size();
        for (const InputColumn& column : m_table->columns) {
            const float value = *cell++;
            if (!column.categories.empty()) {
                cells.push_back(value < 0 ? std::string()
                                          : column.categories[static_cast<std::size_t>(value)]);
                continue;
            }
            // Back to the file's number; six digits are what scaling as float32 leaves of it.
            const double number = double(value) * column.scaling.deviation + column.scaling.mean;
            char text[32];
            const auto end =
                std::to_chars(text, text + sizeof text, number, std::chars_format::general, 6).ptr;
            cells.emplace_back(text, end);
        }
        return cells;
    }
    std::int64_t bytesInMemory() const override {
        return static_cast<std::int64_t>(
            (part().cells.size() + part().answers.size() + part().lines.size()) * 4 +
            part().labels.size() * 8);
    }

private:
    static Error noSuchCategory(const std::string& cell, const TypedColumn& column) {
        return {sentence("\"{cell}\" is none of the texts that {column} has in the table.",
                         {{"cell", shortText(cell)}, {"column", column.name}}),
                sentence("It may be: {texts}.", {{"texts", someWords(column.choices, 8)}})};
    }
    const TablePart& part() const { return m_table->of(m_split); }
    Prepared m_table;
    Split m_split;
};

struct Opened {
    Result<Prepared> table;
    std::vector<Diagnostic> remarks = {};
};

Opened opened(const Settings& settings) {
    // Both splits are opened one after the other, and a form looks at what was just opened.
    static FileCache<Opened> cache(2);
    const TableFiles files = findTables(settings, "Table");
    if (!files.problem.empty()) return {Error{files.problem}};
    return cache.get(settingsKey(settings), files.paths(), [&]() -> Opened {
        const auto tables = readTables(files, csvFormat(settings));
        if (!tables) return {tables.error()};
        return {prepareTable(settings, *tables),
                tableRemarks(settings, *tables, {"inputs", "ignore"})};
    });
}

const char* const kNoTest =
    "The table leaves no row to test with: there is no test_file, and test_fraction keeps none.";

const char* const kHowTo =
    "Set root to a CSV file: one row per sample, one column per number, the answer in the last "
    "column or in the one that target names.";

/// What checks ask at every edit.
struct TableFacts {
    std::int64_t width = 0;
    bool noTest = false;
    std::vector<Diagnostic> remarks;
    std::optional<std::pair<std::int64_t, std::int64_t>> wholeRange;
    TargetSpec target;
    std::vector<std::string> classes;
    std::string found;
    Error problem;
};

TableFacts factsOf(const Settings& settings) {
    static FileCache<TableFacts> cache;
    const TableFiles files = findTables(settings, "Table");
    if (!files.problem.empty()) {
        TableFacts none;
        none.problem = {files.problem, kHowTo};
        return none;
    }
    return cache.get(settingsKey(settings), files.paths(), [&] {
        TableFacts facts;
        auto [table, remarks] = opened(settings);
        facts.remarks = std::move(remarks);
        if (!table) {
            facts.problem = table.error();
            return facts;
        }
        const PreparedTable& t = **table;
        facts.width = static_cast<std::int64_t>(t.width());
        facts.noTest = t.test.lines.empty();
        if (t.isWhole) facts.wholeRange = {t.smallest, t.largest};
        facts.classes = t.classes;
        facts.target = t.classes.empty()
                           ? TargetSpec{TargetSpec::Type::Numbers,
                                        0,
                                        {static_cast<std::int64_t>(t.answerNames.size())}}
                           : TargetSpec{TargetSpec::Type::ClassIndex,
                                        static_cast<std::int64_t>(t.classes.size())};
        facts.found =
            groupDigits(static_cast<std::int64_t>(t.train.lines.size())) +
            " rows to train with and " +
            groupDigits(static_cast<std::int64_t>(t.test.lines.size())) +
            " to test with found in " + files.names() + ": " + std::to_string(t.width()) +
            (t.width() == 1 ? " number in, " : " numbers in, ") +
            (t.classes.empty() ? t.targetName
                               : std::to_string(t.classes.size()) + " classes of " + t.targetName) +
            " out.";
        return facts;
    });
}

std::vector<ParamSpec> tableParams() {
    std::vector<ParamSpec> params = tableFileParams("rows");
    const auto text = [](const char* key, const char* hint) {
        return ParamSpec{.key = key, .type = ParamType::Text, .defaultValue = "", .hint = hint};
    };
    const std::vector<ParamSpec> more = {
        text("target",
             "The column with the answer, or several, with commas between. Left empty: "
             "the last one."),
        text("inputs",
             "The columns that go into the network, with commas between. Left empty: all "
             "but the answer."),
        text("ignore", "Columns to leave out, such as numbers of rows and names."),
        text("categorical",
             "Columns whose numbers are names: each different one becomes a number of its own, 0 "
             "or 1. Columns of texts are found by themselves."),
        {.key = "task",
         .type = ParamType::Choice,
         .defaultValue = "auto",
         .hint = "What the answer is: one of several classes, or numbers. auto: classes for texts "
                 "and for whole numbers from 0 or 1 on, at most twenty; else numbers.",
         .choices = {"auto", "classification", "regression"}},
        {.key = "missing",
         .type = ParamType::Choice,
         .defaultValue = "refuse",
         .hint = "What is done about empty cells: refuse the table and name the first one, put the "
                 "training rows' mean there, or drop the row.",
         .choices = {"refuse", "mean", "drop"}},
        {.key = "standardize",
         .type = ParamType::Bool,
         .defaultValue = true,
         .hint = "Bring each column of numbers to mean 0 and deviation 1, by the figures of the "
                 "training rows."},
        {.key = "standardize_target",
         .type = ParamType::Bool,
         .defaultValue = false,
         .hint = "Do the same to answers that are numbers; losses are then in deviations."},
        {.key = "seed",
         .type = ParamType::Int,
         .defaultValue = 0,
         .hint = "Which rows are held out to test with; the same seed takes the same ones.",
         .minimum = 0},
        decimalParam(),
        dtypeParam("inputs")};
    params.insert(params.end(), more.begin(), more.end());
    return params;
}

}  // namespace

DatasetKind tableKind() {
    DatasetKind kind;
    kind.info = {
        .id = "Table",
        .family = "tables and series",
        .summary = "rows of a CSV table: columns of numbers in, a class or numbers out",
        .details =
            "Each row is a sample. Columns of numbers are brought to mean 0 and deviation 1, by "
            "the figures of the rows to train with, so that test rows stay unseen; a column of "
            "texts becomes one number, 0 or 1, for each different text. The answer is one of "
            "several classes (CrossEntropyLoss) or one or more numbers (MSELoss). Begin the "
            "network with a Linear layer.",
        .keywords = {"csv", "table", "tabular", "spreadsheet", "excel", "columns", "regression",
                     "classification", "iris", "pandas", "one-hot", "standardise"},
        .formula = "x = (cell − mean) / deviation"};
    kind.params = tableParams();
    kind.spec = [](const Settings& settings) -> std::optional<SampleSpec> {
        const TableFacts facts = factsOf(settings);
        if (facts.width == 0) return std::nullopt;
        return SampleSpec{true, {facts.width}};
    };
    kind.target = [](const Settings& settings) { return factsOf(settings).target; };
    kind.classNamesOf = [](const Settings& settings) { return factsOf(settings).classes; };
    kind.remarks = [](const Settings& settings) { return factsOf(settings).remarks; };
    kind.wholeRange = [](const Settings& settings) { return factsOf(settings).wholeRange; };
    kind.locate = [](const Settings& settings) {
        const TableFacts facts = factsOf(settings);
        DatasetLocation location{
            facts.width > 0, tableFolder(settings, findTables(settings, "Table")),
            facts.width > 0 ? facts.found : facts.problem.message,
            facts.width > 0 || facts.problem.hint.empty() ? kHowTo : facts.problem.hint};
        if (location.found && facts.noTest) location.noTest = kNoTest;
        return location;
    };
    kind.open = [](const Settings& settings,
                   Split split) -> Result<std::shared_ptr<const Dataset>> {
        const auto table = opened(settings).table;
        if (!table)
            return Error{table.error().message,
                         table.error().hint.empty() ? kHowTo : table.error().hint};
        if (split == Split::Test && (*table)->test.lines.empty()) return Error{kNoTest, kHowTo};
        return std::shared_ptr<const Dataset>(std::make_shared<TableDataset>(*table, split));
    };
    return kind;
}

}  // namespace loom
