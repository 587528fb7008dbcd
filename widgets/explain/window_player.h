#pragma once

#include <QWidget>

#include "widgets/explain/window_view.h"

class QSlider;
class QSpinBox;
class QToolButton;

namespace loom {

/// The sliding window with its controls: play, step, speed, and which channels are shown.
class WindowPlayer : public QWidget {
    Q_OBJECT
public:
    explicit WindowPlayer(QWidget* parent = nullptr);
    void setSums(std::shared_ptr<const WindowSums> sums);
    WindowView* view() const { return m_view; }
    QToolButton* playButton() const { return m_play; }
    QToolButton* stepButton() const { return m_step; }
    QSpinBox* inputChannelBox() const { return m_input; }
    QSpinBox* outputChannelBox() const { return m_output; }
    QSlider* speedSlider() const { return m_speed; }

private:
    void showChannels();
    void showPlaying();

    WindowView* m_view;
    QToolButton* m_restart;
    QToolButton* m_play;
    QToolButton* m_step;
    QSlider* m_speed;
    QWidget* m_outputRow;
    QWidget* m_inputRow;
    QWidget* m_depthRow;
    QSpinBox* m_output;
    QSpinBox* m_input;
    QSpinBox* m_depth;
};

}  // namespace loom
