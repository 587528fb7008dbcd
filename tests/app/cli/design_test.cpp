#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;
using test::runCli;

namespace {

QJsonObject json(const test::ProcessResult& result) {
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(result.out, &error);
    if (error.error != QJsonParseError::NoError)
        qFatal("no JSON: %s\n%s", result.out.constData(), result.err.constData());
    return document.object();
}

QJsonObject findById(const QJsonArray& list, const QString& key, const QString& id) {
    for (const QJsonValue& value : list)
        if (value.toObject()[key] == id) return value.toObject();
    return {};
}

}  // namespace

/// Commands that need no training: check, summary, datasets, catalogue, and the command line
/// itself.
class DesignTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_project;

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(m_folder.path(), 40, 20);
        m_project = test::writeProject(m_folder.filePath("small.loom"),
                                       test::smallProject(m_folder.path()));
    }

    void aSoundProjectHasNoErrors() {
        const test::ProcessResult result = runCli({"check", m_project, "--json"});
        QCOMPARE(result.exitCode, 0);
        for (const QJsonValue& value : json(result)["diagnostics"].toArray())
            QVERIFY2(value.toObject()["severity"] != "error", result.out);
        const test::ProcessResult text = runCli({"check", m_project});
        QCOMPARE(text.exitCode, 0);
        QVERIFY2(text.out.contains("No errors"), text.out);
    }

    void aBrokenNetworkIsExplainedOnItsBlock() {
        QJsonObject project = test::smallProject(m_folder.path());
        project = test::withField(project, "network.nodes.4",
                                  QJsonObject{{"id", "flatten"},
                                              {"kind", "ReLU"},
                                              {"params", QJsonObject{}},
                                              {"position", QJsonArray{0, 0}}});
        const QString path = test::writeProject(m_folder.filePath("broken.loom"), project);
        const test::ProcessResult result = runCli({"check", path, "--json"});
        QCOMPARE(result.exitCode, 2);
        bool named = false;
        for (const QJsonValue& value : json(result)["diagnostics"].toArray()) {
            const QJsonObject diagnostic = value.toObject();
            for (const char* key : {"severity", "node", "message", "hint", "fixes"})
                QVERIFY2(diagnostic.contains(key), key);
            QVERIFY(diagnostic["fixes"].isArray());
            if (diagnostic["severity"] != "error") continue;
            named = true;
            QVERIFY(!diagnostic["message"].toString().isEmpty());
        }
        QVERIFY(named);
        const test::ProcessResult train =
            runCli({"train", path, "--out", m_folder.filePath("never")});
        QCOMPARE(train.exitCode, 2);
        QVERIFY(!train.err.isEmpty());
        QVERIFY(!QFile::exists(m_folder.filePath("never/run.json")));
    }

    void summaryCountsAsPyTorchDoes() {
        const test::ProcessResult result = runCli({"summary", m_project, "--json"});
        QCOMPARE(result.exitCode, 0);
        const QJsonObject summary = json(result);
        const QJsonArray blocks = summary["blocks"].toArray();
        QCOMPARE(blocks.size(), 7);
        const QJsonObject conv = findById(blocks, "id", "conv");
        QCOMPARE(conv["kind"].toString(), "Conv2d");
        QCOMPARE(conv["output_shape"].toArray(), (QJsonArray{4, 26, 26}));
        QCOMPARE(conv["parameters"].toInt(), 4 * 9 + 4);
        QCOMPARE(conv["macs"].toInt(), 4 * 9 * 26 * 26);
        QCOMPARE(findById(blocks, "id", "fc")["parameters"].toInt(), 4 * 13 * 13 * 10 + 10);
        QCOMPARE(findById(blocks, "id", "output")["output_shape"].toArray(), (QJsonArray{10}));
        QCOMPARE(summary["parameters"].toInt(), 40 + 6770);
        QVERIFY(runCli({"summary", m_project}).out.contains("6,810"));
    }

    void catalogueHoldsEveryKindWithItsParameters() {
        const test::ProcessResult result = runCli({"catalogue", "--json"});
        QCOMPARE(result.exitCode, 0);
        const QJsonObject catalogue = json(result);
        for (const char* section :
             {"layers", "losses", "optimizers", "transforms", "datasets", "formats"})
            QVERIFY2(!catalogue[section].toArray().isEmpty(), section);
        const QJsonObject conv = findById(catalogue["layers"].toArray(), "kind", "Conv2d");
        const QJsonObject stride = findById(conv["params"].toArray(), "name", "stride");
        QCOMPARE(stride["default"].toInt(), 1);
        QCOMPARE(stride["minimum"].toInt(), 1);
        QVERIFY(!stride["hint"].toString().isEmpty());
        const QJsonObject sgd = findById(catalogue["optimizers"].toArray(), "kind", "SGD");
        QVERIFY(findById(sgd["params"].toArray(), "name", "momentum").contains("default"));
        const QJsonObject published =
            findById(catalogue["pipelines"].toArray(), "kind", "ResNet50_Weights.IMAGENET1K_V2");
        QCOMPARE(published["transforms"].toArray().size(), 4);
        // Nothing is left out of the text that is in the JSON.
        const QByteArray text = runCli({"catalogue"}).out;
        for (const QString& section : catalogue.keys())
            for (const QJsonValue& kind : catalogue[section].toArray())
                QVERIFY2(text.contains(kind.toObject()["kind"].toString().toUtf8()),
                         qPrintable(kind.toObject()["kind"].toString()));
    }

    void catalogueSaysSinceWhenPythonHasIt() {
        const QJsonObject catalogue = json(runCli({"catalogue", "--json"}));
        const QJsonArray layers = catalogue["layers"].toArray();
        QCOMPARE(findById(layers, "kind", "RMSNorm")["since"].toString(), QString("2.4"));
        QCOMPARE(findById(layers, "kind", "Conv2d")["since"].toString(), QString());
        const QJsonObject norm = findById(layers, "kind", "LayerNorm");
        QCOMPARE(findById(norm["params"].toArray(), "name", "bias")["since"].toString(),
                 QString("2.1"));
        const QJsonObject encoder = findById(layers, "kind", "TransformerEncoder");
        QCOMPARE(encoder["changes"].toArray()[0].toObject()["release"].toString(), QString("2.0"));
        const QJsonObject sgd = findById(catalogue["optimizers"].toArray(), "kind", "SGD");
        const QJsonObject lr = findById(sgd["params"].toArray(), "name", "lr");
        QCOMPARE(lr["default_since"].toString(), QString("2.2"));
        QVERIFY(!lr.contains("former_default"));

        QVERIFY(runCli({"catalogue", "RMSNorm"}).out.contains("last sides (since PyTorch 2.4)"));
        QVERIFY(runCli({"catalogue", "LayerNorm"}).out.contains(", since PyTorch 2.1)"));
        QVERIFY(
            runCli({"catalogue", "SGD"})
                .out.contains("The default is 0.001 since PyTorch 2.2; before, there was none."));
    }

    void catalogueShowsOneKind() {
        const test::ProcessResult one = runCli({"catalogue", "MaxPool2d"});
        QCOMPARE(one.exitCode, 0);
        QVERIFY(one.out.contains("kernel_size"));
        QVERIFY(!one.out.contains("Conv2d  "));
        const test::ProcessResult none = runCli({"catalogue", "MaxPool9d"});
        QCOMPARE(none.exitCode, 2);
        QVERIFY(none.err.contains("MaxPool9d"));
    }

    void datasetsAreListedAndFound() {
        const QJsonArray list = json(runCli({"datasets", "list", "--json"}))["datasets"].toArray();
        QVERIFY(findById(list, "kind", "FashionMNIST").contains("found"));
        const QJsonObject info =
            json(runCli({"datasets", "info", "FashionMNIST", "--root", m_folder.path(), "--json"}));
        QCOMPARE(info["found"].toBool(), true);
        QCOMPARE(info["sample_shape"].toArray(), (QJsonArray{1, 28, 28}));
        QCOMPARE(info["classes"].toArray().size(), 10);
        QCOMPARE(runCli({"datasets", "fetch", "FashionMNIST", "--root", m_folder.path()}).exitCode,
                 0);
    }

    void aDatasetThatIsNotHereSaysHowToGetIt() {
        QTemporaryDir empty;
        const test::ProcessResult info =
            runCli({"datasets", "info", "CIFAR10", "--root", empty.path()});
        QCOMPARE(info.exitCode, 0);
        QCOMPARE(runCli({"datasets", "info", "CIFAR99"}).exitCode, 2);
        QCOMPARE(runCli({"datasets"}).exitCode, 2);
    }

    void aDatasetIsChecked() {
        const test::ProcessResult result = runCli({"datasets", "check", m_project, "--json"});
        QCOMPARE(result.exitCode, 0);
        const QJsonObject report = json(result);
        QCOMPARE(report["train_samples"].toInt(), 40);
        QCOMPARE(report["samples_read"].toInt(), 60);
        QCOMPARE(report["complete"].toBool(), true);
        QCOMPARE(report["mean"].toArray().size(), 1);
        // The network has ten outputs, and the test set a sample of every class.
        QVERIFY(!report["passed"].toArray().isEmpty());
        for (const QJsonValue& one : report["findings"].toArray())
            QVERIFY2(!one.toObject()["message"].toString().isEmpty() &&
                         one.toObject()["severity"] != "error",
                     result.out);

        QJsonArray steps =
            test::smallProject(m_folder.path())["data"].toObject()["train_transforms"].toArray();
        steps.append(QJsonObject{
            {"kind", "Normalize"},
            {"params", QJsonObject{{"mean", QJsonArray{0.9}}, {"std", QJsonArray{0.01}}}}});
        const QString wide = test::writeProject(
            m_folder.filePath("wide.loom"),
            test::withField(test::smallProject(m_folder.path()), "data.train_transforms", steps));
        const QJsonObject finding =
            findById(json(runCli({"datasets", "check", wide, "--json"}))["findings"].toArray(),
                     "id", "normalize");
        QCOMPARE(finding["severity"].toString(), QString("warning"));
        QCOMPARE(finding["fixes"].toArray().size(), 1);
        const test::ProcessResult text = runCli({"datasets", "check", wide});
        QCOMPARE(text.exitCode, 0);
        QVERIFY2(text.out.contains("warning: Normalize does not fit the data"), text.out);
        QCOMPARE(runCli({"datasets", "check", "nowhere.loom"}).exitCode, 1);
    }

    void aWrongCommandLineIsExitCode2() {
        const test::ProcessResult unknown = runCli({"import", "x.onnx"});
        QCOMPARE(unknown.exitCode, 2);
        QVERIFY2(unknown.err.contains("import") && unknown.err.contains("summary"), unknown.err);
        QCOMPARE(runCli({}).exitCode, 2);
        QCOMPARE(runCli({"check"}).exitCode, 2);
        QCOMPARE(runCli({"check", m_project, "--unknown"}).exitCode, 2);
        QCOMPARE(runCli({"train", m_project, "--epochs", "many"}).exitCode, 2);
        QCOMPARE(runCli({"train", m_project, "--epochs", "0"}).exitCode, 2);
        const test::ProcessResult set = runCli({"train", m_project, "--set", "training.speed=3"});
        QCOMPARE(set.exitCode, 2);
        QVERIFY2(set.err.contains("speed"), set.err);
        QCOMPARE(runCli({"train", m_project, "--set", "training"}).exitCode, 2);
    }

    void helpAndVersionSucceed() {
        const test::ProcessResult help = runCli({"--help"});
        QCOMPARE(help.exitCode, 0);
        QVERIFY(help.out.contains("evaluate"));
        QCOMPARE(runCli({"train", "--help"}).exitCode, 0);
        QVERIFY(runCli({"--version"}).out.startsWith("torchloom-cli 0."));
    }

    void filesThatCannotBeReadAreExitCode1() {
        const auto failsNaming = [&](const QString& path) {
            for (const char* command : {"check", "summary", "train"}) {
                const test::ProcessResult result = runCli({command, path});
                if (result.exitCode != 1 ||
                    !result.err.contains(QFileInfo(path).fileName().toUtf8()))
                    return QString("%1 %2: exit code %3\n")
                               .arg(command, path)
                               .arg(result.exitCode) +
                           result.err;
            }
            return QString();
        };
        const auto write = [&](const QString& name, const QByteArray& bytes) {
            QFile file(m_folder.filePath(name));
            if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write");
            file.write(bytes);
            return file.fileName();
        };
        QFile whole(m_project);
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const QByteArray text = whole.readAll();
        QCOMPARE(failsNaming(m_folder.filePath("missing.loom")), QString());
        QCOMPARE(failsNaming(m_folder.path()), QString());
        QCOMPARE(failsNaming(write("empty.loom", "")), QString());
        QCOMPARE(failsNaming(write("cut.loom", text.left(text.size() / 2))), QString());
        QCOMPARE(failsNaming(write("binary.loom", QByteArray(1000, '\xfe'))), QString());
        QCOMPARE(failsNaming(write("list.loom", "[1, 2, 3]")), QString());
        QCOMPARE(failsNaming(write("deep.loom", QByteArray(100000, '['))), QString());
    }

    /// A project that can be read and cannot be: 2, from every command, and a diagnostic of check.
    void projectsThatCannotBeAreExitCode2() {
        const QJsonObject sound = test::smallProject(m_folder.path());
        QJsonObject twice = sound;
        QJsonObject network = twice["network"].toObject();
        QJsonArray nodes = network["nodes"].toArray();
        nodes.append(nodes[1]);
        network["nodes"] = nodes;
        twice["network"] = network;
        const QList<QPair<QJsonObject, QString>> cases = {
            {twice, "two blocks have the id"},
            {test::withField(sound, "training.batch_size", 0), "training.batch_size is 0"},
            {test::withField(sound, "training.epochs", 1e20), "training.epochs is 1e+20"},
            {test::withField(sound, "training.batch_size", "many"), "training.batch_size is text"},
            {test::withField(sound, "network.edges", 7), "network.edges is a number"}};
        for (const auto& [project, sentence] : cases) {
            const QString path = test::writeProject(m_folder.filePath("cannot.loom"), project);
            for (const char* command : {"check", "summary", "train"}) {
                const test::ProcessResult result = runCli({command, path});
                QVERIFY2(result.exitCode == 2, result.err);
                QVERIFY2(result.err.contains(sentence.toUtf8()), result.err);
            }
            const test::ProcessResult result = runCli({"check", path, "--json"});
            QCOMPARE(result.exitCode, 2);
            const QJsonArray found = json(result)["diagnostics"].toArray();
            QCOMPARE(found.size(), 1);
            QCOMPARE(found[0].toObject()["severity"].toString(), QString("error"));
            QVERIFY2(found[0].toObject()["message"].toString().contains(sentence), result.out);
        }
    }

    /// What `train` refuses before its first step, `check` reports as an error.
    void checkRefusesWhatTrainRefuses() {
        const QJsonObject sound = test::smallProject(m_folder.path());
        const QList<QPair<QString, QJsonValue>> cases = {
            {"training.batch_size", 1000},
            {"training.scheduler",
             QJsonObject{{"kind", "OneCycleLR"},
                         {"params", QJsonObject{{"max_lr", 0.1}, {"total_steps", 2}}}}},
            {"network.nodes.1.params.out_channels", double(1LL << 40)}};
        for (const auto& [field, value] : cases) {
            QJsonObject project = test::withField(sound, "training.drop_last", true);
            project = test::withField(project, field, value);
            const QString path = test::writeProject(m_folder.filePath("refused.loom"), project);
            const test::ProcessResult checked = runCli({"check", path}),
                                      trained = runCli(
                                          {"train", path, "--out", m_folder.filePath("none")});
            QVERIFY2(checked.exitCode == 2, checked.out + checked.err);
            QVERIFY2(trained.exitCode == 2, trained.out + trained.err);
            QByteArray sentence = trained.err.left(trained.err.indexOf('\n'));
            sentence.replace("torchloom-cli: ", "");
            QVERIFY2(checked.out.contains(sentence), checked.out + trained.err);
            QVERIFY(!QFileInfo::exists(m_folder.filePath("none")));
        }
    }

    void numbersThatAreTooLongAreRefused() {
        for (const char* number : {"99999999999999999999", "3,4,5"}) {
            const test::ProcessResult set =
                runCli({"train", m_project, "--max-steps", "1", "--out", m_folder.filePath("long"),
                        "--set", QString("network.nodes.1.params.out_channels=") + number});
            QVERIFY2(set.exitCode == 2, set.err);
            QVERIFY2(set.err.contains("out_channels is "), set.err);
            QCOMPARE(runCli({"train", m_project, "--epochs", number}).exitCode, 2);
            QCOMPARE(runCli({"train", m_project, "--set", QString("training.batch_size=") + number})
                         .exitCode,
                     2);
        }
    }

    void unknownKindsAreErrorsWithTheirName() {
        const QJsonObject project =
            test::withField(test::smallProject(m_folder.path()), "network.nodes.2.kind", "Relu");
        const test::ProcessResult result = runCli(
            {"check", test::writeProject(m_folder.filePath("kind.loom"), project), "--json"});
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.out.contains("Relu") && result.out.contains("ReLU"), result.out);
    }

    void aResultThatCannotBeWrittenIsExitCode1() {
        const test::ProcessResult result = test::runProcess(
            "/bin/sh", {"-c", QString(TORCHLOOM_CLI) + " catalogue --json > /dev/full"});
        QCOMPARE(result.exitCode, 1);
        QVERIFY(result.err.contains("standard output"));
    }
};

QTEST_GUILESS_MAIN(DesignTest)
#include "design_test.moc"
