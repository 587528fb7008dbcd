#include "core/exchange/weight_names.h"

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <unordered_map>

#include "core/base/sentence.h"

namespace loom {
namespace {

/// Names that published files have and today's models have not.
struct Renaming {
    const char* pattern;
    const char* replacement;
};
const std::array<Renaming, 1> kRenamings = {{
    // torchvision/models/densenet.py, _load_state_dict.
    {R"(^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.(?:weight|bias|running_mean|running_var|num_batches_tracked))$)",
     "$1$2"},
}};

/// Parts of published models that only help to train them; torchvision drops them after loading.
struct TrainingHead {
    const char* prefix;
    const char* model;
};
constexpr std::array<TrainingHead, 3> kTrainingHeads = {
    {{"aux1.", "GoogLeNet"}, {"aux2.", "GoogLeNet"}, {"AuxLogits.", "Inception"}}};

/// A counter that BatchNorm has since PyTorch 0.4.1; _BatchNorm._load_from_state_dict begins it at
/// 0 where a file has none.
constexpr const char* kCounter = "num_batches_tracked";

bool isCounter(const std::string& name) {
    return name == kCounter || name.ends_with(std::string(".") + kCounter);
}

const PlainTensor& zeroCount() {
    static const PlainTensor zero{"int64", {}, std::vector<std::uint8_t>(8, 0)};
    return zero;
}

/// How names of the file become names of the network: `strip` is taken away in front, `add` put
/// there.
struct Way {
    std::string strip, add;
    std::size_t fits = 0;   ///< of the network's tensors, name and size
    std::size_t names = 0;  ///< the name at least
    bool sameQualityAs(const Way& other) const {
        return fits == other.fits && names == other.names;
    }
    bool betterThan(const Way& other) const {
        return fits != other.fits ? fits > other.fits : names > other.names;
    }
};

class Fitting {
public:
    Fitting(const Weights& file, const std::vector<TensorSize>& network)
        : m_file(file), m_network(network) {
        for (const TensorSize& tensor : network) m_wanted.emplace(tensor.name, &tensor);
        for (const NamedTensor& entry : file.tensors) m_names.push_back(presentName(entry.name));
        for (const TensorSize& tensor : network)
            if (!isCounter(tensor.name)) ++m_needed;
    }

    Result<FittedWeights> run() {
        const std::vector<Way> ways = bestWays();
        if (ways.size() > 1) return ambiguity(ways);
        return take(ways.front());
    }

private:
    const Weights& m_file;
    const std::vector<TensorSize>& m_network;
    std::unordered_map<std::string, const TensorSize*> m_wanted;
    std::vector<std::string> m_names;  ///< the file's, as they would be published today
    std::size_t m_needed = 0;          ///< the network's tensors, counters aside

    static std::string presentName(const std::string& name) {
        static const std::regex patterns[] = {std::regex(kRenamings[0].pattern)};
        static_assert(std::size(kRenamings) == 1);
        // Nearly no name is an old one, and a search for a word is cheap. A longer name is none of
        // torchvision's, and std::regex takes stack for every character.
        constexpr std::size_t kLongestName = 256;
        if (name.size() > kLongestName || name.find("denselayer") == std::string::npos) return name;
        return std::regex_replace(name, patterns[0], kRenamings[0].replacement);
    }

    /// The network's tensor that entry `i` is by this way; null when there is none.
    const TensorSize* wanted(std::size_t i, const Way& way) const {
        // Networks drawn under the old names are meant by the old names.
        for (const std::string* name : {&m_file.tensors[i].name, &m_names[i]}) {
            if (!name->starts_with(way.strip)) continue;
            const auto found = m_wanted.find(way.add + name->substr(way.strip.size()));
            if (found != m_wanted.end()) return found->second;
        }
        return nullptr;
    }

    void rate(Way& way) const {
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            const TensorSize* place = wanted(i, way);
            if (!place || isCounter(place->name)) continue;
            ++way.names;
            if (place->dims == m_file.tensors[i].tensor.dims) ++way.fits;
        }
    }

    /// A number that a wrapper keeps beside the weights, as AveragedModel's `n_averaged`.
    bool isNote(const NamedTensor& entry) const {
        return entry.tensor.dims.empty() && entry.name.find('.') == std::string::npos;
    }

