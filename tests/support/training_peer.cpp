#include "tests/support/training_peer.h"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <cmath>
#include <tuple>

#include "core/exchange/torch_file.h"
#include "core/graph/text_form.h"
#include "core/train/session.h"
#include "tests/support/python.h"

namespace loom::test {

namespace {

const char* const kScript = R"(
import sys, json, math, inspect, warnings
import numpy as np, torch
from collections import OrderedDict
from torch import nn
from torch.optim import lr_scheduler as S
import torch.optim.nadam as nadam
warnings.simplefilter('ignore')
torch.set_num_threads(1)
# PyTorch 1.13 multiplies by mu twice; 2.x mends it, and so is the reference here.
if 'mu_product * mu * mu_next' in inspect.getsource(nadam): exec(inspect.getsource(nadam._single_tensor_nadam).replace('mu_product * mu * mu_next', 'mu_product * mu_next'), nadam.__dict__)
folder, root, support = sys.argv[1:4]
exec(open(support + '/newer_optimizers.py').read())
def read(name, skip): return np.frombuffer(open(root + '/FashionMNIST/raw/' + name, 'rb').read(), np.uint8, offset=skip).copy()
def data(prefix): return torch.from_numpy(read(prefix + '-images-idx3-ubyte', 16)).reshape(-1, 1, 28, 28).float().div(255), torch.from_numpy(read(prefix + '-labels-idx1-ubyte', 8).astype(np.int64))
x, labels = data('train')
xt, tt = data('t10k')
def run(case):
    torch.manual_seed(0)
    model = nn.Sequential(OrderedDict(eval(case['model'])))
    exec(case.get('init', ''))
    loss_fn, target = eval(case['loss']), eval(case['target'])
    optimizer = eval(case['optimizer'])
    batches = (len(x) + 19) // 20
    scheduler = eval(case['scheduler']) if 'scheduler' in case else None
    losses, rates, tests = [], [], []
    for epoch in range(case['epochs']):
        model.train()
        for i in range(0, len(x), 20):
            def closure():
                y = model(x[i:i + 20])
                loss = loss_fn(y, target(labels[i:i + 20], y))
                optimizer.zero_grad()
                loss.backward()
                return loss
            rates.append(optimizer.param_groups[0]['lr'])
            losses.append(optimizer.step(closure).item())
            if case.get('per') == 'batch': scheduler.step()
        model.eval()
        total = 0.0
        with torch.no_grad():
            for i in range(0, len(xt), 20):
                y = model(xt[i:i + 20])
                total += loss_fn(y, target(tt[i:i + 20], y)).item() * len(y)
        tests.append(total / len(xt))
        if case.get('per') == 'loss': scheduler.step(tests[-1])
        elif scheduler and case.get('per') != 'batch': scheduler.step()
    return model, {'losses': losses, 'rates': [float(r) for r in rates], 'tests': tests}
report = []
for i, case in enumerate(json.load(open(folder + '/cases.json'))):
    try:
        model, result = run(case)
    except Exception as e:
        raise RuntimeError(json.dumps(case)) from e
    torch.save(model.state_dict(), f'{folder}/{i}.pth')
    report.append(result)
print(json.dumps(report))
)";

std::vector<double> numbers(const QJsonValue& list) {
    std::vector<double> out;
    for (const QJsonValue& item : list.toArray()) out.push_back(item.toDouble());
    return out;
}

QString firstDifference(const char* what, const std::vector<double>& ours,
                        const std::vector<double>& theirs, double tolerance) {
    if (ours.size() != theirs.size())
        return QStringLiteral("%1: %2 of them, Python %3")
            .arg(what)
            .arg(ours.size())
            .arg(theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (ours[i] == theirs[i] || (std::isnan(ours[i]) && std::isnan(theirs[i]))) continue;
        if (std::abs(ours[i] - theirs[i]) <= tolerance * std::abs(theirs[i])) continue;
        return QStringLiteral("%1 %2: %3, Python %4")
            .arg(what)
            .arg(i)
            .arg(ours[i], 0, 'g', 17)
            .arg(theirs[i], 0, 'g', 17);
    }
    return {};
}

void collect(const TrainingSession& session, TrainedRun& run) {
    std::size_t cursor = 0;
    for (const RunEvent& event : session.log().read(cursor)) {
        if (event.type == RunEvent::Type::Step) {
            run.losses.push_back(event.loss);
            run.rates.push_back(event.lr);
        }
        if (event.type == RunEvent::Type::Epoch) {
            run.testLosses.push_back(event.testLoss);
            if (event.hasValidation()) run.validationLosses.push_back(event.validationLoss);
        }
        if (event.type == RunEvent::Type::Finish) {
            run.status = event.status;
            run.message = event.message;
        }
    }
    if (auto weights = session.weights()) run.weights = std::move(*weights);
}

std::shared_ptr<const TrainingPlan> planFor(const Project& project, const PlanOptions& options) {
    const PlanResult plan = makePlan(project, options);
    if (!plan) qFatal("%s", plan.problem.error.message.c_str());
    return plan.plan;
}

}  // namespace

