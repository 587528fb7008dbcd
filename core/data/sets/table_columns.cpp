#include "core/data/sets/table_columns.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_set>

namespace loom {

Scaling scalingOf(const std::vector<double>& numbers) {
    double sum = 0, squares = 0;
    std::size_t count = 0;
    for (const double x : numbers)
        if (!std::isnan(x)) {
            sum += x;
            ++count;
        }
    if (count == 0) return {};
    Scaling scaling{sum / static_cast<double>(count), 1};
    for (const double x : numbers)
        if (!std::isnan(x)) squares += (x - scaling.mean) * (x - scaling.mean);
    const double deviation = std::sqrt(squares / static_cast<double>(count));
    // A column of equal numbers has the rounding of its mean as deviation.
    if (deviation > 1e-12 * std::fabs(scaling.mean)) scaling.deviation = deviation;
    return scaling;
}

Result<std::vector<double>> numberColumn(const std::vector<TableRow>& rows, std::size_t column) {
    std::vector<double> numbers;
    numbers.reserve(rows.size());
    for (const TableRow& row : rows) {
        const CsvNumber number = csvNumber(row.cell(column), row.table->delimiter() == ';');
        if (number.kind == CsvNumber::Kind::Text || number.kind == CsvNumber::Kind::TooLarge) {
            const bool text = number.kind == CsvNumber::Kind::Text;
            return Error{
                "In " + row.where() + ", column " + row.table->names()[column] + ", \"" +
                    shortText(row.cell(column)) + "\" is " +
                    (text ? "not a number." : "more than a number here can hold (3.4e38)."),
                "Correct the cell, or leave the column out."};
        }
        numbers.push_back(number.kind == CsvNumber::Kind::Missing
                              ? std::numeric_limits<double>::quiet_NaN()
                              : number.value);
    }
    return numbers;
}

Error missingCell(const TableRow& row, std::size_t column, const std::string& remedy) {
    return Error{
        "In " + row.where() + ", column " + row.table->names()[column] + ", the value is missing.",
        remedy};
}

ColumnLook lookAt(const std::vector<TableRow>& rows, std::size_t column) {
    ColumnLook look;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        switch (csvNumber(rows[i].cell(column), rows[i].table->delimiter() == ';').kind) {
            case CsvNumber::Kind::Missing:
                ++look.missing;
                break;
            case CsvNumber::Kind::Text:
                if (look.texts++ == 0) look.firstText = i;
                break;
            case CsvNumber::Kind::Number:
            case CsvNumber::Kind::TooLarge:
                ++look.numbers;
        }
    }
    return look;
}

std::vector<std::string> differentTexts(const std::vector<TableRow>& rows, std::size_t column) {
    std::unordered_set<std::string_view> seen;
    for (const TableRow& row : rows)
        if (csvNumber(row.cell(column), false).kind != CsvNumber::Kind::Missing)
            seen.insert(row.cell(column));
    std::vector<std::string> texts(seen.begin(), seen.end());
    std::sort(texts.begin(), texts.end(), [](const std::string& a, const std::string& b) {
        const CsvNumber x = csvNumber(a, false), y = csvNumber(b, false);
        const bool first = x.kind == CsvNumber::Kind::Number;
        if (first != (y.kind == CsvNumber::Kind::Number)) return first;
        return first && x.value != y.value ? x.value < y.value : a < b;
    });
    return texts;
}

bool readsLikeClasses(const std::vector<double>& numbers) {
    constexpr std::size_t kMost = 20;
    std::set<double> different;
    for (const double x : numbers) {
        if (std::isnan(x)) continue;
        if (x != std::floor(x)) return false;
        different.insert(x);
        if (different.size() > kMost) return false;
    }
    return different.size() >= 2 && (*different.begin() == 0 || *different.begin() == 1) &&
           *different.rbegin() - *different.begin() + 1 == static_cast<double>(different.size());
}

}  // namespace loom
