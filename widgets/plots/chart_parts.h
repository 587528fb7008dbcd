#pragma once

#include <QColor>
#include <QFrame>
#include <QString>
#include <QWidget>
#include <vector>

namespace loom {

/// What a chart's heading and its tip say of one curve.
struct LegendEntry {
    QString name;
    QString value;
    QColor color;
    bool dashed = false;
    bool hidden = false;
};

/// The curves with their latest values, in a row; a click hides or shows one.
class ChartLegend : public QWidget {
    Q_OBJECT
public:
    explicit ChartLegend(QWidget* parent = nullptr);
    void setEntries(std::vector<LegendEntry> entries);
    const std::vector<LegendEntry>& entries() const { return m_entries; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void toggled(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    int entryWidth(const LegendEntry& entry) const;
    bool hasRoomForValues() const;
    int indexAt(int x) const;
    std::vector<LegendEntry> m_entries;
};

/// A small card beside the mouse: where, and what each curve is there.
class ChartTip : public QWidget {
    Q_OBJECT
public:
    explicit ChartTip(QWidget* parent);
    void showAt(QPoint beside, const QString& heading, std::vector<LegendEntry> rows);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_heading;
    std::vector<LegendEntry> m_rows;
};

}  // namespace loom
