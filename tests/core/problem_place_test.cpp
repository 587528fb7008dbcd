// Where problems stand, what is only not drawn yet, and repairs that the hints promise.

#include "core/check/problem_place.h"

#include <QTest>
#include <algorithm>

#include "core/catalogue/training_kinds.h"
#include "core/graph/edit.h"
#include "core/graph/text_form.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "core/project/unknown_parts.h"

using namespace loom;

namespace {

Project drawn(const char* text) {
    Project project = newProject();
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    project.network = *graph;
    project.data.dataset = Choice{"FashionMNIST"};
    return project;
}

std::string textOf(const ProjectReport& report) {
    std::string all;
    for (const Diagnostic& one : report.diagnostics)
        all += toText(one.severity) + " [" + one.section + "] " + one.message + "\n";
    return all;
}

const Diagnostic* findAt(const ProjectReport& report, const char* place) {
    for (const Diagnostic& one : report.diagnostics)
        if (liesIn(one, place)) return &one;
    return nullptr;
}

}  // namespace

class ProblemPlaceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatIsNotDrawnYetIsUnfinished_data() {
        QTest::addColumn<QString>("network");
        const char* const networks[] = {
            "Input ; Output",
            "Input ; conv=Conv2d out_channels=4 kernel_size=3 ; Output",
            "Input > conv=Conv2d out_channels=4 kernel_size=3 ; Output",
            "Input ; conv=Conv2d out_channels=4 kernel_size=3 > Output",
            "Input > conv=Conv2d out_channels=4 kernel_size=3",
            "conv=Conv2d out_channels=4 kernel_size=3 > Output",
            "Input > Output",
            "Input > a=ReLU > Output",
            "Input > a=Flatten > Output",
            "Input > conv=Conv2d out_channels=4 kernel_size=3 > Output",
            "Input > a=ReLU > add=Add ; Output",
            "Input > a=Flatten > fc=Linear out_features=10 > Output ; b=ReLU",
        };
        for (const char* network : networks) QTest::newRow(network) << QString::fromLatin1(network);
    }
    void whatIsNotDrawnYetIsUnfinished() {
        QFETCH(QString, network);
        const ProjectReport report = checkProject(drawn(qPrintable(network)));
        QVERIFY(!report.ok());
        for (const Diagnostic& one : report.diagnostics)
            QVERIFY2(one.severity != Severity::Error || isUnfinished(one) ||
                         one.message.find("Flatten") != std::string::npos,
                     textOf(report).c_str());
        QVERIFY(isUnfinished(report.diagnostics.front()));
        QCOMPARE(pageOf(report.diagnostics.front()), std::string("network"));
    }

    void mistakesAreNotUnfinishedAndComeFirst() {
        const char* const networks[] = {
            // A picture at a Linear, a kernel that does not fit, too few outputs, a circle.
            "Input > conv=Conv2d out_channels=4 kernel_size=3 > fc=Linear out_features=10 > Output "
            "; "
            "b=ReLU",
            "Input > conv=Conv2d out_channels=4 kernel_size=99 > a=Flatten > fc=Linear "
            "out_features=10 > Output ; b=ReLU",
            "Input > a=Flatten > fc=Linear out_features=3 > Output ; b=ReLU",
        };
        for (const char* network : networks) {
            const ProjectReport report = checkProject(drawn(network));
            QVERIFY2(!isUnfinished(report.diagnostics.front()), textOf(report).c_str());
            QCOMPARE(report.diagnostics.front().severity, Severity::Error);
            QVERIFY2(findAt(report, kUnfinished), textOf(report).c_str());
        }
    }

    void theHintToEndTheNetworkHasARepair() {
        for (const LossKind& loss : losses()) {
            for (const char* network :
                 {"Input > Output", "Input > conv=Conv2d out_channels=4 kernel_size=3 > Output",
                  "Input > conv=Conv2d out_channels=4 kernel_size=3 > a=ReLU > Output"}) {
                Project project = drawn(network);
                project.training.loss = Choice{loss.info.id};
                const ProjectReport report = checkProject(project);
                for (const Diagnostic& one : report.diagnostics) {
                    if (one.hint.find("Flatten and Linear") == std::string::npos) continue;
                    QVERIFY2(!one.fixes.empty(), (loss.info.id + ": " + one.message).c_str());
                    const auto mended = one.fixes.front().apply(project.network);
                    QVERIFY(mended);
                    project.network = *mended;
                    const ProjectReport after = checkProject(project);
                    for (const Diagnostic& left : after.diagnostics)
                        QVERIFY2(left.hint.find("Flatten and Linear") == std::string::npos,
                                 textOf(after).c_str());
                    break;
                }
            }
        }
        Project project = drawn("Input > conv=Conv2d out_channels=4 kernel_size=3 > Output");
        const ProjectReport report = checkProject(project);
        QCOMPARE(report.diagnostics.front().fixes.front().label,
                 std::string("Add Flatten and Linear"));
        project.network = *report.diagnostics.front().fixes.front().apply(project.network);
        QVERIFY2(checkProject(project).ok(), textOf(checkProject(project)).c_str());
        QCOMPARE(checkProject(project).shapes.blocks.at("output").inputs.front(), Shape{{10}});
    }

    void numbersToComeNearToHaveARepairToo() {
        Project project = drawn("Input > fc=Linear out_features=7 > Output");
        project.data.dataset = Choice{"Line"};
        project.data.trainTransforms.clear();
        project.data.testTransforms.clear();
        project.training.loss = Choice{"MSELoss"};
        const ProjectReport report = checkProject(project);
        QVERIFY(!report.ok());
        const auto& found = report.diagnostics.front();
        QVERIFY2(!found.fixes.empty(), textOf(report).c_str());
        project.network = *found.fixes.front().apply(project.network);
        QVERIFY2(checkProject(project).ok(), textOf(checkProject(project)).c_str());
    }

    void transformsThatDifferLeadToTheListAtFault() {
        const Params size{{"size", Value(List{14, 14})}};
        Project project =
            drawn("Input > a=Flatten > fc=Linear in_features=784 out_features=10 > Output");
        project.data.testTransforms = {{"Resize", size}, {"ToTensor"}};
        ProjectReport report = checkProject(project);
        QVERIFY2(findAt(report, "data.test_transforms"), textOf(report).c_str());
        QVERIFY(!findAt(report, "data.train_transforms"));
        // The network fits the test's size and not training's.
        std::swap(project.data.testTransforms, project.data.trainTransforms);
        report = checkProject(project);
        QVERIFY2(findAt(report, "data.train_transforms"), textOf(report).c_str());
        QVERIFY(!findAt(report, "data.test_transforms"));
        // Nothing tells them apart.
        project.network = *graphFromText("Input > a=Flatten > fc=Linear out_features=10 > Output");
        report = checkProject(project);
        QVERIFY2(findAt(report, "data.test_transforms"), textOf(report).c_str());
        // An Input of its own size does.
        project.network =
            *graphFromText("Input 1x28x28 > a=Flatten > fc=Linear out_features=10 > Output");
        report = checkProject(project);
        QVERIFY2(findAt(report, "data.train_transforms"), textOf(report).c_str());
    }

    void everyProblemOfTheListsNamesItsStep() {
        Project project = drawn("Input > a=Flatten > fc=Linear out_features=10 > Output");
        project.data.testTransforms = {{"ToTensor"}, {"Nonsense"}};
        QVERIFY(findAt(checkProject(project), "data.test_transforms.1"));
        project.data.testTransforms = {{"ToTensor"}, {"Resize"}};
        QVERIFY(findAt(checkProject(project), "data.test_transforms.1"));
        project.data.testTransforms = {
            {"Normalize", {{"mean", Value(List{0.5})}, {"std", Value(List{0.5})}}}, {"ToTensor"}};
        QVERIFY2(findAt(checkProject(project), "data.test_transforms.0"),
                 textOf(checkProject(project)).c_str());
        project.data.testTransforms = {};
        QVERIFY(findAt(checkProject(project), "data.test_transforms"));
        project.data.testTransforms = {{"ToTensor"}};
        project.data.trainTransforms = {};
        QVERIFY(findAt(checkProject(project), "data.train_transforms"));
        project.data.trainTransforms = {{"ToTensor"}};
        project.training.loss = Choice{"Nonsense"};
        QVERIFY(findAt(checkProject(project), "training.loss"));
        project.training.loss = Choice{"CrossEntropyLoss"};
        project.training.optimizer = Choice{"SGD", {{"lr", Value(-1)}}};
        QVERIFY(findAt(checkProject(project), "training.optimizer"));
    }

    void whatAFileHeldIsTold() {
        const auto loaded = projectFromJson(R"({
            "format": "torchloom-project", "version": 1, "colour": "green",
            "network": {"nodes": [{"id": "input", "kind": "Input", "shade": 3},
                                  {"id": "a", "kind": "Reluu"},
                                  {"id": "b", "kind": "Linear", "params": {"out_feature": 3}}],
                        "edges": [], "depth": 4},
            "data": {"dataset": {"kind": "FashionMNIST", "params": {"rood": "x"}},
                     "train_transforms": [{"kind": "Flip"}]},
            "training": {"optimizer": {"kind": "SGD", "params": {"speed": 2}}, "mood": "good"}
        })");
        QVERIFY(loaded);
        const std::vector<Diagnostic> remarks = remarksOnLoading(*loaded);
        for (const char* word :
             {"colour", "shade", "depth", "mood", "Reluu", "out_feature", "rood", "Flip", "speed"})
            QVERIFY2(std::count_if(remarks.begin(), remarks.end(),
                                   [&](const Diagnostic& one) {
                                       return one.message.find(word) != std::string::npos;
                                   }) == 1,
                     word);
        QVERIFY(unknownParts(drawn("Input > a=ReLU > Output")).empty());
    }
};

QTEST_GUILESS_MAIN(ProblemPlaceTest)
#include "problem_place_test.moc"
