#include "core/graph/layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace loom {
namespace {

constexpr int kLongestGuidedWire = 60;
constexpr int kSweeps = 6;

/// A block, or a place that a wire takes in a column it passes.
struct Place {
    NodeId id;  ///< empty: a passing wire
    double width = 0, height = 0;
    int column = 0;
    double y = 0;  ///< centre
    std::vector<int> before, behind;
};

class Layout {
public:
    Layout(const Graph& graph, const std::map<NodeId, BlockSize>& sizes,
           const LayoutOptions& options)
        : m_graph(graph), m_sizes(sizes), m_options(options) {}

    std::map<NodeId, Position> run() {
        placeBlocks();
        guideWires();
        orderColumns();
        for (int sweep = 0; sweep < kSweeps; ++sweep) alignColumns(sweep % 2 == 0);
        return writeRows();
    }

private:
    const Graph& m_graph;
    const std::map<NodeId, BlockSize>& m_sizes;
    const LayoutOptions& m_options;
    std::vector<Place> m_places;
    std::vector<std::vector<int>> m_columns;
    std::unordered_map<NodeId, int> m_index;
    std::vector<std::pair<int, int>> m_wires;
    std::vector<NodeId> m_loose;  ///< blocks without wires

    BlockSize sizeOf(const NodeId& id) const {
        const auto found = m_sizes.find(id);
        return found == m_sizes.end() ? BlockSize{} : found->second;
    }

    int add(const NodeId& id, int column) {
        Place place;
        place.id = id;
        const BlockSize size = id.empty() ? BlockSize{0, BlockSize{}.height} : sizeOf(id);
        place.width = size.width;
        place.height = size.height;
        place.column = column;
        m_places.push_back(place);
        return static_cast<int>(m_places.size()) - 1;
    }

    void placeBlocks() {
        std::vector<NodeId> order = topologicalOrder(m_graph);
        std::unordered_map<NodeId, int> rank;
        for (const NodeId& id : order) rank.emplace(id, static_cast<int>(rank.size()));
        for (const Node& node : m_graph.nodes)
            if (rank.emplace(node.id, static_cast<int>(rank.size())).second)
                order.push_back(node.id);

        std::unordered_map<NodeId, bool> wired;
        for (const Edge& edge : m_graph.edges) wired[edge.from.node] = wired[edge.to.node] = true;
        for (const NodeId& id : order) {
            if (wired[id])
                m_index.emplace(id, add(id, 0));
            else
                m_loose.push_back(id);
        }
        for (const Edge& edge : m_graph.edges) {
            const auto from = m_index.find(edge.from.node), to = m_index.find(edge.to.node);
            if (from == m_index.end() || to == m_index.end()) continue;
            // A wire against the order is part of a circle; it follows where its blocks go.
            if (rank[edge.from.node] < rank[edge.to.node])
                m_wires.emplace_back(from->second, to->second);
        }
        std::sort(m_wires.begin(), m_wires.end());
        m_wires.erase(std::unique(m_wires.begin(), m_wires.end()), m_wires.end());
        // Places are in execution order, so one pass finds the longest way to each.
        for (const auto& [from, to] : m_wires)
            m_places[at(to)].column =
                std::max(m_places[at(to)].column, m_places[at(from)].column + 1);
    }

    static std::size_t at(int index) { return static_cast<std::size_t>(index); }

    void guideWires() {
        for (const auto& [from, to] : m_wires) {
            const int first = m_places[at(from)].column, last = m_places[at(to)].column;
            int previous = from;
            if (last - first <= kLongestGuidedWire) {
                for (int column = first + 1; column < last; ++column) {
                    const int passing = add({}, column);
                    join(previous, passing);
                    previous = passing;
                }
            }
            join(previous, to);
        }
        for (std::size_t i = 0; i < m_places.size(); ++i) {
            const std::size_t column = at(m_places[i].column);
            if (m_columns.size() <= column) m_columns.resize(column + 1);
            m_columns[column].push_back(static_cast<int>(i));
        }
    }

    void join(int from, int to) {
        m_places[at(from)].behind.push_back(to);
        m_places[at(to)].before.push_back(from);
    }

    /// Barycentres, there and back: blocks stand near what they are wired to.
    void orderColumns() {
        std::vector<double> rank(m_places.size());
        const auto number = [&](const std::vector<int>& column) {
            for (std::size_t i = 0; i < column.size(); ++i)
                rank[at(column[i])] = static_cast<double>(i);
        };
        for (const auto& column : m_columns) number(column);
        for (int sweep = 0; sweep < kSweeps; ++sweep) {
            const bool forward = sweep % 2 == 0;
            for (std::size_t step = 1; step < m_columns.size(); ++step) {
                auto& column = m_columns[forward ? step : m_columns.size() - 1 - step];
                std::unordered_map<int, double> key;
                for (const int place : column) {
                    const auto& near =
                        forward ? m_places[at(place)].before : m_places[at(place)].behind;
                    double sum = 0;
                    for (const int other : near) sum += rank[at(other)];
                    key[place] =
                        near.empty() ? rank[at(place)] : sum / static_cast<double>(near.size());
                }
                std::stable_sort(column.begin(), column.end(),
                                 [&](int a, int b) { return key[a] < key[b]; });
                number(column);
            }
        }
    }

