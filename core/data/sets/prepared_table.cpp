#include "core/data/sets/prepared_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/shape.h"
#include "core/base/text.h"

namespace loom {
namespace {

constexpr std::size_t kMostCategories = 1000;
constexpr std::size_t kMostClasses = 100'000;

using Prepared = std::shared_ptr<const PreparedTable>;

/// Reads the columns that the settings choose, one after the other.
class TableMaker {
public:
    TableMaker(const Settings& settings, const TablePair& tables)
        : m_settings(settings),
          m_tables(tables),
          m_rows(splitAtRandom(tables, settings.number("test_fraction"), settings.integer("seed"))),
          m_missing(settings.text("missing")) {
        m_made.isWhole = settings.text("dtype") == "int64";
    }

    Result<Prepared> make() {
        if (auto status = chooseColumns(); !status) return status.error();
        if (m_missing == "drop") dropRows();
        m_all = m_rows.all();
        for (const ColumnStyle& one : columnStyles(m_all, m_settings.text("decimal")))
            m_styles.push_back(one.style);
        if (m_rows.train.empty())
            return Error{m_tables.train->name() + " leaves no row to train with.",
                         "Lower test_fraction, or add rows."};
        if (m_rows.test.empty() && m_tables.test)
            return Error{m_tables.test->name() + " leaves no row to test with.",
                         "Add rows, or leave test_file empty."};
        if (auto status = readInputs(); !status) return status.error();
        if (auto status = readAnswers(); !status) return status.error();
        fill(m_made.train, m_rows.train, 0);
        fill(m_made.test, m_rows.test, m_rows.train.size());
        return Prepared(std::make_shared<const PreparedTable>(std::move(m_made)));
    }

private:
    const CsvTable& table() const { return *m_tables.train; }

    Status chooseColumns() {
        const auto columnsOf = [&](const char* param) {
            return columnsNamed(table(), splitNames(m_settings.text(param)), param);
        };
        auto targets = columnsOf("target");
        if (!targets) return targets.error();
        m_targets = *targets;
        if (m_targets.empty()) m_targets = {table().columns() - 1};
        auto inputs = columnsOf("inputs");
        if (!inputs) return inputs.error();
        const auto ignored = columnsOf("ignore");
        if (!ignored) return ignored.error();
        auto categorical = columnsOf("categorical");
        if (!categorical) return categorical.error();
        m_categorical = *categorical;
        const auto has = [](const std::vector<std::size_t>& columns, std::size_t one) {
            return std::find(columns.begin(), columns.end(), one) != columns.end();
        };
        for (std::size_t c = 0; c < table().columns(); ++c)
            if (inputs->empty() && !has(m_targets, c) && !has(*ignored, c)) m_inputs.push_back(c);
        for (const std::size_t c : *inputs) {
            if (has(m_targets, c))
                return Error{"The column " + table().names()[c] +
                                 " is both an input and the answer: the network would only copy "
                                 "it.",
                             "Take it out of inputs or out of target."};
            if (!has(*ignored, c)) m_inputs.push_back(c);
        }
        if (m_inputs.empty())
            return Error{table().name() + " has no column left to be an input.",
                         "It needs at least one besides the answer: look at inputs and ignore."};
        return {};
    }

    void dropRows() {
        std::vector<std::size_t> used = m_inputs;
        used.insert(used.end(), m_targets.begin(), m_targets.end());
        for (std::vector<TableRow>* rows : {&m_rows.train, &m_rows.test})
            std::erase_if(*rows, [&](const TableRow& row) {
                return std::any_of(used.begin(), used.end(), [&](std::size_t c) {
                    return csvNumber(row.cell(c), false).kind == CsvNumber::Kind::Missing;
                });
            });
    }

