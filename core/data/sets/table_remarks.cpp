#include "core/data/sets/table_remarks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/shape.h"
#include "core/base/text.h"
#include "core/data/dataset_fix.h"
#include "core/data/sets/class_names.h"

namespace loom {
namespace {

constexpr std::size_t kManyTexts = 20;

/// Joined so that `splitNames` reads them again.
std::string namesText(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += text.empty() ? "" : ", ";
        if (name.find_first_of(",\"") == std::string::npos) {
            text += name;
            continue;
        }
        text += '"';
        for (const char c : name) text.append(c == '"' ? 2 : 1, c);
        text += '"';
    }
    return text;
}

/// Whole numbers, no two the same.
bool areDifferentWholes(const std::vector<TableRow>& rows, std::size_t column) {
    std::set<double> seen;
    for (const TableRow& row : rows) {
        const CsvNumber number = csvNumber(row.cell(column), false);
        if (number.kind != CsvNumber::Kind::Number || number.value != std::floor(number.value) ||
            !seen.insert(number.value).second)
            return false;
    }
    return !rows.empty();
}

bool namesRows(const std::string& name) {
    constexpr std::array<std::string_view, 8> kUsual = {"id",  "index", "idx",    "no",
                                                        "nr.", "row",   "row_id", "rowid"};
    std::string lower;
    for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return std::find(kUsual.begin(), kUsual.end(), lower) != kUsual.end();
}

class Remarks {
public:
    Remarks(const Settings& settings, const TablePair& tables, const ColumnParams& params)
        : m_settings(settings),
          m_params(params),
          m_table(*tables.train),
          m_rows(splitAtRandom(tables, 0, 0).all()),
          m_styles(columnStyles(m_rows, settings.text("decimal"))) {
        m_targets = columnsOf("target");
        const auto inputs = columnsOf(params.inputs), ignored = columnsOf(params.ignore);
        m_categorical = columnsOf("categorical");
        if (m_targets.empty() && !params.ignore.empty()) m_targets = {m_table.columns() - 1};
        for (std::size_t c = 0; c < m_table.columns(); ++c)
            if (inputs.contains(c) ||
                (inputs.empty() && !m_targets.contains(c) && !ignored.contains(c)))
                m_inputs.push_back(c);
    }

    std::vector<Diagnostic> all() {
        lookAtFirstLine();
        for (const std::size_t column : m_inputs) {
            lookForCounting(column);
            if (!m_categorical.contains(column)) lookAtTexts(column);
        }
        sayWhatWasRead();
        for (std::size_t c = 0; c < m_styles.size(); ++c)
            if (isUsed(c)) sayWhatWasGuessed(c);
        return std::move(m_found);
    }

private:
    using Columns = std::set<std::size_t>;

    Columns columnsOf(const std::string& param) const {
        if (!findSpec(m_settings.specs(), param)) return {};
        const auto found = columnsNamed(m_table, splitNames(m_settings.text(param)), param);
        return found ? Columns(found->begin(), found->end()) : Columns();
    }
    bool isUsed(std::size_t column) const {
        return m_targets.contains(column) ||
               std::find(m_inputs.begin(), m_inputs.end(), column) != m_inputs.end();
    }
    std::string called(std::size_t column) const { return shortText(m_table.names()[column]); }

    Diagnostic& say(Severity severity, const std::string& message, const std::string& hint) {
        Diagnostic diagnostic;
        diagnostic.severity = severity;
        diagnostic.section = "data";
        diagnostic.message = message;
        diagnostic.hint = hint;
        m_found.push_back(std::move(diagnostic));
        return m_found.back();
    }
    static Fix setFix(const std::string& label, const std::string& key, const std::string& value) {
        return datasetFix(label, {{key, Value(value)}});
    }
    /// Adds a column to a list of columns.
    Fix listFix(const std::string& label, const std::string& key, const Columns& columns) const {
        std::vector<std::string> names = splitNames(m_settings.text(key));
        for (const std::size_t column : columns) names.push_back(m_table.names()[column]);
        return setFix(label, key, namesText(names));
    }
    Fix leaveOutFix(std::size_t column) const {
        const std::string label = "Leave " + called(column) + " out";
        std::vector<std::string> kept;
        for (const std::size_t one : m_inputs)
            if (one != column && (!m_params.ignore.empty() || isSeries(one)))
                kept.push_back(m_table.names()[one]);
        if (!m_params.ignore.empty() && m_settings.text(m_params.inputs).empty())
            return listFix(label, m_params.ignore, {column});
        return setFix(label, m_params.inputs, namesText(kept));
    }
    bool isSeries(std::size_t column) const {
        const ColumnLook look = lookAt(m_rows, column, m_styles[column].style);
        return look.numbers > 0 && look.isNumeric();
    }

