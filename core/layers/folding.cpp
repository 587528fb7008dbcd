#include "core/backend/building.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

namespace loom {
namespace {

using namespace layers_detail;

/// dilation, padding and stride, in Python's order.
std::vector<ParamSpec> blockSpecs() {
    return {perSide("dilation", 2, "Distance between the window's points.", 1, 1),
            perSide("padding", 2, "Rows and columns of zeros added at each edge.", 0, 0),
            perSide("stride", 2, "How far the window moves each time.", 1, 1)};
}

ParamSpec windowSize() {
    ParamSpec spec = sidesSpec("kernel_size", 2, " of the window");
    spec.required = true;
    spec.suggestion = 2;
    return spec;
}

struct Block {
    std::vector<std::int64_t> kernel, dilation, padding, stride;
    explicit Block(const Settings& s)
        : kernel(s.integers("kernel_size", 2)),
          dilation(s.integers("dilation", 2)),
          padding(s.integers("padding", 2)),
          stride(s.integers("stride", 2)) {}
};

LayerKind unfold() {
    LayerKind kind;
    kind.info = {"Unfold",
                 "convolution",
                 "lays every window of the picture out as a column",
                 "What a convolution looks at, place by place: column j holds all numbers under "
                 "the window at its j-th place. With stride equal to kernel_size it cuts a picture "
                 "into patches, as a Vision Transformer does.",
                 "torch.nn.Unfold",
                 {"im2col", "patches", "sliding window", "patch"},
                 "y[:, j] = the C·kernel_size² numbers of x under the window at place j"};
    kind.params = {windowSize()};
    for (ParamSpec& spec : blockSpecs()) kind.params.push_back(spec);
    kind.badge = [](const Settings& s) { return windowBadge(s, 2); };
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = requireSides(c, 2)) return *problem;
        const Slid slid = slide(c, windowsOf(c.settings, 2), true);
        if (slid.problem) return *slid.problem;
        const auto kernel = c.settings.integers("kernel_size", 2);
        const std::vector<std::int64_t> column = {c.inputs[0].dims[0], kernel[0], kernel[1]};
        Inference inference;
        inference.outputs = {Shape{{product(column), product(slid.sides)}}};
        for (const FilledFormula& formula : slid.formulas)
            inference.formulas.push_back({"Places, " + formula.label.substr(7), formula.text});
        inference.formulas.push_back({"Numbers in a column", productText(column)});
        inference.formulas.push_back({"Columns", productText(slid.sides)});
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure([b = Block(c.settings)](const at::Tensor& x) {
            return at::im2col(x, b.kernel, b.dilation, b.padding, b.stride);
        });
    };
    return kind;
}

Inference inferFold(const LayerContext& c) {
    const Shape& input = c.inputs[0];
    if (input.rank() != 2) {
        return refuse(c,
                      "receives " + describe(input) +
                          ", but Fold takes columns side by side, as Unfold gives them: two sides.",
                      "Put it behind an Unfold, or bring what arrives into the form "
                      "(C·kernel_size²) × columns.",
                      {}, 0);
    }
    const auto kernel = c.settings.integers("kernel_size", 2),
               size = c.settings.integers("output_size", 2);
    const std::vector<Window> windows = windowsOf(c.settings, 2);
    const std::int64_t window = product(kernel);
    if (input.dims[0] % window != 0) {
        return refuse(c,
                      "receives columns of " + groupDigits(input.dims[0]) +
                          " numbers, which is no whole number of " + sizeText(kernel) + " = " +
                          std::to_string(window) + " windows.",
                      "Take the kernel_size that cut the columns out.", {}, 0);
    }
    std::vector<std::int64_t> places = {windows[0].output(size[0]), windows[1].output(size[1])};
    if (places[0] < 1 || places[1] < 1) {
        return refuse(c,
                      "slides a window of " + sizeText({windows[0].reach(), windows[1].reach()}) +
                          " over an output_size of " + sizeText(size) + ", which is smaller.",
                      "Take the output_size that the picture had before Unfold.");
    }
    if (product(places) != input.dims[1]) {
        return refuse(c,
                      "has " + productText(places) + " places in an output_size of " +
                          sizeText(size) + ", but " + groupDigits(input.dims[1]) +
                          " columns arrive.",
                      "Take the output_size, stride and padding of the Unfold that cut the columns "
                      "out.",
                      {}, 0);
    }
    Inference inference;
    inference.outputs = {Shape{{input.dims[0] / window, size[0], size[1]}}};
    inference.formulas = {
        {"Places", productText(places)},
        {"Channels", groupDigits(input.dims[0]) + "/(" + std::to_string(kernel[0]) + "·" +
                         std::to_string(kernel[1]) + ") = " + groupDigits(input.dims[0] / window)}};
    return inference;
}

LayerKind fold() {
    LayerKind kind;
    kind.info = {"Fold",
                 "convolution",
                 "adds columns up to a picture, the way back of Unfold",
                 "Every column is put back as a window at its place; where windows overlap their "
                 "numbers are added.",
                 "torch.nn.Fold",
                 {"col2im", "patches", "patch"},
                 "y = Σⱼ column x[:, j], put down as a window at place j"};
    ParamSpec size = sidesSpec("output_size", 2, " that come out");
    size.required = true;
    size.suggestion = 28;
    kind.params = {size, windowSize()};
    for (ParamSpec& spec : blockSpecs()) kind.params.push_back(spec);
    kind.badge = [](const Settings& s) {
        return "to " + s.value("output_size").toText() + ", " + windowBadge(s, 2);
    };
    kind.infer = inferFold;
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure([b = Block(c.settings),
                              size = c.settings.integers("output_size", 2)](const at::Tensor& x) {
            return at::col2im(x, size, b.kernel, b.dilation, b.padding, b.stride);
        });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> foldingLayers() {
    return {unfold(), fold()};
}

}  // namespace loom
