#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/data/sets/number_style.h"
#include "core/data/sets/table_source.h"

namespace loom {

/// What a missing number is given.
enum class MissingRule { Refuse, Mean, Previous };

/// What is done to a column of numbers: `(x − mean) / deviation`.
struct Scaling {
    double mean = 0;
    double deviation = 1;
    float operator()(double x) const { return static_cast<float>((x - mean) / deviation); }
};

/// Mean and deviation (of the whole, not of a sample: ddof 0) of numbers, missing ones (NaN) left
/// out. A column that never changes has deviation 1.
Scaling scalingOf(const std::vector<double>& numbers);

/// A column read as numbers; missing cells are NaN.
///
/// Errors: name line and column of the first cell that is no number.
Result<std::vector<double>> numberColumn(const std::vector<TableRow>& rows, std::size_t column,
                                         const NumberStyle& style);

/// Whether a column's numbers can go into a network that takes whole ones (int64).
///
/// Errors: name line and column of the first that cannot.
Status areWhole(const std::vector<double>& numbers, const std::vector<TableRow>& rows,
                std::size_t column);

/// Why a missing cell cannot stay, with the row and column.
Error missingCell(const TableRow& row, std::size_t column, const std::string& remedy);

/// What a column looks like.
struct ColumnLook {
    std::size_t numbers = 0;
    std::size_t missing = 0;
    std::size_t texts = 0;
    std::size_t firstText = 0;  ///< place of the first text among the rows
    bool isNumeric() const { return texts == 0; }
    /// Almost all are numbers: the texts are slips.
    bool isSpoiled() const { return texts > 0 && numbers >= 9 * texts; }
};
ColumnLook lookAt(const std::vector<TableRow>& rows, std::size_t column, const NumberStyle& style);

/// The different classes that a column names.
struct ColumnClasses {
    /// Numbers by size, then words by code points. Of several ways to write one, the shortest.
    std::vector<std::string> names;
    std::vector<std::int64_t>
        places;  ///< of each row's class among `names`; −1 where it is missing
};
ColumnClasses classesOf(const std::vector<TableRow>& rows, std::size_t column,
                        const NumberStyle& style);

/// Whether a column of numbers reads like class numbers: whole, from 0 or 1 on without a gap, at
/// most twenty of them.
bool readsLikeClasses(const std::vector<double>& numbers);

}  // namespace loom
