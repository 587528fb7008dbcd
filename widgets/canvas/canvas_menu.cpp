#include <QContextMenuEvent>
#include <QMenu>

#include "core/project/parameter_groups.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/add_popup.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/gestures.h"
#include "widgets/canvas/shown_geometry.h"

namespace loom {

/// Freezes the selected blocks that have weights, or lets them learn again when all are frozen.
void CanvasView::addFreezing(QMenu& menu) {
    std::vector<NodeId> ids;
    bool all = true;
    for (const NodeId& id : m_scene->selectedBlocks()) {
        const BlockReport* block = m_document.report().shapes.find(id);
        if (!block || block->inference.parameters == 0) continue;
        // Such a block thaws by its own setting, beside its others.
        if (const Node* node = m_document.graph().find(id); node && freezesItself(*node)) continue;
        ids.push_back(id);
        all = all && isFrozen(m_document.project().training, m_document.graph(), id);
    }
    if (ids.empty()) return;
    const QString text = all ? tr("Unfreeze") : tr("Freeze");
    QAction* entry = menu.addAction(text);
    entry->setEnabled(!m_document.isReadOnly());
    entry->setToolTip(tr("Whether training changes their weights"));
    connect(entry, &QAction::triggered, this, [this, ids, all, text] {
        m_document.edit(text, [&](const Project& project) -> Result<Project> {
            Project next = project;
            next.training = withFrozen(project.training, project.network, ids, !all);
            return next;
        });
    });
    menu.addSeparator();
}

void CanvasView::contextMenuEvent(QContextMenuEvent* event) {
    endGesture();
    const QPoint at = event->pos();
    const QPointF point = mapToScene(at);
    BlockItem* block = m_scene->blockAt(point);
    if (block && !block->isSelected()) m_scene->select({block->id()});
    WireItem* wire = block ? nullptr : m_scene->wireAt(point, 5 / m_zoom);
    if (wire) {
        m_scene->clearSelection();
        wire->setSelected(true);
    }
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const bool writable = !m_document.isReadOnly();
    const auto add = [&](const QString& text, const QString& keys, bool enabled, auto action) {
        QAction* entry = menu->addAction(keys.isEmpty() ? text : text + QLatin1Char('\t') + keys);
        entry->setEnabled(enabled);
        connect(entry, &QAction::triggered, this, action);
    };
    if (block) {
        const std::string id = block->id();
        if (block->isOutside()) {
            add(tr("Go There"), tr("Double click"), true, [this, id] {
                if (const BlockItem* end = m_scene->block(id)) goOutside(*end);
            });
            menu->popup(event->globalPos());
            return;
        }
        add(tr("Rename"), QStringLiteral("F2"), writable, [this, id] { startRename(id); });
        add(tr("Add a Layer Behind"), QStringLiteral("Tab"), writable,
            [this] { openSearch(true); });
        menu->addSeparator();
        addGroupEntries(menu, block);
        if (!block->isGroup()) addSharingEntries(menu, id);
        addFreezing(*menu);
        menu->addSeparator();
        add(tr("Cut"), QStringLiteral("Ctrl+X"), writable, [this] { cutSelection(); });
        add(tr("Copy"), QStringLiteral("Ctrl+C"), true, [this] { copySelection(); });
        add(tr("Duplicate"), QStringLiteral("Ctrl+D"), writable, [this] { duplicateSelection(); });
        menu->addSeparator();
        add(tr("Delete"), QStringLiteral("Del"), writable, [this] { deleteSelection(false); });
        add(tr("Delete and Join Wires"), QStringLiteral("Ctrl+Del"), writable,
            [this] { deleteSelection(true); });
        menu->addSeparator();
        add(tr("Explain This Block"), QStringLiteral("F1"), true,
            [this, id] { Q_EMIT helpOnBlockAsked(q(id)); });
    } else if (wire) {
        const Edge edge = wire->edge();
        add(tr("Insert a Layer Here"), tr("Double click"), writable, [this, edge, point, at] {
            m_popupUse = PopupUse::OnWire;
            const WireItem* item = m_scene->wire(edge);
            if (!item) return;
            m_popupEdges = item->wires();
            m_popupPoint = point;
            m_popup->open(at, tr("Enter puts it between %1 and %2")
                                  .arg(shownName(edge.from.node), shownName(edge.to.node)));
        });
        add(tr("Delete Wire"), QStringLiteral("Del"), writable, [this] { deleteSelection(false); });
    } else {
        add(tr("Add a Layer Here"), QStringLiteral("Shift+A"), writable, [this, point, at] {
            m_popupUse = PopupUse::AtPoint;
            m_popupPoint = point;
            m_popup->open(at, tr("Enter puts it here"));
        });
        add(tr("Paste"), QStringLiteral("Ctrl+V"), writable, [this] { pasteClipboard(); });
        add(tr("Select All"), QStringLiteral("Ctrl+A"), true, [this] { selectAll(); });
        menu->addSeparator();
        if (!m_scene->scope().empty())
            add(tr("Leave %1").arg(q(m_scene->scope())), QStringLiteral("Esc"), true,
                [this] { leaveGroup(); });
        add(tr("Tidy Up"), QStringLiteral("Ctrl+Shift+F"), writable, [this] { tidyUp(); });
        add(tr("Show All"), QStringLiteral("Home"), true, [this] { fitAll(); });
        add(tr("Actual Size"), QStringLiteral("Ctrl+0"), true, [this] { setZoom(1); });
    }
    menu->popup(event->globalPos());
}

}  // namespace loom
