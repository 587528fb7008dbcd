// Weights out of PyTorch files: the dict of tensors, wherever in a checkpoint it is.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "core/base/sentence.h"
#include "core/exchange/torch_file.h"
#include "core/exchange/torch_tree.h"

namespace loom {
namespace {

using torch_tree::isTensor;
using torch_tree::Refusal;
using torch_tree::TorchTree;

/// A dict with tensors among its values, and the keys that lead to it: "state.model".
struct TensorDict {
    std::string place;  ///< empty: the file's root
    PickleValue dict;
};

/// What an optimizer's state_dict() looks like.
bool isOptimizerState(const PickleValue& dict) {
    const auto state = dict.find("state");
    const auto groups = dict.find("param_groups");
    return state && state->isDict() && groups && groups->isList();
}

/// A number that a checkpoint notes down, and no weight: `loss`, `best_acc1`, `n_averaged`.
bool isScalar(const PickleValue& tensor) {
    const PickleValue arguments = tensor.arguments();
    if (tensor.isObject("torch._utils._rebuild_parameter"))
        return isTensor(arguments.item(0)) && isScalar(arguments.item(0));
    return arguments.item(2).size() == 0;
}

/// Everything in a file that bears on its weights.
class Search {
public:
    explicit Search(const PickleValue& root) { visit(root, "", 0); }

