#include <QTemporaryDir>
#include <QTest>

#include "core/exchange/torch_file.h"
#include "core/graph/edit.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/session.h"
#include "core/train/weight_match.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;
using Fit = WeightMatchRow::Fit;

/// Starting from weights that fit in part.
class TransferTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    Project small(std::int64_t classes) {
        Project project = newProject();
        project.network = *graphFromText(
            "Input > conv1=Conv2d out_channels=4 kernel_size=3 > bn1=BatchNorm2d > ReLU > Flatten "
            "> "
            "fc=Linear out_features=" +
            std::to_string(classes) + " > Output");
        test::writeSmallFashionMnist(m_folder.path(), 60, 20);
        project.data.dataset = {"FashionMNIST", {{"root", m_folder.path().toStdString()}}};
        project.training.batchSize = 20;
        project.training.epochs = 1;
        project.training.threads = 1;
        return project;
    }

private Q_SLOTS:
    void tellsWhatFits() {
        const Project before = small(7), after = small(10);
        Weights weights = *initialWeights(before, 1);
        weights.tensors.push_back({"aux.weight", {"float32", {2}, std::vector<std::uint8_t>(8)}});
        const auto match = matchTable(after, weights);
        QVERIFY2(match.ok(), match ? "" : match.error().message.c_str());
        QCOMPARE(match->fits, std::int64_t(7));
        QCOMPARE(match->otherSize, std::int64_t(2));
        QCOMPARE(match->onlyInFile, std::int64_t(1));
        QCOMPARE(match->rows.back().name, std::string("aux.weight"));
        QVERIFY(match->rows.back().fit == Fit::OnlyInFile);
        QVERIFY(match->filledBlocks == (std::vector<NodeId>{"conv1", "bn1"}));
        QVERIFY(match->freshBlocks == std::vector<NodeId>{"fc"});
        QCOMPARE(QString::fromStdString(match->toSentence()),
                 "7 of 9 tensors fit; fc begins afresh; 1 of the file is not used.");
    }

    /// After no step at all the first losses show which weights are there.
    void startsFromWhatFits() {
        Project project = small(10);
        const std::string path = m_folder.filePath("w.pth").toStdString();
        const Weights weights = *initialWeights(small(7), 99);
        QVERIFY(saveStateDict(path, weights).ok());
        project.training.initialWeights = path;
        project.training.optimizer = {"SGD", {{"lr", 0.0}}};
        const auto again = projectFromJson(projectToJson(project), "transfer");
        QVERIFY(again.ok() && again->project == project && again->remarks.empty());
        const PlanResult plan = makePlan(project, {});
        QVERIFY2(plan, plan.problem.error.message.c_str());
        TrainingSession session(plan.plan);
        session.start();
        session.wait();
        const auto trained = session.weights();
        QVERIFY2(trained.ok(), trained ? "" : trained.error().message.c_str());
        QVERIFY(trained->find("conv1.weight")->bytes == weights.find("conv1.weight")->bytes);
        const Weights fresh = *initialWeights(project, project.training.seed);
        QVERIFY(trained->find("fc.weight")->bytes == fresh.find("fc.weight")->bytes);
    }

    void refusesWhatDoesNotFitAtAll() {
        Project project = small(10);
        const std::string path = m_folder.filePath("none.pth").toStdString();
        QVERIFY(
            saveStateDict(path, {{{"a.b", {"float32", {1}, std::vector<std::uint8_t>(4)}}}}).ok());
        project.training.initialWeights = path;
        TrainingSession session(makePlan(project, {}).plan);
        session.start();
        session.wait();
        std::size_t cursor = 0;
        const std::vector<RunEvent> events = session.log().read(cursor);
        QVERIFY(!events.empty());
        QCOMPARE(events.back().status, std::string("failed"));
        QCOMPARE(QString::fromStdString(events.back().message),
                 QString::fromStdString(path) +
                     " cannot be the start: None of the network's 9 tensors is in the file under "
                     "the same name and size.");
        project.training.initialWeights = "/nowhere/w.pth";
        QVERIFY(!makePlan(project, {}));
    }

    /// torchvision's ResNet-18 in the zoo's drawing, with another last block.
    void takesTorchvisionsResNet() {
        QTemporaryDir folder;
        const auto peer = test::runPython(
            "import sys, torch, torchvision\ntorch.manual_seed(1)\n"
            "torch.save(torchvision.models.resnet18().state_dict(), sys.argv[1] + '/r18.pth')",
            {folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        auto loaded = loadProject(test::sourcePath("projects/zoo/resnet18.loom").toStdString());
        QVERIFY(loaded.ok());
        Project project = loaded->project;
        project.network = *edit::setParam(project.network, "fc", "out_features", Value(10));
        const auto match =
            matchTable(project, *loadStateDict(folder.filePath("r18.pth").toStdString()));
        QVERIFY2(match.ok(), match ? "" : match.error().message.c_str());
        QCOMPARE(QString::fromStdString(match->toSentence()),
                 "120 of 122 tensors fit; fc begins afresh.");
    }
};

QTEST_GUILESS_MAIN(TransferTest)
#include "transfer_test.moc"
