#include "core/train/run_rules.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "core/check/problem_place.h"
#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/session.h"
#include "tests/support/small_project.h"

using namespace loom;

namespace {

/// The first error before training; empty when there is none.
QString verdict(const Project& project) {
    for (const Diagnostic& one : checkForTraining(project, checkProject(project)))
        if (one.severity == Severity::Error) return QString::fromStdString(one.message);
    return {};
}

/// What a run of one epoch, and no more, says; empty when it comes to its end.
QString outcome(Project project) {
    const PlanResult plan = makePlan(project, {});
    if (!plan) return QString::fromStdString(plan.problem.error.message);
    TrainingSession session(plan.plan);
    session.start();
    session.wait();
    std::size_t cursor = 0;
    QString said = QString::fromStdString(session.status());
    if (said == "finished" || said == "diverged") return {};
    for (const RunEvent& event : session.log().read(cursor))
        if (event.type == RunEvent::Type::Failed) said = QString::fromStdString(event.message);
    return said;
}

template <class T>
const T& oneOf(std::mt19937& random, const std::vector<T>& choices) {
    return choices[random() % choices.size()];
}

}  // namespace

/// What `check` says before and `train` says when it begins is one and the same.
class RunRulesTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_root;

    Project small(const char* network) {
        Project project = newProject();
        project.network = *graphFromText(network);
        project.data.dataset = {"FashionMNIST", {{"root", m_root.path().toStdString()}}};
        project.training.batchSize = 20;
        project.training.epochs = 1;
        project.training.threads = 1;
        return project;
    }

    /// Networks, data and settings of which about half do not go together.
    Project drawn(std::mt19937& random) {
        Project project = small(oneOf<const char*>(
            random,
            {"Input > Flatten > Linear out_features=10 > Output",
             "Input > Flatten > fc1=Linear out_features=8 > BatchNorm1d > ReLU > Linear "
             "out_features=10 > Output",
             "Input > Flatten > Linear out_features=8 > BatchNorm1d track_running_stats=false > "
             "Linear out_features=10 > Output",
             "Input > Conv2d out_channels=4 kernel_size=3 > BatchNorm2d > ReLU > Flatten > Linear "
             "out_features=10 > Output",
             "Input > Conv2d out_channels=4 kernel_size=28 > BatchNorm2d > Flatten > Linear "
             "out_features=10 > Output",
             "Input > Flatten > Linear out_features=4 > Output",
             "Input > Flatten > Softmax > Output"}));
        TrainingSection& training = project.training;
        training.batchSize = oneOf<std::int64_t>(random, {1, 7, 20, 59, 60, 61, 64, 500});
        training.dropLast = random() % 2;
        training.epochs = 1 + std::int64_t(random() % 2);
        training.seed = std::int64_t(random() % 5);
        const std::int64_t steps = oneOf<std::int64_t>(random, {1, 2, 5, 200});
        training.scheduler = oneOf<std::optional<Choice>>(
            random, {std::nullopt, std::nullopt,
                     Choice{"OneCycleLR", {{"max_lr", 0.1}, {"total_steps", Value(steps)}}},
                     Choice{"OneCycleLR", {{"max_lr", 0.1}}},
                     Choice{"CosineAnnealingLR", {{"T_max", Value(steps)}}},
                     Choice{"StepLR", {{"step_size", Value(steps)}}},
                     Choice{"ReduceLROnPlateau", {{"monitor", "validation_loss"}}}});
        training.sampler = oneOf<std::optional<Choice>>(
            random,
            {std::nullopt, std::nullopt, Choice{"RandomSampler", {{"num_samples", Value(steps)}}},
             Choice{"WeightedRandomSampler", {{"replacement", false}}},
             Choice{"WeightedRandomSampler", {{"weights", Value(List{1, 2})}}}});
        if (random() % 3 == 0) {
            Part part;
            part.count = oneOf<std::int64_t>(random, {0, 1, 21, 59, 60});
            project.data.validation = part;
        }
        if (random() % 4 == 0) {
            Part part;
            part.count = oneOf<std::int64_t>(random, {0, 1, 8, 41});
            (random() % 2 ? project.data.subset : project.data.testSubset) = part;
        }
        if (random() % 6 == 0)
            training.initialWeights =
                m_root.filePath(oneOf<QString>(random, {"none.pth", "strange.pth", "no.txt"}))
                    .toStdString();
        training.loss.kind = oneOf<std::string>(
            random, {"CrossEntropyLoss", "CrossEntropyLoss", "NLLLoss", "MSELoss"});
        return project;
    }

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(m_root.path(), 60, 21);
        QVERIFY(saveStateDict(m_root.filePath("strange.pth").toStdString(),
                              {{{"a.b", {"float32", {1}, std::vector<std::uint8_t>(4)}}}})
                    .ok());
        QFile text(m_root.filePath("no.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("no weights");
    }

    void aHundredDrawnProjectsAreJudgedAlike() {
        std::mt19937 random(11);
        int refused = 0;
        for (int i = 0; i < 100; ++i) {
            const Project project = drawn(random);
            const QString before = verdict(project), then = outcome(project);
            refused += !before.isEmpty();
            QVERIFY2(before == then, qPrintable(QString("project %1\ncheck: %2\ntrain: %3\n%4")
                                                    .arg(i)
                                                    .arg(before, then)
                                                    .arg(projectToJson(project).c_str())));
        }
        qInfo("%d of 100 refused", refused);
        QVERIFY(refused > 25 && refused < 90);
    }

    void namesWhatIsWrong_data() {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("nothing is left of drop_last")
            << "training.batch_size"
            << "64"
            << "An epoch has 60 samples, fewer than one batch of 64, and drop_last leaves it out.";
        QTest::newRow("a schedule shorter than the run")
            << "training.scheduler"
            << R"({"kind": "OneCycleLR", "params": {"max_lr": 0.1, "total_steps": 2}})"
            << "OneCycleLR";
        QTest::newRow("no data set") << "data.dataset"
                                     << "null"
                                     << "No data set is chosen";
        QTest::newRow("a device that is not here") << "training.device"
                                                   << "cuda:7"
                                                   << "cuda:7";
        QTest::newRow("weights that are none")
            << "training.initial_weights" << m_root.filePath("no.txt")
            << "it is no file that torch.save wrote";
    }
    void namesWhatIsWrong() {
        QFETCH(QString, field);
        QFETCH(QString, value);
        QFETCH(QString, sentence);
        Project project = small(
            "Input 1x28x28 > Conv2d out_channels=4 kernel_size=3 > Flatten > Linear "
            "out_features=10 > "
            "Output");
        project.training.dropLast = true;
        project = *withField(project, field.toStdString(), value.toStdString());
        QVERIFY2(verdict(project).contains(sentence), qPrintable(verdict(project)));
        QCOMPARE(outcome(project), verdict(project));
    }

    void aLastBatchOfOneIsFoundForTheBlockThatCannotTakeIt() {
        Project project = small(
            "Input > Flatten > Linear out_features=8 > bn=BatchNorm1d > Linear out_features=10 > "
            "Output");
        project.training.batchSize = 59;
        QCOMPARE(verdict(project),
                 "The last batch holds a single sample (60 of the training set in batches of 59), "
                 "but bn takes the mean and deviation over a batch and needs at least two numbers "
                 "per channel.");
        project.training.dropLast = true;
        QCOMPARE(verdict(project), QString());
        project.training.dropLast = false;
        project.training.batchSize = 20;
        // The test set's last batch matters to statistics of the batch alone.
        QCOMPARE(verdict(project), QString());
        project.network = *graphFromText(
            "Input > Flatten > Linear out_features=8 > bn=BatchNorm1d track_running_stats=false > "
            "Linear out_features=10 > Output");
        QVERIFY2(verdict(project).contains("of the test set"), qPrintable(verdict(project)));
        // Pictures have many numbers per channel.
        project.network = *graphFromText(
            "Input > Conv2d out_channels=4 kernel_size=3 > BatchNorm2d > Flatten > Linear "
            "out_features=10 > Output");
        project.training.batchSize = 59;
        QCOMPARE(verdict(project), QString());
    }

    void anEmptyClassFolderIsFoundBefore() {
        QTemporaryDir folder;
        for (const char* part : {"train/cat", "train/dog", "test/cat", "test/dog"}) {
            QVERIFY(QDir(folder.path()).mkpath(part));
            if (QString(part) != "train/dog")
                QVERIFY(QImage(8, 8, QImage::Format_RGB32)
                            .save(folder.filePath(QString(part) + "/1.png")));
        }
        Project project = small("Input > Flatten > Linear out_features=2 > Output");
        project.data.dataset = {"ImageFolder", {{"root", folder.path().toStdString()}}};
        project.data.trainTransforms = {{"Resize", {{"size", Value(List{8, 8})}}}, {"ToTensor"}};
        project.data.testTransforms = project.data.trainTransforms;
        QVERIFY2(verdict(project).contains("dog"), qPrintable(verdict(project)));
        QCOMPARE(outcome(project), verdict(project));
    }

    void aScheduleForAnotherLengthIsAdvice() {
        Project project = small("Input > Flatten > Linear out_features=10 > Output");
        const auto advice = [&]() -> QString {
            for (const Diagnostic& one : checkForTraining(project, checkProject(project)))
                if (one.severity == Severity::Info && pageOf(one) == "training")
                    return QString::fromStdString(one.message + "\n" + one.hint);
            return {};
        };
        project.training.epochs = 5;
        project.training.scheduler = Choice{"CosineAnnealingLR", {{"T_max", Value(50)}}};
        QCOMPARE(advice(),
                 "CosineAnnealingLR reaches its smallest rate after T_max = 50 epochs, but the run "
                 "has only 5 epochs.\nSet T_max to 5 to end the run at the smallest rate.");
        project.training.scheduler = Choice{"CosineAnnealingLR", {{"T_max", Value(2)}}};
        QVERIFY(advice().contains("and then raises it again"));
        project.training.scheduler = Choice{"CosineAnnealingLR", {{"T_max", Value(5)}}};
        QCOMPARE(advice(), QString());
        project.training.scheduler =
            Choice{"CosineAnnealingLR", {{"T_max", Value(15)}, {"interval", "batch"}}};
        QCOMPARE(advice(), QString());
        project.training.scheduler =
            Choice{"CosineAnnealingLR", {{"T_max", Value(14)}, {"interval", "batch"}}};
        QVERIFY2(advice().contains("T_max = 14 batches"), qPrintable(advice()));
        project.training.scheduler = Choice{"StepLR", {{"step_size", Value(30)}}};
        QVERIFY(advice().contains("the rate stays as it is"));
        project.training.scheduler = Choice{"MultiStepLR", {{"milestones", Value(List{30, 60})}}};
        QVERIFY(advice().contains("the rate stays as it is"));
    }
};

QTEST_GUILESS_MAIN(RunRulesTest)
#include "run_rules_test.moc"
