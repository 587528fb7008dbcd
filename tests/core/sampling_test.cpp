#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/data/loader.h"
#include "core/data/subset.h"
#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/project/loader_script.h"
#include "core/train/run_folder.h"
#include "core/train/session.h"
#include "tests/support/python.h"
#include "tests/support/small_project.h"
#include "tests/support/training_peer.h"

using namespace loom;
using namespace loom::test;

namespace {

/// The script a course would write with torch.utils.data, case by case.
const char* const kScript = R"(
import sys, json, math
import numpy as np, torch
from collections import OrderedDict
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, RandomSampler, SequentialSampler, WeightedRandomSampler, random_split
torch.set_num_threads(1)
folder, root = sys.argv[1:3]
def read(name, skip): return np.frombuffer(open(root + '/FashionMNIST/raw/' + name, 'rb').read(), np.uint8, offset=skip).copy()
def data(prefix): return TensorDataset(torch.from_numpy(read(prefix + '-images-idx3-ubyte', 16)).reshape(-1, 1, 28, 28).float().div(255), torch.from_numpy(read(prefix + '-labels-idx1-ubyte', 8).astype(np.int64)))
train, test = data('train'), data('t10k')
def labels(d): return torch.tensor([int(d[i][1]) for i in range(len(d))])
def cut(d, k, seed): return random_split(d, [len(d) - k, k], generator=torch.Generator().manual_seed(seed))
def balanced(d):
    t = labels(d)
    return (1.0 / torch.bincount(t, minlength=10).double())[t]
def beta(alpha): return float(torch.distributions.Beta(torch.tensor([alpha]), torch.tensor([alpha])).sample(()))
def blend(v, lam): return v.roll(1, 0).mul_(1.0 - lam).add_(v.mul(lam))
def mixup(x, y, alpha):
    lam = beta(alpha)
    return blend(x, lam), blend(y, lam)
def cutmix(x, y, alpha):
    lam = beta(alpha)
    H, W = x.shape[-2:]
    rx = torch.randint(W, size=(1,)); ry = torch.randint(H, size=(1,))
    r = 0.5 * math.sqrt(1.0 - lam)
    rw, rh = int(r * W), int(r * H)
    x1 = int(torch.clamp(rx - rw, min=0)); y1 = int(torch.clamp(ry - rh, min=0))
    x2 = int(torch.clamp(rx + rw, max=W)); y2 = int(torch.clamp(ry + rh, max=H))
    out = x.clone(); out[..., y1:y2, x1:x2] = x.roll(1, 0)[..., y1:y2, x1:x2]
    return out, blend(y, float(1.0 - (x2 - x1) * (y2 - y1) / (W * H)))
def choice(x, y, fns): return fns[int(torch.multinomial(torch.ones(len(fns)) / len(fns), 1))](x, y)
def five(x):
    crop = lambda t, l: x[:, :, t:t + 20, l:l + 20]
    return torch.stack([crop(0, 0), crop(0, 8), crop(8, 0), crop(8, 8), crop(4, 4)], 1)
def run(case):
    torch.manual_seed(0)
    side = 9 if case.get('five') else 13
    model = nn.Sequential(OrderedDict([('conv1', nn.Conv2d(1, 4, 3, stride=2)), ('bn1', nn.BatchNorm2d(4)), ('relu', nn.ReLU()), ('flatten', nn.Flatten()), ('fc1', nn.Linear(4 * side * side, 10))]))
    loss_fn, optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=0.01)
    d, v, t = train, None, test
    if 'validation' in case: d, v = cut(d, *case['validation'])
    if 'subset' in case: d = cut(d, *case['subset'])[1]
    if 'test_subset' in case: t = cut(t, *case['test_subset'])[1]
    loader = DataLoader(d, batch_size=20, **eval(case.get('loader', 'dict(shuffle=True)')))
    judged = {'tests': DataLoader(t, batch_size=20)}
    if v is not None: judged = {'validations': DataLoader(v, batch_size=20), **judged}
    def forward(x):
        if not case.get('five'): return model(x)
        x = five(x)
        return model(x.reshape(-1, 1, 20, 20)).view(len(x), 5, -1).mean(1)
    result = {'losses': [], 'tests': [], 'validations': []}
    for epoch in range(2):
        model.train()
        for x, y in loader:
            if 'mix' in case: x, y = eval(case['mix'])(x, nn.functional.one_hot(y, 10).float())
            loss = loss_fn(forward(x), y)
            optimizer.zero_grad(); loss.backward(); optimizer.step()
            result['losses'].append(loss.item())
        model.eval()
        for name, one in judged.items():
            total = count = 0
            with torch.no_grad():
                for x, y in one:
                    total += loss_fn(forward(x), y).item() * len(y); count += len(y)
            result[name].append(total / count)
    return model, result
