#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

// Source: torchvision.models.squeezenet1_1, after "SqueezeNet: AlexNet-level accuracy with 50x
// fewer parameters".

PortRef fire(NetworkBuilder& b, const std::string& id, const PortRef& from, int squeeze,
             int expand) {
    NetworkBuilder::Scope scope(b, id);
    PortRef x = b.add("squeeze", "Conv2d", {{"out_channels", squeeze}, {"kernel_size", 1}}, from);
    x = b.add("squeeze_activation", "ReLU", {}, x);
    PortRef one = b.add("expand1x1", "Conv2d", {{"out_channels", expand}, {"kernel_size", 1}}, x);
    one = b.add("expand1x1_activation", "ReLU", {}, one);
    PortRef three = b.add("expand3x3", "Conv2d",
                          {{"out_channels", expand}, {"kernel_size", 3}, {"padding", 1}}, x);
    three = b.add("expand3x3_activation", "ReLU", {}, three);
    return b.add("concat", "Concat", {}, std::vector{one, three});
}

Project squeezeNet() {
    NetworkBuilder b;
    PortRef x = b.input({3, 224, 224});
    {
        NetworkBuilder::Scope features(b, "features", false);
        const Params pool = {{"kernel_size", 3}, {"stride", 2}, {"ceil_mode", true}};
        x = b.add("0", "Conv2d", {{"out_channels", 64}, {"kernel_size", 3}, {"stride", 2}}, x);
        x = b.add("1", "ReLU", {}, x);
        x = b.add("2", "MaxPool2d", pool, x);
        x = fire(b, "3", x, 16, 64);
        x = fire(b, "4", x, 16, 64);
        x = b.add("5", "MaxPool2d", pool, x);
        x = fire(b, "6", x, 32, 128);
        x = fire(b, "7", x, 32, 128);
        x = b.add("8", "MaxPool2d", pool, x);
        x = fire(b, "9", x, 48, 192);
        x = fire(b, "10", x, 48, 192);
        x = fire(b, "11", x, 64, 256);
        x = fire(b, "12", x, 64, 256);
    }
    {
        NetworkBuilder::Scope classifier(b, "classifier", false);
        x = b.add("0", "Dropout", {}, x);
        x = b.add("1", "Conv2d", {{"out_channels", 1000}, {"kernel_size", 1}}, x);
        x = b.add("2", "ReLU", {}, x);
        x = b.add("3", "AdaptiveAvgPool2d", {{"output_size", Value(List{1, 1})}}, x);
    }
    b.output(b.add("flatten", "Flatten", {}, x));
    return pictureProject(
        "SqueezeNet 1.1",
        "As good as AlexNet with a fiftieth of its numbers: each fire module squeezes the channels "
        "with 1 × 1 filters before it widens them again with 1 × 1 and 3 × 3 side by side. There "
        "is "
        "no linear layer at the end; a 1 × 1 convolution gives a picture per class, and its mean "
        "is "
        "the score.",
        b, {{"squeezenet1_1-b8a52dc0.pth"}});
}

}  // namespace

std::vector<ZooModel> squeezeNets() {
    return {{"squeezenet1_1", squeezeNet}};
}

}  // namespace loom::zoo
