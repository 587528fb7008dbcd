#pragma once

#include <QWidget>

#include "widgets/bridge/document_controller.h"

class QLabel;
class QVBoxLayout;

namespace loom {

class BlockTraining;
class FiguresCard;

/// The network as a whole, or several blocks of it: totals and the list of problems.
class NetworkPage : public QWidget {
    Q_OBJECT
public:
    explicit NetworkPage(DocumentController& document, QWidget* parent = nullptr);
    /// Empty: the whole network.
    void setBlocks(const std::vector<NodeId>& ids);
    void refresh();
    /// Where what reading the file had to say begins.
    QWidget* remarksHead() const { return m_remarksHead; }

Q_SIGNALS:
    void problemActivated(const loom::Diagnostic& diagnostic);

private:
    void showNetwork();
    void showRemarks();
    void showSelection();

    DocumentController& m_document;
    std::vector<NodeId> m_ids;
    BlockTraining* m_training;
    QLabel* m_title;
    QLabel* m_subtitle;
    FiguresCard* m_figures;
    QWidget* m_problemsHead;
    QVBoxLayout* m_problems;
    QLabel* m_fine;
    QWidget* m_remarksHead;
    QVBoxLayout* m_remarks;
    QLabel* m_keys;
};

}  // namespace loom
