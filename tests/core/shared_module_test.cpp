#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/check/shape_report.h"
#include "core/exchange/torch_file.h"
#include "core/graph/edit.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

/// Two towers of one weight: `fc` at two places, and once more behind itself.
Project twins() {
    Project project = newProject();
    project.data = {};
    project.data.dataset.kind.clear();
    project.training.threads = 1;
    project.network = *graphFromText(
        "x0=Input 6 ; x1=Input 6 ; x0 > fc=Linear out_features=6 > Add > out=Output ; "
        "x1 > again=Linear out_features=6 > third=Linear out_features=6 > add:1");
    project.network.find("again")->sharesWith = "fc";
    project.network.find("third")->sharesWith = "fc";
    return project;
}

}  // namespace

/// One module at several places: counted once, saved once, trained by the sum of its gradients.
class SharedModuleTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void countsOnce() {
        const ShapeReport report = inferShapes(twins().network, std::nullopt);
        QVERIFY(!hasErrors(report.diagnostics));
        QCOMPARE(report.parameters, std::int64_t(42));
        QCOMPARE(report.macs, std::int64_t(3 * 36));
    }

    void equalsPython() {
        QTemporaryDir folder;
        const char* const script = R"(
import sys, torch
from torch import nn
torch.set_num_threads(1)
f = sys.argv[1]
torch.manual_seed(3)
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.fc = nn.Linear(6, 6)
    def forward(self, x0, x1): return self.fc(x0) + self.fc(self.fc(x1))
net = Net()
torch.save(net.state_dict(), f + '/w.pth')
x = {'x0': torch.randn(4, 6), 'x1': torch.randn(4, 6)}
torch.save(x, f + '/x.pt')
y = net(**x); g = torch.randn(4, 6)
torch.save({'out': y.detach()}, f + '/y.pt'); torch.save({'out': g}, f + '/g.pt')
y.backward(g)
torch.save({k: p.grad for k, p in net.named_parameters()}, f + '/grads.pt')
)";
        const auto peer = test::runPython(script, {folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const auto read = [&](const char* name) {
            return *loadTensors(folder.filePath(name).toStdString());
        };
        const Project project = twins();
        const auto weights = initialWeights(project, 3);
        QVERIFY2(weights.ok(), weights ? "" : weights.error().message.c_str());
        QCOMPARE(weights->tensors.size(), std::size_t(2));
        const auto theirs = loadStateDict(folder.filePath("w.pth").toStdString());
        for (const NamedTensor& entry : theirs->tensors) {
            QVERIFY(weights->find(entry.name));
            QVERIFY(weights->find(entry.name)->bytes == entry.tensor.bytes);
        }
        const auto y = forward(project, *weights, read("x.pt"), true);
        QVERIFY2(y.ok(), y ? "" : y.error().message.c_str());
        QVERIFY(y->at(0).tensor.bytes == read("y.pt")[0].tensor.bytes);
        const auto grads = gradients(project, *weights, read("x.pt"), read("g.pt"), true);
        QVERIFY(grads.ok());
        for (const NamedTensor& entry : read("grads.pt")) {
            const auto own = std::find_if(grads->begin(), grads->end(), [&](const NamedTensor& t) {
                return t.name == entry.name;
            });
            QVERIFY(own != grads->end());
            QVERIFY2(own->tensor.bytes == entry.tensor.bytes, entry.name.c_str());
        }
    }

    void survivesAFile() {
        const Project project = twins();
        const auto again = projectFromJson(projectToJson(project), "twins");
        QVERIFY(again.ok());
        QVERIFY(again->remarks.empty());
        QVERIFY(again->project.network == project.network);
    }

    void refusesWhatCannotShare() {
        Graph graph = twins().network;
        graph.find("third")->sharesWith = "nobody";
        ShapeReport report = inferShapes(graph, std::nullopt);
        QVERIFY(hasErrors(report.diagnostics));
        QVERIFY2(
            report.diagnostics[0].message == "third uses the module of nobody, which is not there.",
            report.diagnostics[0].message.c_str());
        const Result<Graph> mended = report.diagnostics[0].fixes.at(0).apply(graph);
        QVERIFY(mended.ok());
        QVERIFY(!hasErrors(inferShapes(*mended, std::nullopt).diagnostics));

        graph = twins().network;
        graph.find("x1")->params.set("shape", Value(List{Value(5)}));
        report = inferShapes(graph, std::nullopt);
        QVERIFY(hasErrors(report.diagnostics));
        QVERIFY2(report.diagnostics[0].message ==
                     "again uses the module of fc, but what arrives asks for in_features 6 there "
                     "and 5 here.",
                 report.diagnostics[0].message.c_str());
    }

    void theNextBlockInherits() {
        const Graph without = edit::removeNodes(twins().network, {"fc"});
        QVERIFY(without.find("again")->sharesWith.empty());
        QCOMPARE(without.find("again")->params.find("out_features")->asInt(), std::int64_t(6));
        QCOMPARE(without.find("third")->sharesWith, std::string("again"));
        QCOMPARE(edit::rename(twins().network, "fc", "shared")->find("third")->sharesWith,
                 std::string("shared"));
        const auto [pasted, ids] =
            edit::paste(twins().network, edit::extract(twins().network, {"fc", "again"}), {});
        QCOMPARE(pasted.find(ids[1])->sharesWith, ids[0]);
    }
};

QTEST_GUILESS_MAIN(SharedModuleTest)
#include "shared_module_test.moc"
