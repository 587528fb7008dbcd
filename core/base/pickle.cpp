#include "core/base/pickle.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "core/base/pickle_arena.h"

namespace loom {
namespace {

using Type = PickleValue::Type;
using Index = std::uint32_t;
using Node = PickleValue::Arena::Node;
using Arena = PickleValue::Arena;

constexpr std::size_t kMaximumNodes = 4'000'000;
constexpr std::uint32_t kMaximumDepth = 1000;
/// Visits of a walk that follows every reference, shared ones again each time.
constexpr std::uint64_t kMaximumWalk = 50'000'000;

constexpr Index kNone = PickleValue::Arena::kNone;
constexpr Index kFalse = 1;
constexpr Index kTrue = 2;
constexpr Index kCycle = 3;
constexpr Index kFirstSmallInt = 4;

/// Thrown inside readPickle only.
struct Refusal {
    std::string message;
};

std::optional<std::string> latin1Bytes(const std::string& utf8) {
    std::string bytes;
    bytes.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        if (lead < 0x80) {
            bytes.push_back(utf8[i]);
        } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < utf8.size()) {
            const auto next = static_cast<unsigned char>(utf8[++i]);
            bytes.push_back(static_cast<char>((lead & 3) << 6 | (next & 0x3F)));
        } else {
            return std::nullopt;
        }
    }
    return bytes;
}

class Machine {
public:
    explicit Machine(std::string_view bytes) : m_bytes(bytes), m_arena(std::make_shared<Arena>()) {
        add({.type = Type::None});
        add({.type = Type::Bool, .integer = 0});
        add({.type = Type::Bool, .integer = 1});
        add({.type = Type::Cycle});
        for (std::int64_t i = 0; i < 256; ++i) add({.type = Type::Int, .integer = i});
    }

    PickleValue run() {
        while (step()) {
        }
        if (m_stack.empty()) throw Refusal{"the pickle ends without a value"};
        const Index root = m_stack.back();
        settle(root);
        return PickleValue(m_arena, root);
    }

    std::size_t position() const { return m_position; }

private:
    std::string place() const { return ", at byte " + std::to_string(m_position); }

    std::string_view take(std::uint64_t count) {
        if (count > m_bytes.size() - m_position)
            throw Refusal{"the pickle ends in the middle of a value" + place()};
        const std::string_view taken = m_bytes.substr(m_position, count);
        m_position += count;
        return taken;
    }

    std::uint64_t takeUnsigned(std::size_t width) {
        const std::string_view raw = take(width);
        std::uint64_t value = 0;
        for (std::size_t i = width; i-- > 0;)
            value = value << 8 | static_cast<unsigned char>(raw[i]);
        return value;
    }

    std::string takeLine() {
        const std::size_t end = m_bytes.find('\n', m_position);
        if (end == std::string_view::npos)
            throw Refusal{"the pickle ends in the middle of a name" + place()};
        std::string line(m_bytes.substr(m_position, end - m_position));
        m_position = end + 1;
        return line;
    }

    Index add(Node node) {
        if (m_arena->nodes.size() >= kMaximumNodes)
            throw Refusal{"the pickle holds more than 4,000,000 values"};
        m_arena->nodes.push_back(std::move(node));
        return static_cast<Index>(m_arena->nodes.size() - 1);
    }

    /// Counts bytes copied from values that may be named again and again by a few bytes.
    void spend(std::uint64_t bytes) {
        m_copied += bytes;
        if (m_copied > 4 * m_bytes.size() + 4096)
            throw Refusal{"the pickle repeats its values too often"};
    }

    void push(Index index) { m_stack.push_back(index); }
    void push(Node node) { m_stack.push_back(add(std::move(node))); }

    void pushInteger(std::int64_t value) {
        if (value >= 0 && value < 256)
            push(kFirstSmallInt + static_cast<Index>(value));
        else
            push({.type = Type::Int, .integer = value});
    }

    void pushText(Type type, std::uint64_t length) {
        push({.type = type, .text = std::string(take(length))});
    }

    std::size_t floor() const { return m_marks.empty() ? 0 : m_marks.back(); }

