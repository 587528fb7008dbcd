#include "core/project/project_reader.h"

#include <charconv>
#include <cmath>
#include <set>
#include <system_error>

#include "core/project/former_defaults.h"

namespace loom {
namespace {

/// Thrown only inside of this file, to leave a nested place of the document with one sentence.
struct Refusal {
    std::string message;
    std::string hint;
};

std::string typeName(const Value& value) {
    if (value.isNone()) return "null";
    if (value.isBool()) return "true or false";
    if (value.isNumber()) return "a number";
    if (value.isString()) return "text";
    return value.isList() ? "a list" : "an object";
}

/// One object of the document with its place, taken apart key by key; what is left are extras.
class Fields {
public:
    Fields(const Value& value, std::string place) : m_place(std::move(place)) {
        if (!value.isDict())
            throw Refusal{m_place + " is " + typeName(value) + ", but an object belongs there.",
                          "Compare with a project that opens."};
        m_left = value.asDict();
    }

    const std::string& place() const { return m_place; }
    std::string placeOf(const std::string& key) const { return m_place + "." + key; }

    std::optional<Value> take(const std::string& key) {
        const Value* found = m_left.find(key);
        if (!found) return std::nullopt;
        Value value = *found;
        m_left.erase(key);
        return value;
    }
    Value need(const std::string& key) {
        auto value = take(key);
        if (!value)
            throw Refusal{m_place + " has no \"" + key + "\".",
                          "A project needs it; compare with a project that opens."};
        return *value;
    }
    void text(const std::string& key, std::string& into) {
        if (auto value = take(key))
            into = (expect(key, *value, value->isString(), "text"), value->asString());
    }
    void flag(const std::string& key, bool& into) {
        if (auto value = take(key))
            into = (expect(key, *value, value->isBool(), "true or false"), value->asBool());
    }
    template <class Int>
    void integer(const std::string& key, Int& into, std::int64_t minimum,
                 std::int64_t maximum = INT64_MAX) {
        auto value = take(key);
        if (!value) return;
        // A whole number of more than 64 bits is read as a float.
        const bool tooLong = value->isFloat() && std::fabs(value->asFloat()) >= 9.2e18 &&
                             std::isfinite(value->asFloat());
        if (!tooLong) expect(key, *value, value->isInt(), "a whole number");
        const std::int64_t number = tooLong ? 0 : value->asInt();
        if (tooLong || number < minimum || number > maximum) {
            throw Refusal{
                placeOf(key) + " is " + value->toPython() + ", but it must be at least " +
                    std::to_string(minimum) +
                    (maximum == INT64_MAX ? "" : " and at most " + std::to_string(maximum)) + ".",
                "Set it to a number in that range."};
        }
        into = static_cast<Int>(number);
    }
    void number(const std::string& key, std::optional<double>& into, double minimum,
                double maximum) {
        auto value = take(key);
        if (!value || value->isNone()) return;
        expect(key, *value, value->isNumber(), "a number");
        const double found = value->asFloat();
        if (!(found >= minimum && found <= maximum))
            throw Refusal{placeOf(key) + " is " + value->toPython() + ", but it must be from " +
                              formatFloat(minimum, false) + " to " + formatFloat(maximum, false) +
                              ".",
                          "Set it to a number in that range."};
        into = found;
    }
    Dict rest() const { return m_left; }

private:
    Dict m_left;
    std::string m_place;

    void expect(const std::string& key, const Value& value, bool right, const char* wanted) const {
        if (!right)
            throw Refusal{placeOf(key) + " is " + typeName(value) + " (" + value.toPython() +
                              "), but " + wanted + " belongs there.",
                          "Change it to " + std::string(wanted) + "."};
    }
};

const List& listOf(const Value& value, const std::string& place) {
    if (!value.isList())
        throw Refusal{place + " is " + typeName(value) + ", but a list belongs there.",
                      "Compare with a project that opens."};
    return value.asList();
}

class Reader {
public:
    explicit Reader(std::string name) : m_name(std::move(name)) {}

