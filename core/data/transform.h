#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/catalogue.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/data/picture.h"

namespace loom {

/// What a transform was asked to tell about its draws, for the preview: `drew x 1, y 6`.
struct TransformTrace {
    std::vector<std::string> draws;
};

/// One step of a pipeline, with its parameters fixed. Immutable and safe to use from several
/// threads.
class Transform {
public:
    virtual ~Transform() = default;
    /// `trace`, when given, gets one line for the step if it drew random numbers.
    virtual Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                                      std::string* trace = nullptr) const = 0;
};

struct TransformKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    bool random = false;
    bool takesPicture = true;  ///< accepts a picture (PIL Image)
    bool takesTensor = false;  ///< accepts a tensor
    /// What comes out for what goes in, or why it cannot (a sentence naming the transform).
    std::function<Result<SampleSpec>(const Settings&, const SampleSpec&)> infer;
    std::function<std::shared_ptr<const Transform>(const Settings&)> make;
    /// Few characters for the strip: `28, padding 4`.
    std::function<std::string(const Settings&)> badge = {};
    std::string fidelity = "bit for bit";  ///< against torchvision with Pillow
};

const Catalogue<TransformKind>& transforms();

/// A transform as the project names it.
struct TransformChoice {
    std::string kind;
    Params params = {};
    Dict extras = {};
    friend bool operator==(const TransformChoice&, const TransformChoice&) = default;
};

/// A list of transforms in force, torchvision's Compose.
class Pipeline {
public:
    /// Errors name the step: its place, kind and what is wrong with it.
    static Result<Pipeline> make(const std::vector<TransformChoice>& choices);
    Result<SampleInput> apply(SampleInput input, TorchRandom& random) const;
    /// What stands after each step, the input itself first; with the draws.
    struct Stage {
        SampleInput value;
        std::string draws;
    };
    Result<std::vector<Stage>> stages(SampleInput input, TorchRandom& random) const;
    bool empty() const { return m_steps.empty(); }

private:
    struct Step {
        std::string name;
        bool takesPicture;
        bool takesTensor;
        std::shared_ptr<const Transform> transform;
        Result<SampleInput> apply(SampleInput input, TorchRandom& random, std::string* trace) const;
    };
    std::vector<Step> m_steps;
};

/// Types and sizes through the list: the spec after each step, or the sentence of the first step
/// that does not fit (`failedStep` is its index).
struct PipelineInference {
    std::vector<SampleSpec> specs;  ///< after each step that fits
    int failedStep = -1;
    Error problem;
};
PipelineInference inferPipeline(const std::vector<TransformChoice>& choices,
                                const SampleSpec& input);

}  // namespace loom
