#include "widgets/inspector/param_row.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpression>
#include <algorithm>

#include "core/base/release_text.h"
#include "widgets/style/controls.h"
#include "widgets/style/file_choice.h"
#include "widgets/style/icons.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

QString numberText(const Value& value) {
    return QString::fromStdString(value.isString() ? value.asString() : value.toText());
}

}  // namespace

QString formText(const ParamSpec& spec, const Value& value) {
    if (value.isNone()) return {};
    if (spec.type == ParamType::Ints && value.isInt() && spec.arity > 1) {
        QStringList sides;
        for (int i = 0; i < spec.arity; ++i) sides << numberText(value);
        return sides.join(QStringLiteral(" × "));
    }
    if (value.isList()) {
        const bool sizes = spec.type == ParamType::Ints && spec.arity > 1;
        QStringList items;
        for (const Value& item : value.asList()) items << numberText(item);
        return items.join(sizes ? QStringLiteral(" × ") : QStringLiteral(", "));
    }
    return numberText(value);
}

ParamRow::ParamRow(const ParamSpec& spec, QWidget* parent)
    : QWidget(parent),
      m_spec(spec),
      m_label(makeLabel(QString::fromStdString(spec.key), "muted", this)),
      m_problem(makeWrappedLabel({}, "danger", this)),
      m_hint(makeWrappedLabel(QString::fromStdString(spec.hint), "small", this)) {
    makeEditor();
    m_label->setBuddy(editor());
    m_label->setToolTip(toolTipText());
    QFont small = uiFont(12);
    m_problem->setFont(small);
    m_problem->hide();
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(2);
    grid->addWidget(m_label, 0, 0);
    grid->addWidget(m_field, 0, 1);
    grid->addWidget(m_problem, 1, 1);
    grid->addWidget(m_hint, 2, 1);
    m_hint->hide();
    grid->setColumnStretch(1, 1);
    editor()->setAccessibleName(QString::fromStdString(spec.key));
    editor()->setAccessibleDescription(QString::fromStdString(spec.hint));
    editor()->setToolTip(toolTipText());
    editor()->setObjectName(QStringLiteral("param.") + QString::fromStdString(spec.key));
    editor()->installEventFilter(this);
}

QWidget* ParamRow::editor() const {
    if (m_line) return m_line;
    if (m_combo) return m_combo;
    return m_check;
}

QString ParamRow::problemText() const {
    return m_problem->isHidden() ? QString() : m_problem->text();
}

void ParamRow::makeEditor() {
    if (m_spec.type == ParamType::Bool && !m_spec.optional) {
        m_check = new QCheckBox(this);
        m_field = m_check;
        connect(m_check, &QCheckBox::clicked, this, [this](bool on) {
            commit(Value(on));
            Q_EMIT finished();
        });
    } else if (m_spec.type == ParamType::Choice || m_spec.type == ParamType::Bool) {
        m_combo = new QComboBox(this);
        m_field = m_combo;
        m_combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        if (m_spec.optional) {
            const std::string& none = m_spec.noneText;
            m_combo->addItem(none.empty() ? QStringLiteral("None") : QString::fromStdString(none));
        }
        if (m_spec.type == ParamType::Bool) {
            m_combo->addItem(tr("on"), QStringLiteral("True"));
            m_combo->addItem(tr("off"), QStringLiteral("False"));
        }
        for (const std::string& choice : m_spec.choices)
            m_combo->addItem(QString::fromStdString(choice), QString::fromStdString(choice));
        connect(m_combo, &QComboBox::activated, this, [this](int index) {
            const QVariant word = m_combo->itemData(index);
            commit(word.isValid() ? parseParam(m_spec, word.toString().toStdString()) : Value());
            Q_EMIT finished();
        });
    } else {
        makeLineEditor();
    }
}

