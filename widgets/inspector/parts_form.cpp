#include "widgets/inspector/parts_form.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/bridge/document_controller.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr const char* kParts = "schedulers";
constexpr int kPartLabelWidth = 84;

List partsOf(const std::optional<Choice>& owner) {
    const Value* list = owner ? owner->params.find(kParts) : nullptr;
    return list && list->isList() ? list->asList() : List();
}

Choice toChoice(const Value& value) {
    Choice choice;
    if (!value.isDict()) return choice;
    const Value* kind = value.asDict().find("kind");
    const Value* params = value.asDict().find("params");
    if (kind && kind->isString()) choice.kind = kind->asString();
    if (params && params->isDict()) choice.params = params->asDict();
    return choice;
}

Value toValue(const Choice& choice) {
    return Dict{{"kind", Value(choice.kind)}, {"params", Value(choice.params)}};
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
    m_add = makeButton(tr("Add a scheduler"), ButtonKind::Secondary, QStringLiteral("plus"));
    column->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QPushButton::clicked, this, &PartsForm::add);
}

ChoiceForm::Subject PartsForm::part(std::size_t index) const {
    ChoiceForm::Subject subject = m_owner;
    subject.label = std::to_string(index + 1) + ".";
    subject.kindLabelWidth = 16;
    subject.noneText.clear();
    subject.kinds = m_owner.partKinds(m_kind);
    subject.hiddenKeys.emplace_back("interval");
    subject.get = [get = m_owner.get, index](const Project& p) -> std::optional<Choice> {
        const List parts = partsOf(get(p));
        if (index >= parts.size()) return std::nullopt;
        return toChoice(parts[index]);
    };
    subject.set = [owner = m_owner, index](Project& p, std::optional<Choice> choice) {
        std::optional<Choice> whole = owner.get(p);
        List parts = partsOf(whole);
        if (!choice || index >= parts.size()) return;
        parts[index] = toValue(*choice);
        whole->params.set(kParts, Value(parts));
        owner.set(p, std::move(whole));
    };
    return subject;
}

void PartsForm::reload() {
    const std::optional<Choice> owner = m_owner.get(m_controller->project());
    const List parts = partsOf(owner);
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
        QToolButton* close =
            makeIconButton(QStringLiteral("close"), tr("Take this scheduler out"), card);
        close->setFixedSize(24, 24);
        close->setEnabled(!m_controller->isReadOnly() && count > 1);
        connect(close, &QToolButton::clicked, this, [this, i] { remove(i); });
        row->addWidget(form, 1);
        row->addWidget(close, 0, Qt::AlignTop);
        card->body()->addLayout(row);
        m_rows->addWidget(card);
        m_forms.push_back(form);
    }
}

void PartsForm::change(const QString& text,
                       const std::function<void(List& parts, Choice& owner)>& how) {
    m_controller->edit(text, [&](const Project& project) -> Result<Project> {
        Project next = project;
        std::optional<Choice> owner = m_owner.get(next);
        if (!owner) return next;
        List parts = partsOf(owner);
        how(parts, *owner);
        owner->params.set(kParts, Value(parts));
        m_owner.set(next, std::move(owner));
        return next;
    });
}

void PartsForm::add() {
    change(tr("Add a scheduler"), [&](List& parts, Choice& owner) {
        Choice fresh{m_owner.partKinds(owner.kind).front()};
        if (const auto* specs = m_owner.specs(fresh.kind)) fresh.params = startingParams(*specs);
        parts.push_back(toValue(fresh));
        // One after the other: the new one begins some epochs after the last.
        const Value* milestones = owner.params.find("milestones");
        if (!milestones || !milestones->isList()) return;
        List places = milestones->asList();
        const std::int64_t last =
            places.empty() || !places.back().isInt() ? 0 : places.back().asInt();
        places.emplace_back(last + 2);
        owner.params.set("milestones", Value(places));
    });
}

void PartsForm::remove(std::size_t index) {
    change(tr("Take a scheduler out"), [&](List& parts, Choice& owner) {
        if (index >= parts.size()) return;
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(index));
        const Value* milestones = owner.params.find("milestones");
        if (!milestones || !milestones->isList() || milestones->asList().empty()) return;
        List places = milestones->asList();
        const std::size_t place = std::min(index == 0 ? 0 : index - 1, places.size() - 1);
        places.erase(places.begin() + static_cast<std::ptrdiff_t>(place));
        owner.params.set("milestones", Value(places));
    });
}

}  // namespace loom
