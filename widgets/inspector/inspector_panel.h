#pragma once

#include <QWidget>

#include "widgets/bridge/document_controller.h"

class QScrollArea;
class QStackedWidget;

namespace loom {

class BlockPage;
class GroupPage;
class NetworkPage;

/// The panel at the right: about the selected block, several, or the network.
class InspectorPanel : public QWidget {
    Q_OBJECT
public:
    explicit InspectorPanel(DocumentController& document, QWidget* parent = nullptr);
    /// `group`: the blocks are selected as this group; empty: as blocks.
    void setSelection(const std::vector<NodeId>& ids, const std::string& group = {});
    /// The page of the network, at what reading the file had to say.
    void showRemarks();
    BlockPage* blockPage() const { return m_block; }
    NetworkPage* networkPage() const { return m_network; }
    GroupPage* groupPage() const { return m_group; }

Q_SIGNALS:
    /// Enter or Escape in a field: the keyboard goes back to the canvas.
    void left();
    void renamed(const QString& from, const QString& to);
    void problemActivated(const loom::Diagnostic& diagnostic);
    void statusMessage(const QString& text);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void refresh();

    DocumentController& m_document;
    std::vector<NodeId> m_ids;
    std::string m_path;
    BlockPage* m_block;
    NetworkPage* m_network;
    GroupPage* m_group;
    QScrollArea* m_blockArea;
    QScrollArea* m_networkArea;
    QScrollArea* m_groupArea;
    QStackedWidget* m_stack;
};

}  // namespace loom
