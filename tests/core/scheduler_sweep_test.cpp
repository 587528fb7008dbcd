#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "core/base/json.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "core/train/schedule.h"
#include "tests/support/small_project.h"
#include "tests/support/training_peer.h"

using namespace loom;

namespace {

struct Case {
    const char* kind;
    const char* params;  ///< JSON
    const char* python;  ///< the scheduler over `optimizer`; empty: made from the settings
    const char* per = "epoch";
    const char* optimizer = R"({"lr": 0.05, "momentum": 0.5})";
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"StepLR", R"({"step_size": 2, "gamma": 0.3})", ""},
        {"StepLR", R"({"step_size": 7, "interval": "batch"})", "", "batch"},
        {"MultiStepLR", R"({"milestones": [1, 4, 4, 6], "gamma": 0.5})", ""},
        {"ExponentialLR", R"({"gamma": 0.7})", ""},
        {"ConstantLR", "{}", ""},
        {"ConstantLR", R"({"factor": 0.2, "total_iters": 2})", ""},
        {"LinearLR", "{}", ""},
        {"LinearLR", R"({"start_factor": 1.0, "end_factor": 0.1, "total_iters": 3})", ""},
        {"PolynomialLR", "{}", ""},
        {"PolynomialLR", R"({"total_iters": 4, "power": 2.0})", ""},
        {"CosineAnnealingLR", R"({"T_max": 3, "eta_min": 0.001})", ""},
        {"CosineAnnealingLR", R"({"T_max": 42, "interval": "batch"})", "", "batch"},
        {"CosineAnnealingWarmRestarts", R"({"T_0": 2})", ""},
        {"CosineAnnealingWarmRestarts", R"({"T_0": 1, "T_mult": 2, "eta_min": 0.001})", ""},
        {"OneCycleLR", R"({"max_lr": 0.1})",
         "S.OneCycleLR(optimizer, max_lr=0.1, epochs=7, steps_per_epoch=6)", "batch"},
        {"OneCycleLR",
         R"({"max_lr": 0.1, "total_steps": 60, "pct_start": 0.2, "anneal_strategy": "linear", "three_phase": true, "div_factor": 5.0, "final_div_factor": 100.0, "base_momentum": 0.7})",
         "", "batch"},
        {"OneCycleLR", R"({"max_lr": 0.1, "cycle_momentum": false, "interval": "epoch"})",
         "S.OneCycleLR(optimizer, max_lr=0.1, total_steps=7, cycle_momentum=False)"},
        {"CyclicLR", R"({"base_lr": 0.001, "max_lr": 0.05, "step_size_up": 4})", "", "batch"},
        {"CyclicLR",
         R"({"base_lr": 0.001, "max_lr": 0.05, "step_size_up": 3, "step_size_down": 5, "mode": "triangular2", "base_momentum": 0.3})",
         "", "batch"},
        {"CyclicLR",
         R"({"base_lr": 0.001, "max_lr": 0.05, "step_size_up": 3, "mode": "exp_range", "gamma": 0.95, "cycle_momentum": false})",
         "", "batch"},
        {"LambdaLR", R"({"lr_lambda": "warmup", "warmup": 3})", "lambda"},
        {"LambdaLR", R"({"lr_lambda": "warmup_linear", "warmup": 2, "total": 6})", "lambda"},
        {"LambdaLR", R"({"lr_lambda": "warmup_cosine", "warmup": 2, "total": 6})", "lambda"},
        {"LambdaLR", R"({"lr_lambda": "inverse_sqrt", "warmup": 2})", "lambda"},
        {"LambdaLR", R"({"lr_lambda": "inverse_time", "k": 0.3})", "lambda"},
        {"LambdaLR", R"({"lr_lambda": "polynomial", "total": 5, "power": 1.5})", "lambda"},
        {"LambdaLR", R"({"lr_lambda": "exponential", "gamma": 0.8})", "lambda"},
        {"MultiplicativeLR", R"({"lr_lambda": "constant"})", "lambda"},
        {"MultiplicativeLR", R"({"lr_lambda": "until", "gamma": 0.5, "total": 2})", "lambda"},
        {"MultiplicativeLR", R"({"lr_lambda": "every", "gamma": 0.5, "step_size": 2})", "lambda"},
        {"MultiplicativeLR", R"({"lr_lambda": "inverse_sqrt"})", "lambda"},
        {"ReduceLROnPlateau", R"({"patience": 0, "factor": 0.5, "threshold": 0.3})", "", "loss"},
        {"ReduceLROnPlateau",
         R"({"patience": 1, "threshold": 0.2, "threshold_mode": "abs", "cooldown": 1, "min_lr": 0.002})",
         "", "loss"},
        {"SequentialLR",
         R"({"schedulers": [{"kind": "LinearLR", "params": {"start_factor": 0.1, "total_iters": 2}}, {"kind": "CosineAnnealingLR", "params": {"T_max": 4}}], "milestones": [2]})",
         "S.SequentialLR(optimizer, [S.LinearLR(optimizer, 0.1, total_iters=2), "
         "S.CosineAnnealingLR(optimizer, 4)], [2])"},
        {"SequentialLR",
         R"({"schedulers": [{"kind": "ConstantLR", "params": {"factor": 0.1}}, {"kind": "CosineAnnealingWarmRestarts", "params": {"T_0": 2}}, {"kind": "MultiplicativeLR", "params": {"lr_lambda": "constant"}}], "milestones": [1, 4]})",
         "S.SequentialLR(optimizer, [S.ConstantLR(optimizer, 0.1), "
         "S.CosineAnnealingWarmRestarts(optimizer, 2), S.MultiplicativeLR(optimizer, lambda "
         "epoch: 0.95)], [1, 4])"},
        {"SequentialLR",
         R"({"schedulers": [{"kind": "LinearLR", "params": {"total_iters": 6}}, {"kind": "CyclicLR", "params": {"base_lr": 0.01, "max_lr": 0.05, "step_size_up": 4}}], "milestones": [6]})",
         "S.SequentialLR(optimizer, [S.LinearLR(optimizer, total_iters=6), S.CyclicLR(optimizer, "
         "0.01, 0.05, 4)], [6])",
         "batch"},
        {"ChainedScheduler",
         R"({"schedulers": [{"kind": "ConstantLR", "params": {"factor": 0.1, "total_iters": 2}}, {"kind": "ExponentialLR", "params": {"gamma": 0.9}}]})",
         "S.ChainedScheduler([S.ConstantLR(optimizer, 0.1, total_iters=2), "
         "S.ExponentialLR(optimizer, 0.9)])"},
        {"ChainedScheduler",
         R"({"schedulers": [{"kind": "SequentialLR", "params": {"schedulers": [{"kind": "LinearLR", "params": {}}, {"kind": "ExponentialLR", "params": {"gamma": 0.9}}], "milestones": [3]}}, {"kind": "StepLR", "params": {"step_size": 2, "gamma": 0.5}}]})",
         "S.ChainedScheduler([S.SequentialLR(optimizer, [S.LinearLR(optimizer), "
         "S.ExponentialLR(optimizer, 0.9)], [3]), S.StepLR(optimizer, 2, 0.5)])"}};
    return all;
}

