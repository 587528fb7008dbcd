#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace loom {

class Value;
using List = std::vector<Value>;

/// String-keyed values in insertion order. Small (a kind has at most a dozen parameters), so
/// look-up is linear.
class Dict {
public:
    using Entry = std::pair<std::string, Value>;
    Dict() = default;
    Dict(std::initializer_list<Entry> entries);

    const Value* find(const std::string& key) const;
    Value* find(const std::string& key);
    /// Replaces the value of `key`, or appends it.
    void set(const std::string& key, Value value);
    bool erase(const std::string& key);
    bool contains(const std::string& key) const { return find(key) != nullptr; }
    bool empty() const { return m_entries.empty(); }
    std::size_t size() const { return m_entries.size(); }
    auto begin() const { return m_entries.begin(); }
    auto end() const { return m_entries.end(); }
    /// Equal as Python dicts are: the order of the keys does not matter.
    friend bool operator==(const Dict& a, const Dict& b);

private:
    std::vector<Entry> m_entries;
};

/// A plain value as JSON and Python's literals know it: None, bool, int, float, str, list, dict.
/// Integers and floats stay apart, so that `5` and `5.0` are written back as they were read.
class Value {
public:
    Value() = default;
    Value(std::nullptr_t) {}
    Value(bool value) : m_data(value) {}
    Value(int value) : m_data(static_cast<std::int64_t>(value)) {}
    Value(std::int64_t value) : m_data(value) {}
    Value(double value) : m_data(value) {}
    Value(const char* value) : m_data(std::string(value)) {}
    Value(std::string value) : m_data(std::move(value)) {}
    Value(List value) : m_data(std::move(value)) {}
    Value(Dict value) : m_data(std::move(value)) {}

    bool isNone() const { return m_data.index() == 0; }
    bool isBool() const { return m_data.index() == 1; }
    bool isInt() const { return m_data.index() == 2; }
    bool isFloat() const { return m_data.index() == 3; }
    bool isNumber() const { return isInt() || isFloat(); }
    bool isString() const { return m_data.index() == 4; }
    bool isList() const { return m_data.index() == 5; }
    bool isDict() const { return m_data.index() == 6; }

    // Each accessor asks for what the matching is...() promises.
    bool asBool() const { return std::get<bool>(m_data); }
    std::int64_t asInt() const { return std::get<std::int64_t>(m_data); }
    /// Any number, as a float.
    double asFloat() const {
        return isInt() ? static_cast<double>(asInt()) : std::get<double>(m_data);
    }
    const std::string& asString() const { return std::get<std::string>(m_data); }
    const List& asList() const { return std::get<List>(m_data); }
    List& asList() { return std::get<List>(m_data); }
    const Dict& asDict() const { return std::get<Dict>(m_data); }
    Dict& asDict() { return std::get<Dict>(m_data); }

    /// `5 == 5.0`, as in Python; otherwise types must agree.
    friend bool operator==(const Value& a, const Value& b);

    /// The value as Python writes it: `None`, `True`, `[5, 3]`, `'zeros'`.
    std::string toPython() const;
    /// The value as a person reads it in a form or on a block: `5×3`, `zeros`, `on`.
    std::string toText() const;

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Dict> m_data;
};

/// The shortest text that reads back as the same double, always with a point or an exponent
/// when `keepFloat` (`1.0`, `1e-05`), as Python prints it.
std::string formatFloat(double value, bool keepFloat = true);

}  // namespace loom
