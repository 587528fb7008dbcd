#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

/// Halves the picture twice with strided convolutions and doubles it twice with transposed ones.
Project autoencoder() {
    NetworkBuilder b;
    PortRef x = b.input({});
    {
        NetworkBuilder::Scope encoder(b, "encoder");
        const auto down = [&](const std::string& id, int channels) {
            x = b.add(
                id, "Conv2d",
                {{"out_channels", channels}, {"kernel_size", 3}, {"stride", 2}, {"padding", 1}}, x);
        };
        down("0", 16);
        x = b.add("1", "ReLU", {}, x);
        down("2", 8);
        x = b.add("3", "ReLU", {}, x);
    }
    {
        NetworkBuilder::Scope decoder(b, "decoder");
        const auto up = [&](const std::string& id, int channels) {
            x = b.add(id, "ConvTranspose2d",
                      {{"out_channels", channels}, {"kernel_size", 2}, {"stride", 2}}, x);
        };
        up("0", 16);
        x = b.add("1", "ReLU", {}, x);
        up("2", 1);
        x = b.add("3", "Sigmoid", {}, x);
    }
    b.output(x);
    Project project;
    project.name = "Convolutional autoencoder";
    project.notes =
        "The network is to give back the picture it received, but in the middle there is room for "
        "only 8 × 7 × 7 = 392 of the 784 numbers: it must find out what matters. Nobody has to "
        "label anything.\n\nThings to try: give the last convolution of the encoder 2 channels "
        "instead of 8 and watch the loss; add noise to what goes in.";
    project.network = b.finish();
    project.data.dataset = {"FashionMNIST"};
    project.data.trainTransforms = {{"ToTensor"}};
    project.data.testTransforms = project.data.trainTransforms;
    project.data.targetIsInput = true;
    project.training.loss = {"MSELoss"};
    project.training.optimizer = {"Adam", {{"lr", Value(0.001)}}};
    return project;
}

}  // namespace

std::vector<ZooModel> autoencoders() {
    return {{"autoencoder", autoencoder}};
}

}  // namespace loom::zoo
