#include "core/backend/building.h"
#include "core/backend/failures.h"
#include "core/base/saturating.h"
#include "core/catalogue/freeze_key.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// What Embedding and EmbeddingBag have in common; `more` follows PyTorch's order of arguments.
std::vector<ParamSpec> tableSpecs() {
    return {{.key = "num_embeddings",
             .type = ParamType::Int,
             .hint = "How many different words there are: one row of the table each.",
             .required = true,
             .minimum = 1,
             .suggestion = 1000},
            {.key = "embedding_dim",
             .type = ParamType::Int,
             .hint = "How many learned numbers stand for a word.",
             .required = true,
             .minimum = 1,
             .suggestion = 64}};
}

ParamSpec paddingSpec(const std::string& effect) {
    return {.key = "padding_idx",
            .type = ParamType::Int,
            .hint =
                "The word that fills up short texts; its row begins at zero and is never "
                "trained" +
                effect + ". A negative one counts from the end.",
            .optional = true,
            .noneText = "none"};
}

ParamSpec maxNormSpec() {
    return {.key = "max_norm",
            .type = ParamType::Float,
            .hint = "Rows that are longer than this are shortened to it whenever they are used.",
            .optional = true,
            .minimum = 0,
            .minimumExcluded = true,
            .noneText = "any length"};
}

ParamSpec normTypeSpec() {
    return {.key = "norm_type",
            .type = ParamType::Float,
            .defaultValue = 2.0,
            .hint = "The norm in which max_norm measures: 2 is the usual length."};
}

ParamSpec scaleSpec() {
    return {.key = "scale_grad_by_freq",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint = "Divides a word's gradient by how often it occurs in the batch."};
}

ParamSpec sparseSpec() {
    return {.key = "sparse",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint =
                "Python can keep gradients of large tables sparse; Torchloom's optimizers take "
                "full ones only."};
}

ParamSpec freezeSpec() {
    return {.key = kFreezeKey,
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint = "The table stays as it is: it gets no gradient, as if the block was frozen.",
            .since = "2.0"};
}

std::string tableBadge(const Settings& s) {
    return shortNumber(static_cast<double>(s.integer("num_embeddings"))) + " words, " +
           std::to_string(s.integer("embedding_dim"));
}

/// What is wrong between the settings of a table, if anything.
std::optional<Inference> checkTable(const LayerContext& c) {
    const Settings& s = c.settings;
    if (s.flag("sparse"))
        return refuse(c,
                      "asks for sparse gradients, which Torchloom's optimizers do not take; full "
                      "ones give the same numbers.",
                      "Set sparse to False.",
                      {setParamFix(c.node.id, "Set sparse to False", "sparse", std::nullopt)});
    const std::int64_t rows = s.integer("num_embeddings"), padding = s.integer("padding_idx");
    if (!s.isNone("padding_idx") && (padding < -rows || padding >= rows))
        return refuse(
            c,
            "has padding_idx " + std::to_string(padding) + ", but its table has " +
                groupDigits(rows) + " rows, 0 to " + groupDigits(rows - 1) + ".",
            "Take a padding_idx within the table, or a larger num_embeddings.",
            {setParamFix(c.node.id, "Set padding_idx to 0", "padding_idx", Value(0)),
             setParamFix(c.node.id, "Take padding_idx away", "padding_idx", std::nullopt)});
    return std::nullopt;
}

Inference table(const LayerContext& c, const Shape& output) {
    Inference inference = gives(output);
    const std::int64_t rows = c.settings.integer("num_embeddings"),
                       columns = c.settings.integer("embedding_dim");
    inference.parameters = times(rows, columns);
    inference.formulas = {{"Weights", productText({rows, columns})}};
    return inference;
}

/// PyTorch would say "index out of range in self", and on a graphics card stop altogether.
void checkWords(const at::Tensor& words, std::int64_t rows) {
    if (words.numel() == 0) return;
    const auto [low, high] = words.aminmax();
    const std::int64_t least = low.item<std::int64_t>(), most = high.item<std::int64_t>();
    if (least >= 0 && most < rows) return;
    throw backend::Refusal("word number " + std::to_string(least < 0 ? least : most) +
                               " arrives, but num_embeddings is " + std::to_string(rows) +
                               ", so words are numbered 0 to " + std::to_string(rows - 1),
                           "Number the words from 0 on, or take a larger num_embeddings.");
}

template <class Options>
Options tableOptions(const Settings& s) {
    Options options(s.integer("num_embeddings"), s.integer("embedding_dim"));
    options.norm_type(s.number("norm_type")).scale_grad_by_freq(s.flag("scale_grad_by_freq"));
    if (!s.isNone("padding_idx")) options.padding_idx(s.integer("padding_idx"));
    if (!s.isNone("max_norm")) options.max_norm(s.number("max_norm"));
    return options;
}

LayerKind embedding() {
    LayerKind kind;
    kind.info = {"Embedding",
                 "embedding",
                 "gives each word a row of learned numbers",
                 "A table with a row for every word or token. Whole numbers arrive, the rows with "
                 "these numbers leave; training moves words of similar use close together.",
                 "torch.nn.Embedding",
                 {"word", "token", "lookup", "table", "text", "sparse"},
                 "y = weight[x]"};
    kind.inputs = {{"input", "Whole numbers from 0 to num_embeddings − 1.", Elements::Whole}};
    kind.params = tableSpecs();
    for (ParamSpec& spec : std::vector{paddingSpec(""), maxNormSpec(), normTypeSpec(), scaleSpec(),
                                       sparseSpec(), freezeSpec()})
        kind.params.push_back(std::move(spec));
    kind.badge = tableBadge;
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = checkTable(c)) return *problem;
        Shape output{c.inputs[0].dims};
        output.dims.push_back(c.settings.integer("embedding_dim"));
        return table(c, output);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        torch::nn::Embedding module(tableOptions<torch::nn::EmbeddingOptions>(c.settings));
        if (c.settings.flag(kFreezeKey)) module->weight.set_requires_grad(false);
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = module.ptr();
        built->forward = [module, rows = c.settings.integer("num_embeddings")](
                             const std::vector<at::Tensor>& in) mutable {
            checkWords(in[0], rows);
            return std::vector{module(in[0])};
        };
        return built;
    };
    return kind;
}

