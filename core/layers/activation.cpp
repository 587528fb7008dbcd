#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// An activation that maps every number by itself.
struct Elementwise {
    const char* id;
    const char* summary;
    const char* details;
    const char* formula;
    std::vector<std::string> keywords;
    std::vector<ParamSpec> params;
    /// What it does with these settings.
    std::function<backend::TensorFunction(const Settings&)> function;
    std::function<std::string(const Settings&)> badge = {};
    /// What PyTorch would refuse of the settings, as a sentence after the block's name.
    std::function<std::optional<Inference>(const LayerContext&)> check = {};
    Gives gives = Gives::Anything;
};

LayerKind kindOf(Elementwise e) {
    LayerKind kind;
    kind.info = {e.id,       "activation", e.summary, e.details, std::string("torch.nn.") + e.id,
                 e.keywords, e.formula};
    kind.gives = e.gives;
    kind.params = std::move(e.params);
    kind.badge = std::move(e.badge);
    kind.infer = [check = std::move(e.check)](const LayerContext& c) -> Inference {
        if (check)
            if (auto problem = check(c)) return *problem;
        return gives(c.inputs[0]);
    };
    kind.build = [function = std::move(e.function)](const LayerContext& c, const Inference&) {
        return backend::pure(function(c.settings));
    };
    return kind;
}

/// The same function whatever the settings.
std::function<backend::TensorFunction(const Settings&)> always(
    at::Tensor (*function)(const at::Tensor&)) {
    return [function](const Settings&) { return backend::TensorFunction(function); };
}

/// A function of the numbers that one setting gives.
std::function<backend::TensorFunction(const Settings&)> with(
    const char* key, at::Tensor (*function)(const at::Tensor&, double)) {
    return [=](const Settings& s) -> backend::TensorFunction {
        return
            [function, value = s.number(key)](const at::Tensor& x) { return function(x, value); };
    };
}

/// A function of the numbers that two settings give.
std::function<backend::TensorFunction(const Settings&)> with(
    const char* first, const char* second,
    at::Tensor (*function)(const at::Tensor&, double, double)) {
    return [=](const Settings& s) -> backend::TensorFunction {
        return [function, a = s.number(first), b = s.number(second)](const at::Tensor& x) {
            return function(x, a, b);
        };
    };
}

/// For functions whose gradient PyTorch takes from the result where they ran in place, and from
/// what arrived where not: the last bits differ. A copy is what is changed, as other blocks may
/// need what arrived.
std::function<backend::TensorFunction(const Settings&)> exponential(
    at::Tensor (*function)(const at::Tensor&, double),
    at::Tensor& (*inPlace)(at::Tensor&, double)) {
    return [=](const Settings& s) -> backend::TensorFunction {
        const double alpha = s.number("alpha");
        if (!s.flag("inplace"))
            return [function, alpha](const at::Tensor& x) { return function(x, alpha); };
        return [inPlace, alpha](const at::Tensor& x) {
            at::Tensor copy = x.clone();
            return inPlace(copy, alpha);
        };
    };
}

ParamSpec number(const char* key, double preset, const char* hint) {
    return {.key = key, .type = ParamType::Float, .defaultValue = preset, .hint = hint};
}

ParamSpec requiredNumber(const char* key, double suggestion, const char* hint) {
    return {.key = key,
            .type = ParamType::Float,
            .hint = hint,
            .required = true,
            .suggestion = suggestion};
}

ParamSpec atLeastZero(ParamSpec spec) {
    spec.minimum = 0;
    return spec;
}

/// `slope 0.2`
std::function<std::string(const Settings&)> shows(const char* word, const char* key) {
    return [=](const Settings& s) { return word + (" " + s.value(key).toText()); };
}

std::optional<Inference> checkHardtanh(const LayerContext& c) {
    const double low = c.settings.number("min_val"), high = c.settings.number("max_val");
    if (low < high) return std::nullopt;
    return refuse(c,
                  "clips to the range from " + c.settings.value("min_val").toText() + " to " +
                      c.settings.value("max_val").toText() + ", which is empty.",
                  "Take a max_val greater than min_val.",
                  {resetFix(c.node.id, "Take the range from −1 to 1", {"min_val", "max_val"})});
}

std::optional<Inference> checkCelu(const LayerContext& c) {
    if (c.settings.number("alpha") != 0) return std::nullopt;
    return refuse(c, "divides by its alpha, which is 0.", "Take another alpha; 1 is usual.",
                  {setParamFix(c.node.id, "Set alpha to 1", "alpha", std::nullopt)});
}

