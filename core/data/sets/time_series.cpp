#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/base/shape.h"
#include "core/data/files/file_cache.h"
#include "core/data/sets/table_columns.h"
#include "core/data/sets/table_remarks.h"

namespace loom {
namespace {

/// A stretch of time: rows × columns, standardised.
struct Series {
    std::vector<float> values;   ///< rows × input columns
    std::vector<float> targets;  ///< rows × target columns
    std::vector<std::uint32_t> lines;
    std::string path;
    std::int64_t rows() const { return static_cast<std::int64_t>(lines.size()); }
};

struct PreparedSeries {
    std::vector<std::string> inputNames, targetNames;
    std::int64_t smallest = 0, largest = 0;  ///< of the inputs, where they are whole numbers
    Series train, test;
    const Series& of(Split split) const { return split == Split::Train ? train : test; }
};

using Prepared = std::shared_ptr<const PreparedSeries>;

/// How windows are cut: `window` rows in, the `horizon` rows after them out.
struct WindowRule {
    std::int64_t window = 1, horizon = 1, stride = 1;
    bool channelsFirst = false;
    explicit WindowRule(const Settings& s)
        : window(s.integer("window")),
          horizon(s.integer("horizon")),
          stride(s.integer("stride")),
          channelsFirst(s.flag("channels_first")) {}
    std::int64_t count(std::int64_t rows) const {
        return rows < window + horizon ? 0 : (rows - window - horizon) / stride + 1;
    }
    std::vector<std::int64_t> dims(std::int64_t columns) const {
        return channelsFirst ? std::vector{columns, window} : std::vector{window, columns};
    }
};

class WindowDataset : public Dataset {
public:
    WindowDataset(Prepared series, Split split, const WindowRule& rule)
        : m_prepared(std::move(series)), m_series(m_prepared->of(split)), m_rule(rule) {}

