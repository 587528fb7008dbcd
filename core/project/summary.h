#pragma once

#include <string>
#include <vector>

#include "core/project/project_check.h"

namespace loom {

/// One line of the summary: a block, or a group with what its blocks make up together.
struct SummaryRow {
    std::string path;  ///< the block's id, or the group's path
    bool group = false;
    int depth = 0;  ///< groups around it
    int blocks = 1;
    std::string kind;  ///< of a block
    std::string sharesWith;
    std::vector<Shape> outputs;
    bool known = true;  ///< false: its sizes could not be found
    std::int64_t parameters = 0;
    std::int64_t trained = 0;  ///< parameters that learn
    std::int64_t macs = 0;
    std::int64_t bytes = 0;  ///< what it gives for one sample
};

struct Summary {
    std::vector<SummaryRow> rows;  ///< in the order of execution, a group before what is in it
    SummaryRow total;
};

Summary summarize(const Project& project, const ShapeReport& shapes);

/// A table with totals. Blocks only: what is copied should add up.
std::string summaryAsMarkdown(const Summary& summary);
std::string summaryAsCsv(const Summary& summary);

}  // namespace loom
