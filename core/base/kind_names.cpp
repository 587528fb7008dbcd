#include "core/base/kind_names.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "core/base/catalogue.h"

namespace loom {
namespace {

/// Names that PyTorch and torchvision have given up, with those that took their place.
constexpr std::pair<std::string_view, std::string_view> kOldNames[] = {
    {"Scale", "Resize"},
    {"RandomSizedCrop", "RandomResizedCrop"},
    {"ToImageTensor", "ToImage"},
    {"ToImagePIL", "ToPILImage"},
    {"PILToTensor", "ToImage"},
    {"ConvertDtype", "ToDtype"},
    {"NLLLoss2d", "NLLLoss"},
    {"CrossEntropyLoss2d", "CrossEntropyLoss"},
    {"BCELossWithLogits", "BCEWithLogitsLoss"},
    {"MultilabelMarginLoss", "MultiLabelMarginLoss"},
    {"L2Loss", "MSELoss"},
    {"AbsCriterion", "L1Loss"},
    {"MSECriterion", "MSELoss"},
    {"ClassNLLCriterion", "NLLLoss"},
    {"CrossEntropyCriterion", "CrossEntropyLoss"},
    {"SpatialConvolution", "Conv2d"},
    {"SpatialMaxPooling", "MaxPool2d"},
    {"SpatialAveragePooling", "AvgPool2d"},
    {"SpatialBatchNormalization", "BatchNorm2d"},
    {"SpatialDropout", "Dropout2d"},
    {"Deconv2d", "ConvTranspose2d"},
    {"Conv2dTranspose", "ConvTranspose2d"},
    {"FeatureDropout", "Dropout2d"},
    {"UpsampleNearest2d", "UpsamplingNearest2d"},
    {"UpsampleBilinear2d", "UpsamplingBilinear2d"},
    {"Dense", "Linear"},
    {"FullyConnected", "Linear"},
    {"CosineAnnealingRestartsLR", "CosineAnnealingWarmRestarts"},
    {"CosineAnnealingWarmRestartsLR", "CosineAnnealingWarmRestarts"},
    {"ReduceOnPlateau", "ReduceLROnPlateau"},
    {"FashionMnistDataset", "FashionMNIST"},
    {"LSUNClass", "LSUN"},
};

/// Without case, underscores and dashes: "max_pool2d" is "maxpool2d".
std::string plain(std::string_view word) {
    std::string out;
    for (const char one : word)
        if (one != '_' && one != '-' && one != ' ')
            out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(one))));
    return out;
}

/// "torch.nn.Conv2d" and "nn.Conv2d" are "Conv2d".
std::string withoutModule(const std::string& word) {
    return word.substr(word.find_last_of('.') + 1);
}

bool isKnown(const std::vector<std::string>& known, std::string_view word) {
    return std::find(known.begin(), known.end(), word) != known.end();
}

/// The name that took the place of an old one; empty: it is none.
std::string renamed(const std::string& word, const std::vector<std::string>& known) {
    for (const auto& [old, now] : kOldNames)
        if (plain(old) == plain(word) && isKnown(known, now)) return std::string(now);
    return {};
}

/// The name that differs in nothing but its writing, functions' names of layers and losses
/// included; empty: there is none.
std::string written(const std::string& word, const std::vector<std::string>& known) {
    const std::string wanted = plain(word);
    for (const std::string& ending : {std::string(), std::string("loss"), std::string("lr")})
        for (const std::string& one : known)
            if (plain(one) == wanted + ending) return one;
    return {};
}

}  // namespace

std::vector<std::string> meantKinds(const std::string& word,
                                    const std::vector<std::string>& known) {
    const std::string bare = withoutModule(word);
    std::vector<std::string> meant;
    for (const std::string& one : {renamed(bare, known), written(bare, known)})
        if (!one.empty()) meant.push_back(one);
    for (const std::string& one : nearestWords(bare, known))
        if (!isKnown(meant, one)) meant.push_back(one);
    return meant;
}

std::string meantKindHint(const std::string& word, const std::vector<std::string>& known) {
    const std::string bare = withoutModule(word);
    if (const std::string now = renamed(bare, known); !now.empty())
        return "It is called " + now + " now.";
    if (const std::string now = written(bare, known); !now.empty())
        return "It is written " + now + ".";
    const auto near = nearestWords(bare, known);
    return near.empty() ? std::string() : "Did you mean " + near.front() + "?";
}

}  // namespace loom
