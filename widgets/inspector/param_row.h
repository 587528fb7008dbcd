#pragma once

#include <QWidget>
#include <optional>

#include "core/base/params.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;

namespace loom {

/// The text a form shows for a value: `5 × 3`, `0.9, 0.999`; one number for all sides is written
/// out (`5 × 5`), so that a student sees what it means.
QString formText(const ParamSpec& spec, const Value& value);

/// One parameter in a form: label, editor, and what is wrong with it under the editor.
class ParamRow : public QWidget {
    Q_OBJECT
public:
    ParamRow(const ParamSpec& spec, QWidget* parent = nullptr);

    const ParamSpec& spec() const { return m_spec; }
    /// `set`: the value in the document, null when the default holds. `inferred`: what was found
    /// from what arrives, null when nothing was.
    void setValue(const Value* set, const Value* inferred);
    void setReadOnly(bool readOnly);
    void setLabelWidth(int width);
    int labelWidthHint() const;
    /// Writes the parameter's sentence under it; otherwise it is the tool tip alone.
    void setHintShown(bool shown);
    QWidget* editor() const;
    /// The sentence under the editor; empty when all is well.
    QString problemText() const;

Q_SIGNALS:
    /// nullopt: back to the default.
    void changed(const QString& key, const std::optional<loom::Value>& value);
    /// The value being typed is complete.
    void finished();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void makeEditor();
    void makeLineEditor();
    void textEdited(const QString& text);
    void stepBy(int amount);
    void commit(std::optional<Value> value);
    void showDocument();
    void showProblem(const std::optional<ParamProblem>& problem);
    void showRefusal();
    bool isChanged() const;
    QString toolTipText() const;
    const Value& effective() const;

    ParamSpec m_spec;
    std::optional<Value> m_set;
    std::optional<Value> m_inferred;
    QLabel* m_label;
    QLabel* m_problem;
    QLabel* m_hint;
    QWidget* m_field = nullptr;  ///< the editor with what stands beside it
    QLineEdit* m_line = nullptr;
    QCheckBox* m_check = nullptr;
    QComboBox* m_combo = nullptr;
    bool m_readOnly = false;
    bool m_typing = false;  ///< since the first key; the value before is m_beforeTyping
    std::optional<Value> m_beforeTyping;
    QString m_refused;  ///< typed, and no value of this parameter
};

}  // namespace loom
