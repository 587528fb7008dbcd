#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

#include <numeric>

namespace loom {
namespace {

using namespace layers_detail;

/// Refuses what has no channels, height and width at its end.
std::optional<Inference> requirePlanes(const LayerContext& c) {
    if (c.inputs[0].rank() >= 3) return std::nullopt;
    return requireSides(c, 2);
}

ParamSpec factorSpec(const std::string& key, const std::string& hint) {
    return {.key = key,
            .type = ParamType::Int,
            .hint = hint,
            .required = true,
            .minimum = 1,
            .suggestion = 2};
}

std::string text(std::int64_t number) {
    return std::to_string(number);
}

LayerKind pixelShuffle() {
    LayerKind kind;
    kind.gives = Gives::WhatArrives;
    kind.info = {"PixelShuffle",
                 "vision",
                 "turns channels into a finer picture",
                 "Takes upscale_factor² channels for one: each gives every second (third ...) "
                 "point of a larger picture. With a convolution before it, it makes pictures "
                 "larger by what it has learned; used in super-resolution.",
                 "torch.nn.PixelShuffle",
                 {"super resolution", "sub-pixel", "upsample", "depth to space"},
                 "y[c, r·i + a, r·j + b] = x[c·r² + r·a + b, i, j], r = upscale_factor"};
    kind.inputs = {{"input", {}, Elements::Any}};
    kind.params = {factorSpec("upscale_factor", "How many times as high and wide it becomes.")};
    kind.badge = [](const Settings& s) { return "×" + text(s.integer("upscale_factor")); };
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = requirePlanes(c)) return *problem;
        const std::int64_t r = c.settings.integer("upscale_factor");
        Shape shape = c.inputs[0];
        std::int64_t &channels = shape.dims[shape.rank() - 3],
                     &height = shape.dims[shape.rank() - 2], &width = shape.dims[shape.rank() - 1];
        if (channels % times(r, r) != 0) {
            const std::int64_t next = times(channels / times(r, r) + 1, r, r);
            std::vector<Fix> fixes;
            if (shape.rank() == 3 && shape.type == ElementType::Float)
                fixes.push_back(insertBeforeFix(
                    c.node.id, "Insert a 1×1 convolution to " + groupDigits(next) + " channels",
                    "Conv2d", {{"out_channels", Value(next)}, {"kernel_size", Value(1)}}));
            return refuse(
                c,
                "makes one channel of " + text(r) + "² = " + text(times(r, r)) + ", but " +
                    groupDigits(channels) +
                    (channels == 1 ? " channel arrives" : " channels arrive") +
                    ", which is no multiple of it.",
                "Let " + groupDigits(next) + " channels arrive, or take another upscale_factor.",
                std::move(fixes), 0);
        }
        Inference inference;
        inference.formulas = {
            {"Output channels",
             text(channels) + "/" + text(r) + "² = " + text(channels / times(r, r))},
            {"Output height", text(height) + "·" + text(r) + " = " + text(times(height, r))},
            {"Output width", text(width) + "·" + text(r) + " = " + text(times(width, r))}};
        channels /= times(r, r);
        height = times(height, r);
        width = times(width, r);
        inference.outputs = {shape};
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure([r = c.settings.integer("upscale_factor")](const at::Tensor& x) {
            return at::pixel_shuffle(x, r);
        });
    };
    return kind;
}

