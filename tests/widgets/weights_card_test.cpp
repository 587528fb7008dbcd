#include "widgets/explain/weights_card.h"

#include <QComboBox>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <string>

#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/train/network_use.h"
#include "core/train/probe.h"
#include "widgets/explain/tensor_model.h"

using namespace loom;

namespace {

Project lineProject() {
    Project project = newProject();
    project.network = *graphFromText("Input > fc=Linear out_features=1 > Output");
    project.data.dataset = {"Line", {}};
    project.data.trainTransforms = project.data.testTransforms = {};
    project.training.loss = {"MSELoss", {}};
    project.training.optimizer = {"SGD", {{"lr", 0.1}}};
    project.training.epochs = 3;
    project.training.threads = 1;
    project.training.device = "cpu";
    return project;
}

struct Bench {
    DocumentController document;
    TrainingBridge bridge;
    WeightsCard card{document};

    explicit Bench(const Project& project, const NodeId& block) {
        document.reset(project);
        card.setBridge(&bridge);
        card.setBlock(block);
        card.setActive(true);
        settle();
    }
    void settle() {
        QVERIFY(QTest::qWaitFor([this] { return !card.isComputing(); }, 20000));
    }
    void choose(const QString& source) {
        const int index = card.sources()->findText(source);
        QVERIFY2(index >= 0, qPrintable(source));
        card.sources()->setCurrentIndex(index);
        Q_EMIT card.sources()->activated(index);
        settle();
    }
};

QString lineFor(const Weights& weights, const std::string& prefix) {
    return QStringLiteral("weight 1×1: %1\nbias 1: %2")
        .arg(weightText(numbersOf(*weights.find(prefix + "weight")).front()),
             weightText(numbersOf(*weights.find(prefix + "bias")).front()));
}

}  // namespace

class WeightsCardTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// The line project: weight and bias before, while and after learning.
    void weightAndBiasOfARun() {
        const Project project = lineProject();
        Bench bench(project, "fc");
        const auto fresh = initialWeights(project, project.training.seed);
        QVERIFY(fresh.ok());
        QCOMPARE(bench.card.lines(), lineFor(*fresh, "fc."));
        QVERIFY2(bench.card.source().contains(QStringLiteral("fresh")),
                 qPrintable(bench.card.source()));
        QVERIFY(!bench.card.isHidden());

        const PlanResult plan = makePlan(project, {});
        QVERIFY2(plan, plan.problem.error.message.c_str());
        bench.bridge.start(plan.plan);
        QTRY_VERIFY_WITH_TIMEOUT(!bench.bridge.isActive(), 20000);
        bench.settle();
        const auto learned = bench.bridge.session()->weights();
        QVERIFY(learned.ok());
        QTRY_COMPARE_WITH_TIMEOUT(bench.card.lines(), lineFor(*learned, "fc."), 10000);
        QVERIFY(bench.card.lines() != lineFor(*fresh, "fc."));
        QVERIFY2(bench.card.source().contains(QStringLiteral("latest run")),
                 qPrintable(bench.card.source()));
        bench.choose(QStringLiteral("Fresh"));
        QCOMPARE(bench.card.lines(), lineFor(*fresh, "fc."));
        bench.choose(QStringLiteral("Latest run"));
        QCOMPARE(bench.card.lines(), lineFor(*learned, "fc."));
    }

    void weightsOfAFile() {
        const Project project = lineProject();
        const QTemporaryDir folder;
        const auto other = initialWeights(project, 77);
        const QString file = folder.filePath(QStringLiteral("other.pth"));
        QVERIFY(other.ok() && saveStateDict(file.toStdString(), *other).ok());
        Bench bench(project, "fc");
        bench.card.setWeightFile(file);
        bench.settle();
        QCOMPARE(bench.card.lines(), lineFor(*other, "fc."));
        QVERIFY(bench.card.source().contains(QStringLiteral("other.pth")));
    }

    void manyNumbersAreATable() {
        Project project = lineProject();
        project.network =
            *graphFromText("Input 3x8x8 > c=Conv2d out_channels=4 kernel_size=3 > r=ReLU > Output");
        Bench bench(project, "c");
        QVERIFY2(bench.card.lines().startsWith(QStringLiteral("weight 4×3×3×3: from ")),
                 qPrintable(bench.card.lines()));
        const auto weights = blockWeights(project, "c");
        const auto numbers = numbersOf(*weights->state.find("weight"));
        const QAbstractItemModel* model = bench.card.table()->model();
        QCOMPARE(model->rowCount(), 4);
        QCOMPARE(model->columnCount(), 27);
        QCOMPARE(model->index(2, 5).data().toString(), shortWeightText(numbers[2 * 27 + 5]));
        QCOMPARE(model->headerData(14, Qt::Horizontal).toString(), QStringLiteral("1, 1, 2"));
        // A block without weights has no such card.
        bench.card.setBlock("r");
        bench.settle();
        QVERIFY(bench.card.isHidden());
    }

    /// A block of a large network is drawn alone, with the same bits, and only when asked.
    void largeNetworksAreAskedFor() {
        Project project = lineProject();
        project.network = *graphFromText(
            "Input 3x64x64 > first=Conv2d out_channels=4 kernel_size=3 > flat=Flatten > "
            "wide=Linear out_features=700 > last=Linear out_features=2 > Output");
        Bench bench(project, "last");
        QVERIFY(!bench.card.isHidden());
        QVERIFY(bench.card.lines().isEmpty());
        QVERIFY2(bench.card.source().contains(QStringLiteral("memory")),
                 qPrintable(bench.card.source()));
        bench.card.showButton()->click();
        bench.settle();
        QVERIFY(bench.card.showButton()->isHidden());
        const auto all = initialWeights(project, project.training.seed);
        QVERIFY(all.ok());
        const QStringList lines = bench.card.lines().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 2);
        QVERIFY2(lines[0].startsWith(QStringLiteral("weight 2×700: from ")), qPrintable(lines[0]));
        const auto alone = blockWeights(project, "last");
        QVERIFY(alone.ok());
        for (const NamedTensor& entry : alone->state.tensors)
            QVERIFY2(entry.tensor.bytes == all->find("last." + entry.name)->bytes,
                     entry.name.c_str());
        // Another drawing is asked for again.
        bench.document.editGraph(QStringLiteral("wider"), [](const Graph& graph) {
            Graph next = graph;
            next.find("last")->params.set("out_features", 3);
            return Result<Graph>(next);
        });
        bench.settle();
        QVERIFY(!bench.card.showButton()->isHidden());
    }

    void followsTheDrawing() {
        Bench bench(lineProject(), "fc");
        QVERIFY(bench.document.editGraph(QStringLiteral("wider"),
                                         [](const Graph& graph) -> Result<Graph> {
                                             Graph next = graph;
                                             next.find("fc")->params.set("out_features", 2);
                                             return next;
                                         }));
        bench.settle();
        QVERIFY2(bench.card.lines().startsWith(QStringLiteral("weight 2×1: ")),
                 qPrintable(bench.card.lines()));
    }
};

QTEST_MAIN(WeightsCardTest)
#include "weights_card_test.moc"
