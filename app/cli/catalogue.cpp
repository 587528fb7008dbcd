#include <memory>
#include <sstream>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "core/base/json.h"
#include "core/base/release_text.h"
#include "core/catalogue/init_kind.h"
#include "core/catalogue/layer_kind.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "core/data/transforms/published_pipelines.h"
#include "core/exchange/format_kind.h"

namespace loom::cli {

namespace {

struct Options {
    std::string kind;
    bool json = false;
};

/// ParamType's words, by its order.
constexpr const char* kTypeNames[] = {"bool", "int",    "float", "text", "choice",
                                      "ints", "floats", "path",  "kinds"};

Value numberOrNone(const std::optional<double>& number) {
    return number ? Value(*number) : Value();
}

List texts(const std::vector<std::string>& words) {
    List list;
    for (const std::string& word : words) list.emplace_back(word);
    return list;
}

Dict describe(const ParamSpec& spec) {
    Dict param{{"name", spec.key},
               {"type", kTypeNames[static_cast<int>(spec.type)]},
               {"default", spec.defaultValue},
               {"since", spec.since},
               {"default_since", spec.defaultSince},
               {"required", spec.required},
               {"inferred", spec.inferred},
               {"optional", spec.optional},
               {"length", spec.arity},
               {"minimum", numberOrNone(spec.minimum)},
               {"maximum", numberOrNone(spec.maximum)},
               {"minimum_excluded", spec.minimumExcluded},
               {"choices", texts(spec.choices)},
               {"unit", spec.unit},
               {"hint", spec.hint}};
    // Not there at all: before, Python had no default.
    if (spec.formerDefault) param.set("former_default", *spec.formerDefault);
    return param;
}

List describe(const std::vector<PortSpec>& ports) {
    List list;
    for (const PortSpec& port : ports)
        list.emplace_back(Dict{{"name", port.name}, {"hint", port.hint}});
    return list;
}

List changes(const KindInfo& info) {
    List list;
    for (const VersionChange& change : info.changes)
        list.emplace_back(
            Dict{{"release", change.release}, {"change", change.change}, {"here", change.here}});
    return list;
}

/// What only kinds of this catalogue have.
template <class K>
void addOwn(Dict&, const K&) {}

void addOwn(Dict& entry, const LayerKind& kind) {
    entry.set("inputs", describe(kind.inputs));
    entry.set("outputs", describe(kind.outputs));
    entry.set("variadic_inputs", kind.variadicInputs);
}

void addOwn(Dict& entry, const TransformKind& kind) {
    entry.set("random", kind.random);
    entry.set("fidelity", kind.fidelity);
}

void addOwn(Dict& entry, const DatasetKind& kind) {
    entry.set("classes", texts(kind.classNames));
}

void addOwn(Dict& entry, const FormatKind& kind) {
    entry.set("extension", kind.extension);
}

template <class K>
List describe(const Catalogue<K>& catalogue, const std::string& only) {
    List list;
    for (const K& kind : catalogue) {
        if (!only.empty() && kind.info.id != only) continue;
        Dict entry{{"kind", kind.info.id},         {"family", kind.info.family},
                   {"summary", kind.info.summary}, {"details", kind.info.details},
                   {"formula", kind.info.formula}, {"python", kind.info.python},
                   {"since", kind.info.since},     {"changes", changes(kind.info)}};
        List params;
        if constexpr (requires { kind.params; })
            for (const ParamSpec& spec : kind.params) params.emplace_back(describe(spec));
        entry.set("params", params);
        addOwn(entry, kind);
        list.emplace_back(std::move(entry));
    }
    return list;
}

/// Ready lists of transforms; `transforms` of an entry can stand in a project as it is.
List describePipelines(const std::string& only) {
    List list;
    for (const PublishedPipeline& pipeline : publishedPipelines()) {
        if (!only.empty() && pipeline.weights != only) continue;
        const Value steps = nestedValue(pipeline.steps);
        list.emplace_back(
            Dict{{"kind", pipeline.weights},
                 {"family", "published weights"},
                 {"summary", "what pictures go through for these weights of " + pipeline.model},
                 {"details", printJsonLine(steps)},
                 {"formula", ""},
                 {"python", "torchvision.models." + pipeline.weights + ".transforms()"},
                 {"since", ""},
                 {"changes", List{}},
                 {"params", List{}},
                 {"transforms", steps}});
    }
    return list;
}

std::string paramLine(const Dict& param) {
    const auto has = [&](const char* key) { return !param.find(key)->isNone(); };
    std::string line =
        "    " + param.find("name")->asString() + " (" + param.find("type")->asString();
    if (param.find("required")->asBool())
        line += ", required";
    else if (param.find("inferred")->asBool())
        line += ", found by itself";
    else
        line += ", default " + param.find("default")->toPython();
    if (has("minimum"))
        line += (param.find("minimum_excluded")->asBool() ? ", above " : ", at least ") +
                formatFloat(param.find("minimum")->asFloat(), false);
    if (has("maximum")) line += ", at most " + formatFloat(param.find("maximum")->asFloat(), false);
    if (const List& choices = param.find("choices")->asList(); !choices.empty())
        line += (param.find("type")->asString() == "choice" ? ", one of " : ", or one of ") +
                Value(choices).toPython();
    if (const std::string& since = param.find("since")->asString(); !since.empty())
        line += ", " + sinceText(since);
    line += ")";
    if (const std::string& hint = param.find("hint")->asString(); !hint.empty())
        line += "  " + hint;
    const std::string changed =
        defaultSinceText(*param.find("default"), param.find("default_since")->asString(),
                         param.find("former_default"));
    return changed.empty() ? line : line + "  " + changed;
}

void printSection(const std::string& name, const List& kinds) {
    if (kinds.empty()) return;
    printLine("# " + name);
    for (const Value& value : kinds) {
        const Dict& kind = value.asDict();
        const std::string since = sinceText(kind.find("since")->asString());
        printLine(kind.find("kind")->asString() + "  " + kind.find("summary")->asString() +
                  (since.empty() ? since : " (" + since + ")"));
        if (const std::string& details = kind.find("details")->asString(); !details.empty())
            printLine("    " + details);
        for (const Value& entry : kind.find("changes")->asList()) {
            const Dict& change = entry.asDict();
            printLine("    " + releaseText(change.find("release")->asString()) + ": " +
                      change.find("change")->asString() + " " + change.find("here")->asString());
        }
        std::istringstream formula(kind.find("formula")->asString());
        for (std::string line; std::getline(formula, line);) printLine("    " + line);
        for (const Value& param : kind.find("params")->asList())
            printLine(paramLine(param.asDict()));
    }
    printLine("");
}

int run(const Options& options) {
    const Dict sections{{"layers", describe(layers(), options.kind)},
                        {"losses", describe(losses(), options.kind)},
                        {"optimizers", describe(optimizers(), options.kind)},
                        {"schedulers", describe(schedulers(), options.kind)},
                        {"initializations", describe(initializations(), options.kind)},
                        {"transforms", describe(transforms(), options.kind)},
                        {"pipelines", describePipelines(options.kind)},
                        {"batch_transforms", describe(batchTransforms(), options.kind)},
                        {"datasets", describe(datasets(), options.kind)},
                        {"samplers", describe(samplers(), options.kind)},
                        {"formats", describe(formats(), options.kind)}};
    bool found = false;
    for (const auto& [name, kinds] : sections) found = found || !kinds.asList().empty();
    if (!found)
        return fail({"\"" + options.kind + "\" is not a kind that Torchloom knows.",
                     "torchloom-cli catalogue, without a name, lists all."},
                    kMisused);
    if (options.json)
        printResult(sections);
    else
        for (const auto& [name, kinds] : sections) printSection(name, kinds.asList());
    return kDone;
}

}  // namespace

Run declareCatalogue(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("KIND", options->kind, "Only this kind (Conv2d, SGD, RandomCrop, ...)");
    app.add_flag("--json", options->json, "Print the result as JSON");
    return [options] { return run(*options); };
}

}  // namespace loom::cli
