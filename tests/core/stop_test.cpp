#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/session.h"
#include "tests/support/sessions.h"
#include "tests/support/small_project.h"

using namespace loom;
using namespace loom::test;

/// Stopping in the middle of a step that takes long.
class StopTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// A step of a second or more, with all that a forward pass changes: random numbers and running
    /// statistics.
    Project slow() const {
        Project p = newProject();
        p.network = *graphFromText(
            "Input > Conv2d out_channels=32 kernel_size=3 padding=1 > BatchNorm2d > ReLU > Dropout "
            "p=0.3 > Conv2d out_channels=32 kernel_size=3 padding=1 > BatchNorm2d > ReLU > Conv2d "
            "out_channels=32 kernel_size=3 padding=1 > ReLU > Conv2d out_channels=32 kernel_size=3 "
            "padding=1 > ReLU > Flatten > Linear out_features=10 > Output");
        p.data.dataset = {"FashionMNIST", {{"root", m_folder.path().toStdString()}}};
        p.training.optimizer = {"SGD", {{"lr", 0.01}, {"momentum", 0.9}}};
        p.training.batchSize = 250;
        p.training.epochs = 2;
        p.training.threads = 1;
        p.training.device = "cpu";
        return p;
    }

private Q_SLOTS:
    void initTestCase() { test::writeSmallFashionMnist(m_folder.path(), 500, 20); }

    void aStepIsLeftInTheMiddleAndTakenAgainToTheBit() {
        auto plain = sessionFor(slow());
        plain->start();
        plain->wait();
        QCOMPARE(plain->status(), std::string("finished"));
        QCOMPARE(lossesOf(*plain).size(), std::size_t(4));

        PlanOptions options;
        options.runFolder = m_folder.filePath("run").toStdString();
        auto first = sessionFor(slow(), options);
        // The first step, whole: how long one takes here and now.
        first->start();
        QElapsedTimer clock;
        QTRY_COMPARE_WITH_TIMEOUT(first->state(), TrainingSession::State::Running, 60000);
        clock.start();
        QTRY_VERIFY_WITH_TIMEOUT(lossesOf(*first).size() == 1, 120000);
        const qint64 step = clock.restart();
        // A third into the second.
        QTRY_VERIFY_WITH_TIMEOUT(clock.elapsed() > step / 3, 60000);
        QCOMPARE(lossesOf(*first).size(), std::size_t(1));
        first->stop();
        first->wait();
        QCOMPARE(first->status(), std::string("stopped"));
        QCOMPARE(lossesOf(*first).size(), std::size_t(1));

        options.resumeFrom = options.runFolder;
        auto second = sessionFor(slow(), options);
        second->start();
        second->wait();
        QCOMPARE(second->status(), std::string("finished"));
        std::vector<double> losses = lossesOf(*first);
        for (const double loss : lossesOf(*second)) losses.push_back(loss);
        QCOMPARE(losses, lossesOf(*plain));
        const auto weights = second->weights(), expected = plain->weights();
        QVERIFY(weights.ok() && expected.ok());
        for (const NamedTensor& entry : expected->tensors)
            QVERIFY2(weights->find(entry.name)->bytes == entry.tensor.bytes, entry.name.c_str());
    }

    void aTestPassIsLeftInTheMiddle() {
        Project project = slow();
        test::writeSmallFashionMnist(m_folder.filePath("large"), 20, 2000);
        project.data.dataset = {"FashionMNIST",
                                {{"root", m_folder.filePath("large").toStdString()}}};
        project.training.batchSize = 2000;
        auto session = sessionFor(project);
        session->start();
        QTRY_VERIFY_WITH_TIMEOUT(lossesOf(*session).size() == 1, 60000);
        session->stop();
        session->wait();
        QCOMPARE(session->status(), std::string("stopped"));
        std::size_t cursor = 0;
        for (const RunEvent& event : session->log().read(cursor))
            QVERIFY(event.type != RunEvent::Type::Epoch);
    }
};

QTEST_GUILESS_MAIN(StopTest)
#include "stop_test.moc"
