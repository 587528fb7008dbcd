#pragma once

#include "core/graph/diagnostic.h"
#include "widgets/style/controls.h"

namespace loom {

/// One diagnostic with its hint and a button for every repair.
class ProblemCard : public Card {
    Q_OBJECT
public:
    /// `withPlace`: a click on the card leads to the block.
    ProblemCard(const Diagnostic& diagnostic, bool withPlace, bool readOnly,
                QWidget* parent = nullptr);

Q_SIGNALS:
    void fixChosen(const loom::Fix& fix);
    void activated(const loom::Diagnostic& diagnostic);

protected:
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    Diagnostic m_diagnostic;
    bool m_withPlace;
};

}  // namespace loom
