#include "core/project/summary.h"

#include <algorithm>
#include <unordered_map>

#include "core/graph/group.h"
#include "core/project/parameter_groups.h"

namespace loom {
namespace {

std::string shapesText(const SummaryRow& row) {
    std::string text;
    for (const Shape& shape : row.outputs) text += (text.empty() ? "" : ", ") + shape.toText();
    return text;
}

/// A field of CSV as RFC 4180 has it.
std::string field(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

void add(SummaryRow& sum, const SummaryRow& row) {
    sum.parameters += row.parameters;
    sum.trained += row.trained;
    sum.macs += row.macs;
    sum.bytes += row.bytes;
    sum.known = sum.known && row.known;
}

}  // namespace

Summary summarize(const Project& project, const ShapeReport& shapes) {
    Summary summary;
    summary.total.path = "total";
    summary.total.blocks = 0;
    std::unordered_map<std::string, std::size_t> groups;
    std::unordered_map<NodeId, const Node*> nodes;
    for (const Node& node : project.network.nodes) nodes.emplace(node.id, &node);
    // Rows inside of a group stay together although blocks of others may run in between.
    std::vector<NodeId> order = shapes.order;
    std::unordered_map<std::string, std::size_t> first;
    for (std::size_t i = 0; i < order.size(); ++i)
        for (std::string path = order[i]; !path.empty(); path = parentPath(path))
            first.emplace(path, i);
    const auto ranks = [&](const NodeId& id) {
        std::vector<std::size_t> key;
        for (std::string path = id; !path.empty(); path = parentPath(path))
            key.insert(key.begin(), first.at(path));
        return key;
    };
    std::vector<std::pair<std::vector<std::size_t>, NodeId>> sorted;
    for (const NodeId& id : order) sorted.emplace_back(ranks(id), id);
    std::stable_sort(sorted.begin(), sorted.end());
    const ParameterGroupIndex training(project.training, project.network);
    for (const auto& [key, id] : sorted) {
        const Node& node = *nodes.at(id);
        const BlockReport& block = shapes.blocks.at(id);
        SummaryRow row;
        row.path = id;
        row.kind = node.kind;
        row.sharesWith = node.sharesWith;
        row.known = block.known;
        row.depth = static_cast<int>(std::count(id.begin(), id.end(), '.'));
        if (block.known) {
            row.outputs = block.inference.outputs;
            row.parameters = block.inference.parameters;
            row.trained = training.isFrozen(id) ? 0 : row.parameters;
            row.macs = block.inference.macs;
            row.bytes = block.activationBytes;
        }
        for (std::size_t dot = id.find('.'); dot != std::string::npos;
             dot = id.find('.', dot + 1)) {
            const std::string path = id.substr(0, dot);
            const auto [entry, fresh] = groups.emplace(path, summary.rows.size());
            if (fresh) {
                SummaryRow group;
                group.path = path;
                group.group = true;
                group.blocks = 0;
                group.depth = static_cast<int>(std::count(path.begin(), path.end(), '.'));
                summary.rows.push_back(std::move(group));
            }
            SummaryRow& group = summary.rows[entry->second];
            add(group, row);
            ++group.blocks;
            // What the last of its blocks gives is what the group gives.
            if (row.known) group.outputs = row.outputs;
        }
        add(summary.total, row);
        ++summary.total.blocks;
        summary.rows.push_back(std::move(row));
    }
    return summary;
}

std::string summaryAsMarkdown(const Summary& summary) {
    std::string text =
        "| Block | Kind | Output | Parameters | Trainable | MACs | Memory |\n"
        "|---|---|---|---:|---:|---:|---:|\n";
    const auto numbers = [](const SummaryRow& row) {
        return groupDigits(row.parameters) + " | " + groupDigits(row.trained) + " | " +
               groupDigits(row.macs) + " | " + byteText(static_cast<double>(row.bytes)) + " |\n";
    };
    for (const SummaryRow& row : summary.rows)
        if (!row.group)
            text += "| " + row.path + " | " + row.kind +
                    (row.sharesWith.empty() ? "" : " (module of " + row.sharesWith + ")") + " | " +
                    (row.known ? shapesText(row) : "?") + " | " + numbers(row);
    return text + "| **Total** | " + std::to_string(summary.total.blocks) + " blocks | | " +
           numbers(summary.total);
}

std::string summaryAsCsv(const Summary& summary) {
    std::string text = "block,kind,output,parameters,trainable,macs,bytes\n";
    for (const SummaryRow& row : summary.rows)
        if (!row.group)
            text += field(row.path) + "," + field(row.kind) + "," + field(shapesText(row)) + "," +
                    std::to_string(row.parameters) + "," + std::to_string(row.trained) + "," +
                    std::to_string(row.macs) + "," + std::to_string(row.bytes) + "\n";
    return text;
}

}  // namespace loom