    Index pop() {
        if (m_stack.size() <= floor())
            throw Refusal{"the pickle takes a value that is not there" + place()};
        const Index top = m_stack.back();
        m_stack.pop_back();
        return top;
    }

    Index top() const {
        if (m_stack.size() <= floor())
            throw Refusal{"the pickle takes a value that is not there" + place()};
        return m_stack.back();
    }

    std::vector<Index> popToMark() {
        if (m_marks.empty()) throw Refusal{"the pickle ends a list that it never began" + place()};
        const auto begin = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        std::vector<Index> items(begin, m_stack.end());
        m_stack.erase(begin, m_stack.end());
        m_marks.pop_back();
        return items;
    }

    std::vector<Index> popMany(std::size_t count) {
        std::vector<Index> items(count);
        for (std::size_t i = count; i-- > 0;) items[i] = pop();
        return items;
    }

    void pushSequence(Type type, std::vector<Index> items) {
        push({.type = type, .items = std::move(items)});
    }

    void pushLong(std::uint64_t length) {
        const std::string_view raw = take(length);
        if (raw.size() > 8) {
            push({.type = Type::LongInt, .text = std::string(raw)});
            return;
        }
        std::uint64_t value = !raw.empty() && (raw.back() & 0x80) ? ~std::uint64_t(0) : 0;
        for (std::size_t i = raw.size(); i-- > 0;)
            value = value << 8 | static_cast<unsigned char>(raw[i]);
        pushInteger(static_cast<std::int64_t>(value));
    }

    void pushFloat() {
        const std::string_view raw = take(8);
        std::uint64_t bits = 0;
        for (const char byte : raw) bits = bits << 8 | static_cast<unsigned char>(byte);
        double value = 0.0;
        std::memcpy(&value, &bits, sizeof value);
        push({.type = Type::Float, .number = value});
    }

    void remember(std::uint64_t slot) { m_memo[slot] = top(); }

    void recall(std::uint64_t slot) {
        const auto found = m_memo.find(slot);
        if (found == m_memo.end())
            throw Refusal{"the pickle refers to a value it never kept" + place()};
        push(found->second);
    }

    /// Adds to the container on top of the stack.
    void extend(const std::vector<Index>& items, Type type) {
        Node& target = m_arena->nodes[top()];
        if (target.type != type && target.type != Type::Object)
            throw Refusal{"the pickle adds a member to something that is no container" + place()};
        target.items.insert(target.items.end(), items.begin(), items.end());
    }

    void setItems(const std::vector<Index>& pairs) {
        Node& target = m_arena->nodes[top()];
        if ((target.type != Type::Dict && target.type != Type::Object) || pairs.size() % 2 != 0)
            throw Refusal{"the pickle sets a key on something that is no dict" + place()};
        target.entries.insert(target.entries.end(), pairs.begin(), pairs.end());
    }

    /// `callable(*arguments)`, written down instead of done.
    void pushCall(Index callable, Index arguments) {
        const Node& function = m_arena->nodes[callable];
        const std::string_view name =
            function.type == Type::Global ? std::string_view(function.text) : std::string_view();
        const Node& given = m_arena->nodes[arguments];
        if (name == "collections.OrderedDict") {
            Node dict{.type = Type::Dict};
            if (!given.items.empty()) {
                const std::vector<Index>& pairs = m_arena->nodes[given.items.front()].items;
                spend(pairs.size() * sizeof(Index));
                for (const Index pair : pairs) {
                    const std::vector<Index>& members = m_arena->nodes[pair].items;
                    if (members.size() != 2) continue;
                    dict.entries.insert(dict.entries.end(), members.begin(), members.end());
                }
            }
            push(std::move(dict));
            return;
        }
        // How protocol 2 writes bytes.
        if (name == "_codecs.encode" && !given.items.empty()) {
            const Node& text = m_arena->nodes[given.items.front()];
            spend(text.text.size());
            if (text.type == Type::Text)
                if (auto bytes = latin1Bytes(text.text)) {
                    push({.type = Type::Bytes, .text = std::move(*bytes)});
                    return;
                }
        }
        push({.type = Type::Object, .callable = callable, .arguments = arguments});
    }

