#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

Choice normalize(const List& mean, const List& std) {
    return {"Normalize", {{"mean", Value(mean)}, {"std", Value(std)}}};
}

/// Where the weights are, and what becomes of them here.
std::string weightsNote(const PublishedWeights& weights) {
    std::string text =
        "\n\nThe blocks have torchvision's names, so that its weights load by name: "
        "download\nhttps://download.pytorch.org/models/" +
        weights.files.front() + "\nand choose " + weights.files.front() +
        " under Start from on the Train page.";
    for (std::size_t i = 1; i < weights.files.size(); ++i)
        text +=
            " An earlier training of the same network is\nhttps://download.pytorch.org/models/" +
            weights.files[i];
    if (weights.transformsInput)
        text +=
            "\n\nThese weights expect pictures with a mean and deviation of 0.5. torchvision's "
            "pretrained model brings pictures there from ImageNet's mean and deviation by "
            "itself (transform_input); here Normalize does it.";
    return text;
}

}  // namespace

std::vector<ZooModel> allModels() {
    std::vector<ZooModel> all;
    for (const auto family :
         {alexNets, vggs, resNets, squeezeNets, mobileNets, googLeNets, inceptions, denseNets,
          leNets, recurrentNetworks, visionTransformers, autoencoders, linearRegressions})
        for (ZooModel& model : family()) all.push_back(std::move(model));
    return all;
}

Project pictureProject(const std::string& title, const std::string& notes,
                       const NetworkBuilder& network, const PublishedWeights& weights) {
    Project project;
    project.name = title;
    project.notes = notes + weightsNote(weights);
    project.network = network.finish();
    project.data.dataset = {"FashionMNIST"};
    // What torchvision's weights expect: as a rule the mean and deviation of ImageNet's pictures.
    project.data.trainTransforms = {{"Grayscale", {{"num_output_channels", Value(3)}}},
                                    {"Resize", {{"size", Value(List{weights.side, weights.side})}}},
                                    {"ToTensor"},
                                    weights.transformsInput
                                        ? normalize({0.5, 0.5, 0.5}, {0.5, 0.5, 0.5})
                                        : normalize({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225})};
    project.data.testTransforms = project.data.trainTransforms;
    project.training.optimizer = {"SGD", {{"lr", Value(0.001)}, {"momentum", Value(0.9)}}};
    project.training.batchSize = 32;
    project.training.epochs = 3;
    return project;
}

Project fashionProject(const std::string& title, const std::string& notes,
                       const NetworkBuilder& network) {
    Project project;
    project.name = title;
    project.notes = notes;
    project.network = network.finish();
    project.data.dataset = {"FashionMNIST"};
    project.data.trainTransforms = {{"ToTensor"}, normalize({0.286}, {0.353})};
    project.data.testTransforms = project.data.trainTransforms;
    project.training.optimizer = {"Adam", {{"lr", Value(0.001)}}};
    return project;
}

void classify(NetworkBuilder& b, const std::string& id, const PortRef& from, std::int64_t classes) {
    b.output(b.add(id, "Linear", {{"out_features", Value(classes)}}, from));
}

}  // namespace loom::zoo
