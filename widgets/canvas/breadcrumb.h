#pragma once

#include <QFrame>
#include <vector>

class QHBoxLayout;
class QToolButton;

namespace loom {

class CanvasView;

/// `network › layer1 › 0` while the inside of a group is shown; a click goes back to there.
class Breadcrumb : public QFrame {
    Q_OBJECT
public:
    explicit Breadcrumb(CanvasView& view);
    /// From the whole network to the group that is open.
    const std::vector<QToolButton*>& steps() const { return m_steps; }

private:
    void rebuild();

    CanvasView& m_view;
    QHBoxLayout* m_row;
    std::vector<QToolButton*> m_steps;
};

}  // namespace loom
