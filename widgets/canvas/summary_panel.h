#pragma once

#include <QWidget>

#include "widgets/bridge/document_controller.h"

class QTreeWidget;
class QTreeWidgetItem;

namespace loom {

class ElidedLabel;

/// The network as a table: a row per block in the order of execution, groups that fold, totals,
/// and what training needs of memory. A click selects on the canvas.
class SummaryPanel : public QWidget {
    Q_OBJECT
public:
    enum Column { Name, Order, Kind, Output, Parameters, Trainable, Macs, Memory, kColumns };
    explicit SummaryPanel(DocumentController& document, QWidget* parent = nullptr);

    /// Marks the rows of what is selected on the canvas: ids of blocks, or the path of a group.
    void showSelection(const std::vector<NodeId>& ids, const std::string& group);
    QTreeWidget* table() const { return m_table; }
    QString totals() const;
    QString forecast() const;

Q_SIGNALS:
    /// A row was chosen: a block's id or a group's path.
    void chosen(const QString& path, bool group);
    void closeAsked();
    void said(const QString& text);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh();
    void copy(bool markdown);

    DocumentController& m_document;
    QTreeWidget* m_table;
    ElidedLabel* m_totals;
    ElidedLabel* m_forecast;
    bool m_stale = true;
    bool m_quiet = false;  ///< the selection is shown, not made
};

}  // namespace loom
