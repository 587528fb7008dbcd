#pragma once

#include <QWidget>

#include "core/train/run_folder.h"

class QLabel;
class QMenu;
class QPushButton;
class QSpinBox;

namespace loom {

/// What can be done with one run of the list: try it, export its weights, let it go on, stop it.
/// What makes no sense now is grey and says why.
class RunButtons : public QWidget {
    Q_OBJECT
public:
    explicit RunButtons(QWidget* parent = nullptr);

    /// `record`: null when not exactly one run is chosen. `busy`: a run trains in this window.
    void show(const RunRecord* record, bool busy);
    /// The same as entries of a menu.
    void fill(QMenu* menu) const;

    QPushButton* tryButton() const { return m_try; }
    QPushButton* exportButton() const { return m_export; }
    QPushButton* resumeButton() const { return m_resume; }
    QPushButton* stopButton() const { return m_stop; }
    /// Shown for a run that has had all its epochs.
    QSpinBox* moreEpochs() const { return m_more; }

Q_SIGNALS:
    void tryAsked();
    void exportAsked();
    /// `moreEpochs`: behind those that were planned; 0: as planned.
    void resumeAsked(int moreEpochs);
    void stopAsked();

private:
    QPushButton* m_try;
    QPushButton* m_export;
    QPushButton* m_resume;
    QPushButton* m_stop;
    QWidget* m_moreRow;
    QSpinBox* m_more;
};

}  // namespace loom
