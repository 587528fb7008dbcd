#include "widgets/data/part_form.h"

#include <QVBoxLayout>
#include <algorithm>

#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/param_row.h"

namespace loom {

namespace {

constexpr int kLabelWidth = 104;
const char* const kFraction = "a fraction";
const char* const kCount = "a number";

std::vector<ParamSpec> specsOf(const PartForm::Subject& subject) {
    const std::string key = subject.key.toStdString();
    const Value any = List{Value(kFraction), Value(kCount)};
    return {{.key = key,
             .type = ParamType::Choice,
             .hint = subject.hint.toStdString(),
             .optional = true,
             .choices = {kFraction, kCount},
             .noneText = "none"},
            {.key = "fraction",
             .type = ParamType::Float,
             .hint = "The share of the samples that it takes.",
             .required = true,
             .minimum = 0,
             .maximum = 1,
             .minimumExcluded = true,
             .visibleWhenKey = key,
             .visibleWhenValue = Value(kFraction)},
            {.key = "count",
             .type = ParamType::Int,
             .hint = "The number of samples that it takes.",
             .required = true,
             .minimum = 1,
             .maximum = 1e9,
             .visibleWhenKey = key,
             .visibleWhenValue = Value(kCount)},
            {.key = "stratified",
             .type = ParamType::Bool,
             .defaultValue = false,
             .hint = "Every class in its own proportion, instead of by chance alone.",
             .visibleWhenKey = key,
             .visibleWhenValue = any},
            {.key = "seed",
             .type = ParamType::Int,
             .defaultValue = 0,
             .hint = "The same seed takes the same samples.",
             .minimum = 0,
             .maximum = 4294967295.0,
             .visibleWhenKey = key,
             .visibleWhenValue = any}};
}

}  // namespace

PartForm::PartForm(Subject subject, DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_subject(std::move(subject)), m_controller(controller) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    m_form = new ParamForm;
    m_form->setHintsShown(true);
    const std::vector<ParamSpec> specs = specsOf(m_subject);
    m_form->setSubject(m_subject.key, specs);
    for (const ParamSpec& spec : specs) m_form->row(q(spec.key))->setLabelWidth(kLabelWidth);
    column->addWidget(m_form);
    connect(m_form, &ParamForm::changed, this, &PartForm::change);
    connect(m_form, &ParamForm::finished, m_controller, &DocumentController::endMerge);
    reload();
}

void PartForm::reload() {
    const std::optional<Part>& part = m_controller->project().data.*m_subject.part;
    Params values;
    if (part) {
        values.set(m_subject.key.toStdString(), Value(part->count ? kCount : kFraction));
        if (part->count)
            values.set("count", Value(*part->count));
        else
            values.set("fraction", Value(part->fraction.value_or(0)));
        values.set("stratified", Value(part->stratified));
        values.set("seed", Value(part->seed));
    }
    m_form->setValues(values);
    m_form->setReadOnly(m_controller->isReadOnly());
}

Part PartForm::fresh() const {
    Part part;
    part.fraction = m_subject.fraction;
    part.stratified = m_controller->report().target.type == TargetSpec::Type::ClassIndex;
    return part;
}

void PartForm::change(const QString& key, const std::optional<Value>& value) {
    m_controller->edit(
        tr("Set %1").arg(key == m_subject.key ? key : m_subject.key + QLatin1Char(' ') + key),
        [&](const Project& project) -> Result<Project> {
            Project next = project;
            std::optional<Part>& part = next.data.*m_subject.part;
            if (key == m_subject.key) {
                if (!value || !value->isString()) {
                    part.reset();
                    return next;
                }
                if (!part) part = fresh();
                const bool counts = value->asString() == kCount;
                if (counts && !part->count) part->count = m_subject.count;
                if (!counts) part->count.reset();
                if (!counts && !part->fraction) part->fraction = m_subject.fraction;
                if (counts) part->fraction.reset();
                return next;
            }
            if (!part) return next;
            // What is being typed may be out of range; the form says so under the field.
            if (key == QLatin1String("fraction") && value && value->isNumber() &&
                value->asFloat() > 0 && value->asFloat() <= 1)
                part->fraction = value->asFloat();
            if (key == QLatin1String("count") && value && value->isInt() && value->asInt() > 0)
                part->count = value->asInt();
            if (key == QLatin1String("stratified"))
                part->stratified = value && value->isBool() && value->asBool();
            if (key == QLatin1String("seed"))
                part->seed =
                    value && value->isInt() ? std::max<std::int64_t>(0, value->asInt()) : 0;
            return next;
        },
        QStringLiteral("part.") + m_subject.key + QLatin1Char('.') + key);
}

}  // namespace loom
