#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>

#include "core/exchange/torch_file.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

/// torchvision's model of that name with weights and running statistics that are not its defaults,
/// one forward pass, and its number of parameters.
const char* const kScript = R"(
import sys, torch, torchvision
name, folder = sys.argv[1], sys.argv[2]
torch.set_num_threads(2)
torch.manual_seed(5)
more = {'aux_logits': False, 'init_weights': True} if name == 'googlenet' else {}
model = getattr(torchvision.models, name)(**more)
for key, value in model.state_dict().items():
    if key.endswith('running_mean'): value.normal_(0, 0.1)
    if key.endswith('running_var'): value.uniform_(0.5, 1.5)
model.eval()
torch.save(model.state_dict(), folder + '/w.pth')
x = torch.randn(2, 3, 224, 224)
torch.save(x, folder + '/x.pt')
with torch.no_grad(): torch.save(model(x), folder + '/y.pt')
print(sum(p.numel() for p in model.parameters()))
)";

std::vector<float> floats(const PlainTensor& tensor) {
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(float));
    return values;
}

}  // namespace

/// The networks of projects/zoo against torchvision's models of the same names.
class ZooTest : public QObject {
    Q_OBJECT

    QDir m_zoo{test::sourcePath("projects/zoo")};

private Q_SLOTS:
    /// Nobody edits the large ones by hand: the program that writes them gives the same bytes.
    void isWhatTheProgramWrites() {
        QTemporaryDir folder;
        const auto run =
            test::runProcess(QStringLiteral(TORCHLOOM_BIN_DIR "/torchloom-zoo"), {folder.path()});
        QVERIFY2(run.exitCode == 0, run.err.constData());
        const QStringList names = m_zoo.entryList({"*.loom"});
        QCOMPARE(QDir(folder.path()).entryList({"*.loom"}), names);
        for (const QString& name : names) {
            QFile ours(m_zoo.filePath(name)), fresh(folder.filePath(name));
            QVERIFY(ours.open(QFile::ReadOnly) && fresh.open(QFile::ReadOnly));
            QVERIFY2(ours.readAll() == fresh.readAll(), qPrintable(name));
        }
    }

    void opensWithoutErrors_data() {
        QTest::addColumn<QString>("name");
        for (const QString& name : m_zoo.entryList({"*.loom"}))
            QTest::newRow(qPrintable(name)) << name;
    }
    void opensWithoutErrors() {
        QFETCH(QString, name);
        QElapsedTimer timer;
        timer.start();
        auto loaded = loadProject(m_zoo.filePath(name).toStdString());
        QVERIFY2(loaded.ok(), loaded ? "" : loaded.error().message.c_str());
        QVERIFY(loaded->remarks.empty());
        const ProjectReport report = checkProject(loaded->project);
        for (const Diagnostic& diagnostic : report.diagnostics)
            QVERIFY2(diagnostic.severity != Severity::Error, diagnostic.message.c_str());
        qInfo("%s: %zu blocks, %lld parameters, %lld MACs, opened and checked in %lld ms",
              qPrintable(name), loaded->project.network.nodes.size(),
              static_cast<long long>(report.shapes.parameters),
              static_cast<long long>(report.shapes.macs), timer.elapsed());
        QVERIFY(!loaded->project.notes.empty());
    }

    void equalsTorchvision_data() {
        QTest::addColumn<QString>("name");
        for (const char* name :
             {"alexnet", "vgg11", "vgg11_bn", "vgg16", "vgg16_bn", "resnet18", "resnet34",
              "resnet50", "squeezenet1_1", "mobilenet_v2", "googlenet", "densenet121"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void equalsTorchvision() {
        QFETCH(QString, name);
        QTemporaryDir folder;
        const auto peer = test::runPython(kScript, {name, folder.path()});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        auto loaded = loadProject(m_zoo.filePath(name + ".loom").toStdString());
        QVERIFY(loaded.ok());
        loaded->project.training.threads = 2;
        QCOMPARE(qint64(checkProject(loaded->project).shapes.parameters),
                 peer.out.trimmed().toLongLong());
        const auto weights = loadStateDict(folder.filePath("w.pth").toStdString());
        QVERIFY2(weights.ok(), weights ? "" : weights.error().message.c_str());
        const auto y = forward(loaded->project, *weights,
                               *loadTensors(folder.filePath("x.pt").toStdString()), false);
        QVERIFY2(y.ok(), y ? "" : y.error().message.c_str());
        const auto expected = loadTensors(folder.filePath("y.pt").toStdString());
        const std::vector<float> ours = floats(y->at(0).tensor),
                                 theirs = floats(expected->at(0).tensor);
        QCOMPARE(ours.size(), theirs.size());
        double largest = 0, worst = 0;
        for (std::size_t i = 0; i < ours.size(); ++i) {
            largest = std::max(largest, std::abs(double(theirs[i])));
            worst = std::max(worst, std::abs(double(ours[i]) - double(theirs[i])));
        }
        QVERIFY(largest > 0);
        QVERIFY2(worst <= 1e-5 * largest, qPrintable(QString::number(worst / largest)));
        qInfo("%s: largest difference %.1e of the largest output", qPrintable(name),
              worst / largest);
    }
};

QTEST_GUILESS_MAIN(ZooTest)
#include "zoo_test.moc"
