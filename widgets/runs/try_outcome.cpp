#include "widgets/runs/try_outcome.h"

#include <QObject>
#include <string>
#include <utility>
#include <vector>

#include "core/data/subset.h"
#include "core/data/typed_row.h"
#include "core/project/delivered_dataset.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/sample_image.h"

namespace loom {

namespace {

/// The sample that a typed row of the project's data set is.
Result<SampleInput> typedSample(const Project& project, const QString& typed) {
    const auto opened = openSamples(deliveredDataset(project));
    if (!opened) return opened.error();
    const std::string line = typed.trimmed().toStdString();
    // A single cell may hold what stands between cells elsewhere.
    auto row =
        sampleOfCells(**opened, typedColumns(**opened).size() == 1 ? std::vector<std::string>{line}
                                                                   : splitTyped(line));
    if (!row) return row.error();
    return SampleInput(std::move(*row));
}

}  // namespace

TryOutcome tryOn(const WeightsChoice& choice, const Project& project, const Tried& tried,
                 const std::atomic<bool>& cancelled) {
    TryOutcome outcome;
    const auto fail = [&outcome](const Error& error) {
        outcome.problem = q(error.message);
        outcome.hint = q(error.hint);
        return outcome;
    };
    const auto chosen = takeWeights(choice, project, cancelled);
    if (!chosen) return fail(chosen.error());
    const Project& used = chosen->project;
    std::vector<std::string> remarks;
    const auto predictor = Predictor::make(used, chosen->weights, &remarks);
    if (!predictor) return fail(predictor.error());
    outcome.foundRun = chosen->foundRun;
    outcome.weights = used.data.dataset == project.data.dataset
                          ? chosen->name
                          : QObject::tr("%1, on %2").arg(chosen->name, q(used.data.dataset.kind));
    outcome.classes = predictor->givesClasses();
    if (!tried.any()) return outcome;
    if (!outcome.classes && !used.data.targetIsInput)
        if (const auto opened = openSamples(deliveredDataset(used)))
            for (const std::string& name : (*opened)->answerNames()) outcome.names << q(name);
    std::optional<SampleInput> input = tried.input;
    if (!input) {
        auto typed = typedSample(used, tried.typed);
        if (!typed) return fail(typed.error());
        input = std::move(*typed);
    }
    auto made = predictor->predict(*input, {.invert = tried.invert});
    if (!made) return fail(made.error());
    outcome.made = std::move(*made);
    outcome.made.remarks.insert(outcome.made.remarks.begin(), remarks.begin(), remarks.end());
    outcome.seen = toImage(outcome.made.seen, &used.data.testTransforms);
    return outcome;
}

}  // namespace loom
