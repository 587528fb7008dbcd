#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "core/check/problem_place.h"
#include "core/graph/edit.h"
#include "core/graph/text_form.h"
#include "core/project/parameter_groups.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/inspector/block_training.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/param_row.h"
#include "widgets/inspector/parts_form.h"
#include "widgets/plots/schedule_plot.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

void choose(ParamForm* form, const char* key, const char* word) {
    auto* combo = qobject_cast<QComboBox*>(form->editor(QLatin1String(key)));
    QVERIFY2(combo, key);
    const int index = combo->findData(QString::fromLatin1(word));
    QVERIFY2(index >= 0, word);
    combo->setCurrentIndex(index);
    Q_EMIT combo->activated(index);
}

void type(ParamForm* form, const char* key, const char* text) {
    auto* line = qobject_cast<QLineEdit*>(form->editor(QLatin1String(key)));
    QVERIFY2(line, key);
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, QString::fromLatin1(text));
    QTest::keyClick(line, Qt::Key_Return);
}

}  // namespace

/// The forms for schedules, chains of them, and how blocks train, as a person uses them.
class TrainingFormsTest : public QObject {
    Q_OBJECT

    static Project project() {
        Project p = newProject();
        p.network = *graphFromText(
            "Input 1x28x28 > Conv2d out_channels=4 kernel_size=3 > BatchNorm2d > ReLU > Flatten > "
            "Linear out_features=10 > Output");
        p.training.epochs = 8;
        return p;
    }

private Q_SLOTS:
    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    void freshSchedulesAreReadyToUse() {
        DocumentController document;
        document.reset(project());
        ChoiceForm form(schedulerSubject(), &document);
        connect(&document, &DocumentController::reportChanged, &form, &ChoiceForm::reload);
        for (const SchedulerKind& kind : schedulers()) {
            choose(form.kindForm(), "scheduler", kind.info.id.c_str());
            QVERIFY(document.project().training.scheduler);
            QCOMPARE(document.project().training.scheduler->kind, kind.info.id);
            for (const Diagnostic& d : document.report().diagnostics)
                QVERIFY2(pageOf(d) != "training" || d.severity != Severity::Error,
                         (kind.info.id + ": " + d.message).c_str());
            QVERIFY2(!drawSchedule(document.project().training, 10).rates.empty(),
                     kind.info.id.c_str());
        }
        choose(form.kindForm(), "scheduler", "CosineAnnealingLR");
        QCOMPARE(document.project().training.scheduler->params.find("T_max")->asInt(), 8);
    }

    void lambdasAreShownAsPython() {
        DocumentController document;
        document.reset(project());
        ChoiceForm form(schedulerSubject(), &document);
        connect(&document, &DocumentController::reportChanged, &form, &ChoiceForm::reload);
        choose(form.kindForm(), "scheduler", "LambdaLR");
        choose(form.paramForm(), "lr_lambda", "exponential");
        auto* note = form.findChild<QLabel*>(QStringLiteral("choice.note"));
        QCOMPARE(note->text(), QStringLiteral("lambda epoch: 0.95 ** epoch"));
        QVERIFY(!form.paramForm()->row(QStringLiteral("gamma"))->isHidden());
        QVERIFY(form.paramForm()->row(QStringLiteral("warmup"))->isHidden());
        type(form.paramForm(), "gamma", "0.5");
        QCOMPARE(note->text(), QStringLiteral("lambda epoch: 0.5 ** epoch"));
    }

    void chainsGrowAndShrink() {
        DocumentController document;
        document.reset(project());
        ChoiceForm form(schedulerSubject(), &document);
        connect(&document, &DocumentController::reportChanged, &form, &ChoiceForm::reload);
        form.resize(300, 900);
        form.show();
        choose(form.kindForm(), "scheduler", "SequentialLR");
        const auto params = [&] { return document.project().training.scheduler->params; };
        QVERIFY(form.partsForm());
        QCOMPARE(form.partsForm()->forms().size(), std::size_t(2));
        QTest::mouseClick(form.partsForm()->addButton(), Qt::LeftButton);
        QCOMPARE(form.partsForm()->forms().size(), std::size_t(3));
        QVERIFY(*params().find("milestones") == Value(List{2, 4}));
        QVERIFY(document.report().ok() || document.report().diagnostics.empty() ||
                pageOf(document.report().diagnostics[0]) != "training");
        ChoiceForm* last = form.partsForm()->forms()[2];
        choose(last->kindForm(), "3.", "ExponentialLR");
        type(last->paramForm(), "gamma", "0.8");
        const Value part = params().find("schedulers")->asList()[2];
        QCOMPARE(part.asDict().find("kind")->asString(), std::string("ExponentialLR"));
        QCOMPARE(part.asDict().find("params")->asDict().find("gamma")->asFloat(), 0.8);
        auto* close = form.partsForm()->forms()[0]->parentWidget()->findChild<QToolButton*>(
            QString(), Qt::FindDirectChildrenOnly);
        QTest::mouseClick(close, Qt::LeftButton);
        QCOMPARE(form.partsForm()->forms().size(), std::size_t(2));
        QVERIFY(*params().find("milestones") == Value(List{4}));
        document.undoStack()->undo();
        QCOMPARE(form.partsForm()->forms().size(), std::size_t(3));
        choose(form.kindForm(), "scheduler", "StepLR");
        QVERIFY(form.partsForm()->isHidden());
    }

