#include "widgets/data/preview.h"

#include <cmath>
#include <random>

#include "widgets/data/sample_image.h"

namespace loom {

namespace {

// A preview is looked at, not measured: larger pictures are kept small.
constexpr int kLargestSide = 256;
constexpr std::int64_t kMostMeasured = 60000;

QImage fitted(const QImage& image) {
    if (image.width() <= kLargestSide && image.height() <= kLargestSide) return image;
    return image.scaled(kLargestSide, kLargestSide, Qt::KeepAspectRatio, Qt::SmoothTransformation);
}

PreviewPicture pictureOf(const SampleInput& input, const std::vector<TransformChoice>& undone) {
    PreviewPicture picture;
    picture.shown = fitted(toImage(input, &undone));
    picture.raw =
        std::holds_alternative<Picture>(input) ? picture.shown : fitted(toImage(input, nullptr));
    return picture;
}

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

/// The answer of a sample: its class, or its numbers.
QString classOf(const Dataset& dataset, std::int64_t index, std::int64_t label) {
    if (const std::vector<float> numbers = dataset.answer(index); !numbers.empty())
        return QStringLiteral("→ ") + answerText(numbers);
    const auto& classes = dataset.classes();
    if (label < 0 || label >= static_cast<std::int64_t>(classes.size()))
        return QString::number(label);
    return qt(classes[static_cast<std::size_t>(label)]);
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

PreviewResult computePreview(const PreviewRequest& request, const std::atomic<bool>& cancelled) {
    PreviewResult result;
    auto opened = openDataset(request.dataset.kind, request.dataset.params, request.split);
    if (!opened) {
        result.problem = qt(opened.error().message);
        result.hint = qt(opened.error().hint);
        return result;
    }
    result.dataset = *opened;
    const Dataset& dataset = *result.dataset;
    if (dataset.size() == 0 || cancelled) return result;

    const std::int64_t followed = std::clamp<std::int64_t>(request.sample, 0, dataset.size() - 1);
    auto source = dataset.sample(followed);
    if (!source) {
        result.problem = qt(source.error().message);
        result.hint = qt(source.error().hint);
        return result;
    }
    result.className = classOf(dataset, followed, source->label);
    const std::vector<Pipeline::Stage> stages = workingStages(request, source->input, result);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        // What a later Normalize will do has not happened yet.
        const std::vector<TransformChoice> done(
            request.steps.begin(), request.steps.begin() + static_cast<std::ptrdiff_t>(i));
        PreviewStage stage;
        stage.picture = pictureOf(stages[i].value, done);
        stage.caption =
            stages[i].draws.empty() ? describeSample(stages[i].value) : qt(stages[i].draws);
        stage.size = describeSample(stages[i].value);
        result.stages.push_back(std::move(stage));
    }
    if (result.failedStep >= 0 || cancelled) return result;

    auto pipeline = Pipeline::make(request.steps);
    if (!pipeline) return result;
    bool drawsRandomly = false;
    for (const TransformChoice& step : request.steps)
        if (const TransformKind* kind = transforms().find(step.kind))
            drawsRandomly = drawsRandomly || kind->random;
    std::mt19937_64 choose(request.seed * 7919 + request.roll);
    std::uniform_int_distribution<std::int64_t> anywhere(0, dataset.size() - 1);
    for (int i = 0; i < request.columns * request.rows && !cancelled; ++i) {
        // Without random steps its draws would all look the same.
        const bool first = drawsRandomly && i < request.columns;
        const std::int64_t index = first ? followed : anywhere(choose);
        const std::uint64_t epoch = request.roll + (first ? static_cast<std::uint64_t>(i) : 0);
        auto sample = first ? source : dataset.sample(index);
        if (!sample) {
            result.problem = qt(sample.error().message);
            result.hint = qt(sample.error().hint);
            return result;
        }
        PreviewCell cell;
        cell.index = index;
        cell.className = classOf(dataset, index, sample->label);
        const QImage before = fitted(toImage(sample->input, nullptr));
        TorchRandom random(sampleSeed(request.seed, epoch, static_cast<std::uint64_t>(index)));
        auto after = pipeline->apply(sample->input, random);
        if (!after) {
            result.problem = qt(after.error().message);
            result.hint = qt(after.error().hint);
            result.failedStep = static_cast<int>(request.steps.size()) - 1;
            return result;
        }
        cell.picture = pictureOf(*after, request.steps);
        cell.picture.before = before;
        result.cells.push_back(std::move(cell));
    }
    return result;
}

DatasetFacts measureDataset(const Choice& choice, const std::atomic<bool>& cancelled) {
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

    // Small pictures: all of them. Others: as many as have the same number of pixels.
    std::int64_t budget = kMostMeasured * 28 * 28;
    const std::int64_t stride = [&] {
        const SampleSpec spec = dataset.spec();
        std::int64_t pixels = 1;
        for (const std::int64_t side : spec.dims) pixels *= side > 0 ? side : 500;
        return std::max<std::int64_t>(1, dataset.size() * pixels / budget);
    }();
    std::vector<double> sum, squares, count;
    for (std::int64_t i = 0; i < dataset.size() && !cancelled && budget > 0; i += stride) {
        const auto sample = dataset.sample(i);
        if (!sample) {
            facts.problem = qt(sample.error().message);
            facts.hint = qt(sample.error().hint);
            return facts;
        }
        const auto* picture = std::get_if<Picture>(&sample->input);
        if (!picture) return facts;
        const auto channels = static_cast<std::size_t>(picture->channels);
        if (sum.size() < channels) {
            sum.resize(channels);
            squares.resize(channels);
            count.resize(channels);
        }
        for (std::size_t at = 0; at < picture->pixels.size(); ++at) {
            const double value = picture->pixels[at] / 255.0;
            sum[at % channels] += value;
            squares[at % channels] += value * value;
            count[at % channels] += 1;
        }
        budget -= static_cast<std::int64_t>(picture->pixels.size());
        ++facts.measured;
    }
    for (std::size_t c = 0; c < sum.size(); ++c) {
        const double mean = sum[c] / count[c];
        facts.mean.push_back(mean);
        facts.deviation.push_back(std::sqrt(std::max(0.0, squares[c] / count[c] - mean * mean)));
    }
    return facts;
}

}  // namespace loom
