#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>

namespace loom::cli {

/// Refuses what is no whole number in this range: the parser itself takes the nearest number that
/// it can hold for one with too many digits.
inline CLI::Validator wholeNumber(std::int64_t least,
                                  std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
    return CLI::Validator(
        [least, most](std::string& text) {
            std::int64_t number = 0;
            const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
            if (read.ec == std::errc() && read.ptr == text.data() + text.size() &&
                number >= least && number <= most)
                return std::string();
            return "\"" + text + "\" is no whole number from " + std::to_string(least) + " to " +
                   std::to_string(most) + ".";
        },
        "");
}

}  // namespace loom::cli
