#include "core/base/sentence.h"

#include <algorithm>

#include "core/base/shape.h"

namespace loom {

std::string sentence(std::string_view text,
                     const std::vector<std::pair<std::string_view, std::string>>& values) {
    std::string out;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        out += text.substr(0, open);
        text.remove_prefix(open);
        const std::size_t close = text.find('}');
        if (close == std::string_view::npos) break;
        const std::string_view name = text.substr(1, close - 1);
        const auto value = std::find_if(values.begin(), values.end(),
                                        [&](const auto& entry) { return entry.first == name; });
        // What is put in is not looked at again: a file's name may hold braces.
        out += value != values.end() ? value->second : std::string(text.substr(0, close + 1));
        text.remove_prefix(close + 1);
    }
    return out += text;
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
    return groupDigits(count) + ' ' + std::string(count == 1 ? one : many);
}

std::string joinWords(const std::vector<std::string>& words, std::string_view last) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " " + std::string(last) + " " : ", ";
        out += words[i];
    }
    return out;
}

std::string someWords(const std::vector<std::string>& words, std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < std::min(words.size(), most); ++i)
        out += (i == 0 ? "" : ", ") + words[i];
    if (words.size() > most)
        out += " and " + groupDigits(static_cast<std::int64_t>(words.size() - most)) + " more";
    return out;
}

}  // namespace loom
