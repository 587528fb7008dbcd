#include "widgets/style/row_fit.h"

#include <QAbstractButton>
#include <QEvent>
#include <QLayout>

namespace loom {

namespace {
constexpr int kIconWidth = 44;
}

RowFit::RowFit(QWidget* panel, QLayout* row, const std::vector<QAbstractButton*>& buttons)
    : QObject(panel), m_panel(panel), m_row(row) {
    for (QAbstractButton* button : buttons) {
        // The layout may make it this narrow; then it has no text.
        button->setMinimumWidth(kIconWidth);
        button->installEventFilter(this);
        m_buttons.push_back({button, button->text(), button->toolTip()});
    }
    panel->installEventFilter(this);
}

bool RowFit::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ToolTipChange)
        for (Button& one : m_buttons)
            // Somebody else says something new of it; its name stays in front.
            if (one.button == watched && one.isShort && one.button->toolTip() != one.named) {
                one.toolTip = one.button->toolTip();
                name(one);
            }
    if (watched == m_panel && (event->type() == QEvent::Resize || event->type() == QEvent::Show ||
                               event->type() == QEvent::LayoutRequest))
        fit();
    return false;
}

void RowFit::show(Button& one, bool isShort) {
    if (!one.isShort) one.toolTip = one.button->toolTip();
    one.isShort = isShort;
    one.button->setText(isShort ? QString() : one.text);
    name(one);
}

void RowFit::name(Button& one) {
    const QString text = QString(one.text).remove(QLatin1Char('&'));
    one.button->setAccessibleName(text);
    one.named = one.toolTip.isEmpty() ? text : tr("%1: %2").arg(text, one.toolTip);
    one.button->setToolTip(one.isShort ? one.named : one.toolTip);
}

void RowFit::fit() {
    std::erase_if(m_buttons, [](const Button& one) { return !one.button; });
    const QMargins outer = m_panel->layout() ? m_panel->layout()->contentsMargins() : QMargins();
    const int room = m_panel->contentsRect().width() - outer.left() - outer.right();
    m_row->invalidate();
    // Labels that wrap or end in an ellipsis give way before buttons do.
    int needed = m_row->minimumSize().width();
    for (Button& one : m_buttons) {
        // Whoever changed the text meanwhile meant the long one.
        if (!one.button->text().isEmpty()) {
            one.text = one.button->text();
            one.width = one.button->sizeHint().width();
            one.isShort = false;
        }
        if (!one.button->isHidden()) needed += one.width - kIconWidth;
    }
    // Texts are only touched where they change: each change asks for a layout anew.
    for (auto one = m_buttons.rbegin(); one != m_buttons.rend(); ++one) {
        const bool isShort = needed > room;
        if (isShort && !one->button->isHidden()) needed -= one->width - kIconWidth;
        if (isShort != one->isShort) show(*one, isShort);
    }
}

}  // namespace loom