    std::int64_t size() const override { return m_rule.count(m_series.rows()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Window " + groupDigits(index) + " was asked for, but there are only " +
                         groupDigits(size()) + "."};
        const auto columns = static_cast<std::int64_t>(m_prepared->inputNames.size());
        const float* from = m_series.values.data() + index * m_rule.stride * columns;
        TensorSample window{m_rule.dims(columns), {}};
        window.values.resize(static_cast<std::size_t>(m_rule.window * columns));
        for (std::int64_t t = 0; t < m_rule.window; ++t)
            for (std::int64_t c = 0; c < columns; ++c)
                window.values[static_cast<std::size_t>(
                    m_rule.channelsFirst ? c * m_rule.window + t : t * columns + c)] = *from++;
        return Sample{std::move(window), 0};
    }
    std::int64_t label(std::int64_t) const override { return 0; }
    std::vector<float> answer(std::int64_t index) const override {
        const auto columns = static_cast<std::int64_t>(m_prepared->targetNames.size());
        const auto begin =
            m_series.targets.begin() + (index * m_rule.stride + m_rule.window) * columns;
        return {begin, begin + m_rule.horizon * columns};
    }
    const std::vector<std::string>& classes() const override {
        static const std::vector<std::string> none;
        return none;
    }
    std::vector<std::string> answerNames() const override {
        std::vector<std::string> names;
        for (std::int64_t step = 1; step <= m_rule.horizon; ++step)
            for (const std::string& name : m_prepared->targetNames)
                names.push_back(m_rule.horizon == 1 ? name : name + " +" + std::to_string(step));
        return names;
    }
    std::vector<std::string> inputNames() const override { return m_prepared->inputNames; }
    SampleSpec spec() const override {
        return {true, m_rule.dims(static_cast<std::int64_t>(m_prepared->inputNames.size()))};
    }
    std::string nameOf(std::int64_t index) const override {
        const auto first = static_cast<std::size_t>(index * m_rule.stride);
        return "lines " + std::to_string(m_series.lines[first]) + " to " +
               std::to_string(m_series.lines[first + static_cast<std::size_t>(m_rule.window) - 1]) +
               " of " + m_series.path;
    }
    std::int64_t bytesInMemory() const override {
        return static_cast<std::int64_t>(
            4 * (m_series.values.size() + m_series.targets.size() + m_series.lines.size()));
    }

private:
    Prepared m_prepared;
    const Series& m_series;
    WindowRule m_rule;
};

/// The last part of the rows is to test with, or the other file.
RowSplit splitInTime(const TablePair& tables, double fraction) {
    RowSplit split = splitAtRandom(tables, 0, 0);
    if (tables.test) return split;
    const std::size_t rows = split.train.size();
    const auto held =
        static_cast<std::size_t>(std::nearbyint(fraction * static_cast<double>(rows)));
    split.test.assign(split.train.end() - static_cast<std::ptrdiff_t>(held), split.train.end());
    split.train.resize(rows - held);
    return split;
}

Result<std::vector<std::size_t>> inputColumns(const Settings& settings, const CsvTable& table,
                                              const std::vector<TableRow>& rows,
                                              const std::vector<ColumnStyle>& styles) {
    auto columns = columnsNamed(table, splitNames(settings.text("columns")), "columns");
    if (!columns || !columns->empty()) return columns;
    // Dates and names are left out; columns of numbers with a slip are not, so that it is named.
    for (std::size_t c = 0; c < table.columns(); ++c) {
        const ColumnLook look = lookAt(rows, c, styles[c].style);
        if (look.numbers > 0 && (look.isNumeric() || look.isSpoiled())) columns->push_back(c);
    }
    if (columns->empty())
        return Error{table.name() + " has no column of numbers.",
                     "A series needs at least one; look at delimiter and header."};
    return columns;
}

/// Fills what is missing in place, split by split, so that nothing of the test part reaches back.
Status fillMissing(const std::string& rule, const std::vector<TableRow>& rows, std::size_t column,
                   std::size_t trainRows, double mean, std::vector<double>& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (!std::isnan(numbers[i])) continue;
        const bool first = i == 0 || i == trainRows || std::isnan(numbers[i - 1]);
        if (rule == "refuse" || (rule == "previous" && first))
            return missingCell(rows[i], column,
                               rule == "refuse"
                                   ? "Fill it in, or set missing to previous or mean."
                                   : "There is no number before it to put there: fill it in, or "
                                     "set missing to mean.");
        numbers[i] = rule == "mean" ? mean : numbers[i - 1];
    }
    return {};
}

Result<Prepared> prepare(const Settings& settings, const TableFiles& files,
                         const TablePair& tables) {
    const CsvTable& table = *tables.train;
    const RowSplit split = splitInTime(tables, settings.number("test_fraction"));
    const std::vector<TableRow> rows = split.all();
    const std::size_t trainRows = split.train.size();
    const std::vector<ColumnStyle> styles = columnStyles(rows, settings.text("decimal"));
    const auto inputs = inputColumns(settings, table, rows, styles);
    if (!inputs) return inputs.error();
    auto targets = columnsNamed(table, splitNames(settings.text("target")), "target");
    if (!targets) return targets.error();
    if (targets->empty()) targets->push_back(inputs->back());

    PreparedSeries made;
    const bool whole = settings.text("dtype") == "int64";
    made.smallest = whole ? std::numeric_limits<std::int64_t>::max() : 0;
    made.largest = whole ? std::numeric_limits<std::int64_t>::min() : 0;
    const auto read = [&](const std::vector<std::size_t>& columns, bool standardize,
                          std::vector<std::string>& names,
                          std::vector<float> Series::*into) -> Status {
        std::vector<std::vector<float>> cells;
        for (const std::size_t column : columns) {
            auto numbers = numberColumn(rows, column, styles[column].style);
            if (!numbers) return numbers.error();
            const auto training = [&] {
                return scalingOf(
                    {numbers->begin(), numbers->begin() + static_cast<std::ptrdiff_t>(trainRows)});
            };
            if (auto status = fillMissing(settings.text("missing"), rows, column, trainRows,
                                          training().mean, *numbers);
                !status)
                return status;
            if (whole && into == &Series::values) {
                // Before float32 rounds what it cannot hold.
                if (auto sound = areWhole(*numbers, rows, column); !sound) return sound;
                for (const double x : *numbers) {
                    made.smallest = std::min(made.smallest, static_cast<std::int64_t>(x));
                    made.largest = std::max(made.largest, static_cast<std::int64_t>(x));
                }
            }
            const Scaling scaling = standardize ? training() : Scaling{};
            std::vector<float>& scaled = cells.emplace_back();
            for (const double x : *numbers) scaled.push_back(scaling(x));
            names.push_back(table.names()[column]);
        }
        for (std::size_t i = 0; i < rows.size(); ++i)
            for (const auto& column : cells)
                ((i < trainRows ? made.train : made.test).*into).push_back(column[i]);
        return {};
    };
    if (auto status =
            read(*inputs, settings.flag("standardize") && !whole, made.inputNames, &Series::values);
        !status)
        return status.error();
    if (auto status =
            read(*targets, settings.flag("standardize_target"), made.targetNames, &Series::targets);
        !status)
        return status.error();
    for (std::size_t i = 0; i < rows.size(); ++i)
        (i < trainRows ? made.train : made.test)
            .lines.push_back(static_cast<std::uint32_t>(rows[i].table->line(rows[i].row)));
    made.train.path = files.train;
    made.test.path = files.test.empty() ? files.train : files.test;

    const WindowRule rule(settings);
    for (const auto& [series, what] :
         {std::pair(&made.train, "to train with"), std::pair(&made.test, "to test with")})
        // No row at all is no test set; a few are too few.
        if ((series == &made.train || tables.test || series->rows() > 0) &&
            rule.count(series->rows()) == 0)
            return Error{groupDigits(series->rows()) + " rows of " + series->path + " are " + what +
                             ", but a window of " + groupDigits(rule.window) +
                             " and the horizon of " + groupDigits(rule.horizon) +
                             " after it take " + groupDigits(rule.window + rule.horizon) + ".",
                         "Choose a shorter window, or change test_fraction."};
    return Prepared(std::make_shared<const PreparedSeries>(std::move(made)));
}

const char* const kNoTest =
    "The series leaves no row to test with: there is no test_file, and test_fraction keeps none.";

const char* const kHowTo =
    "Set root to a CSV file: one row per point in time, the earliest first, one column per number "
    "that was measured. A column of dates is left out.";

struct Opened {
    Result<Prepared> series;
    std::vector<Diagnostic> remarks = {};
};

Opened opened(const Settings& settings) {
    static FileCache<Opened> cache(2);
    const TableFiles files = findTables(settings, "TimeSeries");
    if (!files.problem.empty()) return {Error{files.problem, kHowTo}};
    return cache.get(settingsKey(settings), files.paths(), [&]() -> Opened {
        const auto withHint = [](const Error& error) {
            return Error{error.message, error.hint.empty() ? kHowTo : error.hint};
        };
        const auto tables = readTables(files, csvFormat(settings));
        if (!tables) return {withHint(tables.error())};
        auto made = prepare(settings, files, *tables);
        if (!made) made = withHint(made.error());
        return {std::move(made), tableRemarks(settings, *tables, {"columns", ""})};
    });
}

struct SeriesFacts {
    std::vector<Diagnostic> remarks;
    std::optional<std::pair<std::int64_t, std::int64_t>> wholeRange;
    std::int64_t columns = 0;
    std::int64_t targets = 0;
    bool noTest = false;
    std::string found;
    Error problem;
};

SeriesFacts factsOf(const Settings& settings) {
    static FileCache<SeriesFacts> cache;
    const TableFiles files = findTables(settings, "TimeSeries");
    const auto read = [&] {
        SeriesFacts facts;
        auto [series, remarks] = opened(settings);
        facts.remarks = std::move(remarks);
        if (!series) {
            facts.problem = series.error();
            return facts;
        }
        const PreparedSeries& s = **series;
        const WindowRule rule(settings);
        facts.columns = static_cast<std::int64_t>(s.inputNames.size());
        facts.noTest = s.test.rows() == 0;
        if (settings.text("dtype") == "int64") facts.wholeRange = {s.smallest, s.largest};
        facts.targets = static_cast<std::int64_t>(s.targetNames.size());
        facts.found =
            groupDigits(rule.count(s.train.rows())) + " windows to train with and " +
            groupDigits(rule.count(s.test.rows())) + " to test with found in " + files.names() +
            ": " + groupDigits(rule.window) + " rows of " + someNames(s.inputNames) + " in, " +
            (rule.horizon == 1 ? "the next" : "the next " + groupDigits(rule.horizon) + " rows") +
            " of " + someNames(s.targetNames) + " out.";
        return facts;
    };
    return files.problem.empty() ? cache.get(settingsKey(settings), files.paths(), read) : read();
}

std::vector<ParamSpec> seriesParams() {
    std::vector<ParamSpec> params = tableFileParams("rows");
    ParamSpec& fraction = *std::find_if(params.begin(), params.end(), [](const ParamSpec& spec) {
        return spec.key == "test_fraction";
    });
    fraction.hint =
        "With one file: the last part of its rows, this share, is kept to test with. No window "
        "lies across the border.";
    const auto count = [](const char* key, std::int64_t byDefault, const char* hint) {
        return ParamSpec{.key = key,
                         .type = ParamType::Int,
                         .defaultValue = Value(byDefault),
                         .hint = hint,
                         .minimum = 1,
                         .maximum = 1'000'000,
                         .unit = "rows"};
    };
    const std::vector<ParamSpec> more = {
        {.key = "columns",
         .type = ParamType::Text,
         .defaultValue = "",
         .hint = "The columns that go into the network, with commas between. Left empty: all "
                 "columns of numbers."},
        {.key = "target",
         .type = ParamType::Text,
         .defaultValue = "",
         .hint = "The column to foretell, or several, with commas between. Left empty: the last "
                 "one of columns."},
        count("window", 24, "Rows that go in."),
        count("horizon", 1, "Rows after the window that are to be foretold."),
        count("stride", 1, "Rows from one window's beginning to the next one's."),
        {.key = "channels_first",
         .type = ParamType::Bool,
         .defaultValue = false,
         .hint =
             "Off: window × columns, as LSTM, GRU and RNN with batch_first take it. On: columns "
             "× window, as Conv1d takes it."},
        {.key = "missing",
         .type = ParamType::Choice,
         .defaultValue = "refuse",
         .hint = "What is done about empty cells: refuse the file and name the first one, repeat "
                 "the number before it, or put the training rows' mean there.",
         .choices = {"refuse", "previous", "mean"}},
        {.key = "standardize",
         .type = ParamType::Bool,
         .defaultValue = true,
         .hint = "Bring each column to mean 0 and deviation 1, by the figures of the training "
                 "rows."},
        {.key = "standardize_target",
         .type = ParamType::Bool,
         .defaultValue = true,
         .hint = "Do the same to what is to be foretold; losses are then in deviations."},
        decimalParam(),
        dtypeParam("columns")};
    params.insert(params.end(), more.begin(), more.end());
    return params;
}

}  // namespace

