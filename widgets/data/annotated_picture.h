#pragma once

#include <QImage>
#include <QStringList>
#include <QWidget>
#include <vector>

#include "core/data/dataset.h"

namespace loom {

/// A picture as large as there is room, with boxes and what is in them.
class AnnotatedPicture : public QWidget {
    Q_OBJECT
public:
    explicit AnnotatedPicture(QWidget* parent = nullptr);
    void setPicture(const QImage& image, std::vector<Box> boxes = {},
                    const QStringList& names = {});
    const QImage& image() const { return m_image; }
    const std::vector<Box>& boxes() const { return m_boxes; }
    /// Where the picture is drawn.
    QRectF pictureRect() const;
    QSize sizeHint() const override { return {280, 280}; }
    bool hasHeightForWidth() const override { return true; }
    /// The picture's own shape, but no more than what leaves room for words below.
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QImage m_image;
    std::vector<Box> m_boxes;
    QStringList m_names;
};

}  // namespace loom
