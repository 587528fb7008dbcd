#include "core/backend/layer.h"
#include "core/layers/families.h"
#include "core/layers/inference.h"

namespace loom {
namespace {

using namespace layers_detail;

struct Sides {
    Window rows, columns;
};

Sides windows(const Settings& s) {
    const auto kernel = s.integers("kernel_size", 2), stride = s.integers("stride", 2),
               dilation = s.integers("dilation", 2);
    Sides sides{{kernel[0], stride[0], 0, dilation[0]}, {kernel[1], stride[1], 0, dilation[1]}};
    if (!isWord(s, "padding")) {
        const auto padding = s.integers("padding", 2);
        sides.rows.padding = padding[0];
        sides.columns.padding = padding[1];
    }
    return sides;
}

Inference inferConv2d(const LayerContext& c) {
    if (auto problem = requirePicture(c)) return *problem;
    const Settings& s = c.settings;
    const Shape& input = c.inputs[0];
    Inference inference;
    if (auto problem = agree(c, "in_channels", input.dims[0],
                             input.dims[0] == 1 ? "channel" : "channels", inference))
        return *problem;
    const std::int64_t in = input.dims[0], out = s.integer("out_channels"),
                       groups = s.integer("groups");
    if (in % groups != 0 || out % groups != 0) {
        return refuse(c,
                      "splits its channels into " + std::to_string(groups) + " groups, but " +
                          (in % groups != 0 ? std::to_string(in) + " incoming channels"
                                            : std::to_string(out) + " out_channels") +
                          " cannot be divided evenly by " + std::to_string(groups) + ".",
                      "Take a number of groups that divides both " + std::to_string(in) + " and " +
                          std::to_string(out) + ".",
                      {setParamFix(c.node.id, "Set groups to 1", "groups", std::nullopt)});
    }
    Sides w = windows(s);
    const std::string mode = s.text("padding_mode");
    if (s.text("padding") == "same") {
        if (w.rows.stride != 1 || w.columns.stride != 1) {
            return refuse(c,
                          "has padding \"same\" with a stride of " +
                              sizeText(s.integers("stride", 2)) +
                              ", but PyTorch offers \"same\" only with stride 1.",
                          "Give the padding as a number, or set stride to 1.",
                          {setParamFix(c.node.id, "Set stride to 1", "stride", std::nullopt),
                           setParamFix(c.node.id,
                                       "Set padding to " + std::to_string((w.rows.reach() - 1) / 2),
                                       "padding", Value((w.rows.reach() - 1) / 2))});
        }
        inference.outputs = {Shape{{out, input.dims[1], input.dims[2]}}};
        inference.formulas = {
            {"Output height and width",
             "padding \"same\" keeps " + sizeText({input.dims[1], input.dims[2]})}};
    } else {
        const bool reflects = mode == "reflect", wraps = mode == "circular";
        for (int side = 0; side < 2; ++side) {
            const std::int64_t padding = side == 0 ? w.rows.padding : w.columns.padding,
                               length = input.dims[static_cast<std::size_t>(side) + 1];
            if ((reflects && padding >= length) || (wraps && padding > length)) {
                return refuse(c,
                              "pads " + std::to_string(padding) + " by " + mode +
                                  ", but a side of the picture is only " + std::to_string(length) +
                                  " long.",
                              "Take a smaller padding or padding_mode zeros.",
                              {setParamFix(c.node.id, "Set padding_mode to zeros", "padding_mode",
                                           std::nullopt)});
            }
        }
        const Windows slid = slide(c, w.rows, w.columns, true);
        if (slid.problem) return *slid.problem;
        inference.outputs = {Shape{{out, slid.sides[0], slid.sides[1]}}};
        inference.formulas = slid.formulas;
    }
    const std::int64_t perOutput = in / groups * w.rows.kernel * w.columns.kernel;
    inference.parameters = out * perOutput + (s.flag("bias") ? out : 0);
    inference.macs = inference.outputs[0].count() * perOutput;
    return inference;
}

std::shared_ptr<backend::BuiltLayer> buildConv2d(const LayerContext& c,
                                                 const Inference& inference) {
    const Settings& s = c.settings;
    torch::nn::Conv2dOptions options(inference.inferred.find("in_channels")->asInt(),
                                     s.integer("out_channels"),
                                     torch::ExpandingArray<2>(s.integers("kernel_size", 2)));
    options.stride(s.integers("stride", 2))
        .dilation(s.integers("dilation", 2))
        .groups(s.integer("groups"))
        .bias(s.flag("bias"));
    const std::string padding = s.text("padding"), mode = s.text("padding_mode");
    if (padding == "same")
        options.padding(torch::kSame);
    else if (padding == "valid")
        options.padding(torch::kValid);
    else
        options.padding(s.integers("padding", 2));
    if (mode == "reflect") options.padding_mode(torch::kReflect);
    if (mode == "replicate") options.padding_mode(torch::kReplicate);
    if (mode == "circular") options.padding_mode(torch::kCircular);
    torch::nn::Conv2d module(options);
    auto built = std::make_shared<backend::BuiltLayer>();
    built->module = module.ptr();
    built->forward = [module](const std::vector<at::Tensor>& in) mutable {
        return std::vector{module(in[0])};
    };
    return built;
}

LayerKind conv2d() {
    LayerKind kind;
    kind.info = {"Conv2d",
                 "convolution",
                 "slides small filters over the picture",
                 "Each of the out_channels filters is a small window of weights. It moves over the "
                 "picture in steps of stride and "
                 "writes, at every place, the sum of products of its weights with what lies under "
                 "it. Early layers find edges, later "
                 "ones parts and things.",
                 "torch.nn.Conv2d",
                 {"convolution", "filter", "kernel"}};
    kind.params = {
        {.key = "in_channels",
         .type = ParamType::Int,
         .hint = "Channels of the picture that arrives. Found from the input when left out.",
         .inferred = true,
         .minimum = 1},
        {.key = "out_channels",
         .type = ParamType::Int,
         .hint = "Number of filters, and so of channels that come out.",
         .required = true,
         .minimum = 1,
         .suggestion = 32},
        {.key = "kernel_size",
         .type = ParamType::Ints,
         .hint = "Height and width of each filter; one number for a square.",
         .required = true,
         .arity = 2,
         .minimum = 1,
         .suggestion = 3},
        {.key = "stride",
         .type = ParamType::Ints,
         .defaultValue = 1,
         .hint = "How far the filter moves each time.",
         .arity = 2,
         .minimum = 1},
        {.key = "padding",
         .type = ParamType::Ints,
         .defaultValue = 0,
         .hint =
             "Rows and columns added at each edge. \"same\" keeps the size, \"valid\" adds none.",
         .arity = 2,
         .minimum = 0,
         .choices = {"same", "valid"}},
        {.key = "dilation",
         .type = ParamType::Ints,
         .defaultValue = 1,
         .hint = "Distance between the filter's points: 2 leaves one out in between.",
         .arity = 2,
         .minimum = 1},
        {.key = "groups",
         .type = ParamType::Int,
         .defaultValue = 1,
         .hint = "Splits channels into groups that do not see each other; equal to in_channels it "
                 "is a depthwise convolution.",
         .minimum = 1},
        {.key = "bias",
         .type = ParamType::Bool,
         .defaultValue = true,
         .hint = "Adds a learnable number to each output channel."},
        {.key = "padding_mode",
         .type = ParamType::Choice,
         .defaultValue = "zeros",
         .hint = "What stands in the added rows and columns.",
         .choices = {"zeros", "reflect", "replicate", "circular"}},
    };
    kind.badge = [](const Settings& s) {
        std::string text = std::to_string(s.integer("out_channels")) + ", " +
                           sizeText(s.integers("kernel_size", 2));
        if (s.integers("stride", 2) != std::vector<std::int64_t>{1, 1})
            text += ", s" + Value(s.value("stride")).toText();
        if (isWord(s, "padding"))
            text += ", " + s.text("padding");
        else if (s.integers("padding", 2) != std::vector<std::int64_t>{0, 0})
            text += ", p" + s.value("padding").toText();
        if (s.integers("dilation", 2) != std::vector<std::int64_t>{1, 1})
            text += ", d" + s.value("dilation").toText();
        if (s.integer("groups") != 1) text += ", g" + std::to_string(s.integer("groups"));
        return text;
    };
    kind.infer = inferConv2d;
    kind.build = buildConv2d;
    return kind;
}

}  // namespace

std::vector<LayerKind> convolutionLayers() {
    return {conv2d()};
}

}  // namespace loom
