#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

// Source: torchvision.models.inception_v3 without its auxiliary head, after "Rethinking the
// Inception Architecture for Computer Vision".

Value sides(int height, int width) {
    return Value(List{height, width});
}

/// One long side, along the width or the height, the other 1.
PortRef flatConv(NetworkBuilder& b, const std::string& id, const PortRef& from, int channels,
                 int length, bool wide) {
    const int around = length / 2;
    return basicConv(b, id, from, channels, wide ? sides(1, length) : sides(length, 1),
                     {{"padding", wide ? sides(0, around) : sides(around, 0)}});
}

PortRef averagePool(NetworkBuilder& b, const PortRef& from) {
    return b.add("pool", "AvgPool2d", {{"kernel_size", 3}, {"stride", 1}, {"padding", 1}}, from);
}
PortRef halvingPool(NetworkBuilder& b, const std::string& id, const PortRef& from) {
    return b.add(id, "MaxPool2d", {{"kernel_size", 3}, {"stride", 2}}, from);
}

PortRef joined(NetworkBuilder& b, const std::vector<PortRef>& branches) {
    return b.add("concat", "Concat", {}, branches);
}

const Params kPadded = {{"padding", 1}};
const Params kHalving = {{"stride", 2}};

PortRef inceptionA(NetworkBuilder& b, const std::string& id, const PortRef& from, int pooled) {
    NetworkBuilder::Scope scope(b, id);
    const PortRef one = basicConv(b, "branch1x1", from, 64, 1);
    PortRef five = basicConv(b, "branch5x5_1", from, 48, 1);
    five = basicConv(b, "branch5x5_2", five, 64, 5, {{"padding", 2}});
    PortRef three = basicConv(b, "branch3x3dbl_1", from, 64, 1);
    three = basicConv(b, "branch3x3dbl_2", three, 96, 3, kPadded);
    three = basicConv(b, "branch3x3dbl_3", three, 96, 3, kPadded);
    const PortRef pool = basicConv(b, "branch_pool", averagePool(b, from), pooled, 1);
    return joined(b, {one, five, three, pool});
}

PortRef inceptionB(NetworkBuilder& b, const std::string& id, const PortRef& from) {
    NetworkBuilder::Scope scope(b, id);
    const PortRef once = basicConv(b, "branch3x3", from, 384, 3, kHalving);
    PortRef twice = basicConv(b, "branch3x3dbl_1", from, 64, 1);
    twice = basicConv(b, "branch3x3dbl_2", twice, 96, 3, kPadded);
    twice = basicConv(b, "branch3x3dbl_3", twice, 96, 3, kHalving);
    return joined(b, {once, twice, halvingPool(b, "pool", from)});
}

PortRef inceptionC(NetworkBuilder& b, const std::string& id, const PortRef& from, int channels) {
    NetworkBuilder::Scope scope(b, id);
    const PortRef one = basicConv(b, "branch1x1", from, 192, 1);
    PortRef once = basicConv(b, "branch7x7_1", from, channels, 1);
    once = flatConv(b, "branch7x7_2", once, channels, 7, true);
    once = flatConv(b, "branch7x7_3", once, 192, 7, false);
    PortRef twice = basicConv(b, "branch7x7dbl_1", from, channels, 1);
    twice = flatConv(b, "branch7x7dbl_2", twice, channels, 7, false);
    twice = flatConv(b, "branch7x7dbl_3", twice, channels, 7, true);
    twice = flatConv(b, "branch7x7dbl_4", twice, channels, 7, false);
    twice = flatConv(b, "branch7x7dbl_5", twice, 192, 7, true);
    const PortRef pool = basicConv(b, "branch_pool", averagePool(b, from), 192, 1);
    return joined(b, {one, once, twice, pool});
}

