#include <memory>

#include "app/cli/command.h"
#include "app/cli/dataset_check.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/data/dataset.h"

namespace loom::cli {

namespace {

struct Options {
    std::string kind;
    std::string root;
    std::string project;
    bool json = false;
};

Params rootParams(const std::string& root) {
    return root.empty() ? Params{} : Params{{"root", root}};
}

DatasetLocation locate(const DatasetKind& kind, const Params& params) {
    return kind.locate(Settings(kind.params, params));
}

/// Null after printing that there is no such data set.
const DatasetKind* findKind(const std::string& name) {
    if (const DatasetKind* kind = datasets().find(name)) return kind;
    std::string known;
    for (const DatasetKind& kind : datasets()) known += (known.empty() ? "" : ", ") + kind.info.id;
    printError(
        {"\"" + name + "\" is not a data set that Torchloom knows.", "Data sets: " + known + "."});
    return nullptr;
}

Dict toDict(const DatasetKind& kind, const DatasetLocation& location) {
    return Dict{{"kind", kind.info.id},        {"summary", kind.info.summary},
                {"found", location.found},     {"folder", location.folder},
                {"message", location.message}, {"how_to_get", location.howToGet}};
}

int runList(const Options& options) {
    List list;
    std::vector<std::vector<std::string>> rows{{"Data set", "Here", "Where"}};
    for (const DatasetKind& kind : datasets()) {
        const Params params = rootParams(options.root);
        const DatasetLocation location = locate(kind, params);
        list.emplace_back(toDict(kind, location));
        rows.push_back({kind.info.id, location.found ? "yes" : "no", location.message});
    }
    if (options.json)
        printResult(Dict{{"datasets", list}});
    else
        printTable(rows, 3);
    return kDone;
}

int runInfo(const Options& options) {
    const DatasetKind* kind = findKind(options.kind);
    if (!kind) return kMisused;
    const Params params = rootParams(options.root);
    const Settings settings(kind->params, params);
    const DatasetLocation location = kind->locate(settings);
    const std::optional<SampleSpec> spec = kind->spec(settings);
    Dict info = toDict(*kind, location);
    info.set("details", kind->info.details);
    List shape;
    if (spec)
        for (const std::int64_t side : spec->dims) shape.emplace_back(side);
    info.set("sample_shape", spec ? Value(shape) : Value());
    List classes;
    for (const std::string& name : kind->classNames) classes.emplace_back(name);
    info.set("classes", classes);
    if (options.json) {
        printResult(info);
        return kDone;
    }
    printLine(kind->info.id + " " + kind->info.summary);
    if (!kind->info.details.empty()) printLine(kind->info.details);
    if (spec) printLine("A sample is " + spec->toSentence() + ".");
    if (!classes.empty()) printLine("Classes: " + Value(classes).toText());
    printLine(location.message);
    if (!location.found) printLine(location.howToGet);
    return kDone;
}

int runFetch(const Options& options) {
    const DatasetKind* kind = findKind(options.kind);
    if (!kind) return kMisused;
    const Params params = rootParams(options.root);
    const DatasetLocation location = locate(*kind, params);
    if (location.found) {
        if (options.json)
            printResult(toDict(*kind, location));
        else
            printLine(location.message);
        return kDone;
    }
    return fail({"This version of Torchloom does not download data sets. " + location.message,
                 location.howToGet});
}

}  // namespace

Run declareDatasets(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto chosen = std::make_shared<int (*)(const Options&)>(nullptr);
    const auto add = [&](const char* name, const char* summary, int (*function)(const Options&),
                         bool needsKind) {
        CLI::App* command = app.add_subcommand(name, summary);
        if (needsKind)
            command->add_option("KIND", options->kind, "The data set's name")->required();
        command->add_option("--root", options->root,
                            "The folder to look in, as torchvision's root");
        command->add_flag("--json", options->json, "Print the result as JSON");
        command->callback([chosen, function] { *chosen = function; });
    };
    add("list", "All data sets, and whether they are on this machine", runList, false);
    add("info", "One data set: samples, classes, where it lies", runInfo, true);
    add("fetch", "Bring a data set to this machine", runFetch, true);
    CLI::App* check =
        app.add_subcommand("check", "Read all samples of a project and say what is remarkable");
    addProject(*check, options->project);
    addJson(*check, options->json);
    check->callback([chosen] {
        *chosen = [](const Options& o) { return runDatasetCheck(o.project, o.json); };
    });
    app.require_subcommand(1);
    return [options, chosen] { return (*chosen)(*options); };
}

}  // namespace loom::cli
