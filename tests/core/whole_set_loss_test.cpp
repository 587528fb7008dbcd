#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>

#include "core/base/json.h"
#include "core/graph/text_form.h"
#include "core/train/evaluation.h"
#include "core/train/network_use.h"
#include "core/train/predictions_csv.h"
#include "core/train/session.h"
#include "tests/support/python.h"
#include "tests/support/sessions.h"
#include "tests/support/small_project.h"
#include "tests/support/training_peer.h"

using namespace loom;
using namespace loom::test;

namespace {

const char* const kIndex = "t";
const char* const kOneHot = "F.one_hot(t, 10).float()";

struct Case {
    const char* loss;    ///< Python, `w` stands for the weights
    const char* params;  ///< JSON, `W` stands for the weights
    const char* target = kIndex;
    const char* last = "";  ///< a block behind the last layer
    int ignored = -100;
};

/// Losses whose mean is not one over the samples, and their neighbours.
const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"CrossEntropyLoss()", "{}"},
        {"CrossEntropyLoss(weight=w)", R"({"weight": W})"},
        {"CrossEntropyLoss(ignore_index=3)", R"({"ignore_index": 3})", kIndex, "", 3},
        {"CrossEntropyLoss(weight=w, ignore_index=3)", R"({"weight": W, "ignore_index": 3})",
         kIndex, "", 3},
        {"CrossEntropyLoss(weight=w, label_smoothing=0.2)",
         R"({"weight": W, "label_smoothing": 0.2})"},
        {"CrossEntropyLoss(weight=w, ignore_index=2, label_smoothing=0.1)",
         R"({"weight": W, "ignore_index": 2, "label_smoothing": 0.1})", kIndex, "", 2},
        {"CrossEntropyLoss(ignore_index=2, label_smoothing=0.1)",
         R"({"ignore_index": 2, "label_smoothing": 0.1})", kIndex, "", 2},
        {"CrossEntropyLoss(weight=w, ignore_index=3, reduction='sum')",
         R"({"weight": W, "ignore_index": 3, "reduction": "sum"})", kIndex, "", 3},
        {"CrossEntropyLoss(weight=w, reduction='none')", R"({"weight": W, "reduction": "none"})"},
        {"NLLLoss(weight=w, ignore_index=1)", R"({"weight": W, "ignore_index": 1})", kIndex,
         "LogSoftmax dim=1", 1},
        {"NLLLoss(reduction='none')", R"({"reduction": "none"})", kIndex, "LogSoftmax dim=1"},
        {"MultiMarginLoss(weight=w)", R"({"weight": W})"},
        {"BCEWithLogitsLoss(weight=w, pos_weight=w)", R"({"weight": W, "pos_weight": W})", kOneHot},
        {"BCEWithLogitsLoss(pos_weight=w, reduction='sum')",
         R"({"pos_weight": W, "reduction": "sum"})", kOneHot},
        {"BCELoss(weight=w)", R"({"weight": W})", kOneHot, "Sigmoid"},
        {"BCELoss(reduction='none')", R"({"reduction": "none"})", kOneHot, "Sigmoid"},
        {"MultiLabelSoftMarginLoss(weight=w)", R"({"weight": W})", kOneHot},
        {"KLDivLoss()", "{}", kOneHot, "LogSoftmax dim=1"},
        {"KLDivLoss(reduction='batchmean')", R"({"reduction": "batchmean"})", kOneHot,
         "LogSoftmax dim=1"},
        {"MSELoss()", "{}", kOneHot},
        {"MSELoss(reduction='sum')", R"({"reduction": "sum"})", kOneHot},
        {"L1Loss(reduction='none')", R"({"reduction": "none"})", kOneHot}};
    return all;
}

Params paramsOf(const Case& c) {
    return parseJson(QString(c.params)
                         .replace("W", "[1.0, 2.0, 0.5, 1.0, 1.0, 3.0, 1.0, 0.25, 1.0, 1.5]")
                         .toStdString())
        ->asDict();
}