Project peerProject(const QString& root) {
    Project project = newProject();
    project.network = *graphFromText(
        "Input > Conv2d out_channels=4 kernel_size=3 stride=2 > BatchNorm2d > ReLU > Flatten > "
        "Linear out_features=10 > Output");
    project.data.dataset = {"FashionMNIST", {{"root", root.toStdString()}}};
    project.training.batchSize = 20;
    project.training.shuffle = false;
    project.training.epochs = 2;
    project.training.threads = 1;
    project.training.device = "cpu";
    return project;
}

QString peerModel() {
    return QStringLiteral(
        "[('conv1', nn.Conv2d(1, 4, 3, stride=2)), ('bn1', nn.BatchNorm2d(4)), ('relu', "
        "nn.ReLU()), ('flatten', nn.Flatten()), ('fc1', nn.Linear(676, 10))]");
}

TrainedRun trainedRun(const Project& project, PlanOptions options) {
    TrainingSession session(planFor(project, options));
    session.start();
    session.wait();
    TrainedRun run;
    collect(session, run);
    return run;
}

TrainedRun interruptedRun(const Project& project, std::int64_t steps) {
    QTemporaryDir folder;
    PlanOptions options;
    options.runFolder = folder.filePath(QStringLiteral("run")).toStdString();
    options.maxSteps = steps;
    TrainedRun run;
    {
        TrainingSession session(planFor(project, options));
        session.start();
        session.wait();
        collect(session, run);
    }
    options.maxSteps = -1;
    options.resumeFrom = options.runFolder;
    TrainingSession session(planFor(project, options));
    session.start();
    session.wait();
    collect(session, run);
    return run;
}

std::vector<TrainedRun> pythonRuns(const QString& root, const std::vector<QJsonObject>& cases) {
    QTemporaryDir folder;
    QJsonArray list;
    for (QJsonObject entry : cases) {
        if (!entry.contains("model")) entry["model"] = peerModel();
        if (!entry.contains("loss")) entry["loss"] = "nn.CrossEntropyLoss()";
        if (!entry.contains("target")) entry["target"] = "lambda t, y: t";
        if (!entry.contains("optimizer"))
            entry["optimizer"] = "torch.optim.SGD(model.parameters(), lr=0.01)";
        if (!entry.contains("epochs")) entry["epochs"] = 2;
        list.append(entry);
    }
    QFile file(folder.filePath(QStringLiteral("cases.json")));
    if (!file.open(QFile::WriteOnly)) qFatal("cannot write the cases");
    file.write(QJsonDocument(list).toJson());
    file.close();
    const ProcessResult peer =
        runPython(QString::fromUtf8(kScript),
                  {folder.path(), root, sourcePath(QStringLiteral("tests/support"))});
    if (peer.exitCode != 0) qFatal("%s", peer.err.constData());
    std::vector<TrainedRun> runs;
    for (const QJsonValue& item : QJsonDocument::fromJson(peer.out).array()) {
        TrainedRun run;
        run.status = "finished";
        run.losses = numbers(item["losses"]);
        run.rates = numbers(item["rates"]);
        run.testLosses = numbers(item["tests"]);
        const QString name = QString::number(runs.size()) + QStringLiteral(".pth");
        auto weights = loadStateDict(folder.filePath(name).toStdString());
        if (!weights) qFatal("%s", weights.error().message.c_str());
        run.weights = std::move(*weights);
        runs.push_back(std::move(run));
    }
    if (runs.size() != cases.size()) qFatal("%s", peer.err.constData());
    return runs;
}

QString difference(const TrainedRun& ours, const TrainedRun& theirs, double tolerance) {
    if (ours.status != "finished") return QString::fromStdString(ours.status + ": " + ours.message);
    for (const auto& [what, a, b] : {std::tuple("rate", &ours.rates, &theirs.rates),
                                     std::tuple("loss", &ours.losses, &theirs.losses),
                                     std::tuple("test loss", &ours.testLosses, &theirs.testLosses)})
        if (const QString found = firstDifference(what, *a, *b, tolerance); !found.isEmpty())
            return found;
    if (tolerance > 0) return {};
    if (ours.weights.tensors.size() != theirs.weights.tensors.size())
        return QStringLiteral("another number of weights");
    for (const NamedTensor& entry : theirs.weights.tensors) {
        const PlainTensor* own = ours.weights.find(entry.name);
        if (!own || own->bytes != entry.tensor.bytes)
            return QString::fromStdString(entry.name + " differs");
    }
    return {};
}

}  // namespace loom::test
