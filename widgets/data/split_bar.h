#pragma once

#include <QColor>
#include <QString>
#include <QWidget>
#include <cstdint>
#include <vector>

namespace loom {

/// How a whole falls into parts: a bar as long as the widget, with each part's name and number
/// under it.
class SplitBar : public QWidget {
    Q_OBJECT
public:
    struct Part {
        QString name;
        std::int64_t count = 0;
        enum class Look { First, Second, Third, Unused } look = Look::First;
    };
    explicit SplitBar(QWidget* parent = nullptr);
    void setParts(std::vector<Part> parts);
    const std::vector<Part>& parts() const { return m_parts; }
    QSize sizeHint() const override { return {420, 84}; }
    QSize minimumSizeHint() const override { return {240, 84}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<Part> m_parts;
};

}  // namespace loom
