#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "core/base/files.h"
#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/run_folder.h"
#include "core/train/session.h"
#include "tests/support/python.h"
#include "tests/support/sessions.h"
#include "tests/support/small_project.h"

using namespace loom;
using namespace loom::test;

class SessionTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    Project project() const {
        Project p = newProject();
        p.name = "bars";
        p.network = *graphFromText(
            "Input > Conv2d out_channels=4 kernel_size=3 stride=2 > BatchNorm2d > ReLU > Dropout "
            "p=0.3 > Flatten > Linear out_features=10 > Output");
        p.data.dataset = {"FashionMNIST", {{"root", m_folder.path().toStdString()}}};
        p.data.trainTransforms = {{"RandomCrop", {{"size", 28}, {"padding", 1}}}, {"ToTensor"}};
        p.training.optimizer = {"Adam", {{"lr", 0.01}}};
        p.training.batchSize = 50;
        p.training.epochs = 3;
        p.training.threads = 1;
        p.training.device = "cpu";
        return p;
    }

private Q_SLOTS:
    void initTestCase() { test::writeSmallFashionMnist(m_folder.path(), 620, 130); }

    void itLearns() {
        Project p = project();
        p.training.epochs = 6;
        auto session = sessionFor(p);
        session->start();
        session->wait();
        QCOMPARE(session->status(), std::string("finished"));
        const auto epochs = eventsOf(*session, RunEvent::Type::Epoch);
        QCOMPARE(epochs.size(), std::size_t(6));
        QVERIFY2(epochs.back().testAccuracy > 0.95,
                 qPrintable(QString::number(epochs.back().testAccuracy)));
        QVERIFY(epochs.back().trainLoss < epochs.front().trainLoss / 2);
        QCOMPARE(eventsOf(*session, RunEvent::Type::Step).size(), std::size_t(6 * 13));
        // What evaluate says of the final weights is what the run said.
        const auto result = evaluate(p, *session->weights());
        QVERIFY(result.ok());
        QCOMPARE(result->accuracy, epochs.back().testAccuracy);
        QCOMPARE(result->samples, 130);
        QVERIFY(std::abs(result->loss - epochs.back().testLoss) < 1e-9);
        QVERIFY(session->lastBatch() && session->lastBatch()->items.size() == 12);
    }

    void pausedRunsWaitAndStep() {
        auto session = sessionFor(project());
        session->stepBatches(2);
        session->start();
        QTRY_COMPARE_WITH_TIMEOUT(session->state(), TrainingSession::State::Paused, 5000);
        QCOMPARE(lossesOf(*session).size(), std::size_t(2));
        QTest::qWait(100);
        QCOMPARE(lossesOf(*session).size(), std::size_t(2));
        const auto before = session->weights();
        QVERIFY(before.ok());
        session->stepBatches();
        QTRY_COMPARE_WITH_TIMEOUT(lossesOf(*session).size(), std::size_t(3), 5000);
        QTRY_COMPARE_WITH_TIMEOUT(session->state(), TrainingSession::State::Paused, 5000);
        const auto after = session->weights();
        QVERIFY(before->find("fc1.weight")->bytes != after->find("fc1.weight")->bytes);
        session->resume();
        session->wait();
        QCOMPARE(session->status(), std::string("finished"));
        // Pausing changed nothing in the numbers.
        auto plain = sessionFor(project());
        plain->start();
        plain->wait();
        QCOMPARE(lossesOf(*session), lossesOf(*plain));
    }

    void stopTakesEffectWithinABatch() {
        Project p = project();
        p.training.epochs = 100000;
        auto session = sessionFor(p);
        session->start();
        QTRY_VERIFY_WITH_TIMEOUT(lossesOf(*session).size() > 3, 5000);
        session->stop();
        const std::size_t before = lossesOf(*session).size();
        session->wait();
        QVERIFY(lossesOf(*session).size() <= before + 1);
        QCOMPARE(session->status(), std::string("stopped"));
        QVERIFY(session->weights().ok());
    }

    void destroyingAPausedRunEnds() {
        auto session = sessionFor(project());
        session->start();
        session->pause();
        QTRY_COMPARE_WITH_TIMEOUT(session->state(), TrainingSession::State::Paused, 5000);
        session.reset();
        auto never = sessionFor(project());
        QVERIFY(!never->weights().ok());
    }

    void interruptedRunsGoOnToTheBit_data() {
        QTest::addColumn<int>("steps");
        QTest::newRow("in the middle of an epoch") << 17;
        QTest::newRow("at an epoch's end") << 13;
        QTest::newRow("in the first epoch") << 3;
    }
    void interruptedRunsGoOnToTheBit() {
        QFETCH(int, steps);
        Project p = project();
        p.training.scheduler = Choice{"ExponentialLR", {{"gamma", 0.5}}};
        auto whole = sessionFor(p);
        whole->start();
        whole->wait();
        QTemporaryDir folder;
        PlanOptions options;
        options.runFolder = folder.filePath("run").toStdString();
        auto first = sessionFor(p, options);
        first->stepBatches(steps);
        first->start();
        QTRY_COMPARE_WITH_TIMEOUT(first->state(), TrainingSession::State::Paused, 10000);
        first->stop();
        first->wait();
        options.resumeFrom = options.runFolder;
        auto second = sessionFor(p, options);
        second->start();
        second->wait();
        QCOMPARE(second->status(), std::string("finished"));
        std::vector<double> losses = lossesOf(*first);
        QCOMPARE(losses.size(), std::size_t(steps));
        const auto rest = lossesOf(*second);
        losses.insert(losses.end(), rest.begin(), rest.end());
        QCOMPARE(losses, lossesOf(*whole));
        const auto a = *whole->weights(), b = *second->weights();
        for (const NamedTensor& entry : a.tensors)
            QVERIFY2(b.find(entry.name)->bytes == entry.tensor.bytes, entry.name.c_str());
        QCOMPARE(eventsOf(*second, RunEvent::Type::Epoch).back().testLoss,
                 eventsOf(*whole, RunEvent::Type::Epoch).back().testLoss);
        QCOMPARE(eventsOf(*second, RunEvent::Type::Epoch).back().trainLoss,
                 eventsOf(*whole, RunEvent::Type::Epoch).back().trainLoss);
        // The folder tells the whole story once.
        std::size_t written = 0;
        const auto recorded = readRunEvents(options.runFolder);
        QVERIFY(recorded.ok());
        for (const RunEvent& event : *recorded) written += event.type == RunEvent::Type::Step;
        QCOMPARE(written, losses.size());
    }

    void aRunLeavesItsFolder() {
        QTemporaryDir folder;
        PlanOptions options;
        options.runFolder = folder.filePath("run").toStdString();
        auto session = sessionFor(project(), options);
        session->start();
        session->wait();
        for (const char* file : {"project.loom", "run.json", "metrics.csv", "weights/last.pth",
                                 "weights/best.pth", "checkpoints/last.pt"})
            QVERIFY2(std::filesystem::exists(options.runFolder + "/" + file), file);
        QVERIFY(loadProject(options.runFolder + "/project.loom")->project == project());
        const auto best = loadWeights(options.runFolder);
        QVERIFY(best.ok());
        const auto epochs = eventsOf(*session, RunEvent::Type::Epoch);
        double top = 0;
        for (const RunEvent& epoch : epochs) top = std::max(top, epoch.testAccuracy);
        QCOMPARE(evaluate(project(), *best)->accuracy, top);
        const auto peer = test::runPython(
            "import sys, torch\nfor n in ('best', 'last'): torch.load(sys.argv[1] + '/weights/' + "
            "n + '.pth', weights_only=True)\n"
            "torch.load(sys.argv[1] + '/checkpoints/last.pt', weights_only=True)",
            {QString::fromStdString(options.runFolder)});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
    }

    void laterEpochsEqualPythonToo() {
        Project p = project();
        p.data.trainTransforms = {{"ToTensor"}};
        p.training.epochs = 3;
        auto session = sessionFor(p);
        session->start();
        session->wait();
        const char* const script = R"(
import sys, torch, numpy as np
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.set_num_threads(1)
raw = sys.argv[1] + '/FashionMNIST/raw/'
def read(name, skip): return np.frombuffer(open(raw + name, 'rb').read(), np.uint8, offset=skip)
def data(prefix):
    x = torch.from_numpy(read(prefix + '-images-idx3-ubyte', 16).copy()).reshape(-1, 1, 28, 28).to(torch.float32).div(255)
    return TensorDataset(x, torch.from_numpy(read(prefix + '-labels-idx1-ubyte', 8).astype(np.int64)))
torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(676, 10))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
train_loader = DataLoader(data('train'), batch_size=50, shuffle=True)
test_loader = DataLoader(data('t10k'), batch_size=50)
for epoch in range(3):
    model.train()
    for x, y in train_loader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(loss.item().hex())
    model.eval()
    with torch.no_grad():
        for x, y in test_loader: model(x)
)";
        const auto peer = test::runPython(script, {m_folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        std::vector<double> expected;
        for (const QByteArray& line : peer.out.trimmed().split('\n'))
            expected.push_back(std::strtod(line.constData(), nullptr));
        QCOMPARE(expected.size(), std::size_t(39));
        QCOMPARE(lossesOf(*session), expected);
    }

    void learningRateChangesTakeEffect() {
        Project p = project();
        auto session = sessionFor(p);
        session->stepBatches(1);
        session->start();
        QTRY_COMPARE_WITH_TIMEOUT(session->state(), TrainingSession::State::Paused, 5000);
        session->setLearningRate(0.125);
        session->resume();
        session->wait();
        const auto steps = eventsOf(*session, RunEvent::Type::Step);
        QCOMPARE(steps[0].lr, 0.01);
        QCOMPARE(steps[1].lr, 0.125);
        QCOMPARE(eventsOf(*session, RunEvent::Type::Message).size(), std::size_t(1));
    }

    void divergenceNamesTheBlock() {
        Project p = project();
        p.training.optimizer = {"SGD", {{"lr", 1e30}}};
        p.network = *graphFromText(
            "Input > Flatten > Linear out_features=20 > Linear out_features=10 > Output");
        auto session = sessionFor(p);
        session->start();
        session->wait();
        QCOMPARE(session->status(), std::string("diverged"));
        const auto found = eventsOf(*session, RunEvent::Type::Diverged);
        QCOMPARE(found.size(), std::size_t(1));
        QVERIFY2(!found[0].node.empty() && p.network.find(found[0].node), found[0].message.c_str());
        QVERIFY2(found[0].message.find("The loss became") == 0, found[0].message.c_str());
        QVERIFY(found[0].hint.find("learning rate") != std::string::npos);
    }

    void failuresAreSentences() {
        Project p = project();
        p.training.batchSize = 619;  // the last batch then holds one sample
        p.network = *graphFromText(
            "Input > Conv2d out_channels=4 kernel_size=28 > BatchNorm2d > Flatten > Linear "
            "out_features=10 > Output");
        auto session = sessionFor(p);
        session->start();
        session->wait();
        QCOMPARE(session->status(), std::string("failed"));
        const auto failed = eventsOf(*session, RunEvent::Type::Failed);
        QVERIFY2(failed[0].message.find("The last batch holds a single sample") == 0,
                 failed[0].message.c_str());
        QCOMPARE(failed[0].node, std::string("bn1"));

        p = project();
        p.training.batchSize = 1000;
        p.training.dropLast = true;
        session = sessionFor(p);
        session->start();
        session->wait();
        QCOMPARE(session->status(), std::string("failed"));

        p = project();
        p.data.dataset.params.set("root", Value("/nowhere/at/all"));
        const PlanResult refused = makePlan(p, {});
        QVERIFY(!refused);
        QVERIFY(!refused.problem.invalidProject);
        QVERIFY(!refused.problem.error.hint.empty());

        p = project();
        p.training.device = "cuda";
        if (availableDevices().size() == 1)
            QVERIFY(makePlan(p, {}).problem.error.message.find("cuda") != std::string::npos);

        PlanOptions options;
        options.runFolder = "/proc/no/such/place";
        const PlanResult nowhere = makePlan(project(), options);
        QVERIFY(!nowhere && !nowhere.problem.invalidProject);
        QVERIFY(nowhere.problem.error.message.find("/proc/no/such") != std::string::npos);
    }

    void wrongWeightsAreSentences() {
        Project p = project();
        Project other = p;
        other.network.find("fc1")->params.set("out_features", Value(12));
        const Weights weights = *initialWeights(other, 0);
        const Status status = matchWeights(p, weights);
        QVERIFY(!status.ok());
        QVERIFY2(status.error().message.find(
                     "fc1.weight is 12 × 676 in the file and 10 × 676 in the network") !=
                     std::string::npos,
                 status.error().message.c_str());
        Weights few = *initialWeights(p, 0);
        few.tensors.erase(few.tensors.begin());
        QVERIFY(matchWeights(p, few).error().message.find("The file lacks conv1.weight") !=
                std::string::npos);
        const auto wrongSize =
            forward(p, *initialWeights(p, 0),
                    {{"", {"float32", {2, 1, 5, 5}, std::vector<std::uint8_t>(200)}}}, false);
        QVERIFY(wrongSize.error().message.find("2 × 1 × 5 × 5") != std::string::npos);
    }

    void damagedWeightFilesNeverCrash() {
        QTemporaryDir folder;
        const std::string path = folder.filePath("w.pth").toStdString();
        QVERIFY(saveStateDict(path, *initialWeights(project(), 0)).ok());
        const std::string good = *readFile(path);
        const std::string bad = folder.filePath("bad.pth").toStdString();
        std::mt19937 random(1);
        for (int i = 0; i < 400; ++i) {
            std::string bytes = good;
            if (i % 2)
                bytes.resize(random() % bytes.size());
            else
                bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
            QVERIFY(writeFileAtomically(bad, bytes).ok());
            const auto loaded = loadStateDict(bad);
            if (!loaded)
                QVERIFY2(loaded.error().message.find(bad) == 0, loaded.error().message.c_str());
            // A flipped bit in the numbers is found by the checksum, which torch.load itself does
            // not look at.
            if (i % 2) QVERIFY(!loaded.ok());
        }
        QVERIFY(!loadStateDict(folder.path().toStdString()).ok());
        QVERIFY(!loadWeights(folder.path().toStdString()).ok());
    }

    void anyPressesNeverStick() {
        Project p = project();
        p.training.epochs = 1000000;
        auto session = sessionFor(p);
        session->start();
        std::mt19937 random(9);
        for (int i = 0; i < 4000; ++i) {
            switch (random() % 4) {
                case 0:
                    session->pause();
                    break;
                case 1:
                    session->resume();
                    break;
                case 2:
                    session->stepBatches();
                    break;
                default:
                    (void)session->state();
            }
        }
        session->resume();
        const std::size_t before = lossesOf(*session).size();
        QTRY_VERIFY_WITH_TIMEOUT(lossesOf(*session).size() > before + 2, 5000);
        session->stop();
        session->wait();
        QCOMPARE(session->state(), TrainingSession::State::Ended);
    }
};

QTEST_GUILESS_MAIN(SessionTest)
#include "session_test.moc"
