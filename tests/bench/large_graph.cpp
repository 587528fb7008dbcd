// How fast the canvas is with a large network: `bench_large_graph [PROJECT.loom]`. Without a
// project, a network like ResNet-50 of 177 blocks in 20 groups. Figures, not a test.

#include <QApplication>
#include <QElapsedTimer>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "core/project/project_file.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

struct Net {
    Graph graph;
    NodeId add(const NodeId& id, const char* kind, Params params, std::vector<NodeId> from) {
        graph.nodes.push_back({id, kind, std::move(params)});
        for (int port = 0; const NodeId& source : from)
            graph.edges.push_back(Edge{{source, 0}, {id, port++}});
        return id;
    }
    NodeId conv(const NodeId& id, int out, int kernel, int stride, const NodeId& from) {
        return add(id, "Conv2d",
                   {{"out_channels", Value(out)},
                    {"kernel_size", Value(kernel)},
                    {"stride", Value(stride)},
                    {"padding", Value(kernel / 2)},
                    {"bias", Value(false)}},
                   {from});
    }
};

Graph bottlenecks() {
    Net net;
    NodeId x = net.add("input", "Input", {{"shape", Value(List{3, 224, 224})}}, {});
    x = net.conv("conv1", 64, 7, 2, x);
    x = net.add("bn1", "BatchNorm2d", {}, {x});
    x = net.add("relu", "ReLU", {}, {x});
    x = net.add("maxpool", "MaxPool2d",
                {{"kernel_size", Value(3)}, {"stride", Value(2)}, {"padding", Value(1)}}, {x});
    const int counts[] = {3, 4, 6, 3};
    for (int stage = 0; stage < 4; ++stage) {
        const int width = 64 << stage;
        const std::string layer = "layer" + std::to_string(stage + 1);
        net.graph.groups.push_back({layer, true});
        for (int block = 0; block < counts[stage]; ++block) {
            const std::string path = layer + "." + std::to_string(block) + ".";
            net.graph.groups.push_back({path.substr(0, path.size() - 1), true});
            const int stride = block == 0 && stage > 0 ? 2 : 1;
            const NodeId in = x;
            for (int i = 1; i <= 3; ++i) {
                const std::string n = std::to_string(i);
                x = net.conv(path + "conv" + n, i == 3 ? 4 * width : width, i == 2 ? 3 : 1,
                             i == 2 ? stride : 1, x);
                x = net.add(path + "bn" + n, "BatchNorm2d", {}, {x});
                if (i < 3) x = net.add(path + "relu" + n, "ReLU", {}, {x});
            }
            NodeId skip = in;
            if (block == 0) {
                skip = net.conv(path + "downsample.0", 4 * width, 1, stride, skip);
                skip = net.add(path + "downsample.1", "BatchNorm2d", {}, {skip});
            }
            x = net.add(path + "add", "Add", {}, {x, skip});
            x = net.add(path + "relu", "ReLU", {}, {x});
        }
    }
    x = net.add("avgpool", "AdaptiveAvgPool2d", {{"output_size", Value(1)}}, {x});
    x = net.add("flatten", "Flatten", {}, {x});
    x = net.add("fc", "Linear", {{"out_features", Value(1000)}}, {x});
    net.add("output", "Output", {}, {x});
    return net.graph;
}

/// Median and worst of `times` goes, in milliseconds.
template <class F>
void measure(const char* what, int times, F&& go) {
    std::vector<double> took;
    for (int i = 0; i < times; ++i) {
        QElapsedTimer clock;
        clock.start();
        go(i);
        took.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    std::sort(took.begin(), took.end());
    std::printf("  %-46s %8.2f ms   worst %8.2f ms\n", what, took[took.size() / 2], took.back());
}

void measureView(DesignPage& page, const char* title) {
    CanvasView& view = *page.canvas();
    std::printf("%s: %zu items, %zu wires\n", title, view.drawing().blocks().size(),
                view.drawing().wires().size());
    for (const double zoom : {0.15, 0.45, 1.0}) {
        view.setZoom(zoom);
        view.centerOn(view.drawing().blocksRect().center());
        QCoreApplication::processEvents();
        char name[64];
        std::snprintf(name, sizeof name, "frame while panning at %.0f %%", zoom * 100);
        measure(name, 40, [&](int i) {
            view.panBy(i % 2 ? QPoint(23, 11) : QPoint(-23, -11));
            view.viewport()->repaint();
        });
    }
    measure("frame while zooming", 40, [&](int i) {
        view.setZoom(view.zoom() * (i % 20 < 10 ? 1.1 : 1 / 1.1));
        view.viewport()->repaint();
    });
    view.fitAll();
}

void measureEdits(DocumentController& document, const NodeId& conv, const NodeId& relu) {
    measure("set a parameter, all sizes follow", 15, [&](int i) {
        document.editGraph(QStringLiteral("set"), [&](const Graph& graph) {
            return edit::setParam(graph, conv, "out_channels", Value(48 + 16 * (i % 2)));
        });
        QCoreApplication::processEvents();
    });
    measure("rename a block", 15, [&](int i) {
        document.editGraph(QStringLiteral("rename"), [&](const Graph& graph) {
            return i % 2 ? edit::rename(graph, relu + "x", relu)
                         : edit::rename(graph, relu, relu + "x");
        });
        QCoreApplication::processEvents();
    });
    if (document.graph().find(relu + "x")) document.undoStack()->undo();
    measure("undo and redo", 15, [&](int) {
        document.undoStack()->undo();
        document.undoStack()->redo();
        QCoreApplication::processEvents();
    });
    measure("of which checkProject", 15, [&](int) { (void)checkProject(document.project()); });
}

}  // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::apply(application, ThemeMode::Light);
    QString file = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QString();
    if (file.isEmpty()) {
        file = QStringLiteral("/tmp/bench_large_graph.loom");
        Project project = newProject();
        project.network = bottlenecks();
        if (!saveProject(file.toStdString(), project).ok()) return 1;
    }
    measure("open the project and show the page", 3, [&](int) {
        DocumentController document;
        DesignPage page(document);
        page.resize(1920, 1080);
        page.show();
        if (!document.open(file).ok()) std::exit(1);
        QCoreApplication::processEvents();
        page.grab();
    });
    DocumentController document;
    DesignPage page(document);
    page.resize(1920, 1080);
    page.show();
    if (!document.open(file).ok()) return 1;
    CanvasView& view = *page.canvas();
    view.tidyUp();
    std::printf("%zu blocks, %zu wires\n", document.graph().nodes.size(),
                document.graph().edges.size());
    const auto named = [&](const char* kind, std::size_t nth) {
        const std::vector<NodeId> ids = nodesOfKind(document.graph(), kind);
        return ids.empty() ? document.graph().nodes.front().id : ids[std::min(nth, ids.size() - 1)];
    };
    const NodeId conv = named("Conv2d", 0), relu = named("ReLU", 0);
    measureView(page, "Collapsed");
    measureEdits(document, conv, relu);
    document.editGraph(QStringLiteral("open all"), [](const Graph& graph) -> Result<Graph> {
        Graph next = graph;
        for (const std::string& path : groupPaths(graph))
            next = edit::setCollapsed(next, path, false);
        return next;
    });
    view.tidyUp();
    QCoreApplication::processEvents();
    measureView(page, "Everything expanded");
    measureEdits(document, conv, relu);
    measure("tidy up", 3, [&](int i) {
        canvas_edits::tidy(document, 1000 + 200 * (i % 2));
        QCoreApplication::processEvents();
    });
    return 0;
}
