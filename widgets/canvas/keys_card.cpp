#include "widgets/canvas/keys_card.h"

#include <QGraphicsDropShadowEffect>
#include <QGridLayout>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace loom {

KeysCard::KeysCard(QWidget* parent) : Card(tr("Mouse and keys"), parent) {
    const std::pair<QString, QString> rows[] = {
        {tr("Tab"), tr("Add a layer behind the selected one")},
        {tr("Double click"), tr("Add here, on a wire, or rename a block")},
        {tr("Drag from a dot"), tr("Connect; in empty space choose a layer")},
        {tr("Drop on a wire"), tr("Insert a block; Alt keeps it apart")},
        {QStringLiteral("Del  ·  Ctrl+Del"), tr("Remove  ·  remove and join the wires")},
        {QStringLiteral("Alt+Enter"), tr("Take the first repair offered")},
        {QStringLiteral("Ctrl+Z  ·  Ctrl+Y"), tr("Undo  ·  redo, for everything")},
        {QStringLiteral("Ctrl+C / X / V / D"), tr("Copy, cut, paste, duplicate")},
        {QStringLiteral("Enter  ·  Esc"), tr("To the parameters  ·  back to the canvas")},
        {QStringLiteral("F2"), tr("Rename")},
        {QStringLiteral("Ctrl+G  ·  Ctrl+Shift+G"), tr("Group the selected blocks  ·  ungroup")},
        {QStringLiteral("Alt+C"), tr("Collapse or expand a group")},
        {tr("Double click  ·  Esc"), tr("Open a group  ·  leave it")},
        {QStringLiteral("Ctrl+Tab"), tr("Next block; Alt+← → follow the wires")},
        {tr("Wheel  ·  Space+drag"), tr("Zoom  ·  move the view")},
        {QStringLiteral("F  ·  Home  ·  Ctrl+0"), tr("Fit selection  ·  all  ·  100 %")},
        {QStringLiteral("Ctrl+Shift+F"), tr("Tidy up the blocks")},
        {QStringLiteral("F1"), tr("Explain the selected block or entry")},
    };
    auto* content = new QWidget;
    auto* grid = new QGridLayout(content);
    grid->setContentsMargins(0, 0, 8, 0);
    grid->setHorizontalSpacing(14);
    grid->setVerticalSpacing(5);
    m_area = makeScrollColumn(content, this);
    body()->addWidget(m_area);
    int row = 0;
    for (const auto& [keys, meaning] : rows) {
        grid->addWidget(new KeyCap(keys, content), row, 0, Qt::AlignLeft | Qt::AlignVCenter);
        grid->addWidget(makeLabel(meaning, "", content), row++, 1);
    }
    auto* shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(18);
    shadow->setOffset(0, 4);
    shadow->setColor(QColor(0, 0, 0, 46));
    setGraphicsEffect(shadow);
    hide();
}

void KeysCard::fitTo(const QSize& room) {
    const QSize content = m_area->widget()->sizeHint();
    m_area->setFixedSize(std::min(content.width(), room.width() - 26),
                         std::min(content.height(), std::max(60, room.height() - 50)));
    adjustSize();
}

void KeysCard::mousePressEvent(QMouseEvent*) {
    hide();
}

}  // namespace loom
