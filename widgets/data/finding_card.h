#pragma once

#include <QImage>
#include <QString>
#include <vector>

#include "core/data/check/dataset_check.h"
#include "widgets/style/controls.h"

namespace loom {

/// Samples a finding's card shows pictures of.
inline constexpr std::size_t kPicturedSamples = 8;

/// A finding of the check: how bad, what, which pictures, and what mends it.
class FindingCard : public Card {
    Q_OBJECT
public:
    explicit FindingCard(const DataFinding& finding, QWidget* parent = nullptr);
    const DataFinding& finding() const { return m_finding; }
    /// In the order of the finding's samples; a null one could not be read.
    void setPictures(std::vector<QImage> pictures);

Q_SIGNALS:
    void samplesAsked();
    void fixAsked(const loom::DataFix& fix);

private:
    DataFinding m_finding;
    QWidget* m_pictures = nullptr;
};

}  // namespace loom
