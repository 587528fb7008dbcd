#include "core/base/params.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "core/base/catalogue.h"

namespace loom {
namespace {

/// The largest number of single precision: a limit of the machine, not of the parameter.
constexpr double kSinglePrecision = std::numeric_limits<float>::max();

std::string numberText(double number) {
    return formatFloat(number, false);
}

std::string rangeSentence(const ParamSpec& spec) {
    if (spec.minimum && spec.maximum && *spec.maximum >= kSinglePrecision)
        return "at least " + numberText(*spec.minimum) +
               " and no more than a number of single precision can be, 3.4e+38";
    if (spec.minimum && spec.maximum) {
        return std::string(spec.minimumExcluded ? "greater than " : "from ") +
               numberText(*spec.minimum) + (spec.minimumExcluded ? " and at most " : " to ") +
               numberText(*spec.maximum);
    }
    if (spec.minimum)
        return (spec.minimumExcluded ? "greater than " : "at least ") + numberText(*spec.minimum);
    return "at most " + numberText(*spec.maximum);
}

/// The largest whole number that a parameter takes where its own range says nothing: what LibTorch
/// counts sides with, and for single counts what doubles, in which ranges are given, hold exactly.
double largestWhole(ParamType type) {
    return type == ParamType::Ints ? 2147483647.0 : 9007199254740992.0;
}

/// The spec with the range of whole numbers, where it has none of its own.
ParamSpec bounded(const ParamSpec& spec) {
    ParamSpec known = spec;
    if (spec.type != ParamType::Int && spec.type != ParamType::Ints) return known;
    if (!known.maximum) known.maximum = largestWhole(spec.type);
    if (!known.minimum) known.minimum = -largestWhole(spec.type);
    return known;
}

/// Whether a text is a whole number, however long.
bool isWholeText(const std::string& text) {
    const std::size_t begin = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    return text.size() > begin && std::all_of(text.begin() + std::ptrdiff_t(begin), text.end(),
                                              [](char c) { return c >= '0' && c <= '9'; });
}

bool inRange(const ParamSpec& spec, double number) {
    if (std::isnan(number)) return false;
    if (spec.minimum && (spec.minimumExcluded ? number <= *spec.minimum : number < *spec.minimum))
        return false;
    return !(spec.maximum && number > *spec.maximum);
}

std::string listOf(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i)
        out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
    return out;
}

std::string expectation(const ParamSpec& spec) {
    const std::string words = spec.choices.empty() ? "" : " or " + listOf(spec.choices);
    const std::string none = spec.optional ? " (or None)" : "";
    switch (spec.type) {
        case ParamType::Bool:
            return "True or False" + none;
        case ParamType::Int:
            return "a whole number" + none;
        case ParamType::Float:
            return "a number" + none;
        case ParamType::Choice:
            return listOf(spec.choices) + none;
        case ParamType::Text:
        case ParamType::Path:
            return "text" + none;
        case ParamType::Kinds:
            return "a list of kinds, each with its parameters" + none;
        case ParamType::Ints:
        case ParamType::Floats:
            break;
    }
    const std::string one = spec.type == ParamType::Ints ? "whole number" : "number";
    if (spec.arity == 1) return "a " + one + words + none;
    if (spec.arity == 0) return "a " + one + " or a list of them" + words + none;
    return "a " + one + " or a list of " + std::to_string(spec.arity) + words + none;
}

ParamProblem problem(const ParamSpec& spec, const Value& value) {
    return {spec.key,
            spec.key + " is " + value.toPython() + ", but it must be " + expectation(spec) + ".",
            spec.hint};
}

ParamProblem outOfRange(const ParamSpec& spec, const std::string& found) {
    return {spec.key, spec.key + " is " + found + ", but it must be " + rangeSentence(spec) + ".",
            spec.hint};
}

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

std::optional<Value> parseNumber(const std::string& text, bool whole) {
    std::int64_t integer = 0;
    const char* end = text.data() + text.size();
    if (auto done = std::from_chars(text.data(), end, integer);
        done.ec == std::errc() && done.ptr == end)
        return whole ? Value(integer) : Value(static_cast<double>(integer));
    if (whole) return std::nullopt;
    double number = 0;
    if (auto done = std::from_chars(text.data(), end, number);
        done.ec == std::errc() && done.ptr == end)
        return Value(number);
    return std::nullopt;
}

/// `5`, `5, 3`, `5×3`, `5 x 3`, `[5, 3]`, `(5, 3)`; with `withNone` also `None, 3`.
std::optional<Value> parseNumbers(std::string text, bool whole, bool withNone) {
    if (text.size() >= 2 && (text.front() == '[' || text.front() == '('))
        text = text.substr(1, text.size() - 2);
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool times = text.compare(i, 2, "×") == 0;
        if (text[i] == ',' || text[i] == 'x' || times) {
            parts.emplace_back();
            if (times) ++i;
        } else {
            parts.back() += text[i];
        }
    }
    if (parts.size() > 1 && trimmed(parts.back()).empty()) parts.pop_back();
    List list;
    for (const std::string& part : parts) {
        const std::string item = trimmed(part);
        if (withNone && (item == "None" || item == "none")) {
            list.emplace_back();
            continue;
        }
        auto number = parseNumber(item, whole);
        if (!number) return std::nullopt;
        list.push_back(*number);
    }
    if (list.size() == 1) return list.front();
    return Value(list);
}

}  // namespace

