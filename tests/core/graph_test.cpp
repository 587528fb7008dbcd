#include <QTest>
#include <random>
#include <set>

#include "core/graph/diff.h"
#include "core/graph/edit.h"
#include "core/graph/text_form.h"

using namespace loom;

namespace {
Graph graphOf(const std::string& text) {
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    return *graph;
}
}  // namespace

class GraphTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void textFormComesBack_data() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"Input 1x28x28 > Conv2d out_channels=8 > ReLU > Flatten > Linear "
                                 "out_features=10 > Output",
                                 "Input > stem=Conv2d out_channels=8 kernel_size=[3,5] "
                                 "padding=same > Add > Output ; input > add:1",
                                 "Input 8x4x4 > a=ReLU ; b=Sigmoid ; input > b ; sum=Add ; a > sum "
                                 "; b > sum:1 ; sum > Output",
                                 "ReLU ; Tanh", "layer1.0.conv1=Conv2d bias=False name=\"a b\""})
            QTest::newRow(text) << text;
    }
    void textFormComesBack() {
        QFETCH(QString, text);
        const Graph graph = graphOf(text.toStdString());
        const std::string printed = graphToText(graph);
        QCOMPARE(QString::fromStdString(printed), text);
        QVERIFY(graphOf(printed) == graph);
    }

    void wrongTextIsASentence() {
        QVERIFY(!graphFromText("Input > nothing > ReLU").ok());
        QVERIFY(!graphFromText("Input > > ReLU").ok());
        QVERIFY(!graphFromText("Conv2d 3").ok() || graphFromText("Conv2d 3")->nodes.size() == 1);
    }

    void blocksGetCourseNames() {
        QCOMPARE(
            QString::fromStdString(graphToText(graphOf(
                "Input > Conv2d > BatchNorm2d > ReLU > Conv2d > ReLU > MaxPool2d > Linear"))),
            QString("Input > Conv2d > BatchNorm2d > ReLU > Conv2d > ReLU > MaxPool2d > Linear"));
        const Graph graph =
            graphOf("Input > Conv2d > BatchNorm2d > ReLU > Conv2d > ReLU > MaxPool2d > Linear");
        std::vector<std::string> ids;
        for (const Node& node : graph.nodes) ids.push_back(node.id);
        QCOMPARE(ids, (std::vector<std::string>{"input", "conv1", "bn1", "relu", "conv2", "relu2",
                                                "pool", "fc1"}));
    }

    void connectRefusesWhatCannotWork() {
        const Graph graph = graphOf("Input > a=ReLU > b=Tanh > Output");
        QVERIFY(edit::connect(graph, {"b", 0}, {"a", 0}).error().message.find("circle") !=
                std::string::npos);
        QVERIFY(edit::connect(graph, {"a", 0}, {"a", 0}).error().message.find("itself") !=
                std::string::npos);
        QVERIFY(edit::connect(graph, {"a", 0}, {"gone", 0}).error().message.find("gone") !=
                std::string::npos);
        QVERIFY(!edit::connect(graph, {"a", 0}, {"b", 0}).ok());
        // A wire into a taken input replaces the one that was there.
        QCOMPARE(graphToText(*edit::connect(graph, {"input", 0}, {"b", 0})),
                 std::string("Input > a=ReLU ; b=Tanh ; input > b ; b > Output"));
    }

    void removingHeals() {
        const Graph graph = graphOf("Input > a=ReLU > b=Tanh > Output");
        QCOMPARE(graphToText(edit::removeNodes(graph, {"a", "b"}, true)),
                 std::string("Input > Output"));
        QCOMPARE(graphToText(edit::removeNodes(graph, {"a"}, false)),
                 std::string("Input ; b=Tanh > Output"));
    }

    void insertingOnAWire() {
        Graph graph = graphOf("Input > a=ReLU > Output ; b=Tanh");
        const Edge wire{{"input", 0}, {"a", 0}};
        const auto done = edit::insertOnEdge(graph, wire, "b");
        QVERIFY(done.ok());
        QVERIFY(done->edgeInto({"a", 0})->from.node == "b");
        QVERIFY(done->edgeInto({"b", 0})->from.node == "input");
        QVERIFY(!edit::insertOnEdge(graph, wire, "a").ok());
    }

    void renamingKeepsWires() {
        const Graph graph = graphOf("Input > a=ReLU > Output");
        const auto renamed = edit::rename(graph, "a", "layer1.0.relu");
        QCOMPARE(graphToText(*renamed), std::string("Input > layer1.0.relu=ReLU > Output"));
        for (const char* bad : {"", ".", "a.", ".a", "a..b", "a b", "é", "input"})
            QVERIFY2(!edit::rename(graph, "a", bad).ok(), bad);
    }

    void pasteGivesFreshIds() {
        const Graph graph = graphOf("Input > conv1=Conv2d > relu=ReLU > Output");
        const auto [pasted, ids] =
            edit::paste(graph, edit::extract(graph, {"conv1", "relu"}), {20, 20});
        QCOMPARE(ids, (std::vector<NodeId>{"conv2", "relu2"}));
        QVERIFY(pasted.edgeInto({"relu2", 0})->from.node == "conv2");
        QCOMPARE(pasted.edges.size(), graph.edges.size() + 1);
    }

    void orderKeepsTheListWhereItCan() {
        QCOMPARE(
            topologicalOrder(graphOf("Input > a=ReLU > sum=Add > Output ; input > b=Tanh > sum:1")),
            (std::vector<NodeId>{"input", "a", "b", "sum", "output"}));
        Graph cyclic = graphOf("Input > a=ReLU > b=Tanh > Output");
        cyclic.edges.push_back({{"b", 0}, {"a", 0}});
        QCOMPARE(findCycle(cyclic), (std::vector<NodeId>{"a", "b"}));
        QCOMPARE(topologicalOrder(cyclic), (std::vector<NodeId>{"input"}));
        QVERIFY(findCycle(graphOf("Input > a=ReLU > b=Tanh")).empty());
    }

    void diffsTellWhatChanged() {
        const Graph before = graphOf("Input > a=ReLU > Output");
        Graph after = *edit::setParam(before, "a", "inplace", Value(true));
        after = edit::removeNodes(after, {"output"});
        const GraphDiff d = diff(before, after);
        QCOMPARE(d.changed, (std::vector<NodeId>{"a"}));
        QCOMPARE(d.removed, (std::vector<NodeId>{"output"}));
        QCOMPARE(d.edgesRemoved.size(), std::size_t(1));
        QVERIFY(diff(before, before).empty());
    }

    void randomEditsNeverBreakTheGraph() {
        std::mt19937 random(7);
        Graph graph = graphOf("Input > Output");
        for (int i = 0; i < 3000; ++i) {
            const auto pick = [&]() -> NodeId {
                return graph.nodes.empty() ? "none" : graph.nodes[random() % graph.nodes.size()].id;
            };
            Result<Graph> next = graph;
            switch (random() % 6) {
                case 0:
                    next =
                        edit::addNode(graph, {.id = {}, .kind = random() % 2 ? "Conv2d" : "Add"});
                    break;
                case 1:
                    next = edit::connect(graph, {pick(), 0}, {pick(), int(random() % 3)});
                    break;
                case 2:
                    next = edit::removeNodes(graph, {pick()}, random() % 2 == 0);
                    break;
                case 3:
                    next = edit::rename(graph, pick(), "n" + std::to_string(random() % 50));
                    break;
                case 4:
                    if (!graph.edges.empty())
                        next = edit::insertOnEdge(graph, graph.edges[random() % graph.edges.size()],
                                                  pick());
                    break;
                default:
                    next = edit::paste(graph, edit::extract(graph, {pick(), pick()}), {5, 5}).first;
            }
            if (!next) continue;
            graph = *next;
            if (graph.nodes.size() > 40)
                graph = edit::removeNodes(graph, {graph.nodes[5].id, graph.nodes[9].id}, false);
            QVERIFY(findCycle(graph).empty());
            QCOMPARE(topologicalOrder(graph).size(), graph.nodes.size());
            for (const Edge& edge : graph.edges)
                QVERIFY(graph.find(edge.from.node) && graph.find(edge.to.node));
            std::set<std::string> inputs;
            for (const Edge& edge : graph.edges) QVERIFY(inputs.insert(edge.to.toText()).second);
        }
    }
};

QTEST_APPLESS_MAIN(GraphTest)
#include "graph_test.moc"
