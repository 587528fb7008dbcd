#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <utility>

#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;
using test::runCli;

namespace {

/// The small project's network as a course would write it, with weights from a file.
const char* const kModel = R"(
import sys, torch
from torch import nn
torch.set_num_threads(1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(676, 10)
    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.fc(torch.flatten(torch.max_pool2d(x, 2), 1))
)";

QJsonObject json(const test::ProcessResult& result) {
    return QJsonDocument::fromJson(result.out).object();
}

}  // namespace

/// Commands that make or use weights: init, evaluate, predict, forward, transform, export.
class WeightsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_project;
    QString path(const QString& name) const { return m_folder.filePath(name); }
    void python(const QString& script, const QStringList& arguments = {}) {
        const test::ProcessResult result = test::runPython(kModel + script, arguments);
        QVERIFY2(result.exitCode == 0, result.err);
    }

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(m_folder.path(), 200, 40);
        m_project = test::writeProject(path("small.loom"), test::smallProject(m_folder.path()));
        const test::ProcessResult train =
            runCli({"train", m_project, "--epochs", "6", "--out", path("run")});
        QVERIFY2(train.exitCode == 0, train.err);
    }

    void initGivesPyTorchsWeights() {
        QCOMPARE(runCli({"init", m_project, "--output", path("init.pth"), "--seed", "11"}).exitCode,
                 0);
        python(
            "torch.manual_seed(11)\n"
            "mine = Net().state_dict(); theirs = torch.load(sys.argv[1], weights_only=True)\n"
            "assert list(mine) == list(theirs), list(theirs)\n"
            "assert all(torch.equal(mine[k], theirs[k]) for k in mine)\n",
            {path("init.pth")});
    }

    void evaluateAgreesWithPyTorch() {
        const QJsonObject result =
            json(runCli({"evaluate", m_project, "--weights", path("run"), "--json"}));
        QCOMPARE(result["samples"].toInt(), 40);
        QVERIFY2(result["accuracy"].toDouble() > 0.9, "the bars are easy to learn");
        python(
            "import numpy\n"
            "raw = sys.argv[2] + '/FashionMNIST/raw/t10k-'\n"
            "x = numpy.fromfile(raw + 'images-idx3-ubyte', numpy.uint8)[16:].reshape(-1, 1, 28, "
            "28)\n"
            "y = torch.from_numpy(numpy.fromfile(raw + 'labels-idx1-ubyte', "
            "numpy.uint8)[8:].astype('int64'))\n"
            "net = Net(); net.load_state_dict(torch.load(sys.argv[1], weights_only=True), "
            "strict=True)\n"
            "out = net(torch.from_numpy(x).float() / 255)\n"
            "loss = nn.functional.cross_entropy(out, y).item()\n"
            "accuracy = (out.argmax(1) == y).float().mean().item()\n"
            "assert abs(loss - float(sys.argv[3])) < 1e-5, (loss, sys.argv[3])\n"
            "assert abs(accuracy - float(sys.argv[4])) < 1e-6, (accuracy, sys.argv[4])\n",
            {path("run/weights/best.pth"), m_folder.path(),
             QString::number(result["loss"].toDouble(), 'g', 17),
             QString::number(result["accuracy"].toDouble(), 'g', 17)});
    }

    void evaluateTellsOfEverySample() {
        for (const char* reduction : {"mean", "sum", "none"}) {
            const QString project = test::writeProject(
                path("reduced.loom"),
                test::withField(test::smallProject(m_folder.path()), "training.loss",
                                QJsonObject{{"kind", "CrossEntropyLoss"},
                                            {"params", QJsonObject{{"reduction", reduction}}}}));
            const QStringList call{"evaluate",      project,
                                   "--weights",     path("run/weights/best.pth"),
                                   "--predictions", path("out.csv")};
            const test::ProcessResult result = runCli(call + QStringList{"--json"});
            QVERIFY2(result.exitCode == 0, result.err);
            const QJsonObject found = json(result);
            for (const char* key : {"loss", "accuracy", "samples", "metrics"})
                QVERIFY2(found.contains(key), key);
            QVERIFY(found["metrics"].isObject());
            QCOMPARE(found["reduction"].toString(), QString(reduction));
            python(
                "import csv, json, numpy\n"
                "raw = sys.argv[2] + '/FashionMNIST/raw/t10k-'\n"
                "x = numpy.fromfile(raw + 'images-idx3-ubyte', numpy.uint8)[16:].reshape(-1, 1, "
                "28, 28)\n"
                "y = torch.from_numpy(numpy.fromfile(raw + 'labels-idx1-ubyte', "
                "numpy.uint8)[8:].astype('int64'))\n"
                "net = Net(); net.load_state_dict(torch.load(sys.argv[1]))\n"
                "out = net(torch.from_numpy(x).float() / 255)\n"
                "given = nn.functional.cross_entropy(out, y, reduction=sys.argv[5])\n"
                "each = nn.functional.cross_entropy(out, y, reduction='none')\n"
                "near = lambda a, b: abs(a - b) <= 1e-5 * max(1, abs(b))\n"
                "found = json.loads(sys.argv[4])\n"
                "assert near(found['loss'], given.mean().item()), (found, given)\n"
                "if sys.argv[5] == 'sum': assert near(found['loss_per_sample'], "
                "each.mean().item())\n"
                "rows = list(csv.DictReader(open(sys.argv[3])))\n"
                "assert list(rows[0]) == ['index', 'target', 'prediction', 'loss'] + "
                "[f'score_{k}' for k in range(10)], rows[0]\n"
                "assert len(rows) == len(y)\n"
                "for i, row in enumerate(rows):\n"
                "    assert int(row['index']) == i and int(row['target']) == y[i], row\n"
                "    assert int(row['prediction']) == out[i].argmax(), row\n"
                "    assert near(float(row['loss']), each[i].item()), row\n"
                "    for k in range(10): assert near(float(row[f'score_{k}']), out[i, k].item())\n",
                {path("run/weights/best.pth"), m_folder.path(), path("out.csv"),
                 QString::fromUtf8(result.out), reduction});
            const test::ProcessResult text = runCli(call);
            QVERIFY2(text.exitCode == 0 && text.out.contains("out.csv"), text.out + text.err);
            QCOMPARE(text.out.contains("per sample)"), QString(reduction) == "sum");
            // What has no single number cannot train.
            if (QString(reduction) == "none") QCOMPARE(runCli({"check", project}).exitCode, 2);
        }
        QCOMPARE(runCli({"evaluate", m_project, "--weights", path("run"), "--predictions",
                         path("no/such/folder/out.csv")})
                     .exitCode,
                 1);
    }

    void forwardGivesPyTorchsOutputs() {
        python(
            "torch.manual_seed(1); torch.save(torch.rand(5, 1, 28, 28), sys.argv[1])\n"
            "torch.save({'input': torch.rand(2, 1, 28, 28)}, sys.argv[2])\n",
            {path("x.pt"), path("dict.pt")});
        for (const auto& [input, output] : {std::pair("x.pt", "y.pt"), {"dict.pt", "ydict.pt"}}) {
            const test::ProcessResult result =
                runCli({"forward", m_project, "--weights", path("run/weights/last.pth"), "--input",
                        path(input), "--output", path(output)});
            QVERIFY2(result.exitCode == 0, result.err);
        }
        python(
            "net = Net(); net.load_state_dict(torch.load(sys.argv[1])); net.eval()\n"
            "x = torch.load(sys.argv[2]); y = torch.load(sys.argv[3], weights_only=True)\n"
            "assert torch.allclose(net(x), y, atol=1e-6), (net(x) - y).abs().max()\n"
            "assert torch.load(sys.argv[4], weights_only=True).shape == (2, 10)\n",
            {path("run/weights/last.pth"), path("x.pt"), path("y.pt"), path("ydict.pt")});
    }

    void predictTellsClassesAndProbabilities() {
        QImage picture(28, 28, QImage::Format_Grayscale8);
        picture.fill(20);
        for (int y = 2 * 4; y < 2 * 4 + 2; ++y)  // the bar of class 3
            for (int x = 0; x < 28; ++x) picture.setPixelColor(x, y, QColor(225, 225, 225));
        QVERIFY(picture.save(path("bar.png")));
        const test::ProcessResult result =
            runCli({"predict", m_project, "--weights", path("run"), path("bar.png"),
                    path("bar.png"), "--top", "2", "--json"});
        QVERIFY2(result.exitCode == 0, result.err);
        const QJsonArray predictions = json(result)["predictions"].toArray();
        QCOMPARE(predictions.size(), 2);
        const QJsonArray classes = predictions[0].toObject()["classes"].toArray();
        QCOMPARE(classes.size(), 2);
        QCOMPARE(classes[0].toObject()["class"].toString(), "Dress");
        QCOMPARE(classes[0].toObject()["index"].toInt(), 3);
        QVERIFY(classes[0].toObject()["probability"].toDouble() >=
                classes[1].toObject()["probability"].toDouble());
        const test::ProcessResult text =
            runCli({"predict", m_project, "--weights", path("run"), path("bar.png")});
        QVERIFY2(text.out.contains("Dress"), text.out);
    }

    void transformGivesTorchvisionsTensor() {
        QImage picture(28, 28, QImage::Format_Grayscale8);
        for (int y = 0; y < 28; ++y)
            for (int x = 0; x < 28; ++x) picture.setPixelColor(x, y, QColor(9 * x, 9 * x, 9 * x));
        QVERIFY(picture.save(path("ramp.png")));
        const QJsonArray steps{
            QJsonObject{{"kind", "RandomCrop"}, {"params", QJsonObject{{"size", 20}}}},
            QJsonObject{{"kind", "ToTensor"}, {"params", QJsonObject{}}},
            QJsonObject{
                {"kind", "Normalize"},
                {"params", QJsonObject{{"mean", QJsonArray{0.5}}, {"std", QJsonArray{0.25}}}}}};
        const QString project = test::writeProject(
            path("crop.loom"),
            test::withField(test::smallProject(m_folder.path()), "data.train_transforms", steps));
        for (const auto& [split, output] : {std::pair("train", "train.pt"), {"test", "test.pt"}}) {
            const test::ProcessResult result =
                runCli({"transform", project, "--input", path("ramp.png"), "--output", path(output),
                        "--split", split, "--seed", "5"});
            QVERIFY2(result.exitCode == 0, result.err);
        }
        python(
            "import torchvision.transforms as T\n"
            "from PIL import Image\n"
            "picture = Image.open(sys.argv[1]).convert('L')\n"
            "torch.manual_seed(5)\n"
            "x = T.Compose([T.RandomCrop(20), T.ToTensor(), T.Normalize([0.5], [0.25])])(picture)\n"
            "assert torch.equal(x, torch.load(sys.argv[2], weights_only=True))\n"
            "assert torch.equal(T.ToTensor()(picture), torch.load(sys.argv[3], "
            "weights_only=True))\n",
            {path("ramp.png"), path("train.pt"), path("test.pt")});
    }

    void exportWritesAStateDict() {
        const test::ProcessResult result =
            runCli({"export", m_project, "--weights", path("run"), "--format", "state_dict",
                    "--output", path("out.pth")});
        QVERIFY2(result.exitCode == 0, result.err);
        python("Net().load_state_dict(torch.load(sys.argv[1], weights_only=True), strict=True)\n",
               {path("out.pth")});
        const test::ProcessResult unknown =
            runCli({"export", m_project, "--weights", path("run"), "--format", "caffe", "--output",
                    path("out.x")});
        QCOMPARE(unknown.exitCode, 2);
        QVERIFY2(unknown.err.contains("caffe") && unknown.err.contains("state_dict"), unknown.err);
    }

    void weightsThatDoNotFitAreNamed() {
        python(
            "d = Net().state_dict(); d['fc.weight'] = torch.zeros(10, 5); torch.save(d, "
            "sys.argv[1])\n"
            "d = Net().state_dict(); del d['conv.bias']; torch.save(d, sys.argv[2])\n",
            {path("shape.pth"), path("less.pth")});
        const auto evaluate = [&](const QString& weights) {
            return runCli({"evaluate", m_project, "--weights", path(weights)});
        };
        QCOMPARE(evaluate("shape.pth").exitCode, 1);
        QVERIFY(evaluate("shape.pth").err.contains("fc.weight"));
        QVERIFY(evaluate("less.pth").err.contains("conv.bias"));
        QFile whole(path("run/weights/last.pth")), cut(path("cut.pth")), junk(path("junk.pth"));
        QVERIFY(whole.open(QIODevice::ReadOnly) && cut.open(QIODevice::WriteOnly) &&
                junk.open(QIODevice::WriteOnly));
        const QByteArray bytes = whole.readAll();
        cut.write(bytes.left(bytes.size() * 2 / 3));
        junk.write("not weights at all");
        cut.close();
        junk.close();
        for (const char* name : {"cut.pth", "junk.pth", "missing.pth"}) {
            const test::ProcessResult result = evaluate(name);
            QVERIFY2(result.exitCode == 1, name);
            QVERIFY2(result.err.contains(name), result.err);
        }
        const test::ProcessResult picture =
            runCli({"predict", m_project, "--weights", path("run"), path("junk.pth")});
        QCOMPARE(picture.exitCode, 1);
        QVERIFY2(picture.err.contains("junk.pth"), picture.err);
        const test::ProcessResult unwritable =
            runCli({"init", m_project, "--output", path("no/such/folder/w.pth")});
        QCOMPARE(unwritable.exitCode, 1);
    }
};

QTEST_GUILESS_MAIN(WeightsTest)
#include "weights_test.moc"
