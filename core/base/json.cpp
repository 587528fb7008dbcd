#include "core/base/json.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/base/sentence.h"
#include "core/base/text.h"

namespace loom {
namespace {

using nlohmann::json;

/// Builds a Value while reading, so that nothing is held twice and limits apply as they are
/// reached.
class Builder : public nlohmann::json_sax<json> {
public:
    Value root;
    std::string problem;

    bool null() override { return add(Value()); }
    bool boolean(bool value) override { return add(Value(value)); }
    bool number_integer(number_integer_t value) override { return add(Value(std::int64_t(value))); }
    bool number_unsigned(number_unsigned_t value) override {
        if (value > std::uint64_t(INT64_MAX)) return add(Value(double(value)));
        return add(Value(std::int64_t(value)));
    }
    bool number_float(number_float_t value, const string_t&) override { return add(Value(value)); }
    bool string(string_t& value) override { return add(Value(std::move(value))); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Value(Dict{})); }
    bool start_array(std::size_t) override { return open(Value(List{})); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& key) override {
        if (m_open.back().value.asDict().contains(key)) {
            problem = "the key \"" + key + "\" is there twice in one object";
            return false;
        }
        m_open.back().key = std::move(key);
        return true;
    }
    bool parse_error(std::size_t, const std::string& lastRead,
                     const json::exception& error) override {
        problem = jsonProblem(error.what(), lastRead);
        return false;
    }

private:
    struct Open {
        Value value;
        std::string key;
    };
    std::vector<Open> m_open;

    bool add(Value value) {
        if (m_open.empty()) {
            root = std::move(value);
        } else if (m_open.back().value.isList()) {
            m_open.back().value.asList().push_back(std::move(value));
        } else {
            m_open.back().value.asDict().set(m_open.back().key, std::move(value));
        }
        return true;
    }
    bool open(Value value) {
        if (m_open.size() >= 100) {
            problem = "it is nested more than 100 levels deep";
            return false;
        }
        m_open.push_back({std::move(value), {}});
        return true;
    }
    bool close() {
        Value value = std::move(m_open.back().value);
        m_open.pop_back();
        return add(std::move(value));
    }
};

std::string quoted(const std::string& text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string scalar(const Value& value) {
    if (value.isNone()) return "null";
    if (value.isBool()) return value.asBool() ? "true" : "false";
    if (value.isInt()) return std::to_string(value.asInt());
    if (value.isFloat())
        return std::isfinite(value.asFloat()) ? formatFloat(value.asFloat()) : "null";
    return quoted(value.asString());
}

/// On one line; stops early once longer than `limit`.
std::string flat(const Value& value, std::size_t limit) {
    if (value.isList()) {
        std::string out = "[";
        for (const Value& item : value.asList()) {
            if (out.size() > limit) break;
            if (out.size() > 1) out += ", ";
            out += flat(item, limit);
        }
        return out + "]";
    }
    if (value.isDict()) {
        std::string out = "{";
        for (const auto& [key, item] : value.asDict()) {
            if (out.size() > limit) break;
            if (out.size() > 1) out += ", ";
            out += quoted(key) + ": " + flat(item, limit);
        }
        return out + "}";
    }
    return scalar(value);
}

constexpr std::size_t kColumns = 100;

void print(const Value& value, int indent, std::size_t column, bool top, std::string& out) {
    const bool container = value.isDict() || value.isList();
    if (!container || (!top && column + flat(value, kColumns).size() <= kColumns)) {
        out += flat(value, SIZE_MAX);
        return;
    }
    const std::string pad(static_cast<std::size_t>(indent) + 2, ' ');
    bool first = true;
    const auto begin = [&] {
        out += first ? "\n" : ",\n";
        first = false;
        out += pad;
    };
    if (value.isDict()) {
        out += '{';
        for (const auto& [key, item] : value.asDict()) {
            begin();
            const std::string name = quoted(key) + ": ";
            out += name;
            print(item, indent + 2, pad.size() + name.size() + 1, false, out);
        }
    } else {
        out += '[';
        for (const Value& item : value.asList()) {
            begin();
            print(item, indent + 2, pad.size() + 1, false, out);
        }
    }
    if (!first) out += "\n" + std::string(static_cast<std::size_t>(indent), ' ');
    out += value.isDict() ? '}' : ']';
}

}  // namespace

Result<Value> parseJson(std::string_view text) {
    Builder builder;
    if (!json::sax_parse(text.begin(), text.end(), &builder))
        return Error{"not valid JSON: " + cleanText(builder.problem),
                     "Compare with a file that opens."};
    return std::move(builder.root);
}

std::string jsonProblem(std::string_view parserSays, std::string_view lastRead) {
    const auto says = [&](std::string_view words) {
        return parserSays.find(words) != std::string_view::npos;
    };
    std::string where;
    if (const std::size_t line = parserSays.find("line "); line != std::string_view::npos) {
        const std::size_t end = parserSays.find_first_not_of("line column0123456789, ", line);
        where = parserSays.substr(line, end == std::string_view::npos ? end : end - line);
    }
    if (where.empty()) where = "line 1";
    const auto problem = [&](std::string_view text) {
        return sentence(text, {{"place", where}, {"text", shortText(lastRead)}});
    };
    if (says("number overflow")) return problem("the number {text} is too large");
    if (says("invalid string: ill-formed UTF-8")) return problem("{place} is not in UTF-8");
    if (says("unexpected end of input") || lastRead.empty())
        return problem("it ends in the middle, at {place}");
    return problem("\"{text}\" does not belong at {place}");
}

std::string printJson(const Value& value) {
    std::string out;
    print(value, 0, 0, true, out);
    return out + "\n";
}

std::string printJsonLine(const Value& value) {
    return flat(value, SIZE_MAX);
}

}  // namespace loom