    void blocksFreezeAndHaveTheirOwnRates() {
        DocumentController document;
        document.reset(project());
        BlockTraining form(document);
        const auto show = [&](const std::vector<NodeId>& ids) { form.setBlocks(ids); };
        connect(&document, &DocumentController::reportChanged, &form, [&] {
            show({"conv1", "bn1", "relu"});
        });
        show({"relu"});
        QVERIFY(form.isHidden());
        show({"conv1", "bn1", "relu"});
        QVERIFY(!form.isHidden());
        type(form.trainingForm(), "lr", "0.5");
        const auto& training = [&]() -> const TrainingSection& {
            return document.project().training;
        };
        QCOMPARE(training().parameterGroups.size(), std::size_t(1));
        QVERIFY(training().parameterGroups[0].blocks == (std::vector<std::string>{"conv1", "bn1"}));
        QCOMPARE(training().parameterGroups[0].params.find("lr")->asFloat(), 0.5);
        auto* frozen = qobject_cast<QCheckBox*>(form.trainingForm()->editor("frozen"));
        frozen->click();
        QVERIFY(isFrozen(training(), document.graph(), "conv1"));
        frozen->click();
        QVERIFY(!isFrozen(training(), document.graph(), "conv1"));
        document.undoStack()->undo();
        QVERIFY(isFrozen(training(), document.graph(), "conv1"));
    }

    void groupsFollowRenamedAndRemovedBlocks() {
        DocumentController document;
        Project p = project();
        p.training.parameterGroups = {{{"conv1", "bn1"}, {}, true, {}}};
        document.reset(p);
        document.editGraph("rename",
                           [](const Graph& g) { return edit::rename(g, "conv1", "stem"); });
        QVERIFY(isFrozen(document.project().training, document.graph(), "stem"));
        document.editGraph("remove", [](const Graph& g) -> Result<Graph> {
            return edit::removeNodes(g, {"bn1"}, true);
        });
        QVERIFY(document.project().training.parameterGroups[0].blocks ==
                std::vector<std::string>{"stem"});
        document.editGraph("remove", [](const Graph& g) -> Result<Graph> {
            return edit::removeNodes(g, {"stem"}, true);
        });
        QVERIFY(document.project().training.parameterGroups.empty());
    }

    void weightsBeginAsChosen() {
        DocumentController document;
        document.reset(project());
        BlockTraining form(document);
        connect(&document, &DocumentController::reportChanged, &form, [&] {
            form.setBlocks({"conv1", "fc1"});
        });
        form.setBlocks({"conv1", "fc1"});
        choose(form.beginningForm(), "weight", "kaiming_normal_");
        for (const char* id : {"conv1", "fc1"})
            QVERIFY(document.graph().find(id)->initialization.contains("weight"));
        const auto forms = form.findChildren<ParamForm*>();
        auto found = std::find_if(forms.begin(), forms.end(), [](ParamForm* f) {
            return f->editor(QStringLiteral("nonlinearity"));
        });
        QVERIFY(found != forms.end());
        choose(*found, "nonlinearity", "relu");
        const Value* entry = document.graph().find("fc1")->initialization.find("weight");
        QCOMPARE(entry->asDict().find("params")->asDict().find("nonlinearity")->asString(),
                 std::string("relu"));
        auto* combo = qobject_cast<QComboBox*>(form.beginningForm()->editor("weight"));
        combo->setCurrentIndex(0);
        Q_EMIT combo->activated(0);
        QVERIFY(document.graph().find("fc1")->initialization.empty());
    }

    void theCurveIsDescribed() {
        SchedulePlot plot;
        TrainingSection t = project().training;
        plot.setCurve(drawSchedule(t, 10), t.epochs);
        QVERIFY(plot.text().contains(QStringLiteral("from 0.01 to 0.01")));
        t.scheduler = Choice{"OneCycleLR", {{"max_lr", 0.1}}};
        t.optimizer.params.set("momentum", Value(0.9));
        plot.setCurve(drawSchedule(t, 10), t.epochs);
        QVERIFY2(plot.text().contains(QStringLiteral("largest 0.1")), qPrintable(plot.text()));
        QVERIFY(plot.text().contains(QStringLiteral("momentum moves between 0.85 and 0.95")));
        t.scheduler = Choice{"OneCycleLR", {}};
        plot.setCurve(drawSchedule(t, 10), t.epochs);
        QVERIFY(plot.isHidden());
    }
};

QTEST_MAIN(TrainingFormsTest)
#include "training_forms_test.moc"