    void build() {
        const Index state = pop();
        Node& target = m_arena->nodes[top()];
        if (target.type != Type::Object && target.type != Type::Dict)
            throw Refusal{"the pickle sets the state of something that is no object" + place()};
        target.state = state;
    }

    void pushGlobal(const std::string& module, const std::string& name) {
        push({.type = Type::Global, .text = module + "." + name});
    }

    /// One opcode; false at STOP. Names and codes as in Python's pickle.py.
    bool step() {
        const char code = take(1).front();
        // clang-format off
        switch (code) {
            case '\x80': take(1); return true;                           // PROTO
            case '\x95': take(8); return true;                           // FRAME
            case '.': return false;                                      // STOP
            case '(': m_marks.push_back(m_stack.size()); return true;    // MARK
            case '0': popOrUnmark(); return true;                        // POP
            case '1': popToMark(); return true;                          // POP_MARK
            case '2': push(top()); return true;                          // DUP
            case 'N': push(kNone); return true;                          // NONE
            case '\x88': push(kTrue); return true;                       // NEWTRUE
            case '\x89': push(kFalse); return true;                      // NEWFALSE
            case 'K': pushInteger(static_cast<std::int64_t>(takeUnsigned(1))); return true;
            case 'M': pushInteger(static_cast<std::int64_t>(takeUnsigned(2))); return true;
            case 'J': pushInteger(static_cast<std::int32_t>(takeUnsigned(4))); return true;
            case '\x8a': pushLong(takeUnsigned(1)); return true;         // LONG1
            case '\x8b': pushLong(takeUnsigned(4)); return true;         // LONG4
            case 'G': pushFloat(); return true;                          // BINFLOAT
            case 'X': pushText(Type::Text, takeUnsigned(4)); return true;      // BINUNICODE
            case '\x8c': pushText(Type::Text, takeUnsigned(1)); return true;   // SHORT_BINUNICODE
            case '\x8d': pushText(Type::Text, takeUnsigned(8)); return true;   // BINUNICODE8
            case 'T': pushText(Type::Text, takeUnsigned(4)); return true;      // BINSTRING
            case 'U': pushText(Type::Text, takeUnsigned(1)); return true;      // SHORT_BINSTRING
            case 'B': pushText(Type::Bytes, takeUnsigned(4)); return true;     // BINBYTES
            case 'C': pushText(Type::Bytes, takeUnsigned(1)); return true;     // SHORT_BINBYTES
            case '\x8e': pushText(Type::Bytes, takeUnsigned(8)); return true;  // BINBYTES8
            case '\x96': pushText(Type::Bytes, takeUnsigned(8)); return true;  // BYTEARRAY8
            case ')': pushSequence(Type::Tuple, {}); return true;        // EMPTY_TUPLE
            case ']': pushSequence(Type::List, {}); return true;         // EMPTY_LIST
            case '\x8f': pushSequence(Type::Set, {}); return true;       // EMPTY_SET
            case '}': push({.type = Type::Dict}); return true;           // EMPTY_DICT
            case 't': pushSequence(Type::Tuple, popToMark()); return true;
            case '\x85': pushSequence(Type::Tuple, popMany(1)); return true;
            case '\x86': pushSequence(Type::Tuple, popMany(2)); return true;
            case '\x87': pushSequence(Type::Tuple, popMany(3)); return true;
            case 'l': pushSequence(Type::List, popToMark()); return true;
            case '\x91': pushSequence(Type::Set, popToMark()); return true;    // FROZENSET
            case 'a': extend({pop()}, Type::List); return true;          // APPEND
            case 'e': extend(popToMark(), Type::List); return true;      // APPENDS
            case '\x90': extend(popToMark(), Type::Set); return true;    // ADDITEMS
            case 's': setItems(popMany(2)); return true;                 // SETITEM
            case 'u': setItems(popToMark()); return true;                // SETITEMS
            case 'q': remember(takeUnsigned(1)); return true;            // BINPUT
            case 'r': remember(takeUnsigned(4)); return true;            // LONG_BINPUT
            case '\x94': remember(m_memo.size()); return true;           // MEMOIZE
            case 'h': recall(takeUnsigned(1)); return true;              // BINGET
            case 'j': recall(takeUnsigned(4)); return true;              // LONG_BINGET
            case 'Q': push({.type = Type::Persistent, .arguments = pop()}); return true;
            case 'c': {                                                  // GLOBAL
                const std::string module = takeLine();
                pushGlobal(module, takeLine());
                return true;
            }
            case '\x93': {                                               // STACK_GLOBAL
                const Index name = pop();
                const Index module = pop();
                spend(m_arena->nodes[module].text.size() + m_arena->nodes[name].text.size());
                pushGlobal(m_arena->nodes[module].text, m_arena->nodes[name].text);
                return true;
            }
            case '\x92': pop(); [[fallthrough]];                         // NEWOBJ_EX
            case 'R':                                                    // REDUCE
            case '\x81': {                                               // NEWOBJ
                const Index arguments = pop();
                const Index callable = pop();
                pushCall(callable, arguments);
                return true;
            }
            case 'b': build(); return true;                              // BUILD
            default: break;
        }
        // clang-format on
        throw Refusal{"the pickle holds the unknown instruction " +
                      std::to_string(static_cast<unsigned char>(code)) + place()};
    }