    Status readInputs() {
        for (const std::size_t column : m_inputs) {
            const bool named = std::find(m_categorical.begin(), m_categorical.end(), column) !=
                               m_categorical.end();
            const ColumnLook look = lookAt(m_all, column, m_styles[column]);
            const std::string& name = table().names()[column];
            if (look.missing > 0 && m_missing == "refuse")
                return missingCell(firstMissing(column), column,
                                   "Fill it in, or set missing to mean or drop; ignore leaves the "
                                   "whole column out.");
            if (!named && look.isSpoiled())
                return Error{"In " + m_all[look.firstText].where() + ", column " + name + ", \"" +
                                 shortText(m_all[look.firstText].cell(column)) +
                                 "\" is not a number, as " +
                                 groupDigits(static_cast<std::int64_t>(look.numbers)) +
                                 " others of the column are.",
                             "Correct the cell; or name the column in categorical, if its numbers "
                             "are names."};
            InputColumn input;
            input.column = column;
            std::vector<float> cells;
            if (m_made.isWhole) {
                if (auto status = readWhole(column, named || !look.isNumeric(), cells); !status)
                    return status;
                m_made.inputNames.push_back(name);
            } else if (named || !look.isNumeric()) {
                if (auto status = readCategories(input, cells); !status) return status;
                for (const std::string& category : input.categories)
                    m_made.inputNames.push_back(name + " = " + category);
            } else {
                auto numbers = numberColumn(m_all, column, m_styles[column]);
                if (!numbers) return numbers.error();
                cells = scaled(*numbers, m_settings.flag("standardize"), input.scaling);
                m_made.inputNames.push_back(name);
            }
            m_cells.push_back(std::move(cells));
            m_made.columns.push_back(std::move(input));
        }
        return {};
    }

    TableRow firstMissing(std::size_t column) const {
        return *std::find_if(m_all.begin(), m_all.end(), [&](const TableRow& row) {
            return csvNumber(row.cell(column), false).kind == CsvNumber::Kind::Missing;
        });
    }

    /// Whole numbers as they stand; a text is the place of its class among the column's.
    Status readWhole(std::size_t column, bool isText, std::vector<float>& cells) {
        std::vector<double> numbers;
        if (isText) {
            const ColumnClasses classes = classesOf(m_all, column, m_styles[column]);
            numbers.assign(classes.places.begin(), classes.places.end());
            for (double& place : numbers)
                if (place < 0) place = std::numeric_limits<double>::quiet_NaN();
        } else {
            auto read = numberColumn(m_all, column, m_styles[column]);
            if (!read) return read.error();
            numbers = std::move(*read);
        }
        if (auto whole = areWhole(numbers, m_all, column); !whole) return whole;
        for (const double x : numbers) {
            if (std::isnan(x))
                return missingCell(firstMissing(column), column,
                                   "A mean is no whole number: fill it in, or set missing to "
                                   "drop.");
            const auto whole = static_cast<std::int64_t>(x);
            m_made.smallest = m_wholeSeen ? std::min(m_made.smallest, whole) : whole;
            m_made.largest = m_wholeSeen ? std::max(m_made.largest, whole) : whole;
            m_wholeSeen = true;
            cells.push_back(static_cast<float>(x));
        }
        return {};
    }

    Status readCategories(InputColumn& input, std::vector<float>& cells) {
        ColumnClasses classes = classesOf(m_all, input.column, m_styles[input.column]);
        input.categories = std::move(classes.names);
        if (input.categories.size() > kMostCategories)
            return Error{"The column " + table().names()[input.column] + " of " + table().name() +
                             " holds " +
                             groupDigits(static_cast<std::int64_t>(input.categories.size())) +
                             " different texts, more than the " + groupDigits(kMostCategories) +
                             " that become numbers of their own.",
                         "It is rather a name or a text than a category: name it in ignore."};
        input.shares.assign(input.categories.size(), 0);
        std::size_t known = 0;
        for (std::size_t i = 0; i < m_all.size(); ++i) {
            const std::int64_t place = classes.places[i];
            cells.push_back(static_cast<float>(place));
            if (place < 0 || i >= m_rows.train.size()) continue;
            ++input.shares[static_cast<std::size_t>(place)];
            ++known;
        }
        for (float& share : input.shares)
            share /= static_cast<float>(std::max<std::size_t>(known, 1));
        return {};
    }

    /// With the training rows' mean and deviation; missing numbers become the mean.
    std::vector<float> scaled(const std::vector<double>& numbers, bool standardize,
                              Scaling& scaling) const {
        const Scaling found = scalingOf(
            {numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(m_rows.train.size())});
        if (standardize) scaling = found;
        std::vector<float> cells;
        cells.reserve(numbers.size());
        for (const double x : numbers) cells.push_back(scaling(std::isnan(x) ? found.mean : x));
        return cells;
    }