std::vector<Elementwise> rectifiers() {
    return {
        {"ReLU",
         "sets negative numbers to zero",
         "max(0, x). The bend between layers that lets a network learn more than straight lines.",
         "y = max(0, x)",
         {"rectifier"},
         {inplaceSpec()},
         always([](const at::Tensor& x) { return at::relu(x); }),
         {},
         {},
         Gives::NotNegative},
        {"ReLU6",
         "sets negative numbers to zero and those above 6 to 6",
         "A ReLU with an upper end, so that numbers of low precision suffice, as in MobileNet.",
         "y = min(max(0, x), 6)",
         {"rectifier", "clip", "mobilenet"},
         {inplaceSpec()},
         always([](const at::Tensor& x) { return at::hardtanh(x, 0, 6); }),
         {},
         {},
         Gives::NotNegative},
        {"LeakyReLU",
         "keeps a small part of negative numbers",
         "x where it is positive, negative_slope · x where it is not, so that a unit never stops "
         "learning.",
         "y = x for x > 0, else negative_slope · x",
         {"rectifier"},
         {number("negative_slope", 0.01, "What negative numbers are multiplied by."),
          inplaceSpec()},
         with("negative_slope",
              [](const at::Tensor& x, double slope) { return at::leaky_relu(x, slope); }),
         shows("slope", "negative_slope")},
        {"ELU",
         "bends negative numbers smoothly towards −alpha",
         "x where it is positive; below zero an exponential that levels off, which brings the "
         "mean of what leaves nearer to zero than ReLU does.",
         "y = x for x > 0, else alpha · (exp(x) − 1)",
         {"exponential", "rectifier"},
         {number("alpha", 1, "How far below zero it goes."), inplaceSpec()},
         exponential([](const at::Tensor& x, double alpha) { return at::elu(x, alpha); },
                     [](at::Tensor& x, double alpha) -> at::Tensor& { return at::elu_(x, alpha); }),
         shows("alpha", "alpha")},
        {"CELU",
         "bends negative numbers smoothly, without a kink at any alpha",
         "Like ELU, but with x divided by alpha inside the exponential, so that it is smooth at "
         "zero for every alpha.",
         "y = max(0, x) + min(0, alpha · (exp(x / alpha) − 1))",
         {"exponential", "rectifier"},
         {number("alpha", 1, "How far below zero it goes; not 0."), inplaceSpec()},
         exponential(
             [](const at::Tensor& x, double alpha) { return at::celu(x, alpha); },
             [](at::Tensor& x, double alpha) -> at::Tensor& { return at::celu_(x, alpha); }),
         shows("alpha", "alpha"),
         checkCelu},
        {"SELU",
         "keeps mean 0 and variance 1 from layer to layer",
         "An ELU scaled by fixed numbers, so that a deep chain of Linear and SELU normalises "
         "itself. AlphaDropout goes with it.",
         "y = 1.0507 · (x for x > 0, else 1.6733 · (exp(x) − 1))",
         {"self-normalising", "exponential"},
         {inplaceSpec()},
         exponential([](const at::Tensor& x, double) { return at::selu(x); },
                     [](at::Tensor& x, double) -> at::Tensor& { return at::selu_(x); })},
        {"Threshold",
         "replaces numbers that do not exceed a threshold",
         "x where it is greater than threshold, value where it is not. ReLU is the case 0, 0.",
         "y = x for x > threshold, else value",
         {"cut off"},
         {requiredNumber("threshold", 0, "Numbers up to this are replaced."),
          requiredNumber("value", 0, "What they are replaced by."), inplaceSpec()},
         with("threshold", "value",
              [](const at::Tensor& x, double threshold, double value) {
                  return at::threshold(x, threshold, value);
              }),
         shows("at", "threshold")},
    };
}

