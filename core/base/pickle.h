#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace loom {

/// One value of a Python pickle, inert: classes and functions are names, and what a pickle would
/// have called is an Object with the name and the arguments. Nothing is ever run. A handle into
/// shared memory, cheap to copy; the default one is None.
class PickleValue {
public:
    enum class Type {
        None,
        Bool,
        Int,
        LongInt,  ///< wider than 64 bits; text() has its two's complement, lowest byte first
        Float,
        Text,  ///< str, and Python 2's byte strings
        Bytes,
        List,
        Tuple,
        Set,
        Dict,        ///< collections.OrderedDict included
        Global,      ///< a class or function; name() is "torch.FloatStorage"
        Object,      ///< name(), arguments() and state() of what would have been made
        Persistent,  ///< a value kept outside the pickle; arguments() is its id
        Cycle,       ///< stands where a value holds itself, so that a walk always ends
    };

    PickleValue();

    Type type() const;
    bool isNone() const { return type() == Type::None; }
    bool isInt() const { return type() == Type::Int; }
    bool isText() const { return type() == Type::Text; }
    bool isList() const { return type() == Type::List; }
    bool isTuple() const { return type() == Type::Tuple; }
    bool isDict() const { return type() == Type::Dict; }
    bool isGlobal(std::string_view name) const;
    bool isObject(std::string_view name) const;

    // Each accessor gives the empty value when the type is another one, so that a reader may
    // follow a path through a hostile file and check only the end.
    bool boolean() const;
    std::int64_t integer() const;
    double number() const;            ///< Float or Int
    const std::string& text() const;  ///< Text, Bytes, LongInt
    const std::string& name() const;  ///< Global, Object

    /// Members of a list, tuple or set; what was appended to an Object.
    std::size_t size() const;
    PickleValue item(std::size_t index) const;
    /// Members of a dict; what was set on an Object.
    std::size_t entryCount() const;
    PickleValue key(std::size_t index) const;
    PickleValue entry(std::size_t index) const;
    /// The member whose key is this text (or these bytes); the last one when there are several.
    std::optional<PickleValue> find(std::string_view key) const;

    PickleValue arguments() const;  ///< Object: a tuple, as a rule; Persistent: the id
    PickleValue state() const;      ///< Object, Dict: what `__setstate__` would get

    struct Arena;
    PickleValue(std::shared_ptr<const Arena> arena, std::uint32_t index);

private:
    std::shared_ptr<const Arena> m_arena;
    std::uint32_t m_index = 0;
};

/// Reads one pickle of protocols 2 to 5. `consumed` is set to the bytes read, as several pickles
/// may follow each other. Hostile bytes give an error, never a crash: the result is at most
/// 1000 levels deep, and small enough to walk through with shared values visited repeatedly.
///
/// Errors: without a file's name ("the pickle ends in the middle of a value, at byte 17").
Result<PickleValue> readPickle(std::string_view bytes, std::size_t* consumed = nullptr);

}  // namespace loom
