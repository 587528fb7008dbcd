#include "core/train/sample_fitting.h"

#include <algorithm>
#include <utility>

namespace loom {
namespace {

/// Whether the first step that changes the size scales the picture: then it goes as it is, as in
/// Python.
bool beginsByScaling(const std::vector<TransformChoice>& transforms, const SampleSpec& picture) {
    std::vector<TransformChoice> begun;
    for (const TransformChoice& choice : transforms) {
        begun.push_back(choice);
        const PipelineInference inference = inferPipeline(begun, picture);
        if (inference.failedStep >= 0) return false;
        if (inference.specs.back().dims != picture.dims || inference.specs.back().views != 1) {
            const TransformKind* kind = loom::transforms().find(choice.kind);
            // A change of the channels alone is none of the size.
            const auto& dims = inference.specs.back().dims;
            if (dims.size() == 3 && dims[1] == picture.dims[1] && dims[2] == picture.dims[2] &&
                inference.specs.back().views == 1)
                continue;
            return kind && kind->scales;
        }
    }
    return false;
}

std::string sizeOf(std::int64_t width, std::int64_t height) {
    return std::to_string(width) + " × " + std::to_string(height);
}

}  // namespace

Result<PicturePreparation> fitPicture(const Picture& picture,
                                      const std::vector<TransformChoice>& transforms,
                                      const std::optional<SampleSpec>& data, const Shape& takes) {
    const auto& dims = takes.dims;
    std::vector<int> channels;
    const auto want = [&](std::int64_t count) {
        const int known = static_cast<int>(count);
        if ((count == 1 || count == 3) &&
            std::find(channels.begin(), channels.end(), known) == channels.end())
            channels.push_back(known);
    };
    const bool pictures = data && !data->isTensor && data->dims.size() == 3;
    if (pictures) want(data->dims[0]);
    if (dims.size() == 3) want(dims[0]);
    want(3);

    using Size = std::optional<std::pair<int, int>>;
    struct Way {
        Size size;
        bool toDataSize;
    };
    const auto side = [](std::int64_t length) { return static_cast<int>(length); };
    const bool sized = pictures && data->dims[1] > 0 && data->dims[2] > 0;
    const Way asItIs{std::nullopt, false};
    std::vector<Way> ways;
    const bool sameSize =
        sized && picture.height == data->dims[1] && picture.width == data->dims[2];
    const SampleSpec given{false, {channels.front(), picture.height, picture.width}};
    const bool first = !sized || sameSize || beginsByScaling(transforms, given);
    if (first) ways.push_back(asItIs);
    if (sized) ways.push_back({std::pair(side(data->dims[1]), side(data->dims[2])), true});
    if (dims.size() == 3) ways.push_back({std::pair(side(dims[1]), side(dims[2])), false});
    if (!first) ways.push_back(asItIs);

    PipelineInference latest;
    for (const int count : channels)
        for (const Way& way : ways) {
            const auto [height, width] =
                way.size.value_or(std::pair(picture.height, picture.width));
            const PipelineInference inference =
                inferPipeline(transforms, {false, {count, height, width}});
            if (inference.failedStep >= 0) {
                if (latest.specs.empty() && latest.failedStep < 0) latest = inference;
                continue;
            }
            const SampleSpec last = inference.specs.empty()
                                        ? SampleSpec{false, {count, height, width}}
                                        : inference.specs.back();
            if (last.isTensor && last.dims == dims) {
                const bool unchanged = height == picture.height && width == picture.width;
                return PicturePreparation{count, unchanged ? std::nullopt : way.size,
                                          way.toDataSize};
            }
            if (latest.specs.empty()) latest = {{last}, -1, {}};
        }
    if (latest.failedStep >= 0)
        return Error{
            "The picture cannot pass through the test transforms: " + latest.problem.message,
            latest.problem.hint};
    const SampleSpec& last = latest.specs.back();
    if (!last.isTensor)
        return Error{"The test transforms leave a picture a picture, but a network takes tensors.",
                     "Add ToTensor to them."};
    return Error{"The test transforms make " + Shape{last.dims}.toSentence() +
                     " of the picture, but the network takes " + takes.toSentence() + ".",
                 dims.size() == 3 ? "Let the test transforms end with that size, for example by a "
                                    "Resize with height and width."
                                  : "A network that takes no picture is given its numbers: "
                                    "torchloom-cli forward takes them as a tensor."};
}

std::string scalingSentence(const Picture& picture, const PicturePreparation& preparation) {
    if (!preparation.scaledTo) return {};
    return "The picture, " + sizeOf(picture.width, picture.height) + " pixels, was scaled to " +
           sizeOf(preparation.scaledTo->second, preparation.scaledTo->first) +
           (preparation.toDataSize ? ", the size of the data set's pictures."
                                   : ", the size that the network takes.");
}

}  // namespace loom
