#pragma once

#include <QWidget>

#include "widgets/bridge/document_controller.h"

class QLabel;
class QLineEdit;
class QVBoxLayout;

namespace loom {

class BlockTraining;
class Card;
class FiguresCard;
class ParamForm;
class WeightsCard;

/// Everything about one block: its name, parameters, what is wrong, the formula with numbers, sizes
/// and its line of Python.
class BlockPage : public QWidget {
    Q_OBJECT
public:
    explicit BlockPage(DocumentController& document, QWidget* parent = nullptr);
    void setBlock(const NodeId& id);
    const NodeId& block() const { return m_id; }
    void refresh();
    void focusName();
    void focusFirstParameter();
    ParamForm* form() const { return m_form; }
    QLineEdit* nameField() const { return m_name; }
    BlockTraining* training() const { return m_training; }
    WeightsCard* weights() const { return m_weights; }
    QString pythonLine() const;

Q_SIGNALS:
    /// The block has a new id; the selection should follow.
    void renamed(const QString& from, const QString& to);
    void statusMessage(const QString& text);
    /// The help page of the block's kind is wanted.
    void helpAsked(const QString& id);
    /// The block whose module this one uses is wanted.
    void ownerAsked(const QString& id);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void rename();
    void makeSharingCard();
    void showSharing(const Node& node);
    void showProblems();
    void showFormulas(const Inference* inference);
    void showFigures(const BlockReport* block);

    DocumentController& m_document;
    NodeId m_id;
    QLineEdit* m_name;
    QLabel* m_summary;
    QLabel* m_shapes;
    ParamForm* m_form;
    Card* m_sharing;
    QLabel* m_sharedWith;
    QLabel* m_nothingToSet;
    QVBoxLayout* m_problems;
    Card* m_formulas;
    QVBoxLayout* m_formulaLines;
    FiguresCard* m_figures;
    BlockTraining* m_training;
    WeightsCard* m_weights;
    Card* m_python;
    QLabel* m_code;
};

}  // namespace loom