PortRef inceptionD(NetworkBuilder& b, const std::string& id, const PortRef& from) {
    NetworkBuilder::Scope scope(b, id);
    PortRef three = basicConv(b, "branch3x3_1", from, 192, 1);
    three = basicConv(b, "branch3x3_2", three, 320, 3, kHalving);
    PortRef seven = basicConv(b, "branch7x7x3_1", from, 192, 1);
    seven = flatConv(b, "branch7x7x3_2", seven, 192, 7, true);
    seven = flatConv(b, "branch7x7x3_3", seven, 192, 7, false);
    seven = basicConv(b, "branch7x7x3_4", seven, 192, 3, kHalving);
    return joined(b, {three, seven, halvingPool(b, "pool", from)});
}

PortRef inceptionE(NetworkBuilder& b, const std::string& id, const PortRef& from) {
    NetworkBuilder::Scope scope(b, id);
    const PortRef one = basicConv(b, "branch1x1", from, 320, 1);
    const PortRef three = basicConv(b, "branch3x3_1", from, 384, 1);
    const PortRef wide = flatConv(b, "branch3x3_2a", three, 384, 3, true);
    const PortRef high = flatConv(b, "branch3x3_2b", three, 384, 3, false);
    PortRef twice = basicConv(b, "branch3x3dbl_1", from, 448, 1);
    twice = basicConv(b, "branch3x3dbl_2", twice, 384, 3, kPadded);
    const PortRef twiceWide = flatConv(b, "branch3x3dbl_3a", twice, 384, 3, true);
    const PortRef twiceHigh = flatConv(b, "branch3x3dbl_3b", twice, 384, 3, false);
    const PortRef pool = basicConv(b, "branch_pool", averagePool(b, from), 192, 1);
    return joined(b, {one, wide, high, twiceWide, twiceHigh, pool});
}

Project inceptionV3() {
    NetworkBuilder b;
    PortRef x = b.input({3, 299, 299});
    x = basicConv(b, "Conv2d_1a_3x3", x, 32, 3, kHalving, true);
    x = basicConv(b, "Conv2d_2a_3x3", x, 32, 3, {}, true);
    x = basicConv(b, "Conv2d_2b_3x3", x, 64, 3, kPadded, true);
    x = halvingPool(b, "maxpool1", x);
    x = basicConv(b, "Conv2d_3b_1x1", x, 80, 1, {}, true);
    x = basicConv(b, "Conv2d_4a_3x3", x, 192, 3, {}, true);
    x = halvingPool(b, "maxpool2", x);
    x = inceptionA(b, "Mixed_5b", x, 32);
    x = inceptionA(b, "Mixed_5c", x, 64);
    x = inceptionA(b, "Mixed_5d", x, 64);
    x = inceptionB(b, "Mixed_6a", x);
    x = inceptionC(b, "Mixed_6b", x, 128);
    x = inceptionC(b, "Mixed_6c", x, 160);
    x = inceptionC(b, "Mixed_6d", x, 160);
    x = inceptionC(b, "Mixed_6e", x, 192);
    x = inceptionD(b, "Mixed_7a", x);
    x = inceptionE(b, "Mixed_7b", x);
    x = inceptionE(b, "Mixed_7c", x);
    x = b.add("avgpool", "AdaptiveAvgPool2d", {{"output_size", sides(1, 1)}}, x);
    x = b.add("dropout", "Dropout", {}, x);
    x = b.add("flatten", "Flatten", {}, x);
    classify(b, "fc", x);
    return pictureProject(
        "Inception v3",
        "GoogLeNet's idea with windows taken apart: 5 × 5 becomes two of 3 × 3, and 7 × 7 becomes "
        "1 × 7 and 7 × 1, which see as much for a fraction of the weights. The auxiliary "
        "classifier, which only helps training, is left out; weights that have it load all the "
        "same.",
        b, {.files = {"inception_v3_google-0cc3c7bd.pth"}, .side = 299, .transformsInput = true});
}

}  // namespace

std::vector<ZooModel> inceptions() {
    return {{"inception_v3", inceptionV3}};
}

}  // namespace loom::zoo
