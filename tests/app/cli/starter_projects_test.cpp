#include <QDir>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "core/data/dataset.h"
#include "core/project/project_file.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"

using namespace loom;

/// Every project in projects/ opens, re-saves to the same bytes, validates and trains.
class StarterProjectsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    void addRows() {
        QTest::addColumn<QString>("path");
        const QDir folder(test::sourcePath("projects"));
        for (const QString& name : folder.entryList({"*.loom"}))
            QTest::newRow(qPrintable(name)) << folder.filePath(name);
    }

    /// The project on few samples that lie here: those of its data set's kind and size.
    QString onSmallData(const QString& path) {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read");
        QJsonObject project = QJsonDocument::fromJson(file.readAll()).object();
        const std::string kind =
            project["data"].toObject()["dataset"].toObject()["kind"].toString().toStdString();
        const DatasetKind* dataset = datasets().find(kind);
        // What is made on the spot is small as it is.
        if (dataset && dataset->info.family == "generated") return path;
        if (kind == "FashionMNIST") {
            test::writeSmallFashionMnist(m_folder.path(), 320, 40);
            project = test::withField(project, "data.dataset.params",
                                      QJsonObject{{"root", m_folder.path()}});
        } else {
            for (int i = 0; i < 200; ++i) {
                QImage picture(32, 32, QImage::Format_RGB888);
                picture.fill(QColor(25 * (i % 10), 100 + i % 7, 250 - 25 * (i % 10)));
                for (const char* split : {"train", "test"}) {
                    const QString name =
                        QString("%1/pictures/%2/class%3").arg(m_folder.path(), split).arg(i % 10);
                    QDir().mkpath(name);
                    picture.save(QString("%1/%2.png").arg(name).arg(i));
                }
            }
            project = test::withField(
                project, "data.dataset",
                QJsonObject{{"kind", "ImageFolder"},
                            {"params", QJsonObject{{"root", m_folder.filePath("pictures")}}}});
            const QJsonObject resize{{"kind", "Resize"},
                                     {"params", QJsonObject{{"size", QJsonArray{32, 32}}}}};
            for (const char* list : {"data.train_transforms", "data.test_transforms"}) {
                QJsonArray steps =
                    project["data"].toObject()[QString(list).section('.', 1)].toArray();
                steps.prepend(resize);
                project = test::withField(project, QString(list), steps);
            }
        }
        return test::writeProject(m_folder.filePath(QFileInfo(path).fileName()), project);
    }

private Q_SLOTS:
    void thereAreFour() {
        QVERIFY(QDir(test::sourcePath("projects")).entryList({"*.loom"}).size() >= 4);
    }

    void savesToTheSameBytes_data() { addRows(); }
    void savesToTheSameBytes() {
        QFETCH(QString, path);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const Result<LoadedProject> loaded = loadProject(path.toStdString());
        QVERIFY2(loaded.ok(), loaded ? "" : loaded.error().message.c_str());
        QVERIFY(loaded->remarks.empty());
        QCOMPARE(QByteArray::fromStdString(projectToJson(loaded->project)), file.readAll());
    }

    void hasNoErrors_data() { addRows(); }
    void hasNoErrors() {
        QFETCH(QString, path);
        const test::ProcessResult result = test::runCli({"check", path});
        QVERIFY2(result.exitCode == 0, result.out + result.err);
    }

    void fitsTheGridOfTheCanvas_data() { addRows(); }
    void fitsTheGridOfTheCanvas() {
        QFETCH(QString, path);
        const Result<LoadedProject> loaded = loadProject(path.toStdString());
        QVERIFY(loaded.ok());
        for (const Node& node : loaded->project.network.nodes) {
            QCOMPARE(std::fmod(node.position.x, 20), 0.0);
            QCOMPARE(std::fmod(node.position.y, 20), 0.0);
            for (const Node& other : loaded->project.network.nodes)
                if (other.id != node.id)
                    QVERIFY2(std::abs(node.position.x - other.position.x) >= 200 ||
                                 std::abs(node.position.y - other.position.y) >= 80,
                             (node.id + " lies on " + other.id).c_str());
        }
    }

    void trains_data() { addRows(); }
    void trains() {
        QFETCH(QString, path);
        const test::ProcessResult result =
            test::runCli({"train", onSmallData(path), "--json", "--max-steps", "5", "--out",
                          m_folder.filePath("run_" + QFileInfo(path).baseName())});
        QVERIFY2(result.exitCode == 0, result.out + result.err);
        QCOMPARE(result.out.count("\"event\": \"step\"") + result.out.count("\"event\":\"step\""),
                 5);
    }

    void cifarTellsHowToGetItsData() {
        const Result<LoadedProject> loaded =
            loadProject(test::sourcePath("projects/cifar10_quick.loom").toStdString());
        QVERIFY(loaded.ok());
        QVERIFY(loaded->project.notes.find("torchloom-cli datasets fetch CIFAR10") !=
                std::string::npos);
        QTemporaryDir empty;
        const test::ProcessResult result = test::runCli(
            {"train", test::sourcePath("projects/cifar10_quick.loom"), "--set",
             "data.dataset.params.root=" + empty.path(), "--out", m_folder.filePath("cifar")});
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("https://"), result.err);
    }
};

QTEST_GUILESS_MAIN(StarterProjectsTest)
#include "starter_projects_test.moc"
