#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/catalogue.h"
#include "core/base/choice.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/data/picture.h"

namespace loom {

/// One step of a pipeline, with its parameters fixed. Immutable and safe to use from several
/// threads.
class Transform {
public:
    virtual ~Transform() = default;
    /// `trace`, when given, gets one line for the step if it drew random numbers: `x 1, y 6`.
    virtual Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                                      std::string* trace = nullptr) const = 0;
    /// Of a step that makes several samples of one (FiveCrop), all of them; `apply` gives the
    /// first.
    virtual Result<std::vector<SampleInput>> applyAll(SampleInput input, TorchRandom& random,
                                                      std::string* trace = nullptr) const;
    /// Of a step that begins by cutting a window out of a picture, whose choice needs only the
    /// picture's sides: that window, drawing what `apply` would draw. A loader then decodes no more
    /// than the window, and goes on with `applyToWindow`. nullopt: the step needs the whole.
    virtual std::optional<PictureWindow> chooseWindow(std::int64_t height, std::int64_t width,
                                                      TorchRandom& random,
                                                      std::string* trace = nullptr) const;
    /// What `apply` does after its window is cut.
    virtual Result<SampleInput> applyToWindow(SampleInput cut) const;
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

using TransformChoice = Choice;

/// A list of transforms in force, torchvision's Compose.
class Pipeline {
public:
    /// Errors name the step: its place, kind and what is wrong with it.
    static Result<Pipeline> make(const std::vector<TransformChoice>& choices);
    /// Several views that a step makes of one sample (FiveCrop) come out as one tensor of that many
    /// `views`. `trace`, when given, gets a line per step that drew: `RandomCrop: x 1, y 6`.
    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::vector<std::string>* trace = nullptr) const;
    /// What stands after each step, the input itself first; with the draws.
    struct Stage {
        SampleInput value;
        std::string draws;
        std::vector<SampleInput> otherViews = {};  ///< after FiveCrop: the second and further ones
    };
    Result<std::vector<Stage>> stages(SampleInput input, TorchRandom& random) const;
    bool empty() const { return m_steps.empty(); }

private:
    struct Step {
        std::string name;
        bool takesPicture;
        bool takesTensor;
        std::shared_ptr<const Transform> transform;
        Result<std::vector<SampleInput>> apply(SampleInput input, TorchRandom& random,
                                               std::string* trace) const;
    };
    static Result<std::vector<SampleInput>> applyStep(const Step& step,
                                                      std::vector<SampleInput> views,
                                                      TorchRandom& random, std::string* trace);
    static Result<SampleInput> joined(std::vector<SampleInput> views);

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
