#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

Project linearRegression() {
    NetworkBuilder b;
    const PortRef x = b.input({});
    b.output(b.add("fc", "Linear", {{"out_features", 1}}, x));
    Project project;
    project.name = "Linear regression, y = 3x + 0.8";
    project.notes =
        "The first lesson: the smallest network there is. One Linear layer has one weight and one "
        "bias, and training finds the line's slope, 3, and its intercept, 0.8. What every larger "
        "network does is this, many times over: forward, loss, backward, step.\n\nThings to try: "
        "look at weight and bias after each epoch; raise the noise on the Data page; make the "
        "learning rate ten times larger and see the loss jump.";
    project.network = b.finish();
    project.data.dataset = {"Line"};
    project.training.loss = {"MSELoss"};
    project.training.optimizer = {"SGD", {{"lr", Value(0.1)}}};
    project.training.batchSize = 20;
    project.training.epochs = 20;
    return project;
}

}  // namespace

std::vector<ZooModel> linearRegressions() {
    return {{"linear_regression", linearRegression}};
}

}  // namespace loom::zoo
