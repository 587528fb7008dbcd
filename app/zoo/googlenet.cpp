#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

// Source: torchvision.models.googlenet without its auxiliary heads, after "Going Deeper with
// Convolutions". As in torchvision, the branch that the paper gives 5×5 windows has 3×3 ones.

struct Widths {
    int one, threeReduced, three, fiveReduced, five, pool;
};

PortRef inception(NetworkBuilder& b, const std::string& id, const PortRef& from, const Widths& w) {
    NetworkBuilder::Scope scope(b, id);
    const PortRef one = basicConv(b, "branch1", from, w.one, 1);
    PortRef three = basicConv(b, "branch2.0", from, w.threeReduced, 1);
    three = basicConv(b, "branch2.1", three, w.three, 3, {{"padding", 1}});
    PortRef five = basicConv(b, "branch3.0", from, w.fiveReduced, 1);
    five = basicConv(b, "branch3.1", five, w.five, 3, {{"padding", 1}});
    PortRef pool =
        b.add("branch4.0", "MaxPool2d",
              {{"kernel_size", 3}, {"stride", 1}, {"padding", 1}, {"ceil_mode", true}}, from);
    pool = basicConv(b, "branch4.1", pool, w.pool, 1);
    return b.add("concat", "Concat", {}, std::vector{one, three, five, pool});
}

Project googLeNet() {
    NetworkBuilder b;
    const auto pool = [&](const std::string& id, const PortRef& from, int kernel) {
        return b.add(id, "MaxPool2d", {{"kernel_size", kernel}, {"stride", 2}, {"ceil_mode", true}},
                     from);
    };
    PortRef x = b.input({3, 224, 224});
    x = basicConv(b, "conv1", x, 64, 7, {{"stride", 2}, {"padding", 3}}, true);
    x = pool("maxpool1", x, 3);
    x = basicConv(b, "conv2", x, 64, 1, {}, true);
    x = basicConv(b, "conv3", x, 192, 3, {{"padding", 1}}, true);
    x = pool("maxpool2", x, 3);
    x = inception(b, "inception3a", x, {64, 96, 128, 16, 32, 32});
    x = inception(b, "inception3b", x, {128, 128, 192, 32, 96, 64});
    x = pool("maxpool3", x, 3);
    x = inception(b, "inception4a", x, {192, 96, 208, 16, 48, 64});
    x = inception(b, "inception4b", x, {160, 112, 224, 24, 64, 64});
    x = inception(b, "inception4c", x, {128, 128, 256, 24, 64, 64});
    x = inception(b, "inception4d", x, {112, 144, 288, 32, 64, 64});
    x = inception(b, "inception4e", x, {256, 160, 320, 32, 128, 128});
    x = pool("maxpool4", x, 2);
    x = inception(b, "inception5a", x, {256, 160, 320, 32, 128, 128});
    x = inception(b, "inception5b", x, {384, 192, 384, 48, 128, 128});
    x = b.add("avgpool", "AdaptiveAvgPool2d", {{"output_size", Value(List{1, 1})}}, x);
    x = b.add("flatten", "Flatten", {}, x);
    x = b.add("dropout", "Dropout", {{"p", 0.2}}, x);
    classify(b, "fc", x);
    return pictureProject(
        "GoogLeNet",
        "Windows of several sizes look at the same place side by side, and their channels are put "
        "one behind the other: an inception module. 1 × 1 convolutions before the large windows "
        "keep "
        "it cheap. The two auxiliary classifiers of the paper, which only help training, are left "
        "out; weights that have them load all the same.",
        b, {.files = {"googlenet-1378be20.pth"}, .transformsInput = true});
}

}  // namespace

std::vector<ZooModel> googLeNets() {
    return {{"googlenet", googLeNet}};
}

}  // namespace loom::zoo
