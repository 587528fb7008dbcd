#include <cstdio>
#include <memory>

#include "app/cli/command.h"
#include "app/cli/dataset_check.h"
#include "app/cli/fetch_report.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/data/dataset.h"
#include "core/data/download/download.h"
#include "core/data/files/disk_space.h"

namespace loom::cli {

namespace {

struct Options {
    std::string kind;
    std::string root;
    std::string project;
    std::vector<std::string> fields;
    bool json = false;
};

Params rootParams(const std::string& root) {
    return root.empty() ? Params{} : Params{{"root", root}};
}

/// What `--root` and `--set` say of a kind's parameters.
Result<Params> readParams(const DatasetKind& kind, const Options& options) {
    Params params = startingParams(kind.params);
    for (const auto& [key, value] : rootParams(options.root)) params.set(key, value);
    for (const std::string& field : options.fields) {
        const std::size_t equals = field.find('=');
        const ParamSpec* spec =
            equals == std::string::npos ? nullptr : findSpec(kind.params, field.substr(0, equals));
        const auto value = spec ? parseParam(*spec, field.substr(equals + 1)) : std::nullopt;
        if (!value) {
            std::string known;
            for (const ParamSpec& one : kind.params) known += (known.empty() ? "" : ", ") + one.key;
            return Error{"--set " + field + " cannot be read.",
                         "Write KEY=VALUE with one of these keys: " + known + "."};
        }
        params.set(spec->key, *value);
    }
    for (const ParamProblem& problem : checkParams(kind.params, params))
        return Error{kind.info.id + ": " + problem.message, problem.hint};
    return params;
}

/// What a download brings, and how large it is.
struct Offer {
    List files;
    std::int64_t bytes = 0;
};

Offer offerOf(const DatasetKind& kind, const Params& params) {
    Offer offer;
    if (!kind.downloads) return offer;
    for (const RemoteFile& file : kind.downloads(Settings(kind.params, params))) {
        List urls;
        for (const std::string& url : file.urls) urls.emplace_back(url);
        offer.files.emplace_back(Dict{{"name", file.name},
                                      {"folder", file.folder},
                                      {"urls", urls},
                                      {"md5", file.md5},
                                      {"bytes", file.bytes}});
        offer.bytes += file.bytes;
    }
    return offer;
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

Dict toDict(const DatasetKind& kind, const DatasetLocation& location, const Offer& offer) {
    return Dict{{"kind", kind.info.id},
                {"summary", kind.info.summary},
                {"found", location.found},
                {"folder", location.folder},
                {"message", location.message},
                {"how_to_get", location.howToGet},
                {"can_be_fetched", !offer.files.empty()},
                {"download_bytes", offer.bytes}};
}

int runList(const Options& options) {
    List list;
    std::vector<std::vector<std::string>> rows{{"Data set", "Here", "To fetch", "Where"}};
    for (const DatasetKind& kind : datasets()) {
        const Params params = rootParams(options.root);
        const DatasetLocation location = locate(kind, params);
        const Offer offer = offerOf(kind, params);
        list.emplace_back(toDict(kind, location, offer));
        rows.push_back({kind.info.id, location.found ? "yes" : "no",
                        offer.files.empty() ? "–" : bytesText(offer.bytes), location.message});
    }
    if (options.json)
        printResult(Dict{{"datasets", list}});
    else
        printTable(rows, rows.front().size());
    return kDone;
}

int runInfo(const Options& options) {
    const DatasetKind* kind = findKind(options.kind);
    if (!kind) return kMisused;
    const auto params = readParams(*kind, options);
    if (!params) return fail(params.error(), kMisused);
    const Settings settings(kind->params, *params);
    const DatasetLocation location = kind->locate(settings);
    const std::optional<SampleSpec> spec = kind->spec(settings);
    const Offer offer = offerOf(*kind, *params);
    Dict info = toDict(*kind, location, offer);
    info.set("details", kind->info.details);
    List shape;
    if (spec)
        for (const std::int64_t side : spec->dims) shape.emplace_back(side);
    info.set("sample_shape", spec ? Value(shape) : Value());
    List classes;
    for (const std::string& name : knownClasses(*kind, *params)) classes.emplace_back(name);
    info.set("classes", classes);
    info.set("downloads", offer.files);
    if (options.json) {
        printResult(info);
        return kDone;
    }
    printLine(kind->info.id + " " + kind->info.summary);
    if (!kind->info.details.empty()) printLine(kind->info.details);
    if (spec) printLine("A sample is " + spec->toSentence() + ".");
    if (!classes.empty()) printLine("Classes: " + Value(classes).toText());
    printLine(location.message);
    if (location.found) return kDone;
    if (!offer.files.empty())
        printLine("torchloom-cli datasets fetch " + kind->info.id + " brings it here.");
    printLine(location.howToGet);
    return kDone;
}

int runFetch(const Options& options) {
    const DatasetKind* kind = findKind(options.kind);
    if (!kind) return kMisused;
    const auto params = readParams(*kind, options);
    if (!params) return fail(params.error(), kMisused);
    catchInterrupts();
    FetchReport report(options.json);
    const Status fetched =
        fetchDataset(kind->info.id, *params, options.root, [&](const DownloadProgress& progress) {
            report.show(progress);
            return !isInterrupted() && !std::ferror(stdout);
        });
    report.end();
    const DatasetLocation location = locate(*kind, *params);
    const bool stopped = !fetched && isInterrupted();
    if (options.json) {
        Dict last{{"event", "finish"},
                  {"status", fetched   ? "done"
                             : stopped ? "interrupted"
                                       : "failed"}};
        for (const auto& [key, value] : toDict(*kind, location, offerOf(*kind, *params)))
            last.set(key, value);
        if (!fetched) last.set("message", fetched.error().message);
        printResult(last);
    }
    if (!fetched) return fail(fetched.error(), stopped ? kInterrupted : kFailed);
    if (!options.json) printLine(location.message);
    return kDone;
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
        if (needsKind)
            command->add_option("--set", options->fields,
                                "One of the data set's settings, for example split=letters");
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
