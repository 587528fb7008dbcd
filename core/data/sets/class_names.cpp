#include "core/data/sets/class_names.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace loom {
namespace {

constexpr char32_t kNoCharacter = 0x110000;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t digitsFrom(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && isDigit(text[end])) ++end;
    return end;
}

}  // namespace

CodePoint codePointAt(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned char first = byte(0);
    const std::size_t bytes = first < 0x80                     ? 1
                              : first >= 0xC2 && first < 0xE0  ? 2
                              : first >= 0xE0 && first < 0xF0  ? 3
                              : first >= 0xF0 && first <= 0xF4 ? 4
                                                               : 0;
    if (bytes == 1) return {first, 1};
    if (bytes == 0 || at + bytes > text.size()) return {kNoCharacter + first, 1};
    char32_t value = first & (0xFFu >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {kNoCharacter + first, 1};
        value = (value << 6) | (byte(i) & 0x3Fu);
    }
    return {value, bytes};
}

bool isBlank(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

bool isInvisible(char32_t c) {
    return c == 0x200B || c == 0x200E || c == 0x200F || c == 0x2060 || c == 0xFEFF || c == 0xAD;
}

std::string_view withoutBlanks(std::string_view text) {
    const auto leaves = [](CodePoint one) { return isBlank(one.value) || isInvisible(one.value); };
    while (!text.empty()) {
        const CodePoint one = codePointAt(text, 0);
        if (!leaves(one)) break;
        text.remove_prefix(one.bytes);
    }
    while (!text.empty()) {
        std::size_t last = text.size() - 1;
        while (last > 0 && text.size() - last < 4 &&
               (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80)
            --last;
        const CodePoint one = codePointAt(text, last);
        if (last + one.bytes != text.size() || !leaves(one)) break;
        text.remove_suffix(one.bytes);
    }
    return text;
}

std::optional<std::string> exactNumber(std::string_view text) {
    std::size_t at = 0;
    bool negative = false;
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) negative = text[at++] == '-';
    const std::size_t whole = digitsFrom(text, at);
    std::string digits(text.substr(at, whole - at));
    std::int64_t exponent = 0;
    at = whole;
    if (at < text.size() && text[at] == '.') {
        const std::size_t end = digitsFrom(text, at + 1);
        digits += text.substr(at + 1, end - at - 1);
        exponent -= static_cast<std::int64_t>(end - at - 1);
        at = end;
    }
    if (digits.empty()) return std::nullopt;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        const bool down = at < text.size() && text[at] == '-';
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        const std::size_t end = digitsFrom(text, at);
        // Beyond nine digits the power no longer fits; no table holds such a number.
        if (end == at || end - at > 9) return std::nullopt;
        const std::int64_t power = std::stoll(std::string(text.substr(at, end - at)));
        exponent += down ? -power : power;
        at = end;
    }
    if (at != text.size()) return std::nullopt;
    const std::size_t first = digits.find_first_not_of('0');
    if (first == std::string::npos) return "0e0";
    const std::size_t last = digits.find_last_not_of('0');
    exponent += static_cast<std::int64_t>(digits.size() - 1 - last);
    return (negative ? "-" : "") + digits.substr(first, last - first + 1) + "e" +
           std::to_string(exponent);
}

std::string classKey(std::string_view name) {
    name = withoutBlanks(name);
    std::string plain;
    for (std::size_t at = 0; at < name.size();) {
        const CodePoint one = codePointAt(name, at);
        if (isBlank(one.value))
            plain += ' ';
        else if (one.value == 0x2212)  // the minus sign of typesetters
            plain += '-';
        else if (one.value > 0xFF00 && one.value < 0xFF5F)  // full-width forms of ASCII
            plain += static_cast<char>(one.value - 0xFEE0);
        else if (!isInvisible(one.value))
            plain += name.substr(at, one.bytes);
        at += one.bytes;
    }
    if (auto number = exactNumber(plain)) return *number;
    // No word may look like a number's key.
    return "'" + plain;
}

}  // namespace loom
