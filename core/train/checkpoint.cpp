#include "core/backend/checkpoint.h"

#include <cmath>
#include <limits>

#include "core/backend/tensors.h"
#include "core/exchange/torch_file.h"

namespace loom::backend {
namespace {

at::Generator cpuGenerator() {
    return at::detail::getDefaultCPUGenerator();
}

at::Tensor generatorState(at::Generator generator) {
    const std::lock_guard lock(generator.mutex());
    return generator.get_state();
}

void setGeneratorState(at::Generator generator, const at::Tensor& state) {
    const std::lock_guard lock(generator.mutex());
    generator.set_state(state);
}

/// The members of a group's rates, a row of the checkpoint; what a group has not is NaN.
at::Tensor ratesTensor(const std::vector<GroupRates>& groups) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> numbers;
    for (const GroupRates& g : groups)
        for (const double number : {g.lr, g.initialLr.value_or(kNone), g.momentum.value_or(kNone),
                                    g.beta1.value_or(kNone)})
            numbers.push_back(number);
    return torch::tensor(numbers, torch::kFloat64);
}

Status takeRates(const at::Tensor& stored, std::vector<GroupRates>& groups) {
    const at::Tensor numbers = stored.to(at::kDouble).contiguous().flatten();
    if (numbers.numel() != static_cast<std::int64_t>(groups.size() * 4))
        return Error{"the run had " + std::to_string(numbers.numel() / 4) +
                     " parameter groups, but the project has " + std::to_string(groups.size()) +
                     "."};
    const double* at = numbers.data_ptr<double>();
    const auto take = [&]() -> std::optional<double> {
        const double number = *at++;
        return std::isnan(number) ? std::nullopt : std::optional(number);
    };
    for (GroupRates& group : groups) {
        group.lr = take().value_or(0);
        group.initialLr = take();
        group.momentum = take();
        group.beta1 = take();
    }
    return {};
}

at::Tensor integers(const std::vector<std::int64_t>& values) {
    return torch::tensor(values, torch::kInt64);
}
at::Tensor numbers(const std::vector<double>& values) {
    return torch::tensor(values, torch::kFloat64);
}

/// A row of two numbers of this type.
bool holdsTwo(const std::map<std::string, at::Tensor>& tensors, const std::string& name,
              at::ScalarType type) {
    const auto found = tensors.find(name);
    return found != tensors.end() && found->second.dim() == 1 && found->second.numel() == 2 &&
           found->second.scalar_type() == type;
}

}  // namespace

Status saveCheckpoint(const std::string& path, const CompiledNetwork& network,
                      const Optimizer& optimizer, const Schedule* schedule, const RunPosition& p,
                      bool cuda) {
    std::vector<NamedTensor> tensors;
    for (NamedTensor& entry : network.weights().tensors)
        tensors.push_back({"model/" + entry.name, std::move(entry.tensor)});
    for (const auto& [name, tensor] : optimizer.state())
        tensors.push_back({"optimizer/" + name, toPlain(tensor)});
    const auto add = [&](const std::string& name, const at::Tensor& tensor) {
        tensors.push_back({name, toPlain(tensor)});
    };
    add("schedule/rates", ratesTensor(optimizer.rates()));
    add("schedule/state",
        torch::tensor(schedule ? schedule->state() : std::vector<double>(), torch::kFloat64));
    add("generator/cpu", generatorState(cpuGenerator()));
    if (cuda)
        add("generator/cuda",
            generatorState(at::globalContext().defaultGenerator(at::Device(at::kCUDA))));
    add("position/order", torch::tensor(p.order, torch::kInt64));
    add("position/counts", integers({p.epoch, p.batch, p.step, p.rateByHand, p.tally.correct,
                                     p.tally.samples, p.samples, !std::isnan(p.best), p.judging}));
    add("position/numbers",
        numbers({p.learningRate, p.tally.weightedSum, p.elapsed, p.epochSeconds, p.best}));
    add("position/tally_counts", integers({p.tally.counted, p.tally.classes}));
    add("position/tally_numbers", numbers({p.tally.weight, p.tally.lossSum}));
    add("schedule/length", integers({p.scheduleLength.epochs, p.scheduleLength.batchesPerEpoch}));
    return saveTensors(path, tensors);
}

