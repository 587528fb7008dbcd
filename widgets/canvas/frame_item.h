#pragma once

#include <QGraphicsItem>

#include "core/graph/level.h"

namespace loom {

/// A light frame behind the blocks of a group that is open where it stands. Its title can be
/// grabbed.
class FrameItem : public QGraphicsItem {
public:
    enum { Type = UserType + 4 };
    explicit FrameItem(std::string path) : m_path(std::move(path)) {}
    int type() const override { return Type; }
    const std::string& path() const { return m_path; }
    const std::vector<std::string>& keys() const { return m_keys; }
    /// `depth` counts the frames around it.
    void setContent(std::vector<std::string> keys, const QString& title, int depth);
    void setRect(const QRectF& rect);
    QRectF rect() const { return m_rect; }
    QRectF titleRect() const;
    void setHovered(bool hovered);

    QRectF boundingRect() const override { return m_rect.adjusted(-2, -2, 2, 2); }
    QPainterPath shape() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    std::string m_path;
    std::vector<std::string> m_keys;
    QString m_title;
    QRectF m_rect;
    bool m_hovered = false;
};

}  // namespace loom
