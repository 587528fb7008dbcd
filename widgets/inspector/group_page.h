#pragma once

#include <QWidget>

#include "widgets/bridge/document_controller.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace loom {

class Card;
class FiguresCard;

/// Everything about one group: its path, what its blocks make up together, what comes in and goes
/// out, and what can be done with it.
class GroupPage : public QWidget {
    Q_OBJECT
public:
    explicit GroupPage(DocumentController& document, QWidget* parent = nullptr);
    void setGroup(const std::string& path);
    const std::string& group() const { return m_path; }
    void refresh();
    QLineEdit* nameField() const { return m_name; }
    QPushButton* button(const QString& name) const;

Q_SIGNALS:
    void renamed(const QString& from, const QString& to);
    void openAsked(const QString& path);
    void collapseAsked();
    void ungroupAsked();
    void duplicateAsked();
    void repeatAsked();
    void saveAsked();

private:
    void rename();
    void showBlocks();
    void showPorts();
    void showProblems();

    DocumentController& m_document;
    std::string m_path;
    QLineEdit* m_name;
    QLabel* m_summary;
    QLabel* m_shapes;
    QPushButton* m_expand;
    FiguresCard* m_figures;
    Card* m_ports;
    QLabel* m_portLines;
    QVBoxLayout* m_problems;
    Card* m_blocks;
    QLabel* m_blockLines;
    std::vector<QPushButton*> m_editing;
};

}  // namespace loom
