#include "widgets/data/preview.h"

#include <QObject>
#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "core/data/transforms/statistics.h"
#include "widgets/data/sample_image.h"
#include "widgets/data/sample_paint.h"

namespace loom {

namespace {

// A preview is looked at, not measured: larger pictures are kept small.
constexpr int kLargestSide = 256;
/// A first look at a data set takes a moment, whatever its pictures pass through; all of them are
/// measured when their figures are wanted.
constexpr std::int64_t kPixelsOfAFirstLook = 20'000'000;
/// Counting a pixel that lies in memory costs this part of computing one.
constexpr std::int64_t kCounting = 40;
/// Where sizes differ from picture to picture.
constexpr std::int64_t kSideNotKnown = 500;

QImage fitted(const QImage& image) {
    if (image.width() <= kLargestSide && image.height() <= kLargestSide) return image;
    return image.scaled(kLargestSide, kLargestSide, Qt::KeepAspectRatio, Qt::SmoothTransformation);
}

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

/// The stages of the longest part of the list that works for this sample.
std::vector<Pipeline::Stage> workingStages(const PreviewRequest& request, const SampleInput& input,
                                           PreviewResult& result) {
    for (std::size_t count = request.steps.size();; --count) {
        const std::vector<TransformChoice> part(
            request.steps.begin(), request.steps.begin() + static_cast<std::ptrdiff_t>(count));
        Error problem;
        if (auto pipeline = Pipeline::make(part)) {
            TorchRandom random(
                sampleSeed(request.seed, request.roll, static_cast<std::uint64_t>(request.sample)));
            if (auto stages = pipeline->stages(input, random))
                return std::move(*stages);
            else
                problem = stages.error();
        } else {
            problem = pipeline.error();
        }
        if (count == 0) return {{input, {}}};
        result.failedStep = static_cast<int>(count) - 1;
        result.problem = qt(problem.message);
        result.hint = qt(problem.hint);
    }
}

}  // namespace

PreviewPicture pictureOf(const SampleInput& input, const std::vector<TransformChoice>& undone) {
    PreviewPicture picture;
    picture.shown = fitted(toImage(input, &undone));
    picture.raw =
        std::holds_alternative<Picture>(input) ? picture.shown : fitted(toImage(input, nullptr));
    return picture;
}

QString answerOf(const Dataset& dataset, std::int64_t index, std::int64_t label) {
    if (const std::vector<float> numbers = dataset.answer(index); !numbers.empty())
        return QStringLiteral("→ ") + answerText(numbers);
    const auto& classes = dataset.classes();
    if (label < 0 || label >= static_cast<std::int64_t>(classes.size()))
        return QString::number(label);
    return qt(classes[static_cast<std::size_t>(label)]);
}

namespace {

/// Draws of a pipeline a line each, for a tool tip.
QString linesOf(const std::vector<std::string>& trace) {
    QStringList lines;
    for (const std::string& line : trace) lines << qt(line);
    return lines.join(QLatin1Char('\n'));
}

bool drawsRandomly(const std::vector<TransformChoice>& steps) {
    return std::any_of(steps.begin(), steps.end(), [](const TransformChoice& step) {
        const TransformKind* kind = transforms().find(step.kind);
        return kind && kind->random;
    });
}

std::vector<PreviewStage> previewStages(const PreviewRequest& request,
                                        const std::vector<Pipeline::Stage>& stages) {
    std::vector<PreviewStage> shown;
    for (std::size_t i = 0; i < stages.size(); ++i) {
        // What a later Normalize will do has not happened yet.
        const std::vector<TransformChoice> done(
            request.steps.begin(), request.steps.begin() + static_cast<std::ptrdiff_t>(i));
        PreviewStage stage;
        stage.picture = pictureOf(stages[i].value, done);
        for (const SampleInput& view : stages[i].otherViews)
            stage.others.push_back(pictureOf(view, done));
        stage.draws = qt(stages[i].draws);
        stage.size = describeSample(stages[i].value);
        shown.push_back(std::move(stage));
    }
    return shown;
}

/// A sample through all steps with the draws of an epoch; an Error is the sample's.
Result<PreviewCell> previewCell(const PreviewRequest& request, const Pipeline& pipeline,
                                const SampleInput& input, std::int64_t index, std::uint64_t epoch,
                                const Dataset* from) {
    PreviewCell cell;
    cell.index = index;
    cell.epoch = epoch;
    TorchRandom random(sampleSeed(request.seed, epoch,
                                  static_cast<std::uint64_t>(std::max<std::int64_t>(0, index))));
    std::vector<std::string> trace;
    auto after = pipeline.apply(input, random, &trace);
    if (!after) return after.error();
    cell.picture = pictureOf(*after, request.steps);
    cell.picture.before =
        fitted(from && index >= 0 ? sampleImage(*from, index, input) : toImage(input, nullptr));
    // A row that nothing is done to stays a row of its table.
    if (from && index >= 0 && request.steps.empty() && !cellsOf(cell.picture.before).isEmpty())
        cell.picture.shown = cell.picture.before;
    cell.draws = linesOf(trace);
    return cell;
}

/// The numbers of a table's row with their columns' names.
QString columnsOf(const Dataset& dataset, const SampleInput& input) {
    constexpr std::size_t kMostColumns = 16;
    const auto* row = std::get_if<TensorSample>(&input);
    const std::vector<std::string> names = dataset.inputNames();
    if (!row || row->values.size() != names.size()) return {};
    QStringList lines;
    for (std::size_t i = 0; i < std::min(names.size(), kMostColumns); ++i)
        lines << qt(names[i]) + QStringLiteral(": ") +
                     QString::number(double(row->values[i]), 'g', 5);
    if (names.size() > kMostColumns)
        lines << QObject::tr("and %1 more").arg(names.size() - kMostColumns);
    return lines.join(QLatin1Char('\n'));
}

void say(PreviewResult& result, const Error& error) {
    result.problem = qt(error.message);
    result.hint = qt(error.hint);
}

/// The grid: one sample in several draws, and others.
Status fillGrid(const PreviewRequest& request, const SampleInput& source, std::int64_t followed,
                PreviewResult& result, const std::atomic<bool>& cancelled) {
    const auto pipeline = Pipeline::make(request.steps);
    if (!pipeline) return pipeline.error();
    // Without random steps its draws would all look the same.
    const int rolls = drawsRandomly(request.steps) ? request.columns : 0;
    for (int i = 0; i < rolls && !cancelled; ++i) {
        auto cell = previewCell(request, *pipeline, source, followed,
                                request.roll + static_cast<std::uint64_t>(i),
                                result.dataset.get());
        if (!cell) return cell.error();
        cell->className = result.className;
        result.rolls.push_back(std::move(*cell));
    }
    const Dataset* dataset = result.dataset.get();
    if (!dataset || dataset->size() == 0) return {};
    std::mt19937_64 choose(request.seed * 7919 + request.roll);
    std::uniform_int_distribution<std::int64_t> anywhere(0, dataset->size() - 1);
    const int others = request.columns * (rolls > 0 ? request.rows - 1 : request.rows);
    for (int i = 0; i < others && !cancelled; ++i) {
        const std::int64_t index = anywhere(choose);
        const auto sample = dataset->sample(index);
        if (!sample) {
            // One bad file is no reason to show none of the others.
            PreviewCell bad;
            bad.index = index;
            bad.className = QObject::tr("cannot be read");
            bad.draws = qt(sample.error().message);
            result.cells.push_back(std::move(bad));
            continue;
        }
        auto cell = previewCell(request, *pipeline, sample->input, index, request.roll, dataset);
        if (!cell) return cell.error();
        cell->className = answerOf(*dataset, index, sample->label);
        cell->columns = columnsOf(*dataset, sample->input);
        result.cells.push_back(std::move(*cell));
    }
    return {};
}

}  // namespace

PreviewResult computePreview(const PreviewRequest& request, const std::atomic<bool>& cancelled) {
    PreviewResult result;
    const auto opened = openDataset(request.dataset.kind, request.dataset.params, request.split);
    if (opened) result.dataset = *opened;
    std::int64_t followed = -1;
    Sample source;
    if (request.own) {
        source.input = *request.own;
        result.className = request.ownName;
    } else {
        if (!opened) {
            say(result, opened.error());
            return result;
        }
        const Dataset& dataset = *result.dataset;
        if (dataset.size() == 0 || cancelled) return result;
        followed = std::clamp<std::int64_t>(request.sample, 0, dataset.size() - 1);
        auto sample = dataset.sample(followed);
        if (!sample) {
            say(result, sample.error());
            return result;
        }
        source = std::move(*sample);
        result.className = answerOf(dataset, followed, source.label);
    }
    result.source = source.input;
    result.stages = previewStages(request, workingStages(request, source.input, result));
    if (followed >= 0 && !result.stages.empty())
        if (QImage row = sampleImage(*result.dataset, followed, source.input);
            !cellsOf(row).isEmpty())
            result.stages.front().picture.shown = std::move(row);
    if (result.failedStep >= 0 || cancelled) return result;
    if (const Status filled = fillGrid(request, source.input, followed, result, cancelled);
        !filled) {
        say(result, filled.error());
        result.failedStep = static_cast<int>(request.steps.size()) - 1;
    }
    return result;
}

namespace {

void takeStatistics(DatasetFacts& facts, const Result<ChannelStatistics>& statistics,
                    const std::atomic<bool>& cancelled) {
    if (cancelled) return;
    if (!statistics) {
        facts.problem = qt(statistics.error().message);
        facts.hint = qt(statistics.error().hint);
        return;
    }
    facts.mean = statistics->mean;
    facts.deviation = statistics->deviation;
    facts.measured = statistics->samples;
    facts.unreadable = statistics->skipped;
}

}  // namespace

DatasetFacts measureWhole(const Choice& choice, const std::vector<TransformChoice>& before,
                          DatasetFacts facts, const std::atomic<bool>& cancelled,
                          const std::function<void(std::int64_t, std::int64_t)>& progress) {
    const auto train = openDataset(choice.kind, choice.params, Split::Train);
    if (!train) {
        facts.problem = qt(train.error().message);
        facts.hint = qt(train.error().hint);
        return facts;
    }
    MeasureOptions options;
    options.progress = progress;
    takeStatistics(facts, measureChannels(**train, before, cancelled, options), cancelled);
    return facts;
}

DatasetFacts measureDataset(const Choice& choice, const std::vector<TransformChoice>& before,
                            const std::atomic<bool>& cancelled) {
    DatasetFacts facts;
    auto train = openDataset(choice.kind, choice.params, Split::Train);
    if (!train) {
        facts.problem = qt(train.error().message);
        facts.hint = qt(train.error().hint);
        return facts;
    }
    const Dataset& dataset = **train;
    facts.trainSize = dataset.size();
    for (const std::string& name : dataset.classes()) facts.classes.emplace_back(qt(name), 0);
    for (std::int64_t i = 0; i < dataset.size() && !cancelled; ++i) {
        const std::int64_t label = dataset.label(i);
        if (label >= 0 && label < static_cast<std::int64_t>(facts.classes.size()))
            ++facts.classes[static_cast<std::size_t>(label)].second;
    }
    if (auto test = openDataset(choice.kind, choice.params, Split::Test))
        facts.testSize = (*test)->size();

    const SampleSpec spec = dataset.spec();
    if (spec.isTensor || dataset.size() == 0 || cancelled) return facts;
    // What a picture costs: pictures in files, whose size is not known, are read, and every step
    // computes what it gives; making a tensor of a picture is but another way to count.
    const auto pixelsOf = [](const SampleSpec& step) {
        std::int64_t pixels = 1;
        for (const std::int64_t side : step.dims) pixels *= side > 0 ? side : kSideNotKnown;
        return pixels;
    };
    std::int64_t pixels = pixelsOf(spec) / (spec.fixed() ? kCounting : 1);
    for (const SampleSpec& step : inferPipeline(before, spec).specs)
        if (!step.isTensor) pixels += pixelsOf(step);
    const std::int64_t stride =
        std::max<std::int64_t>(1, dataset.size() * pixels / kPixelsOfAFirstLook);
    MeasureOptions options;
    for (std::int64_t i = 0; stride > 1 && i < dataset.size(); i += stride)
        options.indices.push_back(i);
    takeStatistics(facts, measureChannels(dataset, before, cancelled, options), cancelled);
    return facts;
}

}  // namespace loom