    LoadedProject read(const Value& root) {
        if (!root.isDict() || !root.asDict().contains("format")) throw notAProject();
        Fields fields(root, "the project");
        const Value format = fields.need("format");
        if (!format.isString() || format.asString() != "torchloom-project") throw notAProject();
        Project& project = m_loaded.project;
        fields.integer("version", project.version, 1);
        if (project.version > Project::kVersion) {
            m_loaded.readOnly = true;
            remark({},
                   m_name + " was written by a newer Torchloom (format version " +
                       std::to_string(project.version) + ", this one knows " +
                       std::to_string(Project::kVersion) + "); it is open for reading only.",
                   "Save a copy under another name to change it, or use a newer Torchloom.");
        }
        fields.text("name", project.name);
        fields.text("notes", project.notes);
        readNetwork(fields.need("network"));
        m_loaded.project.data.dataset.kind.clear();
        if (auto data = fields.take("data")) readData(*data);
        if (auto training = fields.take("training")) readTraining(*training);
        project.extras = keep(fields);
        applyFormerDefaults(project);
        return std::move(m_loaded);
    }

private:
    std::string m_name;
    LoadedProject m_loaded;

    Refusal notAProject() const {
        return {
            "it is JSON, but not a Torchloom project (\"format\" is not \"torchloom-project\").",
            "Choose a .loom file."};
    }

    void remark(const NodeId& node, const std::string& message, const std::string& hint) {
        Diagnostic diagnostic;
        diagnostic.severity = Severity::Warning;
        diagnostic.node = node;
        diagnostic.message = message;
        diagnostic.hint = hint;
        m_loaded.remarks.push_back(std::move(diagnostic));
    }

    Dict keep(const Fields& fields, const NodeId& node = {}) {
        Dict rest = fields.rest();
        for (const auto& [key, value] : rest)
            remark(node,
                   "\"" + key + "\" in " + fields.place() +
                       " means nothing to this Torchloom; it is kept.",
                   "Nothing to do.");
        return rest;
    }

    Choice readChoice(const Value& value, const std::string& place) {
        Fields fields(value, place);
        Choice choice;
        fields.text("kind", choice.kind);
        if (choice.kind.empty())
            throw Refusal{place + " has no kind.",
                          "Name one, as PyTorch does: \"kind\": \"ToTensor\"."};
        if (auto params = fields.take("params"))
            choice.params = Fields(*params, place + ".params").rest();
        choice.extras = keep(fields);
        return choice;
    }

    static PortRef readEnd(const Value& value, const std::string& place) {
        if (!value.isString())
            throw Refusal{place + " is " + typeName(value) + ", but a block's id belongs there.",
                          "Write \"conv1\" or \"split:1\"."};
        PortRef ref{value.asString(), 0};
        const std::size_t colon = ref.node.find(':');
        if (colon == std::string::npos) return ref;
        const std::string port = ref.node.substr(colon + 1);
        const auto done = std::from_chars(port.data(), port.data() + port.size(), ref.port);
        if (done.ec != std::errc() || done.ptr != port.data() + port.size() || ref.port < 0)
            throw Refusal{
                place + " is \"" + ref.node + "\", but after the colon a port's number belongs.",
                "Count ports from 0: \"split:1\"."};
        ref.node.resize(colon);
        return ref;
    }

    static double coordinate(const Value& value, const std::string& place) {
        if (!value.isNumber())
            throw Refusal{place + " is " + typeName(value) + ", but two numbers belong there.",
                          "Write \"position\": [0, 0]."};
        return value.asFloat();
    }

    static Position readPosition(const Value& value, const std::string& place) {
        const List& pair = listOf(value, place);
        if (pair.size() != 2)
            throw Refusal{
                place + " has " + std::to_string(pair.size()) + " numbers, but two belong there.",
                "Write [x, y]."};
        return {coordinate(pair[0], place), coordinate(pair[1], place)};
    }

