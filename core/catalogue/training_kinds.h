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
struct BuiltLoss;
class Optimizer;
struct ParameterList;
}  // namespace backend

/// What a data set gives as the answer for a sample.
struct TargetSpec {
    enum class Type { ClassIndex, Numbers };
    Type type = Type::ClassIndex;
    std::int64_t classes = 0;             ///< 0: not known yet
    std::vector<std::int64_t> dims = {};  ///< Numbers: the size of one answer
};

/// Where a loss meets the network and the data.
struct LossContext {
    Settings settings;
    const Shape& output;  ///< what the network gives for one sample
    const Node& source;   ///< the block that gives it
    const TargetSpec& target;
};

struct LossKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    /// What is wrong between the network's output, the data's answers and this loss; empty: it
    /// fits.
    std::function<std::vector<Diagnostic>(const LossContext&)> check;
    std::function<std::shared_ptr<backend::BuiltLoss>(const Settings&)> build;
};

struct OptimizerKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    /// What is wrong between its parameters, beyond each one's own range.
    std::function<std::optional<Error>(const Settings&)> check;
    /// Numbers kept per weight between steps, for the memory forecast.
    std::function<int(const Settings&)> stateSize;
    std::function<std::shared_ptr<backend::Optimizer>(const Settings&,
                                                      const backend::ParameterList&)>
        build;
};

struct SchedulerKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    /// The learning rate in force during epoch `epoch` (from 0), as a closed form.
    std::function<double(const Settings&, double baseRate, std::int64_t epoch)> rate;
};

const Catalogue<LossKind>& losses();
const Catalogue<OptimizerKind>& optimizers();
const Catalogue<SchedulerKind>& schedulers();

}  // namespace loom
