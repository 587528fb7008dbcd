#include <cstring>
#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/exchange/torch_file.h"
#include "core/project/project_check.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::string input;
    std::string output;
    std::string split = "test";
    std::optional<std::int64_t> seed;
    bool json = false;
};

PlainTensor toPlain(const TensorSample& sample) {
    PlainTensor tensor;
    tensor.dims = sample.dims;
    tensor.bytes.resize(sample.values.size() * sizeof(float));
    std::memcpy(tensor.bytes.data(), sample.values.data(), tensor.bytes.size());
    return tensor;
}

/// The picture as the data set would deliver it: grey where its pictures are grey.
Result<Picture> readAsSample(const std::string& path, const Project& project) {
    Result<Picture> picture = readPicture(path);
    if (!picture) return picture;
    const std::optional<SampleSpec> spec = checkProject(project).sampleSpec;
    const bool grey = spec && !spec->dims.empty() && spec->dims.front() == 1;
    return convertChannels(*picture, grey ? 1 : 3);
}

int run(const Options& options) {
    const OpenedProject project = openProject(options.project);
    if (!project) return project.exitCode;
    const bool train = options.split == "train";
    const Result<Pipeline> pipeline =
        Pipeline::make(train ? project->data.trainTransforms : project->data.testTransforms);
    if (!pipeline) return fail(pipeline.error(), kMisused);
    Result<Picture> picture = readAsSample(options.input, *project);
    if (!picture) return fail(picture.error());

    TorchRandom random(static_cast<std::uint64_t>(options.seed.value_or(project->training.seed)));
    const Result<SampleInput> result = pipeline->apply(*std::move(picture), random);
    if (!result) return fail(result.error(), kMisused);
    const TensorSample* sample = std::get_if<TensorSample>(&*result);
    if (!sample)
        return fail({"The " + options.split + " transforms of \"" + options.project +
                         "\" end with a picture, not with a tensor.",
                     "Add ToTensor to them."},
                    kMisused);
    if (const Status saved = saveTensor(options.output, toPlain(*sample)); !saved)
        return fail(saved.error());
    List sides;
    for (const std::int64_t side : sample->dims) sides.emplace_back(side);
    if (options.json)
        printResult(Dict{{"output", options.output}, {"shape", sides}});
    else
        printMessage("Wrote " + options.output + ": " + Shape{sample->dims}.toText());
    return kDone;
}

}  // namespace

Run declareTransform(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    app.add_option("--input", options->input, "A picture file")->required();
    addOutput(app, options->output, "Where the tensor goes, for torch.load");
    app.add_option("--split", options->split, "Whose transforms: train or test")
        ->check(CLI::IsMember({"train", "test"}))
        ->capture_default_str();
    app.add_option("--seed", options->seed,
                   "For random transforms, as torch.manual_seed; else the project's");
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