    void popOrUnmark() {
        if (!m_marks.empty() && m_stack.size() == m_marks.back())
            m_marks.pop_back();
        else
            pop();
    }

    static Index* child(Node& node, std::size_t number) {
        if (number < node.items.size()) return &node.items[number];
        number -= node.items.size();
        if (number < node.entries.size()) return &node.entries[number];
        number -= node.entries.size();
        return number == 0 ? &node.arguments : number == 1 ? &node.state : nullptr;
    }

    /// Cuts every reference of a value to one that holds it, and bounds depth and size of a walk.
    void settle(Index root) {
        struct Visit {
            Index node;
            std::size_t next;
        };
        struct Extent {
            bool open = false;
            std::uint32_t depth = 0;  ///< 0: not seen yet
            std::uint64_t walk = 0;
        };
        std::vector<Extent> extents(m_arena->nodes.size());
        std::vector<Visit> path{{root, 0}};
        extents[root].open = true;
        while (!path.empty()) {
            Visit& visit = path.back();
            Extent& extent = extents[visit.node];
            Index* link = child(m_arena->nodes[visit.node], visit.next++);
            if (!link) {
                extent.open = false;
                ++extent.depth;
                ++extent.walk;
                if (extent.depth > kMaximumDepth)
                    throw Refusal{"the pickle is nested more than 1000 levels deep"};
                if (extent.walk > kMaximumWalk)
                    throw Refusal{"the pickle repeats its values too often"};
                const Extent done = extent;
                path.pop_back();
                if (!path.empty()) absorb(extents[path.back().node], done);
            } else if (extents[*link].open) {
                *link = kCycle;
            } else if (extents[*link].depth > 0) {
                absorb(extent, extents[*link]);
            } else {
                extents[*link].open = true;
                path.push_back({*link, 0});
            }
        }
    }

    template <class Extent>
    static void absorb(Extent& whole, const Extent& part) {
        whole.depth = std::max(whole.depth, part.depth);
        whole.walk = std::min(whole.walk + part.walk, kMaximumWalk + 1);
    }

    std::string_view m_bytes;
    std::size_t m_position = 0;
    std::uint64_t m_copied = 0;
    std::shared_ptr<Arena> m_arena;
    std::vector<Index> m_stack;
    std::vector<std::size_t> m_marks;
    std::map<std::uint64_t, Index> m_memo;
};

}  // namespace

Result<PickleValue> readPickle(std::string_view bytes, std::size_t* consumed) {
    Machine machine(bytes);
    try {
        PickleValue value = machine.run();
        if (consumed) *consumed = machine.position();
        return value;
    } catch (const Refusal& refusal) {
        return Error{refusal.message, "The file is damaged, or is not what its name says."};
    }
}

}  // namespace loom