void ParamRow::makeLineEditor() {
    m_line = new QLineEdit(this);
    m_line->setProperty("mono", m_spec.type != ParamType::Path && m_spec.type != ParamType::Text);
    connect(m_line, &QLineEdit::textEdited, this, &ParamRow::textEdited);
    connect(m_line, &QLineEdit::editingFinished, this, [this] {
        m_typing = false;
        showDocument();
        showRefusal();
        Q_EMIT finished();
    });
    m_field = m_line;
    if (m_spec.type == ParamType::Ints && !m_spec.choices.empty()) {
        QAction* words = m_line->addAction(icon(QStringLiteral("chevron-down-control")),
                                           QLineEdit::TrailingPosition);
        words->setToolTip(tr("Words that are allowed instead of a number"));
        connect(words, &QAction::triggered, this, [this] {
            QMenu menu(this);
            for (const std::string& choice : m_spec.choices)
                menu.addAction(QString::fromStdString(choice), this, [this, choice] {
                    commit(Value(choice));
                    showDocument();
                    Q_EMIT finished();
                });
            menu.exec(m_line->mapToGlobal(QPoint(0, m_line->height())));
        });
    }
    const bool path = m_spec.type == ParamType::Path;
    if (!path && m_spec.unit.empty()) return;
    m_field = new QWidget(this);
    auto* row = new QHBoxLayout(m_field);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(m_line, 1);
    if (!m_spec.unit.empty())
        row->addWidget(makeLabel(QString::fromStdString(m_spec.unit), "small"));
    if (!path) return;
    QToolButton* browse = makeIconButton(QStringLiteral("folder"), tr("Choose a folder"), m_field);
    browse->setProperty("kind", QStringLiteral("outline"));
    row->addWidget(browse);
    connect(browse, &QToolButton::clicked, this, [this] {
        const QString folder = chooseFolder(
            this, tr("Choose the folder for %1").arg(QString::fromStdString(m_spec.key)),
            m_line->text());
        if (folder.isEmpty()) return;
        commit(Value(folder.toStdString()));
        showDocument();
        Q_EMIT finished();
    });
}

const Value& ParamRow::effective() const {
    return m_set ? *m_set : m_spec.defaultValue;
}

bool ParamRow::isChanged() const {
    return m_set && (m_spec.required || !(*m_set == m_spec.defaultValue));
}

QString ParamRow::toolTipText() const {
    QStringList lines;
    if (!m_spec.hint.empty()) lines << QString::fromStdString(m_spec.hint);
    if (m_spec.inferred) {
        lines << tr("Left empty, it follows from what arrives.");
    } else if (!m_spec.required) {
        lines << tr("Default: %1").arg(QString::fromStdString(m_spec.defaultValue.toPython()));
    }
    if (!m_spec.since.empty())
        lines << tr("Python has it %1.").arg(QString::fromStdString(sinceText(m_spec.since)));
    if (const std::string changed = defaultSinceText(m_spec); !changed.empty())
        lines << QString::fromStdString(changed);
    return lines.join(QLatin1Char('\n'));
}

void ParamRow::setValue(const Value* set, const Value* inferred) {
    const std::optional<Value> before = m_set;
    m_set = set ? std::optional(*set) : std::nullopt;
    if (!m_typing && m_set != before) m_refused.clear();
    m_inferred = inferred ? std::optional(*inferred) : std::nullopt;
    // A text being typed that already means this value stays as it was typed.
    const bool typing = m_line && m_line->hasFocus() && m_line->isModified();
    const auto typed = typing ? parseParam(m_spec, m_line->text().toStdString()) : std::nullopt;
    const bool same = typed && (*typed == effective() || (typed->isNone() && !m_set));
    const bool emptied = typing && m_line->text().isEmpty() && !m_set;
    const bool refused = typing && !m_refused.isEmpty();
    if (!same && !emptied && !refused) showDocument();
    setStyleProperty(m_label, "role",
                     isChanged() ? QStringLiteral("strong") : QStringLiteral("muted"));
    if (m_set) {
        showProblem(checkParam(m_spec, *m_set));
    } else if (m_spec.required && !m_spec.inferred) {
        showProblem(ParamProblem{
            m_spec.key, tr("It has no default, so it needs a value.").toStdString(), {}});
    } else {
        showProblem(std::nullopt);
    }
    showRefusal();
}

