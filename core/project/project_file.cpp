#include "core/project/project_file.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/project/former_defaults.h"
#include "core/project/project_reader.h"

namespace loom {
namespace {

Dict withExtras(Dict dict, const Dict& extras) {
    for (const auto& [key, value] : extras) dict.set(key, value);
    return dict;
}

/// Whole coordinates are written without a point.
Value number(double value) {
    if (!(value > -1e15 && value < 1e15)) return value;
    const auto whole = static_cast<std::int64_t>(value);
    return static_cast<double>(whole) == value ? Value(whole) : Value(value);
}

Value toValue(const Choice& choice) {
    return withExtras({{"kind", Value(choice.kind)}, {"params", Value(choice.params)}},
                      choice.extras);
}

Value toValue(const std::vector<Choice>& choices) {
    List list;
    for (const Choice& choice : choices) list.push_back(toValue(choice));
    return list;
}

Value toValue(const Position& position) {
    return Value(List{number(position.x), number(position.y)});
}

Value toValue(const Node& node) {
    Dict dict = {{"id", Value(node.id)},
                 {"kind", Value(node.kind)},
                 {"params", Value(node.params)},
                 {"position", toValue(node.position)}};
    if (!node.sharesWith.empty()) dict.set("module", Value(node.sharesWith));
    if (!node.initialization.empty()) dict.set("init", Value(node.initialization));
    return withExtras(std::move(dict), node.extras);
}

Value toValue(const GroupView& group) {
    Dict dict = {{"path", Value(group.path)}, {"collapsed", Value(group.collapsed)}};
    if (group.position) dict.set("position", toValue(*group.position));
    return withExtras(std::move(dict), group.extras);
}

Value toValue(const Graph& graph, const Dict& extras) {
    List nodes, edges, groups;
    for (const Node& node : graph.nodes) nodes.push_back(toValue(node));
    for (const Edge& edge : graph.edges)
        edges.push_back(withExtras(
            {{"from", Value(edge.from.toText())}, {"to", Value(edge.to.toText())}}, edge.extras));
    Dict dict = {{"nodes", Value(nodes)}, {"edges", Value(edges)}};
    for (const GroupView& group : graph.groups) groups.push_back(toValue(group));
    if (!groups.empty()) dict.set("groups", Value(groups));
    return withExtras(std::move(dict), extras);
}

Value toValue(const Part& part) {
    Dict dict;
    if (part.fraction) dict.set("fraction", Value(*part.fraction));
    if (part.count) dict.set("count", Value(*part.count));
    if (part.stratified) dict.set("stratified", Value(true));
    dict.set("seed", Value(part.seed));
    return withExtras(std::move(dict), part.extras);
}

Value toValue(const DataSection& data) {
    Dict dict = {{"dataset", data.dataset.kind.empty() ? Value() : toValue(data.dataset)},
                 {"train_transforms", toValue(data.trainTransforms)},
                 {"test_transforms", toValue(data.testTransforms)}};
    if (!data.batchTransforms.empty()) dict.set("batch_transforms", toValue(data.batchTransforms));
    if (data.validation) dict.set("validation", toValue(*data.validation));
    if (data.subset) dict.set("subset", toValue(*data.subset));
    if (data.testSubset) dict.set("test_subset", toValue(*data.testSubset));
    if (data.targetIsInput) dict.set("target", Value("input"));
    return withExtras(std::move(dict), data.extras);
}

Value toValue(const ParameterGroup& group) {
    List blocks;
    for (const std::string& block : group.blocks) blocks.push_back(Value(block));
    Dict dict = {{"blocks", Value(blocks)}, {"params", Value(group.params)}};
    if (group.frozen) dict.set("frozen", Value(true));
    return withExtras(std::move(dict), group.extras);
}

Value toValue(const TrainingSection& t) {
    Dict dict = {{"loss", toValue(t.loss)},
                 {"optimizer", toValue(t.optimizer)},
                 {"scheduler", t.scheduler ? toValue(*t.scheduler) : Value()},
                 {"batch_size", Value(t.batchSize)},
                 {"shuffle", Value(t.shuffle)},
                 {"drop_last", Value(t.dropLast)},
                 {"num_workers", Value(t.numWorkers)},
                 {"epochs", Value(t.epochs)},
                 {"seed", Value(t.seed)},
                 {"device", Value(t.device)},
                 {"threads", Value(t.threads)}};
    if (t.sampler) dict.set("sampler", toValue(*t.sampler));
    const TrainingSection usual;
    if (t.prefetchFactor != usual.prefetchFactor)
        dict.set("prefetch_factor", Value(t.prefetchFactor));
    if (t.pinMemory) dict.set("pin_memory", Value(true));
    if (t.timeout != 0) dict.set("timeout", number(t.timeout));
    if (!t.initialWeights.empty()) dict.set("initial_weights", Value(t.initialWeights));
    List groups;
    for (const ParameterGroup& group : t.parameterGroups) groups.push_back(toValue(group));
    if (!groups.empty()) dict.set("parameter_groups", Value(groups));
    return withExtras(std::move(dict), t.extras);
}

/// Fields that a project's file has only when they say something.
bool isOptionalField(const std::string& section, const std::string& key) {
    static const std::set<std::string> optional = {"training.initial_weights",
                                                   "training.parameter_groups",
                                                   "training.sampler",
                                                   "training.prefetch_factor",
                                                   "training.pin_memory",
                                                   "training.timeout",
                                                   "data.target",
                                                   "data.batch_transforms",
                                                   "data.validation",
                                                   "data.subset",
                                                   "data.test_subset"};
    return optional.contains(section + "." + key);
}

}  // namespace

Value projectToValue(const Project& given) {
    const Project project = withStatedDefaults(given);
    return withExtras({{"format", Value("torchloom-project")},
                       {"version", Value(project.version)},
                       {"name", Value(project.name)},
                       {"notes", Value(project.notes)},
                       {"network", toValue(project.network, project.networkExtras)},
                       {"data", toValue(project.data)},
                       {"training", toValue(project.training)}},
                      project.extras);
}

std::string projectToJson(const Project& project) {
    return printJson(projectToValue(project));
}

Result<LoadedProject> projectFromJson(const std::string& text, const std::string& name) {
    auto value = parseJson(text);
    if (!value) {
        return Error{
            name + " is no project that Torchloom can read: it is " + value.error().message + ".",
            "If it was cut off or edited by hand, mend it in a text editor, or take an older "
            "copy."};
    }
    return readProject(*value, name);
}

Result<LoadedProject> loadProject(const std::string& path) {
    auto text = readFile(path, std::uint64_t(256) << 20);
    if (!text) return text.error();
    return projectFromJson(*text, path);
}

Status saveProject(const std::string& path, const Project& project) {
    return writeFileAtomically(path, projectToJson(project));
}

Result<Project> withField(const Project& project, const std::string& path,
                          const std::string& text) {
    Value root = projectToValue(project);
    Value* at = &root;
    std::string walked;
    std::size_t begin = 0;
    while (begin <= path.size()) {
        const std::size_t dot = std::min(path.find('.', begin), path.size());
        const std::string key = path.substr(begin, dot - begin);
        const bool last = dot == path.size();
        if (at->isList()) {
            std::size_t index = 0;
            const auto done = std::from_chars(key.data(), key.data() + key.size(), index);
            if (done.ec != std::errc() || done.ptr != key.data() + key.size() ||
                index >= at->asList().size()) {
                return Error{walked + " is a list of " + std::to_string(at->asList().size()) +
                                 ", and \"" + key + "\" is no place in it.",
                             "Count from 0: " + walked + ".0"};
            }
            at = &at->asList()[index];
        } else if (at->isDict()) {
            // Below `params` any name may be new; elsewhere a new name is a slip.
            const bool open = walked.ends_with("params") || isOptionalField(walked, key);
            if (!at->asDict().contains(key)) {
                if (!open || !last || key.empty()) {
                    std::string known;
                    for (const auto& entry : at->asDict())
                        known += (known.empty() ? "" : ", ") + entry.first;
                    return Error{"There is no field \"" + key + "\" in " +
                                     (walked.empty() ? "the project" : walked) + ".",
                                 "It has: " + known + "."};
                }
                at->asDict().set(key, Value());
            }
            at = at->asDict().find(key);
        } else {
            return Error{walked + " is a single value; nothing can be set inside of it.",
                         "Leave out ." + key + "."};
        }
        walked += (walked.empty() ? "" : ".") + key;
        begin = dot + 1;
    }
    auto value = parseJson(text);
    *at = value ? *value : Value(text);
    auto loaded = readProject(root, "The project with " + path + " = " + text);
    if (!loaded) return loaded.error();
    return std::move(loaded->project);
}

}  // namespace loom
