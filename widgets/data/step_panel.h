#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "core/data/dataset.h"
#include "core/project/project.h"

class QLabel;
class QPushButton;

namespace loom {

class Card;
class DocumentController;
class EmptyState;
class ParamForm;

std::vector<Choice>& stepsOf(Project& project, Split split);
const std::vector<Choice>& stepsOf(const Project& project, Split split);

/// The right of the data page: the chosen step's parameters, what is wrong with it, its Python.
class StepPanel : public QWidget {
    Q_OBJECT
public:
    explicit StepPanel(DocumentController* controller, QWidget* parent = nullptr);
    /// step < 0: nothing chosen.
    void setStep(Split split, int step);
    void reload();
    void setProblem(const QString& message, const QString& hint);
    ParamForm* form() const { return m_form; }

private:
    DocumentController* m_controller;
    Split m_split = Split::Train;
    int m_step = -1;
    QWidget* m_area;
    EmptyState* m_empty;
    QLabel* m_title;
    QLabel* m_summary;
    ParamForm* m_form;
    Card* m_problem;
    QLabel* m_problemText;
    QLabel* m_problemHint;
    Card* m_fidelity;
    QLabel* m_fidelityText;
    Card* m_code;
    QLabel* m_python;
    QPushButton* m_copyAcross;
};

}  // namespace loom