Result<Checkpoint> readCheckpoint(const std::string& path) {
    auto file = loadTensors(path);
    if (!file) return file.error();
    Checkpoint found;
    found.path = path;
    auto& rest = found.rest;
    for (NamedTensor& entry : *file) {
        if (entry.name.starts_with("model/")) {
            found.weights.tensors.push_back({entry.name.substr(6), std::move(entry.tensor)});
            continue;
        }
        auto tensor = toTensor(entry.tensor);
        if (!tensor) return Error{path + ": " + tensor.error().message, tensor.error().hint};
        if (entry.name.starts_with("optimizer/"))
            found.optimizer.emplace_back(entry.name.substr(10), *tensor);
        else
            rest[entry.name] = *tensor;
    }
    for (const auto& [name, size] :
         {std::pair("position/counts", 9), std::pair("position/numbers", 5),
          std::pair("position/order", -1), std::pair("generator/cpu", -1)}) {
        if (!rest.contains(name) || (size >= 0 && rest[name].numel() != size))
            return Error{path + " is no checkpoint of a run: " + name + " is missing or damaged.",
                         "Take the checkpoint of another run, or begin anew."};
    }
    RunPosition& p = found.position;
    const auto counts = rest["position/counts"].accessor<std::int64_t, 1>();
    const auto values = rest["position/numbers"].accessor<double, 1>();
    p.epoch = counts[0], p.batch = counts[1], p.step = counts[2], p.rateByHand = counts[3] != 0;
    p.tally.correct = counts[4], p.tally.samples = counts[5], p.samples = counts[6];
    p.judging = counts[8];
    p.learningRate = values[0], p.tally.weightedSum = values[1], p.elapsed = values[2];
    p.epochSeconds = values[3], p.best = counts[7] != 0 ? values[4] : kNoNumber;
    // Earlier versions knew means over all samples alone.
    p.tally.counted = p.tally.samples;
    p.tally.weight = static_cast<double>(p.tally.samples);
    p.tally.lossSum = p.tally.weightedSum;
    if (holdsTwo(rest, "position/tally_counts", at::kLong) &&
        holdsTwo(rest, "position/tally_numbers", at::kDouble)) {
        const auto more = rest["position/tally_counts"].accessor<std::int64_t, 1>();
        const auto sums = rest["position/tally_numbers"].accessor<double, 1>();
        p.tally.counted = more[0], p.tally.classes = more[1] != 0;
        p.tally.weight = sums[0], p.tally.lossSum = sums[1];
    }
    if (holdsTwo(rest, "schedule/length", at::kLong)) {
        const auto length = rest["schedule/length"].accessor<std::int64_t, 1>();
        p.scheduleLength = {length[0], length[1]};
    }
    const at::Tensor order = rest["position/order"].contiguous();
    p.order.assign(order.data_ptr<std::int64_t>(), order.data_ptr<std::int64_t>() + order.numel());
    return found;
}

Status restore(const Checkpoint& checkpoint, CompiledNetwork& network, Optimizer& optimizer,
               Schedule* schedule, bool cuda) {
    const auto& rest = checkpoint.rest;
    if (const Status fits = network.load(checkpoint.weights); !fits)
        return Error{checkpoint.path + ": " + fits.error().message,
                     "Resume with the project that the run was started with."};
    optimizer.setState(checkpoint.optimizer);
    setGeneratorState(cpuGenerator(), rest.at("generator/cpu"));
    if (cuda && rest.contains("generator/cuda"))
        setGeneratorState(at::globalContext().defaultGenerator(at::Device(at::kCUDA)),
                          rest.at("generator/cuda"));
    if (rest.contains("schedule/rates") && rest.contains("schedule/state")) {
        const at::Tensor stored = rest.at("schedule/state").to(at::kDouble).contiguous();
        std::vector<double> course(stored.data_ptr<double>(),
                                   stored.data_ptr<double>() + stored.numel());
        if (schedule) schedule->setState(course);
        if (const Status fits = takeRates(rest.at("schedule/rates"), optimizer.rates()); !fits)
            return Error{checkpoint.path + ": " + fits.error().message,
                         "Resume with the project that the run was started with."};
    } else {
        // Written before schedules had a state: they went by epochs alone.
        for (std::int64_t epoch = 0; schedule && epoch < checkpoint.position.epoch; ++epoch)
            schedule->step(optimizer.rates(), {});
        for (GroupRates& group : optimizer.rates()) group.lr = checkpoint.position.learningRate;
    }
    return {};
}

}  // namespace loom::backend
