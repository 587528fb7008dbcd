#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "app/cli/whole_number.h"
#include "core/base/shape.h"
#include "core/data/transform.h"
#include "core/train/predictor.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::string weights;
    std::vector<std::string> images;
    std::size_t top = 3;
    bool invert = false;
    bool json = false;
};

constexpr std::size_t kMostNumbers = 16;

std::string scoreText(const ClassScore& score) {
    if (!score.score) return {};
    char text[48];
    std::snprintf(text, sizeof text, "%.4f", *score.score);
    return text;
}

void printText(const std::string& image, const Prediction& made) {
    printLine(image);
    std::vector<std::vector<std::string>> rows;
    for (const ClassScore& score : made.classes)
        rows.push_back(
            {"  " + score.name, percentText(score.probability), "score " + scoreText(score)});
    if (!made.classes.empty()) return printTable(rows, 1);
    std::string numbers;
    for (std::size_t i = 0; i < made.output.values.size() && i < kMostNumbers; ++i)
        numbers += (i ? ", " : "  ") + formatFloat(double(made.output.values[i]), false);
    if (made.output.values.size() > kMostNumbers)
        numbers +=
            " and " + groupDigits(std::int64_t(made.output.values.size() - kMostNumbers)) + " more";
    printLine(numbers);
}

Dict toJson(const std::string& image, const Prediction& made, bool givesClasses) {
    List classes, remarks;
    for (const ClassScore& score : made.classes)
        classes.emplace_back(Dict{{"class", score.name},
                                  {"index", score.index},
                                  {"probability", score.probability},
                                  {"score", score.score ? Value(*score.score) : Value()}});
    for (const std::string& remark : made.remarks) remarks.emplace_back(remark);
    if (!made.inversionAdvice.empty()) remarks.emplace_back(made.inversionAdvice);
    Dict entry{{"image", image}, {"classes", classes}};
    if (!givesClasses) {
        List sides, numbers;
        for (const std::int64_t side : made.output.dims) sides.emplace_back(side);
        for (const float number : made.output.values) numbers.emplace_back(double(number));
        entry.set("output", Dict{{"shape", sides}, {"values", numbers}});
    }
    entry.set("remarks", remarks);
    return entry;
}

int run(const Options& options) {
    const OpenedProject project = openProject(options.project);
    if (!project) return project.exitCode;
    const ShapeReport shapes = shapesForPrediction(*project);
    for (const Diagnostic& diagnostic : shapes.diagnostics)
        if (diagnostic.severity == Severity::Error) printDiagnostics({diagnostic});
    if (hasErrors(shapes.diagnostics)) return kMisused;
    if (const auto pipeline = Pipeline::make(project->data.testTransforms); !pipeline)
        return fail(pipeline.error(), kMisused);
    const OpenedWeights weights = openWeights(*project, options.weights);
    if (weights.exitCode != kDone) return weights.exitCode;
    std::vector<std::string> said;
    const Result<Predictor> predictor = Predictor::make(*project, weights.weights, &said);
    if (!predictor) return fail(predictor.error());
    for (const std::string& remark : said) printMessage(remark);
    List predictions;
    int code = kDone;
    for (const std::string& image : options.images) {
        Result<Prediction> made = predictor->predictFile(image, {.invert = options.invert});
        if (!made) {
            // The others are answered all the same.
            code = fail(made.error());
            continue;
        }
        made->classes.resize(std::min(made->classes.size(), options.top));
        for (const std::string& remark : made->remarks) printMessage(image + ": " + remark);
        if (!made->inversionAdvice.empty())
            printMessage(image + ": " + made->inversionAdvice + " --invert swaps the two.");
        if (options.json)
            predictions.emplace_back(toJson(image, *made, predictor->givesClasses()));
        else
            printText(image, *made);
    }
    if (options.json && (code == kDone || !predictions.empty()))
        printResult(Dict{{"predictions", predictions}});
    return code;
}

}  // namespace

Run declarePredict(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addWeights(app, options->weights);
    app.add_option("IMAGE", options->images, "Picture files")->required();
    app.add_option("--top", options->top, "How many classes to tell of each picture")
        ->check(wholeNumber(1, 1000000000))
        ->capture_default_str();
    app.add_flag("--invert", options->invert,
                 "White for black: for dark drawings on light paper, where the network was trained "
                 "on light strokes on a dark ground");
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