    std::vector<TensorDict> dicts;     ///< those with real tensors
    std::vector<TensorDict> numbers;   ///< those with nothing but single numbers
    std::optional<std::string> empty;  ///< where an empty dict stands for a network without weights
    std::optional<std::string> optimizer;  ///< where an optimizer's state is
    std::string object, objectPlace;       ///< the first pickled object, its class and place

private:
    void visit(const PickleValue& value, const std::string& place, int depth) {
        // Deep enough for every checkpoint; a file made to be slow ends here.
        if (depth > 8 || dicts.size() > 256) return;
        const auto below = [&](const std::string& key) {
            return place.empty() ? key : place + "." + key;
        };
        if (value.type() == PickleValue::Type::Object && !isTensor(value) && object.empty()) {
            object = value.name();
            objectPlace = place;
        }
        if (value.isList() || value.isTuple())
            for (std::size_t i = 0; i < value.size() && i < 64; ++i)
                visit(value.item(i), below(std::to_string(i)), depth + 1);
        if (isOptimizerState(value)) {
            if (!optimizer) optimizer = place;
            return;
        }
        if (value.isDict() && value.entryCount() == 0 && !empty) empty = place;
        bool any = false, real = false;
        for (std::size_t i = 0; i < value.entryCount(); ++i) {
            if (!value.key(i).isText()) continue;
            const PickleValue entry = value.entry(i);
            if (!isTensor(entry)) continue;
            any = true;
            real = real || !isScalar(entry) || value.key(i).text().find('.') != std::string::npos;
        }
        if (any) (real ? dicts : numbers).push_back({place, value});
        for (std::size_t i = 0; i < value.entryCount(); ++i)
            if (value.key(i).isText() && !isTensor(value.entry(i)))
                visit(value.entry(i), below(value.key(i).text()), depth + 1);
    }
};

/// A class's pickled object where weights were looked for: whose code is not here.
Refusal wholeObject(const Search& found, const std::string& path) {
    std::string load = "model = torch.load('" + path + "', weights_only=False)";
    std::size_t begin = 0;
    while (!found.objectPlace.empty() && begin <= found.objectPlace.size()) {
        const std::size_t dot =
            std::min(found.objectPlace.find('.', begin), found.objectPlace.size());
        load += "['" + found.objectPlace.substr(begin, dot - begin) + "']";
        begin = dot + 1;
    }
    return {sentence(found.objectPlace.empty()
                         ? "it holds a whole pickled object ({object}), not a state_dict"
                         : "it holds a whole pickled object ({object}) under {place}, not a "
                           "state_dict",
                     {{"object", found.object}, {"place", found.objectPlace}}),
            "In Python, where its classes can be imported:\n    " + load +
                "\n    torch.save(model.state_dict(), 'weights.pth')"};
}

/// Why a file without a dict of tensors has none.
Refusal nothingFound(const Search& found, const PickleValue& root, const std::string& path) {
    if (isTensor(root)) return {"it holds a single tensor, not the weights of a network"};
    if (found.optimizer)
        return {sentence(found.optimizer->empty()
                             ? "it holds the state of an optimizer (what optimizer.state_dict() "
                               "gives), and not the weights of a network"
                             : "it holds the state of an optimizer (what optimizer.state_dict() "
                               "gives) under {place}, and not the weights of a network",
                         {{"place", *found.optimizer}}),
                "Choose the file with the model's weights; in Python: "
                "torch.save(model.state_dict(), 'weights.pth')."};
    if (!found.object.empty()) return wholeObject(found, path);
    if (!root.isDict()) return {"it holds no state_dict"};
    return {"it holds no tensors by name"};
}

void append(Weights& weights, const TensorDict& from, const std::string& lead,
            const TorchTree& file) {
    for (std::size_t i = 0; i < from.dict.entryCount(); ++i) {
        const PickleValue entry = from.dict.entry(i);
        if (from.dict.key(i).isText() && isTensor(entry))
            weights.tensors.push_back(
                {lead + from.dict.key(i).text(), torch_tree::tensorFrom(entry, file)});
    }
}

/// What DataParallel and torch.compile put before every name is never a part of the model.
void takeWrappersOff(Weights& weights) {
    std::string taken;
    const auto allBegin = [&](const std::string& wrapper) {
        return std::all_of(weights.tensors.begin(), weights.tensors.end(),
                           [&](const NamedTensor& one) { return one.name.starts_with(wrapper); });
    };
    for (bool more = true; more;) {
        more = false;
        for (const std::string wrapper : {"module.", "_orig_mod."}) {
            if (!allBegin(wrapper)) continue;
            for (NamedTensor& one : weights.tensors) one.name.erase(0, wrapper.size());
            taken += wrapper;
            more = true;
        }
    }
    if (!taken.empty())
        weights.remarks.push_back("The file's names are taken without \"" + taken +
                                  "\", with which they begin.");
}

Weights weightsIn(const TorchTree& file, const std::string& path) {
    const Search found(file.root);
    const std::vector<TensorDict>& dicts = found.dicts.empty() ? found.numbers : found.dicts;
    Weights weights;
    if (dicts.empty()) {
        // What PyTorch saves for a network without weights.
        if (found.empty && !found.optimizer && found.object.empty()) return weights;
        throw nothingFound(found, file.root, path);
    }
    if (dicts.size() == 1) {
        append(weights, dicts.front(), "", file);
        if (!dicts.front().place.empty())
            weights.remarks.push_back("The weights are under " + dicts.front().place +
                                      " in the file.");
        takeWrappersOff(weights);
        return weights;
    }
    for (const TensorDict& one : dicts) {
        append(weights, one, one.place.empty() ? "" : one.place + ".", file);
        weights.places.push_back(one.place);
    }
    return weights;
}

}  // namespace

Result<Weights> loadStateDict(const std::string& path) {
    auto file = torch_tree::open(path);
    if (!file) return file.error();
    try {
        return weightsIn(*file, path);
    } catch (const Refusal& refusal) {
        return Error{path + " cannot be read as weights: " + refusal.message + ".", refusal.hint};
    }
}

Result<Weights> loadWeights(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code code;
    if (!fs::is_directory(path, code)) return loadStateDict(path);
    for (const char* name : {"weights/best.pth", "weights/last.pth"})
        if (fs::exists(fs::path(path) / name, code))
            return loadStateDict((fs::path(path) / name).string());
    return Error{path + " is a folder, but not one of a run: it has no weights/best.pth.",
                 "Name a weight file (.pth), or the folder of a finished run."};
}

}  // namespace loom