    Node readNode(Fields& entry) {
        Node node;
        entry.text("id", node.id);
        entry.text("kind", node.kind);
        if (!isValidNodeId(node.id)) {
            throw Refusal{
                entry.place() + " has the id \"" + node.id + "\", which cannot name a block.",
                "Use letters, digits and underscores, with dots between parts: "
                "layer1.0.conv1."};
        }
        if (node.kind.empty())
            throw Refusal{"the block " + node.id + " has no kind.",
                          "Give it one, for example \"kind\": \"ReLU\"."};
        if (auto params = entry.take("params"))
            node.params = Fields(*params, node.id + ".params").rest();
        if (auto position = entry.take("position"))
            node.position = readPosition(*position, node.id + ".position");
        entry.text("module", node.sharesWith);
        if (auto init = entry.take("init"))
            node.initialization = Fields(*init, node.id + ".init").rest();
        node.extras = keep(entry, node.id);
        return node;
    }

    void readNetwork(const Value& value) {
        Fields fields(value, "network");
        Graph& graph = m_loaded.project.network;
        std::set<std::string> ids;
        std::size_t index = 0;
        const Value nodes = fields.need("nodes");
        for (const Value& item : listOf(nodes, "network.nodes")) {
            Fields entry(item, "network.nodes." + std::to_string(index++));
            Node node = readNode(entry);
            if (!ids.insert(node.id).second)
                throw Refusal{"two blocks have the id " + node.id + ".",
                              "Rename one of them and its wires."};
            graph.nodes.push_back(std::move(node));
        }
        index = 0;
        const Value edges = fields.take("edges").value_or(Value(List{}));
        for (const Value& item : listOf(edges, "network.edges")) {
            Fields entry(item, "network.edges." + std::to_string(index++));
            const PortRef from = readEnd(entry.need("from"), entry.placeOf("from"));
            const PortRef to = readEnd(entry.need("to"), entry.placeOf("to"));
            graph.edges.push_back({from, to, keep(entry)});
        }
        index = 0;
        const Value groups = fields.take("groups").value_or(Value(List{}));
        for (const Value& item : listOf(groups, "network.groups")) {
            Fields entry(item, "network.groups." + std::to_string(index++));
            GroupView group;
            entry.text("path", group.path);
            entry.flag("collapsed", group.collapsed);
            if (auto position = entry.take("position"))
                group.position = readPosition(*position, entry.placeOf("position"));
            group.extras = keep(entry);
            graph.groups.push_back(std::move(group));
        }
        m_loaded.project.networkExtras = keep(fields);
    }

    std::vector<Choice> readChoices(const Value& value, const std::string& place) {
        std::vector<Choice> choices;
        for (const Value& item : listOf(value, place))
            choices.push_back(readChoice(item, place + "." + std::to_string(choices.size())));
        return choices;
    }

    std::optional<Part> readPart(Fields& owner, const std::string& key) {
        const auto value = owner.take(key);
        if (!value || value->isNone()) return std::nullopt;
        Fields fields(*value, owner.placeOf(key));
        Part part;
        fields.number("fraction", part.fraction, 0, 1);
        if (auto count = fields.take("count"); count && !count->isNone()) {
            if (!count->isInt() || count->asInt() < 0)
                throw Refusal{fields.placeOf("count") + " is " + count->toPython() +
                                  ", but a number of samples belongs there.",
                              "Write a whole number, 0 or more."};
            part.count = count->asInt();
        }
        if (part.fraction && part.count)
            throw Refusal{fields.place() + " has a fraction and a count.", "Keep one of the two."};
        if (!part.fraction && !part.count)
            throw Refusal{fields.place() + " has neither a fraction nor a count.",
                          "Write \"fraction\": 0.1, or \"count\": 1000."};
        fields.flag("stratified", part.stratified);
        fields.integer("seed", part.seed, 0);
        part.extras = keep(fields);
        return part;
    }