    /// Whether `strip` is before all names of the file, or of one of its dicts.
    bool isCommon(const std::string& strip) const {
        const auto all = [&](const std::string& place) {
            const std::string lead = place.empty() ? "" : place + ".";
            return std::all_of(m_file.tensors.begin(), m_file.tensors.end(), [&](const auto& one) {
                if (!one.name.starts_with(lead) || one.name.starts_with(strip)) return true;
                NamedTensor inside = {one.name.substr(lead.size()), {}};
                inside.tensor.dims = one.tensor.dims;
                return isNote(inside);
            });
        };
        if (m_file.places.empty()) return all("");
        return std::any_of(m_file.places.begin(), m_file.places.end(), [&](const auto& place) {
            return (place.empty() || strip.starts_with(place + ".")) && all(place);
        });
    }

    /// Every way by which some name of the file ends as one of the network's does.
    std::vector<Way> candidates() const {
        std::set<std::string> strips, adds;
        for (std::size_t i = 0; i < m_names.size(); ++i)
            for (const std::string* name : {&m_names[i], &m_file.tensors[i].name})
                for (std::size_t dot = name->find('.'); dot != std::string::npos;
                     dot = name->find('.', dot + 1))
                    if (m_wanted.contains(name->substr(dot + 1)))
                        strips.insert(name->substr(0, dot + 1));
        const std::set<std::string> there(m_names.begin(), m_names.end());
        for (const TensorSize& tensor : m_network)
            for (std::size_t dot = tensor.name.find('.'); dot != std::string::npos;
                 dot = tensor.name.find('.', dot + 1))
                if (there.contains(tensor.name.substr(dot + 1)))
                    adds.insert(tensor.name.substr(0, dot + 1));
        std::vector<Way> ways;
        for (const std::string& strip : strips) ways.push_back({strip, ""});
        for (const std::string& add : adds) ways.push_back({"", add});
        return ways;
    }

    /// The best way, or those among which nothing decides. What only some names have before them is
    /// a part of the model's own path, unless the whole network is found below it.
    std::vector<Way> bestWays() const {
        Way plain;
        rate(plain);
        std::vector<Way> best = {plain};
        if (plain.fits == m_needed) return best;
        for (Way& way : candidates()) {
            rate(way);
            const bool whole = way.fits == m_needed;
            const bool common =
                way.add.empty()
                    ? isCommon(way.strip)
                    : std::all_of(m_network.begin(), m_network.end(), [&](const TensorSize& one) {
                          return one.name.starts_with(way.add);
                      });
            if (!whole && !common) continue;
            if (way.betterThan(best.front()))
                best = {way};
            else if (way.sameQualityAs(best.front()) && way.names > 0 &&
                     !(best.front().strip.empty() && best.front().add.empty()))
                best.push_back(way);
        }
        // Blocks that are alike make many parts of a model fit; what fits as it is goes before
        // them.
        if (best.size() > 1 && plain.fits > 0) return {plain};
        return best;
    }

    Error ambiguity(const std::vector<Way>& ways) const {
        std::vector<std::string> places;
        for (const Way& way : ways) {
            const std::string& text = way.strip.empty() ? way.add : way.strip;
            places.push_back(text.substr(0, text.size() - 1));
        }
        const std::string choices = joinWords(places);
        if (ways.front().strip.empty())
            return {sentence("The file's weights fit several parts of the network equally well: "
                             "{places}.",
                             {{"places", choices}}),
                    "Name the blocks as in the network the weights come from."};
        const std::string first = ways.front().strip.substr(0, ways.front().strip.size() - 1);
        return {sentence("The file holds weights for this network several times: under {places}.",
                         {{"places", choices}}),
                sentence("Save the ones you mean by themselves; in Python, for {place}: "
                         "torch.save({dict}, 'weights.pth').",
                         {{"place", first}, {"dict", pythonOf(first)}})};
    }

