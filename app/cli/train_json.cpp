#include <cmath>
#include <cstdio>

#include "app/cli/output.h"
#include "app/cli/train_report.h"
#include "core/train/evaluation.h"

namespace loom::cli {

namespace {

class JsonReport : public TrainReport {
public:
    explicit JsonReport(const TrainingPlan& plan) : m_plan(plan) {}

    void show(const std::vector<RunEvent>& events) override {
        for (const RunEvent& event : events) printResult(toDict(event));
        if (!events.empty() && std::fflush(stdout) != 0) m_heard = false;
        // Why a run failed is a message too, for those who look at standard error only.
        for (const RunEvent& event : events)
            if (event.type == RunEvent::Type::Failed || event.type == RunEvent::Type::Diverged)
                printError({event.message, event.hint});
    }
    bool isHeard() const override { return m_heard && !std::ferror(stdout); }

private:
    Dict toDict(const RunEvent& event) const {
        using Type = RunEvent::Type;
        switch (event.type) {
            case Type::Start:
                return {{"event", "start"},
                        {"steps", event.totalSteps},
                        {"steps_per_epoch", event.stepsPerEpoch},
                        {"epochs", event.epochs},
                        {"steps_done", event.step},
                        {"threads", m_plan.threads},
                        {"device", m_plan.device},
                        {"seed", m_plan.project.training.seed},
                        {"reduction", reductionOf(m_plan.project.training.loss)},
                        {"run_dir", m_plan.options.runFolder}};
            case Type::Step:
                return step(event);
            case Type::Epoch:
                return epoch(event);
            case Type::Skipped:
                return {{"event", "skipped"},
                        {"sample", event.sample},
                        {"skipped", event.skipped},
                        {"message", event.message},
                        {"hint", event.hint}};
            case Type::Finish:
                return {{"event", "finish"},
                        {"status", event.status},
                        {"steps", event.step},
                        {"run_dir", m_plan.options.runFolder},
                        {"samples_per_second", event.samplesPerSecond}};
            case Type::Diverged:
                return incident("diverged", event);
            case Type::Failed:
                return incident("failed", event);
            case Type::Paused:
            case Type::Resumed:
            case Type::Message:
                break;
        }
        return incident("message", event);
    }

    static Dict step(const RunEvent& event) {
        Dict line{{"event", "step"},    {"step", event.step},         {"epoch", event.epoch},
                  {"loss", event.loss}, {"accuracy", event.accuracy}, {"lr", event.lr}};
        setUnlessNan(line, "loss_per_sample", event.lossPerSample);
        return line;
    }

    static void setUnlessNan(Dict& line, const char* key, double value) {
        if (!std::isnan(value)) line.set(key, value);
    }

    static Dict epoch(const RunEvent& event) {
        Dict line{{"event", "epoch"},
                  {"epoch", event.epoch},
                  {"train_loss", event.trainLoss},
                  {"train_accuracy", event.trainAccuracy},
                  {"test_loss", event.testLoss},
                  {"test_accuracy", event.testAccuracy},
                  {"seconds", event.seconds}};
        if (event.hasValidation()) {
            line.set("validation_loss", event.validationLoss);
            line.set("validation_accuracy", event.validationAccuracy);
        }
        setUnlessNan(line, "train_loss_sum", event.trainLossSum);
        setUnlessNan(line, "test_loss_sum", event.testLossSum);
        setUnlessNan(line, "validation_loss_sum", event.validationLossSum);
        setUnlessNan(line, "train_loss_per_sample", event.trainLossPerSample);
        setUnlessNan(line, "test_loss_per_sample", event.testLossPerSample);
        setUnlessNan(line, "validation_loss_per_sample", event.validationLossPerSample);
        return line;
    }

    static Dict incident(const char* name, const RunEvent& event) {
        return {{"event", name},        {"step", event.step},
                {"epoch", event.epoch}, {"message", event.message},
                {"hint", event.hint},   {"node", event.node}};
    }

    const TrainingPlan& m_plan;
    bool m_heard = true;
};

}  // namespace

std::unique_ptr<TrainReport> makeJsonReport(const TrainingPlan& plan) {
    return std::make_unique<JsonReport>(plan);
}

}  // namespace loom::cli
