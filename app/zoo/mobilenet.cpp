#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

// Source: torchvision.models.mobilenet_v2, after "MobileNetV2: Inverted Residuals and Linear
// Bottlenecks".

/// Convolution, normalisation and ReLU6 as torchvision's Conv2dNormActivation numbers them.
PortRef normalised(NetworkBuilder& b, const std::string& id, const PortRef& from,
                   std::int64_t channels, std::int64_t kernel, std::int64_t stride,
                   std::int64_t groups, bool box = false) {
    NetworkBuilder::Scope scope(b, id, box);
    Params params = {{"out_channels", Value(channels)}, {"kernel_size", Value(kernel)}};
    if (stride != 1) params.set("stride", Value(stride));
    if (kernel > 1) params.set("padding", Value(kernel / 2));
    if (groups != 1) params.set("groups", Value(groups));
    params.set("bias", false);
    PortRef x = b.add("0", "Conv2d", params, from);
    x = b.add("1", "BatchNorm2d", {}, x);
    return b.add("2", "ReLU6", {}, x);
}

PortRef invertedResidual(NetworkBuilder& b, const std::string& id, const PortRef& from,
                         std::int64_t in, std::int64_t out, std::int64_t stride,
                         std::int64_t expansion) {
    NetworkBuilder::Scope scope(b, id);
    const std::int64_t wide = in * expansion;
    int place = 0;
    const auto next = [&] { return "conv." + std::to_string(place++); };
    PortRef x = from;
    if (expansion != 1) x = normalised(b, next(), x, wide, 1, 1, 1);
    x = normalised(b, next(), x, wide, 3, stride, wide);
    x = b.add(next(), "Conv2d", {{"out_channels", Value(out)}, {"kernel_size", 1}, {"bias", false}},
              x);
    x = b.add(next(), "BatchNorm2d", {}, x);
    return stride == 1 && in == out ? b.add("add", "Add", {}, std::vector{x, from}) : x;
}

Project mobileNet() {
    // Expansion, channels, blocks, stride of the first.
    const std::int64_t settings[][4] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                        {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    NetworkBuilder b;
    PortRef x = b.input({3, 224, 224});
    {
        NetworkBuilder::Scope features(b, "features", false);
        std::int64_t channels = 32;
        x = normalised(b, "0", x, channels, 3, 2, 1, true);
        int place = 1;
        for (const auto& [expansion, out, count, stride] : settings) {
            for (std::int64_t i = 0; i < count; ++i) {
                x = invertedResidual(b, std::to_string(place++), x, channels, out,
                                     i == 0 ? stride : 1, expansion);
                channels = out;
            }
        }
        x = normalised(b, std::to_string(place), x, 1280, 1, 1, 1, true);
    }
    x = b.add("avgpool", "AdaptiveAvgPool2d", {{"output_size", Value(List{1, 1})}}, x);
    x = b.add("flatten", "Flatten", {}, x);
    x = b.add("classifier.0", "Dropout", {{"p", 0.2}}, x);
    classify(b, "classifier.1", x);
    return pictureProject(
        "MobileNetV2",
        "Made for telephones: each block widens the channels, filters every channel by itself "
        "(groups equal to the channels: a depthwise convolution), and narrows them again. Compare "
        "the MACs of a depthwise 3 × 3 with those of a full one.",
        b, {{"mobilenet_v2-7ebf99e0.pth", "mobilenet_v2-b0353104.pth"}});
}

}  // namespace

std::vector<ZooModel> mobileNets() {
    return {{"mobilenet_v2", mobileNet}};
}

}  // namespace loom::zoo
