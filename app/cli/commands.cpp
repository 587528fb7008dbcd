#include "app/cli/command.h"

namespace loom::cli {

const std::vector<Command>& commands() {
    static const std::vector<Command> kCommands{
        {"check", "Tell everything that is wrong with a project", declareCheck},
        {"summary", "List the blocks with their shapes, parameters and multiply-adds",
         declareSummary},
        {"train", "Train a project", declareTrain},
        {"evaluate", "Loss and accuracy of trained weights on the test split", declareEvaluate},
        {"predict", "Classify pictures with trained weights", declarePredict},
        {"forward", "Run the network once on a saved tensor", declareForward},
        {"init", "Save freshly initialised weights", declareInit},
        {"match", "Say which tensors of a weight file fit the network, and which do not",
         declareMatch},
        {"transform", "Send one picture through the transforms", declareTransform},
        {"export", "Write trained weights in another format", declareExport},
        {"datasets", "What data sets there are, where they lie, how to get them", declareDatasets},
        {"catalogue", "Every layer, loss, optimizer, transform, ... with its parameters",
         declareCatalogue},
        {"bench", "Measure how many samples a second this machine trains", declareBench},
    };
    return kCommands;
}

}  // namespace loom::cli
