#include "core/base/pickle_arena.h"

namespace loom {
namespace {

const std::string kNoText;

const std::shared_ptr<const PickleValue::Arena>& noneArena() {
    static const std::shared_ptr<const PickleValue::Arena> arena = [] {
        auto made = std::make_shared<PickleValue::Arena>();
        made->nodes.emplace_back();
        return made;
    }();
    return arena;
}

}  // namespace

PickleValue::PickleValue() : m_arena(noneArena()) {}

PickleValue::PickleValue(std::shared_ptr<const Arena> arena, std::uint32_t index)
    : m_arena(std::move(arena)), m_index(index) {}

PickleValue::Type PickleValue::type() const {
    return m_arena->nodes[m_index].type;
}

bool PickleValue::isGlobal(std::string_view wanted) const {
    return type() == Type::Global && name() == wanted;
}

bool PickleValue::isObject(std::string_view wanted) const {
    return type() == Type::Object && name() == wanted;
}

bool PickleValue::boolean() const {
    return type() == Type::Bool && m_arena->nodes[m_index].integer != 0;
}

std::int64_t PickleValue::integer() const {
    return type() == Type::Int ? m_arena->nodes[m_index].integer : 0;
}

double PickleValue::number() const {
    return type() == Type::Float ? m_arena->nodes[m_index].number : static_cast<double>(integer());
}

const std::string& PickleValue::text() const {
    const bool has = type() == Type::Text || type() == Type::Bytes || type() == Type::LongInt;
    return has ? m_arena->nodes[m_index].text : kNoText;
}

const std::string& PickleValue::name() const {
    const Arena::Node& node = m_arena->nodes[m_index];
    const Arena::Node& named = node.type == Type::Object ? m_arena->nodes[node.callable] : node;
    return named.type == Type::Global ? named.text : kNoText;
}

std::size_t PickleValue::size() const {
    return m_arena->nodes[m_index].items.size();
}

PickleValue PickleValue::item(std::size_t index) const {
    if (index >= size()) return {};
    return PickleValue(m_arena, m_arena->nodes[m_index].items[index]);
}

std::size_t PickleValue::entryCount() const {
    return m_arena->nodes[m_index].entries.size() / 2;
}

PickleValue PickleValue::key(std::size_t index) const {
    if (index >= entryCount()) return {};
    return PickleValue(m_arena, m_arena->nodes[m_index].entries[2 * index]);
}

PickleValue PickleValue::entry(std::size_t index) const {
    if (index >= entryCount()) return {};
    return PickleValue(m_arena, m_arena->nodes[m_index].entries[2 * index + 1]);
}

std::optional<PickleValue> PickleValue::find(std::string_view wanted) const {
    for (std::size_t i = entryCount(); i-- > 0;) {
        const PickleValue candidate = key(i);
        const bool named = candidate.type() == Type::Text || candidate.type() == Type::Bytes;
        if (named && candidate.text() == wanted) return entry(i);
    }
    return std::nullopt;
}

PickleValue PickleValue::arguments() const {
    return PickleValue(m_arena, m_arena->nodes[m_index].arguments);
}

PickleValue PickleValue::state() const {
    return PickleValue(m_arena, m_arena->nodes[m_index].state);
}

}  // namespace loom