    void readData(const Value& value) {
        Fields fields(value, "data");
        DataSection& data = m_loaded.project.data;
        if (auto dataset = fields.take("dataset"); dataset && !dataset->isNone())
            data.dataset = readChoice(*dataset, "data.dataset");
        if (auto list = fields.take("train_transforms"))
            data.trainTransforms = readChoices(*list, "data.train_transforms");
        if (auto list = fields.take("test_transforms"))
            data.testTransforms = readChoices(*list, "data.test_transforms");
        if (auto list = fields.take("batch_transforms"))
            data.batchTransforms = readChoices(*list, "data.batch_transforms");
        data.validation = readPart(fields, "validation");
        data.subset = readPart(fields, "subset");
        data.testSubset = readPart(fields, "test_subset");
        std::string target = "label";
        fields.text("target", target);
        if (target != "label" && target != "input")
            throw Refusal{"data.target is \"" + target + "\", but it must be label or input.",
                          "input is for autoencoders, which give back what they received."};
        data.targetIsInput = target == "input";
        data.extras = keep(fields);
    }

    ParameterGroup readParameterGroup(const Value& value, const std::string& place) {
        Fields fields(value, place);
        ParameterGroup group;
        const Value blocks = fields.need("blocks");
        for (const Value& block : listOf(blocks, place + ".blocks")) {
            if (!block.isString())
                throw Refusal{place + ".blocks holds " + typeName(block) +
                                  ", but names of blocks belong there.",
                              "Write \"blocks\": [\"conv1\", \"layer4\"]."};
            group.blocks.push_back(block.asString());
        }
        if (auto params = fields.take("params"))
            group.params = Fields(*params, place + ".params").rest();
        fields.flag("frozen", group.frozen);
        group.extras = keep(fields);
        return group;
    }

    void readTraining(const Value& value) {
        Fields fields(value, "training");
        TrainingSection& training = m_loaded.project.training;
        if (auto loss = fields.take("loss")) training.loss = readChoice(*loss, "training.loss");
        if (auto optimizer = fields.take("optimizer"))
            training.optimizer = readChoice(*optimizer, "training.optimizer");
        if (auto scheduler = fields.take("scheduler"); scheduler && !scheduler->isNone())
            training.scheduler = readChoice(*scheduler, "training.scheduler");
        if (auto sampler = fields.take("sampler"); sampler && !sampler->isNone())
            training.sampler = readChoice(*sampler, "training.sampler");
        // As in DataLoader, whose shuffle is off where nobody asks for it; both are refused.
        if (training.sampler) training.shuffle = false;
        fields.integer("prefetch_factor", training.prefetchFactor, 1, 1024);
        fields.flag("pin_memory", training.pinMemory);
        std::optional<double> timeout;
        fields.number("timeout", timeout, 0, 1e9);
        training.timeout = timeout.value_or(0);
        fields.text("initial_weights", training.initialWeights);
        if (auto groups = fields.take("parameter_groups")) {
            for (const Value& item : listOf(*groups, "training.parameter_groups"))
                training.parameterGroups.push_back(
                    readParameterGroup(item, "training.parameter_groups." +
                                                 std::to_string(training.parameterGroups.size())));
        }
        fields.integer("batch_size", training.batchSize, 1, 1 << 24);
        fields.flag("shuffle", training.shuffle);
        fields.flag("drop_last", training.dropLast);
        fields.integer("num_workers", training.numWorkers, 0, 256);
        fields.integer("epochs", training.epochs, 1, 1000000000);
        fields.integer("seed", training.seed, 0);
        fields.text("device", training.device);
        fields.integer("threads", training.threads, 0, 4096);
        training.extras = keep(fields);
    }
};

}  // namespace

Result<LoadedProject> readProject(const Value& root, const std::string& name) {
    try {
        return Reader(name).read(root);
    } catch (const Refusal& refusal) {
        return Error{name + " cannot be opened: " + refusal.message, refusal.hint};
    }
}

}  // namespace loom
