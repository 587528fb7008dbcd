#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/params.h"

namespace loom {

/// What a release of PyTorch or torchvision changed of a kind, and what is done about it here.
struct VersionChange {
    std::string release;  ///< "2.1"
    std::string change;   ///< a sentence about Python: "Adam averages its gradients by lerp."
    std::string here;     ///< a sentence about this program: "The linked LibTorch's way is taken."
};

/// What every entry of every catalogue says of itself.
struct KindInfo {
    std::string id;       ///< PyTorch's or torchvision's class name; permanent
    std::string family;   ///< heading in menus: "convolution", "pooling", ...
    std::string summary;  ///< one short phrase that completes "Conv2d ...": "slides small filters
                          ///< over the picture"
    std::string details = {};                ///< a paragraph for the help page
    std::string python = {};                 ///< dotted Python name, "torch.nn.Conv2d"
    std::vector<std::string> keywords = {};  ///< further words the search finds it by
    /// How it computes, in plain Unicode mathematics, one equation a line: "y = max(0, x)". Names
    /// of parameters stand as they are.
    std::string formula = {};
    /// The first release of PyTorch, for transforms of torchvision, that has it; empty: the oldest
    /// that is followed (1.13, 0.14) has.
    std::string since = {};
    std::vector<VersionChange> changes = {};
};

/// A fixed, ordered list of kinds.
template <class K>
class Catalogue {
public:
    explicit Catalogue(std::vector<K> kinds) : m_kinds(std::move(kinds)) {}
    const K* find(std::string_view id) const {
        for (const K& kind : m_kinds)
            if (kind.info.id == id) return &kind;
        return nullptr;
    }
    auto begin() const { return m_kinds.begin(); }
    auto end() const { return m_kinds.end(); }
    std::size_t size() const { return m_kinds.size(); }

private:
    std::vector<K> m_kinds;
};

/// The ids nearest to a mistyped one, best first, at most three: for "did you mean ...".
std::vector<std::string> nearestWords(const std::string& word,
                                      const std::vector<std::string>& known);

}  // namespace loom
