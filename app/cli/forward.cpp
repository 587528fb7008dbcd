#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/exchange/torch_file.h"
#include "core/train/network_use.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::string weights;
    std::string input;
    std::string output;
    bool trainMode = false;
    bool json = false;
};

List sides(const PlainTensor& tensor) {
    List list;
    for (const std::int64_t side : tensor.dims) list.emplace_back(side);
    return list;
}

int run(const Options& options) {
    const TrainedProject trained = openTrained(options.project, options.weights, Needs::Network);
    if (!trained.project) return trained.exitCode;
    const Result<std::vector<NamedTensor>> inputs = loadTensors(options.input);
    if (!inputs) return fail(inputs.error());
    const Result<std::vector<NamedTensor>> outputs =
        forward(*trained.project, trained.weights, *inputs, options.trainMode);
    if (!outputs) return fail(outputs.error());
    // One Output block gives a tensor, as a model with one result does in Python.
    const Status saved = outputs->size() == 1 ? saveTensor(options.output, outputs->front().tensor)
                                              : saveTensors(options.output, *outputs);
    if (!saved) return fail(saved.error());
    Dict shapes;
    for (const NamedTensor& output : *outputs) shapes.set(output.name, sides(output.tensor));
    if (options.json)
        printResult(Dict{{"output", options.output}, {"shapes", shapes}});
    else
        printMessage("Wrote " + options.output + ": " + Value(shapes).toPython());
    return kDone;
}

}  // namespace

Run declareForward(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addWeights(app, options->weights);
    app.add_option("--input", options->input,
                   "A tensor with its batch, or a dict input id -> tensor, from torch.save")
        ->required();
    addOutput(app, options->output, "Where the result goes, for torch.load");
    app.add_flag("--train-mode", options->trainMode,
                 "Dropout and BatchNorm as after model.train()");
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
