#include "core/project/loader_script.h"

#include "core/catalogue/training_kinds.h"

namespace loom {
namespace {

/// What `Part::stratified` says, in Python: see core/data/subset.h.
const char* const kStratified = R"(def stratified_split(data, k, seed):
    labels = torch.tensor([label for _, label in data])
    counts = torch.bincount(labels)
    taken, left = counts * k // len(data), counts * k % len(data)
    most_left = torch.argsort(left, descending=True, stable=True)
    taken[most_left[:k - int(taken.sum())]] += 1
    g = torch.Generator().manual_seed(seed)
    rest, part = [], []
    for c, t in enumerate(taken.tolist()):
        members = (labels == c).nonzero().flatten()
        members = members[torch.randperm(len(members), generator=g)].tolist()
        rest += members[:len(members) - t]
        part += members[len(members) - t:]
    return Subset(data, sorted(rest)), Subset(data, sorted(part))

)";

std::string cutLines(const Part& part, const std::string& from, const std::string& rest,
                     const std::string& taken) {
    const std::string size =
        part.count ? "min(" + std::to_string(*part.count) + ", len(" + from + "))"
                   : "round(" + formatFloat(part.fraction.value_or(0)) + " * len(" + from + "))";
    const std::string seed = std::to_string(part.seed);
    const std::string both = "n = " + size + "\n" + rest + ", " + taken + " = ";
    if (part.stratified) return both + "stratified_split(" + from + ", n, " + seed + ")\n";
    return both + "random_split(" + from + ", [len(" + from +
           ") - n, n],\n    torch.Generator().manual_seed(" + seed + "))\n";
}

}  // namespace

std::string loaderScript(const DataSection& data, const TrainingSection& training) {
    static const std::vector<ParamSpec> specs{
        {.key = "batch_size", .type = ParamType::Int, .defaultValue = 1},
        {.key = "shuffle", .type = ParamType::Bool, .defaultValue = false},
        {.key = "num_workers", .type = ParamType::Int, .defaultValue = 0},
        {.key = "pin_memory", .type = ParamType::Bool, .defaultValue = false},
        {.key = "drop_last", .type = ParamType::Bool, .defaultValue = false},
        {.key = "timeout", .type = ParamType::Float, .defaultValue = 0},
        {.key = "prefetch_factor", .type = ParamType::Int, .defaultValue = 2},
    };
    std::string code;
    for (const auto* part : {&data.validation, &data.subset, &data.testSubset})
        if (*part && (*part)->stratified && code.empty()) code = kStratified;
    if (data.validation)
        code += cutLines(*data.validation, "train_data", "train_data", "validation_data");
    if (data.subset) code += cutLines(*data.subset, "train_data", "_", "train_data");
    if (data.testSubset) code += cutLines(*data.testSubset, "test_data", "_", "test_data");
    const Params params{{"batch_size", Value(training.batchSize)},
                        {"shuffle", Value(training.shuffle && !training.sampler)},
                        {"num_workers", Value(training.numWorkers)},
                        {"pin_memory", Value(training.pinMemory)},
                        {"drop_last", Value(training.dropLast)},
                        {"timeout", Value(training.timeout)},
                        {"prefetch_factor", Value(training.prefetchFactor)}};
    const std::string call = pythonCall("", specs, params);
    std::string first = "train_data";
    const SamplerKind* kind = training.sampler ? samplers().find(training.sampler->kind) : nullptr;
    if (kind) {
        code += kind->script(Settings(kind->params, training.sampler->params));
        first += ", sampler=sampler";
    }
    return code + "loader = DataLoader(" + first + (call.size() > 2 ? ", " + call.substr(1) : ")");
}

}  // namespace loom
