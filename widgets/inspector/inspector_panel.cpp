#include "widgets/inspector/inspector_panel.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/graph/group.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/group_page.h"
#include "widgets/inspector/network_page.h"
#include "widgets/style/controls.h"

namespace loom {

InspectorPanel::InspectorPanel(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_block(new BlockPage(document)),
      m_network(new NetworkPage(document)),
      m_group(new GroupPage(document)),
      m_blockArea(makeScrollColumn(m_block, this)),
      m_networkArea(makeScrollColumn(m_network, this)),
      m_groupArea(makeScrollColumn(m_group, this)),
      m_stack(new QStackedWidget(this)) {
    setProperty("surface", QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Inspector"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_stack);
    m_stack->addWidget(m_networkArea);
    m_stack->addWidget(m_blockArea);
    m_stack->addWidget(m_groupArea);
    connect(m_block, &BlockPage::renamed, this, &InspectorPanel::renamed);
    connect(m_block, &BlockPage::statusMessage, this, &InspectorPanel::statusMessage);
    connect(m_network, &NetworkPage::problemActivated, this, &InspectorPanel::problemActivated);
    connect(&document, &DocumentController::reportChanged, this, &InspectorPanel::refresh);
}

void InspectorPanel::setSelection(const std::vector<NodeId>& ids, const std::string& group) {
    const bool other = ids != m_ids;
    m_ids = ids;
    m_path = group;
    if (!group.empty()) {
        m_group->setGroup(group);
        if (other) m_groupArea->verticalScrollBar()->setValue(0);
        m_stack->setCurrentWidget(m_groupArea);
    } else if (ids.size() == 1) {
        m_block->setBlock(ids.front());
        if (other) m_blockArea->verticalScrollBar()->setValue(0);
        m_stack->setCurrentWidget(m_blockArea);
    } else {
        m_network->setBlocks(ids);
        m_stack->setCurrentWidget(m_networkArea);
    }
}

void InspectorPanel::showRemarks() {
    setSelection({});
    m_networkArea->widget()->layout()->activate();
    m_networkArea->verticalScrollBar()->setValue(m_network->remarksHead()->y() - 8);
}

void InspectorPanel::keyPressEvent(QKeyEvent* event) {
    // What no field kept for itself.
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    const bool escape = event->key() == Qt::Key_Escape;
    if ((event->modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier || !(enter || escape))
        return QWidget::keyPressEvent(event);
    if (auto* button = qobject_cast<QPushButton*>(focusWidget()); button && enter)
        return button->click();
    if (auto* field = qobject_cast<QLineEdit*>(focusWidget()); field && escape) {
        // A name that was typed and not entered is not taken over.
        field->setModified(false);
        refresh();
    }
    Q_EMIT left();
}

void InspectorPanel::refresh() {
    std::erase_if(m_ids, [this](const NodeId& id) { return !m_document.graph().find(id); });
    if (groupMembers(m_document.graph(), m_path).empty()) m_path.clear();
    setSelection(m_ids, m_path);
}

}  // namespace loom
