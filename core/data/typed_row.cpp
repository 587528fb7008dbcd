#include "core/data/typed_row.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <variant>

#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/base/value.h"

namespace loom {
namespace {

constexpr std::int64_t kMostTyped = 64;

std::string_view trimmed(std::string_view text) {
    constexpr const char* kSpace = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

std::vector<std::string> splitTyped(std::string_view line) {
    line = trimmed(line);
    char delimiter = ' ';
    for (const char candidate : {'\t', ';', ','})
        if (line.find(candidate) != std::string_view::npos) {
            delimiter = candidate;
            break;
        }
    std::vector<std::string> cells;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(delimiter), line.size());
        const std::string_view cell = trimmed(line.substr(0, end));
        // Spaces in a row part nothing.
        if (delimiter != ' ' || !cell.empty()) cells.emplace_back(cell);
        if (end == line.size()) break;
        line.remove_prefix(end + 1);
        if (line.empty()) cells.emplace_back();
    }
    return cells;
}

Result<double> typedNumber(const std::string& cell, const std::string& column) {
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value))
        return Error{"\"" + cell + "\" is not a number for " + column + ".",
                     "Type a number, with a point before its fraction: 5.1."};
    return value;
}

std::vector<TypedColumn> typedColumns(const Dataset& dataset) {
    if (const auto* rows = dynamic_cast<const TypedRows*>(&dataset)) return rows->typedColumns();
    const SampleSpec spec = dataset.spec();
    if (!spec.isTensor || spec.dims.size() != 1 || spec.dims[0] < 1 || spec.dims[0] > kMostTyped)
        return {};
    std::vector<TypedColumn> columns;
    const std::vector<std::string> names = dataset.inputNames();
    for (std::size_t i = 0; i < static_cast<std::size_t>(spec.dims[0]); ++i)
        columns.push_back({i < names.size() ? names[i] : "x" + std::to_string(i + 1)});
    return columns;
}

Result<TensorSample> sampleOfCells(const Dataset& dataset, const std::vector<std::string>& cells) {
    const std::vector<TypedColumn> columns = typedColumns(dataset);
    if (cells.size() != columns.size()) {
        std::vector<std::string> names;
        for (const TypedColumn& column : columns) names.push_back(column.name);
        return Error{
            sentence(
                cells.size() == 1 ? "A row has {cells}, but {typed} was typed."
                                  : "A row has {cells}, but {typed} were typed.",
                {{"cells", counted(static_cast<std::int64_t>(columns.size()), "cell", "cells")},
                 {"typed", std::to_string(cells.size())}}),
            sentence("Type them with commas between: {columns}.",
                     {{"columns", someWords(names, 8)}})};
    }
    if (const auto* rows = dynamic_cast<const TypedRows*>(&dataset))
        return rows->sampleOfCells(cells);
    TensorSample sample{{static_cast<std::int64_t>(cells.size())}, {}};
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto number = typedNumber(cells[i], columns[i].name);
        if (!number) return number.error();
        sample.values.push_back(static_cast<float>(*number));
    }
    return sample;
}

std::vector<std::string> cellsOf(const Dataset& dataset, std::int64_t index) {
    if (const auto* rows = dynamic_cast<const TypedRows*>(&dataset)) return rows->cellsOf(index);
    std::vector<std::string> cells;
    if (typedColumns(dataset).empty()) return cells;
    const auto sample = dataset.sample(index);
    const auto* row = sample ? std::get_if<TensorSample>(&sample->input) : nullptr;
    if (!row) return cells;
    for (const float value : row->values) {
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, value).ptr;
        cells.emplace_back(text, end);
    }
    return cells;
}

}  // namespace loom
