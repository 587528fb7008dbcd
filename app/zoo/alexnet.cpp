#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

/// Source: torchvision.models.alexnet, after "One weird trick for parallelizing convolutional
/// neural networks".
Project alexNet() {
    NetworkBuilder b;
    PortRef x = b.input({3, 224, 224});
    {
        NetworkBuilder::Scope features(b, "features");
        int place = 0;
        const auto next = [&](const std::string& kind, Params params = {}) {
            x = b.add(std::to_string(place++), kind, std::move(params), x);
        };
        const auto convolution = [&](int channels, int kernel, int padding, Params more = {}) {
            more.set("out_channels", channels);
            more.set("kernel_size", kernel);
            more.set("padding", padding);
            next("Conv2d", std::move(more));
            next("ReLU");
        };
        const auto pool = [&] { next("MaxPool2d", {{"kernel_size", 3}, {"stride", 2}}); };
        convolution(64, 11, 2, {{"stride", 4}});
        pool();
        convolution(192, 5, 2);
        pool();
        convolution(384, 3, 1);
        convolution(256, 3, 1);
        convolution(256, 3, 1);
        pool();
    }
    x = b.add("avgpool", "AdaptiveAvgPool2d", {{"output_size", Value(List{6, 6})}}, x);
    x = b.add("flatten", "Flatten", {}, x);
    {
        NetworkBuilder::Scope classifier(b, "classifier", false);
        x = b.add("0", "Dropout", {}, x);
        x = b.add("1", "Linear", {{"out_features", 4096}}, x);
        x = b.add("2", "ReLU", {}, x);
        x = b.add("3", "Dropout", {}, x);
        x = b.add("4", "Linear", {{"out_features", 4096}}, x);
        x = b.add("5", "ReLU", {}, x);
    }
    classify(b, "classifier.6", x);
    return pictureProject(
        "AlexNet",
        "The network that won ImageNet in 2012 and began the present wave: five convolutions, "
        "three "
        "pools and three linear layers. Nearly all of its 61 million numbers sit in the linear "
        "layers; look at the summary.",
        b, {{"alexnet-owt-7be5be79.pth"}});
}

}  // namespace

std::vector<ZooModel> alexNets() {
    return {{"alexnet", alexNet}};
}

}  // namespace loom::zoo
