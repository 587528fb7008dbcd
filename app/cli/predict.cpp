#include <algorithm>
#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/train/network_use.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::string weights;
    std::vector<std::string> images;
    std::size_t top = 3;
    bool json = false;
};

void printText(const std::string& image, const std::vector<ClassScore>& scores) {
    printLine(image);
    std::vector<std::vector<std::string>> rows;
    for (const ClassScore& score : scores)
        rows.push_back({"  " + (score.name.empty() ? std::to_string(score.index) : score.name),
                        percentText(score.probability)});
    printTable(rows, 1);
}

int run(const Options& options) {
    const TrainedProject trained = openTrained(options.project, options.weights);
    if (!trained.project) return trained.exitCode;
    const Result<Predictor> predictor = Predictor::make(*trained.project, trained.weights);
    if (!predictor) return fail(predictor.error());
    List predictions;
    for (const std::string& image : options.images) {
        Result<std::vector<ClassScore>> scores = predictor->predictFile(image);
        if (!scores) return fail(scores.error());
        scores->resize(std::min(scores->size(), options.top));
        if (!options.json) printText(image, *scores);
        List classes;
        for (const ClassScore& score : *scores)
            classes.emplace_back(Dict{
                {"class", score.name}, {"index", score.index}, {"probability", score.probability}});
        predictions.emplace_back(Dict{{"image", image}, {"classes", classes}});
    }
    if (options.json) printResult(Dict{{"predictions", predictions}});
    return kDone;
}

}  // namespace

Run declarePredict(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addWeights(app, options->weights);
    app.add_option("IMAGE", options->images, "Picture files")->required();
    app.add_option("--top", options->top, "How many classes to tell of each picture")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
