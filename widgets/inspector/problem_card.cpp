#include "widgets/inspector/problem_card.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QVBoxLayout>

#include "widgets/bridge/strings.h"

namespace loom {

ProblemCard::ProblemCard(const Diagnostic& diagnostic, bool withPlace, bool readOnly,
                         QWidget* parent)
    : Card({}, parent), m_diagnostic(diagnostic), m_withPlace(withPlace) {
    const bool error = diagnostic.severity == Severity::Error,
               warning = diagnostic.severity == Severity::Warning;
    setTone(error ? QStringLiteral("danger") : warning ? QStringLiteral("warning") : QString());
    body()->setSpacing(5);
    QLabel* message = makeWrappedLabel(q(diagnostic.message),
                                       error     ? "danger"
                                       : warning ? "warning"
                                                 : "",
                                       this);
    body()->addWidget(message);
    if (!diagnostic.hint.empty())
        body()->addWidget(makeWrappedLabel(q(diagnostic.hint), "small", this));
    for (const Fix& fix : diagnostic.fixes) {
        if (readOnly) break;
        QPushButton* button = makeButton(q(fix.label), ButtonKind::Secondary, {}, this);
        connect(button, &QPushButton::clicked, this, [this, fix] { Q_EMIT fixChosen(fix); });
        body()->addWidget(button, 0, Qt::AlignLeft);
    }
    setAccessibleName(q(toText(diagnostic.severity) + ": " + diagnostic.message));
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
