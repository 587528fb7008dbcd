#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;

namespace {

/// The script a course would write, with torchvision reading the same files. Prints one loss a
/// line.
const char* const kScript = R"(
import sys, torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
root, threads, optimizer = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(3)
steps = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.286], [0.353])])
train = DataLoader(datasets.FashionMNIST(root, train=True, transform=steps), batch_size=16, shuffle=True)
test = DataLoader(datasets.FashionMNIST(root, train=False, transform=steps), batch_size=16)
model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(), nn.Linear(676, 10))
loss_function = nn.CrossEntropyLoss()
optimizer = {'SGD': lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), 'Adam': lambda p: torch.optim.Adam(p, lr=0.002)}[optimizer](model.parameters())
for epoch in range(3):
    model.train()
    for x, y in train:
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(repr(loss.item()))
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in test)
    print('accuracy', repr(right / len(test.dataset)))
)";

QJsonObject node(const QString& id, const QString& kind, const QJsonObject& params = {}) {
    return {{"id", id}, {"kind", kind}, {"params", params}, {"position", QJsonArray{0, 0}}};
}

}  // namespace

/// `torchloom-cli train` against the plain PyTorch script, through the files of a data set.
class SamenessTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyLossEqualsTheScripts_data() {
        QTest::addColumn<QString>("optimizer");
        QTest::addColumn<QString>("threads");
        QTest::newRow("SGD, 1 thread") << "SGD"
                                       << "1";
        QTest::newRow("SGD, 2 threads") << "SGD"
                                        << "2";
        QTest::newRow("Adam, 1 thread") << "Adam"
                                        << "1";
    }
    void everyLossEqualsTheScripts() {
        QFETCH(QString, optimizer);
        QFETCH(QString, threads);
        QTemporaryDir folder;
        test::writeSmallFashionMnist(folder.path(), 200, 40);
        const QList<QJsonObject> nodes{
            node("input", "Input"),
            node("conv", "Conv2d", {{"out_channels", 4}, {"kernel_size", 3}}),
            node("norm", "BatchNorm2d"),
            node("relu", "ReLU"),
            node("pool", "MaxPool2d", {{"kernel_size", 2}}),
            node("drop", "Dropout", {{"p", 0.25}}),
            node("flatten", "Flatten"),
            node("fc", "Linear", {{"out_features", 10}}),
            node("output", "Output")};
        QJsonArray blocks, edges;
        for (int i = 0; i < nodes.size(); ++i) {
            blocks.append(nodes[i]);
            if (i > 0)
                edges.append(QJsonObject{{"from", nodes[i - 1]["id"]}, {"to", nodes[i]["id"]}});
        }
        const QJsonObject normalize{
            {"kind", "Normalize"},
            {"params", QJsonObject{{"mean", QJsonArray{0.286}}, {"std", QJsonArray{0.353}}}}};
        const QJsonArray transforms{QJsonObject{{"kind", "ToTensor"}, {"params", QJsonObject{}}},
                                    normalize};
        QJsonObject project = test::smallProject(folder.path());
        project =
            test::withField(project, "network", QJsonObject{{"nodes", blocks}, {"edges", edges}});
        project = test::withField(project, "data.train_transforms", transforms);
        project = test::withField(project, "data.test_transforms", transforms);
        project = test::withField(project, "training.epochs", 3);
        if (optimizer == "Adam")
            project = test::withField(
                project, "training.optimizer",
                QJsonObject{{"kind", "Adam"}, {"params", QJsonObject{{"lr", 0.002}}}});

        const QString path = test::writeProject(folder.filePath("p.loom"), project);
        const test::ProcessResult ours = test::runCli(
            {"train", path, "--json", "--threads", threads, "--out", folder.filePath("run")});
        QVERIFY2(ours.exitCode == 0, ours.err);
        QList<double> losses, accuracies;
        for (const QByteArray& line : ours.out.trimmed().split('\n')) {
            const QJsonObject event = QJsonDocument::fromJson(line).object();
            if (event["event"] == "step") losses.append(event["loss"].toDouble());
            if (event["event"] == "epoch") accuracies.append(event["test_accuracy"].toDouble());
        }
        const test::ProcessResult theirs =
            test::runPython(kScript, {folder.path(), threads, optimizer});
        QVERIFY2(theirs.exitCode == 0, theirs.err);
        QList<double> expectedLosses, expectedAccuracies;
        for (const QByteArray& line : theirs.out.trimmed().split('\n')) {
            if (line.startsWith("accuracy "))
                expectedAccuracies.append(line.mid(9).toDouble());
            else
                expectedLosses.append(line.toDouble());
        }
        QCOMPARE(losses.size(), 39);
        QCOMPARE(losses.size(), expectedLosses.size());
        for (int i = 0; i < losses.size(); ++i)
            QVERIFY2(losses[i] == expectedLosses[i],  // to the last bit
                     qPrintable(QString("step %1: %2 and %3")
                                    .arg(i + 1)
                                    .arg(losses[i], 0, 'g', 17)
                                    .arg(expectedLosses[i], 0, 'g', 17)));
        QCOMPARE(accuracies, expectedAccuracies);
    }
};

QTEST_GUILESS_MAIN(SamenessTest)
#include "sameness_test.moc"
