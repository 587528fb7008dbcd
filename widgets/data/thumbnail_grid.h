#pragma once

#include <QAbstractScrollArea>

#include "widgets/data/thumbnails.h"

namespace loom {

/// Small pictures of any number of samples, in sections: only what is on the screen is laid out,
/// read and painted.
class ThumbnailGrid : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit ThumbnailGrid(QWidget* parent = nullptr);

    void setData(std::shared_ptr<const BrowserData> opened);
    void setSections(std::vector<BrowserSection> sections);
    void setEmptyText(const QString& text);
    void setSide(int side);  ///< of a cell, in pixels

    std::int64_t count() const { return m_count; }
    std::int64_t current() const { return m_current; }  ///< -1: none
    void setCurrent(std::int64_t position);
    BrowserItem itemAt(std::int64_t position) const;
    /// -1: it is not among those shown.
    std::int64_t positionOf(const BrowserItem& item) const;
    /// In the viewport.
    QRect cellRect(std::int64_t position) const;
    std::pair<std::int64_t, std::int64_t> visibleRange() const;  ///< first, behind the last
    Thumbnails* thumbnails() { return &m_thumbnails; }

Q_SIGNALS:
    void currentChanged(qint64 position);
    void activated(qint64 position);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    /// A section with where it is: rows of cells below a heading.
    struct Block {
        BrowserSection section;
        std::int64_t first = 0;  ///< position of its first item
        int top = 0;             ///< of the heading, in the contents
        int cells = 0;           ///< top of the first row
        int bottom = 0;
    };
    void layOut();
    void wantVisible();
    const Block& blockOf(std::int64_t position) const;
    std::int64_t positionAt(QPoint place) const;
    void paintCell(QPainter& painter, const QRect& rect, std::int64_t position) const;
    void moveRows(int rows);

    std::shared_ptr<const BrowserData> m_data;
    Thumbnails m_thumbnails;
    std::vector<Block> m_blocks;
    std::int64_t m_count = 0;
    std::int64_t m_current = -1;
    QString m_emptyText;
    int m_side = 72;
    int m_cell = 72;  ///< as laid out
    int m_columns = 1;
};

}  // namespace loom
