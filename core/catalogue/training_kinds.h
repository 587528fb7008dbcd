#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/catalogue.h"
#include "core/base/shape.h"
#include "core/graph/diagnostic.h"

namespace loom {

namespace backend {
class BatchTransform;
struct BuiltLoss;
class Optimizer;
struct OptimizerGroup;
}  // namespace backend

class Schedule;
struct GroupRates;

/// How long a run is. 0: not known yet.
struct RunLength {
    std::int64_t epochs = 0;
    std::int64_t batchesPerEpoch = 0;
};

/// What a data set gives as the answer for a sample.
struct TargetSpec {
    enum class Type { ClassIndex, Numbers };
    Type type = Type::ClassIndex;
    std::int64_t classes = 0;             ///< 0: not known yet
    std::vector<std::int64_t> dims = {};  ///< Numbers: the size of one answer
    bool yesNo = false;  ///< Numbers: each is 1 or 0, a label that applies or does not
};

/// Where a loss meets the network and the data.
struct LossContext {
    Settings settings;
    const Shape& output;  ///< what the network gives for one sample
    const Node& source;   ///< the block that gives it
    const TargetSpec& target;
    const Graph& graph;
};

struct LossKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    /// What is wrong between the network's output, the data's answers and this loss; empty: it
    /// fits.
    std::function<std::vector<Diagnostic>(const LossContext&)> check;
    std::function<std::shared_ptr<backend::BuiltLoss>(const Settings&)> build;
    /// Answers may be shares of several classes, as MixUp and CutMix make them.
    bool takesShares = false;
};

struct OptimizerKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    /// What is wrong between its parameters, beyond each one's own range.
    std::function<std::optional<Error>(const Settings&)> check;
    /// Numbers kept per weight between steps, for the memory forecast.
    std::function<std::int64_t(const Settings&)> stateSize;
    bool takesGroups = true;  ///< blocks may have settings of their own
    std::function<std::shared_ptr<backend::Optimizer>(std::vector<backend::OptimizerGroup>)> build;
};

struct SchedulerKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    /// What is wrong between its parameters and with the optimizer and the run's length, as far as
    /// that is known.
    std::function<std::optional<Error>(const Settings&, const OptimizerKind*, const RunLength&)>
        check;
    bool perBatch = false;   ///< steps after every batch unless `interval` says otherwise
    bool needsLoss = false;  ///< goes by how well the run does
    bool nests = false;      ///< is made of other schedulers, `schedulers`
    /// Its lambda as one types it in Python; empty for kinds without.
    std::function<std::string(const Settings&)> lambda;
    /// Begins it, and sets the first step's rates. Parameters passed `check`.
    std::function<std::unique_ptr<Schedule>(const Settings&, const RunLength&,
                                            std::vector<GroupRates>&)>
        build;
};

/// What a sampler knows of the set it draws from.
struct SamplerContext {
    std::int64_t size = 0;
    std::vector<std::int64_t> labels;  ///< of all samples; empty where answers are numbers
    std::int64_t classes = 0;
};

/// How the samples of an epoch are drawn: torch.utils.data's samplers.
struct SamplerKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    bool needsClasses = false;
    /// What is wrong between its parameters and the set, as far as that is known.
    std::function<std::optional<Error>(const Settings&, const SamplerContext&)> check;
    /// Samples of one epoch, their number known beforehand.
    std::function<std::int64_t(const Settings&, std::int64_t size)> length;
    /// The next epoch's order, drawn from PyTorch's global generator as Python does.
    std::function<std::vector<std::int64_t>(const Settings&, const SamplerContext&)> draw;
    /// Lines of Python that leave it in `sampler`, for a `train_data`.
    std::function<std::string(const Settings&)> script;
};

/// What is done to a whole batch of training, labels included: torchvision's MixUp, CutMix. Of
/// several, one is drawn for each batch, as by torchvision's RandomChoice.
struct BatchTransformKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    std::function<std::shared_ptr<backend::BatchTransform>(const Settings&)> build;
};

const Catalogue<LossKind>& losses();
const Catalogue<OptimizerKind>& optimizers();
const Catalogue<SchedulerKind>& schedulers();
const Catalogue<SamplerKind>& samplers();
const Catalogue<BatchTransformKind>& batchTransforms();

}  // namespace loom
