#include "widgets/data/sample_look.h"

#include <QObject>
#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/random.h"
#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/preview.h"
#include "widgets/data/sample_image.h"

namespace loom {

namespace {

constexpr int kBars = 64;
constexpr int kLargestSide = 1200;

QString channelName(std::size_t channel, std::size_t count) {
    static const char* const colours[] = {"R", "G", "B"};
    if (count == 1) return QObject::tr("all");
    return count == 3 ? QString::fromLatin1(colours[channel]) : QString::number(channel);
}

/// The numbers of a sample channel by channel, whatever it is.
struct Channels {
    std::size_t count = 0;
    std::size_t each = 0;
    std::function<double(std::size_t channel, std::size_t at)> number;
};

Channels channelsIn(const SampleInput& input) {
    if (const auto* picture = std::get_if<Picture>(&input)) {
        const auto count = static_cast<std::size_t>(picture->channels);
        return {count, count == 0 ? 0 : picture->pixels.size() / count,
                [picture, count](std::size_t c, std::size_t at) {
                    return double(picture->pixels[at * count + c]);
                }};
    }
    const auto& tensor = std::get<TensorSample>(input);
    const auto views = static_cast<std::size_t>(std::max<std::int64_t>(1, tensor.views));
    const std::size_t one = tensor.values.size() / views;
    const bool channels = tensor.dims.size() == 3 && tensor.dims[0] > 0 && tensor.dims[0] <= 4;
    const std::size_t count = channels ? static_cast<std::size_t>(tensor.dims[0]) : 1;
    const std::size_t each = one / count;
    return {count, each, [&tensor, each](std::size_t c, std::size_t at) {
                return double(tensor.values[c * each + at]);
            }};
}

QImage limited(const QImage& image) {
    if (image.width() <= kLargestSide && image.height() <= kLargestSide) return image;
    return image.scaled(kLargestSide, kLargestSide, Qt::KeepAspectRatio, Qt::SmoothTransformation);
}

SampleLook::Stage lookAtStage(Pipeline::Stage stage, const std::vector<TransformChoice>& done) {
    SampleLook::Stage look;
    look.draws = q(stage.draws);
    look.shown = limited(toImage(stage.value, &done));
    look.raw = std::holds_alternative<Picture>(stage.value)
                   ? look.shown
                   : limited(toImage(stage.value, nullptr));
    for (const SampleInput& view : stage.otherViews)
        look.others.push_back(limited(toImage(view, &done)));
    look.figures = figuresOf(stage.value);
    look.value = std::move(stage.value);
    look.otherViews = std::move(stage.otherViews);
    if (done.empty()) {
        look.title = QObject::tr("as it lies");
        return look;
    }
    look.title = q(done.back().kind);
    if (const TransformKind* kind = transforms().find(done.back().kind); kind && kind->badge)
        look.badge = q(kind->badge(Settings(kind->params, done.back().params)));
    return look;
}

void say(SampleLook& look, const Error& error) {
    look.problem = q(error.message);
    look.hint = q(error.hint);
}

/// The data set's own sample into `look`; its input.
Result<SampleInput> takeSample(const LookRequest& request, SampleLook& look) {
    std::shared_ptr<const Dataset> opened = request.dataset;
    if (!opened) {
        auto splits = openSplits(request.splits);
        if (!splits) return splits.error();
        opened = request.split == Split::Train ? splits->train : splits->test;
    }
    const Dataset& dataset = *opened;
    look.count = dataset.size();
    if (look.count == 0) return Error{"The data set holds no sample.", {}};
    look.index = std::clamp<std::int64_t>(request.index, 0, look.count - 1);
    auto sample = dataset.sample(look.index);
    look.place = q(dataset.nameOf(look.index));
    if (!sample) return sample.error();
    look.answer = answerOf(dataset, look.index, sample->label);
    for (const std::string& name : dataset.inputNames()) look.inputNames.push_back(q(name));
    return std::move(sample->input);
}

}  // namespace

SampleFigures figuresOf(const SampleInput& input) {
    SampleFigures figures;
    const Channels channels = channelsIn(input);
    const auto* picture = std::get_if<Picture>(&input);
    if (picture) {
        figures.shape = QStringLiteral("%1 × %2 × %3")
                            .arg(picture->height)
                            .arg(picture->width)
                            .arg(picture->channels);
        figures.type = QStringLiteral("uint8");
        figures.high = 255;
    } else {
        const auto& tensor = std::get<TensorSample>(input);
        figures.shape = q(Shape{tensor.dims}.toSentence());
        figures.type = QStringLiteral("float32");
        figures.low = HUGE_VAL;
        figures.high = -HUGE_VAL;
    }
    std::vector<std::int64_t> finite(channels.count, 0);
    for (std::size_t c = 0; c < channels.count; ++c) {
        SampleFigures::Channel channel;
        channel.name = channelName(c, channels.count);
        channel.least = HUGE_VAL;
        channel.most = -HUGE_VAL;
        double sum = 0, squares = 0;
        for (std::size_t at = 0; at < channels.each; ++at) {
            const double number = channels.number(c, at);
            if (!std::isfinite(number)) {
                ++figures.notFinite;
                continue;
            }
            ++finite[c];
            channel.least = std::min(channel.least, number);
            channel.most = std::max(channel.most, number);
            sum += number;
            squares += number * number;
        }
        if (finite[c] == 0) channel.least = channel.most = 0;
        const double count = std::max<double>(1, double(finite[c]));
        channel.mean = sum / count;
        channel.deviation = std::sqrt(std::max(0.0, squares / count - channel.mean * channel.mean));
        if (!picture) {
            figures.low = std::min(figures.low, channel.least);
            figures.high = std::max(figures.high, channel.most);
        }
        figures.channels.push_back(std::move(channel));
    }
    if (!(figures.high > figures.low)) {
        figures.low = channels.count == 0 ? 0 : figures.low - 0.5;
        figures.high = figures.low + 1;
    }
    for (std::size_t c = 0; c < channels.count; ++c) {
        std::vector<double>& bars = figures.channels[c].bars;
        bars.assign(kBars, 0);
        for (std::size_t at = 0; at < channels.each; ++at) {
            const double number = channels.number(c, at);
            if (!std::isfinite(number)) continue;
            const double place = (number - figures.low) / (figures.high - figures.low) * kBars;
            bars[static_cast<std::size_t>(std::clamp<double>(place, 0, kBars - 1))] += 1;
        }
    }
    return figures;
}

SampleLook lookAt(const LookRequest& request, const std::atomic<bool>& cancelled) {
    SampleLook look;
    look.epoch = request.epoch;
    look.answer = request.ownName;
    auto input = request.own ? Result<SampleInput>(*request.own) : takeSample(request, look);
    if (!input || cancelled) {
        if (!input) say(look, input.error());
        return look;
    }
    // As much of the list as works for this sample.
    std::vector<TransformChoice> steps = request.steps;
    for (;; steps.pop_back()) {
        auto pipeline = Pipeline::make(steps);
        Error problem;
        if (pipeline) {
            TorchRandom random(
                sampleSeed(request.seed, request.epoch,
                           static_cast<std::uint64_t>(std::max<std::int64_t>(0, look.index))));
            if (auto stages = pipeline->stages(*input, random)) {
                for (std::size_t i = 0; i < stages->size() && !cancelled; ++i)
                    look.stages.push_back(lookAtStage(
                        std::move((*stages)[i]),
                        {steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(i)}));
                return look;
            } else {
                problem = stages.error();
            }
        } else {
            problem = pipeline.error();
        }
        say(look, problem);
        if (steps.empty()) return look;
    }
}

}  // namespace loom
