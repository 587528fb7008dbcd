#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/sets/table_source.h"

namespace loom {

/// How a column of a table writes its numbers.
struct NumberStyle {
    enum class Decimal {
        Plain,  ///< as programs write them: 1234.5
        Point,  ///< 1,234.5 or 1 234.5; currencies, percent signs, brackets for what is below zero
        Comma,  ///< 1.234,5 and the same
    };
    Decimal decimal = Decimal::Plain;
    bool commaToo = false;  ///< Plain: 1,5 as well, in tables whose cells semicolons part
};

/// What a cell says in this style. A percent sign divides by 100.
CsvNumber readNumber(std::string_view cell, const NumberStyle& style);

/// As `classKey`, with numbers as the style reads them.
std::string cellKey(std::string_view cell, const NumberStyle& style);

/// Whether people, though not programs, write a number so: "1,234.5", "€ 3", "(1.50)".
bool isWrittenNumber(std::string_view cell);

/// The style of a column, and how it was found.
struct ColumnStyle {
    NumberStyle style;
    /// Nothing in the table tells whether points or commas begin the decimals: "4,351".
    bool guessed = false;
    /// The first cell that no program would have written so; none in plain columns.
    std::optional<TableRow> example = {};
    /// Two currencies stand in the column, so that its numbers cannot be compared.
    bool severalCurrencies = false;
};

/// The styles of all columns, each chosen by all of its cells; where they leave it open, by the
/// other columns. `decimal`: "point" and "comma" decide, "auto" looks.
std::vector<ColumnStyle> columnStyles(const std::vector<TableRow>& rows,
                                      const std::string& decimal);

/// The parameter `decimal`, as in pandas' `read_csv`.
ParamSpec decimalParam();

}  // namespace loom
