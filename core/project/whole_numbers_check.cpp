#include "core/project/whole_numbers_check.h"

#include "core/catalogue/layer_kind.h"
#include "core/data/dataset.h"
#include "core/data/dataset_fix.h"
#include "core/graph/edit.h"
#include "core/project/delivered_dataset.h"

namespace loom {
namespace {

constexpr const char* kRows = "num_embeddings";

/// A table of words directly behind the Input has a row for each number that the data hold.
void checkRows(const Graph& graph, const Edge& wire, std::int64_t smallest, std::int64_t largest,
               const std::string& data, std::vector<Diagnostic>& found) {
    const Node* node = graph.find(wire.to.node);
    const LayerKind* kind = node ? layers().find(node->kind) : nullptr;
    if (!kind || wire.to.port != 0 || !findSpec(kind->params, kRows)) return;
    const std::int64_t rows = Settings(kind->params, node->params).integer(kRows);
    if (rows <= 0 || (smallest >= 0 && largest < rows)) return;
    Diagnostic diagnostic;
    diagnostic.node = node->id;
    diagnostic.inputPort = 0;
    diagnostic.message = node->id + " has a table of " + groupDigits(rows) +
                         " rows, for words 0 to " + groupDigits(rows - 1) + ", but " + data +
                         " holds numbers from " + groupDigits(smallest) + " to " +
                         groupDigits(largest) + ".";
    diagnostic.hint = smallest < 0 ? "Number the words from 0 on."
                                   : "Take a larger num_embeddings, or number the words from 0 on.";
    if (smallest >= 0)
        diagnostic.fixes.push_back({"Set num_embeddings to " + groupDigits(largest + 1),
                                    [id = node->id, largest](const Graph& whole) {
                                        return edit::setParam(whole, id, kRows, Value(largest + 1));
                                    }});
    found.push_back(std::move(diagnostic));
}

}  // namespace

std::vector<Diagnostic> checkWholeNumbers(const Graph& graph, const ShapeReport& shapes,
                                          const Choice& dataset) {
    std::vector<Diagnostic> found;
    const DatasetKind* kind = datasets().find(dataset.kind);
    if (!kind) return found;
    for (const NodeId& id : nodesOfKind(graph, "Input")) {
        const Shape* shape = shapes.shapeAt({id, 0});
        if (!shape || shape->type != ElementType::Int64) continue;
        if (!deliversWhole(dataset)) {
            Diagnostic diagnostic;
            diagnostic.node = id;
            diagnostic.message = id + " takes whole numbers (int64), but " + dataset.kind +
                                 " delivers real ones (float32).";
            if (findSpec(kind->params, "dtype")) {
                diagnostic.hint = "Let the data set follow the network.";
                diagnostic.fixes.push_back(
                    datasetFix("Set dtype of the data set to auto", {{"dtype", Value()}}));
            } else {
                diagnostic.hint =
                    "Words and indices come from a Table or a TimeSeries; pictures are real "
                    "numbers, which Embedding does not take.";
            }
            found.push_back(std::move(diagnostic));
        } else if (kind->wholeRange) {
            if (const auto range = kind->wholeRange(Settings(kind->params, dataset.params)))
                for (const Edge& wire : graph.edgesFrom(id))
                    checkRows(graph, wire, range->first, range->second, dataset.kind, found);
        }
    }
    return found;
}

}  // namespace loom
