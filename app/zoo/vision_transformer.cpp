#include "app/zoo/zoo.h"

namespace loom::zoo {
namespace {

/// Source: torchvision.models.VisionTransformer, after "An Image is Worth 16x16 Words", made small:
/// sixteen patches of 7×7, 64 numbers each, four layers. The blocks have the names of the same
/// network written with nn.TransformerEncoderLayer.
Project visionTransformer() {
    const int width = 64, patch = 7, patches = 16, depth = 4;
    NetworkBuilder b;
    PortRef x = b.input({});
    x = b.add("conv_proj", "Conv2d",
              {{"out_channels", width}, {"kernel_size", patch}, {"stride", patch}}, x);
    x = b.add("flatten", "Flatten", {{"start_dim", 2}}, x);
    x = b.add("permute", "Permute", {{"dims", Value(List{0, 2, 1})}}, x);
    const PortRef token = b.add("class_token", "Parameter", {{"shape", Value(List{1, width})}},
                                std::vector<PortRef>());
    x = b.add("concat", "Concat", {}, std::vector{token, x});
    const PortRef places =
        b.add("pos_embedding", "Parameter",
              {{"shape", Value(List{patches + 1, width})}, {"init", "normal"}, {"std", 0.02}},
              std::vector<PortRef>());
    x = b.add("add", "Add", {}, std::vector{x, places});
    {
        NetworkBuilder::Scope encoder(b, "encoder");
        for (int i = 0; i < depth; ++i)
            x = b.add(std::to_string(i), "TransformerEncoderLayer",
                      {{"nhead", 4},
                       {"dim_feedforward", 2 * width},
                       {"activation", "gelu"},
                       {"batch_first", true},
                       {"norm_first", true}},
                      x);
    }
    x = b.add("ln", "LayerNorm", {{"normalized_shape", width}}, x);
    x = b.add("select", "Select", {{"dim", 1}, {"index", 0}}, x);
    classify(b, "head", x, 10);
    return fashionProject(
        "Vision Transformer, small",
        "The picture is cut into sixteen patches, each becomes a row of 64 numbers, and attention "
        "lets every patch look at every other. A learnable class token goes first; what it has "
        "gathered at the end is the answer. Positions are learnt too, because attention itself "
        "knows "
        "no order.\n\nThings to try: take pos_embedding away and see how much the order of patches "
        "matters.",
        b);
}

}  // namespace

std::vector<ZooModel> visionTransformers() {
    return {{"vit_small", visionTransformer}};
}

}  // namespace loom::zoo
