#include <QDir>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/run_folder.h"
#include "core/train/session.h"
#include "tests/support/python.h"

using namespace loom;

/// A folder of pictures of which some cannot be read, trained on to the end.
class SkippedSamplesTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString picture(const char* split, const char* name, int number) const {
        return m_folder.filePath(
            QStringLiteral("pets/%1/%2/%3.png").arg(split, name).arg(number, 2, 10, QChar('0')));
    }

    static void write(const QString& path, const QByteArray& bytes) {
        QFile file(path);
        QVERIFY(file.open(QFile::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    Project project() const {
        Project project = newProject();
        project.network = *graphFromText("Input > Flatten > Linear out_features=2 > Output");
        project.data.dataset = {"ImageFolder", {{"root", m_folder.filePath("pets").toStdString()}}};
        project.data.trainTransforms = {{"Resize", {{"size", List{8, 8}}}}, {"ToTensor"}};
        project.data.testTransforms = project.data.trainTransforms;
        project.training.batchSize = 4;
        project.training.epochs = 2;
        project.training.threads = 1;
        return project;
    }

private Q_SLOTS:
    void init() {
        QDir(m_folder.filePath("pets")).removeRecursively();
        for (const char* split : {"train", "test"})
            for (const char* name : {"cat", "dog"}) {
                QVERIFY(QDir().mkpath(
                    m_folder.filePath(QStringLiteral("pets/%1/%2").arg(split, name))));
                for (int i = 0; i < 6; ++i) {
                    QImage image(12, 10, QImage::Format_RGB32);
                    image.fill(name[0] == 'c' ? qRgb(200, 40 * i, 0) : qRgb(0, 40 * i, 200));
                    QVERIFY(image.save(picture(split, name, i)));
                }
            }
    }

    void oneBadPictureDoesNotEndARun() {
        write(picture("train", "cat", 3), "no picture at all");
        write(picture("test", "dog", 1), QByteArray("\x89PNG\r\n\x1a\n", 8));
        PlanOptions options;
        options.runFolder = m_folder.filePath("run").toStdString();
        TrainingSession session(makePlan(project(), options).plan);
        session.start();
        session.wait();
        QCOMPARE(session.status(), std::string("finished"));

        std::size_t cursor = 0;
        QStringList told;
        std::int64_t steps = 0;
        for (const RunEvent& event : session.log().read(cursor)) {
            if (event.type == RunEvent::Type::Step) ++steps;
            if (event.type != RunEvent::Type::Skipped) continue;
            told << QString::fromStdString(event.message);
            QCOMPARE(event.skipped, std::int64_t(told.size()));
        }
        // Each is told of once, though every epoch meets it.
        QCOMPARE(told.size(), 2);
        QVERIFY2(told[0].contains("train/cat/03.png"), qPrintable(told[0]));
        QVERIFY2(told[1].contains("test/dog/01.png"), qPrintable(told[1]));
        QCOMPARE(steps, std::int64_t(6));

        const auto record = readRunRecord(options.runFolder);
        QVERIFY(record.ok());
        QCOMPARE(record->details.find("skipped_samples")->asInt(), std::int64_t(2));
        QCOMPARE(record->details.find("skipped")->asList().size(), std::size_t(2));

        const auto weights = session.weights();
        const auto tested = evaluate(project(), *weights);
        QVERIFY(tested.ok());
        QCOMPARE(tested->samples, std::int64_t(11));
    }

    /// Batches of which nothing is left are no steps; a run goes on behind them, also when it is
    /// continued from there.
    void wholeBatchesMayBeBad() {
        for (int i = 0; i < 6; ++i) write(picture("train", "cat", i), "no picture at all");
        Project given = project();
        given.training.shuffle = false;
        given.training.batchSize = 3;
        given.training.epochs = 1;
        const auto run = [&](std::int64_t steps, const QString& resume) {
            PlanOptions options;
            options.maxSteps = steps;
            options.resumeFrom = resume.toStdString();
            options.runFolder = resume.isEmpty()
                                    ? m_folder.filePath("bad%1").arg(steps).toStdString()
                                    : options.resumeFrom;
            TrainingSession session(makePlan(given, options).plan);
            session.start();
            session.wait();
            std::vector<double> losses;
            std::size_t cursor = 0;
            for (const RunEvent& event : session.log().read(cursor))
                if (event.type == RunEvent::Type::Step) losses.push_back(event.loss);
            return losses;
        };
        const std::vector<double> whole = run(-1, {});
        QCOMPARE(whole.size(), std::size_t(2));
        std::vector<double> parts = run(1, {});
        QCOMPARE(parts.size(), std::size_t(1));
        for (const double loss : run(-1, m_folder.filePath("bad1"))) parts.push_back(loss);
        QCOMPARE(parts, whole);
    }

    void aRunWithoutOneGoodPictureFails() {
        for (const char* name : {"cat", "dog"})
            for (int i = 0; i < 6; ++i) write(picture("train", name, i), "no picture at all");
        TrainingSession session(makePlan(project(), {}).plan);
        session.start();
        session.wait();
        QCOMPARE(session.status(), std::string("failed"));
        std::size_t cursor = 0;
        const auto events = session.log().read(cursor);
        QVERIFY2(QString::fromStdString(events.back().message).contains(".png"),
                 events.back().message.c_str());
    }

    void theCommandLineTellsOfThem() {
        write(picture("train", "dog", 5), "no picture at all");
        const QString path = m_folder.filePath("pets.loom");
        QVERIFY(saveProject(path.toStdString(), project()).ok());
        const auto result =
            loom::test::runCli({"train", path, "--out", m_folder.filePath("cli"), "--epochs", "1"});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QVERIFY2(result.err.contains("Left out: ") && result.err.contains("train/dog/05.png"),
                 result.err.constData());
    }
};

QTEST_GUILESS_MAIN(SkippedSamplesTest)
#include "skipped_samples_test.moc"
