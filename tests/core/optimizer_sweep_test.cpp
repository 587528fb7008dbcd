#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "core/project/parameter_groups.h"
#include "core/project/project_check.h"
#include "tests/support/small_project.h"
#include "tests/support/training_peer.h"

using namespace loom;

namespace {

struct Case {
    const char* kind;
    Params params;
};

/// Several settings of every optimizer.
const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"SGD", {{"lr", 0.05}}},
        {"SGD", {{"lr", 0.02}, {"momentum", 0.9}, {"weight_decay", 0.01}, {"nesterov", true}}},
        {"SGD", {{"lr", 0.001}, {"momentum", 0.5}, {"dampening", 0.3}, {"maximize", true}}},
        {"ASGD", {}},
        {"ASGD",
         {{"lr", 0.05}, {"lambd", 0.01}, {"alpha", 0.5}, {"t0", 3.0}, {"weight_decay", 0.01}}},
        {"Rprop", {}},
        {"Rprop", {{"lr", 0.005}, {"etas", List{0.6, 1.1}}, {"step_sizes", List{1e-5, 0.02}}}},
        {"Adam", {}},
        {"Adam",
         {{"lr", 0.01}, {"betas", List{0.8, 0.99}}, {"weight_decay", 0.1}, {"amsgrad", true}}},
        {"AdamW", {}},
        {"AdamW", {{"lr", 0.01}, {"weight_decay", 0.2}, {"amsgrad", true}, {"maximize", true}}},
        {"NAdam", {}},
        {"NAdam", {{"lr", 0.01}, {"weight_decay", 0.05}, {"momentum_decay", 0.1}}},
        {"NAdam",
         {{"lr", 0.01},
          {"weight_decay", 0.1},
          {"decoupled_weight_decay", true},
          {"maximize", true}}},
        {"RAdam", {}},
        {"RAdam", {{"lr", 0.01}, {"betas", List{0.7, 0.9}}, {"weight_decay", 0.05}}},
        {"RAdam",
         {{"betas", List{0.7, 0.9}}, {"weight_decay", 0.1}, {"decoupled_weight_decay", true}}},
        {"RAdam", {{"weight_decay", 0.05}, {"maximize", true}}},
        {"Adamax", {}},
        {"Adamax", {{"lr", 0.01}, {"eps", 1e-4}, {"weight_decay", 0.05}, {"maximize", true}}},
        {"RMSprop", {{"lr", 0.001}}},
        {"RMSprop", {{"lr", 0.001}, {"alpha", 0.9}, {"momentum", 0.8}, {"centered", true}}},
        {"RMSprop", {{"lr", 0.002}, {"weight_decay", 0.1}, {"centered", true}}},
        {"Adagrad", {}},
        {"Adagrad", {{"lr_decay", 0.1}, {"weight_decay", 0.1}, {"initial_accumulator_value", 0.5}}},
        {"Adadelta", {}},
        {"Adadelta", {{"lr", 0.5}, {"rho", 0.7}, {"eps", 1e-5}, {"weight_decay", 0.01}}},
        {"Adafactor", {}},
        {"Adafactor",
         {{"lr", 0.1},
          {"beta2_decay", -0.5},
          {"eps", List{1e-4, 0.01}},
          {"d", 1.5},
          {"weight_decay", 0.02}}},
        {"Adafactor", {{"eps", List{Value(), 0.1}}, {"maximize", true}}},
        {"LBFGS", {{"lr", 0.1}, {"max_iter", 4}}},
        {"LBFGS", {{"lr", 0.05}, {"max_iter", 3}, {"history_size", 2}, {"max_eval", 10}}},
        {"LBFGS", {{"max_iter", 4}, {"line_search_fn", "strong_wolfe"}}},
        {"LBFGS", {{"lr", 0.3}, {"history_size", 3}, {"line_search_fn", "strong_wolfe"}}}};
    return all;
}

QString python(const Case& c) {
    QString text = QStringLiteral("torch.optim.%1(model.parameters()").arg(c.kind);
    for (const auto& [key, value] : c.params)
        text += QString::fromStdString(", " + key + "=" + value.toPython());
    return text + ")";
}

}  // namespace

/// Every optimizer over two real epochs against Python's, to the bit; parameter groups and frozen
/// blocks likewise.
class OptimizerSweepTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    Project project(const Case& c) const {
        Project p = test::peerProject(m_folder.path());
        p.training.optimizer = {c.kind, c.params};
        return p;
    }

    static std::string problemsOf(const Project& project) {
        std::string all;
        for (const Diagnostic& d : checkProject(project).diagnostics)
            if (d.severity != Severity::Info) all += d.message + "\n";
        return all;
    }

