#pragma once

#include <QImage>
#include <QString>
#include <QWidget>
#include <vector>

namespace loom {

/// Small pictures with a line of text under each, in rows as wide as the panel.
class PreviewGrid : public QWidget {
    Q_OBJECT
public:
    struct Cell {
        QImage picture;
        QString caption;
        QString toolTip;
        enum class Mark { None, Good, Bad } mark = Mark::None;
    };
    explicit PreviewGrid(int columns, QWidget* parent = nullptr);
    void setColumns(int columns);
    void setCells(std::vector<Cell> cells);
    const std::vector<Cell>& cells() const { return m_cells; }
    void setEmptyText(const QString& text);
    QRect cellRect(int index) const;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override { return {m_columns * 70, heightForWidth(m_columns * 70)}; }
    QSize minimumSizeHint() const override { return {m_columns * 30, 60}; }

Q_SIGNALS:
    void clicked(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    int cellAt(QPoint place) const;
    int columns(int width) const;
    int side(int width) const;
    bool hasCaptions() const;
    int rowHeight(int width) const;

    int m_columns;
    std::vector<Cell> m_cells;
    QString m_emptyText;
};

}  // namespace loom
