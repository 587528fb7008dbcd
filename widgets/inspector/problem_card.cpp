#include "widgets/inspector/problem_card.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QVBoxLayout>

#include "widgets/bridge/problems.h"
#include "widgets/bridge/strings.h"

namespace loom {

ProblemCard::ProblemCard(const Diagnostic& diagnostic, bool withPlace, bool readOnly,
                         QWidget* parent)
    : Card({}, parent), m_diagnostic(diagnostic), m_withPlace(withPlace) {
    const Tone tone = toneOf(diagnostic);
    setTone(cardTone(tone));
    body()->setSpacing(5);
    QLabel* message = makeWrappedLabel(breakable(q(diagnostic.message)), "", this);
    if (tone == Tone::Danger || tone == Tone::Warning)
        setStyleProperty(message, "role", textRole(tone));
    body()->addWidget(message);
    if (!diagnostic.hint.empty())
        body()->addWidget(makeWrappedLabel(breakable(q(diagnostic.hint)), "small", this));
    for (const Fix& fix : diagnostic.fixes) {
        if (readOnly) break;
        QPushButton* button = makeButton(q(fix.label), ButtonKind::Secondary, {}, this);
        connect(button, &QPushButton::clicked, this, [this, fix] { Q_EMIT fixChosen(fix); });
        body()->addWidget(button, 0, Qt::AlignLeft);
    }
    setAccessibleName(tone == Tone::Advice
                          ? tr("Not finished yet: %1").arg(q(diagnostic.message))
                          : q(toText(diagnostic.severity) + ": " + diagnostic.message));
    if (!withPlace) return;
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setToolTip(diagnostic.node.empty() ? QString() : tr("Show %1").arg(q(diagnostic.node)));
}

void ProblemCard::mouseReleaseEvent(QMouseEvent* event) {
    if (m_withPlace && event->button() == Qt::LeftButton && rect().contains(event->pos()))
        Q_EMIT activated(m_diagnostic);
}

void ProblemCard::keyPressEvent(QKeyEvent* event) {
    if (m_withPlace && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space))
        Q_EMIT activated(m_diagnostic);
    else
        Card::keyPressEvent(event);
}

}  // namespace loom