    Status readAnswers() {
        for (const std::size_t column : m_targets)
            if (lookAt(m_all, column, m_styles[column]).missing > 0)
                return missingCell(firstMissing(column), column,
                                   "Every row needs its answer: fill it in, or set missing to "
                                   "drop.");
        std::string names;
        for (const std::size_t column : m_targets)
            names += (names.empty() ? "" : ", ") + table().names()[column];
        m_made.targetName = names;
        const auto classes = areClasses();
        if (!classes) return classes.error();
        return *classes ? readClasses() : readNumbers();
    }

    Result<bool> areClasses() {
        const std::string task = m_settings.text("task");
        if (task == "classification" && m_targets.size() > 1)
            return Error{"target names " + std::to_string(m_targets.size()) +
                             " columns, but a class is one.",
                         "Name one column, or set task to regression."};
        if (task != "auto") return task == "classification";
        if (m_targets.size() > 1) return false;
        const NumberStyle& style = m_styles[m_targets.front()];
        const ColumnLook look = lookAt(m_all, m_targets.front(), style);
        if (look.isSpoiled())
            return Error{"In " + m_all[look.firstText].where() + ", column " +
                             table().names()[m_targets.front()] + ", \"" +
                             shortText(m_all[look.firstText].cell(m_targets.front())) +
                             "\" is not a number, as most others of the column are.",
                         "Correct the cell, or set task to classification."};
        if (!look.isNumeric()) return true;
        const auto numbers = numberColumn(m_all, m_targets.front(), style);
        if (!numbers) return numbers.error();
        return readsLikeClasses(*numbers);
    }

    Status readClasses() {
        const std::size_t column = m_targets.front();
        ColumnClasses found = classesOf(m_all, column, m_styles[column]);
        m_made.classes = std::move(found.names);
        if (m_made.classes.size() < 2)
            return Error{"The column " + table().names()[column] + " of " + table().name() +
                             " says " + m_made.classes.front() + " in every row.",
                         "There is nothing to tell apart: choose another target."};
        if (m_made.classes.size() > kMostClasses)
            return Error{"The column " + table().names()[column] + " of " + table().name() +
                             " holds " +
                             groupDigits(static_cast<std::int64_t>(m_made.classes.size())) +
                             " different texts, too many to be classes.",
                         "Choose another target."};
        m_labels = std::move(found.places);
        return {};
    }

    Status readNumbers() {
        for (const std::size_t column : m_targets) {
            auto numbers = numberColumn(m_all, column, m_styles[column]);
            if (!numbers) return numbers.error();
            Scaling scaling;
            m_answers.push_back(scaled(*numbers, m_settings.flag("standardize_target"), scaling));
            m_made.answerNames.push_back(table().names()[column]);
        }
        return {};
    }

    void fill(TablePart& part, const std::vector<TableRow>& rows, std::size_t first) const {
        part.path = rows.empty() ? table().name() : rows.front().table->name();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (const auto& column : m_cells) part.cells.push_back(column[first + i]);
            for (const auto& column : m_answers) part.answers.push_back(column[first + i]);
            if (!m_labels.empty()) part.labels.push_back(m_labels[first + i]);
            part.lines.push_back(static_cast<std::uint32_t>(rows[i].table->line(rows[i].row)));
        }
    }

    const Settings& m_settings;
    const TablePair& m_tables;
    RowSplit m_rows;
    std::string m_missing;
    std::vector<TableRow> m_all;        ///< training rows first
    std::vector<NumberStyle> m_styles;  ///< of every column of the table
    bool m_wholeSeen = false;
    std::vector<std::size_t> m_inputs, m_targets, m_categorical;
    std::vector<std::vector<float>> m_cells, m_answers;
    std::vector<std::int64_t> m_labels;
    PreparedTable m_made;
};

}  // namespace

Result<std::shared_ptr<const PreparedTable>> prepareTable(const Settings& settings,
                                                          const TablePair& tables) {
    return TableMaker(settings, tables).make();
}

}  // namespace loom
