#pragma once

#include <QStringList>
#include <QWidget>
#include <atomic>
#include <memory>
#include <vector>

#include "widgets/bridge/latest_job.h"
#include "widgets/data/preview.h"

class QComboBox;
class QLabel;
class QPushButton;
class QTimer;
class QVBoxLayout;

namespace loom {

class Activity;
class BarList;
class Card;
class ChoiceForm;
class DownloadCard;
class DocumentController;

/// The left of the data page: which data set, where it lies, how it is fed, what is in it.
class DatasetPanel : public QWidget {
    Q_OBJECT
public:
    explicit DatasetPanel(DocumentController* controller, QWidget* parent = nullptr);
    ~DatasetPanel() override;
    void reload();
    const DatasetFacts& facts() const { return m_facts; }
    bool isMeasuring() const { return m_job.isRunning() || m_whole.isRunning(); }
    DownloadCard* download() const { return m_download; }

Q_SIGNALS:
    /// The measured mean and deviation are wanted in the Normalize steps.
    void statisticsWanted();
    /// A folder or file of the user's own was chosen; what lies there is to be recognised.
    void ownDataChosen(const QString& path);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void openPicker(const QString& typed);
    void pick(const QString& entry);
    void chooseOwn(bool folder);
    void showRemarks();
    void showLocation();
    void measure();
    void showFacts();
    void useStatistics();
    void stopMeasuringAll();

    DocumentController* m_controller;
    ChoiceForm* m_choice;
    QComboBox* m_target;
    QLabel* m_location;
    QStringList m_saidRemarks;
    QVBoxLayout* m_remarks;  ///< cards: how the files were read, with the other reading
    DownloadCard* m_download;
    Card* m_help;
    QLabel* m_helpText;
    Card* m_classes;
    BarList* m_bars;
    Card* m_check;
    QLabel* m_checkText;
    QLabel* m_statistics;
    QPushButton* m_use;
    QPushButton* m_stop;  ///< measuring every picture
    Choice m_measured;
    bool m_everMeasured = false;
    DatasetFacts m_facts;
    std::vector<TransformChoice> m_measuredBehind;
    LatestJob<DatasetFacts> m_job;
    LatestJob<DatasetFacts> m_whole;  ///< over every training picture
    QTimer* m_progress;
    std::shared_ptr<std::atomic<int>> m_percent;
    std::unique_ptr<Activity> m_activity;  ///< while every picture is measured
    QLabel* m_helpTitle;
    QPushButton* m_byHand;
    QWidget* m_helpRow;
    bool m_showsByHand = false;
};

}  // namespace loom
