#pragma once

#include <QWidget>
#include <atomic>
#include <vector>

#include "widgets/data/browser_data.h"

namespace loom {

/// How large a data set's samples are, as their headers tell.
struct SizeFacts {
    std::int64_t looked = 0;
    std::int64_t of = 0;  ///< samples there are
    bool isPicture = true;
    int channels = 0;       ///< as the data set gives them; 0: they differ
    std::int64_t grey = 0;  ///< files that hold no colour, of those looked at
    std::vector<int> widths, heights;
    QString text;  ///< "28×28 pixels, grey", "80 to 500 × 60 to 480 pixels, colour"
};

/// Runs on any thread; reads the beginnings of files, of at most some thousands.
SizeFacts measureSizes(const BrowserData& data, const std::atomic<bool>& cancelled);

/// How many pictures are how wide and how high.
class SizeHistogram : public QWidget {
    Q_OBJECT
public:
    explicit SizeHistogram(QWidget* parent = nullptr);
    void setFacts(const SizeFacts& facts);
    QSize sizeHint() const override { return {260, 150}; }
    QSize minimumSizeHint() const override { return {160, 150}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintOne(class QPainter& painter, const QRect& rect, const std::vector<int>& sides,
                  const QString& title) const;
    SizeFacts m_facts;
};

}  // namespace loom
