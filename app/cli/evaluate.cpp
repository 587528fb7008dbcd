#include <cmath>
#include <memory>
#include <optional>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/train/evaluation.h"
#include "core/train/predictions_csv.h"

namespace loom::cli {

namespace {

/// Samples left out that are told by name.
constexpr std::int64_t kSkippedTold = 5;

struct Options {
    std::string project;
    std::string weights;
    std::string predictions;
    bool json = false;
};

Dict toDict(const Evaluation& evaluation) {
    Dict metrics;
    if (!std::isnan(evaluation.accuracy)) metrics.set("accuracy", evaluation.accuracy);
    Dict result{{"loss", evaluation.loss},
                {"accuracy", evaluation.accuracy},
                {"samples", evaluation.samples},
                {"metrics", metrics},
                {"reduction", evaluation.reduction}};
    if (!std::isnan(evaluation.lossPerSample))
        result.set("loss_per_sample", evaluation.lossPerSample);
    if (evaluation.skipped > 0) result.set("skipped", evaluation.skipped);
    return result;
}

std::string toText(const Evaluation& evaluation) {
    std::string text = "Test split, " + groupDigits(evaluation.samples) + " samples: loss " +
                       lossText(evaluation.loss);
    if (evaluation.reduction == "sum")
        text += " (sum; " + lossText(evaluation.lossPerSample) + " per sample)";
    else if (evaluation.reduction == "none")
        text += " (mean of the losses of the samples; --predictions FILE.csv writes each)";
    if (!std::isnan(evaluation.accuracy)) text += ", accuracy " + percentText(evaluation.accuracy);
    return text;
}

int run(const Options& options) {
    const OpenedProject project = openProject(options.project);
    if (!project) return project.exitCode;
    bool sound = true;
    for (const Diagnostic& diagnostic : checkForEvaluation(*project).diagnostics) {
        if (diagnostic.severity != Severity::Error) continue;
        printDiagnostics({diagnostic});
        sound = false;
    }
    if (!sound) return kMisused;
    const OpenedWeights weights = openWeights(*project, options.weights);
    if (weights.exitCode != kDone) return weights.exitCode;

    std::optional<PredictionsCsv> table;
    EvaluationOptions told;
    if (!options.predictions.empty()) {
        table.emplace(options.predictions);
        if (const Status opened = table->open(); !opened) return fail(opened.error());
        told.tell = [&](const EvaluatedSample& sample) { return table->add(sample); };
    }
    std::int64_t skipped = 0;
    told.skipped = [&](const Error& error) {
        if (++skipped <= kSkippedTold) printMessage("Left out: " + error.message);
    };
    std::vector<std::string> said;
    told.remarks = &said;
    const Result<Evaluation> evaluation = evaluate(*project, weights.weights, told);
    if (!evaluation) return fail(evaluation.error());
    for (const std::string& remark : said) printMessage(remark);
    if (skipped > kSkippedTold)
        printMessage(groupDigits(skipped) + " samples were left out in all.");
    if (table)
        if (const Status written = table->finish(); !written) return fail(written.error());
    if (options.json)
        printResult(toDict(*evaluation));
    else
        printLine(toText(*evaluation));
    if (table && !options.json) printLine("Predictions: " + options.predictions);
    return kDone;
}

}  // namespace

Run declareEvaluate(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addWeights(app, options->weights);
    app.add_option("--predictions", options->predictions,
                   "Write a CSV with a row per sample: index, target, prediction, loss, scores")
        ->check(recordOfARun);
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
