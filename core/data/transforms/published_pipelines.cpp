#include "core/data/transforms/published_pipelines.h"

#include <algorithm>
#include <array>

namespace loom {
namespace {

using Triple = std::array<double, 3>;

/// What differs between torchvision's presets; every one is Resize by bilinear interpolation,
/// CenterCrop, ToTensor and Normalize.
struct Preset {
    const char* weights;
    const char* model;
    std::int64_t resize = 256;
    std::int64_t crop = 224;
    Triple mean = {0.485, 0.456, 0.406};
    Triple std = {0.229, 0.224, 0.225};
    bool transformsInput = false;
};

constexpr Triple kHalf = {0.5, 0.5, 0.5};

const Preset kPresets[] = {
    {"AlexNet_Weights.IMAGENET1K_V1", "alexnet"},
    {"VGG11_Weights.IMAGENET1K_V1", "vgg11"},
    {"VGG11_BN_Weights.IMAGENET1K_V1", "vgg11_bn"},
    {"VGG16_Weights.IMAGENET1K_V1", "vgg16"},
    {.weights = "VGG16_Weights.IMAGENET1K_FEATURES",
     .model = "vgg16",
     .mean = {0.48235, 0.45882, 0.40784},
     .std = {1.0 / 255, 1.0 / 255, 1.0 / 255}},
    {"VGG16_BN_Weights.IMAGENET1K_V1", "vgg16_bn"},
    {"ResNet18_Weights.IMAGENET1K_V1", "resnet18"},
    {"ResNet34_Weights.IMAGENET1K_V1", "resnet34"},
    {"ResNet50_Weights.IMAGENET1K_V1", "resnet50"},
    {"ResNet50_Weights.IMAGENET1K_V2", "resnet50", 232},
    {"SqueezeNet1_1_Weights.IMAGENET1K_V1", "squeezenet1_1"},
    {"MobileNet_V2_Weights.IMAGENET1K_V1", "mobilenet_v2"},
    {"MobileNet_V2_Weights.IMAGENET1K_V2", "mobilenet_v2", 232},
    {"GoogLeNet_Weights.IMAGENET1K_V1", "googlenet", 256, 224, kHalf, kHalf, true},
    {"Inception_V3_Weights.IMAGENET1K_V1", "inception_v3", 342, 299, kHalf, kHalf, true},
    {"DenseNet121_Weights.IMAGENET1K_V1", "densenet121"},
};

Value listOf(const Triple& numbers) {
    List list;
    for (const double number : numbers) list.push_back(Value(number));
    return Value(std::move(list));
}

std::vector<PublishedPipeline> makeAll() {
    std::vector<PublishedPipeline> all;
    for (const Preset& preset : kPresets)
        all.push_back(
            {preset.weights,
             preset.model,
             preset.transformsInput,
             {{"Resize", {{"size", Value(preset.resize)}, {"antialias", Value(true)}}},
              {"CenterCrop", {{"size", Value(preset.crop)}}},
              {"ToTensor"},
              {"Normalize", {{"mean", listOf(preset.mean)}, {"std", listOf(preset.std)}}}}});
    return all;
}

}  // namespace

const std::vector<PublishedPipeline>& publishedPipelines() {
    static const std::vector<PublishedPipeline> all = makeAll();
    return all;
}

const PublishedPipeline* findPublishedPipeline(const std::string& weights) {
    const auto& all = publishedPipelines();
    const auto found = std::find_if(all.begin(), all.end(), [&](const PublishedPipeline& one) {
        return one.weights == weights;
    });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace loom
