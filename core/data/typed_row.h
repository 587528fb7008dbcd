#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/dataset.h"

namespace loom {

/// A cell of a row as a person types it.
struct TypedColumn {
    std::string name;
    std::vector<std::string> choices = {};  ///< what it may be; empty: a number
};

/// A data set whose samples are rows of a table: what is typed goes the way of the file's cells.
class TypedRows {
public:
    virtual ~TypedRows() = default;
    virtual std::vector<TypedColumn> typedColumns() const = 0;
    /// Errors: a cell that is no number, or none of the choices.
    virtual Result<TensorSample> sampleOfCells(const std::vector<std::string>& cells) const = 0;
    /// The cells that a sample was made of.
    virtual std::vector<std::string> cellsOf(std::int64_t index) const = 0;
};

/// What is typed to make a sample: a table's columns; the numbers of points; nothing where a sample
/// is a picture or has too many numbers to be typed.
std::vector<TypedColumn> typedColumns(const Dataset& dataset);
/// The sample. Errors name the column.
Result<TensorSample> sampleOfCells(const Dataset& dataset, const std::vector<std::string>& cells);
/// The cells of a sample of the set.
std::vector<std::string> cellsOf(const Dataset& dataset, std::int64_t index);

/// The cells of a line, parted by tabs, semicolons, commas or spaces, whichever comes first in this
/// list and occurs.
std::vector<std::string> splitTyped(std::string_view line);
/// The number in a typed cell. Errors name the column.
Result<double> typedNumber(const std::string& cell, const std::string& column);

}  // namespace loom
