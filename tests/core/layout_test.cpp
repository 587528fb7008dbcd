#include "core/graph/layout.h"

#include <QElapsedTimer>
#include <QTest>
#include <cmath>

#include "core/graph/edit.h"
#include "core/graph/text_form.h"

using namespace loom;

namespace {

Graph read(const char* text) {
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    return *graph;
}

std::map<NodeId, BlockSize> sizesOf(const Graph& graph) {
    std::map<NodeId, BlockSize> sizes;
    for (const Node& node : graph.nodes) sizes[node.id] = {140, 52};
    return sizes;
}

bool overlap(const Position& a, const Position& b, const BlockSize& size) {
    return std::abs(a.x - b.x) < size.width && std::abs(a.y - b.y) < size.height;
}

void verifyNoOverlap(const Graph& graph, const std::map<NodeId, Position>& positions) {
    QCOMPARE(positions.size(), graph.nodes.size());
    for (const auto& [a, at] : positions) {
        QVERIFY(std::isfinite(at.x) && std::isfinite(at.y));
        QVERIFY(at.x >= 0 && at.y >= 0);
        for (const auto& [b, other] : positions)
            if (a < b) QVERIFY2(!overlap(at, other, {140, 52}), (a + " lies on " + b).c_str());
    }
}

}  // namespace

class LayoutTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aShortChainIsOneStraightRow() {
        const Graph graph = read("Input 1x28x28 > Flatten > Linear out_features=10 > Output");
        const auto positions = layoutGraph(graph, sizesOf(graph));
        double last = -1;
        for (const Node& node : graph.nodes) {
            QCOMPARE(positions.at(node.id).y, 0.0);
            QVERIFY(positions.at(node.id).x > last);
            last = positions.at(node.id).x;
        }
        QCOMPARE(positions.at("input").x, 0.0);
    }

    void aLongChainWrapsIntoBalancedRows() {
        std::string text = "Input 1x28x28";
        for (int i = 0; i < 11; ++i) text += " > ReLU";
        const Graph graph = read(text.c_str());
        LayoutOptions options;
        options.rowWidth = 900;
        const auto positions = layoutGraph(graph, sizesOf(graph), options);
        verifyNoOverlap(graph, positions);
        std::map<double, int> rows;
        for (const auto& [id, at] : positions) {
            QVERIFY(at.x + 140 <= 900);
            ++rows[at.y];
        }
        QVERIFY(rows.size() >= 3);
        for (const auto& [y, count] : rows) QVERIFY(count >= 3);
    }

    void aSkipConnectionLeavesRoomForItsWire() {
        const Graph graph = read(
            "Input 8x4x4 > a=ReLU > conv=Conv2d out_channels=8 kernel_size=1 > b=ReLU > sum=Add > "
            "Output ; a > sum:1");
        const auto positions = layoutGraph(graph, sizesOf(graph));
        verifyNoOverlap(graph, positions);
        const double wire = positions.at("a").y + 26;
        QCOMPARE(positions.at("sum").y + 26, wire);
        QVERIFY(std::abs(positions.at("conv").y + 26 - wire) > 30);
    }

    void branchesStandSideBySide() {
        const Graph graph = read(
            "Input 8x4x4 > a=ReLU > x=Conv2d out_channels=8 kernel_size=1 > cat=Concat > Output ;"
            " a > y=Conv2d out_channels=8 kernel_size=1 > cat:1 ; a > z=Conv2d out_channels=8 "
            "kernel_size=1 > cat:2");
        const auto positions = layoutGraph(graph, sizesOf(graph));
        verifyNoOverlap(graph, positions);
        QCOMPARE(positions.at("x").x, positions.at("y").x);
        QCOMPARE(positions.at("y").x, positions.at("z").x);
    }

    void looseBlocksAndCirclesHaveAPlace() {
        Graph graph = read("Input 8x4x4 > a=ReLU > b=ReLU > Output");
        graph.edges.push_back({{"b", 0}, {"a", 0}});
        Node loose;
        loose.id = "loose";
        loose.kind = "ReLU";
        graph.nodes.push_back(loose);
        verifyNoOverlap(graph, layoutGraph(graph, sizesOf(graph)));
        QVERIFY(layoutGraph({}, {}).empty());
    }

    void theSameGraphGivesTheSamePicture() {
        const Graph graph = read("Input 8x4x4 > a=ReLU > sum=Add > Output ; a > b=Tanh > sum:1");
        QVERIFY(layoutGraph(graph, sizesOf(graph)) == layoutGraph(graph, sizesOf(graph)));
    }

    void aThousandBlocksTakeLessThanASecond() {
        Graph graph;
        for (int i = 0; i < 1000; ++i) {
            Node node;
            node.id = "n" + std::to_string(i);
            node.kind = "ReLU";
            graph.nodes.push_back(node);
            if (i > 0) graph.edges.push_back({{"n" + std::to_string(i - 1), 0}, {node.id, 0}});
            if (i > 3 && i % 3 == 0)
                graph.edges.push_back({{"n" + std::to_string(i - 3), 0}, {node.id, 1}});
        }
        QElapsedTimer timer;
        timer.start();
        const auto positions = layoutGraph(graph, sizesOf(graph));
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        verifyNoOverlap(graph, positions);
    }
};

QTEST_GUILESS_MAIN(LayoutTest)
#include "layout_test.moc"
