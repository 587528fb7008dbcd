#include "core/base/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace loom {

Dict::Dict(std::initializer_list<Entry> entries) {
    for (const Entry& entry : entries) set(entry.first, entry.second);
}

const Value* Dict::find(const std::string& key) const {
    for (const Entry& entry : m_entries)
        if (entry.first == key) return &entry.second;
    return nullptr;
}

Value* Dict::find(const std::string& key) {
    return const_cast<Value*>(static_cast<const Dict*>(this)->find(key));
}

void Dict::set(const std::string& key, Value value) {
    if (Value* existing = find(key))
        *existing = std::move(value);
    else
        m_entries.emplace_back(key, std::move(value));
}

bool Dict::erase(const std::string& key) {
    return std::erase_if(m_entries, [&](const Entry& entry) { return entry.first == key; }) > 0;
}

bool operator==(const Dict& a, const Dict& b) {
    if (a.size() != b.size()) return false;
    return std::all_of(a.begin(), a.end(), [&](const Dict::Entry& entry) {
        const Value* other = b.find(entry.first);
        return other && *other == entry.second;
    });
}

bool operator==(const Value& a, const Value& b) {
    if (a.isNumber() && b.isNumber() && a.isInt() != b.isInt()) return a.asFloat() == b.asFloat();
    return a.m_data == b.m_data;
}

std::string formatFloat(double value, bool keepFloat) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    const double magnitude = std::fabs(value);
    // Python's repr switches to an exponent below 1e-4 and from 1e16 on.
    const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value,
                      plain ? std::chars_format::fixed : std::chars_format::scientific);
    std::string text(buffer, end.ptr);
    if (plain && keepFloat && text.find('.') == std::string::npos) text += ".0";
    return text;
}

namespace {

std::string pythonString(const std::string& text) {
    std::string out = "'";
    for (char c : text) {
        if (c == '\\' || c == '\'') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out + "'";
}

}  // namespace

std::string Value::toPython() const {
    if (isNone()) return "None";
    if (isBool()) return asBool() ? "True" : "False";
    if (isInt()) return std::to_string(asInt());
    if (isFloat()) {
        const double number = asFloat();
        if (!std::isfinite(number)) return "float('" + formatFloat(number) + "')";
        return formatFloat(number);
    }
    if (isString()) return pythonString(asString());
    std::string out;
    if (isList()) {
        for (const Value& item : asList()) out += (out.empty() ? "" : ", ") + item.toPython();
        return "[" + out + "]";
    }
    for (const auto& [key, item] : asDict())
        out += (out.empty() ? "" : ", ") + pythonString(key) + ": " + item.toPython();
    return "{" + out + "}";
}

std::string Value::toText() const {
    if (isBool()) return asBool() ? "on" : "off";
    if (isNone()) return "none";
    if (isFloat()) return formatFloat(asFloat(), false);
    if (isString()) return asString();
    if (!isList()) return toPython();
    const List& list = asList();
    const bool whole =
        std::all_of(list.begin(), list.end(), [](const Value& v) { return v.isInt(); });
    std::string out;
    for (const Value& item : list) out += (out.empty() ? "" : whole ? "×" : ", ") + item.toText();
    return out;
}

}  // namespace loom
