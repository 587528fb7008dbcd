#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <tuple>

#include "core/data/dataset_fix.h"
#include "core/graph/text_form.h"
#include "core/project/delivered_dataset.h"
#include "core/project/project_check.h"
#include "core/train/evaluation.h"
#include "core/train/network_use.h"
#include "core/train/predictor.h"
#include "core/train/session.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"
#include "tests/support/sessions.h"

using namespace loom;

/// Words and indices from tables into networks that take whole numbers (int64).
class WholeNumbersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void oneFixIsEnough();
    void trainingEqualsPython_data();
    void trainingEqualsPython();
    void predictsAndEvaluates();
    void textsAreTheirPlaces();
    void seriesDeliverWords();
    void membersDeliverWords();
    void whatDoesNotFit_data();
    void whatDoesNotFit();

private:
    QString path(const QString& below) const { return m_folder.filePath(below); }
    Project projectOf(const char* network, const QString& root) const;
    QTemporaryDir m_folder;
};

namespace {

const char* const kNetwork =
    "input=Input dtype=int64 > 0=Embedding num_embeddings=7 embedding_dim=4 > 1=Flatten > "
    "2=Linear out_features=3 > Output";

QStringList errorsOf(const Project& project) {
    QStringList errors;
    for (const Diagnostic& one : checkProject(project).diagnostics)
        if (one.severity == Severity::Error) errors << QString::fromStdString(one.message);
    return errors;
}

}  // namespace

void WholeNumbersTest::initTestCase() {
    for (const auto& [name, count, from] :
         {std::tuple("train", 40, 1), std::tuple("test", 10, 500)}) {
        QByteArray bytes = "w1,w2,label\n";
        for (int i = from; i < from + count; ++i)
            bytes += QByteArray::number((i * 5 + i / 3) % 7) + ',' +
                     QByteArray::number((i * i) % 7) + ',' + QByteArray::number(i % 3) + '\n';
        test::writeFile(path(QString("words/%1.csv").arg(name)), bytes);
    }
}

Project WholeNumbersTest::projectOf(const char* network, const QString& root) const {
    Project project = newProject();
    project.network = *graphFromText(network);
    project.data.dataset = {"Table", {{"root", root.toStdString()}}};
    project.data.trainTransforms = project.data.testTransforms = {};
    project.training.batchSize = 8;
    project.training.epochs = 2;
    project.training.threads = 1;
    return project;
}

/// The repair that is offered leads to a network that trains, not back.
void WholeNumbersTest::oneFixIsEnough() {
    Project project = projectOf(
        "input=Input > 0=Embedding num_embeddings=7 embedding_dim=4 > 1=Flatten > "
        "2=Linear out_features=3 > Output",
        path("words"));
    const ProjectReport report = checkProject(project);
    QVERIFY(!report.ok());
    QCOMPARE(QString::fromStdString(report.diagnostics[0].fixes.at(0).label),
             "Set dtype of input to int64");
    project.network = *report.diagnostics[0].fixes[0].apply(project.network);
    QCOMPARE(errorsOf(project), QStringList());
    // With a size of its own as well.
    project.network.find("input")->params.set("shape", List{2});
    QCOMPARE(errorsOf(project), QStringList());
}

void WholeNumbersTest::trainingEqualsPython_data() {
    QTest::addColumn<bool>("frozen");
    QTest::newRow("the table learns") << false;
    QTest::newRow("the table is frozen by _freeze") << true;
}

