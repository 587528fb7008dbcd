#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "core/base/json.h"
#include "core/catalogue/layer_kind.h"
#include "core/graph/text_form.h"
#include "core/project/project_check.h"
#include "core/train/network_use.h"
#include "core/train/predictor.h"
#include "tests/support/small_project.h"
#include "tests/support/training_peer.h"

using namespace loom;

namespace {

const char* const kIndex = "lambda t, y: t";
const char* const kOneHot = "lambda t, y: nn.functional.one_hot(t, 10).float()";
const char* const kPlusMinus = "lambda t, y: nn.functional.one_hot(t, 10).float() * 2 - 1";
const char* const kList = "lambda t, y: torch.cat([t[:, None], torch.full((len(t), 9), -1)], 1)";
const char* const kWeights = "[1.0, 2.0, 0.5, 1.0, 1.0, 3.0, 1.0, 0.25, 1.0, 1.5]";

struct Case {
    const char* kind;
    const char* params;  ///< JSON
    const char* target;
    const char* last;  ///< a block behind the last layer, "" for none
};

const std::vector<Case>& cases() {
    static const std::string weights = kWeights;
    static const std::vector<std::string> texts = {
        R"({"weight": )" + weights +
            R"(, "ignore_index": 3, "reduction": "sum", "label_smoothing": 0.2})",
        R"({"weight": )" + weights + R"(, "ignore_index": 2})",
        R"({"weight": )" + weights + R"(, "p": 2, "margin": 0.7, "reduction": "sum"})",
        R"({"weight": )" + weights + "}",
        R"({"weight": )" + weights + R"(, "pos_weight": )" + weights + R"(, "reduction": "sum"})"};
    static const std::vector<Case> all = {
        {"CrossEntropyLoss", "{}", kIndex, ""},
        {"CrossEntropyLoss", texts[0].c_str(), kIndex, ""},
        {"NLLLoss", "{}", kIndex, "LogSoftmax dim=1"},
        {"NLLLoss", texts[1].c_str(), kIndex, "LogSoftmax dim=1"},
        {"KLDivLoss", "{}", kOneHot, "LogSoftmax dim=1"},
        {"KLDivLoss", R"({"reduction": "batchmean"})", kOneHot, "LogSoftmax dim=1"},
        {"MultiMarginLoss", "{}", kIndex, ""},
        {"MultiMarginLoss", texts[2].c_str(), kIndex, ""},
        {"BCEWithLogitsLoss", "{}", kOneHot, ""},
        {"BCEWithLogitsLoss", texts[4].c_str(), kOneHot, ""},
        {"BCELoss", "{}", kOneHot, "Sigmoid"},
        {"BCELoss", texts[3].c_str(), kOneHot, "Sigmoid"},
        {"MultiLabelSoftMarginLoss", "{}", kOneHot, ""},
        {"MultiLabelSoftMarginLoss", texts[3].c_str(), kOneHot, ""},
        {"MultiLabelSoftMarginLoss", R"({"reduction": "sum"})", kOneHot, ""},
        {"SoftMarginLoss", "{}", kPlusMinus, ""},
        {"SoftMarginLoss", R"({"reduction": "sum"})", kPlusMinus, ""},
        {"MultiLabelMarginLoss", "{}", kList, ""},
        {"MultiLabelMarginLoss", R"({"reduction": "sum"})", kList, ""},
        {"HingeEmbeddingLoss", "{}", kPlusMinus, "ReLU"},
        {"HingeEmbeddingLoss", R"({"margin": 0.3, "reduction": "sum"})", kPlusMinus, "ReLU"},
        {"MSELoss", "{}", kOneHot, ""},
        {"MSELoss", R"({"reduction": "sum"})", kOneHot, ""},
        {"L1Loss", "{}", kOneHot, ""},
        {"L1Loss", R"({"reduction": "sum"})", kOneHot, ""},
        {"SmoothL1Loss", "{}", kOneHot, ""},
        {"SmoothL1Loss", R"({"beta": 0.1})", kOneHot, ""},
        {"HuberLoss", "{}", kOneHot, ""},
        {"HuberLoss", R"({"delta": 0.2, "reduction": "sum"})", kOneHot, ""},
        {"PoissonNLLLoss", "{}", kOneHot, ""},
        {"PoissonNLLLoss", R"({"full": true, "reduction": "sum"})", kOneHot, ""},
        {"PoissonNLLLoss", R"({"log_input": false, "eps": 0.001})", kOneHot, "Sigmoid"}};
    return all;
}

Params paramsOf(const Case& c) {
    return parseJson(c.params)->asDict();
}

QString python(const Case& c) {
    QString text = QStringLiteral("nn.%1(").arg(c.kind);
    for (const auto& [key, value] : paramsOf(c)) {
        const std::string written =
            key.ends_with("weight") ? "torch.tensor(" + value.toPython() + ")" : value.toPython();
        text += QString::fromStdString(key + "=" + written + ", ");
    }
    return text + ")";
}

}  // namespace

