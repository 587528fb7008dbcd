#pragma once

#include <QWidget>
#include <cstdint>
#include <optional>
#include <vector>

namespace loom {

/// A function and its derivative, with the numbers that really arrive as marks below. The mouse
/// reads the curve.
class CurveView : public QWidget {
    Q_OBJECT
public:
    explicit CurveView(QWidget* parent = nullptr);
    void setCurve(std::vector<double> x, std::vector<double> y, std::vector<double> slope,
                  std::vector<float> arriving);
    /// "x −1.00   y 0.00   slope 0.00" under the mouse; empty elsewhere.
    QString reading() const;
    QSize sizeHint() const override { return {420, 320}; }
    QSize minimumSizeHint() const override { return {220, 180}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    QRectF area() const;
    std::vector<double> m_x, m_y, m_slope;
    std::vector<float> m_arriving;
    std::optional<std::size_t> m_at;
};

/// A few numbers before and after, as bars.
class BarsView : public QWidget {
    Q_OBJECT
public:
    explicit BarsView(QWidget* parent = nullptr);
    void setNumbers(std::vector<float> before, std::vector<float> after);
    QSize sizeHint() const override { return {420, 320}; }
    QSize minimumSizeHint() const override { return {220, 180}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<float> m_before, m_after;
};

/// Numbers as a grid, before and after; those that were switched off are crossed out.
class UnitsView : public QWidget {
    Q_OBJECT
public:
    explicit UnitsView(QWidget* parent = nullptr);
    void setUnits(std::int64_t rows, std::int64_t columns, std::vector<float> before,
                  std::vector<float> after);
    /// "389 of 784 switched off, the others multiplied by 2.00"
    QString sentence() const;
    QSize sizeHint() const override { return {420, 320}; }
    QSize minimumSizeHint() const override { return {220, 180}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    bool isOff(std::size_t unit) const;
    std::int64_t m_rows = 0, m_columns = 0;
    std::vector<float> m_before, m_after;
};

/// How often which numbers occur before and after.
class HistogramView : public QWidget {
    Q_OBJECT
public:
    explicit HistogramView(QWidget* parent = nullptr);
    /// `samples`: how many samples the numbers are of.
    void setNumbers(const std::vector<float>& before, const std::vector<float>& after,
                    std::int64_t samples);
    QSize sizeHint() const override { return {420, 320}; }
    QSize minimumSizeHint() const override { return {220, 180}; }

    struct Count {
        std::vector<int> bins;
        double low = 0, high = 1, mean = 0, deviation = 0;
    };
    static Count count(const std::vector<float>& numbers, int bins, double low, double high);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Count m_before, m_after;
    std::int64_t m_samples = 1;
};

}  // namespace loom
