#include "widgets/inspector/parts_form.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/bridge/document_controller.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr int kPartLabelWidth = 84;

/// Numbers that the owner has one of for each part, such as RandomChoice's `p`.
List* numbersPerPart(Choice& owner, const char* key, std::size_t parts) {
    Value* list = owner.params.find(key);
    return list && list->isList() && list->asList().size() == parts ? &list->asList() : nullptr;
}

QToolButton* makePartButton(const char* iconName, const QString& toolTip, bool enabled) {
    QToolButton* button = makeIconButton(QString::fromLatin1(iconName), toolTip);
    button->setFixedSize(24, 24);
    button->setEnabled(enabled);
    return button;
}

}  // namespace

PartsForm::PartsForm(ChoiceForm::Subject owner, DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_owner(std::move(owner)), m_controller(controller) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    m_rows = new QVBoxLayout;
    m_rows->setSpacing(8);
    column->addLayout(m_rows);
    m_add = makeButton(tr("Add a %1").arg(QString::fromStdString(m_owner.partName)),
                       ButtonKind::Secondary, QStringLiteral("plus"));
    column->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QPushButton::clicked, this, &PartsForm::add);
}

std::vector<Choice> PartsForm::partsOf(const std::optional<Choice>& owner) const {
    const Value* list = owner ? owner->params.find(m_owner.partsKey) : nullptr;
    return list ? nestedChoices(*list) : std::vector<Choice>();
}

ChoiceForm::Subject PartsForm::part(std::size_t index) const {
    ChoiceForm::Subject subject = m_owner;
    subject.label = std::to_string(index + 1) + ".";
    subject.kindLabelWidth = 16;
    subject.noneText.clear();
    subject.kinds = m_owner.partKinds(m_kind);
    subject.hiddenKeys.emplace_back("interval");
    subject.get = [this, get = m_owner.get, index](const Project& p) -> std::optional<Choice> {
        std::vector<Choice> parts = partsOf(get(p));
        if (index >= parts.size()) return std::nullopt;
        return std::move(parts[index]);
    };
    subject.set = [this, owner = m_owner, index](Project& p, std::optional<Choice> choice) {
        std::optional<Choice> whole = owner.get(p);
        std::vector<Choice> parts = partsOf(whole);
        if (!choice || index >= parts.size()) return;
        parts[index] = std::move(*choice);
        whole->params.set(owner.partsKey, nestedValue(parts));
        owner.set(p, std::move(whole));
    };
    return subject;
}

void PartsForm::reload() {
    const std::optional<Choice> owner = m_owner.get(m_controller->project());
    const std::vector<Choice> parts = partsOf(owner);
    if (owner && (parts.size() != m_forms.size() || owner->kind != m_kind))
        rebuild(parts.size(), owner->kind);
    else
        for (ChoiceForm* form : m_forms) form->reload();
    m_add->setEnabled(!m_controller->isReadOnly());
}

void PartsForm::rebuild(std::size_t count, const std::string& kind) {
    m_kind = kind;
    m_forms.clear();
    while (QLayoutItem* item = m_rows->takeAt(0)) {
        // A button in it may be the sender of what led here.
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (std::size_t i = 0; i < count; ++i) {
        auto* card = new Card({}, this);
        card->body()->setContentsMargins(10, 8, 6, 8);
        auto* row = new QHBoxLayout;
        row->setSpacing(4);
        auto* form = new ChoiceForm(part(i), m_controller, card);
        form->setLabelWidth(kPartLabelWidth);
        const bool editable = !m_controller->isReadOnly();
        QToolButton* up = makePartButton("chevron-up", tr("One place earlier"), editable && i > 0);
        QToolButton* down =
            makePartButton("chevron-down", tr("One place later"), editable && i + 1 < count);
        QToolButton* close = makePartButton(
            "close", tr("Take this %1 out").arg(QString::fromStdString(m_owner.partName)),
            editable && (count > 1 || m_owner.partsMayBeNone));
        connect(up, &QToolButton::clicked, this, [this, i] { move(i, i - 1); });
        connect(down, &QToolButton::clicked, this, [this, i] { move(i, i + 1); });
        connect(close, &QToolButton::clicked, this, [this, i] { remove(i); });
        row->addWidget(form, 1);
        auto* buttons = new QVBoxLayout;
        buttons->setSpacing(0);
        for (QToolButton* button : {close, up, down}) {
            buttons->addWidget(button);
            button->setVisible(button == close || count > 1);
        }
        buttons->addStretch(1);
        row->addLayout(buttons);
        card->body()->addLayout(row);
        m_rows->addWidget(card);
        m_forms.push_back(form);
    }
}

void PartsForm::change(const QString& text,
                       const std::function<void(std::vector<Choice>& parts, Choice& owner)>& how) {
    m_controller->edit(text, [&](const Project& project) -> Result<Project> {
        Project next = project;
        std::optional<Choice> owner = m_owner.get(next);
        if (!owner) return next;
        std::vector<Choice> parts = partsOf(owner);
        how(parts, *owner);
        owner->params.set(m_owner.partsKey, nestedValue(parts));
        m_owner.set(next, std::move(owner));
        return next;
    });
}

void PartsForm::add() {
    const QString text = tr("Add a %1").arg(QString::fromStdString(m_owner.partName));
    change(text, [&](std::vector<Choice>& parts, Choice& owner) {
        Choice fresh{m_owner.partKinds(owner.kind).front()};
        if (const auto* specs = m_owner.specs(fresh.kind)) fresh.params = startingParams(*specs);
        if (m_owner.adapt) m_owner.adapt(m_controller->project(), fresh);
        if (List* weights = numbersPerPart(owner, "p", parts.size()); weights && !parts.empty())
            weights->push_back(weights->back());
        parts.push_back(std::move(fresh));
        // One after the other: the new one begins some epochs after the last.
        Value* milestones = owner.params.find("milestones");
        if (!milestones || !milestones->isList()) return;
        List& places = milestones->asList();
        const std::int64_t last =
            places.empty() || !places.back().isInt() ? 0 : places.back().asInt();
        places.emplace_back(last + 2);
    });
}

void PartsForm::remove(std::size_t index) {
    const QString text = tr("Take a %1 out").arg(QString::fromStdString(m_owner.partName));
    change(text, [&](std::vector<Choice>& parts, Choice& owner) {
        if (index >= parts.size()) return;
        const auto at = static_cast<std::ptrdiff_t>(index);
        if (List* weights = numbersPerPart(owner, "p", parts.size()))
            weights->erase(weights->begin() + at);
        parts.erase(parts.begin() + at);
        Value* milestones = owner.params.find("milestones");
        if (!milestones || !milestones->isList() || milestones->asList().empty()) return;
        List& places = milestones->asList();
        const std::size_t place = std::min(index == 0 ? 0 : index - 1, places.size() - 1);
        places.erase(places.begin() + static_cast<std::ptrdiff_t>(place));
    });
}

void PartsForm::move(std::size_t index, std::size_t to) {
    const QString text = tr("Move a %1").arg(QString::fromStdString(m_owner.partName));
    change(text, [&](std::vector<Choice>& parts, Choice& owner) {
        if (index >= parts.size() || to >= parts.size()) return;
        if (List* weights = numbersPerPart(owner, "p", parts.size()))
            std::swap((*weights)[index], (*weights)[to]);
        std::swap(parts[index], parts[to]);
    });
}

}  // namespace loom
