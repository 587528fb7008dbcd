#pragma once

#include <QWidget>
#include <functional>
#include <vector>

#include "core/data/dataset.h"
#include "core/data/sets/recognise.h"

class QSplitter;
class QStackedWidget;

namespace loom {

class CheckPanel;
class DatasetBrowser;
class DatasetPanel;
class DocumentController;
class LoadPanel;
class PreviewGrid;
class SegmentedControl;
class StepPanel;
class TransformsView;
class TransformStrip;

/// Which pictures, what is in them, what happens to them, and what the network will see of them:
/// the data set at the left, views of it in the centre.
class DataPage : public QWidget {
    Q_OBJECT
public:
    explicit DataPage(DocumentController* controller, QWidget* parent = nullptr);
    ~DataPage() override;

    /// Shows the view of that name: "transforms", "browse", "check", "load".
    void showView(const QString& id);
    QString shownView() const;

    TransformsView* transforms() const { return m_transforms; }
    DatasetBrowser* browser() const { return m_browser; }
    CheckPanel* checkPanel() const { return m_check; }
    LoadPanel* loadPanel() const { return m_load; }
    DatasetPanel* datasetPanel() const { return m_dataset; }
    StepPanel* stepPanel() const { return m_stepPanel; }
    QSplitter* splitter() const { return m_splitter; }
    bool isComputing() const;

    /// A picture of the user's own through the steps.
    void previewOwn(SampleInput input, const QString& name);
    /// Takes it as the project's data set, as one step of the undo stack.
    bool useDataset(const RecognisedDataset& found);

    // What the view of the transforms does, shown or not.
    Split split() const;
    void setSplit(Split split);
    void selectStep(int step);
    int lastStep() const;
    /// Takes the first repair offered for the list that is shown; its name, empty when there is
    /// none.
    QString takeFirstFix();
    void rollAgain();
    void addStep(const QString& kind);
    TransformStrip* strip() const;
    PreviewGrid* grid() const;

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct View {
        QString id;
        std::function<bool()> isComputing;
    };
    void addView(const QString& id, const QString& title, const QString& toolTip, QWidget* view,
                 std::function<bool()> isComputing);

    DocumentController* m_controller;
    QSplitter* m_splitter;
    DatasetPanel* m_dataset;
    StepPanel* m_stepPanel;
    SegmentedControl* m_tabs;
    QStackedWidget* m_stack;
    TransformsView* m_transforms;
    DatasetBrowser* m_browser;
    CheckPanel* m_check;
    LoadPanel* m_load;
    std::vector<View> m_views;
};

}  // namespace loom
