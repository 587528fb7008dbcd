#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

/// Reads the picture row by row: 28 steps of 28 numbers.
Project rowWise(const std::string& title, const std::string& kind, const std::string& id,
                const std::string& notes) {
    NetworkBuilder b;
    PortRef x = b.input({});
    x = b.add("squeeze", "Squeeze", {{"dim", 1}}, x);
    x = b.add(id, kind, {{"hidden_size", 128}, {"batch_first", true}}, x);
    x = b.add("select", "Select", {{"dim", 1}, {"index", -1}}, x);
    classify(b, "fc", x, 10);
    return fashionProject(title, notes, b);
}

Project cnnLstm() {
    NetworkBuilder b;
    PortRef x = b.input({});
    x = b.add("conv1", "Conv2d", {{"out_channels", 16}, {"kernel_size", 3}, {"padding", 1}}, x);
    x = b.add("relu1", "ReLU", {}, x);
    x = b.add("pool1", "MaxPool2d", {{"kernel_size", 2}}, x);
    x = b.add("conv2", "Conv2d", {{"out_channels", 32}, {"kernel_size", 3}, {"padding", 1}}, x);
    x = b.add("relu2", "ReLU", {}, x);
    x = b.add("pool2", "MaxPool2d", {{"kernel_size", 2}}, x);
    x = b.add("permute", "Permute", {{"dims", Value(List{0, 2, 1, 3})}}, x);
    x = b.add("flatten", "Flatten", {{"start_dim", 2}}, x);
    x = b.add("lstm", "LSTM", {{"hidden_size", 64}, {"batch_first", true}}, x);
    x = b.add("select", "Select", {{"dim", 1}, {"index", -1}}, x);
    classify(b, "fc", x, 10);
    return fashionProject(
        "CNN and LSTM",
        "Convolutions find edges and parts, then an LSTM reads the seven rows of what they found "
        "from top to bottom, and its last output is classified. So one reads lines of handwriting "
        "or frames of a film.\n\nThings to try: make the LSTM bidirectional; what must change "
        "behind it?",
        b);
}

}  // namespace

std::vector<ZooModel> recurrentNetworks() {
    return {
        {"row_lstm",
         [] {
             return rowWise("Row-wise LSTM", "LSTM", "lstm",
                            "An LSTM reads the picture as a text of 28 rows, each a word of 28 "
                            "numbers, and remembers what matters. The output after the last row is "
                            "classified.\n\nThings to try: put GRU or RNN in the place of LSTM and "
                            "compare the curves; give it two layers.");
         }},
        {"row_gru",
         [] {
             return rowWise("Row-wise GRU", "GRU", "gru",
                            "A GRU reads the picture row by row. It has three gates' weights where "
                            "an LSTM has four, and no separate cell.\n\nThings to try: compare its "
                            "parameters, speed and accuracy with the LSTM's.");
         }},
        {"cnn_lstm", cnnLstm}};
}

}  // namespace loom::zoo
