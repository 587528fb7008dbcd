#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/zoo/network_builder.h"
#include "core/project/project.h"

namespace loom::zoo {

/// One project of the zoo: `projects/zoo/<name>.loom`.
struct ZooModel {
    std::string name;  ///< torchvision's function where there is one
    std::function<Project()> make;
};

// One function per family of models; its .cpp holds all there is to know of them.
std::vector<ZooModel> alexNets();
std::vector<ZooModel> vggs();
std::vector<ZooModel> resNets();
std::vector<ZooModel> squeezeNets();
std::vector<ZooModel> mobileNets();
std::vector<ZooModel> googLeNets();
std::vector<ZooModel> inceptions();
std::vector<ZooModel> denseNets();
std::vector<ZooModel> leNets();
std::vector<ZooModel> recurrentNetworks();
std::vector<ZooModel> visionTransformers();
std::vector<ZooModel> autoencoders();
std::vector<ZooModel> linearRegressions();

std::vector<ZooModel> allModels();

/// What torchvision says of a model's published weights.
struct PublishedWeights {
    std::vector<std::string> files;  ///< below https://download.pytorch.org/models/, default first
    std::int64_t side = 224;         ///< of the pictures they were trained with
    /// The pretrained model is built with `transform_input`: its pictures get mean and deviation
    /// 0.5 in place of ImageNet's.
    bool transformsInput = false;
};

/// A project around a network for colour pictures as torchvision's models take them: Fashion-MNIST,
/// which needs no download, in three channels and enlarged. The notes get where the weights are.
Project pictureProject(const std::string& title, const std::string& notes,
                       const NetworkBuilder& network, const PublishedWeights& weights);
/// A project around a network for Fashion-MNIST as it is, 1×28×28.
Project fashionProject(const std::string& title, const std::string& notes,
                       const NetworkBuilder& network);

/// The end of torchvision's models: the last Linear and the Output.
void classify(NetworkBuilder& b, const std::string& id, const PortRef& from,
              std::int64_t classes = 1000);

}  // namespace loom::zoo
