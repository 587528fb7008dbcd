#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/train/run_log.h"

/// metrics.csv: one row for every step and every epoch of a run, numbers so that they read back to
/// the last bit. Cells that do not belong to a row's event are empty; a loss that is not a number
/// is `nan`.
namespace loom::metrics_csv {

/// The first line, with its line end.
std::string header();
/// The event's line with its line end; empty for events that have no row.
std::string row(const RunEvent& event);
/// Events in the file's order. Lines that are cut or damaged are left out; nullopt when the first
/// line is not that of a metrics.csv.
std::optional<std::vector<RunEvent>> read(std::string_view text);

}  // namespace loom::metrics_csv
