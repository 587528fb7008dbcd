#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;
using test::runCli;

namespace {

QJsonObject json(const test::ProcessResult& result) {
    return QJsonDocument::fromJson(result.out).object();
}

QJsonObject step(const QString& kind, const QJsonObject& params = {}) {
    return {{"kind", kind}, {"params", params}};
}

/// Words of torch, of which none may reach anyone.
const char* const kFrameworkWords[] = {"mat1",      "mat2",         "shapes cannot", "c10",
                                       "Expected",  "aten",         "tensor of",     "stack",
                                       "Exception", "size mismatch"};

void speaksPlainly(const test::ProcessResult& result) {
    for (const char* word : kFrameworkWords)
        QVERIFY2(!result.err.contains(word) && !result.out.contains(word), result.err + result.out);
}

/// Chain of blocks as a project's network.
QJsonObject chain(const QList<QJsonObject>& blocks) {
    QJsonArray nodes, edges;
    for (int i = 0; i < blocks.size(); ++i) {
        QJsonObject node = blocks[i];
        if (!node.contains("params")) node["params"] = QJsonObject{};
        node["position"] = QJsonArray{180 * i, 0};
        if (i > 0) edges.append(QJsonObject{{"from", blocks[i - 1]["id"]}, {"to", node["id"]}});
        nodes.append(node);
    }
    return {{"nodes", nodes}, {"edges", edges}};
}

QJsonObject block(const QString& id, const QString& kind, const QJsonObject& params = {}) {
    return {{"id", id}, {"kind", kind}, {"params", params}};
}

}  // namespace

