#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include "core/exchange/torch_file.h"
#include "core/exchange/weight_names.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/weight_match.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

/// One small model saved in every way that people save models, and what it gives for `x`.
const char* const kScript = R"(
import sys, json, collections, argparse, torch
from torch import nn
folder = sys.argv[1]
torch.manual_seed(4)
m = nn.Sequential(collections.OrderedDict(conv1=nn.Conv2d(1, 4, 3), bn1=nn.BatchNorm2d(4), relu=nn.ReLU(), flatten=nn.Flatten(), fc=nn.Linear(4 * 36, 3)))
opt = torch.optim.Adam(m.parameters())
m(torch.randn(4, 1, 8, 8)).sum().backward(); opt.step()
m.eval()
x = torch.randn(2, 1, 8, 8)
torch.save(x, folder + '/x.pt'); torch.save(m(x).detach(), folder + '/y.pt')
sd = m.state_dict()
other = {k: v + 1 if v.is_floating_point() else v for k, v in sd.items()}
def under(prefix, d=sd): return {prefix + k: v for k, v in d.items()}
good = {
    'plain': sd, 'parallel': nn.DataParallel(m).state_dict(), 'compiled': under('_orig_mod.'),
    'compiled_parallel': under('_orig_mod.module.'), 'model': under('model.'), 'net': under('net.'),
    'averaged': torch.optim.swa_utils.AveragedModel(m).state_dict(),
    'params': {'params': sd}, 'params_ema': {'params_ema': sd}, 'net_state': {'net_state': sd, 'epoch': 2},
    'two_deep': {'state': {'model': sd, 'step': 7}, 'args': {'lr': 0.1}},
    'five_deep': {'a': {'b': {'c': {'d': {'e': under('module.')}}}}},
    'lightning': {'state_dict': under('model.'), 'optimizer_states': [opt.state_dict()], 'epoch': 3, 'hyper_parameters': {'width': 4}},
    'numbers_beside': {'best_acc1': torch.tensor(0.5), 'loss': torch.tensor(1.0), 'state_dict': sd, 'optimizer': opt.state_dict()},
    'tuple': (sd, opt.state_dict()), 'namespace': {'args': argparse.Namespace(lr=0.1), 'model': sd},
    'gan': {'generator': sd, 'discriminator': {'fc.weight': torch.zeros(2, 2)}},
    'gan_in_one': {**under('g.'), 'd.fc.weight': torch.zeros(2, 2)},
    'with_criterion': {**under('model.'), 'criterion.weight': torch.ones(3)},
    'by_module': {k: c.state_dict() for k, c in m.named_children() if c.state_dict()},
    'no_counters': {k: v for k, v in sd.items() if 'num_batches' not in k},
    'parallel_no_counters': {'module.' + k: v for k, v in sd.items() if 'num_batches' not in k},
}
bad = {
    'two_fit': {'model': sd, 'ema': other}, 'two_prefixes': {**under('teacher.', other), **under('student.')},
    'optimizer': opt.state_dict(), 'optimizer_below': {'optimizer': opt.state_dict(), 'epoch': 1},
    'whole': m, 'whole_below': {'net': m, 'epoch': 1}, 'tensor': x, 'no_tensors': {'epoch': 1},
    'surplus': {**sd, 'head.weight': x}, 'surplus_wrapped': under('module.', {**sd, 'head.weight': x}),
    'missing': {k: v for k, v in sd.items() if k != 'fc.bias'},
}
for name, what in {**good, **bad}.items(): torch.save(what, folder + '/' + name + '.pth')
torch.save(sd, folder + '/legacy.pth', _use_new_zipfile_serialization=False)
print(json.dumps(list(good) + ['legacy']))
)";

}  // namespace

/// Weight files as people and programs save them.
class WeightFilesTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QJsonArray m_good;
    Project m_project = newProject();

    std::string path(const QString& name) const {
        return m_folder.filePath(name + ".pth").toStdString();
    }
    /// The sentence by which a file is refused, with its advice; empty when it is taken.
    QString refusal(const QString& name) const {
        const auto weights = loadWeights(path(name));
        const Error error = !weights ? weights.error() : matchWeights(m_project, *weights).error();
        QString text = QString::fromStdString(error.message + "\n" + error.hint);
        return text.replace(m_folder.path() + "/", "").trimmed();
    }

