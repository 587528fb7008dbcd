#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "core/data/dataset.h"
#include "core/project/project.h"
#include "widgets/data/step_kinds.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace loom {

class Card;
class DocumentController;
class EmptyState;
class ParamForm;
class PartsForm;

/// The right of the data page: the chosen step's parameters, what is wrong with it, its Python.
class StepPanel : public QWidget {
    Q_OBJECT
public:
    explicit StepPanel(DocumentController* controller, QWidget* parent = nullptr);
    /// step < 0: nothing chosen.
    void setStep(Split split, int step);
    void reload();
    /// What is wrong with the chosen step, and the ways out of it that are one click away.
    void setProblem(const QString& message, const QString& hint, const QStringList& fixes = {});
    ParamForm* form() const { return m_form; }
    /// Of a step that is made of others; null before the first such was chosen.
    PartsForm* parts() const { return m_parts; }

Q_SIGNALS:
    /// A way out of the problem was chosen, by its place among those given.
    void fixChosen(int fix);

private:
    void makeInfoCards(QVBoxLayout* column);
    void makeProblemCard(QVBoxLayout* column);
    void setParam(const QString& key, const std::optional<Value>& value);
    void copyAcross();
    void showParts(const Choice& step);
    void showInfo(const TransformKind& kind, const Choice& step);

    DocumentController* m_controller;
    Split m_split = Split::Train;
    int m_step = -1;
    QWidget* m_area;
    EmptyState* m_empty;
    QLabel* m_title;
    QLabel* m_summary;
    ParamForm* m_form;
    QVBoxLayout* m_partsPlace;
    PartsForm* m_parts = nullptr;
    QString m_partsOf;  ///< the step they were made for
    Card* m_problem;
    QLabel* m_problemText;
    QLabel* m_problemHint;
    QVBoxLayout* m_fixes;
    QStringList m_fixTexts;
    Card* m_formula;
    QLabel* m_formulaText;
    QLabel* m_details;
    Card* m_fidelity;
    QLabel* m_fidelityText;
    Card* m_code;
    QLabel* m_python;
    QPushButton* m_copyAcross;
};

}  // namespace loom
