#pragma once

#include <QFrame>

class QButtonGroup;
class QHBoxLayout;

namespace loom {

/// A few choices side by side, of which one holds: the views of a page, the splits of a data set.
class SegmentedControl : public QFrame {
    Q_OBJECT
public:
    explicit SegmentedControl(QWidget* parent = nullptr);
    void addSegment(const QString& id, const QString& title, const QString& toolTip = {});
    void setTitle(const QString& id, const QString& title);
    void setSegmentVisible(const QString& id, bool visible);
    /// Without a signal.
    void setCurrent(const QString& id);
    QString current() const;

Q_SIGNALS:
    /// By the mouse or the keyboard.
    void chosen(const QString& id);

private:
    QButtonGroup* m_group;
    QHBoxLayout* m_row;
};

}  // namespace loom
