#include "core/graph/text_form.h"

#include <cctype>
#include <charconv>
#include <set>
#include <sstream>
#include <system_error>

#include "core/base/json.h"
#include "core/graph/edit.h"

namespace loom {
namespace {

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

/// Splits at `separator` outside of brackets and quotes.
std::vector<std::string> split(const std::string& text, const std::string& separators) {
    std::vector<std::string> parts(1);
    int depth = 0;
    bool quoted = false;
    for (char c : text) {
        if (c == '"') quoted = !quoted;
        if (!quoted && (c == '[' || c == '{')) ++depth;
        if (!quoted && (c == ']' || c == '}')) --depth;
        if (!quoted && depth == 0 && separators.find(c) != std::string::npos)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

Value literal(const std::string& text) {
    if (text == "True") return true;
    if (text == "False") return false;
    if (text == "None") return {};
    auto value = parseJson(text);
    return value ? *value : Value(text);
}

std::string literalText(const Value& value) {
    if (value.isBool() || value.isNone()) return value.toPython();
    if (value.isString() && !value.asString().empty() &&
        value.asString().find_first_of(" \t\n>;\"[]{}=") == std::string::npos &&
        literal(value.asString()).isString())
        return value.asString();
    std::string text = printJsonLine(value);
    std::erase(text, ' ');
    return value.isString() ? printJsonLine(value) : text;
}

std::optional<List> sizeToken(const std::string& token) {
    List sides;
    for (const std::string& part : split(token, "x")) {
        std::int64_t side = 0;
        const auto done = std::from_chars(part.data(), part.data() + part.size(), side);
        if (done.ec != std::errc() || done.ptr != part.data() + part.size()) return std::nullopt;
        sides.emplace_back(side);
    }
    return sides;
}

std::optional<PortRef> reference(const std::string& token) {
    PortRef ref{token, 0};
    if (const std::size_t colon = token.find(':'); colon != std::string::npos) {
        ref.node = token.substr(0, colon);
        const char* end = token.data() + token.size();
        const auto done = std::from_chars(token.data() + colon + 1, end, ref.port);
        if (done.ec != std::errc() || done.ptr != end) return std::nullopt;
    }
    return ref;
}

class Reader {
public:
    Result<Graph> read(const std::string& text) {
        for (const std::string& chain : split(text, ";\n")) {
            if (trimmed(chain).empty()) continue;
            std::optional<PortRef> previous;
            for (const std::string& part : split(chain, ">")) {
                auto element = readElement(trimmed(part));
                if (!element) return element.error();
                if (previous) {
                    auto connected = edit::connect(m_graph, *previous, *element);
                    if (!connected) return connected.error();
                    m_graph = std::move(connected).value();
                }
                previous = PortRef{element->node, m_created ? 0 : element->port};
            }
        }
        return std::move(m_graph);
    }

private:
    Graph m_graph;
    bool m_created = false;

    Result<PortRef> readElement(const std::string& text) {
        std::vector<std::string> tokens;
        for (const std::string& token : split(text, " \t"))
            if (!token.empty()) tokens.push_back(token);
        if (tokens.empty())
            return Error{"A block is missing between two '>'.", "Write a kind, such as ReLU."};
        m_created = false;
        if (tokens.size() == 1) {
            const auto ref = reference(tokens[0]);
            if (ref && m_graph.find(ref->node)) return *ref;
        }
        Node node;
        node.kind = tokens[0];
        if (const std::size_t equals = node.kind.find('='); equals != std::string::npos) {
            node.id = node.kind.substr(0, equals);
            node.kind = node.kind.substr(equals + 1);
        }
        if (node.kind.empty() || !std::isupper(static_cast<unsigned char>(node.kind[0])))
            return Error{"There is no block " + tokens[0] + ".",
                         "Name a block that stands earlier, or a kind such as ReLU."};
        for (std::size_t i = 1; i < tokens.size(); ++i) {
            const std::size_t equals = tokens[i].find('=');
            if (equals != std::string::npos) {
                node.params.set(tokens[i].substr(0, equals), literal(tokens[i].substr(equals + 1)));
            } else if (auto size = sizeToken(tokens[i])) {
                node.params.set("shape", Value(*size));
            } else {
                return Error{"\"" + tokens[i] + "\" is not a parameter.", "Write key=value."};
            }
        }
        auto added = edit::addNode(m_graph, std::move(node));
        if (!added) return added.error();
        m_graph = std::move(added).value();
        m_created = true;
        return PortRef{m_graph.nodes.back().id, 0};
    }
};

std::string nodeText(const Node& node, const Graph& printed) {
    std::string text =
        edit::freeId(printed, node.kind) == node.id ? node.kind : node.id + "=" + node.kind;
    for (const auto& [key, value] : node.params) {
        bool isSize =
            key == "shape" && node.kind == "Input" && value.isList() && !value.asList().empty();
        if (isSize)
            for (const Value& side : value.asList())
                isSize = isSize && side.isInt() && side.asInt() >= 0;
        if (isSize) {
            text += ' ';
            for (std::size_t i = 0; i < value.asList().size(); ++i)
                text += (i ? "x" : "") + std::to_string(value.asList()[i].asInt());
        } else {
            text += " " + key + "=" + literalText(value);
        }
    }
    return text;
}

}  // namespace

Result<Graph> graphFromText(const std::string& text) {
    return Reader().read(text);
}

std::string graphToText(const Graph& graph) {
    // Blocks are printed in the graph's own order, which freeId and reading back depend on; a chain
    // goes on while the next block listed is fed by the last one printed.
    std::string out;
    Graph printed;
    std::vector<Edge> left = graph.edges;
    bool endsWithPrevious = false;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        const Edge chainEdge{{i ? graph.nodes[i - 1].id : std::string(), 0}, {node.id, 0}};
        const bool chained = i > 0 && !left.empty() && left.front() == chainEdge;
        if (chained) left.erase(left.begin());
        if (i > 0)
            out += !chained           ? " ; "
                   : endsWithPrevious ? " > "
                                      : " ; " + graph.nodes[i - 1].id + " > ";
        out += nodeText(node, printed);
        printed.nodes.push_back(node);
        endsWithPrevious = true;
        // Wires that stand in the list before the next chain's wire are written now, so that the
        // order of the wires survives too.
        const bool more = i + 1 < graph.nodes.size();
        const Edge nextChain{{node.id, 0}, {more ? graph.nodes[i + 1].id : std::string(), 0}};
        const auto known = [&](const Edge& e) {
            return printed.find(e.from.node) && printed.find(e.to.node);
        };
        while (!left.empty() && known(left.front()) && !(more && left.front() == nextChain)) {
            out += " ; " + left.front().from.toText() + " > " + left.front().to.toText();
            left.erase(left.begin());
            endsWithPrevious = false;
        }
    }
    for (const Edge& edge : left) out += " ; " + edge.from.toText() + " > " + edge.to.toText();
    return out;
}

}  // namespace loom