Inference inferBag(const LayerContext& c) {
    if (auto problem = checkTable(c)) return *problem;
    const Settings& s = c.settings;
    const bool weighted = c.connected(1);
    if (s.flag("include_last_offset"))
        return refuse(c,
                      "has include_last_offset, which is for texts that stand one behind the other "
                      "with offsets; here each sample is one text.",
                      "Set include_last_offset to False.",
                      {setParamFix(c.node.id, "Set include_last_offset to False",
                                   "include_last_offset", std::nullopt)});
    if (s.flag("scale_grad_by_freq") && s.text("mode") == "max")
        return refuse(c,
                      "has scale_grad_by_freq together with mode max, which PyTorch does not "
                      "offer: only one word of a text gets each gradient.",
                      "Set scale_grad_by_freq to False, or take mode mean.",
                      {setParamFix(c.node.id, "Set scale_grad_by_freq to False",
                                   "scale_grad_by_freq", std::nullopt),
                       setParamFix(c.node.id, "Set mode to mean", "mode", std::nullopt)});
    if (weighted && s.text("mode") != "sum")
        return refuse(c,
                      "receives per_sample_weights, which PyTorch takes with mode sum only; the "
                      "mode is " +
                          s.text("mode") + ".",
                      "Set mode to sum, or take that wire away.",
                      {setParamFix(c.node.id, "Set mode to sum", "mode", Value("sum"))}, 1);
    if (c.inputs[0].rank() != 1)
        return refuse(
            c,
            "receives " + describe(c.inputs[0]) +
                ", but EmbeddingBag takes one row of words per sample.",
            c.inputs[0].rank() == 0
                ? "Give it a row, for example with Unsqueeze."
                : "Give it one row, for example with Flatten; Embedding keeps the sides.",
            {insertBeforeFix(c.node.id,
                             c.inputs[0].rank() == 0 ? "Insert Unsqueeze" : "Insert Flatten",
                             c.inputs[0].rank() == 0 ? "Unsqueeze" : "Flatten",
                             c.inputs[0].rank() == 0 ? Params{{"dim", Value(1)}} : Params{})},
            0);
    if (weighted && c.inputs[1].dims != c.inputs[0].dims)
        return refuse(c,
                      "receives " + c.inputs[0].toSentence() + " words, but " +
                          c.inputs[1].toSentence() + " weights for them.",
                      "Give each word one weight.", {}, 1);
    return table(c, Shape{{s.integer("embedding_dim")}});
}

LayerKind embeddingBag() {
    LayerKind kind;
    kind.info = {"EmbeddingBag",
                 "embedding",
                 "turns a text into the mean of its words' rows",
                 "Looks up every word of a text, as Embedding does, and gives their mean, sum or "
                 "largest numbers: one row per text, whatever the order of its words.",
                 "torch.nn.EmbeddingBag",
                 {"bag of words", "word", "token", "text", "mean", "sparse"},
                 "y = mean of weight[xᵢ] over the words xᵢ"};
    kind.inputs = {{"input", "Whole numbers from 0 to num_embeddings − 1.", Elements::Whole},
                   {"per_sample_weights", "A weight for each word; with mode sum only."}};
    kind.optionalInputs = 1;
    kind.params = tableSpecs();
    for (ParamSpec& spec : std::vector<ParamSpec>{
             maxNormSpec(),
             normTypeSpec(),
             scaleSpec(),
             {.key = "mode",
             .type = ParamType::Choice,
             .defaultValue = "mean",
             .hint = "How the rows of a text's words become one.",
             .choices = {"sum", "mean", "max"}},
             sparseSpec(),
             {.key = "include_last_offset",
             .type = ParamType::Bool,
             .defaultValue = false,
             .hint = "For Python's other form with offsets; here each sample is one text."},
             paddingSpec(" and does not count")})
        kind.params.push_back(std::move(spec));
    kind.badge = [](const Settings& s) { return tableBadge(s) + ", " + s.text("mode"); };
    kind.infer = inferBag;
    kind.build = [](const LayerContext& c, const Inference&) {
        auto options = tableOptions<torch::nn::EmbeddingBagOptions>(c.settings);
        const std::string mode = c.settings.text("mode");
        if (mode == "sum") options.mode(torch::kSum);
        if (mode == "max") options.mode(torch::kMax);
        torch::nn::EmbeddingBag module(options);
        // Python's begins with zeros there, LibTorch's does not.
        if (!c.settings.isNone("padding_idx")) {
            const torch::NoGradGuard guard;
            module->weight.select(0, c.settings.integer("padding_idx")).zero_();
        }
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = module.ptr();
        built->forward = [module, rows = c.settings.integer("num_embeddings")](
                             const std::vector<at::Tensor>& in) mutable {
            checkWords(in[0], rows);
            return std::vector{module(in[0], at::Tensor(), in.size() > 1 ? in[1] : at::Tensor())};
        };
        return built;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> embeddingLayers() {
    return {embedding(), embeddingBag()};
}

}  // namespace loom
