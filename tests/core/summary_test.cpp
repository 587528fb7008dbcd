#include <QTest>
#include <string>

#include "core/graph/text_form.h"
#include "core/project/memory_forecast.h"
#include "core/project/parameter_groups.h"
#include "core/project/summary.h"

using namespace loom;

namespace {

Project projectOf(const std::string& text) {
    Project project = newProject();
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    project.network = *graph;
    return project;
}

const char* const kNet =
    "Input 3x8x8 > stem=Conv2d out_channels=4 kernel_size=3 padding=1 > "
    "body.a.conv=Conv2d out_channels=4 kernel_size=3 padding=1 > body.a.relu=ReLU > "
    "body.b=ReLU > Flatten > fc=Linear out_features=10 > Output";

Summary summaryOf(const Project& project) {
    return summarize(project, checkProject(project).shapes);
}

}  // namespace

class SummaryTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rowsFollowExecutionAndGroupsHoldTheirs() {
        const Summary summary = summaryOf(projectOf(kNet));
        std::string rows;
        for (const SummaryRow& row : summary.rows)
            rows += std::string(static_cast<std::size_t>(row.depth), '-') + row.path +
                    (row.group ? "/ " : " ");
        QCOMPARE(rows, std::string("input stem body/ -body.a/ --body.a.conv --body.a.relu -body.b "
                                   "flatten fc output "));
        const SummaryRow& group = summary.rows[2];
        QCOMPARE(group.blocks, 3);
        QCOMPARE(group.parameters, std::int64_t(4 * 4 * 9 + 4));
        QCOMPARE(group.outputs.front().toText(), std::string("4×8×8"));
        QCOMPARE(group.bytes, std::int64_t(3 * 4 * 64 * 4));
        QCOMPARE(summary.total.parameters,
                 std::int64_t((3 * 4 * 9 + 4) + (4 * 4 * 9 + 4) + (256 * 10 + 10)));
        QCOMPARE(summary.total.blocks, 8);
    }

    void aGroupThatRunsInPiecesIsOneRow() {
        const Summary summary = summaryOf(projectOf(
            "Input 4 > g.a=ReLU > between=ReLU > g.b=ReLU > Flatten > Linear out_features=10 > "
            "Output"));
        int groups = 0;
        std::string rows;
        for (const SummaryRow& row : summary.rows) groups += row.group, rows += row.path + " ";
        QCOMPARE(groups, 1);
        QCOMPARE(rows, std::string("input g g.a g.b between flatten fc1 output "));
    }

    void frozenBlocksAreCountedAsSuch() {
        Project project = projectOf(kNet);
        ParameterGroup frozen;
        frozen.blocks = {"body", "stem"};
        frozen.frozen = true;
        ParameterGroup again;
        again.blocks = {"stem"};
        project.training.parameterGroups = {frozen, again};
        QVERIFY(!isFrozen(project.training, project.network, "stem"));
        QVERIFY(isFrozen(project.training, project.network, "body.a.conv"));
        QVERIFY(!isFrozen(project.training, project.network, "bodywork"));
        const Summary summary = summaryOf(project);
        QCOMPARE(summary.total.parameters - summary.total.trained, std::int64_t(148));
        const ShapeReport shapes = checkProject(project).shapes;
        QCOMPARE(forecastMemory(project, shapes).gradients, summary.total.trained * 4);
    }

    void blocksThatFreezeThemselvesAreFrozen() {
        const std::string table =
            "Input 5 dtype=int64 > e.words=Embedding num_embeddings=7 embedding_dim=4 _freeze=True";
        const Project project = projectOf(table + " > Flatten > Linear out_features=3 > Output");
        QVERIFY(isFrozen(project.training, project.network, "e.words"));
        QVERIFY(isFrozen(project.training, project.network, "e.words.weight"));
        QVERIFY(!isFrozen(project.training, project.network, "fc1.weight"));
        const Summary summary = summaryOf(project);
        QCOMPARE(summary.total.parameters - summary.total.trained, std::int64_t(28));
        const ShapeReport shapes = checkProject(project).shapes;
        QVERIFY(checkParameterGroups(project.training, project.network, shapes).empty());

        const Project nothing = projectOf(table + " > Output");
        const auto problems =
            checkParameterGroups(nothing.training, nothing.network, checkProject(nothing).shapes);
        QCOMPARE(problems.size(), std::size_t(1));
        QVERIFY(problems[0].message.find("nothing to train") != std::string::npos);
    }

    void tablesHaveTotals() {
        const Summary summary = summaryOf(projectOf(kNet));
        const QString markdown = QString::fromStdString(summaryAsMarkdown(summary));
        QVERIFY(markdown.contains(QStringLiteral("| stem | Conv2d | 4×8×8 | 112 | 112 | 6,912 |")));
        QVERIFY(markdown.contains(QStringLiteral("| **Total** | 8 blocks | | 2,830 | 2,830 |")));
        QCOMPARE(markdown.count(QLatin1Char('\n')), 2 + 8 + 1);
        const QString csv = QString::fromStdString(summaryAsCsv(summary));
        QVERIFY(csv.contains(QStringLiteral("\nstem,Conv2d,4×8×8,112,112,6912,1024\n")));
        QCOMPARE(csv.count(QLatin1Char('\n')), 1 + 8);
    }

    void theForecastCountsWhatTrainingKeeps() {
        Project project = projectOf("Input 100 > fc=Linear out_features=50 > Output");
        project.training.batchSize = 8;
        project.training.numWorkers = 0;
        project.training.optimizer = {"SGD", {{"lr", Value(0.1)}}};
        const ShapeReport shapes = checkProject(project).shapes;
        MemoryForecast forecast = forecastMemory(project, shapes);
        QCOMPARE(forecast.weights, std::int64_t(5050 * 4));
        QCOMPARE(forecast.gradients, std::int64_t(5050 * 4));
        QCOMPARE(forecast.optimizerState, std::int64_t(0));
        QCOMPARE(forecast.activations, std::int64_t(8 * (50 + 150) * 4));
        QCOMPARE(forecast.batch, std::int64_t(8 * 100 * 4 * 2));
        project.training.optimizer = {"Adam", {}};
        forecast = forecastMemory(project, shapes);
        QCOMPARE(forecast.optimizerState, std::int64_t(2 * 5050 * 4));
        QCOMPARE(checkProject(project).trainingBytes, forecast.total());
        // What only an activation takes is freed when that has run.
        Project active = projectOf("Input 100 > fc=Linear out_features=50 > ReLU > Output");
        active.training = project.training;
        QCOMPARE(forecastMemory(active, checkProject(active).shapes).activations,
                 forecast.activations);
        // Nothing is kept for blocks before the first that learns.
        ParameterGroup frozen;
        frozen.blocks = {"fc"};
        frozen.frozen = true;
        project.training.parameterGroups = {frozen};
        QVERIFY(forecastMemory(project, shapes).total() < forecast.total());
    }
};

QTEST_APPLESS_MAIN(SummaryTest)
#include "summary_test.moc"
