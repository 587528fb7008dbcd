#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace loom {

/// A character of a text in UTF-8. A byte that begins none stands for itself, above all code
/// points.
struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 1;
};
CodePoint codePointAt(std::string_view text, std::size_t at);

/// Spaces, tabs, line ends, and Unicode's: no-break, thin, ideographic ones.
bool isBlank(char32_t character);
/// Takes no room at all: zero-width spaces, byte order marks, soft hyphens.
bool isInvisible(char32_t character);

/// The text without blanks and invisible characters around it.
std::string_view withoutBlanks(std::string_view text);

/// A number's value in one notation, without rounding: "7", "07", "+7.0" and "70e-1" are all "7e0".
/// nullopt for what Python's `float` does not read, and for infinities and NaN.
std::optional<std::string> exactNumber(std::string_view text);

/// Equal for names that mean the same class: numbers of equal value, and words that differ in
/// blanks only.
std::string classKey(std::string_view name);

}  // namespace loom
