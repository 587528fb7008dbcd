#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

// Source: torchvision.models.resnet, after "Deep Residual Learning for Image Recognition"; the
// stride of a bottleneck is on its 3×3 convolution (v1.5).

Params convolution(std::int64_t channels, std::int64_t kernel, std::int64_t stride) {
    Params params = {{"out_channels", Value(channels)}, {"kernel_size", Value(kernel)}};
    if (stride != 1) params.set("stride", Value(stride));
    if (kernel > 1) params.set("padding", Value(kernel / 2));
    params.set("bias", false);
    return params;
}

/// The way around a block: a 1×1 convolution where the size changes.
PortRef shortcut(NetworkBuilder& b, const PortRef& from, std::int64_t channels, std::int64_t stride,
                 bool changes) {
    if (!changes) return from;
    NetworkBuilder::Scope scope(b, "downsample", false);
    const PortRef x = b.add("0", "Conv2d", convolution(channels, 1, stride), from);
    return b.add("1", "BatchNorm2d", {}, x);
}

struct Stage {
    std::int64_t channels;
    std::int64_t stride;
    bool changes;
};

PortRef basicBlock(NetworkBuilder& b, const PortRef& from, const Stage& s) {
    PortRef x = b.add("conv1", "Conv2d", convolution(s.channels, 3, s.stride), from);
    x = b.add("bn1", "BatchNorm2d", {}, x);
    x = b.add("relu", "ReLU", {}, x);
    x = b.add("conv2", "Conv2d", convolution(s.channels, 3, 1), x);
    x = b.add("bn2", "BatchNorm2d", {}, x);
    const PortRef around = shortcut(b, from, s.channels, s.stride, s.changes);
    x = b.add("add", "Add", {}, std::vector{x, around});
    return b.add("relu_out", "ReLU", {}, x);
}

PortRef bottleneck(NetworkBuilder& b, const PortRef& from, const Stage& s) {
    PortRef x = b.add("conv1", "Conv2d", convolution(s.channels, 1, 1), from);
    x = b.add("bn1", "BatchNorm2d", {}, x);
    x = b.add("relu1", "ReLU", {}, x);
    x = b.add("conv2", "Conv2d", convolution(s.channels, 3, s.stride), x);
    x = b.add("bn2", "BatchNorm2d", {}, x);
    x = b.add("relu2", "ReLU", {}, x);
    x = b.add("conv3", "Conv2d", convolution(s.channels * 4, 1, 1), x);
    x = b.add("bn3", "BatchNorm2d", {}, x);
    const PortRef around = shortcut(b, from, s.channels * 4, s.stride, s.changes);
    x = b.add("add", "Add", {}, std::vector{x, around});
    return b.add("relu_out", "ReLU", {}, x);
}

Project resNet(const std::string& title, const std::vector<int>& depths, bool deep,
               std::vector<std::string> weights) {
    NetworkBuilder b;
    PortRef x = b.input({3, 224, 224});
    x = b.add("conv1", "Conv2d", convolution(64, 7, 2), x);
    x = b.add("bn1", "BatchNorm2d", {}, x);
    x = b.add("relu", "ReLU", {}, x);
    x = b.add("maxpool", "MaxPool2d", {{"kernel_size", 3}, {"stride", 2}, {"padding", 1}}, x);
    for (std::size_t layer = 0; layer < depths.size(); ++layer) {
        NetworkBuilder::Scope stage(b, "layer" + std::to_string(layer + 1));
        for (int i = 0; i < depths[layer]; ++i) {
            NetworkBuilder::Scope block(b, std::to_string(i));
            const bool first = i == 0;
            const Stage size{std::int64_t(64) << layer, first && layer > 0 ? 2 : 1,
                             first && (deep || layer > 0)};
            x = deep ? bottleneck(b, x, size) : basicBlock(b, x, size);
        }
    }
    x = b.add("avgpool", "AdaptiveAvgPool2d", {{"output_size", Value(List{1, 1})}}, x);
    x = b.add("flatten", "Flatten", {}, x);
    classify(b, "fc", x);
    return pictureProject(
        title,
        "Blocks with a way around them: what a block learns is added to what came in, so that a "
        "deep network is never worse than a shallow one, and gradients reach the first "
        "layers.\n\nTransfer learning: start from torchvision's weights, give fc 10 out_features, "
        "freeze layer1 to layer4, and train.",
        b, {std::move(weights)});
}

}  // namespace

std::vector<ZooModel> resNets() {
    return {{"resnet18",
             [] {
                 return resNet("ResNet-18", {2, 2, 2, 2}, false, {"resnet18-f37072fd.pth"});
             }},
            {"resnet34",
             [] {
                 return resNet("ResNet-34", {3, 4, 6, 3}, false, {"resnet34-b627a593.pth"});
             }},
            {"resnet50", [] {
                 return resNet("ResNet-50", {3, 4, 6, 3}, true,
                               {"resnet50-11ad3fa6.pth", "resnet50-0676ba61.pth"});
             }}};
}

}  // namespace loom::zoo
