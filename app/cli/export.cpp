#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/exchange/format_kind.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::string weights;
    std::string format;
    std::string output;
    bool json = false;
};

Error unknownFormat(const std::string& format) {
    std::string known;
    for (const FormatKind& kind : formats()) known += (known.empty() ? "" : ", ") + kind.info.id;
    return {"\"" + format + "\" is not a format that Torchloom writes.", "Formats: " + known + "."};
}

int run(const Options& options) {
    const FormatKind* format = formats().find(options.format);
    if (!format) return fail(unknownFormat(options.format), kMisused);
    const TrainedProject trained = openTrained(options.project, options.weights, Needs::Network);
    if (!trained.project) return trained.exitCode;
    const Status written = format->write(*trained.project, trained.weights, options.output);
    if (!written) return fail(written.error());
    if (options.json)
        printResult(Dict{{"output", options.output}, {"format", options.format}});
    else
        printMessage("Wrote " + options.output);
    return kDone;
}

}  // namespace

Run declareExport(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addWeights(app, options->weights);
    app.add_option("--format", options->format, "state_dict, ...; an unknown one lists all")
        ->required();
    addOutput(app, options->output, "The file to write");
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
