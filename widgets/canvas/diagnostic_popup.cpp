#include "widgets/canvas/diagnostic_popup.h"

#include <QGraphicsDropShadowEffect>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/bridge/problems.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

DiagnosticPopup::DiagnosticPopup(QWidget* parent)
    : QFrame(parent),
      m_message(makeWrappedLabel({}, "dangerStrong", this)),
      m_hint(makeWrappedLabel({}, "muted", this)),
      m_more(makeLabel({}, "small", this)),
      m_row(new QWidget(this)) {
    setProperty("card", QStringLiteral("danger"));
    setAccessibleName(tr("What is wrong"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(6);
    column->addWidget(m_message);
    column->addWidget(m_hint);
    column->addWidget(m_row);
    column->addWidget(m_more);
    auto* shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(18);
    shadow->setOffset(0, 4);
    shadow->setColor(QColor(0, 0, 0, 46));
    setGraphicsEffect(shadow);
    hide();
}

void DiagnosticPopup::setDiagnostics(const std::vector<Diagnostic>& diagnostics) {
    m_diagnostics = diagnostics;
    if (diagnostics.empty()) return hide();
    const Diagnostic& first = diagnostics.front();
    const Tone tone = toneOf(first);
    const QString card = cardTone(tone);
    setStyleProperty(this, "card", card.isEmpty() ? QStringLiteral("true") : card);
    setStyleProperty(m_message, "role",
                     tone == Tone::Danger    ? QStringLiteral("dangerStrong")
                     : tone == Tone::Warning ? QStringLiteral("warning")
                                             : QStringLiteral("strong"));
    setAccessibleName(tone == Tone::Advice ? tr("What is not finished yet") : tr("What is wrong"));
    m_message->setText(q(first.message));
    m_hint->setText(q(first.hint));
    m_hint->setVisible(!first.hint.empty());
    m_more->setText(tr("%n more remark(s) on this block in the panel at the right", nullptr,
                       static_cast<int>(diagnostics.size()) - 1));
    m_more->setVisible(diagnostics.size() > 1);

    // The row is made anew: buttons of a repair that was just taken may be the senders of this
    // call.
    m_row->hide();
    m_row->deleteLater();
    auto* column = static_cast<QVBoxLayout*>(layout());
    column->removeWidget(m_row);
    m_row = new QWidget(this);
    column->insertWidget(2, m_row);
    auto* row = new QBoxLayout(QBoxLayout::LeftToRight, m_row);
    row->setContentsMargins(0, 4, 0, 0);
    row->setSpacing(8);
    m_buttons.clear();
    for (const Fix& fix : first.fixes) {
        if (m_readOnly) break;
        QPushButton* button =
            makeButton(q(fix.label),
                       m_buttons.empty() ? ButtonKind::Primary : ButtonKind::Secondary, {}, m_row);
        button->setFocusPolicy(Qt::TabFocus);
        connect(button, &QPushButton::clicked, this, [this, fix] { Q_EMIT fixChosen(fix); });
        row->addWidget(button);
        m_buttons.push_back(button);
        if (m_buttons.size() == 1) row->addWidget(new KeyCap(QStringLiteral("Alt+Enter"), m_row));
    }
    row->addStretch(1);
    m_row->setVisible(!m_buttons.empty());
    // Sizes that the style sheet gives are known only now.
    for (QWidget* child : findChildren<QWidget*>()) child->ensurePolished();
    // As wide as its sentence reads well, between a note and a paragraph.
    const int sentence =
        QFontMetrics(uiFont(13, QFont::DemiBold)).horizontalAdvance(m_message->text());
    const int buttons = m_row->sizeHint().width();
    const int most = std::max(200, parentWidget()->width() - 46);
    const int inner = std::min(
        most,
        std::clamp(std::max({sentence / (sentence > 620 ? 2 : 1) + 8, 300, buttons}), 300, 460));
    // On a narrow canvas the buttons stand below each other.
    if (buttons > inner) row->setDirection(QBoxLayout::TopToBottom);
    if (!m_buttons.empty()) m_row->setFixedHeight(m_row->sizeHint().height());
    m_message->setFixedWidth(inner);
    m_hint->setFixedWidth(inner);
    m_message->setFixedHeight(m_message->heightForWidth(inner));
    m_hint->setFixedHeight(m_hint->text().isEmpty() ? 0 : m_hint->heightForWidth(inner));
    layout()->activate();
    resize(inner + 30, layout()->sizeHint().height());
}

}  // namespace loom
