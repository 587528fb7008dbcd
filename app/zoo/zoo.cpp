#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

Choice normalize(const List& mean, const List& std) {
    return {"Normalize", {{"mean", Value(mean)}, {"std", Value(std)}}};
}

}  // namespace

std::vector<ZooModel> allModels() {
    std::vector<ZooModel> all;
    for (const auto family :
         {alexNets, vggs, resNets, squeezeNets, mobileNets, googLeNets, denseNets, leNets,
          recurrentNetworks, visionTransformers, autoencoders, linearRegressions})
        for (ZooModel& model : family()) all.push_back(std::move(model));
    return all;
}

Project pictureProject(const std::string& title, const std::string& notes,
                       const NetworkBuilder& network) {
    Project project;
    project.name = title;
    project.notes = notes;
    project.network = network.finish();
    project.data.dataset = {"FashionMNIST"};
    // The mean and deviation of ImageNet's pictures, which torchvision's weights expect.
    project.data.trainTransforms = {{"Grayscale", {{"num_output_channels", Value(3)}}},
                                    {"Resize", {{"size", Value(List{224, 224})}}},
                                    {"ToTensor"},
                                    normalize({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225})};
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
