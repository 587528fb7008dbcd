#pragma once

#include <QWidget>

#include "widgets/bridge/latest_job.h"
#include "widgets/data/load_facts.h"

class QLabel;
class QTableWidget;
class QBoxLayout;
class QTimer;

namespace loom {

class Card;
class ChoiceForm;
class DocumentController;
class PartForm;
class PartsForm;
class SplitBar;
class TrainingFieldsForm;

/// How the data is divided and fed: validation part, subsets, sampler, DataLoader's arguments and
/// what is done to whole batches, with the numbers that follow.
class LoadPanel : public QWidget {
    Q_OBJECT
public:
    explicit LoadPanel(DocumentController* controller, QWidget* parent = nullptr);

    bool isComputing() const;
    const LoadFacts& facts() const { return m_facts; }
    SplitBar* bar() const { return m_bar; }
    QTableWidget* classes() const { return m_classes; }
    PartForm* validation() const { return m_parts.front(); }
    TrainingFieldsForm* fields() const { return m_fields; }
    ChoiceForm* sampler() const { return m_sampler; }
    PartsForm* mixing() const { return m_mixing; }
    QString python() const;

protected:
    void showEvent(QShowEvent* event) override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeForms();
    QWidget* makeNumbers();
    void reload();
    void startCounting();
    void showFacts();
    void showClasses();

    DocumentController* m_controller;
    std::vector<PartForm*> m_parts;  ///< validation, subset, test subset
    TrainingFieldsForm* m_fields;
    ChoiceForm* m_sampler;
    QLabel* m_samplerText;
    PartsForm* m_mixing;
    SplitBar* m_bar;
    QLabel* m_problem;
    QLabel* m_batches;
    QLabel* m_batchesText;
    Card* m_classCard;
    QTableWidget* m_classes;
    QLabel* m_classText;
    QLabel* m_python;
    QTimer* m_delay;
    QBoxLayout* m_row;
    QWidget* m_forms;
    DataSection m_countedData;
    TrainingSection m_countedTraining;
    bool m_counted = false;
    LoadFacts m_facts;
    LatestJob<LoadFacts> m_job;
};

}  // namespace loom