Params paramsOf(const Case& c) {
    return parseJson(c.params)->asDict();
}

QString python(const Case& c) {
    if (const QString given = c.python; !given.isEmpty() && given != "lambda") return given;
    if (*c.python) {
        const SchedulerKind* kind = schedulers().find(c.kind);
        const Params params = paramsOf(c);
        return QStringLiteral("S.%1(optimizer, %2)")
            .arg(c.kind, QString::fromStdString(kind->lambda(Settings(kind->params, params))));
    }
    QString text = QStringLiteral("S.%1(optimizer").arg(c.kind);
    for (const auto& [key, value] : paramsOf(c))
        if (key != "interval") text += QString::fromStdString(", " + key + "=" + value.toPython());
    return text + ")";
}

}  // namespace

/// Every scheduler over seven real epochs against Python's: the rate of every step, and losses and
/// weights, to the bit.
class SchedulerSweepTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    Project project(const Case& c) const {
        Project p = test::peerProject(m_folder.path());
        p.training.epochs = 7;
        p.training.optimizer = {"SGD", parseJson(c.optimizer)->asDict()};
        p.training.scheduler = Choice{c.kind, paramsOf(c)};
        return p;
    }

private Q_SLOTS:
    void initTestCase() { test::writeSmallFashionMnist(m_folder.path(), 110, 30); }

    void everySchedulerEqualsPython() {
        std::set<std::string> seen;
        std::vector<QJsonObject> scripts;
        for (const Case& c : cases()) {
            seen.insert(c.kind);
            scripts.push_back(
                {{"optimizer", "torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)"},
                 {"scheduler", python(c)},
                 {"per", c.per},
                 {"epochs", 7}});
        }
        for (const SchedulerKind& kind : schedulers())
            QVERIFY2(seen.contains(kind.info.id), kind.info.id.c_str());
        const auto theirs = test::pythonRuns(m_folder.path(), scripts);
        QStringList wrong;
        for (std::size_t i = 0; i < cases().size(); ++i) {
            const auto ours = test::trainedRun(project(cases()[i]));
            const QString found = test::difference(ours, theirs[i]);
            if (!found.isEmpty()) wrong << python(cases()[i]) + ": " + found;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
        qInfo("%zu settings of %zu schedulers, rates, losses and weights equal to the bit",
              cases().size(), schedulers().size());
    }

    void everySchedulerGoesOnToTheBit() {
        for (const Case& c : cases()) {
            const auto whole = test::trainedRun(project(c));
            for (const int steps : {12, 21}) {
                const QString found =
                    test::difference(test::interruptedRun(project(c), steps), whole);
                QVERIFY2(found.isEmpty(), qPrintable(python(c) + ": " + found));
            }
        }
    }

    void schedulesMoveEveryGroupsOwnRate() {
        Project p = project(cases()[0]);
        p.training.parameterGroups = {{{"conv1"}, {{"lr", 0.5}}, false, {}}};
        const auto theirs = test::pythonRuns(
            m_folder.path(),
            {{{"optimizer",
               "torch.optim.SGD([{'params': [p for n, p in model.named_parameters() if not "
               "n.startswith('conv1')]}, {'params': model.conv1.parameters(), 'lr': 0.5}], "
               "lr=0.05, momentum=0.5)"},
              {"scheduler", python(cases()[0])},
              {"epochs", 7}}});
        const QString found = test::difference(test::trainedRun(p), theirs[0]);
        QVERIFY2(found.isEmpty(), qPrintable(found));
    }

    void momentumCyclesWithAdamToo() {
        Project p = project({"OneCycleLR", R"({"max_lr": 0.01})", ""});
        p.training.optimizer = {"Adam", {}};
        const auto theirs = test::pythonRuns(
            m_folder.path(),
            {{{"optimizer", "torch.optim.Adam(model.parameters())"},
              {"scheduler", "S.OneCycleLR(optimizer, max_lr=0.01, total_steps=42)"},
              {"per", "batch"},
              {"epochs", 7}}});
        const QString found = test::difference(test::trainedRun(p), theirs[0]);
        QVERIFY2(found.isEmpty(), qPrintable(found));
    }

    void theCurveIsTheRunsRates() {
        for (const Case& c : cases()) {
            if (std::string(c.per) == "loss") continue;
            const Project p = project(c);
            const auto run = test::trainedRun(p);
            const ScheduleCurve curve = drawSchedule(p.training, 6);
            QCOMPARE(curve.perBatch, std::string(c.per) == "batch");
            for (std::size_t i = 0; i < curve.rates.size(); ++i)
                QCOMPARE(curve.rates[i], run.rates[curve.perBatch ? i : i * 6]);
        }
    }

    void chainsSurviveTheFile() {
        for (const Case& c : cases()) {
            const Project p = project(c);
            const auto again = projectFromJson(projectToJson(p), "again");
            QVERIFY(again.ok());
            QVERIFY(again->project == p);
            QVERIFY(again->remarks.empty());
            QVERIFY2(!hasErrors(checkProject(p).diagnostics), c.kind);
        }
    }

    void wrongSettingsGetASentence_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("params");
        QTest::addColumn<QString>("optimizer");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const char* kind, const char* params,
                            const char* optimizer, const char* sentence) {
            QTest::newRow(name) << kind << params << optimizer << sentence;
        };
        row("no momentum", "OneCycleLR", R"({"max_lr": 0.1})", "Adagrad",
            "Adagrad has no momentum");
        row("betas do not cycle", "CyclicLR", R"({"base_lr": 0.1, "max_lr": 1.0})", "Adam",
            "Adam has no momentum");
        row("milestones", "SequentialLR",
            R"({"schedulers": [{"kind": "LinearLR", "params": {}}], "milestones": [2]})", "SGD",
            "one milestone fewer than schedulers");
        row("order", "SequentialLR",
            R"({"schedulers": [{"kind": "LinearLR"}, {"kind": "LinearLR"}, {"kind": "LinearLR"}], "milestones": [5, 2]})",
            "SGD", "each must come after the one before");
        row("plateau inside", "ChainedScheduler",
            R"({"schedulers": [{"kind": "ReduceLROnPlateau", "params": {}}]})", "SGD",
            "cannot hold ReduceLROnPlateau");
        row("nested settings", "ChainedScheduler",
            R"({"schedulers": [{"kind": "StepLR", "params": {"step_size": 0}}]})", "SGD",
            "ChainedScheduler, StepLR: step_size is 0");
        row("unknown inside", "ChainedScheduler",
            R"({"schedulers": [{"kind": "SteppLR", "params": {}}]})", "SGD", "SteppLR");
        row("no list", "ChainedScheduler", R"({"schedulers": 3})", "SGD",
            "must be a list of kinds");
        row("mode", "ReduceLROnPlateau", R"({"monitor": "test_accuracy"})", "SGD",
            "a larger accuracy is better");
    }
    void wrongSettingsGetASentence() {
        QFETCH(QString, kind);
        QFETCH(QString, params);
        QFETCH(QString, optimizer);
        QFETCH(QString, sentence);
        Project p = test::peerProject(m_folder.path());
        p.training.optimizer = {optimizer.toStdString(), {{"lr", 0.1}}};
        p.training.scheduler =
            Choice{kind.toStdString(), parseJson(params.toStdString())->asDict()};
        std::string all;
        for (const Diagnostic& d : checkProject(p).diagnostics)
            if (d.severity == Severity::Error) all += d.message + "\n";
        QVERIFY2(all.find(sentence.toStdString()) != std::string::npos, all.c_str());
        const ScheduleCurve curve = drawSchedule(p.training, 6);
        QVERIFY(curve.rates.empty());
    }

    void aCycleShorterThanTheRunIsRefused() {
        Project p = project({"OneCycleLR", R"({"max_lr": 0.1, "total_steps": 30})", ""});
        const auto run = test::trainedRun(p);
        QCOMPARE(run.status, std::string("failed"));
        QVERIFY2(run.message.find("over 30 steps, but the run makes 42") != std::string::npos,
                 run.message.c_str());
    }
};

QTEST_GUILESS_MAIN(SchedulerSweepTest)
#include "scheduler_sweep_test.moc"