void ParamRow::showDocument() {
    const Value& value = effective();
    if (m_check) m_check->setChecked(value.isBool() && value.asBool());
    if (m_combo) {
        int index = m_combo->findData(
            QString::fromStdString(value.isBool()     ? (value.asBool() ? "True" : "False")
                                   : value.isString() ? value.asString()
                                                      : std::string("\n")));
        if (index < 0 && value.isNone() && m_spec.optional) index = 0;
        m_combo->setCurrentIndex(index);
    }
    if (!m_line) return;
    QString placeholder;
    if (m_inferred) {
        placeholder = tr("%1  from input").arg(formText(m_spec, *m_inferred));
    } else if (m_spec.inferred) {
        placeholder = tr("from input");
    } else if (m_spec.optional) {
        placeholder = m_spec.noneText.empty() ? QStringLiteral("None")
                                              : QString::fromStdString(m_spec.noneText);
    } else if (m_spec.required) {
        placeholder = tr("required");
    }
    m_line->setPlaceholderText(placeholder);
    const QString text = formText(m_spec, value);
    if (m_line->text() != text) {
        m_line->setText(text);
        m_line->setCursorPosition(0);  // a long value shows its beginning
    }
    m_line->setModified(false);
    if (m_set) showProblem(checkParam(m_spec, *m_set));
}

void ParamRow::showProblem(const std::optional<ParamProblem>& problem) {
    if (m_line) {
        const bool bad = problem.has_value();
        setStyleProperty(m_line, "state", bad ? QStringLiteral("error") : QString());
    }
    m_problem->setText(problem ? QString::fromStdString(problem->message) : QString());
    m_problem->setVisible(problem.has_value());
}

/// What was typed and could not be taken stays said until something else is typed or set.
void ParamRow::showRefusal() {
    if (m_refused.isEmpty()) return;
    auto problem = checkParam(m_spec, Value(m_refused.toStdString()));
    if (problem) showProblem(problem);
}

void ParamRow::textEdited(const QString& text) {
    if (!m_typing) {
        m_typing = true;
        m_beforeTyping = m_set;
    }
    m_refused.clear();
    const bool empty = text.trimmed().isEmpty();
    if (empty) {
        if (!m_spec.required || m_spec.inferred) commit(std::nullopt);
        return;
    }
    if (auto value = parseParam(m_spec, text.toStdString())) {
        commit(std::move(value));
    } else {
        // A beginning that was taken while it was typed, the 3 of "3,4,5", is taken back.
        m_refused = text.trimmed();
        commit(m_beforeTyping);
        showRefusal();
    }
}

void ParamRow::commit(std::optional<Value> value) {
    if (m_readOnly) return;
    if (value && value->isList() && m_spec.type == ParamType::Ints && m_spec.arity > 1) {
        // `5 × 5` and `5` are the same to PyTorch; the shorter one is what people write.
        const List& list = value->asList();
        bool equal = static_cast<int>(list.size()) == m_spec.arity;
        for (const Value& item : list) equal = equal && item == list.front();
        if (equal) value = Value(list.front());
    }
    if (value && !m_spec.required && *value == m_spec.defaultValue) value.reset();
    if (value && m_spec.inferred && value->isNone()) value.reset();
    if (value == m_set) {
        showProblem(value ? checkParam(m_spec, *value) : std::nullopt);
        return;
    }
    Q_EMIT changed(QString::fromStdString(m_spec.key), value);
}