DatasetKind timeSeriesKind() {
    DatasetKind kind;
    kind.info = {
        .id = "TimeSeries",
        .family = "tables and series",
        .summary = "windows of a CSV table in time: some rows in, the next ones out",
        .details =
            "The rows of a CSV file in the order of time: temperatures, prices, a sensor. A sample "
            "is a window of rows, and its answer the numbers that follow. The first part of the "
            "file is to train with and the last to test with, so that the network is asked about a "
            "future it has not seen. A recurrent layer (LSTM, GRU) with batch_first takes the "
            "windows as they are, Conv1d with channels_first; end with a Linear layer of horizon × "
            "targets numbers, and MSELoss.",
        .keywords = {"csv", "time", "series", "forecast", "window", "lstm", "gru", "recurrent",
                     "sequence", "sensor", "stock", "weather"},
        .formula =
            "in: x[t] … x[t + window − 1],  out: y[t + window] … y[t + window + horizon − 1]"};
    kind.params = seriesParams();
    kind.spec = [](const Settings& settings) -> std::optional<SampleSpec> {
        const std::int64_t columns = factsOf(settings).columns;
        if (columns == 0) return std::nullopt;
        return SampleSpec{true, WindowRule(settings).dims(columns)};
    };
    kind.target = [](const Settings& settings) {
        TargetSpec target{TargetSpec::Type::Numbers, 0, {}};
        if (const std::int64_t targets = factsOf(settings).targets; targets > 0)
            target.dims = {targets * WindowRule(settings).horizon};
        return target;
    };
    kind.remarks = [](const Settings& settings) { return factsOf(settings).remarks; };
    kind.wholeRange = [](const Settings& settings) { return factsOf(settings).wholeRange; };
    kind.locate = [](const Settings& settings) {
        const SeriesFacts facts = factsOf(settings);
        const bool found = facts.columns > 0;
        DatasetLocation location{found, tableFolder(settings, findTables(settings, "TimeSeries")),
                                 found ? facts.found : facts.problem.message,
                                 found ? kHowTo : facts.problem.hint};
        if (found && facts.noTest) location.noTest = kNoTest;
        return location;
    };
    kind.open = [](const Settings& settings,
                   Split split) -> Result<std::shared_ptr<const Dataset>> {
        auto series = opened(settings).series;
        if (!series) return series.error();
        if (split == Split::Test && (*series)->test.rows() == 0) return Error{kNoTest, kHowTo};
        return std::shared_ptr<const Dataset>(
            std::make_shared<WindowDataset>(*series, split, WindowRule(settings)));
    };
    return kind;
}

}  // namespace loom
