#pragma once

#include <QDialog>

#include "widgets/bridge/latest_job.h"
#include "widgets/data/sample_look.h"

class QGridLayout;
class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace loom {

class Card;
class CompareView;
class ElidedLabel;
class ValueHistogram;
class NumbersView;
class SegmentedControl;
class TransformStrip;

/// A window that looks at one sample closely: before and after each step, as pictures, as numbers
/// and as figures, with what chance decided. It stays open beside its page.
class SampleInspector : public QDialog {
    Q_OBJECT
public:
    explicit SampleInspector(QWidget* parent = nullptr);

    /// Who looks at a sample of a run wants exactly its draws: no walking on, no rolling.
    enum class Ways { Free, Fixed };
    void look(const LookRequest& request, Ways ways = Ways::Free);
    /// What the network took it for; empty: nobody asked it.
    void setVerdict(const QString& verdict, bool right);
    bool isComputing() const { return m_job.isRunning(); }

    const SampleLook& shown() const { return m_look; }
    TransformStrip* strip() const { return m_strip; }
    CompareView* compare() const { return m_compare; }
    NumbersView* numbers() const { return m_numbers; }
    SegmentedControl* modes() const { return m_modes; }

Q_SIGNALS:
    /// The strip of the page shall follow this sample.
    void followAsked(loom::Split split, qint64 index);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeHeading();
    QWidget* makePictures();
    QWidget* makeFigures();
    void compute();
    void walk(int amount);
    void roll();
    void showLook();
    void showStage();
    void showFigures(const SampleLook::Stage& before, const SampleLook::Stage& after);
    void showPixel(bool after, QPoint pixel);

    LookRequest m_request;
    Ways m_ways = Ways::Free;
    SampleLook m_look;
    LatestJob<SampleLook> m_job;
    std::vector<QWidget*> m_free;  ///< what is there only while Ways::Free

    QLabel* m_title;
    QLabel* m_verdict;
    ElidedLabel* m_place;
    QLabel* m_epoch;
    QLabel* m_problem;
    SegmentedControl* m_modes;
    QPushButton* m_raw;
    QStackedWidget* m_stack;
    CompareView* m_compare;
    NumbersView* m_numbers;
    QLabel* m_pixel;
    TransformStrip* m_strip;
    QGridLayout* m_table;
    std::vector<QLabel*> m_cells;
    ValueHistogram* m_histogramBefore;
    ValueHistogram* m_histogramAfter;
    Card* m_drawsCard;
    QLabel* m_draws;
};

}  // namespace loom