    /// The Python that gives what lies below a prefix: keys of the checkpoint first.
    std::string pythonOf(const std::string& prefix) const {
        std::string place;
        for (const std::string& one : m_file.places)
            if ((prefix == one || prefix.starts_with(one + ".")) && one.size() > place.size())
                place = one;
        std::string dict = "checkpoint";
        for (std::size_t begin = 0; !place.empty() && begin <= place.size();) {
            const std::size_t dot = std::min(place.find('.', begin), place.size());
            dict += "['" + place.substr(begin, dot - begin) + "']";
            begin = dot + 1;
        }
        if (prefix == place) return dict;
        const std::string rest = prefix.substr(place.empty() ? 0 : place.size() + 1) + ".";
        return "{k[" + std::to_string(rest.size()) + ":]: v for k, v in " + dict +
               ".items() if k.startswith('" + rest + "')}";
    }

    /// The dict of the file that a name lies in.
    std::string placeOf(const std::string& name) const {
        std::string place;
        for (const std::string& one : m_file.places)
            if (name.starts_with(one + ".") && one.size() > place.size()) place = one;
        return place;
    }

    FittedWeights take(const Way& way) const {
        FittedWeights fitted;
        fitted.remarks = m_file.remarks;
        std::set<std::string> heads, usedPlaces;
        std::size_t renamed = 0, counters = 0;
        std::vector<const NamedTensor*> left;
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            const NamedTensor& entry = m_file.tensors[i];
            const TensorSize* place = wanted(i, way);
            if (!place || !fitted.tensors.emplace(place->name, &entry.tensor).second) {
                left.push_back(&entry);
                continue;
            }
            usedPlaces.insert(placeOf(entry.name));
            if (place->name != way.add + entry.name.substr(way.strip.size())) ++renamed;
        }
        for (const NamedTensor* entry : left) {
            fitted.unused.push_back(entry);
            if (!entry->name.starts_with(way.strip)) continue;
            const std::string name = way.add + entry->name.substr(way.strip.size());
            const auto head =
                std::find_if(kTrainingHeads.begin(), kTrainingHeads.end(),
                             [&](const TrainingHead& one) { return name.starts_with(one.prefix); });
            if (head != kTrainingHeads.end() && !hasBlocksBelow(head->prefix))
                heads.insert(
                    std::string(head->prefix, std::char_traits<char>::length(head->prefix) - 1) +
                    " of " + head->model);
            else if (usedPlaces.empty() || usedPlaces.contains(placeOf(entry->name)))
                fitted.surplus.push_back(name);
        }
        for (const TensorSize& tensor : m_network) {
            if (!isCounter(tensor.name) || fitted.tensors.contains(tensor.name)) continue;
            const std::string block = tensor.name.substr(
                0, tensor.name.size() - std::char_traits<char>::length(kCounter));
            if (!fitted.tensors.contains(block + "running_mean")) continue;
            fitted.tensors.emplace(tensor.name, &zeroCount());
            ++counters;
        }
        say(way, heads, renamed, counters, fitted.remarks);
        return fitted;
    }

    bool hasBlocksBelow(const std::string& prefix) const {
        return std::any_of(m_network.begin(), m_network.end(), [&](const TensorSize& tensor) {
            return tensor.name.starts_with(prefix);
        });
    }

    static void say(const Way& way, const std::set<std::string>& heads, std::size_t renamed,
                    std::size_t counters, std::vector<std::string>& remarks) {
        if (!way.strip.empty())
            remarks.push_back("The file's names are taken without \"" + way.strip +
                              "\", with which they begin.");
        if (!way.add.empty())
            remarks.push_back("The file's names are taken with \"" + way.add +
                              "\" before them, as the network has it.");
        if (renamed > 0)
            remarks.push_back(
                "The file has names that torchvision has changed since; they are taken as "
                "today's.");
        std::string list;
        for (const std::string& head : heads) list += (list.empty() ? "" : ", ") + head;
        if (!list.empty())
            remarks.push_back(
                "The file's auxiliary heads, which only help training, are left out: " + list +
                ".");
        if (counters > 0)
            remarks.push_back(
                "The file has no num_batches_tracked, as files from before PyTorch "
                "0.4.1; counting begins at 0.");
    }
};

}  // namespace

const PlainTensor* FittedWeights::find(const std::string& name) const {
    const auto found = tensors.find(name);
    return found == tensors.end() ? nullptr : found->second;
}

Result<FittedWeights> fitNames(const Weights& file, const std::vector<TensorSize>& network) {
    return Fitting(file, network).run();
}

}  // namespace loom