const ParamSpec* findSpec(const std::vector<ParamSpec>& specs, const std::string& key) {
    const auto found =
        std::find_if(specs.begin(), specs.end(), [&](const ParamSpec& s) { return s.key == key; });
    return found == specs.end() ? nullptr : &*found;
}

bool isVisible(const ParamSpec& spec, const Settings& settings) {
    if (spec.visibleWhenKey.empty()) return true;
    const Value& now = settings.value(spec.visibleWhenKey);
    if (!spec.visibleWhenValue.isList()) return now == spec.visibleWhenValue;
    const List& any = spec.visibleWhenValue.asList();
    return std::find(any.begin(), any.end(), now) != any.end();
}

Params startingParams(const std::vector<ParamSpec>& specs) {
    Params params;
    for (const ParamSpec& spec : specs)
        if (!spec.suggestion.isNone()) params.set(spec.key, spec.suggestion);
    return params;
}

std::optional<ParamProblem> checkParam(const ParamSpec& spec, const Value& value) {
    if (value.isNone()) {
        if (spec.optional || spec.inferred) return std::nullopt;
        return problem(spec, value);
    }
    const auto isOneOf = [&](const Value& v) {
        return v.isString() && std::find(spec.choices.begin(), spec.choices.end(), v.asString()) !=
                                   spec.choices.end();
    };
    const auto checkNumber = [&](const Value& number, bool whole) -> std::optional<ParamProblem> {
        const ParamSpec known = bounded(spec);
        // A file's whole number beyond 64 bits arrives as a float, a form's as text.
        const bool tooLong = whole && number.isFloat() && std::fabs(number.asFloat()) >= 9.2e18 &&
                             std::isfinite(number.asFloat());
        if (tooLong || (number.isString() && isWholeText(number.asString())))
            return outOfRange(known, value.isString() ? value.asString() : value.toPython());
        if (whole ? !number.isInt() : !number.isNumber()) return problem(spec, value);
        if (!inRange(spec, number.asFloat())) return outOfRange(spec, value.toPython());
        if (!inRange(known, number.asFloat())) return outOfRange(known, value.toPython());
        return std::nullopt;
    };
    switch (spec.type) {
        case ParamType::Bool:
            return value.isBool() ? std::nullopt : std::optional(problem(spec, value));
        case ParamType::Text:
        case ParamType::Path:
            return value.isString() ? std::nullopt : std::optional(problem(spec, value));
        case ParamType::Choice: {
            if (isOneOf(value)) return std::nullopt;
            return problem(spec, value);
        }
        case ParamType::Int:
            return checkNumber(value, true);
        case ParamType::Float:
            return checkNumber(value, false);
        case ParamType::Kinds: {
            if (!value.isList()) return problem(spec, value);
            for (const Value& item : value.asList()) {
                const Value* kind = item.isDict() ? item.asDict().find("kind") : nullptr;
                const Value* params = item.isDict() ? item.asDict().find("params") : nullptr;
                if (!kind || !kind->isString() || (params && !params->isDict()))
                    return problem(spec, value);
            }
            return std::nullopt;
        }
        case ParamType::Ints:
        case ParamType::Floats:
            break;
    }
    if (isOneOf(value)) return std::nullopt;
    const bool whole = spec.type == ParamType::Ints;
    if (!value.isList()) return checkNumber(value, whole);
    const std::size_t length = value.asList().size();
    if (spec.arity != 0 && length != static_cast<std::size_t>(spec.arity))
        return problem(spec, value);
    for (const Value& item : value.asList()) {
        // A side may be None where the whole may: AdaptiveAvgPool2d([None, 7]).
        if (item.isNone() && spec.optional) continue;
        if (auto found = checkNumber(item, whole)) return found;
    }
    return std::nullopt;
}

std::vector<ParamProblem> checkParams(const std::vector<ParamSpec>& specs, const Params& params) {
    std::vector<ParamProblem> problems;
    for (const ParamSpec& spec : specs) {
        const Value* value = params.find(spec.key);
        if (!value) {
            if (spec.required && !spec.inferred)
                problems.push_back(
                    {spec.key, spec.key + " is not set, and it has no default.", spec.hint});
            continue;
        }
        if (auto found = checkParam(spec, *value)) problems.push_back(*found);
    }
    std::vector<std::string> known;
    for (const ParamSpec& spec : specs) known.push_back(spec.key);
    for (const auto& [key, value] : params) {
        if (findSpec(specs, key)) continue;
        const auto near = nearestWords(key, known);
        problems.push_back({key,
                            "there is no parameter " + key + " here; it is kept but has no effect.",
                            near.empty() ? "Take it away, or check its spelling."
                                         : "Did you mean " + listOf(near) + "?",
                            true});
    }
    return problems;
}

