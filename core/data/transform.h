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
#include "core/data/pictures/picture.h"

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
    /// Whether each number that comes out depends on nothing but the number at its place and its
    /// channel, and nothing is drawn: ToTensor, Normalize. A list's last steps of this kind are
    /// done in one go, by a table of what becomes of every byte.
    virtual bool pointwise() const { return false; }
};

/// A picture that is decoded when it is known how much of it is needed.
class PictureSource {
public:
    virtual ~PictureSource() = default;
    virtual std::int64_t height() const = 0;
    virtual std::int64_t width() const = 0;
    virtual Result<Picture> whole() const = 0;
    virtual Result<Picture> window(const PictureWindow& window) const = 0;
};

/// What becomes of every byte in a list's last steps: 256 numbers per channel.
struct ByteTables {
    std::vector<float> grey;    ///< empty where the steps refuse grey pictures
    std::vector<float> colour;  ///< the same of colour pictures
    const std::vector<float>& of(const Picture& picture) const {
        return picture.channels == 1 ? grey : colour;
    }
};

/// A sample that has gone through a pipeline but for writing its numbers down.
class PreparedSample {
public:
    /// Of `views` samples of the same kind and size; `tables`, if any, are applied to pictures.
    PreparedSample(std::vector<SampleInput> views, std::shared_ptr<const ByteTables> tables)
        : m_views(std::move(views)), m_tables(std::move(tables)) {}
    bool isTensor() const;
    /// Of a single view.
    std::vector<std::int64_t> dims() const;
    std::int64_t views() const { return static_cast<std::int64_t>(m_views.size()); }
    /// Numbers of all views together.
    std::size_t count() const;
    /// Writes them, view after view, each C×H×W.
    void write(float* out) const;
    SampleInput take() &&;

private:
    std::vector<SampleInput> m_views;
    std::shared_ptr<const ByteTables> m_tables;
};

struct TransformKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    bool random = false;
    bool takesPicture = true;  ///< accepts a picture (PIL Image)
    bool takesTensor = false;  ///< accepts a tensor
    bool scales = false;       ///< makes a picture of any size one of its own by scaling it
    /// What comes out for what goes in, or why it cannot (a sentence naming the transform).
    std::function<Result<SampleSpec>(const Settings&, const SampleSpec&)> infer;
    std::function<std::shared_ptr<const Transform>(const Settings&)> make;
    /// Few characters for the strip: `28, padding 4`.
    std::function<std::string(const Settings&)> badge = {};
    /// Lists of torchvision's v2 hold bytes between ToImage and ToDtype, a tensor for Python. Here
    /// they are the picture, and the list knows that steps then work as on a tensor of bytes.
    enum class Bytes { Keep, Begin, End };
    Bytes bytes = Bytes::Keep;
    /// What the step is on such bytes; none: it is not known there.
    std::function<std::shared_ptr<const Transform>(const Settings&)> makeForBytes = {};
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
    /// As `apply`, whose numbers `PreparedSample::write` gives, to the bit. Of a source no more is
    /// decoded than the first step keeps.
    Result<PreparedSample> prepare(SampleInput input, TorchRandom& random,
                                   std::vector<std::string>* trace = nullptr) const;
    Result<PreparedSample> prepare(const PictureSource& source, TorchRandom& random,
                                   std::vector<std::string>* trace = nullptr) const;
    /// The views apart, and pictures too: what a list within a list goes on with.
    Result<std::vector<SampleInput>> applyAll(SampleInput input, TorchRandom& random,
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
    Result<PreparedSample> prepareFrom(std::size_t first, SampleInput input, TorchRandom& random,
                                       std::vector<std::string>* trace) const;
    void makeTables();
    std::vector<float> tableOf(int channels) const;

    std::vector<Step> m_steps;
    std::size_t m_tail = 0;  ///< the first step that the tables stand for
    std::shared_ptr<const ByteTables> m_tables;
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
