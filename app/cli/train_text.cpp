#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "app/cli/train_report.h"
#include "core/base/shape.h"

namespace loom::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// Samples left out that are told by name.
constexpr std::int64_t kSkippedTold = 5;

/// A mean that takes NaN for what it is.
struct Mean {
    double sum = 0;
    std::int64_t count = 0;
    void add(double value) { sum += value, ++count; }
    double value() const { return count ? sum / static_cast<double>(count) : kNoNumber; }
};

class TextReport : public TrainReport {
public:
    explicit TextReport(const TrainingPlan& plan) : m_plan(plan) {}

    void show(const std::vector<RunEvent>& events) override {
        for (const RunEvent& event : events) take(event);
        if (m_bar.isTerminal()) {
            if (!m_ended && !events.empty()) m_bar.draw(fraction(), statusText());
        } else if (!m_ended && m_step > 0 && Clock::now() - m_lastLine > std::chrono::seconds(10)) {
            m_lastLine = Clock::now();
            printMessage(statusText());
        }
        std::fflush(stdout);
    }
    bool isHeard() const override { return !std::ferror(stdout); }

private:
    void take(const RunEvent& event) {
        using Type = RunEvent::Type;
        if (event.type == Type::Start) {
            m_start = event;
            m_firstStep = m_step = event.step;
            m_startedAt = Clock::now();
            m_lastLine = m_startedAt;
        } else if (event.type == Type::Step) {
            if (event.epoch != m_epoch) m_loss = m_accuracy = Mean{};
            m_epoch = event.epoch;
            m_step = event.step;
            m_sums = m_sums || !std::isnan(event.lossPerSample);
            // A batch of which nothing counts says nothing of the epoch.
            if (!std::isnan(event.loss)) m_loss.add(event.loss);
            if (!std::isnan(event.accuracy)) m_accuracy.add(event.accuracy);
        } else if (event.type == Type::Epoch) {
            m_bar.clear();
            printLine(epochText(event));
        } else if (event.type == Type::Skipped) {
            tellSkipped(event);
        } else if (event.type == Type::Finish) {
            m_ended = true;
            m_bar.clear();
            if (m_skipped > kSkippedTold)
                printMessage(groupDigits(m_skipped) +
                             " samples were left out in all; run.json "
                             "lists them.");
        } else if (!event.message.empty()) {
            m_bar.clear();
            printMessage(event.message + (event.hint.empty() ? "" : "\n  " + event.hint));
        }
    }

    /// The first few by name; a folder of damaged files is told of at the end.
    void tellSkipped(const RunEvent& event) {
        m_skipped = event.skipped;
        if (m_skipped > kSkippedTold) return;
        m_bar.clear();
        printMessage("Left out: " + event.message);
    }

    std::string epochText(const RunEvent& event) const {
        std::string text = "Epoch " + std::to_string(event.epoch) + "/" +
                           std::to_string(m_start.epochs) + "  train loss " +
                           summedText(event.trainLoss, event.trainLossPerSample);
        if (!std::isnan(event.trainAccuracy))
            text += ", accuracy " + percentText(event.trainAccuracy);
        if (event.hasValidation()) {
            text += "  validation loss " +
                    summedText(event.validationLoss, event.validationLossPerSample);
            if (!std::isnan(event.validationAccuracy))
                text += ", accuracy " + percentText(event.validationAccuracy);
        }
        text += "  test loss " + summedText(event.testLoss, event.testLossPerSample);
        if (!std::isnan(event.testAccuracy))
            text += ", accuracy " + percentText(event.testAccuracy);
        return text + "  " + durationText(event.seconds);
    }

    /// "0.1234"; of a summed loss "12.34 (sum; 0.1234 per sample)".
    static std::string summedText(double loss, double perSample) {
        return lossText(loss) +
               (std::isnan(perSample) ? "" : " (sum; " + lossText(perSample) + " per sample)");
    }

    double fraction() const {
        return m_start.totalSteps > 0 ? std::min(1.0, static_cast<double>(m_step) /
                                                          static_cast<double>(m_start.totalSteps))
                                      : 0;
    }

    std::string statusText() const {
        char part[64];
        std::snprintf(part, sizeof part, "%3.0f %%", 100 * fraction());
        std::string text =
            "Epoch " + std::to_string(m_epoch) + "/" + std::to_string(m_start.epochs) + " " + part;
        text += "  loss " + lossText(m_loss.value()) + (m_sums ? " (sum of a batch)" : "");
        if (m_accuracy.count) text += "  accuracy " + percentText(m_accuracy.value());
        const double seconds = std::chrono::duration<double>(Clock::now() - m_startedAt).count();
        const auto done = static_cast<double>(m_step - m_firstStep);
        if (done > 0 && seconds > 0.5) {
            const double perSecond = done / seconds;
            const double samples =
                perSecond * static_cast<double>(m_plan.project.training.batchSize);
            text += "  " + groupDigits(std::llround(samples)) + " samples/s";
            text += "  " + clockText(static_cast<double>(m_start.totalSteps - m_step) / perSecond) +
                    " left";
        }
        return text;
    }

    const TrainingPlan& m_plan;
    ProgressBar m_bar;
    RunEvent m_start;
    std::int64_t m_firstStep = 0;
    std::int64_t m_step = 0;
    std::int64_t m_epoch = 1;
    Mean m_loss;
    bool m_sums = false;  ///< the loss is a sum
    Mean m_accuracy;
    Clock::time_point m_startedAt = Clock::now();
    Clock::time_point m_lastLine = Clock::now();
    bool m_ended = false;
    std::int64_t m_skipped = 0;
};

}  // namespace

std::unique_ptr<TrainReport> makeTextReport(const TrainingPlan& plan) {
    return std::make_unique<TextReport>(plan);
}

}  // namespace loom::cli
