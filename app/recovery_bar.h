#pragma once

#include <QFrame>
#include <QString>
#include <QStringList>
#include <vector>

#include "app/recovery.h"

class QVBoxLayout;

namespace loom {

class DocumentActions;

/// Offers what crashes left, a row each, under the top bar. It stays until each row is answered:
/// nothing else that happens in the window takes it away.
class RecoveryBar : public QFrame {
    Q_OBJECT
public:
    explicit RecoveryBar(DocumentActions* actions, QWidget* parent = nullptr);
    /// Looks for copies and shows them; hides where there are none.
    void offer();
    /// The sentences of the rows.
    QStringList rows() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void show(std::vector<Recovery::Leftover> found);
    void addRow(const Recovery::Leftover& one);
    void addLine(const QString& text);
    void discardAll();
    void discard(const std::vector<QString>& copies);

    DocumentActions* m_actions;
    QVBoxLayout* m_column;
    std::vector<Recovery::Leftover> m_found;
    std::vector<QString> m_discarded;  ///< last, and can be had back
};

}  // namespace loom