report = []
for i, case in enumerate(json.load(open(folder + '/cases.json'))):
    model, result = run(case)
    torch.save(model.state_dict(), f'{folder}/{i}.pth')
    report.append(result)
print(json.dumps(report))
)";

struct Case {
    const char* name;
    const char* python;
    std::function<void(Project&)> set;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"shuffled", "{}", [](Project&) {}},
        {"validation by count", R"py({"validation": [37, 3]})py",
         [](Project& p) {
             p.data.validation = Part{{}, 37, false, 3};
         }},
        {"validation and subsets",
         R"py({"validation": [40, 0], "subset": [90, 5], "test_subset": [25, 1]})py",
         [](Project& p) {
             p.data.validation = Part{0.1, {}, false, 0};
             p.data.subset = Part{0.25, {}, false, 5};
             p.data.testSubset = Part{{}, 25, false, 1};
         }},
        {"balanced classes",
         R"py({"loader": "dict(sampler=WeightedRandomSampler(balanced(d), len(d)))"})py",
         [](Project& p) { p.training.sampler = Choice{"WeightedRandomSampler"}; }},
        {"weights of one's own, without replacement",
         R"py({"loader": "dict(sampler=WeightedRandomSampler(torch.tensor([1., 0., 3., .5, 1., 1., 2., 1., 1., 1.]).double()[labels(d)], 130, replacement=False), drop_last=True)"})py",
         [](Project& p) {
             p.training.sampler =
                 Choice{"WeightedRandomSampler",
                        {{"weights", List{1.0, 0.0, 3.0, 0.5, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0}},
                         {"num_samples", 130},
                         {"replacement", false}}};
             p.training.dropLast = true;
         }},
        {"with replacement",
         R"py({"loader": "dict(sampler=RandomSampler(d, replacement=True, num_samples=170))"})py",
         [](Project& p) {
             p.training.sampler =
                 Choice{"RandomSampler", {{"replacement", true}, {"num_samples", 170}}};
         }},
        {"more than there are",
         R"py({"loader": "dict(sampler=RandomSampler(d, num_samples=950))"})py",
         [](Project& p) {
             p.training.sampler = Choice{"RandomSampler", {{"num_samples", 950}}};
         }},
        {"in order", R"py({"loader": "dict(sampler=SequentialSampler(d))"})py",
         [](Project& p) { p.training.sampler = Choice{"SequentialSampler"}; }},
        {"MixUp", R"py({"mix": "lambda x, y: mixup(x, y, 1.0)"})py",
         [](Project& p) { p.data.batchTransforms = {{"MixUp"}}; }},
        {"MixUp, small alpha", R"py({"mix": "lambda x, y: mixup(x, y, 0.2)"})py",
         [](Project& p) {
             p.data.batchTransforms = {{"MixUp", {{"alpha", 0.2}}}};
         }},
        {"CutMix", R"py({"mix": "lambda x, y: cutmix(x, y, 1.0)"})py",
         [](Project& p) { p.data.batchTransforms = {{"CutMix"}}; }},
        {"one of both",
         R"py({"mix": "lambda x, y: choice(x, y, [lambda x, y: cutmix(x, y, 1.0), lambda x, y: mixup(x, y, 0.5)])"})py",
         [](Project& p) {
             p.data.batchTransforms = {{"CutMix"}, {"MixUp", {{"alpha", 0.5}}}};
         }},
        {"five crops, averaged", R"py({"five": true})py",
         [](Project& p) {
             p.data.trainTransforms = {{"FiveCrop", {{"size", 20}}}, {"ToTensor"}};
             p.data.testTransforms = p.data.trainTransforms;
         }},
    };
    return all;
}

}  // namespace

class SamplingTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_root;
    std::vector<TrainedRun> m_theirs;
    std::vector<std::vector<double>> m_validations;

    Project projectOf(const Case& one) const {
        Project project = peerProject(m_root.path());
        project.training.shuffle = true;
        one.set(project);
        if (project.training.sampler) project.training.shuffle = false;
        return project;
    }

    /// The samples of a run's first epoch, in their order.
    static std::vector<std::int64_t> drawnOrder(Project project) {
        project.training.epochs = 1;
        TrainingSession session(makePlan(project, {}).plan);
        session.start();
        session.wait();
        std::vector<std::int64_t> order;
        for (std::int64_t step = 1;; ++step) {
            const auto members = session.samplesOf(step);
            if (!members) return order;
            order.insert(order.end(), members->indices.begin(), members->indices.end());
        }
    }

private Q_SLOTS:
    void initTestCase() {
        writeSmallFashionMnist(m_root.path(), 400, 100);
        QTemporaryDir folder;
        QJsonArray list;
        for (const Case& one : cases()) list.append(QJsonDocument::fromJson(one.python).object());
        QFile file(folder.filePath("cases.json"));
        QVERIFY(file.open(QFile::WriteOnly));
        file.write(QJsonDocument(list).toJson());
        file.close();
        const ProcessResult peer =
            runPython(QString::fromUtf8(kScript), {folder.path(), m_root.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        for (const QJsonValue& item : QJsonDocument::fromJson(peer.out).array()) {
            const auto numbers = [&](const char* key) {
                std::vector<double> all;
                for (const QJsonValue& number : item[QLatin1String(key)].toArray())
                    all.push_back(number.toDouble());
                return all;
            };
            TrainedRun run;
            run.losses = numbers("losses");
            run.testLosses = numbers("tests");
            m_validations.push_back(numbers("validations"));
            auto weights = loadStateDict(
                folder.filePath(QString::number(m_theirs.size()) + ".pth").toStdString());
            QVERIFY(weights.ok());
            run.weights = *weights;
            m_theirs.push_back(std::move(run));
        }
        QCOMPARE(m_theirs.size(), cases().size());
    }

    void runsAreThoseOfTheScript_data() {
        QTest::addColumn<int>("number");
        for (std::size_t i = 0; i < cases().size(); ++i)
            QTest::newRow(cases()[i].name) << static_cast<int>(i);
    }
    void runsAreThoseOfTheScript() {
        QFETCH(int, number);
        const auto place = static_cast<std::size_t>(number);
        const Project project = projectOf(cases()[place]);
        TrainedRun theirs = m_theirs[place];
        const TrainedRun whole = trainedRun(project);
        theirs.rates = whole.rates;
        QVERIFY2(difference(whole, theirs).isEmpty(), qPrintable(difference(whole, theirs)));
        QCOMPARE(whole.validationLosses, m_validations[place]);
        // Stopped in the middle of an epoch and continued: the same bits.
        const TrainedRun parts = interruptedRun(project, 3);
        QVERIFY2(difference(parts, theirs).isEmpty(), qPrintable(difference(parts, theirs)));
    }

    void partsAreCutAsRandomSplitCuts() {
        std::vector<Sample> samples;
        for (int i = 0; i < 57; ++i) samples.push_back({TensorSample{{1}, {float(i)}}, i % 7 % 3});
        const auto dataset = makeMemoryDataset(samples, {"a", "b", "c"});
        const ProcessResult peer = runPython(R"(
import json, torch
from torch.utils.data import random_split
a, b = random_split(range(57), [57 - 20, 20], generator=torch.Generator().manual_seed(11))
g = torch.Generator().manual_seed(11)
labels = [i % 7 % 3 for i in range(57)]
rest, part = [], []
counts = [labels.count(c) for c in range(3)]
shares = [n * 20 / 57 for n in counts]
taken = [int(s) for s in shares]
for c in sorted(range(3), key=lambda c: (taken[c] - shares[c], c))[:20 - sum(taken)]: taken[c] += 1
for c in range(3):
    members = [i for i in range(57) if labels[i] == c]
    order = torch.randperm(len(members), generator=g).tolist()
    kept = len(members) - taken[c]
    rest += [members[i] for i in order[:kept]]; part += [members[i] for i in order[kept:]]
print(json.dumps([a.indices, b.indices, sorted(rest), sorted(part)]))
)");
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const QJsonArray wanted = QJsonDocument::fromJson(peer.out).array();
        const auto list = [&](int place) {
            std::vector<std::int64_t> all;
            for (const QJsonValue& number : wanted[place].toArray())
                all.push_back(number.toInteger());
            return all;
        };
        for (const bool stratified : {false, true}) {
            const auto cut = cutDataset(*dataset, Part{{}, 20, stratified, 11});
            QVERIFY(cut.ok());
            QCOMPARE(cut->rest, list(stratified ? 2 : 0));
            QCOMPARE(cut->part, list(stratified ? 3 : 1));
        }
    }

    /// The Python shown for a project runs, and draws what a run draws.
    void theScriptShownDrawsTheSame() {
        for (std::size_t place = 0; place < 8; ++place) {
            Project project = projectOf(cases()[place]);
            if (project.data.validation) project.data.validation->stratified = true;
            if (place == 2) project.data.testSubset->stratified = true;
            project.training.numWorkers = 0;
            const ProcessResult peer = runPython(
                QStringLiteral("import json, torch\n"
                               "from torch.utils.data import DataLoader, Subset, random_split\n"
                               "from torch.utils.data import RandomSampler, SequentialSampler\n"
                               "from torch.utils.data import WeightedRandomSampler\n"
                               "train_data = [(i, i % 10) for i in range(400)]\n"
                               "test_data = [(i, i % 10) for i in range(100)]\n") +
                QString::fromStdString(loaderScript(project.data, project.training)) +
                QStringLiteral("\ntorch.manual_seed(0)\nfrom torch import nn\n%1\n"
                               "drawn = [int(i) for batch, _ in loader for i in batch]\n"
                               "print(json.dumps([drawn, [i for i, _ in test_data]]))\n")
                    .arg(peerModel()));
            QVERIFY2(peer.exitCode == 0, peer.err.constData());
            const QJsonArray theirs = QJsonDocument::fromJson(peer.out).array();
            const auto sets = openSplits({project.data.dataset, project.data.validation,
                                          project.data.subset, project.data.testSubset});
            QVERIFY(sets.ok());
            const std::vector<std::int64_t> order = drawnOrder(project);
            QCOMPARE(std::size_t(theirs[0].toArray().size()), order.size());
            for (std::size_t i = 0; i < order.size(); ++i) {
                const auto own = static_cast<std::size_t>(order[i]);
                QCOMPARE(sets->trainIndices.empty() ? order[i] : sets->trainIndices[own],
                         theirs[0][static_cast<int>(i)].toInteger());
            }
            const auto& tested = sets->testIndices;
            for (std::size_t i = 0; i < tested.size(); ++i)
                QCOMPARE(tested[i], theirs[1][static_cast<int>(i)].toInteger());
        }
    }

    /// Any batch of a run can be made again, bit by bit, from what the session tells of it.
    void pastBatchesAreKnown() {
        Project project = peerProject(m_root.path());
        project.training.shuffle = true;
        project.data.validation = Part{0.2, {}, true, 4};
        project.data.trainTransforms = {{"RandomCrop", {{"size", 28}, {"padding", 4}}},
                                        {"ToTensor"}};
        TrainingSession session(makePlan(project, {}).plan);
        QVERIFY(!session.samplesOf(1).ok());
        session.start();
        session.wait();
        const auto data = session.trainingData();
        QVERIFY(data != nullptr);
        QCOMPARE(data->size(), std::int64_t(320));
        std::vector<bool> seen(320, false);
        for (std::int64_t step = 17; step <= 32; ++step) {
            const auto members = session.samplesOf(step);
            QVERIFY2(members.ok(), members.ok() ? "" : members.error().message.c_str());
            QCOMPARE(members->epoch, std::int64_t(1));
            QCOMPARE(members->indices.size(), std::size_t(20));
            for (const std::int64_t index : members->indices)
                seen[static_cast<std::size_t>(index)] = true;
        }
        QVERIFY(std::all_of(seen.begin(), seen.end(), [](bool one) { return one; }));
        QVERIFY(!session.samplesOf(33).ok());
        const auto shown = session.lastBatch();
        QVERIFY(shown != nullptr);
        const auto members = session.samplesOf(shown->step);
        QVERIFY(members.ok());
        const auto pipeline = Pipeline::make(project.data.trainTransforms);
        for (std::size_t i = 0; i < shown->items.size(); ++i) {
            QCOMPARE(members->indices[i], shown->items[i].index);
            const auto again = prepareSample(*data, *pipeline, members->indices[i], 0,
                                             static_cast<std::uint64_t>(members->epoch));
            QVERIFY(again.ok());
            QCOMPARE(again->values, shown->items[i].input.values);
        }
    }

    void mixedBatchesAreShownMixed() {
        Project project = peerProject(m_root.path());
        project.data.batchTransforms = {{"MixUp"}};
        TrainingSession session(makePlan(project, {}).plan);
        session.start();
        session.wait();
        const auto shown = session.lastBatch();
        QVERIFY(shown != nullptr);
        QVERIFY2(shown->mixing.starts_with("MixUp, λ 0."), shown->mixing.c_str());
        const auto pipeline = Pipeline::make(project.data.trainTransforms);
        const auto pure =
            prepareSample(*session.trainingData(), *pipeline, shown->items[1].index, 0, 0);
        QVERIFY(pure->values != shown->items[1].input.values);
    }

    void aRunIsJudgedByItsValidationPart() {
        Project project = peerProject(m_root.path());
        project.data.validation = Part{0.25, {}, false, 0};
        QTemporaryDir folder;
        PlanOptions options;
        options.runFolder = folder.filePath("run").toStdString();
        TrainingSession session(makePlan(project, options).plan);
        session.start();
        session.wait();
        QCOMPARE(session.status(), std::string("finished"));
        const auto events = readRunEvents(options.runFolder);
        QVERIFY(events.ok());
        double best = -1;
        std::int64_t bestEpoch = 0;
        for (const RunEvent& event : *events) {
            if (event.type != RunEvent::Type::Epoch) continue;
            QVERIFY(event.hasValidation());
            QVERIFY(event.validationLoss != event.testLoss);
            if (event.validationAccuracy > best) {
                best = event.validationAccuracy;
                bestEpoch = event.epoch;
            }
        }
        const auto record = readRunRecord(options.runFolder);
        QVERIFY(record.ok());
        const Dict& results = record->details.find("results")->asDict();
        QCOMPARE(results.find("best")->asDict().find("epoch")->asInt(), bestEpoch);
        QCOMPARE(results.find("best")->asDict().find("validation_accuracy")->asFloat(), best);
    }
};

QTEST_GUILESS_MAIN(SamplingTest)
#include "sampling_test.moc"