std::optional<Value> parseParam(const ParamSpec& spec, const std::string& typed) {
    const std::string text = trimmed(typed);
    if ((text == "None" || text == "none" || text.empty()) && (spec.optional || spec.inferred))
        return Value();
    const auto word = std::find(spec.choices.begin(), spec.choices.end(), text);
    switch (spec.type) {
        case ParamType::Bool:
            if (text == "True" || text == "true" || text == "on") return Value(true);
            if (text == "False" || text == "false" || text == "off") return Value(false);
            return std::nullopt;
        case ParamType::Int:
            return parseNumber(text, true);
        case ParamType::Float:
            return parseNumber(text, false);
        case ParamType::Text:
        case ParamType::Path:
            return Value(typed);
        case ParamType::Kinds:
            return std::nullopt;
        case ParamType::Choice:
            return word == spec.choices.end() ? std::nullopt : std::optional(Value(*word));
        case ParamType::Ints:
        case ParamType::Floats:
            if (word != spec.choices.end()) return Value(*word);
            return parseNumbers(text, spec.type == ParamType::Ints, spec.optional);
    }
    return std::nullopt;
}

const Value& Settings::value(const std::string& key) const {
    static const Value none;
    if (const Value* set = m_params->find(key)) return *set;
    const ParamSpec* spec = findSpec(*m_specs, key);
    return spec ? spec->defaultValue : none;
}

bool Settings::flag(const std::string& key) const {
    const Value& v = value(key);
    return v.isBool() && v.asBool();
}

std::int64_t Settings::integer(const std::string& key) const {
    const Value& v = value(key);
    if (v.isList() && !v.asList().empty() && v.asList()[0].isInt()) return v.asList()[0].asInt();
    return v.isInt() ? v.asInt() : 0;
}

double Settings::number(const std::string& key) const {
    const Value& v = value(key);
    return v.isNumber() ? v.asFloat() : 0;
}

std::string Settings::text(const std::string& key) const {
    const Value& v = value(key);
    return v.isString() ? v.asString() : std::string();
}

std::vector<std::int64_t> Settings::integers(const std::string& key) const {
    const Value& v = value(key);
    if (v.isInt()) return {v.asInt()};
    std::vector<std::int64_t> out;
    if (v.isList())
        for (const Value& item : v.asList()) out.push_back(item.isInt() ? item.asInt() : 0);
    return out;
}

std::vector<std::int64_t> Settings::integers(const std::string& key, std::size_t count) const {
    std::vector<std::int64_t> out = integers(key);
    if (out.size() == 1) out.resize(count, out[0]);
    out.resize(count);
    return out;
}

std::vector<double> Settings::numbers(const std::string& key) const {
    const Value& v = value(key);
    if (v.isNumber()) return {v.asFloat()};
    std::vector<double> out;
    if (v.isList())
        for (const Value& item : v.asList()) out.push_back(item.isNumber() ? item.asFloat() : 0);
    return out;
}

namespace {

/// A list of sides as Python's documentation writes it, `(5, 3)`; some classes take no list.
std::string argumentText(const ParamSpec& spec, const Value& value) {
    const bool numbers = spec.type == ParamType::Ints || spec.type == ParamType::Floats;
    if (spec.type == ParamType::Float && value.isInt()) return Value(value.asFloat()).toPython();
    if (!numbers || !value.isList()) return value.toPython();
    std::string text = value.toPython();
    text.front() = '(';
    text.back() = value.asList().size() == 1 ? ',' : ')';
    return text.back() == ',' ? text + ')' : text;
}

}  // namespace

std::string pythonCall(const std::string& name, const std::vector<ParamSpec>& specs,
                       const Params& params, const Params& inferred) {
    std::string out;
    bool leading = true;
    for (const ParamSpec& spec : specs) {
        const Value* value = params.find(spec.key);
        if (!value && spec.inferred) value = inferred.find(spec.key);
        const bool needed = spec.required || spec.inferred;
        // A default that changed is written out: the line means the same with every release.
        const bool stated = !spec.defaultSince.empty();
        if (!value && stated) value = &spec.defaultValue;
        if (!value || (!needed && !stated && *value == spec.defaultValue)) {
            leading = false;
            continue;
        }
        leading = leading && needed;
        const std::string text = argumentText(spec, *value);
        out += (out.empty() ? "" : ", ") + (leading ? "" : spec.key + "=") + text;
    }
    return name + "(" + out + ")";
}

}  // namespace loom
