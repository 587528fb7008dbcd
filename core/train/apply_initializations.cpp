#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/backend/borrowed_streams.h"
#include "core/backend/initialization.h"
#include "core/backend/layer.h"
#include "core/catalogue/init_kind.h"

namespace loom {
namespace {

/// What tells blocks with the same parameters: kind, settings, what arrives.
std::string fingerprint(const LayerContext& c) {
    std::string text = c.node.kind + Value(c.node.params).toPython();
    for (std::size_t port = 0; port < c.inputs.size(); ++port)
        text += (c.connected(static_cast<int>(port)) ? "|" : "-") + c.inputs[port].toSentence();
    return text;
}

std::vector<ParameterShape> shapesOf(const backend::BuiltLayer& layer) {
    if (layer.parameter.defined()) return {{"weight", layer.parameter.sizes().vec()}};
    std::vector<ParameterShape> shapes;
    if (layer.module)
        for (const auto& entry : layer.module->named_parameters())
            shapes.push_back({entry.key(), entry.value().sizes().vec()});
    return shapes;
}

}  // namespace

std::optional<std::vector<ParameterShape>> parameterShapes(const LayerContext& context,
                                                           const Inference& inference) {
    static std::mutex mutex;
    static std::map<std::string, std::vector<ParameterShape>> known;
    const std::lock_guard lock(mutex);
    const std::string key = fingerprint(context);
    if (const auto found = known.find(key); found != known.end()) return found->second;
    const LayerKind* kind = layers().find(context.node.kind);
    if (!kind) return std::nullopt;
    if (!kind->build || inference.parameters == 0) return std::vector<ParameterShape>();
    // Building draws random numbers, which a run that goes on must not miss.
    const auto streams = backend::BorrowedStreams::ifFree(0);
    if (!streams) return std::nullopt;
    std::optional<std::vector<ParameterShape>> shapes;
    try {
        shapes = shapesOf(*kind->build(context, inference));
        known[key] = *shapes;
    } catch (const c10::Error&) {
        // What a block cannot be built from is said by the check of the network.
    }
    return shapes;
}

Status backend::applyInitializations(const Graph& graph, const ShapeReport& report,
                                     torch::nn::Module& root) {
    const auto parameters = root.named_parameters();
    for (const NodeId& id : report.order) {
        const Node& node = *graph.find(id);
        if (node.initialization.empty() || !node.sharesWith.empty()) continue;
        for (const auto& entry : parameters) {
            const bool bare = entry.key() == id;
            if (!bare && !entry.key().starts_with(id + ".")) continue;
            const std::string name = bare ? "weight" : entry.key().substr(id.size() + 1);
            const Dict::Entry* wanted = initializationOf(node.initialization, name);
            if (!wanted || !wanted->second.isDict()) continue;
            const Value* kindId = wanted->second.asDict().find("kind");
            const Value* given = wanted->second.asDict().find("params");
            const InitKind* kind =
                kindId && kindId->isString() ? initializations().find(kindId->asString()) : nullptr;
            if (!kind)
                return Error{id + ": how " + name + " is to begin is not known.",
                             "Mend the problems of the network first."};
            const Params params = given && given->isDict() ? given->asDict() : Params();
            const Settings settings(kind->params, params);
            InitTarget target{entry.value()};
            if (auto wrong = kind->check(settings, name, target.tensor.sizes().vec()))
                return Error{
                    id + " cannot begin with " + kind->info.id + ": " + wrong->message + ".",
                    wrong->hint};
            kind->apply(settings, target);
        }
    }
    return {};
}

}  // namespace loom
