#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

/// Source: "Gradient-Based Learning Applied to Document Recognition", with the plain fully
/// connected C3 and outputs of today's textbooks.
Project leNet5() {
    NetworkBuilder b;
    PortRef x = b.input({});
    x = b.add("conv1", "Conv2d", {{"out_channels", 6}, {"kernel_size", 5}, {"padding", 2}}, x);
    x = b.add("tanh1", "Tanh", {}, x);
    x = b.add("pool1", "AvgPool2d", {{"kernel_size", 2}}, x);
    x = b.add("conv2", "Conv2d", {{"out_channels", 16}, {"kernel_size", 5}}, x);
    x = b.add("tanh2", "Tanh", {}, x);
    x = b.add("pool2", "AvgPool2d", {{"kernel_size", 2}}, x);
    x = b.add("conv3", "Conv2d", {{"out_channels", 120}, {"kernel_size", 5}}, x);
    x = b.add("tanh3", "Tanh", {}, x);
    x = b.add("flatten", "Flatten", {}, x);
    x = b.add("fc1", "Linear", {{"out_features", 84}}, x);
    x = b.add("tanh4", "Tanh", {}, x);
    classify(b, "fc2", x, 10);
    return fashionProject(
        "LeNet-5",
        "The network that read postcodes and cheques in the nineties: convolutions, averages and "
        "Tanh. Padding 2 at the first convolution makes the 28 × 28 pictures the 32 × 32 of the "
        "paper.\n\nThings to try: put ReLU in the place of Tanh and MaxPool2d in the place of "
        "AvgPool2d, and compare the curves.",
        b);
}

}  // namespace

std::vector<ZooModel> leNets() {
    return {{"lenet5", leNet5}};
}

}  // namespace loom::zoo