/// Loss, accuracy and per-sample losses of the whole test and training set in one batch, case by
/// case.
const char* const kPeer = R"(
import sys, json, numpy as np, torch, torch.nn.functional as F
from torch import nn
torch.set_num_threads(1)
raw = sys.argv[1] + '/FashionMNIST/raw/'
def read(name, skip): return np.frombuffer(open(raw + name, 'rb').read(), np.uint8, offset=skip).copy()
def data(prefix): return torch.from_numpy(read(prefix + '-images-idx3-ubyte', 16)).reshape(-1, 1, 28, 28).float().div(255), torch.from_numpy(read(prefix + '-labels-idx1-ubyte', 8).astype(np.int64))
w = torch.tensor([1.0, 2.0, 0.5, 1.0, 1.0, 3.0, 1.0, 0.25, 1.0, 1.5])
report = []
for loss, target, last, ignored in json.loads(sys.argv[2]):
    torch.manual_seed(0)
    layers = [nn.Flatten(), nn.Linear(784, 10)]
    if last: layers.append(eval('nn.' + last))
    model = nn.Sequential(*layers)
    criterion = eval('nn.' + loss)
    answer = []
    with torch.no_grad():
        for prefix in 't10k', 'train':
            x, t = data(prefix)
            y = model(x)
            given = criterion(y, eval(target))
            counts = t != ignored
            answer += [given.mean().item(), (y.argmax(1) == t)[counts].float().mean().item()]
        x, t = data('t10k')
        y = model(x)
        each = criterion
        each.reduction = 'none'
        each = each(y, eval(target))
        if each.dim() > 1: each = each.flatten(1).sum(1) if 'sum' in loss or 'batchmean' in loss else each.flatten(1).mean(1)
        answer.append(each.tolist())
        answer.append(y.tolist())
    report.append(answer)
print(json.dumps(report))
)";

bool near(double a, double b) {
    return std::abs(a - b) <= 2e-6 * std::max(1.0, std::abs(b));
}

}  // namespace

/// The loss of a set is what PyTorch's criterion gives for it in one batch, whatever the batches
/// were.
class WholeSetLossTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    QJsonArray m_python;

    Project project(const Case& c) const {
        Project p = test::peerProject(m_folder.path());
        const std::string last = c.last;
        p.network = *graphFromText("Input > 0=Flatten > 1=Linear out_features=10 > " +
                                   (last.empty() ? "" : last + " > ") + "Output");
        p.training.loss = {QString(c.loss).section('(', 0, 0).toStdString(), paramsOf(c)};
        p.training.epochs = 1;
        return p;
    }

