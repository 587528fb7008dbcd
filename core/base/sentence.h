#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loom {

/// A whole sentence with named places, so that another language can put them in its own order:
/// `sentence("{block} takes {count}.", {{"block", id}, {"count", counted(n, "row", "rows")}})`.
/// Braces around a name that has no value stay as they are.
std::string sentence(std::string_view text,
                     const std::vector<std::pair<std::string_view, std::string>>& values);

/// "1 epoch", "1,200 epochs".
std::string counted(std::int64_t count, std::string_view one, std::string_view many);

/// "a", "a and b", "a, b and c".
std::string joinWords(const std::vector<std::string>& words, std::string_view last = "and");

/// "a, b" or, of more than `most`, "a, b, c and 4 more".
std::string someWords(const std::vector<std::string>& words, std::size_t most);

}  // namespace loom
