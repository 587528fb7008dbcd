#pragma once

#include <QWidget>

#include "widgets/bridge/document_controller.h"

class QScrollArea;
class QStackedWidget;

namespace loom {

class BlockPage;
class NetworkPage;

/// The panel at the right: about the selected block, several, or the network.
class InspectorPanel : public QWidget {
    Q_OBJECT
public:
    explicit InspectorPanel(DocumentController& document, QWidget* parent = nullptr);
    void setSelection(const std::vector<NodeId>& ids);
    BlockPage* blockPage() const { return m_block; }
    NetworkPage* networkPage() const { return m_network; }

Q_SIGNALS:
    void renamed(const QString& from, const QString& to);
    void problemActivated(const loom::Diagnostic& diagnostic);
    void statusMessage(const QString& text);

private:
    void refresh();

    DocumentController& m_document;
    std::vector<NodeId> m_ids;
    BlockPage* m_block;
    NetworkPage* m_network;
    QScrollArea* m_blockArea;
    QScrollArea* m_networkArea;
    QStackedWidget* m_stack;
};

}  // namespace loom
