#include "core/data/sets/table_columns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/base/shape.h"
#include "core/base/text.h"

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

Result<std::vector<double>> numberColumn(const std::vector<TableRow>& rows, std::size_t column,
                                         const NumberStyle& style) {
    std::vector<double> numbers;
    numbers.reserve(rows.size());
    for (const TableRow& row : rows) {
        const CsvNumber number = readNumber(row.cell(column), style);
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

ColumnLook lookAt(const std::vector<TableRow>& rows, std::size_t column, const NumberStyle& style) {
    ColumnLook look;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        switch (readNumber(rows[i].cell(column), style).kind) {
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

Status areWhole(const std::vector<double>& numbers, const std::vector<TableRow>& rows,
                std::size_t column) {
    // Up to here float32, in which samples travel, holds every whole number.
    constexpr double kLargest = 1 << 24;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double x = numbers[i];
        if (std::isnan(x) || (x == std::floor(x) && std::fabs(x) <= kLargest)) continue;
        const bool whole = x == std::floor(x);
        return Error{"In " + rows[i].where() + ", column " + rows[i].table->names()[column] +
                         ", \"" + shortText(rows[i].cell(column)) + "\" is " +
                         (whole ? "beyond the " + groupDigits(1 << 24) +
                                      " up to which words and indices may be numbered."
                                : "not a whole number, but the network takes whole ones (int64)."),
                     whole ? "Number them from 0 on."
                           : "Leave the column out, or set dtype of the Input block to float32."};
    }
    return {};
}

ColumnClasses classesOf(const std::vector<TableRow>& rows, std::size_t column,
                        const NumberStyle& style) {
    ColumnClasses classes;
    struct Found {
        std::string name;
        CsvNumber number;
    };
    std::vector<Found> found;
    // Cells are compared as they stand before their meaning is looked for.
    std::unordered_map<std::string_view, std::int64_t> cells;
    std::unordered_map<std::string, std::int64_t> keys;
    for (const TableRow& row : rows) {
        const std::string_view cell = row.cell(column);
        const auto [known, fresh] = cells.emplace(cell, -1);
        if (fresh && readNumber(cell, style).kind != CsvNumber::Kind::Missing) {
            const auto [key, first] =
                keys.emplace(cellKey(cell, style), static_cast<std::int64_t>(found.size()));
            known->second = key->second;
            const std::string name(cell);
            if (first) {
                found.push_back({name, readNumber(cell, style)});
            } else {
                std::string& shown = found[static_cast<std::size_t>(key->second)].name;
                if (std::pair(name.size(), name) < std::pair(shown.size(), shown)) shown = name;
            }
        }
        classes.places.push_back(known->second);
    }
    std::vector<std::size_t> order(found.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const Found &x = found[a], &y = found[b];
        const bool number = x.number.kind == CsvNumber::Kind::Number;
        if (number != (y.number.kind == CsvNumber::Kind::Number)) return number;
        return number && x.number.value != y.number.value ? x.number.value < y.number.value
                                                          : x.name < y.name;
    });
    std::vector<std::int64_t> moved(found.size());
    for (std::size_t place = 0; place < order.size(); ++place) {
        moved[order[place]] = static_cast<std::int64_t>(place);
        classes.names.push_back(std::move(found[order[place]].name));
    }
    for (std::int64_t& place : classes.places)
        if (place >= 0) place = moved[static_cast<std::size_t>(place)];
    return classes;
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
