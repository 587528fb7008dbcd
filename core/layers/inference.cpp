#include "core/layers/inference.h"

#include "core/base/sentence.h"
#include "core/graph/edit.h"

namespace loom::layers_detail {

Diagnostic remark(const LayerContext& context, Severity severity, const std::string& message,
                  const std::string& hint, std::vector<Fix> fixes) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.node = context.node.id;
    diagnostic.message = context.node.id + " " + message;
    diagnostic.hint = hint;
    diagnostic.fixes = std::move(fixes);
    return diagnostic;
}

Inference refuse(const LayerContext& context, const std::string& message, const std::string& hint,
                 std::vector<Fix> fixes, int inputPort) {
    Inference inference;
    inference.problem = remark(context, Severity::Error, message, hint, std::move(fixes));
    inference.problem->inputPort = inputPort;
    return inference;
}

std::string describe(const Shape& shape) {
    switch (shape.rank()) {
        case 0:
            return "a single number";
        case 1:
            return "a row of " + groupDigits(shape.dims[0]) +
                   (shape.dims[0] == 1 ? " number" : " numbers");
        case 2:
            return groupDigits(shape.dims[0]) + " rows of " + groupDigits(shape.dims[1]) +
                   " numbers";
        case 3:
            return "a picture, " + shape.toSentence();
        default:
            return "a block of numbers, " + shape.toSentence();
    }
}

Fix setParamFix(const NodeId& id, const std::string& label, const std::string& key,
                std::optional<Value> value) {
    return {label, [=](const Graph& graph) { return edit::setParam(graph, id, key, value); }};
}

Fix insertBeforeFix(const NodeId& id, const std::string& label, const std::string& kind,
                    Params params, int port) {
    return {label, [=](const Graph& graph) -> Result<Graph> {
                Node node;
                node.kind = kind;
                node.params = params;
                const Node* target = graph.find(id);
                const Edge* wire = graph.edgeInto({id, port});
                const Node* source = wire ? graph.find(wire->from.node) : nullptr;
                if (target && source) {
                    node.position = {(target->position.x + source->position.x) / 2,
                                     (target->position.y + source->position.y) / 2 + 80};
                }
                return edit::insertBefore(graph, {id, port}, std::move(node));
            }};
}

std::optional<Inference> agree(const LayerContext& context, const std::string& key,
                               std::int64_t arriving, const std::string& noun, Inference& inference,
                               int port) {
    inference.inferred.set(key, Value(arriving));
    const Value& given = context.settings.value(key);
    if (!given.isInt() || given.asInt() == arriving) return std::nullopt;
    // Nouns are given as many: "channels".
    const std::string one = noun.substr(0, noun.size() - (noun.ends_with('s') ? 1 : 0));
    return refuse(
        context,
        sentence(arriving == 1 ? "is set to {key} = {given}, but {numbers} arrives ({shape})."
                               : "is set to {key} = {given}, but {numbers} arrive ({shape}).",
                 {{"key", key},
                  {"given", groupDigits(given.asInt())},
                  {"numbers", counted(arriving, one, noun)},
                  {"shape", describe(context.inputs[static_cast<std::size_t>(port)])}}),
        "Leave " + key + " out and Torchloom fills it in, or change what feeds " + context.node.id +
            ".",
        {setParamFix(context.node.id, "Set " + key + " to " + groupDigits(arriving), key,
                     Value(arriving)),
         setParamFix(context.node.id, "Fill in " + key + " from the input", key, std::nullopt)},
        port);
}

std::string sizeText(const std::vector<std::int64_t>& sides) {
    std::string out;
    for (std::int64_t side : sides) out += (out.empty() ? "" : "×") + std::to_string(side);
    return out;
}

bool isWord(const Settings& settings, const std::string& key) {
    return settings.value(key).isString();
}

}  // namespace loom::layers_detail
