#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

// Source: torchvision.models.densenet121, after "Densely Connected Convolutional Networks".

PortRef convolution(NetworkBuilder& b, const std::string& id, const PortRef& from, int channels,
                    int kernel, Params more = {}) {
    Params params = {{"out_channels", channels}, {"kernel_size", kernel}};
    for (const auto& [key, value] : more) params.set(key, value);
    params.set("bias", false);
    return b.add(id, "Conv2d", params, from);
}

/// Sees everything made before it in the block, and adds `growth` channels.
PortRef denseLayer(NetworkBuilder& b, const std::string& id, const std::vector<PortRef>& before,
                   int growth) {
    NetworkBuilder::Scope scope(b, id);
    PortRef x = before.size() == 1 ? before[0] : b.add("concat", "Concat", {}, before);
    x = b.add("norm1", "BatchNorm2d", {}, x);
    x = b.add("relu1", "ReLU", {}, x);
    x = convolution(b, "conv1", x, 4 * growth, 1);
    x = b.add("norm2", "BatchNorm2d", {}, x);
    x = b.add("relu2", "ReLU", {}, x);
    return convolution(b, "conv2", x, growth, 3, {{"padding", 1}});
}

Project denseNet121() {
    const int growth = 32;
    const int depths[] = {6, 12, 24, 16};
    NetworkBuilder b;
    PortRef x = b.input({3, 224, 224});
    {
        NetworkBuilder::Scope features(b, "features", false);
        x = convolution(b, "conv0", x, 64, 7, {{"stride", 2}, {"padding", 3}});
        x = b.add("norm0", "BatchNorm2d", {}, x);
        x = b.add("relu0", "ReLU", {}, x);
        x = b.add("pool0", "MaxPool2d", {{"kernel_size", 3}, {"stride", 2}, {"padding", 1}}, x);
        int channels = 64;
        for (int block = 1; block <= 4; ++block) {
            const int depth = depths[block - 1];
            {
                NetworkBuilder::Scope scope(b, "denseblock" + std::to_string(block));
                std::vector<PortRef> made = {x};
                for (int layer = 1; layer <= depth; ++layer)
                    made.push_back(
                        denseLayer(b, "denselayer" + std::to_string(layer), made, growth));
                x = b.add("concat", "Concat", {}, made);
            }
            channels += depth * growth;
            if (block == 4) break;
            channels /= 2;
            NetworkBuilder::Scope scope(b, "transition" + std::to_string(block));
            x = b.add("norm", "BatchNorm2d", {}, x);
            x = b.add("relu", "ReLU", {}, x);
            x = convolution(b, "conv", x, channels, 1);
            x = b.add("pool", "AvgPool2d", {{"kernel_size", 2}, {"stride", 2}}, x);
        }
        x = b.add("norm5", "BatchNorm2d", {}, x);
    }
    x = b.add("relu", "ReLU", {}, x);
    x = b.add("avgpool", "AdaptiveAvgPool2d", {{"output_size", Value(List{1, 1})}}, x);
    x = b.add("flatten", "Flatten", {}, x);
    classify(b, "classifier", x);
    return pictureProject(
        "DenseNet-121",
        "Every layer of a dense block sees what all layers before it have made, joined channel by "
        "channel, and adds only 32 channels of its own. Between blocks a transition halves "
        "channels "
        "and size.",
        b, {{"densenet121-a639ec97.pth"}});
}

}  // namespace

std::vector<ZooModel> denseNets() {
    return {{"densenet121", denseNet121}};
}

}  // namespace loom::zoo