private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(m_folder.path(), 117, 31);
        QJsonArray list;
        for (const Case& c : cases()) {
            QString last = c.last;
            if (!last.isEmpty()) last = last.section(' ', 0, 0) + "(" + last.section(' ', 1) + ")";
            list.append(QJsonArray{c.loss, c.target, last, c.ignored});
        }
        const auto peer = test::runPython(
            kPeer, {m_folder.path(), QString::fromUtf8(QJsonDocument(list).toJson())});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        m_python = QJsonDocument::fromJson(peer.out).array();
        QCOMPARE(std::size_t(m_python.size()), cases().size());
    }

    void evaluateGivesPythonsForAnyBatchSize() {
        for (std::size_t i = 0; i < cases().size(); ++i) {
            const Case& c = cases()[i];
            Project p = project(c);
            const Weights weights = *initialWeights(
                [&] {
                    Project plain = p;
                    plain.training.loss = {"CrossEntropyLoss"};
                    return plain;
                }(),
                0);
            const QJsonArray expected = m_python[qsizetype(i)].toArray();
            for (const std::int64_t batch : {31, 10, 4, 3, 1}) {
                p.training.batchSize = batch;
                const auto found = evaluate(p, weights);
                QVERIFY2(found.ok(), found.ok() ? "" : found.error().message.c_str());
                const QString where = QString("%1, batches of %2: %3 and %4, Python %5 and %6")
                                          .arg(c.loss)
                                          .arg(batch)
                                          .arg(found->loss, 0, 'g', 9)
                                          .arg(found->accuracy)
                                          .arg(expected[0].toDouble(), 0, 'g', 9)
                                          .arg(expected[1].toDouble());
                QVERIFY2(near(found->loss, expected[0].toDouble()), qPrintable(where));
                QVERIFY2(near(found->accuracy, expected[1].toDouble()), qPrintable(where));
                QCOMPARE(found->samples, 31);
            }
        }
    }

    void lossesPerSampleArePythons() {
        for (std::size_t i = 0; i < cases().size(); ++i) {
            const Case& c = cases()[i];
            Project p = project(c);
            Project plain = p;
            plain.training.loss = {"CrossEntropyLoss"};
            const QJsonArray losses = m_python[qsizetype(i)].toArray()[4].toArray();
            const QJsonArray outputs = m_python[qsizetype(i)].toArray()[5].toArray();
            std::vector<EvaluatedSample> samples;
            EvaluationOptions options;
            options.tell = [&](const EvaluatedSample& one) {
                samples.push_back(one);
                return Status();
            };
            QVERIFY(evaluate(p, *initialWeights(plain, 0), options).ok());
            QCOMPARE(qsizetype(samples.size()), losses.size());
            for (qsizetype s = 0; s < losses.size(); ++s) {
                const EvaluatedSample& one = samples[std::size_t(s)];
                QVERIFY2(near(one.loss, losses[s].toDouble()),
                         qPrintable(QString("%1, sample %2: %3, Python %4")
                                        .arg(c.loss)
                                        .arg(s)
                                        .arg(one.loss)
                                        .arg(losses[s].toDouble())));
                QCOMPARE(one.index, std::int64_t(s));
                QCOMPARE(one.target, std::int64_t(s % 10));
                QCOMPARE(one.scores.size(), std::size_t(10));
                for (std::size_t k = 0; k < 10; ++k)
                    QVERIFY(near(one.scores[k], outputs[s].toArray()[qsizetype(k)].toDouble()));
            }
        }
    }

    /// At a rate that moves nothing the training set's loss is that of one batch, too.
    void epochsGivePythonsForAnyBatchSize() {
        for (std::size_t i = 0; i < cases().size(); ++i) {
            const Case& c = cases()[i];
            if (QString(c.loss).contains("none")) continue;
            Project p = project(c);
            p.training.optimizer = {"SGD", {{"lr", 1e-30}}};
            const QJsonArray expected = m_python[qsizetype(i)].toArray();
            for (const std::int64_t batch : {20, 7, 1}) {
                p.training.batchSize = batch;
                const auto session = ran(p);
                QCOMPARE(session->status(), std::string("finished"));
                const RunEvent epoch = eventsOf(*session, RunEvent::Type::Epoch).front();
                for (const auto& [what, ours, theirs] :
                     {std::tuple("test loss", epoch.testLoss, expected[0].toDouble()),
                      std::tuple("test accuracy", epoch.testAccuracy, expected[1].toDouble()),
                      std::tuple("train loss", epoch.trainLoss, expected[2].toDouble()),
                      std::tuple("train accuracy", epoch.trainAccuracy, expected[3].toDouble())})
                    QVERIFY2(near(ours, theirs),
                             qPrintable(QString("%1, batches of %2, %3: %4, Python %5")
                                            .arg(c.loss)
                                            .arg(batch)
                                            .arg(what)
                                            .arg(ours, 0, 'g', 9)
                                            .arg(theirs, 0, 'g', 9)));
                // What courses print: the losses of the batches, added up.
                double sum = 0;
                for (const RunEvent& step : eventsOf(*session, RunEvent::Type::Step))
                    if (!std::isnan(step.loss)) sum += step.loss;
                QVERIFY(near(epoch.trainLossSum, sum));
                QCOMPARE(std::isnan(epoch.trainLossPerSample), !QString(c.loss).contains("sum"));
            }
        }
    }

    void validationIsTheSameForAnyBatchSize() {
        Project p = project(cases()[3]);
        p.training.optimizer = {"SGD", {{"lr", 1e-30}}};
        p.data.validation = Part{};
        p.data.validation->count = 23;
        std::vector<double> losses;
        for (const std::int64_t batch : {23, 5, 1}) {
            p.training.batchSize = batch;
            const RunEvent epoch = eventsOf(*ran(p), RunEvent::Type::Epoch).front();
            losses.push_back(epoch.validationLoss);
            QVERIFY(near(losses.back(), losses.front()));
        }
    }

    /// A batch whose samples are all ignored is NaN in Python as well, and its weights go on.
    void anIgnoredBatchIsNoDivergence() {
        Project p = project(cases()[2]);
        p.training.batchSize = 1;
        p.training.optimizer = {"SGD", {{"lr", 0.01}, {"momentum", 0.9}}};
        const auto session = ran(p);
        QCOMPARE(session->status(), std::string("finished"));
        const auto peer = test::runPython(R"(
import sys, numpy as np, torch
from torch import nn
torch.set_num_threads(1)
raw = sys.argv[1] + '/FashionMNIST/raw/train-'
x = torch.from_numpy(np.frombuffer(open(raw + 'images-idx3-ubyte', 'rb').read(), np.uint8, offset=16).copy()).reshape(-1, 1, 28, 28).float().div(255)
t = torch.from_numpy(np.frombuffer(open(raw + 'labels-idx1-ubyte', 'rb').read(), np.uint8, offset=8).astype(np.int64))
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
criterion = nn.CrossEntropyLoss(ignore_index=3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
right = total = 0
for i in range(len(x)):
    y = model(x[i:i + 1])
    loss = criterion(y, t[i:i + 1])
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    if t[i] != 3:
        right += int(y.argmax(1) == t[i]); total += 1
    print(loss.item())
print(right / total)
for p in model.parameters(): print(p.double().sum().item())
)",
                                          {m_folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QStringList ours;
        int empty = 0;
        for (const RunEvent& step : eventsOf(*session, RunEvent::Type::Step)) {
            ours << (std::isnan(step.loss) ? QString("nan") : QString::number(step.loss, 'g', 17));
            empty += std::isnan(step.loss);
            QCOMPARE(std::isnan(step.accuracy), std::isnan(step.loss));
        }
        QCOMPARE(empty, 12);
        const QStringList theirs = QString::fromUtf8(peer.out).split('\n', Qt::SkipEmptyParts);
        for (qsizetype i = 0; i < ours.size(); ++i)
            if (ours[i] != theirs[i]) QCOMPARE(ours[i].toDouble(), theirs[i].toDouble());
        const RunEvent epoch = eventsOf(*session, RunEvent::Type::Epoch).front();
        QVERIFY(std::isfinite(epoch.trainLoss) && std::isfinite(epoch.testLoss));
        QVERIFY(near(epoch.trainAccuracy, theirs[ours.size()].toDouble()));
        const Weights weights = *session->weights();
        for (int k = 0; k < 2; ++k) {
            const PlainTensor& tensor = weights.tensors[std::size_t(k)].tensor;
            double sum = 0;
            for (std::size_t b = 0; b < tensor.bytes.size(); b += 4) {
                float number = 0;
                std::memcpy(&number, tensor.bytes.data() + b, 4);
                sum += double(number);
            }
            QVERIFY(near(sum, theirs[ours.size() + 1 + k].toDouble()));
        }
        const auto said = eventsOf(*session, RunEvent::Type::Message);
        QCOMPARE(said.size(), std::size_t(1));
        QVERIFY(said[0].message.find("ignore_index") != std::string::npos);
    }

    /// With weights of 0 the gradients are NaN in Python, too: that is said, and not the rate
    /// blamed.
    void weightsOfZeroAreSaid() {
        Project p =
            project({"CrossEntropyLoss()", R"({"weight": [1, 1, 1, 0, 1, 1, 1, 1, 1, 1]})"});
        p.training.batchSize = 1;
        const auto session = ran(p);
        QCOMPARE(session->status(), std::string("diverged"));
        const RunEvent found = eventsOf(*session, RunEvent::Type::Diverged).front();
        QVERIFY2(found.message.find("whose weight is 0") != std::string::npos,
                 found.message.c_str());
        QVERIFY(found.hint.find("learning rate") == std::string::npos);
        QCOMPARE(eventsOf(*session, RunEvent::Type::Step).size(), std::size_t(3));
    }

    void continuedEpochsKeepTheirTally() {
        Project p = project(cases()[3]);
        p.training.batchSize = 10;
        p.training.optimizer = {"SGD", {{"lr", 0.05}}};
        const RunEvent whole = eventsOf(*ran(p), RunEvent::Type::Epoch).front();
        QTemporaryDir folder;
        PlanOptions options;
        options.runFolder = folder.filePath("run").toStdString();
        options.maxSteps = 5;
        QCOMPARE(ran(p, options)->status(), std::string("finished"));
        options.maxSteps = -1;
        options.resumeFrom = options.runFolder;
        const RunEvent rest = eventsOf(*ran(p, options), RunEvent::Type::Epoch).front();
        QCOMPARE(rest.trainLoss, whole.trainLoss);
        QCOMPARE(rest.trainAccuracy, whole.trainAccuracy);
        QCOMPARE(rest.trainLossSum, whole.trainLossSum);
        QCOMPARE(rest.testLoss, whole.testLoss);
    }

    void tablesHaveARowPerSample() {
        QTemporaryDir folder;
        const std::string path = folder.filePath("out.csv").toStdString();
        {
            PredictionsCsv table(path);
            QVERIFY(table.open().ok());
            QVERIFY(table
                        .add({.index = 0,
                              .target = 2,
                              .prediction = 1,
                              .loss = 0.1,
                              .scores = {0.5f, -1.25f}})
                        .ok());
            QVERIFY(!QFile::exists(QString::fromStdString(path)));
            QVERIFY(table.finish().ok());
        }
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(),
                 "index,target,prediction,loss,score_0,score_1\n0,2,1,0.1,0.5,-1.25\n");
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
        PredictionsCsv numbers(path);
        QVERIFY(numbers.open().ok());
        QVERIFY(numbers
                    .add({.index = 4,
                          .classes = false,
                          .targetNumbers = {1, 2.5f},
                          .predictedNumbers = {0.1f, 2},
                          .loss = std::nan("")})
                    .ok());
        QVERIFY(numbers.finish().ok());
        QFile again(QString::fromStdString(path));
        QVERIFY(again.open(QIODevice::ReadOnly));
        QCOMPARE(again.readAll(), "index,target,prediction,loss\n4,1 2.5,0.1 2,nan\n");
        PredictionsCsv nowhere(folder.filePath("no/such/folder.csv").toStdString());
        QVERIFY(!nowhere.open().ok());
        QVERIFY(!PredictionsCsv(folder.path().toStdString()).open().ok());
    }
};

QTEST_GUILESS_MAIN(WholeSetLossTest)
#include "whole_set_loss_test.moc"
