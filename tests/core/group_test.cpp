#include <QTest>
#include <algorithm>

#include "core/graph/diff.h"
#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "core/graph/group_layout.h"
#include "core/graph/level.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"

using namespace loom;

namespace {

Graph graphOf(const std::string& text) {
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    return *graph;
}

const char* const kResidual =
    "Input 8x4x4 > stem=Conv2d out_channels=8 > conv1=Conv2d out_channels=8 kernel_size=3 "
    "padding=1 > relu=ReLU > conv2=Conv2d out_channels=8 kernel_size=3 padding=1 > add=Add > "
    "last=ReLU > Output ; stem > add:1";

Graph value(const Result<Graph>& result) {
    if (!result) qFatal("%s", result.error().message.c_str());
    return *result;
}

Graph residual() {
    return value(edit::group(graphOf(kResidual), {"conv1", "relu", "conv2", "add"}, "layer1.0"));
}

PortCounts ports(const Node& node) {
    if (node.kind == "Input") return {0, 1};
    if (node.kind == "Output") return {1, 0};
    return {node.kind == "Add" ? 2 : 1, 1};
}

std::string idsOf(const Graph& graph) {
    std::string ids;
    for (const Node& node : graph.nodes) ids += (ids.empty() ? "" : " ") + node.id;
    return ids;
}

std::string labels(const std::vector<GroupPort>& all) {
    std::string text;
    for (const GroupPort& port : all) text += (text.empty() ? "" : ", ") + port.label;
    return text;
}

}  // namespace

class GroupTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void groupingRenamesAndKeepsTheWires() {
        const Graph before = graphOf(kResidual);
        const Graph after = residual();
        QCOMPARE(idsOf(after), std::string("input stem layer1.0.conv1 layer1.0.relu "
                                           "layer1.0.conv2 layer1.0.add last output"));
        QCOMPARE(after.edges.size(), before.edges.size());
        QVERIFY(after.edgeInto({"layer1.0.add", 1})->from.node == "stem");
        QVERIFY(isCollapsed(after, "layer1.0"));
        // And back: every id is as it was.
        Graph back = value(edit::ungroup(after, "layer1.0"));
        QCOMPARE(idsOf(back), std::string("input stem layer1.conv1 layer1.relu layer1.conv2 "
                                          "layer1.add last output"));
        back = value(edit::ungroup(back, "layer1"));
        QVERIFY(back == before);
    }

    void groupingInsideAGroupNestsIt() {
        Graph graph = residual();
        graph = value(edit::group(graph, {"layer1.0.conv1", "layer1.0.relu"}, "layer1.0.head"));
        QCOMPARE(groupMembers(graph, "layer1.0.head"),
                 (std::vector<NodeId>{"layer1.0.head.conv1", "layer1.0.head.relu"}));
        QCOMPARE(groupPaths(graph),
                 (std::vector<std::string>{"layer1", "layer1.0", "layer1.0.head"}));
        // A group that is grouped with others keeps its own blocks and looks.
        graph = value(edit::group(
            graph,
            {"stem", "layer1.0.head.conv1", "layer1.0.head.relu", "layer1.0.conv2", "layer1.0.add"},
            "body"));
        QVERIFY(graph.find("body.layer1.0.head.conv1"));
        QVERIFY(graph.find("body.stem"));
        QVERIFY(isCollapsed(graph, "body.layer1.0.head"));
        QVERIFY(!groupView(graph, "layer1.0"));
    }

    void refusalsAreSentences_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("part");
        QTest::newRow("no name") << "a b"
                                 << "cannot name a group";
        QTest::newRow("a block") << "stem"
                                 << "stem is a block";
        QTest::newRow("inside of a block") << "stem.0"
                                           << "stem is a block";
        QTest::newRow("nothing") << ""
                                 << "cannot name a group";
    }
    void refusalsAreSentences() {
        QFETCH(QString, path);
        QFETCH(QString, part);
        const auto refused = edit::group(graphOf(kResidual), {"conv1"}, path.toStdString());
        QVERIFY(!refused.ok());
        QVERIFY2(QString::fromStdString(refused.error().message).contains(part),
                 refused.error().message.c_str());
        QVERIFY(!refused.error().hint.empty());
    }

    void aNameThatIsTakenIsRefused() {
        const Graph graph = residual();
        Graph twice = value(edit::addNode(graph, {"conv1", "Conv2d"}));
        QVERIFY(!edit::group(twice, {"conv1"}, "layer1.0").ok());
        // Another name joins the group that is there.
        twice = value(edit::group(graph, {"stem"}, "layer1.0"));
        QVERIFY(twice.find("layer1.0.stem"));
        QVERIFY(!edit::group(graph, {}, "layer2").ok());
        QVERIFY(!edit::ungroup(graph, "layer9").ok());
        QVERIFY(!edit::renameGroup(graph, "layer1.0", "stem").ok());
    }

    void renamingAGroupRenamesAllInside() {
        Graph graph = residual();
        graph = edit::setCollapsed(graph, "layer1", false);
        graph = value(edit::renameGroup(graph, "layer1", "features"));
        QVERIFY(graph.find("features.0.conv1"));
        QVERIFY(isCollapsed(graph, "features.0"));
        QVERIFY(groupView(graph, "features") && !groupView(graph, "layer1"));
        QVERIFY(graph.edgeInto({"features.0.add", 1})->from.node == "stem");
    }

    void sharedModulesFollow() {
        Graph graph = graphOf(kResidual);
        graph = value(edit::shareModule(graph, "conv2", "conv1"));
        QCOMPARE(graph.find("conv2")->sharesWith, std::string("conv1"));
        graph = value(edit::group(graph, {"conv1", "conv2", "relu", "add"}, "block"));
        QCOMPARE(graph.find("block.conv2")->sharesWith, std::string("block.conv1"));
        const auto copy = edit::duplicateGroup(graph, "block", {0, 100});
        QCOMPARE(copy->first.find("block2.conv2")->sharesWith, std::string("block2.conv1"));
        const auto wrong = edit::shareModule(graph, "block.relu", "block.conv1");
        QVERIFY(!wrong.ok());
        QVERIFY(wrong.error().message.find("ReLU") != std::string::npos);
        graph = value(edit::shareModule(graph, "block.conv2", {}));
        QVERIFY(graph.find("block.conv2")->sharesWith.empty());
        QVERIFY(graph.find("block.conv2")->params == graph.find("block.conv1")->params);
    }

    void portsAreWhereWiresCross() {
        const GroupBoundary boundary = groupBoundary(residual(), "layer1.0", ports);
        // The first layer and the sum take the same: one input.
        QCOMPARE(boundary.inputs.size(), 1u);
        QCOMPARE(boundary.inputs[0].inner,
                 (std::vector<PortRef>{{"layer1.0.conv1", 0}, {"layer1.0.add", 1}}));
        QCOMPARE(boundary.inputs[0].source->node, std::string("stem"));
        QCOMPARE(labels(boundary.outputs), std::string("add"));
        QCOMPARE(boundary.outputs[0].targets, (std::vector<PortRef>{{"last", 0}}));
        // Ends that still wait are ports too.
        Graph loose = graphOf("a=ReLU > b=Add ; c=ReLU");
        loose = value(edit::group(loose, {"a", "b", "c"}, "g"));
        const GroupBoundary open = groupBoundary(loose, "g", ports);
        QCOMPARE(labels(open.inputs), std::string("a, b:1, c"));
        QCOMPARE(labels(open.outputs), std::string("b, c"));
        QVERIFY(groupBoundary(loose, "g").inputs.empty());
    }

    void aCopyRemembersWhichInputsBelongTogether() {
        const auto copy = edit::duplicateGroup(residual(), "layer1.0", {0, 200}, ports);
        QCOMPARE(copy->second, std::string("layer1.1"));
        const Graph& graph = copy->first;
        QCOMPARE(groupMembers(graph, "layer1.1").size(), 4u);
        QVERIFY(graph.edgeInto({"layer1.1.relu", 0})->from.node == "layer1.1.conv1");
        QVERIFY(!graph.edgeInto({"layer1.1.conv1", 0}));
        QCOMPARE(groupBoundary(graph, "layer1.1", ports).inputs.size(), 1u);
        // Also after a trip through a file.
        Project project = newProject();
        project.network = graph;
        const auto loaded = projectFromJson(projectToJson(project), "test");
        QVERIFY(loaded.ok());
        QVERIFY(loaded->project.network == graph);
        QCOMPARE(groupBoundary(loaded->project.network, "layer1.1", ports).inputs.size(), 1u);
        QVERIFY(isCollapsed(graph, "layer1.1"));
    }

    void repeatingChainsTheCopies() {
        const Graph graph = value(edit::repeatGroup(residual(), "layer1.0", 3, {300, 0}, ports));
        QCOMPARE(groupMembers(graph, "layer1").size(), 12u);
        QCOMPARE(graph.edgeInto({"layer1.1.conv1", 0})->from.node, std::string("layer1.0.add"));
        QCOMPARE(graph.edgeInto({"layer1.1.add", 1})->from.node, std::string("layer1.0.add"));
        QCOMPARE(graph.edgeInto({"layer1.2.add", 1})->from.node, std::string("layer1.1.add"));
        QCOMPARE(graph.edgeInto({"last", 0})->from.node, std::string("layer1.2.add"));
        QCOMPARE(graph.edgesFrom("layer1.0.add").size(), 2u);
        // A group whose name has no number becomes the first inside of a new one.
        Graph named =
            value(edit::group(graphOf(kResidual), {"conv1", "relu", "conv2", "add"}, "layer1"));
        named = value(edit::repeatGroup(named, "layer1", 2, {300, 0}, ports));
        QVERIFY(named.find("layer1.0.conv1") && named.find("layer1.1.conv1"));
        QVERIFY(isCollapsed(named, "layer1") && isCollapsed(named, "layer1.1"));
    }

    void repeatingNeedsOneInputAndOneOutput() {
        Graph graph =
            graphOf("Input 4 > a=ReLU > b=ReLU > Output ; input > c=Add ; a > c:1 ; c > d=ReLU");
        graph = value(edit::group(graph, {"b", "c"}, "g"));
        const auto refused = edit::repeatGroup(graph, "g", 2, {}, ports);
        QVERIFY(!refused.ok());
        QVERIFY2(refused.error().message.find("g has 2 inputs (b, c)") == 0,
                 refused.error().message.c_str());
        QVERIFY(!edit::repeatGroup(residual(), "layer1.0", 1, {}, ports).ok());
    }

    void removingKeepsTheListOfGroupsTidy() {
        Graph graph = residual();
        const Graph healed = edit::removeGroup(graph, "layer1.0", true);
        QCOMPARE(healed.edgeInto({"last", 0})->from.node, std::string("stem"));
        QVERIFY(healed.groups.empty());
        QVERIFY(!edit::removeGroup(graph, "layer1.0").edgeInto({"last", 0}));
        graph = edit::removeNodes(graph, groupMembers(graph, "layer1.0"));
        QVERIFY(graph.groups.empty());
        graph = value(edit::rename(value(edit::group(graphOf("a=ReLU"), {"a"}, "g")), "g.a", "b"));
        QVERIFY(graph.groups.empty());
    }

    void pastingAGroupGivesItAPathOfItsOwn() {
        const Graph graph = residual();
        const Graph part = edit::extract(graph, groupMembers(graph, "layer1.0"));
        QCOMPARE(part.groups.size(), 1u);
        const auto [next, ids] = edit::paste(graph, part, {0, 100});
        QCOMPARE(ids.front(), std::string("layer1.1.conv1"));
        QVERIFY(isCollapsed(next, "layer1.1"));
        // Some blocks of it are just blocks.
        const Graph some = edit::extract(graph, {"layer1.0.conv1", "layer1.0.relu"});
        QVERIFY(some.groups.empty());
        QCOMPARE(edit::paste(graph, some, {}).second.front(), std::string("layer1.0.conv3"));
    }

    void theDiffKnowsGroups() {
        const Graph graph = residual();
        QVERIFY(diff(graph, graph).empty());
        const GraphDiff change = diff(graph, edit::setCollapsed(graph, "layer1.0", false));
        QVERIFY(change.groupsChanged && !change.empty() && change.changed.empty());
    }

    void aLevelShowsCollapsedGroupsAsBoxes() {
        const Graph graph = residual();
        const Level top(graph, {}, ports);
        std::string keys;
        for (const ShownItem& item : top.items()) keys += item.key + " ";
        QCOMPARE(keys, std::string("input stem layer1.0. last output "));
        QCOMPARE(top.wires().size(), 4u);
        // The wire to the block and the one past it are drawn as one.
        const ShownWire& into =
            *std::find_if(top.wires().begin(), top.wires().end(),
                          [](const ShownWire& wire) { return wire.shown.to.node == "layer1.0."; });
        QCOMPARE(into.wires.size(), 2u);
        QCOMPARE(top.real({"layer1.0.", 0}, false).size(), 2u);
        QCOMPARE(top.keyOf("layer1.0.add"), std::string("layer1.0."));
        QVERIFY(top.frames().empty());

        const Level inside(graph, "layer1.0", ports);
        keys.clear();
        for (const ShownItem& item : inside.items()) keys += item.key + " | ";
        QCOMPARE(keys, std::string("layer1.0.conv1 | layer1.0.relu | layer1.0.conv2 | "
                                   "layer1.0.add | from stem | to layer1.0.add | "));
        QCOMPARE(inside.wires().size(), 6u);
        QCOMPARE(inside.real({"to layer1.0.add", 0}, false), (std::vector<PortRef>{{"last", 0}}));
        QCOMPARE(inside.real({"from stem", 0}, true), (std::vector<PortRef>{{"stem", 0}}));

        const Level open(edit::setCollapsed(graph, "layer1.0", false), {}, ports);
        QCOMPARE(open.frames().size(), 1u);
        QCOMPARE(open.frames()[0].keys.size(), 4u);
        QCOMPARE(open.items().size(), 8u);
    }

    void movingABoxMovesWhatIsInside() {
        Graph graph = residual();
        for (std::size_t i = 0; i < graph.nodes.size(); ++i)
            graph.nodes[i].position = {100.0 * double(i), 0};
        const Position before = groupPosition(graph, "layer1.0");
        graph = edit::moveShown(graph, {{"layer1.0.", {before.x + 50, before.y + 10}}});
        QCOMPARE(graph.find("layer1.0.conv1")->position, (Position{250, 10}));
        QCOMPARE(groupPosition(graph, "layer1.0"), (Position{before.x + 50, 10}));
        QCOMPARE(graph.find("stem")->position, (Position{100, 0}));
    }

    void layoutKeepsFramesApart() {
        Graph graph = value(edit::repeatGroup(residual(), "layer1.0", 4, {300, 0}, ports));
        for (const std::string& path : groupPaths(graph))
            graph = edit::setCollapsed(graph, path, false);
        const Level level(graph, {}, ports);
        const auto positions = layoutLevel(graph, level, {});
        QCOMPARE(positions.size(), graph.nodes.size());
        // No block of another group stands among the blocks of one.
        for (const ShownFrame& frame : level.frames()) {
            if (frame.path == "layer1") continue;
            double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
            for (const std::string& key : frame.keys) {
                const Position p = positions.at(key);
                left = std::min(left, p.x), right = std::max(right, p.x + 140);
                top = std::min(top, p.y), bottom = std::max(bottom, p.y + 52);
            }
            for (const auto& [key, p] : positions) {
                if (isInside(key, frame.path)) continue;
                QVERIFY2(p.x >= right || p.x + 140 <= left || p.y >= bottom || p.y + 52 <= top,
                         key.c_str());
            }
        }
        // Collapsed ones are laid out at every level.
        for (const std::string& path : groupPaths(graph))
            graph = edit::setCollapsed(graph, path, true);
        const Graph laid = layoutWithGroups(graph, {});
        const auto outer = Level(laid, {}, {}).asGraph(laid);
        QCOMPARE(outer.nodes.size(), 5u);
        for (std::size_t i = 1; i < outer.nodes.size(); ++i)
            QVERIFY(!(outer.nodes[i].position == outer.nodes[i - 1].position));
        QVERIFY(!(laid.find("layer1.0.conv1")->position == laid.find("layer1.0.relu")->position));
    }

    void pathsForGroupsAreSensible() {
        const Graph graph = graphOf("a=ReLU > b=ReLU");
        QCOMPARE(edit::suggestedPath(graph, {"a"}), std::string("block1"));
        const Graph grouped = value(edit::group(graph, {"a"}, "block1"));
        QCOMPARE(edit::suggestedPath(grouped, {"b"}), std::string("block2"));
        QCOMPARE(edit::suggestedPath(grouped, {"block1.a"}), std::string("block1.0"));
        QCOMPARE(edit::freePath(grouped, "layer1"), std::string("layer1"));
        QCOMPARE(edit::freeIdIn(grouped, "block1", "ReLU"), std::string("block1.relu"));
    }
};

QTEST_APPLESS_MAIN(GroupTest)
#include "group_test.moc"
