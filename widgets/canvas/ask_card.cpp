#include "widgets/canvas/ask_card.h"

#include <QGraphicsDropShadowEffect>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace loom {

AskCard::AskCard(QWidget* parent)
    : Card({}, parent),
      m_question(makeLabel({}, "strong", this)),
      m_field(new QLineEdit(this)),
      m_note(makeWrappedLabel({}, "small", this)),
      m_button(makeButton({}, ButtonKind::Primary, {}, this)) {
    setFixedWidth(340);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_field, 1);
    row->addWidget(m_button);
    body()->setSpacing(8);
    body()->addWidget(m_question);
    body()->addLayout(row);
    body()->addWidget(m_note);
    m_field->setObjectName(QStringLiteral("canvas.ask"));
    m_field->installEventFilter(this);
    m_button->setFocusPolicy(Qt::NoFocus);
    connect(m_field, &QLineEdit::textChanged, this, &AskCard::judge);
    connect(m_button, &QPushButton::clicked, this, &AskCard::accept);
    auto* shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(24);
    shadow->setOffset(0, 6);
    shadow->setColor(QColor(0, 0, 0, 60));
    setGraphicsEffect(shadow);
    hide();
}

void AskCard::ask(const QPoint& at, const QString& question, const QString& suggestion,
                  const QString& verb, Judge judgeAnswer,
                  std::function<void(const QString&)> accepted) {
    m_judge = std::move(judgeAnswer);
    m_accepted = std::move(accepted);
    m_question->setText(question);
    m_field->setAccessibleName(question);
    m_button->setText(verb);
    m_field->setText(suggestion);
    m_field->selectAll();
    judge();
    adjustSize();
    const QSize room = parentWidget()->size();
    move(std::clamp(at.x(), 8, std::max(8, room.width() - width() - 8)),
         std::clamp(at.y(), 8, std::max(8, room.height() - height() - 8)));
    show();
    raise();
    m_field->setFocus();
}

void AskCard::judge() {
    if (!m_judge) return;
    const Reply reply = m_judge(m_field->text().trimmed());
    m_note->setText(reply.note);
    setStyleProperty(m_note, "role", reply.good ? "small" : "danger");
    m_note->setVisible(!reply.note.isEmpty());
    m_button->setEnabled(reply.good);
    adjustSize();
}

void AskCard::accept() {
    const QString answer = m_field->text().trimmed();
    if (!m_judge || !m_judge(answer).good) return;
    // What is accepted may ask the next question.
    const auto accepted = std::move(m_accepted);
    close();
    if (accepted) accepted(answer);
}

void AskCard::close() {
    if (isHidden()) return;
    const bool focused = m_field->hasFocus();
    m_judge = {};
    m_accepted = {};
    hide();
    if (focused) parentWidget()->setFocus();
}

bool AskCard::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut && isVisible()) {
        const auto reason = static_cast<QFocusEvent*>(event)->reason();
        if (reason != Qt::ActiveWindowFocusReason && reason != Qt::PopupFocusReason) close();
        return false;
    }
    if (event->type() != QEvent::KeyPress) return Card::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Escape:
            close();
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            accept();
            return true;
        case Qt::Key_Tab:
        case Qt::Key_Backtab:
            return true;
        default:
            return Card::eventFilter(watched, event);
    }
}

}  // namespace loom
