#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

/// Channels of the convolutions between two pools. Source: torchvision.models.vgg, table 1 of "Very
/// Deep Convolutional Networks for Large-Scale Image Recognition".
using Stages = std::vector<std::vector<int>>;
const Stages kVgg11 = {{64}, {128}, {256, 256}, {512, 512}, {512, 512}};
const Stages kVgg16 = {{64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}};

Project vgg(const std::string& title, const Stages& stages, bool normalised,
            const std::string& weights) {
    NetworkBuilder b;
    PortRef x = b.input({3, 224, 224});
    {
        NetworkBuilder::Scope features(b, "features");
        int place = 0;
        const auto next = [&](const std::string& kind, Params params = {}) {
            x = b.add(std::to_string(place++), kind, std::move(params), x);
        };
        for (const std::vector<int>& stage : stages) {
            for (int channels : stage) {
                next("Conv2d", {{"out_channels", channels}, {"kernel_size", 3}, {"padding", 1}});
                if (normalised) next("BatchNorm2d");
                next("ReLU");
            }
            next("MaxPool2d", {{"kernel_size", 2}, {"stride", 2}});
        }
    }
    x = b.add("avgpool", "AdaptiveAvgPool2d", {{"output_size", Value(List{7, 7})}}, x);
    x = b.add("flatten", "Flatten", {}, x);
    {
        NetworkBuilder::Scope classifier(b, "classifier", false);
        x = b.add("0", "Linear", {{"out_features", 4096}}, x);
        x = b.add("1", "ReLU", {}, x);
        x = b.add("2", "Dropout", {}, x);
        x = b.add("3", "Linear", {{"out_features", 4096}}, x);
        x = b.add("4", "ReLU", {}, x);
        x = b.add("5", "Dropout", {}, x);
    }
    classify(b, "classifier.6", x);
    return pictureProject(
        title,
        "Only 3 × 3 convolutions and 2 × 2 pools, again and again: two 3 × 3 windows in a row see "
        "as "
        "much as one of 5 × 5, with fewer weights and a bend more. Halve the picture, double the "
        "channels.",
        b, {{weights}});
}

}  // namespace

std::vector<ZooModel> vggs() {
    return {
        {"vgg11", [] { return vgg("VGG-11", kVgg11, false, "vgg11-8a719046.pth"); }},
        {"vgg11_bn",
         [] {
             return vgg("VGG-11 with batch normalisation", kVgg11, true, "vgg11_bn-6002323d.pth");
         }},
        {"vgg16", [] { return vgg("VGG-16", kVgg16, false, "vgg16-397923af.pth"); }},
        {"vgg16_bn", [] {
             return vgg("VGG-16 with batch normalisation", kVgg16, true, "vgg16_bn-6c64b313.pth");
         }}};
}

}  // namespace loom::zoo