std::vector<Elementwise> smoothOnes() {
    return {
        {"GELU",
         "weighs each number by how likely a normal number is smaller",
         "Close to ReLU, but smooth, and dips below zero. The activation of BERT, GPT and the "
         "Vision Transformer.",
         "y = x · Φ(x), Φ: the normal distribution\n"
         "tanh: y = x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))",
         {"gaussian", "transformer"},
         {{.key = "approximate",
           .type = ParamType::Choice,
           .defaultValue = "none",
           .hint = "none computes it exactly; tanh by a formula that is nearly the same, as GPT-2 "
                   "does.",
           .choices = {"none", "tanh"}}},
         [](const Settings& s) -> backend::TensorFunction {
             return [how = s.text("approximate")](const at::Tensor& x) { return at::gelu(x, how); };
         },
         [](const Settings& s) {
             return s.text("approximate") == "tanh" ? std::string("tanh") : std::string();
         }},
        {"SiLU",
         "multiplies each number by its own sigmoid",
         "Also called Swish: smooth, and dips a little below zero. Used by EfficientNet.",
         "y = x / (1 + exp(−x))",
         {"swish", "efficientnet"},
         {inplaceSpec()},
         always([](const at::Tensor& x) { return at::silu(x); })},
        {"Mish",
         "bends smoothly and dips a little below zero",
         "x · tanh(softplus(x)), close to SiLU. Used by YOLOv4.",
         "y = x · tanh(ln(1 + exp(x)))",
         {"swish", "yolo"},
         {inplaceSpec()},
         always([](const at::Tensor& x) { return at::mish(x); })},
        {"Softplus",
         "is a ReLU with a round corner",
         "Always positive, so it suits what cannot be negative, such as a variance. Beyond "
         "threshold it is the straight line itself.",
         "y = ln(1 + exp(beta · x)) / beta",
         {"smooth", "positive"},
         {number("beta", 1, "How sharp the corner is: the larger, the nearer to ReLU."),
          number("threshold", 20, "Where beta · x exceeds this, y = x.")},
         with("beta", "threshold",
              [](const at::Tensor& x, double beta, double threshold) {
                  return at::softplus(x, beta, threshold);
              }),
         {},
         {},
         Gives::NotNegative},
        {"Sigmoid",
         "squeezes numbers between 0 and 1",
         "1 / (1 + exp(−x)).",
         "y = 1 / (1 + exp(−x))",
         {"logistic", "squash"},
         {},
         always([](const at::Tensor& x) { return at::sigmoid(x); }),
         {},
         {},
         Gives::Probabilities},
        {"LogSigmoid",
         "gives the logarithm of the sigmoid",
         "Computed in one step, so that very negative numbers do not become minus infinity.",
         "y = ln(1 / (1 + exp(−x)))",
         {"logistic", "log"},
         {},
         always([](const at::Tensor& x) { return at::log_sigmoid(x); }),
         {},
         {},
         Gives::LogProbabilities},
        {"Tanh",
         "squeezes numbers between −1 and 1",
         "The hyperbolic tangent, as in LeNet.",
         "y = (exp(x) − exp(−x)) / (exp(x) + exp(−x))",
         {"squash"},
         {},
         always([](const at::Tensor& x) { return at::tanh(x); })},
        {"Tanhshrink",
         "gives what the hyperbolic tangent leaves out",
         "x − tanh(x): nearly zero around zero, nearly a straight line far from it.",
         "y = x − tanh(x)",
         {"shrink"},
         {},
         always([](const at::Tensor& x) { return x - at::tanh(x); })},
        {"Softsign",
         "squeezes numbers between −1 and 1, slowly",
         "Like Tanh, but nears its ends more slowly.",
         "y = x / (1 + |x|)",
         {"squash"},
         {},
         always([](const at::Tensor& x) { return x / (x.abs() + 1); })},
    };
}

std::vector<Elementwise> hardOnes() {
    return {
        {"Hardswish",
         "is a SiLU made of straight lines and a parabola",
         "Cheaper than SiLU and close to it, as in MobileNetV3.",
         "y = x · min(max(0, x + 3), 6) / 6",
         {"swish", "mobilenet"},
         {inplaceSpec()},
         always([](const at::Tensor& x) { return at::hardswish(x); })},
        {"Hardsigmoid",
         "is a sigmoid made of straight lines",
         "0 below −3, 1 above 3 and a straight line between, as in MobileNetV3.",
         "y = min(max(0, x + 3), 6) / 6",
         {"logistic", "mobilenet"},
         {inplaceSpec()},
         always([](const at::Tensor& x) { return at::hardsigmoid(x); }),
         {},
         {},
         Gives::Probabilities},
        {"Hardtanh",
         "clips numbers to a range",
         "min_val below it, max_val above it, and x between.",
         "y = min(max(min_val, x), max_val)",
         {"clip", "clamp", "squash"},
         {number("min_val", -1, "The lower end."), number("max_val", 1, "The upper end."),
          inplaceSpec()},
         with("min_val", "max_val",
              [](const at::Tensor& x, double low, double high) {
                  return at::hardtanh(x, low, high);
              }),
         [](const Settings& s) {
             return s.value("min_val").toText() + " to " + s.value("max_val").toText();
         },
         checkHardtanh},
        {"Hardshrink",
         "sets small numbers to zero",
         "Numbers between −lambd and lambd become zero; the others stay as they are.",
         "y = x for |x| > lambd, else 0",
         {"sparse", "threshold"},
         {number("lambd", 0.5, "Numbers no further from zero than this become zero.")},
         with("lambd", [](const at::Tensor& x, double lambd) { return at::hardshrink(x, lambd); }),
         shows("lambd", "lambd")},
        {"Softshrink",
         "sets small numbers to zero and moves the others towards it",
         "Numbers between −lambd and lambd become zero; the others come lambd nearer to zero.",
         "y = x − lambd for x > lambd, x + lambd for x < −lambd, else 0",
         {"sparse", "threshold"},
         {atLeastZero(number("lambd", 0.5, "How far all numbers move towards zero."))},
         with("lambd", [](const at::Tensor& x, double lambd) { return at::softshrink(x, lambd); }),
         shows("lambd", "lambd")},
    };
}

}  // namespace

std::vector<LayerKind> activationLayers() {
    std::vector<LayerKind> kinds;
    for (auto group : {rectifiers, smoothOnes, hardOnes})
        for (Elementwise& entry : group()) kinds.push_back(kindOf(std::move(entry)));
    return kinds;
}

}  // namespace loom
