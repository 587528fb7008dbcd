#pragma once

#include <QDialog>
#include <QWidget>

#include "core/train/weight_match.h"
#include "widgets/bridge/latest_job.h"

class QLabel;
class QPushButton;
class QTableWidget;
class QCheckBox;

namespace loom {

class DocumentController;

/// The recipe's line that says which weights a run starts from, and changes it.
class StartWeightsRow : public QWidget {
    Q_OBJECT
public:
    explicit StartWeightsRow(DocumentController* controller, QWidget* parent = nullptr);
    void reload();

private:
    void choose();

    DocumentController* m_controller;
    QLabel* m_text;
    QPushButton* m_choose;
    QPushButton* m_fresh;
};

/// What of a weight file fits the network, tensor by tensor, before it becomes the start of a run.
/// Reads the file off the GUI's thread.
class WeightMatchDialog : public QDialog {
    Q_OBJECT
public:
    WeightMatchDialog(DocumentController* controller, const QString& path,
                      QWidget* parent = nullptr);
    /// Makes the file the start of the next run, and freezes what it fills if that is ticked.
    void accept() override;

private:
    struct Reading {
        WeightMatch match;
        Error error;
    };
    void showMatch(const Reading& reading);
    void fillTable();

    DocumentController* m_controller;
    QString m_path;
    WeightMatch m_match;
    QLabel* m_sentence;
    QLabel* m_hint;
    QTableWidget* m_table;
    QCheckBox* m_freeze;
    QCheckBox* m_differences;
    QPushButton* m_use;
    LatestJob<Reading> m_job;
};

}  // namespace loom