/// Networks that are used, but could not be trained here; pictures of any size.
class UseTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_small;  ///< the small project, trained in m_run
    QString path(const QString& name) const { return m_folder.filePath(name); }
    void python(const QString& script, const QStringList& arguments = {}) {
        const test::ProcessResult result = test::runPython(
            "import sys, torch\nfrom torch import nn\n"
            "import torchvision.transforms as T\nfrom PIL import Image\n" +
                script,
            arguments);
        QVERIFY2(result.exitCode == 0, result.err);
    }
    /// A project with this network whose data set is nowhere on this machine.
    QString withoutData(const QString& name, const QJsonObject& network) {
        QJsonObject project = test::smallProject(path("nothing here"));
        project["network"] = network;
        return test::writeProject(path(name), project);
    }
    QJsonObject predicted(const test::ProcessResult& result) {
        return json(result)["predictions"].toArray().at(0).toObject();
    }
    QString smallWith(const QString& name, const QJsonArray& testTransforms) {
        return test::writeProject(
            path(name), test::withField(test::smallProject(m_folder.path()), "data.test_transforms",
                                        testTransforms));
    }

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(m_folder.path(), 200, 40);
        m_small = test::writeProject(path("small.loom"), test::smallProject(m_folder.path()));
        const test::ProcessResult train =
            runCli({"train", m_small, "--epochs", "6", "--out", path("run")});
        QVERIFY2(train.exitCode == 0, train.err);
        QImage photo(300, 200, QImage::Format_RGB888);
        for (int y = 0; y < 200; ++y)
            for (int x = 0; x < 300; ++x)
                photo.setPixelColor(x, y, QColor(x * 255 / 300, y, (x * y) % 256));
        QVERIFY(photo.save(path("photo.jpg"), "JPG", 92));
        QVERIFY(photo.scaled(64, 48).save(path("small.png")));
    }

    void aPoolAloneNeedsNoWeights() {
        const QString project = withoutData(
            "pool.loom",
            chain({block("input", "Input", {{"shape", QJsonArray{1, 5, 5}}}),
                   block("pool", "MaxPool2d", {{"kernel_size", 2}}), block("output", "Output")}));
        const test::ProcessResult init = runCli({"init", project, "--output", path("none.pth")});
        QVERIFY2(init.exitCode == 0, init.err);
        python(
            "w = torch.load(sys.argv[1], weights_only=True)\n"
            "assert len(w) == 0, w\n"
            "nn.MaxPool2d(2).load_state_dict(w)\n"
            "torch.manual_seed(0); torch.save(torch.randn(3, 1, 5, 5), sys.argv[2])\n"
            "torch.save(nn.MaxPool2d(2).state_dict(), sys.argv[3])\n"
            "torch.save({'epoch': 3, 'state_dict': nn.ReLU().state_dict()}, sys.argv[4])\n",
            {path("none.pth"), path("x.pt"), path("theirs.pth"), path("checkpoint.pth")});
        for (const char* weights : {"", "none.pth", "theirs.pth", "checkpoint.pth"}) {
            QStringList arguments{"forward",    project,    "--input",
                                  path("x.pt"), "--output", path("y.pt")};
            if (*weights) arguments << "--weights" << path(weights);
            const test::ProcessResult forward = runCli(arguments);
            QVERIFY2(forward.exitCode == 0, forward.err);
            python(
                "assert torch.equal(nn.MaxPool2d(2)(torch.load(sys.argv[1])), "
                "torch.load(sys.argv[2], weights_only=True))\n",
                {path("x.pt"), path("y.pt")});
        }
        const test::ProcessResult exported =
            runCli({"export", project, "--format", "state_dict", "--output", path("out.pth")});
        QVERIFY2(exported.exitCode == 0, exported.err);
        QCOMPARE(json(runCli({"summary", project, "--json"}))["parameters"].toInt(-1), 0);
        QCOMPARE(runCli({"summary", project}).exitCode, 0);
        const test::ProcessResult match = runCli({"match", project});
        QVERIFY2(match.exitCode == 0 && match.out.contains("no weights"), match.err + match.out);
        // A picture through it is numbers, as no row of classes comes out.
        const test::ProcessResult predict =
            runCli({"predict", project, path("photo.jpg"), "--json"});
        QVERIFY2(predict.exitCode == 0, predict.err);
        const QJsonObject output = predicted(predict)["output"].toObject();
        QCOMPARE(output["shape"].toArray(), (QJsonArray{1, 2, 2}));
        QCOMPARE(output["values"].toArray().size(), 4);
        // What trains needs something to train, and data.
        QCOMPARE(runCli({"train", project}).exitCode, 2);
        QCOMPARE(runCli({"evaluate", project}).exitCode, 2);
    }

    void theDrawingAloneIsJudged_data() {
        QTest::addColumn<QJsonObject>("network");
        QTest::addColumn<QJsonArray>("sides");
        const QJsonObject wide{{"shape", QJsonArray{3, 12, 12}}};
        QTest::newRow("another size than the data")
            << chain({block("in", "Input", wide),
                      block("c", "Conv2d", {{"out_channels", 2}, {"kernel_size", 3}}),
                      block("out", "Output")})
            << QJsonArray{2, 10, 10};
        QTest::newRow("no classifier at the end")
            << chain({block("in", "Input", wide), block("f", "Flatten"),
                      block("l", "Linear", {{"out_features", 7}}), block("t", "Tanh"),
                      block("out", "Output")})
            << QJsonArray{7};
        QTest::newRow("buffers, but nothing to learn")
            << chain({block("in", "Input", wide), block("b", "BatchNorm2d", {{"affine", false}}),
                      block("out", "Output")})
            << QJsonArray{3, 12, 12};
    }
    void theDrawingAloneIsJudged() {
        QFETCH(QJsonObject, network);
        QFETCH(QJsonArray, sides);
        QJsonObject description = test::smallProject(m_folder.path());
        description["network"] = network;
        // Neither the loss nor the transforms fit any of it.
        description = test::withField(description, "training.loss.kind", "NoSuchLoss");
        description = test::withField(description, "data.train_transforms", QJsonArray{});
        const QString project = test::writeProject(path("odd.loom"), description);
        const QString weights = path("odd.pth");
        const test::ProcessResult init = runCli({"init", project, "--output", weights});
        QVERIFY2(init.exitCode == 0, init.err);
        python("torch.save(torch.ones(2, 3, 12, 12), sys.argv[1])\n", {path("ones.pt")});
        const test::ProcessResult forward =
            runCli({"forward", project, "--weights", weights, "--input", path("ones.pt"),
                    "--output", path("y.pt"), "--json"});
        QVERIFY2(forward.exitCode == 0, forward.err);
        QJsonArray batch = sides;
        batch.prepend(2);
        QCOMPARE(json(forward)["shapes"].toObject()["out"].toArray(), batch);
        for (const QStringList& command :
             {QStringList{"export", project, "--weights", weights, "--format", "state_dict",
                          "--output", path("copy.pth")},
              QStringList{"match", project, "--weights", weights}, QStringList{"summary", project},
              QStringList{"predict", project, "--weights", weights, path("photo.jpg")}}) {
            const test::ProcessResult result = runCli(command);
            QVERIFY2(result.exitCode == 0, command.join(' ').toUtf8() + result.err);
        }
        // It has something to load, so a file must be named.
        const test::ProcessResult unnamed =
            runCli({"forward", project, "--input", path("ones.pt"), "--output", path("y.pt")});
        QCOMPARE(unnamed.exitCode, 2);
        QVERIFY2(unnamed.err.contains("--weights"), unnamed.err);
    }

    void aWrongDrawingIsUsage() {
        const QString project = withoutData(
            "wrong.loom", chain({block("in", "Input", {{"shape", QJsonArray{4}}}),
                                 block("c", "Conv2d", {{"out_channels", 2}, {"kernel_size", 3}}),
                                 block("out", "Output")}));
        for (const QStringList& command :
             {QStringList{"init", project, "--output", path("w.pth")},
              QStringList{"forward", project, "--input", path("x.pt"), "--output", path("y.pt")},
              QStringList{"match", project}, QStringList{"summary", project},
              QStringList{"predict", project, path("photo.jpg")}}) {
            const test::ProcessResult result = runCli(command);
            QVERIFY2(result.exitCode == 2, command.join(' ').toUtf8() + result.err);
            QVERIFY2(result.err.contains("c "), result.err);
            speaksPlainly(result);
        }
    }

    void tensorsOfAnotherSizeAreNamed() {
        python("torch.save(torch.ones(2, 3, 9, 9), sys.argv[1])\n", {path("nine.pt")});
        const test::ProcessResult result =
            runCli({"forward", m_small, "--weights", path("run"), "--input", path("nine.pt"),
                    "--output", path("y.pt")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("2 × 3 × 9 × 9") && result.err.contains("1 × 28 × 28"),
                 result.err);
        speaksPlainly(result);
    }

    void picturesOfAnySizeAreBroughtToTheDatas_data() {
        QTest::addColumn<QString>("picture");
        QTest::addColumn<QJsonArray>("transforms");
        QTest::addColumn<QString>("pipeline");  ///< the same in Python, for a grey picture
        QTest::addColumn<QString>("scaled");    ///< what is said; empty: nothing
        const QJsonObject tensor = step("ToTensor");
        const QString scale = "T.Resize((28, 28)), ";
        QTest::newRow("png") << "small.png" << QJsonArray{tensor} << scale + "T.ToTensor()"
                             << "28 × 28, the size of the data set's";
        QTest::newRow("jpeg") << "photo.jpg" << QJsonArray{tensor} << scale + "T.ToTensor()"
                              << "300 × 200";
        QTest::newRow("cut first")
            << "photo.jpg"
            << QJsonArray{step("CenterCrop", {{"size", 20}}), step("Pad", {{"padding", 4}}), tensor}
            << scale + "T.CenterCrop(20), T.Pad(4), T.ToTensor()"
            << "28 × 28";
        QTest::newRow("scaled by the transforms")
            << "photo.jpg" << QJsonArray{step("Resize", {{"size", QJsonArray{28, 28}}}), tensor}
            << "T.Resize((28, 28)), T.ToTensor()"
            << "";
        QTest::newRow("scaled, then cut") << "photo.jpg"
                                          << QJsonArray{step("Resize", {{"size", 40}}),
                                                        step("CenterCrop", {{"size", 28}}), tensor}
                                          << "T.Resize(40), T.CenterCrop(28), T.ToTensor()"
                                          << "";
        QTest::newRow("short side alone")
            << "photo.jpg" << QJsonArray{step("Resize", {{"size", 28}}), tensor}
            << scale + "T.Resize(28), T.ToTensor()"
            << "28 × 28";
    }
    void picturesOfAnySizeAreBroughtToTheDatas() {
        QFETCH(QString, picture);
        QFETCH(QJsonArray, transforms);
        QFETCH(QString, pipeline);
        QFETCH(QString, scaled);
        const QString project = smallWith("sizes.loom", transforms);
        const test::ProcessResult result = runCli(
            {"predict", project, "--weights", path("run"), path(picture), "--top", "10", "--json"});
        QVERIFY2(result.exitCode == 0, result.err);
        const QJsonObject made = predicted(result);
        const QByteArray remarks = QJsonDocument(made["remarks"].toArray()).toJson();
        QVERIFY2(scaled.isEmpty() ? made["remarks"].toArray().isEmpty()
                                  : remarks.contains(scaled.toUtf8()),
                 remarks);
        QVERIFY2(scaled.isEmpty() || result.err.contains(scaled.toUtf8()), result.err);
        QFile answer(path("answer.json"));
        QVERIFY(answer.open(QIODevice::WriteOnly));
        answer.write(QJsonDocument(made).toJson());
        answer.close();
        python(
            QStringLiteral(
                "import json\n"
                "w = torch.load(sys.argv[1]); x = T.Compose([%1])"
                "(Image.open(sys.argv[2]).convert('RGB').convert('L'))[None]\n"
                "y = torch.relu(nn.functional.conv2d(x, w['conv.weight'], w['conv.bias']))\n"
                "y = torch.flatten(torch.max_pool2d(y, 2), 1) @ w['fc.weight'].T + w['fc.bias']\n"
                "p = y.softmax(1)[0]\n"
                "classes = json.load(open(sys.argv[3]))['classes']\n"
                "assert len(classes) == 10\n"
                "for c in classes:\n"
                "    assert abs(c['score'] - y[0, c['index']].item()) < 1e-4, (c, y)\n"
                "    assert abs(c['probability'] - p[c['index']].item()) < 1e-5, (c, p)\n")
                .arg(pipeline),
            {path("run/weights/best.pth"), path(picture), path("answer.json")});
    }

    void whatCannotBecomeTheSizeIsNamed() {
        const test::ProcessResult result =
            runCli({"predict",
                    smallWith("cut.loom", {step("CenterCrop", {{"size", 20}}), step("ToTensor")}),
                    "--weights", path("run"), path("photo.jpg")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("1 × 20 × 20") && result.err.contains("1 × 28 × 28"),
                 result.err);
        speaksPlainly(result);
    }

    void aDrawingOnPaperIsToldApart_data() {
        QTest::addColumn<bool>("transparent");
        QTest::newRow("white") << false;
        QTest::newRow("transparent") << true;
    }
    void aDrawingOnPaperIsToldApart() {
        QFETCH(bool, transparent);
        // The bar of class 3, black on paper, four times as large.
        QImage drawing(112, 112, QImage::Format_ARGB32);
        drawing.fill(transparent ? QColor(0, 0, 0, 0) : QColor(Qt::white));
        QPainter(&drawing).fillRect(0, 32, 112, 8, Qt::black);
        QVERIFY(drawing.save(path("drawing.png")));
        const test::ProcessResult plain =
            runCli({"predict", m_small, "--weights", path("run"), path("drawing.png"), "--json"});
        QVERIFY2(plain.exitCode == 0, plain.err);
        QVERIFY2(plain.err.contains("--invert") && plain.err.contains("light ground"), plain.err);
        QCOMPARE(plain.err.contains("transparent"), transparent);
        const test::ProcessResult turned = runCli({"predict", m_small, "--weights", path("run"),
                                                   path("drawing.png"), "--invert", "--json"});
        QVERIFY2(turned.exitCode == 0, turned.err);
        QVERIFY2(!turned.err.contains("light ground"), turned.err);
        const QJsonObject first = predicted(turned)["classes"].toArray().at(0).toObject();
        QCOMPARE(first["index"].toInt(), 3);
        // Colours have no ground to be swapped.
        const test::ProcessResult photo =
            runCli({"predict", m_small, "--weights", path("run"), path("photo.jpg")});
        QVERIFY2(!photo.err.contains("--invert"), photo.err);
    }

    /// The course's last step: a downloaded picture on the CIFAR-10 starter.
    void aDownloadedDogGoesThroughTheStarter() {
        const QString starter = test::sourcePath("projects/cifar10_quick.loom");
        QCOMPARE(runCli({"init", starter, "--output", path("quick.pth")}).exitCode, 0);
        const test::ProcessResult result =
            runCli({"predict", starter, "--weights", path("quick.pth"), path("photo.jpg"), "--top",
                    "10", "--json"});
        QVERIFY2(result.exitCode == 0, result.err);
        const QJsonArray classes = predicted(result)["classes"].toArray();
        QCOMPARE(classes.size(), 10);
        QVERIFY(classes.at(0).toObject()["class"].isString());
        QFile answer(path("dog.json"));
        QVERIFY(answer.open(QIODevice::WriteOnly));
        answer.write(QJsonDocument(classes).toJson());
        answer.close();
        python(
            "import json\n"
            "net = nn.Sequential(nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),\n"
            "    nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),\n"
            "    nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(),\n"
            "    nn.Linear(1024, 64), nn.Linear(64, 10)).eval()\n"
            "w = torch.load(sys.argv[1])\n"
            "net.load_state_dict(dict(zip(net.state_dict(), w.values())))\n"
            "transform = T.Compose([T.Resize((32, 32)), T.ToTensor(),\n"
            "    T.Normalize([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616])])\n"
            "y = net(transform(Image.open(sys.argv[2]).convert('RGB'))[None])[0]\n"
            "p = y.softmax(0)\n"
            "for c in json.load(open(sys.argv[3])):\n"
            "    assert abs(c['score'] - y[c['index']].item()) < 1e-4, (c, y)\n"
            "    assert abs(c['probability'] - p[c['index']].item()) < 1e-5, (c, p)\n",
            {path("quick.pth"), path("photo.jpg"), path("dog.json")});
    }
};

QTEST_GUILESS_MAIN(UseTest)
#include "use_test.moc"
