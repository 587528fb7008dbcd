#include "core/project/initialization_check.h"

#include "core/catalogue/init_kind.h"

namespace loom {
namespace {

/// The repair: the parameter begins as PyTorch has it.
Fix byDefault(const NodeId& id, const std::string& key) {
    return {"Begin " + key + " as PyTorch does", [id, key](const Graph& graph) -> Result<Graph> {
                Graph next = graph;
                if (Node* node = next.find(id)) node->initialization.erase(key);
                return next;
            }};
}

Diagnostic problem(const Node& node, const std::string& key, const std::string& message,
                   const std::string& hint, Severity severity = Severity::Error) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.node = node.id;
    diagnostic.message = message;
    diagnostic.hint = hint;
    diagnostic.fixes = {byDefault(node.id, key)};
    return diagnostic;
}

std::string listed(const std::vector<ParameterShape>& shapes) {
    std::string out;
    for (const ParameterShape& shape : shapes) out += (out.empty() ? "" : ", ") + shape.name;
    return out;
}

void checkEntry(const Node& node, const Dict::Entry& entry,
                const std::optional<std::vector<ParameterShape>>& shapes,
                std::vector<Diagnostic>& found) {
    const auto& [key, value] = entry;
    const Value* id = value.isDict() ? value.asDict().find("kind") : nullptr;
    const Value* given = value.isDict() ? value.asDict().find("params") : nullptr;
    if (!id || !id->isString() || (given && !given->isDict())) {
        found.push_back(problem(node, key,
                                node.id + ": how " + key + " is to begin is " + value.toPython() +
                                    ", but a kind and its params belong there.",
                                "Write {\"kind\": \"kaiming_normal_\", \"params\": {}}."));
        return;
    }
    const InitKind* kind = initializations().find(id->asString());
    if (!kind) {
        std::vector<std::string> ids;
        for (const InitKind& known : initializations()) ids.push_back(known.info.id);
        const auto near = nearestWords(id->asString(), ids);
        found.push_back(problem(node, key,
                                node.id + ": " + key + " is to begin with " + id->asString() +
                                    ", which is not known to this Torchloom.",
                                near.empty() ? "Choose one from the list in the inspector."
                                             : "Did you mean " + near[0] + "?"));
        return;
    }
    const Params params = given ? given->asDict() : Params();
    bool sound = true;
    for (const ParamProblem& wrong : checkParams(kind->params, params)) {
        found.push_back(problem(node, key,
                                node.id + ": " + key + ", " + kind->info.id + ": " + wrong.message,
                                wrong.hint, wrong.unknown ? Severity::Warning : Severity::Error));
        sound = sound && wrong.unknown;
    }
    if (!sound || !shapes) return;
    bool used = false;
    for (const ParameterShape& shape : *shapes) {
        if (initializationOf(node.initialization, shape.name) != &entry) continue;
        used = true;
        if (const auto wrong = kind->check(Settings(kind->params, params), shape.name, shape.sizes))
            found.push_back(problem(
                node, key,
                node.id + " cannot begin with " + kind->info.id + ": " + wrong->message + ".",
                wrong->hint));
    }
    if (!used)
        found.push_back(problem(node, key,
                                node.id + " says how " + key + " is to begin, but it has " +
                                    (shapes->empty() ? "no parameters." : listed(*shapes) + "."),
                                "Take it away; it has no effect.", Severity::Warning));
}

}  // namespace

std::vector<Diagnostic> checkInitializations(const Graph& graph, const ShapeReport& shapes) {
    std::vector<Diagnostic> found;
    for (const Node& node : graph.nodes) {
        if (node.initialization.empty()) continue;
        if (!node.sharesWith.empty()) {
            found.push_back(problem(node, node.initialization.begin()->first,
                                    node.id + " uses the weights of " + node.sharesWith +
                                        ", so they begin as that block says.",
                                    "Set it there.", Severity::Warning));
            continue;
        }
        const LayerKind* kind = layers().find(node.kind);
        const BlockReport* block = shapes.find(node.id);
        if (!kind || !block || !block->known) continue;
        const auto parameters = parameterShapes(
            {graph, node, Settings(kind->params, node.params), block->inputs}, block->inference);
        for (const Dict::Entry& entry : node.initialization)
            checkEntry(node, entry, parameters, found);
    }
    return found;
}

}  // namespace loom