private Q_SLOTS:
    void initTestCase() { test::writeSmallFashionMnist(m_folder.path(), 110, 30); }

    void everyOptimizerEqualsPython() {
        std::set<std::string> seen;
        std::vector<QJsonObject> scripts;
        for (const Case& c : cases()) {
            seen.insert(c.kind);
            scripts.push_back({{"optimizer", python(c)}});
        }
        for (const OptimizerKind& kind : optimizers())
            QVERIFY2(seen.contains(kind.info.id), kind.info.id.c_str());
        const auto theirs = test::pythonRuns(m_folder.path(), scripts);
        QStringList wrong;
        for (std::size_t i = 0; i < cases().size(); ++i) {
            const auto ours = test::trainedRun(project(cases()[i]));
            const QString found = test::difference(ours, theirs[i]);
            if (!found.isEmpty()) wrong << python(cases()[i]) + ": " + found;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
        qInfo("%zu settings of %zu optimizers, losses and weights equal to the bit", cases().size(),
              optimizers().size());
    }

    void everyOptimizerGoesOnToTheBit() {
        for (const Case& c : cases()) {
            const auto whole = test::trainedRun(project(c));
            const auto parts = test::interruptedRun(project(c), 4);
            const QString found = test::difference(parts, whole);
            QVERIFY2(found.isEmpty(), qPrintable(python(c) + ": " + found));
        }
    }

    void groupsEqualPython() {
        const char* const rest =
            "[p for n, p in model.named_parameters() if not n.startswith(('conv1', 'fc1'))]";
        struct GroupCase {
            Choice optimizer;
            std::vector<ParameterGroup> groups;
            QString init, python;
        };
        const std::vector<GroupCase> all = {
            {{"SGD", {{"lr", 0.01}, {"momentum", 0.9}}},
             {{{"conv1"}, {{"lr", 0.1}}, false, {}},
              {{"fc1"}, {{"lr", 0.02}, {"weight_decay", 0.1}, {"momentum", 0.0}}, false, {}}},
             {},
             QStringLiteral("torch.optim.SGD([{'params': %1}, {'params': model.conv1.parameters(), "
                            "'lr': 0.1}, {'params': model.fc1.parameters(), 'lr': 0.02, "
                            "'weight_decay': 0.1, 'momentum': 0}], lr=0.01, momentum=0.9)")
                 .arg(rest)},
            {{"AdamW", {{"lr", 0.01}}},
             {{{"bn1"}, {{"weight_decay", 0.0}, {"betas", List{0.5, 0.9}}}, false, {}}},
             {},
             "torch.optim.AdamW([{'params': [p for n, p in model.named_parameters() if not "
             "n.startswith('bn1')]}, {'params': model.bn1.parameters(), 'weight_decay': 0.0, "
             "'betas': (0.5, 0.9)}], lr=0.01)"},
            {{"Adam", {{"lr", 0.01}}},
             {{{"conv1", "bn1"}, {}, true, {}}},
             "model.conv1.requires_grad_(False); model.bn1.requires_grad_(False)",
             "torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)"},
            {{"LBFGS", {{"max_iter", 3}, {"line_search_fn", "strong_wolfe"}}},
             {{{"conv1"}, {}, true, {}}},
             "model.conv1.requires_grad_(False)",
             "torch.optim.LBFGS([p for p in model.parameters() if p.requires_grad], max_iter=3, "
             "line_search_fn='strong_wolfe')"}};
        std::vector<QJsonObject> scripts;
        for (const GroupCase& c : all)
            scripts.push_back({{"optimizer", c.python}, {"init", c.init}});
        const auto theirs = test::pythonRuns(m_folder.path(), scripts);
        for (std::size_t i = 0; i < all.size(); ++i) {
            Project p = test::peerProject(m_folder.path());
            p.training.optimizer = all[i].optimizer;
            p.training.parameterGroups = all[i].groups;
            QString found = test::difference(test::trainedRun(p), theirs[i]);
            QVERIFY2(found.isEmpty(), qPrintable(all[i].python + ": " + found));
            found = test::difference(test::interruptedRun(p, 7), theirs[i]);
            QVERIFY2(found.isEmpty(), qPrintable(all[i].python + ", interrupted: " + found));
        }
    }

    void frozenBlocksKeepTheirWeightsButNotTheirStatistics() {
        Project p = project({"SGD", {{"lr", 0.1}}});
        p.training.epochs = 1;
        p.training.parameterGroups = {{{"conv1", "bn1"}, {}, true, {}}};
        PlanOptions none;
        none.maxSteps = 0;
        const auto before = test::trainedRun(p, none), after = test::trainedRun(p);
        for (const char* name : {"conv1.weight", "conv1.bias", "bn1.weight", "bn1.bias"})
            QVERIFY2(before.weights.find(name)->bytes == after.weights.find(name)->bytes, name);
        QVERIFY(before.weights.find("bn1.running_mean")->bytes !=
                after.weights.find("bn1.running_mean")->bytes);
        QVERIFY(before.weights.find("fc1.weight")->bytes !=
                after.weights.find("fc1.weight")->bytes);
    }

    void groupsAreChecked_data() {
        QTest::addColumn<QString>("blocks");
        QTest::addColumn<QString>("params");
        QTest::addColumn<bool>("frozen");
        QTest::addColumn<QString>("optimizer");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("fits") << "conv1"
                              << "lr=0.1" << false << "SGD"
                              << "";
        QTest::newRow("unknown block") << "conv2"
                                       << "lr=0.1" << false << "SGD"
                                       << "the network has no block of that name";
        QTest::newRow("unknown setting") << "conv1"
                                         << "betas=0.9" << false << "SGD"
                                         << "SGD has no such parameter";
        QTest::newRow("bad value") << "conv1"
                                   << "lr=-1" << false << "SGD"
                                   << "must be at least 0";
        QTest::newRow("twice") << "conv1 conv1"
                               << "lr=0.1" << false << "SGD"
                               << "named by two parameter groups";
        QTest::newRow("all frozen") << "conv1 bn1 fc1"
                                    << "" << true << "SGD"
                                    << "nothing to train";
        QTest::newRow("LBFGS") << "conv1"
                               << "lr=0.1" << false << "LBFGS"
                               << "trains all parameters with the same settings";
        QTest::newRow("LBFGS frozen") << "conv1"
                                      << "" << true << "LBFGS"
                                      << "";
    }
    void groupsAreChecked() {
        QFETCH(QString, blocks);
        QFETCH(QString, params);
        QFETCH(bool, frozen);
        QFETCH(QString, optimizer);
        QFETCH(QString, sentence);
        Project p = project({"SGD", {{"lr", 0.1}}});
        p.training.optimizer = {optimizer.toStdString(), {{"lr", 0.1}}};
        ParameterGroup group;
        for (const QString& block : blocks.split(' ')) group.blocks.push_back(block.toStdString());
        if (!params.isEmpty())
            group.params.set(params.section('=', 0, 0).toStdString(),
                             Value(params.section('=', 1).toDouble()));
        group.frozen = frozen;
        p.training.parameterGroups = {group};
        const std::string found = problemsOf(p);
        QVERIFY2(sentence.isEmpty() ? found.empty()
                                    : found.find(sentence.toStdString()) != std::string::npos,
                 found.c_str());
    }

    void frozenWeightsNeedLessMemory() {
        Project p = project({"Adam", {}});
        const auto all = checkProject(p);
        p.training.parameterGroups = {{{"fc1"}, {}, true, {}}};
        const auto some = checkProject(p);
        // Its 6,770 weights: a gradient and two averages each.
        QCOMPARE(all.trainingBytes - some.trainingBytes, std::int64_t(6770 * 4 * 3));
    }

    void editsKeepGroupsTidy() {
        const Graph graph = test::peerProject(m_folder.path()).network;
        TrainingSection t;
        t = withOwnSetting(t, graph, {"conv1", "bn1"}, "lr", Value(0.1));
        QCOMPARE(t.parameterGroups.size(), std::size_t(1));
        t = withFrozen(t, graph, {"bn1"}, true);
        QCOMPARE(t.parameterGroups.size(), std::size_t(2));
        QVERIFY(isFrozen(t, graph, "bn1") && isFrozen(t, graph, "bn1.weight"));
        QVERIFY(!isFrozen(t, graph, "conv1") && !isFrozen(t, graph, "bn12"));
        t = withOwnSetting(t, graph, {"bn1"}, "lr", std::nullopt);
        t = withFrozen(t, graph, {"bn1"}, false);
        t = withOwnSetting(t, graph, {"conv1"}, "lr", std::nullopt);
        QVERIFY(t.parameterGroups.empty());
    }
};

QTEST_GUILESS_MAIN(OptimizerSweepTest)
#include "optimizer_sweep_test.moc"
