#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/session.h"
#include "tests/support/small_project.h"
#include "tests/support/training_peer.h"

using namespace loom;
using namespace loom::test;

/// What a project says of parts, samplers and mixing: kept in its file, and refused where it cannot
/// be done. What is drawn is compared with Python in sampling_test.
class SamplingChecksTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_root;

private Q_SLOTS:
    void initTestCase() { writeSmallFashionMnist(m_root.path(), 400, 100); }

    void whatCannotBeSampledIsToldBeforehand_data() {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const char* field, const char* value,
                            const char* sentence) {
            QTest::newRow(name) << field << value << sentence;
        };
        row("empty part", "data.validation", R"({"fraction": 0})", "The validation part is empty.");
        row("whole part", "data.validation", R"({"fraction": 1.0})",
            "The validation part takes the whole training set.");
        row("unknown sampler", "training.sampler", R"({"kind": "CleverSampler"})",
            "The sampler CleverSampler is not known");
        row("weights", "training.sampler",
            R"({"kind": "WeightedRandomSampler", "params": {"weights": [1, 2]}})",
            "WeightedRandomSampler has 2 weights for 10 classes.");
        row("no weight", "training.sampler",
            R"({"kind": "WeightedRandomSampler", "params": {"weights": [0,0,0,0,0,0,0,0,0,0]}})",
            "All weights of WeightedRandomSampler are 0");
        row("range", "training.sampler",
            R"({"kind": "RandomSampler", "params": {"num_samples": 0}})",
            "RandomSampler: num_samples is 0");
        row("sampler and shuffle", "training",
            R"({"sampler": {"kind": "RandomSampler"}, "shuffle": true})",
            "ValueError: sampler option is mutually exclusive with shuffle");
        row("mixing", "data.batch_transforms", R"([{"kind": "MixDown"}])",
            "The batch transform MixDown is not known");
        row("alpha", "data.batch_transforms", R"([{"kind": "MixUp", "params": {"alpha": 0}}])",
            "MixUp: alpha is 0");
        row("monitor", "training.scheduler",
            R"({"kind": "ReduceLROnPlateau", "params": {"monitor": "validation_loss"}})",
            "ReduceLROnPlateau watches validation_loss, but no validation part is held back.");
    }
    void whatCannotBeSampledIsToldBeforehand() {
        QFETCH(QString, field);
        QFETCH(QString, value);
        QFETCH(QString, sentence);
        const auto project =
            withField(peerProject(m_root.path()), field.toStdString(), value.toStdString());
        QVERIFY2(project.ok(), project.ok() ? "" : project.error().message.c_str());
        QStringList found;
        for (const Diagnostic& one : checkProject(*project).diagnostics)
            if (one.severity == Severity::Error) found << QString::fromStdString(one.message);
        QVERIFY2(!found.filter(sentence).isEmpty(), qPrintable(found.join('\n')));
    }

    void aSamplerAloneSwitchesShuffleOff() {
        const auto project = withField(peerProject(m_root.path()), "training",
                                       R"({"sampler": {"kind": "RandomSampler"}})");
        QVERIFY(project.ok());
        QVERIFY(!project->training.shuffle);
        QVERIFY(checkProject(*project).ok());
    }

    void namesOfOldAreKnown_data() {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("hint");
        const auto row = [](const char* field, const char* kind, const char* hint) {
            QTest::newRow(kind) << field << kind << hint;
        };
        row("data.train_transforms", "Scale", "It is called Resize now.");
        row("data.train_transforms", "RandomSizedCrop", "It is called RandomResizedCrop now.");
        row("data.train_transforms", "transforms.ToTensor", "It is written ToTensor.");
        row("data.train_transforms", "Centercrop", "It is written CenterCrop.");
        row("data.dataset", "FashionMnist", "It is written FashionMNIST.");
        row("data.dataset", "torchvision.datasets.cifar10", "It is written CIFAR10.");
        row("training.loss", "NLLLoss2d", "It is called NLLLoss now.");
        row("training.loss", "cross_entropy", "It is written CrossEntropyLoss.");
        row("training.optimizer", "adam", "It is written Adam.");
        row("training.optimizer", "torch.optim.sgd", "It is written SGD.");
        row("training.scheduler", "StepLr", "It is written StepLR.");
        row("training.sampler", "randomsampler", "It is written RandomSampler.");
        row("network.nodes", "conv2d", "It is written Conv2d.");
        row("network.nodes", "nn.MaxPool2d", "It is written MaxPool2d.");
        row("network.nodes", "max_pool2d", "It is written MaxPool2d.");
        row("network.nodes", "Relu", "It is written ReLU.");
        row("network.nodes", "Covn2d", "Did you mean Conv2d?");
    }
    void namesOfOldAreKnown() {
        QFETCH(QString, field);
        QFETCH(QString, kind);
        QFETCH(QString, hint);
        const QString choice = QStringLiteral("{\"kind\": \"%1\", \"id\": \"it\"}").arg(kind);
        const bool list = field.endsWith("transforms") || field.endsWith("nodes");
        const auto project = withField(peerProject(m_root.path()), field.toStdString(),
                                       (list ? "[" + choice + "]" : choice).toStdString());
        QVERIFY2(project.ok(), project.ok() ? "" : project.error().message.c_str());
        QStringList hints;
        for (const Diagnostic& one : checkProject(*project).diagnostics)
            if (one.severity == Severity::Error) hints << QString::fromStdString(one.hint);
        QVERIFY2(!hints.filter(hint).isEmpty(), qPrintable(hints.join('\n')));
    }

    void mixingNeedsALossThatTakesShares() {
        Project project = peerProject(m_root.path());
        project.data.batchTransforms = {{"CutMix"}};
        project.training.loss = {"MultiMarginLoss"};
        QStringList found;
        for (const Diagnostic& one : checkProject(project).diagnostics)
            found << QString::fromStdString(one.message);
        QVERIFY2(!found
                      .filter("CutMix gives shares of several classes as answers, but "
                              "MultiMarginLoss takes one class.")
                      .isEmpty(),
                 qPrintable(found.join('\n')));
    }

    /// Every loss that says it takes shares trains with them.
    void lossesThatTakeSharesDo() {
        int tried = 0;
        for (const LossKind& kind : losses()) {
            if (!kind.takesShares) continue;
            Project project = peerProject(m_root.path());
            project.training.loss = {kind.info.id};
            project.training.epochs = 1;
            project.data.batchTransforms = {{"MixUp"}};
            const char* ending = kind.info.id == "KLDivLoss" ? "LogSoftmax dim=1"
                                 : kind.info.id == "BCELoss" ? "Sigmoid"
                                                             : nullptr;
            project.network =
                *graphFromText(std::string("Input > Flatten > Linear out_features=10 > ") +
                               (ending ? std::string(ending) + " > " : std::string()) + "Output");
            const TrainedRun run = trainedRun(project);
            QVERIFY2(run.status == "finished", (kind.info.id + ": " + run.message).c_str());
            for (const double loss : run.losses) QVERIFY(std::isfinite(loss));
            ++tried;
        }
        QVERIFY(tried >= 8);
    }

    void labelsBeyondTheClassesAreNamed() {
        QTemporaryDir root;
        Project project = newProject();
        project.network = *graphFromText("Input > Flatten > Linear out_features=10 > Output");
        project.data.dataset = {"STL10",
                                {{"root", root.path().toStdString()}, {"split", "unlabeled"}}};
        project.data.trainTransforms = {{"ToTensor"}};
        project.data.testTransforms = {{"ToTensor"}};
        const QString folder = root.filePath("stl10_binary");
        QVERIFY(QDir().mkpath(folder));
        const auto write = [&](const char* name, const QByteArray& bytes) {
            QFile file(folder + "/" + name);
            return file.open(QFile::WriteOnly) && file.write(bytes) == bytes.size();
        };
        QVERIFY(write("train_X.bin", QByteArray(2 * 27648, 7)));
        QVERIFY(write("train_y.bin", QByteArray("\x01\x02", 2)));
        QVERIFY(write("test_X.bin", QByteArray(2 * 27648, 9)));
        QVERIFY(write("test_y.bin", QByteArray("\x03\x0a", 2)));
        QVERIFY(write("unlabeled_X.bin", QByteArray(3 * 27648, 1)));
        QVERIFY(write("class_names.txt",
                      "airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n"));
        const auto plan = makePlan(project, {});
        QVERIFY2(plan.plan != nullptr, plan.problem.error.message.c_str());
        TrainingSession session(plan.plan);
        session.start();
        session.wait();
        QCOMPARE(session.status(), std::string("failed"));
        std::size_t cursor = 0;
        const std::string said = session.log().read(cursor).back().message;
        QVERIFY2(said.find("has no class (its label is -1), but there are 10 classes") !=
                     std::string::npos,
                 said.c_str());
        // An autoencoder needs no classes.
        project.data.targetIsInput = true;
        project.training.loss = {"MSELoss"};
        project.training.epochs = 1;
        project.network = *graphFromText("Input > Conv2d out_channels=3 kernel_size=1 > Output");
        const TrainedRun run = trainedRun(project);
        QVERIFY2(run.status == "finished", run.message.c_str());
    }

    void projectsKeepWhatTheySayOfSampling() {
        const std::string text = R"({"kind": "WeightedRandomSampler", "params": {}})";
        Project project = peerProject(m_root.path());
        for (const auto& [field, value] :
             {std::pair("training.sampler", text.c_str()),
              {"training.prefetch_factor", "4"},
              {"training.pin_memory", "true"},
              {"training.timeout", "2.5"},
              {"data.validation", R"({"fraction": 0.1, "stratified": true, "seed": 7})"},
              {"data.subset", R"({"count": 100, "seed": 0})"},
              {"data.test_subset", R"({"fraction": 0.5})"},
              {"data.batch_transforms", R"([{"kind": "MixUp", "params": {"alpha": 0.4}}])"}}) {
            auto next = withField(project, field, value);
            QVERIFY2(next.ok(), next.ok() ? field : next.error().message.c_str());
            project = *next;
        }
        const auto again = projectFromJson(projectToJson(project), "again");
        QVERIFY(again.ok());
        QVERIFY(again->remarks.empty());
        QVERIFY(again->project == project);
        QCOMPARE(again->project.data.validation->fraction, std::optional(0.1));
        QCOMPARE(again->project.training.prefetchFactor, 4);
        for (const char* wrong : {R"({"fraction": 0.1, "count": 3})", R"({"seed": 1})",
                                  R"({"fraction": 1.5})", R"({"count": -1})", R"([1])"})
            QVERIFY(!withField(project, "data.validation", wrong).ok());
    }
};

QTEST_GUILESS_MAIN(SamplingChecksTest)
#include "sampling_checks_test.moc"
