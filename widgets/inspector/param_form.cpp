#include "widgets/inspector/param_form.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/inspector/param_row.h"
#include "widgets/style/controls.h"

namespace loom {

ParamForm::ParamForm(QWidget* parent)
    : QWidget(parent),
      m_column(new QVBoxLayout(this)),
      m_unknown(makeWrappedLabel({}, "warning", this)) {
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(6);
    m_column->addWidget(m_unknown);
    m_unknown->hide();
}

void ParamForm::setSubject(const QString& identity, const std::vector<ParamSpec>& specs) {
    if (identity == m_identity && m_specs.size() == specs.size()) return;
    m_identity = identity;
    m_specs = specs;
    for (ParamRow* row : m_rows) {
        // Not at once: the row may be the sender of the signal that led here.
        row->hide();
        m_column->removeWidget(row);
        row->disconnect(this);
        row->deleteLater();
    }
    m_rows.clear();
    int labelWidth = 0;
    for (const ParamSpec& spec : specs) {
        // A list of kinds is no single field; whoever shows the kind gives it a form of its own.
        if (spec.type == ParamType::Kinds) continue;
        auto* row = new ParamRow(spec, this);
        connect(row, &ParamRow::changed, this, &ParamForm::changed);
        connect(row, &ParamRow::finished, this, &ParamForm::finished);
        row->setReadOnly(m_readOnly);
        row->setHintShown(m_hints);
        m_column->insertWidget(static_cast<int>(m_rows.size()), row);
        m_rows.push_back(row);
        labelWidth = std::max(labelWidth, row->labelWidthHint());
    }
    labelWidth = std::clamp(labelWidth, 92, 150);
    for (ParamRow* row : m_rows) row->setLabelWidth(labelWidth);
}

void ParamForm::setValues(const Params& params, const Params& inferred) {
    const Settings settings(m_specs, params);
    for (ParamRow* row : m_rows) {
        const ParamSpec& spec = row->spec();
        const Value* set = params.find(spec.key);
        row->setValue(set, inferred.find(spec.key));
        row->setVisible(loom::isVisible(spec, settings) || set);
    }
    QStringList unknown;
    for (const ParamProblem& problem : checkParams(m_specs, params))
        if (problem.unknown)
            unknown << QString::fromStdString(problem.message +
                                              (problem.hint.empty() ? "" : " " + problem.hint));
    m_unknown->setText(unknown.join(QLatin1Char('\n')));
    m_unknown->setVisible(!unknown.isEmpty());
}

void ParamForm::setReadOnly(bool readOnly) {
    m_readOnly = readOnly;
    for (ParamRow* row : m_rows) row->setReadOnly(readOnly);
}

void ParamForm::setHintsShown(bool shown) {
    m_hints = shown;
    for (ParamRow* row : m_rows) row->setHintShown(shown);
}

ParamRow* ParamForm::row(const QString& key) const {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const ParamRow* row) {
        return row->spec().key == key.toStdString();
    });
    return found == m_rows.end() ? nullptr : *found;
}

QWidget* ParamForm::editor(const QString& key) const {
    ParamRow* found = row(key);
    return found ? found->editor() : nullptr;
}

}  // namespace loom
