#include "widgets/data/step_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "core/data/transform.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/inspector/param_form.h"
#include "widgets/style/controls.h"

namespace loom {

std::vector<Choice>& stepsOf(Project& project, Split split) {
    return split == Split::Train ? project.data.trainTransforms : project.data.testTransforms;
}

const std::vector<Choice>& stepsOf(const Project& project, Split split) {
    return split == Split::Train ? project.data.trainTransforms : project.data.testTransforms;
}

StepPanel::StepPanel(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    setProperty("surface", QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(10);
    m_title = makeLabel({}, "heading");
    m_summary = makeWrappedLabel({}, "small");
    auto* heading = new QVBoxLayout;
    heading->setSpacing(2);
    heading->addWidget(m_title);
    heading->addWidget(m_summary);
    column->addLayout(heading);

    m_problem = new Card;
    m_problem->setTone(QStringLiteral("danger"));
    m_problemText = makeWrappedLabel({}, "dangerStrong");
    m_problemHint = makeWrappedLabel({}, "small");
    m_problem->body()->addWidget(m_problemText);
    m_problem->body()->addWidget(m_problemHint);
    m_problem->hide();
    column->addWidget(m_problem);

    m_form = new ParamForm;
    column->addWidget(m_form);
    m_fidelity = new Card;
    m_fidelity->body()->addWidget(makeLabel(tr("Same as torchvision"), "small"));
    m_fidelityText = makeWrappedLabel({}, "good");
    m_fidelity->body()->addWidget(m_fidelityText);
    column->addWidget(m_fidelity);

    m_code = new Card;
    auto* codeRow = new QHBoxLayout;
    m_python = makeWrappedLabel({}, "mono");
    m_python->setTextInteractionFlags(Qt::TextSelectableByMouse);
    codeRow->addWidget(m_python, 1);
    QToolButton* copy = makeIconButton(QStringLiteral("copy"), tr("Copy this line of Python"));
    codeRow->addWidget(copy, 0, Qt::AlignTop);
    m_code->body()->addLayout(codeRow);
    column->addWidget(m_code);
    m_copyAcross = makeButton({});
    column->addWidget(m_copyAcross);
    column->addStretch(1);

    m_empty =
        new EmptyState(QStringLiteral("layers"), tr("No step chosen"),
                       tr("Choose a step of the strip to see what it does and to change it."));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_area = makeScrollColumn(content);
    layout->addWidget(m_area);
    layout->addWidget(m_empty);

    connect(copy, &QToolButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_python->text()); });
    connect(m_form, &ParamForm::finished, m_controller, &DocumentController::endMerge);
    connect(m_form, &ParamForm::changed, this,
            [this](const QString& key, const std::optional<Value>& value) {
                const auto step = static_cast<std::size_t>(m_step);
                m_controller->edit(
                    tr("Set %1").arg(key),
                    [&](const Project& project) -> Result<Project> {
                        Project next = project;
                        if (step >= stepsOf(next, m_split).size()) return next;
                        Params& params = stepsOf(next, m_split)[step].params;
                        if (value)
                            params.set(key.toStdString(), *value);
                        else
                            params.erase(key.toStdString());
                        return next;
                    },
                    QStringLiteral("step.%1.%2.%3")
                        .arg(m_split == Split::Train ? 0 : 1)
                        .arg(m_step)
                        .arg(key));
            });
    connect(m_copyAcross, &QPushButton::clicked, this, [this] {
        const Split other = m_split == Split::Train ? Split::Test : Split::Train;
        m_controller->edit(m_copyAcross->text(), [&](const Project& project) -> Result<Project> {
            const Choice step = stepsOf(project, m_split).at(static_cast<std::size_t>(m_step));
            Project next = project;
            std::vector<Choice>& steps = stepsOf(next, other);
            const auto same = std::find_if(steps.begin(), steps.end(),
                                           [&](const Choice& c) { return c.kind == step.kind; });
            if (same != steps.end())
                *same = step;
            else
                steps.insert(steps.begin() + std::min<std::ptrdiff_t>(
                                                 m_step, static_cast<std::ptrdiff_t>(steps.size())),
                             step);
            return next;
        });
    });
    setStep(Split::Train, -1);
}

void StepPanel::setStep(Split split, int step) {
    m_split = split;
    m_step = step;
    reload();
}

void StepPanel::reload() {
    const std::vector<Choice>& steps = stepsOf(m_controller->project(), m_split);
    const bool chosen = m_step >= 0 && m_step < static_cast<int>(steps.size());
    m_area->setVisible(chosen);
    m_empty->setVisible(!chosen);
    if (!chosen) return;
    const Choice& step = steps[static_cast<std::size_t>(m_step)];
    const TransformKind* kind = transforms().find(step.kind);
    m_title->setText(QString::fromStdString(step.kind));
    setProperty("helpKey", QString::fromStdString("transform/" + step.kind));
    m_form->setVisible(kind && !kind->params.empty());
    m_fidelity->setVisible(kind);
    m_code->setVisible(kind);
    const bool train = m_split == Split::Train;
    m_copyAcross->setText(train ? tr("Use for test too") : tr("Use for training too"));
    m_copyAcross->setToolTip(tr("Puts this step, with its parameters, into the other list"));
    if (!kind) {
        m_summary->setText(
            tr("This version does not know the step. It is kept in the file as it is."));
        return;
    }
    m_copyAcross->setEnabled(!(train && kind->random));
    if (train && kind->random)
        m_copyAcross->setToolTip(
            tr("Random steps are for training: a test should see every picture as it is"));
    m_summary->setText(QString::fromStdString(kind->info.summary));
    m_form->setSubject(
        QStringLiteral("%1/%2/%3").arg(train).arg(m_step).arg(QString::fromStdString(step.kind)),
        kind->params);
    m_form->setValues(step.params);
    m_fidelityText->setText(QStringLiteral("✓ ") + QString::fromStdString(kind->fidelity));
    m_python->setText(
        QString::fromStdString(pythonCall("transforms." + step.kind, kind->params, step.params)));
}

void StepPanel::setProblem(const QString& message, const QString& hint) {
    m_problem->setVisible(!message.isEmpty());
    m_problemText->setText(message);
    m_problemHint->setText(hint);
    m_problemHint->setVisible(!hint.isEmpty());
}

}  // namespace loom