private Q_SLOTS:
    void initTestCase() {
        const auto peer = test::runPython(kScript, {m_folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        m_good = QJsonDocument::fromJson(peer.out).array();
        QVERIFY(m_good.size() > 20);
        m_project.network = *graphFromText(
            "Input 1x8x8 > conv1=Conv2d out_channels=4 kernel_size=3 > bn1=BatchNorm2d > ReLU > "
            "Flatten > fc=Linear out_features=3 > Output");
    }

    void givesTheModelsOutputsHoweverItWasSaved() {
        const auto x = loadTensors(m_folder.filePath("x.pt").toStdString());
        const auto y = loadTensors(m_folder.filePath("y.pt").toStdString());
        for (const QJsonValue& name : m_good) {
            const auto weights = loadWeights(path(name.toString()));
            QVERIFY2(weights.ok(), qPrintable(name.toString() + ": " + refusal(name.toString())));
            const auto ours = forward(m_project, *weights, *x, false);
            QVERIFY2(ours.ok(), qPrintable(name.toString() + ": " + refusal(name.toString())));
            QVERIFY2(ours->front().tensor.bytes == y->front().tensor.bytes,
                     qPrintable(name.toString()));
        }
    }

    void saysWhatItDidToTheNames() {
        const auto said = [&](const char* name) {
            const auto match = matchTable(m_project, *loadWeights(path(name)));
            return match ? QString::fromStdString(match->toSentence())
                         : QString::fromStdString(match.error().message);
        };
        QCOMPARE(said("plain"), "All 9 tensors of the network fit.");
        QCOMPARE(said("compiled_parallel"),
                 "All 9 tensors of the network fit. The file's names are taken without "
                 "\"_orig_mod.module.\", with which they begin.");
        QCOMPARE(said("net_state"),
                 "All 9 tensors of the network fit. The weights are under net_state in the file.");
        QCOMPARE(said("two_deep"),
                 "All 9 tensors of the network fit. The weights are under "
                 "state.model in the file.");
        QCOMPARE(said("averaged"),
                 "All 9 tensors of the network fit; 1 of the file is not used. The file's names "
                 "are taken without \"module.\", with which they begin.");
        QCOMPARE(said("no_counters"),
                 "All 9 tensors of the network fit. The file has no num_batches_tracked, as files "
                 "from before PyTorch 0.4.1; counting begins at 0.");
    }

    void refusesWithASentence_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("two dicts fit")
            << "two_fit"
            << "The file holds weights for this network several times: under ema and model.\nSave "
               "the ones you mean by themselves; in Python, for ema: "
               "torch.save(checkpoint['ema'], 'weights.pth').";
        QTest::newRow("two prefixes fit")
            << "two_prefixes"
            << "The file holds weights for this network several times: under student and "
               "teacher.\nSave the ones you mean by themselves; in Python, for student: "
               "torch.save({k[8:]: v for k, v in checkpoint.items() if k.startswith('student.')}, "
               "'weights.pth').";
        QTest::newRow("an optimizer")
            << "optimizer"
            << "optimizer.pth cannot be read as weights: it holds the state of an optimizer (what "
               "optimizer.state_dict() gives), and not the weights of a network.\nChoose the file "
               "with the model's weights; in Python: torch.save(model.state_dict(), "
               "'weights.pth').";
        QTest::newRow("an optimizer in a checkpoint")
            << "optimizer_below"
            << "optimizer_below.pth cannot be read as weights: it holds the state of an optimizer "
               "(what optimizer.state_dict() gives) under optimizer, and not the weights of a "
               "network.\nChoose the file with the model's weights; in Python: "
               "torch.save(model.state_dict(), 'weights.pth').";
        QTest::newRow("a whole model")
            << "whole"
            << "whole.pth cannot be read as weights: it holds a whole pickled object "
               "(torch.nn.modules.container.Sequential), not a state_dict.\nIn Python, where its "
               "classes can be imported:\n    model = torch.load('whole.pth', "
               "weights_only=False)\n    torch.save(model.state_dict(), 'weights.pth')";
        QTest::newRow("a whole model in a checkpoint")
            << "whole_below"
            << "whole_below.pth cannot be read as weights: it holds a whole pickled object "
               "(torch.nn.modules.container.Sequential) under net, not a state_dict.\nIn Python, "
               "where its classes can be imported:\n    model = torch.load('whole_below.pth', "
               "weights_only=False)['net']\n    torch.save(model.state_dict(), 'weights.pth')";
        QTest::newRow("a tensor") << "tensor"
                                  << "tensor.pth cannot be read as weights: it holds a single "
                                     "tensor, not the weights of a network.\nSave the weights "
                                     "again with torch.save(model.state_dict(), path).";
        QTest::newRow("surplus")
            << "surplus"
            << "The weights do not fit this network. The network has no head.weight.\nTake weights "
               "of this network, or name the blocks as in the network the weights come from.";
        QTest::newRow("surplus below a prefix")
            << "surplus_wrapped"
            << "The weights do not fit this network. The network has no head.weight.\nTake weights "
               "of this network, or name the blocks as in the network the weights come from.";
        QTest::newRow("missing")
            << "missing"
            << "The weights do not fit this network. The file lacks fc.bias.\nTake weights of this "
               "network, or name the blocks as in the network the weights come from.";
    }
    void refusesWithASentence() {
        QFETCH(QString, name);
        QFETCH(QString, sentence);
        QCOMPARE(refusal(name), sentence);
    }

    /// The advice for a whole model, followed.
    void theAdviceForAWholeModelWorks() {
        const QStringList lines = refusal("whole_below").split('\n');
        QString script = "import os, sys, torch\nos.chdir(sys.argv[1])\n";
        for (const QString& line : lines)
            if (line.startsWith("    ")) script += line.trimmed() + "\n";
        const auto peer = test::runPython(script.toUtf8().constData(), {m_folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QCOMPARE(refusal("weights"), QString());
    }

    /// Blocks that are alike do not make a prefix of a part of the model.
    void aPartOfThePathIsNoPrefix() {
        const auto tensor = [](const char* name) {
            return NamedTensor{name, {"float32", {1}, std::vector<std::uint8_t>(4)}};
        };
        Weights file{{tensor("conv1.weight"), tensor("layer1.0.conv1.weight"),
                      tensor("layer1.0.conv2.weight"), tensor("layer1.1.conv1.weight"),
                      tensor("layer1.1.conv2.weight")}};
        const auto fitted = fitNames(file, {{"conv1.weight", {1}}, {"conv2.weight", {1}}});
        QVERIFY(fitted.ok());
        QCOMPARE(fitted->tensors.size(), std::size_t(1));
        QVERIFY(fitted->find("conv1.weight") == &file.tensors[0].tensor);
    }

    /// The network's path is longer than the file's.
    void namesGetWhatTheNetworkHasInFront() {
        const auto tensor = [](const char* name) {
            return NamedTensor{name, {"float32", {1}, std::vector<std::uint8_t>(4)}};
        };
        Weights file{{tensor("conv1.weight"), tensor("fc.weight")}};
        const auto fitted = fitNames(file, {{"model.conv1.weight", {1}}, {"model.fc.weight", {1}}});
        QVERIFY(fitted.ok());
        QCOMPARE(fitted->tensors.size(), std::size_t(2));
        QVERIFY(fitted->surplus.empty());
    }

    /// A name may be of any length; one pattern for old names took stack for every character.
    void namesOfAnyLength() {
        const std::string name = std::string(200000, 'a') + "denselayer1.norm.1.weight";
        Weights file{{{name, {"float32", {1}, std::vector<std::uint8_t>(4)}},
                      {"fc.weight", {"float32", {1}, std::vector<std::uint8_t>(4)}}}};
        const auto fitted = fitNames(file, {{"fc.weight", {1}}});
        QVERIFY(fitted.ok());
        QVERIFY(fitted->find("fc.weight") != nullptr);
    }
};

QTEST_GUILESS_MAIN(WeightFilesTest)
#include "weight_files_test.moc"