void WholeNumbersTest::trainingEqualsPython() {
    QFETCH(bool, frozen);
    Project project = projectOf(kNetwork, path("words"));
    if (frozen) project.network.find("0")->params.set("_freeze", Value(true));
    QCOMPARE(errorsOf(project), QStringList());
    QStringList losses;
    for (const double loss : test::lossesOf(*test::ran(project)))
        losses << QString::number(loss, 'g', 17);
    const char* const script = R"(
import csv, sys, torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.set_num_threads(1)
def read(name):
    with open(sys.argv[1] + '/' + name, newline='') as f: rows = [[int(x) for x in row] for row in list(csv.reader(f))[1:]]
    t = torch.tensor(rows)
    return TensorDataset(t[:, :2], t[:, 2])
train, test = read('train.csv'), read('test.csv')
torch.manual_seed(0)
model = nn.Sequential(nn.Embedding(7, 4), nn.Flatten(), nn.Linear(8, 3))
# `_freeze` does just this; PyTorch 1.13 has no such argument.
model[0].weight.requires_grad_(sys.argv[2] == 'learns')
optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01)
loss_fn = nn.CrossEntropyLoss()
loader, test_loader = DataLoader(train, 8, shuffle=True), DataLoader(test, 8)
)";
    const auto peer = test::runPython(script + test::trainingLoop(),
                                      {path("words"), frozen ? "frozen" : "learns"});
    QVERIFY2(peer.exitCode == 0, peer.err.constData());
    QCOMPARE(losses, QString::fromUtf8(peer.out).split('\n', Qt::SkipEmptyParts));
}

void WholeNumbersTest::predictsAndEvaluates() {
    const Project project = projectOf(kNetwork, path("words"));
    const auto weights = initialWeights(project, 0);
    QVERIFY2(weights, qPrintable(test::sentenceOf(weights)));
    const auto predictor = Predictor::make(project, *weights);
    QVERIFY2(predictor, qPrintable(test::sentenceOf(predictor)));
    const auto output = predictor->predict(TensorSample{{2}, {3, 6}});
    QVERIFY2(output, qPrintable(test::sentenceOf(output)));
    QCOMPARE(output->output.dims, std::vector<std::int64_t>{3});
    // A word that the table of words does not have is a sentence.
    const auto beyond = predictor->predict(TensorSample{{2}, {3, 7}});
    QVERIFY(!beyond);
    QVERIFY(test::sentenceOf(beyond).contains("num_embeddings"));
    const auto evaluated = evaluate(project, *weights);
    QVERIFY2(evaluated, qPrintable(test::sentenceOf(evaluated)));
}

void WholeNumbersTest::textsAreTheirPlaces() {
    test::writeFile(path("texts.csv"),
                    "colour,count,y\nred,3,a\nblue,4,b\ngreen,5,a\nred,6,b\nblue,3,a\n");
    const Params params{{"root", path("texts.csv").toStdString()},
                        {"dtype", "int64"},
                        {"test_fraction", Value(0.2)}};
    std::vector<std::vector<float>> rows;
    for (const Split split : {Split::Train, Split::Test}) {
        const auto data = openDataset("Table", params, split);
        QVERIFY2(data, qPrintable(test::sentenceOf(data)));
        QCOMPARE((*data)->inputNames(), (std::vector<std::string>{"colour", "count"}));
        for (std::int64_t i = 0; i < (*data)->size(); ++i)
            rows.push_back(std::get<TensorSample>((*data)->sample(i)->input).values);
    }
    std::sort(rows.begin(), rows.end());
    QCOMPARE(rows, (std::vector<std::vector<float>>{{0, 3}, {0, 4}, {1, 5}, {2, 3}, {2, 6}}));
    const auto range =
        datasets().find("Table")->wholeRange(Settings(datasets().find("Table")->params, params));
    QVERIFY(range && range->first == 0 && range->second == 6);
}

