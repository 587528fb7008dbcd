#pragma once

#include <QWidget>
#include <optional>

#include "widgets/bridge/latest_job.h"
#include "widgets/data/browser_data.h"
#include "widgets/data/size_facts.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QSlider;
class QSplitter;
class QStackedWidget;
class QTimer;

namespace loom {

class Card;
class ClassList;
class DocumentController;
class ElidedLabel;
class EmptyState;
class SampleTable;
class SampleView;
class ScatterView;
class SegmentedControl;
class ThumbnailGrid;

/// The data set as it lies: its samples by class, one of them large, and what is known of it. It is
/// opened when it is first shown.
class DatasetBrowser : public QWidget {
    Q_OBJECT
public:
    explicit DatasetBrowser(DocumentController* controller, QWidget* parent = nullptr);
    ~DatasetBrowser() override;
    bool isComputing() const;

    /// These samples and no others, under a title, until everything is wanted again.
    void showSamples(const QString& title, std::vector<BrowserItem> items);
    void showPart(DataPart part);

    const BrowserData* data() const { return m_data.get(); }
    ThumbnailGrid* grid() const { return m_grid; }
    ClassList* classes() const { return m_classes; }
    SampleView* sampleView() const { return m_sample; }
    SampleTable* table() const { return m_table; }
    ScatterView* scatter() const { return m_scatter; }
    QLineEdit* search() const { return m_search; }
    SegmentedControl* parts() const { return m_parts; }
    QString statusText() const;

Q_SIGNALS:
    /// This sample is to be followed through the transforms.
    void followAsked(loom::Split split, qint64 sample);

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeTools();
    QWidget* makeContents();
    void documentChanged();
    void open();
    void showData();
    void showClasses();
    void refilter();
    void showItems(std::vector<BrowserSection> sections);
    void choose(const BrowserItem& item);
    void setLarge(bool large);
    void showSizes();

    DocumentController* m_controller;
    QStackedWidget* m_stack;
    EmptyState* m_empty;
    QWidget* m_contents;
    SegmentedControl* m_parts;
    QLineEdit* m_search;
    QPushButton* m_byClass;
    QSlider* m_size;
    Card* m_banner;
    QLabel* m_bannerText;
    QSplitter* m_splitter;
    ClassList* m_classes;
    QStackedWidget* m_middle;
    ThumbnailGrid* m_grid;
    QWidget* m_tableSide;
    SampleTable* m_table;
    ScatterView* m_scatter;
    QStackedWidget* m_right;
    QWidget* m_summary;
    QLabel* m_sizes;
    SizeHistogram* m_histogram;
    SampleView* m_sample;
    ElidedLabel* m_status;
    QTimer* m_delay;

    bool m_stale = true;
    bool m_large = false;
    std::optional<DataSection> m_opened;  ///< what is shown now
    std::shared_ptr<const BrowserData> m_data;
    BrowserFilter m_filter;
    QString m_exactTitle;
    SizeFacts m_facts;
    LatestJob<std::shared_ptr<const BrowserData>> m_openJob;
    LatestJob<std::vector<BrowserSection>> m_filterJob;
    LatestJob<SizeFacts> m_sizeJob;
};

}  // namespace loom
