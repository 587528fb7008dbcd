#include "widgets/bridge/document_controller.h"

#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <iterator>

#include "core/graph/edit.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "widgets/canvas/canvas_edits.h"

using namespace loom;

namespace {

Graph read(const char* text) {
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    return *graph;
}

Project project(const char* text) {
    Project p = newProject();
    p.network = read(text);
    return p;
}

/// One edit out of everything the canvas, the inspector and the other pages can ask for.
void randomEdit(DocumentController& document, QRandomGenerator& random) {
    const Graph& graph = document.graph();
    const auto any = [&]() -> NodeId {
        if (graph.nodes.empty()) return "nobody";
        return graph.nodes[random.bounded(quint32(graph.nodes.size()))].id;
    };
    const auto anyKind = [&] {
        auto it = layers().begin();
        std::advance(it, random.bounded(int(layers().size())));
        return QString::fromStdString(it->info.id);
    };
    switch (random.bounded(15)) {
        case 0:
            canvas_edits::addBlock(document, anyKind(),
                                   QPointF(random.bounded(900), random.bounded(600)));
            break;
        case 1:
            canvas_edits::appendBlock(document, anyKind(), random.bounded(2) ? any() : NodeId());
            break;
        case 2:
            canvas_edits::connect(document, {any(), 0}, {any(), random.bounded(2)});
            break;
        case 3:
            canvas_edits::remove(document, {any()}, {}, random.bounded(2));
            break;
        case 4:
            canvas_edits::nudge(document, {any()}, 10, 0);
            break;
        case 5:
            canvas_edits::rename(document, any(),
                                 random.bounded(2) ? QStringLiteral("b%1").arg(random.bounded(50))
                                                   : QStringLiteral("no name"));
            break;
        case 6:
            canvas_edits::duplicate(document, {any(), any()});
            break;
        case 7:
            canvas_edits::paste(document, canvas_edits::copyText(graph, {any(), any()}),
                                QPointF(50, 50));
            break;
        case 8:
            canvas_edits::tidy(document, 900);
            break;
        case 9: {
            const NodeId id = any();
            document.editGraph(
                QStringLiteral("Set"),
                [&](const Graph& g) {
                    return edit::setParam(g, id, "out_channels",
                                          Value(std::int64_t(random.bounded(1, 64))));
                },
                QStringLiteral("param"));
            break;
        }
        case 10: {
            if (graph.edges.empty()) break;
            const Edge edge = graph.edges[random.bounded(quint32(graph.edges.size()))];
            canvas_edits::addBlock(document, anyKind(), QPointF(10, 10), {edge});
            break;
        }
        case 11:
            document.edit(QStringLiteral("Batch"), [&](const Project& p) -> Result<Project> {
                Project next = p;
                next.training.batchSize = random.bounded(1, 512);
                return next;
            });
            break;
        case 12:
            for (const Diagnostic& diagnostic : document.report().diagnostics)
                if (!diagnostic.fixes.empty()) {
                    // Copied: the report is another one after the repair.
                    const Fix fix = diagnostic.fixes.back();
                    canvas_edits::applyFix(document, fix);
                    break;
                }
            break;
        case 13:
            document.endMerge();
            break;
        case 14:
            canvas_edits::addConnected(document, anyKind(), {{any(), 0}, bool(random.bounded(2))},
                                       QPointF(300, 300));
            break;
    }
}

}  // namespace

class DocumentControllerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void undoingEverythingRestoresEveryByte_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 4; ++seed)
            QTest::newRow(qPrintable(QString::number(seed))) << seed;
    }
    void undoingEverythingRestoresEveryByte() {
        QFETCH(int, seed);
        QRandomGenerator random{quint32(seed)};
        DocumentController document;
        document.reset(
            project("Input 1x28x28 > Conv2d out_channels=8 kernel_size=3 > ReLU > Flatten > Linear "
                    "out_features=10 > Output"));
        const std::string first = projectToJson(document.project());
        QSignalSpy refused(&document, &DocumentController::refused),
            graph(&document, &DocumentController::graphChanged),
            data(&document, &DocumentController::dataChanged),
            training(&document, &DocumentController::trainingChanged);
        int refusals = 0;
        for (int i = 0; i < 120; ++i) {
            const int before = document.undoStack()->index();
            const std::string was = projectToJson(document.project());
            refused.clear();
            const auto told = [&] { return graph.count() + data.count() + training.count(); };
            const auto toldBefore = told();
            randomEdit(document, random);
            // What was refused has changed nothing; what was done is at most one step, and told.
            QVERIFY(document.undoStack()->index() - before <= 1);
            const bool changed = projectToJson(document.project()) != was;
            QCOMPARE(told() > toldBefore, changed);
            if (refused.isEmpty()) continue;
            ++refusals;
            QVERIFY(!changed);
            QCOMPARE(document.undoStack()->index(), before);
        }
        QVERIFY(refusals > 0);
        QVERIFY(document.undoStack()->count() > 30);
        const std::string last = projectToJson(document.project());
        while (document.undoStack()->canUndo()) document.undoStack()->undo();
        QCOMPARE(projectToJson(document.project()), first);
        QVERIFY(!document.isModified());
        while (document.undoStack()->canRedo()) document.undoStack()->redo();
        QCOMPARE(projectToJson(document.project()), last);
    }

    void stepsWithOneKeyMergeUntilSomethingElseHappens() {
        DocumentController document;
        document.reset(
            project("Input 1x28x28 > conv=Conv2d out_channels=8 kernel_size=3 > Output"));
        const auto set = [&](int value) {
            document.editGraph(
                QStringLiteral("Set out_channels"),
                [&](const Graph& g) {
                    return edit::setParam(g, "conv", "out_channels", Value(value));
                },
                QStringLiteral("param conv out_channels"));
        };
        set(3);
        set(32);
        QCOMPARE(document.undoStack()->count(), 1);
        document.endMerge();
        set(64);
        QCOMPARE(document.undoStack()->count(), 2);
        document.undoStack()->undo();
        set(16);
        QCOMPARE(document.undoStack()->count(), 2);
        document.undoStack()->undo();
        document.undoStack()->undo();
        QCOMPARE(document.graph().find("conv")->params.find("out_channels")->asInt(), 8);
        set(9);
        set(8);
        QCOMPARE(document.undoStack()->count(), 0);
    }

    void aRefusedEditChangesNothingAndSaysWhy() {
        DocumentController document;
        document.reset(project("Input 1x28x28 > a=ReLU > b=ReLU > Output"));
        const std::string before = projectToJson(document.project());
        QSignalSpy refused(&document, &DocumentController::refused);
        QSignalSpy changed(&document, &DocumentController::graphChanged);
        QVERIFY(!canvas_edits::connect(document, {"b", 0}, {"a", 0}));
        QCOMPARE(refused.count(), 1);
        QVERIFY(refused.first().first().toString().size() > 20);
        QCOMPARE(changed.count(), 0);
        QCOMPARE(projectToJson(document.project()), before);
        QCOMPARE(document.undoStack()->count(), 0);
    }

    void signalsTellWhatChanged() {
        DocumentController document;
        QSignalSpy reset(&document, &DocumentController::documentReset);
        document.reset(project("Input 1x28x28 > a=ReLU > Output"));
        QCOMPARE(reset.count(), 1);
        QSignalSpy graph(&document, &DocumentController::graphChanged),
            training(&document, &DocumentController::trainingChanged),
            data(&document, &DocumentController::dataChanged),
            report(&document, &DocumentController::reportChanged);
        document.edit(QStringLiteral("Epochs"), [](const Project& p) -> Result<Project> {
            Project next = p;
            next.training.epochs = 9;
            return next;
        });
        QCOMPARE(training.count(), 1);
        QCOMPARE(graph.count() + data.count(), 0);
        QCOMPARE(report.count(), 1);
        canvas_edits::rename(document, "a", QStringLiteral("act"));
        QCOMPARE(graph.count(), 1);
        const auto diff = graph.first().first().value<GraphDiff>();
        QCOMPARE(diff.added, std::vector<NodeId>{"act"});
        QCOMPARE(diff.removed, std::vector<NodeId>{"a"});
        QVERIFY(document.report().shapes.find("act"));
    }

    /// Nothing is found out anew, and no file looked at, when a block goes to another place.
    void aMoveIsNotJudged() {
        QTemporaryDir folder;
        for (const char* part : {"train/cat", "train/dog", "test/cat", "test/dog"})
            QVERIFY(QDir(folder.path()).mkpath(part));
        Project pictures =
            project("Input 3x8x8 > a=ReLU > Flatten > Linear out_features=2 > Output");
        pictures.data.dataset = {"ImageFolder", {{"root", folder.path().toStdString()}}};
        DocumentController document;
        document.reset(pictures);
        QVERIFY(document.report().location.found);
        QSignalSpy graph(&document, &DocumentController::graphChanged),
            report(&document, &DocumentController::reportChanged);
        QVERIFY(folder.remove());
        canvas_edits::nudge(document, {"a"}, 10, 0);
        QCOMPARE(graph.count(), 1);
        QCOMPARE(graph.first().first().value<GraphDiff>().changed, std::vector<NodeId>{"a"});
        QCOMPARE(report.count(), 0);
        QVERIFY(document.report().location.found);
        document.undoStack()->undo();
        QCOMPARE(graph.count(), 2);
        QVERIFY(document.report().location.found);
        canvas_edits::rename(document, "a", QStringLiteral("act"));
        QCOMPARE(report.count(), 1);
        QVERIFY(!document.report().location.found);
    }

    void anEditThatChangesNothingIsNoStep() {
        DocumentController document;
        document.reset(project("Input 1x28x28 > a=ReLU > Output"));
        QVERIFY(document.editGraph(QStringLiteral("Nothing"),
                                   [](const Graph& g) -> Result<Graph> { return g; }));
        QCOMPARE(document.undoStack()->count(), 0);
        QVERIFY(!document.isModified());
    }

    void savingAndOpening() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("net.loom"));
        DocumentController document;
        document.reset(project("Input 1x28x28 > a=ReLU > Output"));
        canvas_edits::nudge(document, {"a"}, 10, 10);
        QVERIFY(document.isModified());
        QVERIFY(document.save(path).ok());
        QVERIFY(!document.isModified());
        QCOMPARE(document.path(), path);
        DocumentController other;
        QVERIFY(other.open(path).ok());
        QCOMPARE(projectToJson(other.project()), projectToJson(document.project()));
        canvas_edits::nudge(document, {"a"}, 10, 0);
        QVERIFY(document.isModified());

        const Status missing = other.open(folder.filePath(QStringLiteral("none.loom")));
        QVERIFY(!missing.ok());
        QVERIFY(
            QString::fromStdString(missing.error().message).contains(QStringLiteral("none.loom")));
        QCOMPARE(other.path(), path);
    }

    void aNewerFileIsForReadingOnly() {
        DocumentController document;
        document.reset(project("Input 1x28x28 > a=ReLU > Output"), QStringLiteral("/tmp/x.loom"),
                       true);
        QSignalSpy refused(&document, &DocumentController::refused);
        QVERIFY(!canvas_edits::remove(document, {"a"}, {}, false));
        QCOMPARE(refused.count(), 1);
        QVERIFY(document.graph().find("a"));
        QVERIFY(!document.save(QStringLiteral("/tmp/x.loom")).ok());
    }

    void largeNetworksStayQuick() {
        Project p = newProject();
        std::string text = "Input 8x16x16";
        for (int i = 0; i < 200; ++i)
            text += " > Conv2d out_channels=8 kernel_size=3 padding=1 > ReLU";
        p.network = read((text + " > Output").c_str());
        DocumentController document;
        document.reset(p);
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 20; ++i) canvas_edits::nudge(document, {"conv1"}, 10, 0);
        QVERIFY2(timer.elapsed() / 20 < 50, qPrintable(QString::number(timer.elapsed() / 20)));
    }
};

QTEST_MAIN(DocumentControllerTest)
#include "document_controller_test.moc"
