#pragma once

#include <QFrame>
#include <vector>

#include "core/graph/diagnostic.h"

class QHBoxLayout;
class QLabel;

namespace loom {

/// Explains what is wrong with a block: the sentence, what to do, and buttons that do it.
class DiagnosticPopup : public QFrame {
    Q_OBJECT
public:
    explicit DiagnosticPopup(QWidget* parent);
    /// The first is shown in full; of the others only how many there are.
    void setDiagnostics(const std::vector<Diagnostic>& diagnostics);
    const std::vector<Diagnostic>& diagnostics() const { return m_diagnostics; }
    std::vector<class QPushButton*> fixButtons() const { return m_buttons; }
    void setReadOnly(bool readOnly) { m_readOnly = readOnly; }

Q_SIGNALS:
    void fixChosen(const loom::Fix& fix);

private:
    std::vector<Diagnostic> m_diagnostics;
    std::vector<class QPushButton*> m_buttons;
    QLabel* m_message;
    QLabel* m_hint;
    QLabel* m_more;
    QWidget* m_row;
    bool m_readOnly = false;
};

}  // namespace loom