    /// Numbers in the first line, or a name above nothing but numbers.
    void lookAtFirstLine() {
        if (m_table.hasHeader() || m_settings.text("header") != "auto" || m_rows.size() < 3) return;
        const std::size_t columns = m_table.columns();
        std::vector<double> wholes;
        std::size_t strange = 0, decimals = 0;
        for (std::size_t c = 0; c < columns; ++c) {
            const CsvNumber first = csvNumber(m_table.cell(0, c), false);
            std::size_t numbers = 0, texts = 0, fractions = 0;
            for (std::size_t row = 1; row < m_rows.size(); ++row) {
                const CsvNumber number = readNumber(m_rows[row].cell(c), m_styles[c].style);
                numbers += number.kind == CsvNumber::Kind::Number;
                texts += number.kind == CsvNumber::Kind::Text;
                fractions += number.kind == CsvNumber::Kind::Number &&
                             number.value != std::floor(number.value);
            }
            const bool isNumber = first.kind == CsvNumber::Kind::Number;
            if (isNumber && first.value == std::floor(first.value)) wholes.push_back(first.value);
            strange += (isNumber && numbers == 0 && texts > 1) ||
                       (first.kind == CsvNumber::Kind::Text && texts == 0 && numbers > 1);
            decimals += fractions > 0 && 2 * fractions > numbers;
        }
        const bool year = !wholes.empty() && wholes[0] > 1800 && wholes[0] < 2200;
        bool counting = !wholes.empty() && (wholes[0] == 0 || wholes[0] == 1 || year);
        for (std::size_t i = 1; i < wholes.size(); ++i)
            counting = counting && wholes[i] == wholes[0] + static_cast<double>(i);
        // One or two such numbers happen; above decimals they are names all the same.
        const bool enough = wholes.size() >= 3 || (decimals > 0 && (wholes.size() == 2 || year));
        if (strange == 0 && !(counting && enough)) return;
        say(Severity::Warning,
            "The first line of " + m_table.name() +
                " looks like the names of the columns, but was read as a row, because a number "
                "stands in it.",
            "Set header to yes if they are names, or to no if it is a row.")
            .fixes = {setFix("Take the first line as names", "header", "yes"),
                      setFix("Keep it as a row", "header", "no")};
    }

    void lookForCounting(std::size_t column) {
        const bool unnamed = isUnnamed(m_table, column);
        if (!unnamed && !namesRows(m_table.names()[column])) return;
        if (m_inputs.size() < 2 || !areDifferentWholes(m_rows, column)) return;
        Diagnostic& remark =
            unnamed ? say(Severity::Warning,
                          "The " + std::string(column == 0 ? "first column" : called(column)) +
                              " of " + m_table.name() +
                              " has no name and a different whole number in every row, as pandas "
                              "writes its index; it goes into the network as an input.",
                          "A number of the row says nothing about the answer: leave it out.")
                    : say(Severity::Warning,
                          "The column " + called(column) + " of " + m_table.name() +
                              " has a different whole number in every row; it goes into the "
                              "network as an input.",
                          "If it only numbers the rows, leave it out.");
        remark.fixes = {leaveOutFix(column)};
    }

