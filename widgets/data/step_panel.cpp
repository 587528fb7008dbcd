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
#include "widgets/bridge/strings.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/parts_form.h"
#include "widgets/style/controls.h"

namespace loom {

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
    makeProblemCard(column);
    m_form = new ParamForm;
    column->addWidget(m_form);
    m_partsPlace = new QVBoxLayout;
    column->addLayout(m_partsPlace);
    m_copyAcross = makeButton({});
    column->addWidget(m_copyAcross);
    makeInfoCards(column);
    column->addStretch(1);

    m_empty =
        new EmptyState(QStringLiteral("layers"), tr("No step chosen"),
                       tr("Choose a step of the strip to see what it does and to change it."));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_area = makeScrollColumn(content);
    layout->addWidget(m_area);
    layout->addWidget(m_empty);

    connect(m_form, &ParamForm::finished, m_controller, &DocumentController::endMerge);
    connect(m_form, &ParamForm::changed, this, &StepPanel::setParam);
    connect(m_copyAcross, &QPushButton::clicked, this, &StepPanel::copyAcross);
    setStep(Split::Train, -1);
}

void StepPanel::makeProblemCard(QVBoxLayout* column) {
    m_problem = new Card;
    m_problem->setTone(QStringLiteral("danger"));
    m_problemText = makeWrappedLabel({}, "dangerStrong");
    m_problemHint = makeWrappedLabel({}, "small");
    m_problem->body()->addWidget(m_problemText);
    m_problem->body()->addWidget(m_problemHint);
    m_fixes = new QVBoxLayout;
    m_fixes->setSpacing(4);
    m_problem->body()->addLayout(m_fixes);
    m_problem->hide();
    column->addWidget(m_problem);
}

void StepPanel::makeInfoCards(QVBoxLayout* column) {
    m_formula = new Card(tr("What it does"));
    m_details = makeWrappedLabel({}, "small");
    m_formulaText = makeWrappedLabel({}, "mono");
    m_formulaText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_formula->body()->addWidget(m_details);
    m_formula->body()->addWidget(m_formulaText);
    column->addWidget(m_formula);

    m_fidelity = new Card;
    m_fidelity->body()->addWidget(makeLabel(tr("Compared with torchvision"), "small"));
    m_fidelityText = makeWrappedLabel({}, "good");
    m_fidelityText->setObjectName(QStringLiteral("fidelity"));
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
    connect(copy, &QToolButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_python->text().remove(QChar(0x200b)));
    });
}

void StepPanel::setParam(const QString& key, const std::optional<Value>& value) {
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
        QStringLiteral("step.%1.%2.%3").arg(m_split == Split::Train ? 0 : 1).arg(m_step).arg(key));
}

void StepPanel::copyAcross() {
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
    m_title->setText(q(step.kind));
    setProperty("helpKey", q("transform/" + step.kind));
    const bool train = m_split == Split::Train;
    m_copyAcross->setText(train ? tr("Use for test too") : tr("Use for training too"));
    m_copyAcross->setToolTip(tr("Puts this step, with its parameters, into the other list"));
    for (QWidget* part : {static_cast<QWidget*>(m_form), static_cast<QWidget*>(m_formula),
                          static_cast<QWidget*>(m_fidelity), static_cast<QWidget*>(m_code)})
        part->setVisible(kind);
    if (!kind) {
        showParts(step);
        m_summary->setText(
            tr("This version does not know the step. It is kept in the file as it is."));
        return;
    }
    m_copyAcross->setEnabled(!(train && kind->random));
    if (train && kind->random)
        m_copyAcross->setToolTip(
            tr("Random steps are for training: a test should see every picture as it is"));
    m_summary->setText(q(kind->info.summary));
    m_form->setSubject(QStringLiteral("%1/%2/%3").arg(train).arg(m_step).arg(q(step.kind)),
                       kind->params);
    m_form->setValues(step.params);
    m_form->setReadOnly(m_controller->isReadOnly());
    m_form->setVisible(!m_form->isEmpty());
    showParts(step);
    showInfo(*kind, step);
}

void StepPanel::showParts(const Choice& step) {
    const ChoiceForm::Subject subject = stepSubject(m_split, static_cast<std::size_t>(m_step));
    const bool nests = !subject.partKinds(step.kind).empty();
    const QString identity =
        QStringLiteral("%1/%2").arg(m_split == Split::Train ? 0 : 1).arg(m_step);
    if (m_parts && (!nests || identity != m_partsOf)) {
        // One of its buttons may be the sender of what led here.
        m_parts->hide();
        m_parts->deleteLater();
        m_parts = nullptr;
    }
    if (!nests) return;
    if (!m_parts) {
        m_partsOf = identity;
        m_parts = new PartsForm(subject, m_controller);
        m_partsPlace->addWidget(m_parts);
    }
    m_parts->reload();
}

void StepPanel::showInfo(const TransformKind& kind, const Choice& step) {
    m_details->setText(q(kind.info.details));
    m_details->setVisible(!kind.info.details.empty());
    m_formulaText->setText(q(kind.info.formula));
    m_formulaText->setVisible(!kind.info.formula.empty());
    m_formula->setVisible(!kind.info.details.empty() || !kind.info.formula.empty());
    const bool exact = kind.fidelity.starts_with("bit for bit");
    m_fidelityText->setText((exact ? QStringLiteral("✓ ") : QStringLiteral("≈ ")) +
                            q(kind.fidelity));
    setStyleProperty(m_fidelityText, "role",
                     exact ? QStringLiteral("good") : QStringLiteral("warning"));
    // It may break where a long call has no space.
    QString python = q(stepPython(step));
    python.replace(QLatin1Char('('), QStringLiteral("(\u200b"));
    python.replace(QLatin1Char('.'), QStringLiteral(".\u200b"));
    m_python->setText(python);
}

void StepPanel::setProblem(const QString& message, const QString& hint, const QStringList& fixes) {
    m_problem->setVisible(!message.isEmpty());
    m_problemText->setText(message);
    m_problemHint->setText(hint);
    m_problemHint->setVisible(!hint.isEmpty());
    if (fixes == m_fixTexts) return;
    m_fixTexts = fixes;
    while (QLayoutItem* item = m_fixes->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (int i = 0; i < fixes.size(); ++i) {
        QPushButton* button = makeButton(fixes[i]);
        button->setObjectName(QStringLiteral("fix%1").arg(i));
        m_fixes->addWidget(button, 0, Qt::AlignLeft);
        connect(button, &QPushButton::clicked, this, [this, i] { Q_EMIT fixChosen(i); });
    }
}

}  // namespace loom