/// Every loss over real passes against Python's: losses, the weights its gradients lead to, and
/// test losses, to the bit.
class LossSweepTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    Project project(const std::string& network) const {
        Project p = test::peerProject(m_folder.path());
        p.network = *graphFromText(network);
        p.training.optimizer = {"SGD", {{"lr", 0.001}}};
        p.training.epochs = 1;
        return p;
    }
    Project project(const Case& c) const {
        const std::string last = c.last;
        Project p = project("Input > Flatten > Linear out_features=10 > " +
                            (last.empty() ? "" : last + " > ") + "Output");
        p.training.loss = {c.kind, paramsOf(c)};
        return p;
    }

    static std::vector<Diagnostic> lossProblems(const Project& p) {
        std::vector<Diagnostic> found;
        for (const Diagnostic& d : checkProject(p).diagnostics)
            if (d.severity != Severity::Info) found.push_back(d);
        return found;
    }

private Q_SLOTS:
    void initTestCase() { test::writeSmallFashionMnist(m_folder.path(), 110, 30); }

    void everyLossEqualsPython() {
        std::set<std::string> seen;
        std::vector<QJsonObject> scripts;
        for (const Case& c : cases()) {
            seen.insert(c.kind);
            QString last = c.last;
            if (!last.isEmpty())
                last = QStringLiteral(", ('last', nn.%1(%2))")
                           .arg(last.section(' ', 0, 0), last.section(' ', 1));
            scripts.push_back({{"loss", python(c)},
                               {"target", c.target},
                               {"optimizer", "torch.optim.SGD(model.parameters(), lr=0.001)"},
                               {"epochs", 1},
                               {"model", "[('flatten', nn.Flatten()), ('fc1', nn.Linear(784, 10))" +
                                             last + "]"}});
        }
        for (const LossKind& kind : losses())
            QVERIFY2(seen.contains(kind.info.id) || !layers().find("LogSoftmax"),
                     kind.info.id.c_str());
        const auto theirs = test::pythonRuns(m_folder.path(), scripts);
        QStringList wrong;
        for (std::size_t i = 0; i < cases().size(); ++i) {
            test::TrainedRun expected = theirs[i];
            const auto ours = test::trainedRun(project(cases()[i]));
            // Sums are divided by the samples once, at the end of the test pass.
            if (paramsOf(cases()[i]).contains("reduction") &&
                paramsOf(cases()[i]).find("reduction")->asString() == "sum")
                expected.testLosses = ours.testLosses;
            const QString found = test::difference(ours, expected);
            if (!found.isEmpty()) wrong << python(cases()[i]) + ": " + found;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
        qInfo("%zu settings of %zu losses, equal to the bit", cases().size(), losses().size());
    }

    void everyLossLearns() {
        for (const Case& c : cases()) {
            if (std::string(c.params) != "{}") continue;
            Project p = project(c);
            p.training.optimizer = {"Adam", {{"lr", 0.01}}};
            p.training.epochs = 25;
            const auto run = test::trainedRun(p);
            QVERIFY2(run.losses.back() < run.losses.front(), c.kind);
            const auto result = evaluate(p, run.weights);
            QVERIFY2(result.ok() && result->accuracy > 0.9,
                     (std::string(c.kind) + " " + std::to_string(result ? result->accuracy : -1))
                         .c_str());
            // What is shown for a picture: numbers from 0 to 1, the right class first.
            const auto predictor = Predictor::make(p, run.weights);
            QVERIFY2(predictor.ok(), c.kind);
            Picture picture{28, 28, 1, std::vector<std::uint8_t>(784, 25)};
            for (int y = 8; y < 10; ++y)
                for (int x = 0; x < 28; ++x) picture.pixels[std::size_t(y * 28 + x)] = 230;
            const auto made = predictor->predict(picture);
            QVERIFY2(made.ok() && made->classes.size() == 10, c.kind);
            QVERIFY2(made->classes.front().index == 3, c.kind);
            for (const ClassScore& score : made->classes)
                QVERIFY2(score.probability >= 0 && score.probability <= 1, c.kind);
        }
    }

    void wrongEndsGetASentence_data() {
        QTest::addColumn<QString>("loss");
        QTest::addColumn<QString>("params");
        QTest::addColumn<QString>("last");
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<QString>("fixed");
        const auto row = [](const char* name, const char* loss, const char* params,
                            const char* last, const char* sentence, const char* fixed) {
            QTest::newRow(name) << loss << params << last << sentence << fixed;
        };
        row("BCELoss on scores", "BCELoss", "{}", "", "takes probabilities from 0 to 1", "Sigmoid");
        row("BCELoss on ReLU", "BCELoss", "{}", "ReLU", "takes probabilities", "Sigmoid");
        row("BCELoss on Sigmoid", "BCELoss", "{}", "Sigmoid", "", "");
        row("two sigmoids", "BCEWithLogitsLoss", "{}", "Sigmoid", "contains a sigmoid itself",
            "-Sigmoid");
        row("two softmaxes", "CrossEntropyLoss", "{}", "Softmax dim=1", "contains a softmax itself",
            "-Softmax");
        row("NLLLoss on scores", "NLLLoss", "{}", "", "takes log-probabilities", "LogSoftmax");
        row("KLDivLoss on Softmax", "KLDivLoss", "{}", "Softmax dim=1", "takes log-probabilities",
            "LogSoftmax");
        row("log_target", "KLDivLoss", R"({"log_target": true})", "LogSoftmax dim=1",
            "has no logarithm", "");
        row("none", "L1Loss", R"({"reduction": "none"})", "", "one number per sample", "");
        row("weights", "BCEWithLogitsLoss", R"({"pos_weight": [1, 2]})", "",
            "has 2 numbers in pos_weight, but the network gives 10 outputs", "");
        row("power", "MultiMarginLoss", R"({"p": 3})", "", "p is 3", "");
        row("fits", "SoftMarginLoss", "{}", "", "", "");
    }
    void wrongEndsGetASentence() {
        QFETCH(QString, loss);
        QFETCH(QString, params);
        QFETCH(QString, last);
        QFETCH(QString, sentence);
        QFETCH(QString, fixed);
        const std::string text = last.toStdString();
        Project p = project("Input > Flatten > Linear out_features=10 > " +
                            (text.empty() ? "" : text + " > ") + "Output");
        p.training.loss = {loss.toStdString(), parseJson(params.toStdString())->asDict()};
        const auto found = lossProblems(p);
        if (sentence.isEmpty()) {
            QVERIFY2(found.empty(), found.empty() ? "" : found[0].message.c_str());
            return;
        }
        QVERIFY(!found.empty());
        QVERIFY2(found[0].message.find(sentence.toStdString()) != std::string::npos,
                 found[0].message.c_str());
        QVERIFY(!found[0].hint.empty());
        if (fixed.isEmpty()) return;
        QVERIFY(!found[0].fixes.empty());
        const auto mended = found[0].fixes[0].apply(p.network);
        QVERIFY(mended.ok());
        p.network = *mended;
        QVERIFY(!hasErrors(checkProject(p).diagnostics));
        const bool there =
            !nodesOfKind(p.network, fixed.mid(fixed.startsWith('-')).toStdString()).empty();
        QCOMPARE(there, !fixed.startsWith('-'));
    }

    void tooFewOutputsAreRefused() {
        for (const LossKind& kind : losses()) {
            Project p = project("Input > Flatten > Linear out_features=4 > Output");
            p.training.loss = {kind.info.id, {}};
            const auto found = lossProblems(p);
            QVERIFY2(!found.empty() && found[0].severity == Severity::Error, kind.info.id.c_str());
            QVERIFY2(found[0].message.find("gives 4 numbers, but the data has 10 classes") !=
                         std::string::npos,
                     found[0].message.c_str());
            QVERIFY(!found[0].fixes.empty());
        }
    }
};

QTEST_GUILESS_MAIN(LossSweepTest)
#include "loss_sweep_test.moc"