void ParamRow::stepBy(int amount) {
    const bool whole = m_spec.type == ParamType::Int || m_spec.type == ParamType::Ints;
    if (!m_line || !whole || m_readOnly) return;
    // The number under the cursor steps; with one number written for all sides, all of them do.
    const QString text = m_line->text();
    static const QRegularExpression number(QStringLiteral("-?\\d+"));
    const bool uniform = effective().isInt();
    QString next;
    qsizetype last = 0;
    for (auto it = number.globalMatch(text); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        const bool here = uniform || (m_line->cursorPosition() >= match.capturedStart() &&
                                      m_line->cursorPosition() <= match.capturedEnd());
        bool whole64 = false;
        qint64 value = match.captured().toLongLong(&whole64);
        if (!whole64) return;
        if (here && __builtin_add_overflow(value, qint64(amount), &value)) return;
        if (here) {
            if (m_spec.minimum)
                value = std::max<qint64>(value, static_cast<qint64>(*m_spec.minimum));
            if (m_spec.maximum)
                value = std::min<qint64>(value, static_cast<qint64>(*m_spec.maximum));
        }
        next += text.mid(last, match.capturedStart() - last) + QString::number(value);
        last = match.capturedEnd();
    }
    if (last == 0) return;
    const int cursor = m_line->cursorPosition();
    m_line->setText(next + text.mid(last));
    m_line->setModified(true);
    m_line->setCursorPosition(cursor);
    textEdited(m_line->text());
}

bool ParamRow::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Wheel && !m_line) {
        // Scrolling the panel must not change a choice under the mouse.
        event->ignore();
        return true;
    }
    if (watched == m_line && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const int large = key->modifiers() & Qt::ShiftModifier ? 10 : 1;
        if (key->key() == Qt::Key_Up) return stepBy(large), true;
        if (key->key() == Qt::Key_Down) return stepBy(-large), true;
        // Whoever holds the form sees the key too, and may take the keyboard elsewhere.
        if (key->key() == Qt::Key_Escape && m_line->isModified()) {
            m_typing = false;
            m_refused.clear();
            showDocument();
        }
    }
    if (event->type() == QEvent::ContextMenu && watched == m_line) {
        const auto* click = static_cast<QContextMenuEvent*>(event);
        QMenu* menu = m_line->createStandardContextMenu();
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addSeparator();
        QAction* reset =
            menu->addAction(tr("Reset to Default"), this, [this] { commit(std::nullopt); });
        reset->setEnabled(!m_readOnly && m_set && !m_spec.required);
        menu->popup(click->globalPos());
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void ParamRow::contextMenuEvent(QContextMenuEvent* event) {
    if (m_spec.required) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* reset = menu->addAction(tr("Reset to Default"), this, [this] {
        commit(std::nullopt);
        Q_EMIT finished();
    });
    reset->setEnabled(!m_readOnly && m_set.has_value());
    menu->popup(event->globalPos());
}

void ParamRow::setReadOnly(bool readOnly) {
    m_readOnly = readOnly;
    if (m_line) m_line->setReadOnly(readOnly);
    if (m_check) m_check->setEnabled(!readOnly);
    if (m_combo) m_combo->setEnabled(!readOnly);
}

int ParamRow::labelWidthHint() const {
    return QFontMetrics(uiFont(13, QFont::DemiBold)).horizontalAdvance(m_label->text()) + 4;
}

void ParamRow::setHintShown(bool shown) {
    m_hint->setVisible(shown && !m_spec.hint.empty());
}

void ParamRow::setLabelWidth(int width) {
    m_label->setFixedWidth(width);
    // A long name goes on in a second line rather than be cut.
    const QString key = QString::fromStdString(m_spec.key);
    const bool isLong = m_label->fontMetrics().horizontalAdvance(key) + 4 > width;
    m_label->setWordWrap(isLong);
    m_label->setText(isLong ? breakable(key) : key);
}

}  // namespace loom
