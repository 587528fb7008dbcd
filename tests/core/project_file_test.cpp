#include <sys/resource.h>

#include <csignal>

#include <QCoreApplication>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "core/base/choice.h"
#include "core/base/files.h"
#include "core/data/transform.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"

using namespace loom;

namespace {

const char* const kContractExample = R"({
  "format": "torchloom-project", "version": 1, "name": "Fashion-MNIST, two convolutions", "notes": "",
  "network": {"nodes": [
      {"id": "input", "kind": "Input", "params": {}, "position": [0, 0]},
      {"id": "conv1", "kind": "Conv2d", "params": {"out_channels": 32, "kernel_size": 5, "padding": 1}, "position": [180, 0]},
      {"id": "relu", "kind": "ReLU", "params": {}, "position": [360, 0]},
      {"id": "flatten", "kind": "Flatten", "params": {}, "position": [540, 0]},
      {"id": "fc1", "kind": "Linear", "params": {"out_features": 10}, "position": [720, 0]},
      {"id": "output", "kind": "Output", "params": {}, "position": [900, 0]}],
    "edges": [{"from": "input", "to": "conv1"}, {"from": "conv1", "to": "relu"}, {"from": "relu", "to": "flatten"},
      {"from": "flatten", "to": "fc1"}, {"from": "fc1", "to": "output"}]},
  "data": {"dataset": {"kind": "FashionMNIST", "params": {}},
    "train_transforms": [{"kind": "ToTensor", "params": {}}, {"kind": "Normalize", "params": {"mean": [0.286], "std": [0.353]}}],
    "test_transforms": [{"kind": "ToTensor", "params": {}}, {"kind": "Normalize", "params": {"mean": [0.286], "std": [0.353]}}]},
  "training": {"loss": {"kind": "CrossEntropyLoss", "params": {}}, "optimizer": {"kind": "SGD", "params": {"lr": 0.01}}, "scheduler": null,
    "batch_size": 64, "shuffle": true, "drop_last": false, "num_workers": 1, "epochs": 5, "seed": 0, "device": "auto", "threads": 0}
})";

Project example() {
    auto loaded = projectFromJson(kContractExample);
    if (!loaded) qFatal("%s", loaded.error().message.c_str());
    return loaded->project;
}

}  // namespace

class ProjectFileTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theContractsExampleIsSound() {
        const Project project = example();
        const ProjectReport report = checkProject(project);
        for (const Diagnostic& diagnostic : report.diagnostics)
            QVERIFY2(diagnostic.severity != Severity::Error, diagnostic.message.c_str());
        QCOMPARE(QString::fromStdString(report.dataShape->toText()), QString("1×28×28"));
        QCOMPARE(report.target.classes, 10);
    }

    void savingIsCanonical() {
        const Project project = example();
        const std::string text = projectToJson(project);
        const auto again = projectFromJson(text);
        QVERIFY(again.ok());
        QVERIFY(again->project == project);
        QCOMPARE(projectToJson(again->project), text);
        QVERIFY(again->remarks.empty());
        QVERIFY(
            text.find(
                "{\"id\": \"relu\", \"kind\": \"ReLU\", \"params\": {}, \"position\": [360, 0]}") !=
            std::string::npos);
    }

    void unknownThingsSurvive() {
        std::string text = kContractExample;
        const auto put = [&](const std::string& after, const std::string& extra) {
            text.insert(text.find(after) + after.size(), extra);
        };
        put("\"version\": 1,", "\"author\": {\"name\": \"A\"},");
        put("\"padding\": 1", ", \"colour\": \"red\"");
        put("{\"id\": \"relu\",", "\"comment\": [1, 2.0],");
        put("\"kind\": \"ReLU\"", "");
        text.replace(text.find("\"kind\": \"ReLU\""), 14, "\"kind\": \"Mystery\"");
        put("\"from\": \"input\", ", "\"bend\": 3, ");
        put("\"batch_size\": 64,", "\"amp\": true,");
        const auto loaded = projectFromJson(text);
        QVERIFY(loaded.ok());
        QVERIFY(loaded->remarks.size() >= 4);
        const std::string saved = projectToJson(loaded->project);
        for (const char* kept :
             {"\"author\": {\"name\": \"A\"}", "\"colour\": \"red\"", "\"comment\": [1, 2.0]",
              "\"Mystery\"", "\"bend\": 3", "\"amp\": true"})
            QVERIFY2(saved.find(kept) != std::string::npos, kept);
        QVERIFY(projectFromJson(saved)->project == loaded->project);
    }

    void newerFilesOpenForReading() {
        std::string text = kContractExample;
        text.replace(text.find("\"version\": 1"), 12, "\"version\": 9");
        const auto loaded = projectFromJson(text);
        QVERIFY(loaded.ok());
        QVERIFY(loaded->readOnly);
        QVERIFY(loaded->remarks[0].message.find("newer") != std::string::npos);
    }

    void wrongFilesAreSentences_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        const QString good = QString::fromUtf8(kContractExample);
        const auto changed = [&](const char* from, const char* to) {
            return QString(good).replace(from, to);
        };
        QTest::newRow("empty") << ""
                               << "not valid JSON";
        QTest::newRow("truncated") << good.left(300) << "not valid JSON";
        QTest::newRow("other JSON") << "{\"a\": 1}"
                                    << "not a Torchloom project";
        QTest::newRow("list") << "[1, 2]"
                              << "not a Torchloom project";
        QTest::newRow("twice") << changed("\"id\": \"relu\"", "\"id\": \"conv1\"")
                               << "two blocks have the id conv1";
        QTest::newRow("bad id") << changed("\"id\": \"relu\"", "\"id\": \"re lu\"")
                                << "cannot name a block";
        QTest::newRow("text for number")
            << changed("\"batch_size\": 64", "\"batch_size\": \"many\"")
            << "training.batch_size is text";
        QTest::newRow("range") << changed("\"batch_size\": 64", "\"batch_size\": 0")
                               << "at least 1";
        QTest::newRow("edges no list")
            << changed("\"edges\": [", "\"edges\": 3, \"x\": [") << "network.edges is a number";
        QTest::newRow("no kind") << changed("{\"kind\": \"ToTensor\", \"params\": {}}",
                                            "{\"params\": {}}")
                                 << "has no kind";
        QTest::newRow("port") << changed("\"to\": \"conv1\"", "\"to\": \"conv1:x\"")
                              << "port's number";
    }
    void wrongFilesAreSentences() {
        QFETCH(QString, text);
        QFETCH(QString, part);
        const auto loaded = projectFromJson(text.toStdString(), "net.loom");
        QVERIFY(!loaded.ok());
        const QString message = QString::fromStdString(loaded.error().message);
        QVERIFY2(message.startsWith("net.loom") && message.contains(part), qPrintable(message));
        QVERIFY(!loaded.error().hint.empty());
    }

    void damagedFilesNeverCrash() {
        std::mt19937 random(3);
        const std::string good = kContractExample;
        for (int i = 0; i < 3000; ++i) {
            std::string text = good;
            for (unsigned n = random() % 4 + 1; n > 0; --n) {
                const std::size_t at = random() % text.size();
                if (random() % 3 == 0)
                    text.erase(at, random() % 20);
                else if (random() % 2)
                    text[at] = static_cast<char>(random());
                else
                    text.insert(at, good.substr(random() % good.size(), random() % 30));
                if (text.empty()) text = " ";
            }
            if (const auto loaded = projectFromJson(text)) (void)checkProject(loaded->project);
        }
    }

    void fieldsAreSetByPath() {
        const Project project = example();
        QCOMPARE(withField(project, "training.optimizer.params.lr", "0.1")
                     ->training.optimizer.params.find("lr")
                     ->asFloat(),
                 0.1);
        QCOMPARE(withField(project, "training.optimizer.params.momentum", "0.9")
                     ->training.optimizer.params.find("momentum")
                     ->asFloat(),
                 0.9);
        QCOMPARE(withField(project, "training.optimizer.kind", "Adam")->training.optimizer.kind,
                 std::string("Adam"));
        QCOMPARE(withField(project, "data.train_transforms.1.params.mean", "[0.5]")
                     ->data.trainTransforms[1]
                     .params.find("mean")
                     ->toPython(),
                 std::string("[0.5]"));
        QCOMPARE(withField(project, "network.nodes.1.params.out_channels", "8")
                     ->network.nodes[1]
                     .params.find("out_channels")
                     ->asInt(),
                 8);
        QVERIFY(withField(project, "training.lr", "1").error().message.find("no field \"lr\"") !=
                std::string::npos);
        QVERIFY(!withField(project, "training.epochs", "-1").ok());
        QVERIFY(!withField(project, "data.train_transforms.7.kind", "x").ok());
        QVERIFY(!withField(project, "", "x").ok());
    }

    /// A default that PyTorch changed: files state it, and those that do not mean the former one.
    void changedDefaultsAreStated() {
        Project project = newProject();
        project.training.optimizer = {"SGD"};
        const auto again = projectFromJson(projectToJson(project), "p");
        QVERIFY(again.ok());
        QCOMPARE(again->project.training.optimizer.params, (Params{{"lr", 0.001}}));

        for (const TransformKind& kind : transforms()) {
            for (const ParamSpec& spec : kind.params) {
                if (!spec.formerDefault) continue;
                const std::string where = kind.info.id + "." + spec.key;
                QVERIFY2(!spec.defaultSince.empty() && *spec.formerDefault != spec.defaultValue,
                         where.c_str());
                const std::string step = "{\"kind\": \"" + kind.info.id + "\"}";
                const std::string old =
                    R"({"format": "torchloom-project", "version": 1, "network": {"nodes": []},
                        "data": {"train_transforms": [)" +
                    step + R"(, {"kind": "RandomApply", "params": {"transforms": [)" + step +
                    "]}}]}}";
                const auto loaded = projectFromJson(old, "old");
                QVERIFY2(loaded.ok(), where.c_str());
                const std::vector<Choice>& steps = loaded->project.data.trainTransforms;
                const auto inner = nestedChoices(*steps.at(1).params.find("transforms"));
                QVERIFY2(*steps.at(0).params.find(spec.key) == *spec.formerDefault, where.c_str());
                QVERIFY2(*inner.at(0).params.find(spec.key) == *spec.formerDefault, where.c_str());
                Project fresh = newProject();
                fresh.data.trainTransforms = {{kind.info.id}};
                const auto read = projectFromJson(projectToJson(fresh), "fresh");
                QVERIFY2(read.ok(), where.c_str());
                QVERIFY2(*read->project.data.trainTransforms.at(0).params.find(spec.key) ==
                             spec.defaultValue,
                         where.c_str());
            }
        }
    }

    void aFullDiskLosesNothing() {
        QTemporaryDir folder;
        const std::string path = folder.filePath("a.loom").toStdString();
        QVERIFY(saveProject(path, example()).ok());
        const std::string before = *readFile(path);
        // A limit on the size of files stands for a disk that takes nothing more.
        rlimit usual{};
        QCOMPARE(getrlimit(RLIMIT_FSIZE, &usual), 0);
        rlimit few = usual;
        few.rlim_cur = 64;
        std::signal(SIGXFSZ, SIG_IGN);
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &few), 0);
        Project changed = example();
        changed.name = "other";
        const Status status = saveProject(path, changed);
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &usual), 0);
        QVERIFY(!status.ok());
        QVERIFY(status.error().message.find(path) == 0);
        QCOMPARE(*readFile(path), before);
        QVERIFY(!writeFileAtomically("/dev/full/x", "a").ok());
    }

    void mistakesAcrossSectionsAreFound() {
        const auto messages = [](const Project& project) {
            QStringList all;
            for (const Diagnostic& d : checkProject(project).diagnostics)
                all << QString::fromStdString(toText(d.severity) + ": " + d.message);
            return all.join("\n");
        };
        Project project = example();
        project.network.find("fc1")->params.set("out_features", Value(7));
        QVERIFY(
            messages(project).contains("error: fc1 gives 7 numbers, but the data has 10 classes."));
        project = example();
        project.data.trainTransforms.erase(project.data.trainTransforms.begin());
        QVERIFY2(messages(project).contains("In the training transforms: "),
                 qPrintable(messages(project)));
        project = example();
        project.training.optimizer = {"SGDD", {}};
        QVERIFY(messages(project).contains("error: The optimizer SGDD is not known"));
        project = example();
        project.training.device = "tpu";
        QVERIFY(messages(project).contains("The device is \"tpu\""));
        project = example();
        project.training.optimizer.params.set("nesterov", Value(true));
        QVERIFY(messages(project).contains("nesterov needs a momentum above 0"));
        project = example();
        project.network.find("fc1")->kind = "Softmax";
        project.network.find("fc1")->params = {{"dim", Value(1)}};
        QVERIFY(messages(project).contains("is a Softmax before CrossEntropyLoss"));
    }
};

QTEST_GUILESS_MAIN(ProjectFileTest)
#include "project_file_test.moc"
