#include "core/base/text.h"

#include <algorithm>

namespace loom {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// What stands at the beginning of a text: a whole character, or bytes that begin none.
struct Unit {
    std::size_t bytes = 1;
    bool valid = false;
    char32_t code = 0;
};

/// Table 3-7 of the Unicode standard: which second bytes may follow a first one. What is invalid is
/// taken as long as it could still have become a character ("maximal subpart"), as Python does.
Unit unitAt(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return {1, true, first};
    std::size_t length = 0;
    unsigned low = 0x80, high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        if (first == 0xE0) low = 0xA0;
        if (first == 0xED) high = 0x9F;  // surrogates
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
    } else {
        return {};
    }
    char32_t code = first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= text.size() || byte(i) < low || byte(i) > high) return {i, false, 0};
        code = (code << 6) | (byte(i) & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    return {length, true, code};
}

bool isControl(char32_t code) {
    return (code < 0x20 && code != '\t' && code != '\n') ||
           (code >= 0x7F && code < 0xA0);
}

bool beginsCharacter(char c) {
    return (c & 0xC0) != 0x80;
}

}  // namespace

std::string cleanText(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Unit unit = unitAt(text);
        out += unit.valid && !isControl(unit.code) ? text.substr(0, unit.bytes) : kReplacement;
        text.remove_prefix(unit.bytes);
    }
    return out;
}

std::size_t characterCount(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), beginsCharacter));
}

std::string firstCharacters(std::string_view text, std::size_t most) {
    std::size_t end = 0;
    for (; end < text.size(); ++end)
        if (beginsCharacter(text[end]) && most-- == 0) break;
    return std::string(text.substr(0, end));
}

std::string shortText(std::string_view text, std::size_t most) {
    // Four bytes are the most that a character takes: no need to clean a whole file.
    const std::string_view begin = text.substr(0, 4 * (most + 1));
    std::string clean = cleanText(begin);
    std::replace_if(
        clean.begin(), clean.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; },
        ' ');
    if (begin.size() == text.size() && characterCount(clean) <= most) return clean;
    return firstCharacters(clean, most) + "…";
}

}  // namespace loom
