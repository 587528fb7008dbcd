#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace loom {

/// Text from outside (a file, a file's name, an argument) made fit to be shown: bytes that are not
/// UTF-8 and control characters become U+FFFD, one for each that Python's `errors="replace"` gives.
/// Tabs and line ends stay.
std::string cleanText(std::string_view text);

/// How many characters a terminal shows of clean text, accents and wide characters apart.
std::size_t characterCount(std::string_view text);

/// The first `most` characters of clean text; never a part of one.
std::string firstCharacters(std::string_view text, std::size_t most);

/// A text from outside as it is quoted in a sentence: clean, on one line, "…" for what is beyond
/// `most` characters.
std::string shortText(std::string_view text, std::size_t most = 60);

}  // namespace loom