    /// Texts of which nearly every row has its own.
    void lookAtTexts(std::size_t column) {
        const ColumnLook look = lookAt(m_rows, column, m_styles[column].style);
        if (m_params.ignore.empty() || look.isNumeric() || look.isSpoiled()) return;
        const std::size_t different =
            classesOf(m_rows, column, m_styles[column].style).names.size();
        const bool mixed = m_styles[column].severalCurrencies;
        if (!mixed && (different < kManyTexts || 2 * different < m_rows.size())) return;
        const std::string cell = shortText(m_rows[look.firstText].cell(column), 40);
        say(Severity::Warning,
            "The column " + called(column) + " of " + m_table.name() + " holds " +
                groupDigits(static_cast<std::int64_t>(different)) + " different texts in " +
                groupDigits(static_cast<std::int64_t>(m_rows.size())) + " rows, such as \"" + cell +
                "\"; each became an input of its own, 0 or 1.",
            mixed ? "Its numbers are of several currencies: bring them to one, or leave the column "
                    "out."
                  : "If they are names, leave the column out; if they are numbers, write them "
                    "without units, such as 1234.5.")
            .fixes = {leaveOutFix(column)};
    }

    std::string exampleOf(std::size_t column) const {
        const std::string_view cell = m_styles[column].example->cell(column);
        const double value = readNumber(cell, m_styles[column].style).value;
        return "\"" + shortText(cell, 40) + "\" is " + Value(value).toText();
    }

    /// One sentence for all columns that people, not programs, wrote.
    void sayWhatWasRead() {
        std::vector<std::string> read;
        Columns inputs;
        for (std::size_t c = 0; c < m_styles.size(); ++c) {
            const ColumnStyle& one = m_styles[c];
            if (one.style.decimal == NumberStyle::Decimal::Plain || !one.example || one.guessed ||
                !isUsed(c) || m_categorical.contains(c))
                continue;
            read.push_back(called(c) + " (" + exampleOf(c) + ")");
            if (!m_targets.contains(c)) inputs.insert(c);
        }
        if (read.empty()) return;
        Diagnostic& remark =
            say(Severity::Info,
                "In " + m_table.name() + " these were read as numbers: " + someNames(read) + ".",
                "If they are words, name the columns in categorical; decimal says which sign "
                "begins the decimals.");
        if (!inputs.empty() && findSpec(m_settings.specs(), "categorical"))
            remark.fixes = {listFix("Read them as words", "categorical", inputs)};
        else
            remark.hint = "The parameter decimal says which sign begins the decimals.";
    }

    void sayWhatWasGuessed(std::size_t column) {
        const ColumnStyle& one = m_styles[column];
        if (!one.guessed || !one.example || m_categorical.contains(column)) return;
        const bool comma = one.style.decimal == NumberStyle::Decimal::Comma;
        NumberStyle other = one.style;
        other.decimal = comma ? NumberStyle::Decimal::Point : NumberStyle::Decimal::Comma;
        const double value = readNumber(one.example->cell(column), other).value;
        say(Severity::Warning,
            "In the column " + called(column) + " of " + m_table.name() + ", " + exampleOf(column) +
                ", but it may also mean " + Value(value).toText() + ": nothing in the table tells.",
            "Set decimal to point or comma.")
            .fixes = {setFix(comma ? "Read 1,234.5 as in English" : "Read 1.234,5 as in German",
                             "decimal", comma ? "point" : "comma"),
                      setFix("Keep this reading", "decimal", comma ? "comma" : "point")};
    }

    const Settings& m_settings;
    const ColumnParams& m_params;
    const CsvTable& m_table;
    std::vector<TableRow> m_rows;
    std::vector<ColumnStyle> m_styles;
    std::vector<std::size_t> m_inputs;
    Columns m_targets, m_categorical;
    std::vector<Diagnostic> m_found;
};

}  // namespace

std::vector<Diagnostic> tableRemarks(const Settings& settings, const TablePair& tables,
                                     const ColumnParams& params) {
    return Remarks(settings, tables, params).all();
}

bool isUnnamed(const CsvTable& table, std::size_t column) {
    const std::string& name = table.names()[column];
    return table.hasHeader() &&
           (name == "column " + std::to_string(column + 1) || name.starts_with("Unnamed: "));
}

ParamSpec dtypeParam(const std::string& inputs) {
    return {.key = "dtype",
            .type = ParamType::Choice,
            .defaultValue = "auto",
            .hint = "What " + inputs +
                    " become: float32, measured numbers; int64, whole numbers as they stand and "
                    "texts by their place in the list of different ones, as Embedding takes them; "
                    "auto: what the network's Input takes.",
            .choices = {"auto", "float32", "int64"}};
}

}  // namespace loom