void WholeNumbersTest::seriesDeliverWords() {
    QByteArray bytes = "word\n";
    for (int i = 0; i < 60; ++i) bytes += QByteArray::number((i * 3) % 5) + '\n';
    test::writeFile(path("series.csv"), bytes);
    Project project = projectOf(
        "input=Input dtype=int64 > 0=Flatten > 1=Embedding num_embeddings=5 embedding_dim=2 > "
        "2=Flatten > 3=Linear out_features=1 > Output",
        {});
    project.data.dataset = {"TimeSeries",
                            {{"root", path("series.csv").toStdString()}, {"window", Value(3)}}};
    project.training.loss = {"MSELoss"};
    QCOMPARE(errorsOf(project), QStringList());
    const Choice delivered = deliveredDataset(project);
    const auto data = openDataset(delivered.kind, delivered.params, Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE(std::get<TensorSample>((*data)->sample(1)->input).values,
             (std::vector<float>{3, 1, 4}));
}

void WholeNumbersTest::membersDeliverWords() {
    Project project = projectOf(kNetwork, {});
    const Choice table{"Table", {{"root", path("words").toStdString()}}};
    project.data.dataset = {"ConcatDataset", {{"datasets", nestedValue({table, table})}}};
    QCOMPARE(errorsOf(project), QStringList());
    QVERIFY(deliversWhole(deliveredDataset(project)));
    // Without such an Input nothing changes.
    project.network.find("input")->params.erase("dtype");
    QVERIFY(deliveredDataset(project) == project.data.dataset);
}

void WholeNumbersTest::whatDoesNotFit_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("fraction") << QByteArray("a,b,y\n1,2,0\n1.5,2,1\n3,1,2\n") << "auto"
                              << "In line 3 of FILE, column a, \"1.5\" is not a whole number, but "
                                 "the network takes whole ones (int64).";
    QTest::newRow("too large") << QByteArray("a,b,y\n1,2,0\n99999999,2,1\n3,1,2\n") << "auto"
                               << "In line 3 of FILE, column a, \"99999999\" is beyond the "
                                  "16,777,216 up to which words and indices may be numbered.";
    QTest::newRow("beyond the words")
        << QByteArray("a,b,y\n1,2,0\n9,2,1\n3,1,2\n4,4,0\n") << "auto"
        << "0 has a table of 7 rows, for words 0 to 6, but Table holds numbers from 1 to 9.";
    QTest::newRow("negative") << QByteArray("a,b,y\n1,2,0\n-1,2,1\n3,1,2\n4,4,0\n") << "auto"
                              << "0 has a table of 7 rows, for words 0 to 6, but Table holds "
                                 "numbers from -1 to 4.";
    QTest::newRow("real by choice")
        << QByteArray("a,b,y\n1,2,0\n6,2,1\n3,1,2\n4,4,0\n") << "float32"
        << "input takes whole numbers (int64), but Table delivers real ones (float32).";
}

void WholeNumbersTest::whatDoesNotFit() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, type);
    QFETCH(QString, sentence);
    const QString file = path(QString("wrong_%1.csv").arg(QTest::currentDataTag()));
    test::writeFile(file, bytes);
    Project project = projectOf(kNetwork, file);
    project.data.dataset.params.set("dtype", Value(type.toStdString()));
    QStringList said;
    for (const Diagnostic& one : checkProject(project).diagnostics) {
        said << QString::fromStdString(one.message);
        if (said.last() != sentence.replace("FILE", file) || one.fixes.empty()) continue;
        Project mended = project;
        if (const Params* params = datasetParamsOf(one.fixes[0]))
            mended = withDatasetParams(project, *params);
        else
            mended.network = *one.fixes[0].apply(project.network);
        QCOMPARE(errorsOf(mended), QStringList());
    }
    QVERIFY2(said.contains(sentence), qPrintable(said.join('\n')));
    // Pictures are no words: that is said, and no repair leads in a circle.
    project.data.dataset = {"FashionMNIST"};
    project.data.trainTransforms = project.data.testTransforms = {{"ToTensor"}};
    for (const Diagnostic& one : checkProject(project).diagnostics)
        if (one.node == "input" && one.severity == Severity::Error) QVERIFY(one.fixes.empty());
}

QTEST_GUILESS_MAIN(WholeNumbersTest)
#include "whole_numbers_test.moc"
