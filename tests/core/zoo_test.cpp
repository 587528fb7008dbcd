#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/exchange/torch_file.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/predictor.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

/// torchvision's model of that name with weights and running statistics that are not its defaults,
/// one forward pass, and its number of parameters.
const char* const kScript = R"(
import re, sys, torch, torchvision
name, folder = sys.argv[1], sys.argv[2]
torch.set_num_threads(2)
torch.manual_seed(5)
kind = sys.argv[3] if len(sys.argv) > 3 else ''
heads = name in ('googlenet', 'inception_v3')
more = {'aux_logits': kind == 'heads', 'init_weights': False} if heads else {}
if kind == 'heads': more['transform_input'] = True
model = getattr(torchvision.models, name)(**more)
for key, value in model.state_dict().items():
    if key.endswith('running_mean'): value.normal_(0, 0.1)
    if key.endswith('running_var'): value.uniform_(0.5, 1.5)
model.eval()
side = 299 if name == 'inception_v3' else 224
x = torch.randn(2, 3, side, side)
state = model.state_dict()
if kind == 'old':
    # As published before torchvision renamed DenseNet's layers and PyTorch counted batches.
    state = {re.sub(r'(denselayer\d+\.(?:norm|conv))([12])', r'\1.\2', k): v for k, v in state.items() if 'num_batches' not in k}
if kind == 'heads':
    from PIL import Image
    from torchvision import transforms as T
    picture = Image.effect_noise((70, 50), 90).convert('RGB')
    picture.save(folder + '/x.png')
    steps = T.Compose([T.Grayscale(3), T.Resize((side, side)), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    x = steps(picture)[None]
torch.save(state, folder + '/w.pth', _use_new_zipfile_serialization=kind != 'old')
torch.save(x, folder + '/x.pt')
with torch.no_grad(): torch.save(model(x), folder + '/y.pt')
print(sum(p.numel() for p in model.parameters()))
)";

std::vector<float> floats(const PlainTensor& tensor) {
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(float));
    return values;
}

/// Whether two outputs agree but for the order of sums.
void compareOutputs(const QString& name, const std::vector<float>& ours,
                    const std::vector<float>& theirs) {
    QCOMPARE(ours.size(), theirs.size());
    double largest = 0, worst = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        largest = std::max(largest, std::abs(double(theirs[i])));
        worst = std::max(worst, std::abs(double(ours[i]) - double(theirs[i])));
    }
    QVERIFY(largest > 0);
    QVERIFY2(worst <= 1e-5 * largest, qPrintable(QString::number(worst / largest)));
    qInfo("%s: largest difference %.1e of the largest output", qPrintable(name), worst / largest);
}

}  // namespace

/// The networks of projects/zoo against torchvision's models of the same names.
class ZooTest : public QObject {
    Q_OBJECT

    QDir m_zoo{test::sourcePath("projects/zoo")};

    /// The drawn model with the weights that torchvision's, or `forms` of them, are saved with: its
    /// number of parameters and its outputs.
    void comparesWithPeer(const QString& name, const QStringList& forms) {
        QTemporaryDir folder;
        const auto peer = test::runPython(kScript, QStringList{name, folder.path()} + forms);
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
        compareOutputs(name, floats(y->at(0).tensor), floats(expected->at(0).tensor));
    }

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
        comparesWithPeer(name, {});
    }

    /// Files as torchvision has published them, with what its loaders do about them.
    void takesPublishedFiles_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("kind");
        QTest::newRow("DenseNet's old names") << "densenet121"
                                              << "old";
        QTest::newRow("no counters") << "resnet18"
                                     << "old";
        QTest::newRow("no counters, deep") << "mobilenet_v2"
                                           << "old";
    }
    void takesPublishedFiles() {
        QFETCH(QString, name);
        QFETCH(QString, kind);
        comparesWithPeer(name, {kind});
    }

    /// The pretrained models: auxiliary heads in the file, and an input that the model transforms.
    void givesThePretrainedModelsAnswers_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("googlenet") << "googlenet";
        QTest::newRow("inception_v3") << "inception_v3";
    }
    void givesThePretrainedModelsAnswers() {
        QFETCH(QString, name);
        QTemporaryDir folder;
        const auto peer = test::runPython(kScript, {name, folder.path(), "heads"});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        auto loaded = loadProject(m_zoo.filePath(name + ".loom").toStdString());
        QVERIFY(loaded.ok());
        const auto weights = loadStateDict(folder.filePath("w.pth").toStdString());
        QVERIFY2(weights.ok(), weights ? "" : weights.error().message.c_str());
        std::vector<std::string> remarks;
        const Status fits = matchWeights(loaded->project, *weights, &remarks);
        QVERIFY2(fits.ok(), fits ? "" : fits.error().message.c_str());
        QCOMPARE(remarks.size(), std::size_t(1));
        QVERIFY(remarks[0].find("auxiliary heads") != std::string::npos);
        const auto predictor = Predictor::make(loaded->project, *weights);
        QVERIFY2(predictor.ok(), predictor ? "" : predictor.error().message.c_str());
        const auto picture = readPicture(folder.filePath("x.png").toStdString());
        QVERIFY(picture.ok());
        const auto y = predictor->predict(*picture);
        QVERIFY2(y.ok(), y ? "" : y.error().message.c_str());
        const auto expected = loadTensors(folder.filePath("y.pt").toStdString());
        compareOutputs(name, y->output.values, floats(expected->at(0).tensor));
    }

    /// Where torchvision's weights are, and the name under which they are then to be chosen.
    void notesNameTheWeights() {
        const auto peer = test::runPython(
            "import torchvision.models as models\n"
            "names = [('alexnet', 'AlexNet'), ('vgg11', 'VGG11'), ('vgg11_bn', 'VGG11_BN'),\n"
            "    ('vgg16', 'VGG16'), ('vgg16_bn', 'VGG16_BN'), ('resnet18', 'ResNet18'),\n"
            "    ('resnet34', 'ResNet34'), ('resnet50', 'ResNet50'),\n"
            "    ('squeezenet1_1', 'SqueezeNet1_1'), ('mobilenet_v2', 'MobileNet_V2'),\n"
            "    ('googlenet', 'GoogLeNet'), ('inception_v3', 'Inception_V3'),\n"
            "    ('densenet121', 'DenseNet121')]\n"
            "for name, kind in names:\n"
            "    print(name, getattr(models, kind + '_Weights').DEFAULT.url)");
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        const QList<QByteArray> lines = peer.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 13);
        for (const QByteArray& line : lines) {
            const QString name = QString::fromUtf8(line.split(' ')[0]),
                          url = QString::fromUtf8(line.split(' ')[1]);
            const auto loaded = loadProject(m_zoo.filePath(name + ".loom").toStdString());
            QVERIFY2(loaded.ok(), qPrintable(name));
            const QString notes = QString::fromStdString(loaded->project.notes);
            QVERIFY2(notes.contains(url + "\n"), qPrintable(notes));
            QVERIFY2(notes.contains("choose " + url.section('/', -1) + " under Start from"),
                     qPrintable(notes));
        }
    }
};

QTEST_GUILESS_MAIN(ZooTest)
#include "zoo_test.moc"
