#include "core/train/weight_match.h"

#include <algorithm>
#include <set>

#include "core/backend/compiled_network.h"
#include "core/backend/initial_weights.h"
#include "core/base/shape.h"
#include "core/exchange/torch_file.h"
#include "core/exchange/weight_names.h"
#include "core/project/project_check.h"
#include "core/train/network_use.h"

namespace loom {
namespace {

using Fit = WeightMatchRow::Fit;

/// The block of a tensor: `layer1.0.conv1` for `layer1.0.conv1.weight`, and the name itself for a
/// bare parameter.
NodeId blockOf(const Graph& graph, const std::string& name) {
    for (std::size_t end = name.size(); end != std::string::npos; end = name.rfind('.', end - 1)) {
        if (graph.find(name.substr(0, end))) return name.substr(0, end);
        if (end == 0) break;
    }
    return {};
}

std::string named(const std::vector<NodeId>& blocks) {
    std::string text;
    for (std::size_t i = 0; i < blocks.size() && i < 3; ++i) text += (i ? ", " : "") + blocks[i];
    return blocks.size() > 3
               ? text + " and " + groupDigits(std::int64_t(blocks.size()) - 3) + " more"
               : text;
}

Result<FittedWeights> fitted(const Weights& own, const Weights& file) {
    std::vector<TensorSize> sizes;
    for (const NamedTensor& entry : own.tensors) sizes.push_back({entry.name, entry.tensor.dims});
    return fitNames(file, sizes);
}

WeightMatch compare(const Graph& graph, const Weights& own, const FittedWeights& file) {
    WeightMatch match;
    match.remarks = file.remarks;
    std::set<NodeId> fresh;
    std::vector<NodeId> blocks;
    for (const NamedTensor& entry : own.tensors) {
        WeightMatchRow row;
        row.name = entry.name;
        row.networkDims = entry.tensor.dims;
        const PlainTensor* given = file.find(entry.name);
        if (given) row.fileDims = given->dims;
        row.fit = !given                             ? Fit::OnlyInNetwork
                  : given->dims != entry.tensor.dims ? Fit::OtherSize
                                                     : Fit::Fits;
        const NodeId block = blockOf(graph, entry.name);
        if (blocks.empty() || blocks.back() != block) blocks.push_back(block);
        if (row.fit == Fit::Fits) {
            ++match.fits;
            match.numbersTaken += Shape{row.networkDims}.count();
        } else {
            ++(row.fit == Fit::OtherSize ? match.otherSize : match.onlyInNetwork);
            fresh.insert(block);
        }
        match.rows.push_back(std::move(row));
    }
    for (const NamedTensor* entry : file.unused) {
        ++match.onlyInFile;
        match.rows.push_back({entry->name, Fit::OnlyInFile, entry->tensor.dims, {}});
    }
    for (const NodeId& block : blocks)
        (fresh.contains(block) ? match.freshBlocks : match.filledBlocks).push_back(block);
    return match;
}

}  // namespace

std::string WeightMatch::toSentence() const {
    const std::int64_t all = fits + otherSize + onlyInNetwork;
    if (all == 0) return "The network has no weights to fill.";
    if (fits == 0)
        return "None of the network's " + groupDigits(all) +
               " tensors is in the file under the same name and size.";
    std::string text = fits == all
                           ? "All " + groupDigits(all) + " tensors of the network fit"
                           : groupDigits(fits) + " of " + groupDigits(all) + " tensors fit; " +
                                 named(freshBlocks) +
                                 (freshBlocks.size() == 1 ? " begins" : " begin") + " afresh";
    if (onlyInFile > 0)
        text += "; " + groupDigits(onlyInFile) + " of the file " +
                (onlyInFile == 1 ? "is" : "are") + " not used";
    text += ".";
    for (const std::string& remark : remarks) text += " " + remark;
    return text;
}

Result<WeightMatch> matchTable(const Project& project, const Weights& weights) {
    const auto own = initialWeights(project, project.training.seed);
    if (!own) return own.error();
    const auto file = fitted(*own, weights);
    if (!file) return file.error();
    return compare(project.network, *own, *file);
}

namespace backend {

Status takeInitialWeights(CompiledNetwork& network, const Graph& graph, const std::string& path,
                          std::vector<std::string>* remarks) {
    if (path.empty()) return {};
    const auto weights = loadWeights(path);
    if (!weights) return weights.error();
    Weights own = network.weights();
    const auto file = fitted(own, *weights);
    if (!file)
        return Error{path + " cannot be the start: " + file.error().message, file.error().hint};
    const WeightMatch match = compare(graph, own, *file);
    if (remarks) *remarks = match.remarks;
    if (match.fits == 0)
        return Error{path + " cannot be the start: " + match.toSentence(),
                     "Name the blocks as in the network the weights come from, or start afresh."};
    for (const WeightMatchRow& row : match.rows) {
        if (row.fit != Fit::Fits) continue;
        const auto place =
            std::find_if(own.tensors.begin(), own.tensors.end(),
                         [&](const NamedTensor& entry) { return entry.name == row.name; });
        place->tensor = *file->find(row.name);
    }
    return network.load(own);
}

}  // namespace backend
}  // namespace loom
