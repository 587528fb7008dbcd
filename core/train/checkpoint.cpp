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
    add("position/counts",
        torch::tensor(std::vector<std::int64_t>{p.epoch, p.batch, p.step, p.rateByHand, p.correct,
                                                p.seen, p.samples, p.hasBest, p.judging},
                      torch::kInt64));
    add("position/numbers", torch::tensor(std::vector<double>{p.learningRate, p.lossSum, p.elapsed,
                                                              p.epochSeconds, p.best},
                                          torch::kFloat64));
    return saveTensors(path, tensors);
}

Result<RunPosition> loadCheckpoint(const std::string& path, CompiledNetwork& network,
                                   Optimizer& optimizer, Schedule* schedule, bool cuda) {
    auto file = loadTensors(path);
    if (!file) return file.error();
    Weights weights;
    std::vector<std::pair<std::string, at::Tensor>> state;
    std::map<std::string, at::Tensor> rest;
    for (NamedTensor& entry : *file) {
        if (entry.name.starts_with("model/")) {
            weights.tensors.push_back({entry.name.substr(6), std::move(entry.tensor)});
            continue;
        }
        auto tensor = toTensor(entry.tensor);
        if (!tensor) return Error{path + ": " + tensor.error().message, tensor.error().hint};
        if (entry.name.starts_with("optimizer/"))
            state.emplace_back(entry.name.substr(10), *tensor);
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
    if (const Status fits = network.load(weights); !fits)
        return Error{path + ": " + fits.error().message,
                     "Resume with the project that the run was started with."};
    optimizer.setState(state);
    setGeneratorState(cpuGenerator(), rest["generator/cpu"]);
    if (cuda && rest.contains("generator/cuda"))
        setGeneratorState(at::globalContext().defaultGenerator(at::Device(at::kCUDA)),
                          rest["generator/cuda"]);
    RunPosition p;
    const auto counts = rest["position/counts"].accessor<std::int64_t, 1>();
    const auto numbers = rest["position/numbers"].accessor<double, 1>();
    p.epoch = counts[0], p.batch = counts[1], p.step = counts[2], p.rateByHand = counts[3] != 0;
    p.correct = counts[4], p.seen = counts[5], p.samples = counts[6], p.hasBest = counts[7] != 0,
    p.judging = counts[8];
    p.learningRate = numbers[0], p.lossSum = numbers[1], p.elapsed = numbers[2],
    p.epochSeconds = numbers[3], p.best = numbers[4];
    if (rest.contains("schedule/rates") && rest.contains("schedule/state")) {
        const at::Tensor stored = rest["schedule/state"].to(at::kDouble).contiguous();
        std::vector<double> course(stored.data_ptr<double>(),
                                   stored.data_ptr<double>() + stored.numel());
        if (schedule) schedule->setState(course);
        if (const Status fits = takeRates(rest["schedule/rates"], optimizer.rates()); !fits)
            return Error{path + ": " + fits.error().message,
                         "Resume with the project that the run was started with."};
    } else {
        // Written before schedules had a state: they went by epochs alone.
        for (std::int64_t epoch = 0; schedule && epoch < p.epoch; ++epoch)
            schedule->step(optimizer.rates(), {});
        for (GroupRates& group : optimizer.rates()) group.lr = p.learningRate;
    }
    const at::Tensor order = rest["position/order"].contiguous();
    p.order.assign(order.data_ptr<std::int64_t>(), order.data_ptr<std::int64_t>() + order.numel());
    return p;
}

}  // namespace loom::backend
