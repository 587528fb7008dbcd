#include "core/train/run_orders.h"

#include <algorithm>

#include "core/base/shape.h"

namespace loom {

namespace {
/// 64 MB of them.
constexpr std::size_t kKeptSamples = std::size_t(16) << 20;
}  // namespace

void RunOrders::begin(std::int64_t epoch, const std::vector<std::int64_t>& order,
                      std::int64_t batchSize, std::int64_t firstStep) {
    Epoch fresh{epoch, batchSize, firstStep, {}, {}};
    fresh.order.assign(order.begin(), order.end());
    m_kept += fresh.order.size();
    m_epochs.push_back(std::move(fresh));
    while (m_epochs.size() > 1 && m_kept > kKeptSamples) {
        m_kept -= m_epochs.front().order.size();
        m_epochs.pop_front();
    }
}

void RunOrders::took(std::int64_t batch) {
    m_epochs.back().batches.push_back(static_cast<std::uint32_t>(batch));
}

Result<BatchMembers> RunOrders::samplesOf(std::int64_t step) const {
    const auto found = std::find_if(m_epochs.begin(), m_epochs.end(), [&](const Epoch& epoch) {
        const std::int64_t place = step - epoch.firstStep;
        return place >= 0 && place < static_cast<std::int64_t>(epoch.batches.size());
    });
    if (found == m_epochs.end()) {
        const bool past = !m_epochs.empty() && step >= 1 && step < m_epochs.front().firstStep;
        return Error{"Which samples step " + groupDigits(step) + " took is " +
                         (past ? "no longer known: only the latest epochs are kept."
                               : "not known yet: the run has not come so far."),
                     past ? "Choose a step from " + groupDigits(m_epochs.front().firstStep) + " on."
                          : "Choose an earlier step."};
    }
    const auto batch = static_cast<std::int64_t>(
        found->batches[static_cast<std::size_t>(step - found->firstStep)]);
    const auto begin = static_cast<std::size_t>(batch * found->batchSize);
    const std::size_t end =
        std::min(begin + static_cast<std::size_t>(found->batchSize), found->order.size());
    BatchMembers members;
    members.epoch = found->number;
    for (std::size_t i = begin; i < end; ++i) members.indices.push_back(found->order[i]);
    return members;
}

}  // namespace loom