LayerKind pixelUnshuffle() {
    LayerKind kind;
    kind.gives = Gives::WhatArrives;
    kind.info = {"PixelUnshuffle",
                 "vision",
                 "turns a picture into more channels of a coarser one",
                 "The way back of PixelShuffle: every second (third ...) point goes into a channel "
                 "of its own, so that the picture becomes smaller and nothing is lost.",
                 "torch.nn.PixelUnshuffle",
                 {"space to depth", "downsample"},
                 "y[c·r² + r·a + b, i, j] = x[c, r·i + a, r·j + b], r = downscale_factor"};
    kind.inputs = {{"input", {}, Elements::Any}};
    kind.params = {factorSpec("downscale_factor", "By how much height and width are divided.")};
    kind.badge = [](const Settings& s) { return "÷" + text(s.integer("downscale_factor")); };
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = requirePlanes(c)) return *problem;
        const std::int64_t r = c.settings.integer("downscale_factor");
        Shape shape = c.inputs[0];
        std::int64_t &channels = shape.dims[shape.rank() - 3],
                     &height = shape.dims[shape.rank() - 2], &width = shape.dims[shape.rank() - 1];
        if (height % r != 0 || width % r != 0) {
            const std::int64_t fits = std::gcd(std::gcd(height, width), r);
            return refuse(c,
                          "divides height and width by " + text(r) + ", but " +
                              sizeText({height, width}) + " cannot be divided evenly.",
                          "Take a downscale_factor that divides both, or pad before.",
                          {setParamFix(c.node.id, "Set downscale_factor to " + text(fits),
                                       "downscale_factor", Value(fits)),
                           insertBeforeFix(
                               c.node.id, "Insert zeros at the edge", "ZeroPad2d",
                               {{"padding", Value(List{Value(0), Value((r - width % r) % r),
                                                       Value(0), Value((r - height % r) % r)})}})},
                          0);
        }
        Inference inference;
        inference.formulas = {
            {"Output channels",
             text(channels) + "·" + text(r) + "² = " + text(times(channels, r, r))},
            {"Output height", text(height) + "/" + text(r) + " = " + text(height / r)},
            {"Output width", text(width) + "/" + text(r) + " = " + text(width / r)}};
        channels = times(channels, r, r);
        height /= r;
        width /= r;
        inference.outputs = {shape};
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure([r = c.settings.integer("downscale_factor")](const at::Tensor& x) {
            return at::pixel_unshuffle(x, r);
        });
    };
    return kind;
}

LayerKind channelShuffle() {
    LayerKind kind;
    kind.gives = Gives::WhatArrives;
    kind.info = {"ChannelShuffle",
                 "vision",
                 "deals the channels out anew among their groups",
                 "As cards are dealt: the first of every group, then the second of every group, "
                 "and so on. Between two convolutions with groups it lets the groups see each "
                 "other, as in ShuffleNet. It learns nothing.",
                 "torch.nn.ChannelShuffle",
                 {"shufflenet", "permute", "groups"},
                 "y[i·groups + g] = x[g·C/groups + i]"};
    kind.inputs = {{"input", {}, Elements::Any}};
    kind.params = {factorSpec("groups", "How many groups the channels stand in.")};
    kind.badge = [](const Settings& s) { return text(s.integer("groups")) + " groups"; };
    kind.infer = [](const LayerContext& c) -> Inference {
        const Shape& input = c.inputs[0];
        if (input.rank() < 2) {
            return refuse(c,
                          "receives " + describe(input) +
                              ", but ChannelShuffle takes channels with at least one side, such as "
                              "a picture, C × H × W.",
                          "Put it before the block that flattens the picture.", {}, 0);
        }
        const std::int64_t groups = c.settings.integer("groups"), channels = input.dims[0];
        if (channels % groups != 0) {
            const std::int64_t fits = std::gcd(channels, groups);
            return refuse(
                c,
                "deals " + groupDigits(channels) + (channels == 1 ? " channel" : " channels") +
                    " out among " + text(groups) + " groups, which does not come out even.",
                "Take a number of groups that divides " + groupDigits(channels) + ".",
                {setParamFix(c.node.id, "Set groups to " + text(fits), "groups", Value(fits))});
        }
        Inference inference;
        inference.outputs = {input};
        return inference;
    };
    // Written out, because LibTorch 1.13's own has no gradient.
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure([groups = c.settings.integer("groups")](const at::Tensor& x) {
            return x.reshape({x.size(0), groups, x.size(1) / groups, -1})
                .transpose(1, 2)
                .reshape(x.sizes());
        });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> shufflingLayers() {
    return {pixelShuffle(), pixelUnshuffle(), channelShuffle()};
}

}  // namespace loom