    /// Moves every place of a column to the mean of its neighbours as far as the others let it.
    void alignColumns(bool forward) {
        for (std::size_t step = 0; step < m_columns.size(); ++step) {
            const auto& column = m_columns[forward ? step : m_columns.size() - 1 - step];
            std::vector<double> wanted;
            for (const int index : column) {
                const Place& place = m_places[at(index)];
                const auto& near = forward ? place.before : place.behind;
                double sum = 0;
                for (const int other : near) sum += m_places[at(other)].y;
                wanted.push_back(near.empty() ? place.y : sum / static_cast<double>(near.size()));
            }
            std::vector<double> placed = wanted;
            for (std::size_t i = 1; i < column.size(); ++i) {
                const double apart =
                    (m_places[at(column[i - 1])].height + m_places[at(column[i])].height) / 2 +
                    m_options.gapY;
                placed[i] = std::max(wanted[i], placed[i - 1] + apart);
            }
            double error = 0;
            for (std::size_t i = 0; i < column.size(); ++i) error += wanted[i] - placed[i];
            error /= static_cast<double>(std::max<std::size_t>(1, column.size()));
            for (std::size_t i = 0; i < column.size(); ++i)
                m_places[at(column[i])].y = placed[i] + error;
        }
    }

    double columnWidth(std::size_t column) const {
        double width = 0;
        for (const int index : m_columns[column])
            width = std::max(width, m_places[at(index)].width);
        return width;
    }

    /// True when a single wire leads from the columns before into this one and on: a good place to
    /// go on in the next row.
    bool isNarrow(std::size_t column) const {
        int crossing = 0;
        for (const int index : m_columns[column])
            crossing += static_cast<int>(m_places[at(index)].before.size());
        return crossing <= 1 && m_columns[column].size() == 1;
    }

    /// The columns at which rows begin, balanced so that no row holds a single last block.
    std::vector<std::size_t> rowStarts() const {
        std::vector<std::size_t> starts{0};
        double total = 0;
        for (std::size_t c = 0; c < m_columns.size(); ++c) total += columnWidth(c) + m_options.gapX;
        total -= m_options.gapX;
        const double rows = std::ceil(total / m_options.rowWidth);
        if (rows <= 1) return starts;
        const double target = std::min(m_options.rowWidth, total / rows + 120);
        double width = 0;
        std::size_t lastNarrow = 0;
        for (std::size_t c = 0; c < m_columns.size(); ++c) {
            if (c > starts.back() && isNarrow(c)) lastNarrow = c;
            width += columnWidth(c);
            if (width > target && lastNarrow > starts.back()) {
                starts.push_back(lastNarrow);
                width = 0;
                for (std::size_t again = lastNarrow; again <= c; ++again)
                    width += columnWidth(again) + m_options.gapX;
            } else {
                width += m_options.gapX;
            }
        }
        return starts;
    }

    double snap(double value) const { return std::round(value / m_options.grid) * m_options.grid; }

    std::map<NodeId, Position> writeRows() {
        std::map<NodeId, Position> positions;
        const std::vector<std::size_t> starts = rowStarts();
        double top = 0;
        for (std::size_t row = 0; row < starts.size() && !m_columns.empty(); ++row) {
            const std::size_t end = row + 1 < starts.size() ? starts[row + 1] : m_columns.size();
            double highest = INFINITY, lowest = -INFINITY;
            for (std::size_t c = starts[row]; c < end; ++c) {
                for (const int index : m_columns[c]) {
                    const Place& place = m_places[at(index)];
                    if (place.id.empty()) continue;
                    highest = std::min(highest, place.y - place.height / 2);
                    lowest = std::max(lowest, place.y + place.height / 2);
                }
            }
            double x = 0;
            for (std::size_t c = starts[row]; c < end; ++c) {
                for (const int index : m_columns[c]) {
                    const Place& place = m_places[at(index)];
                    if (place.id.empty()) continue;
                    positions[place.id] = {snap(x),
                                           snap(top + place.y - place.height / 2 - highest)};
                }
                x += columnWidth(c) + m_options.gapX;
            }
            top += lowest - highest + m_options.rowGap;
        }
        double x = 0;
        for (const NodeId& id : m_loose) {
            const BlockSize size = sizeOf(id);
            if (x > 0 && x + size.width > m_options.rowWidth) {
                x = 0;
                top += size.height + m_options.gapY;
            }
            positions[id] = {snap(x), snap(top)};
            x += size.width + m_options.gapX;
        }
        return positions;
    }
};

}  // namespace

std::map<NodeId, Position> layoutGraph(const Graph& graph, const std::map<NodeId, BlockSize>& sizes,
                                       const LayoutOptions& options) {
    return Layout(graph, sizes, options).run();
}

}  // namespace loom
