#include "core/train/training_loop.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/backend/batch_tensors.h"
#include "core/backend/checkpoint.h"
#include "core/backend/compiled_network.h"
#include "core/backend/epoch_figures.h"
#include "core/backend/initial_weights.h"
#include "core/backend/interrupt.h"
#include "core/backend/loss.h"
#include "core/backend/optimizer.h"
#include "core/backend/run_failures.h"
#include "core/backend/run_saver.h"
#include "core/backend/run_schedule.h"
#include "core/backend/small_blocks.h"
#include "core/backend/training_step.h"
#include "core/train/best_epoch.h"
#include "core/train/resume_check.h"
#include "core/train/run_journal.h"
#include "core/train/run_rules.h"
#include "core/train/schedule_length.h"

namespace loom {
namespace {

using backend::CompiledNetwork;
using Clock = std::chrono::steady_clock;

double seconds(Clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}
double wallTime() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Leaves the run with a sentence, from wherever it is. Caught in runTraining alone.
struct RunFailure {
    Error error;
    NodeId node = {};
};

template <class T>
T orFail(Result<T> result) {
    if (!result) throw RunFailure{result.error()};
    return std::move(result).value();
}

void orFail(const Status& status) {
    if (!status) throw RunFailure{status.error()};
}

class TrainingLoop {
public:
    TrainingLoop(const TrainingPlan& plan, RunLog& log, RunControl& control)
        : m_plan(plan),
          m_training(plan.project.training),
          m_journal(plan, log),
          m_control(control),
          m_saver(m_journal) {}

    void run() {
        try {
            setUp();
            const bool complete = trainEpochs();
            showUnshown();
            finish(complete ? "finished" : "stopped", {}, {});
        } catch (const RunFailure& failure) {
            finish("failed", failure.error, failure.node);
        } catch (const backend::DivergedStep& diverged) {
            finish("diverged", diverged.error, diverged.node);
        } catch (const std::exception& failure) {
            fail(failure);
        }
    }

private:
    const TrainingPlan& m_plan;
    const TrainingSection& m_training;
    RunJournal m_journal;
    RunControl& m_control;
    backend::RunSaver m_saver;
    std::optional<RunData> m_data;
    std::shared_ptr<CompiledNetwork> m_network;
    std::shared_ptr<backend::Optimizer> m_optimizer;
    std::shared_ptr<backend::BuiltLoss> m_loss;
    std::optional<backend::TrainingStep> m_trainingStep;
    std::optional<backend::RunSchedule> m_schedule;
    BestEpoch m_best;
    at::Device m_device = at::kCPU;
    backend::RunPosition m_at;
    std::int64_t m_batchesPerEpoch = 0, m_totalSteps = 0;
    std::int64_t m_earlierEpochs = 0;  ///< planned for the run that goes on; 0: not known
    double m_waited = 0;
    double m_lastStep = -1;  ///< seconds of the latest step; -1 before the first
    backend::StepMemory m_memory;
    bool m_toldEmpty = false;
    Clock::time_point m_lastShown = {};
    /// The latest step's, while it has not been shown: what a pause or the end shows.
    struct Unshown {
        Batch batch;
        backend::TrainingStep::Outcome outcome;
        std::int64_t step = 0, epoch = 0;
    };
    std::optional<Unshown> m_unshown;
    backend::SmallBlocks m_smallBlocks;  ///< whose numbers are kept after each epoch

    // --- beginning ---

    void setUp() {
        // The trainer gives way to the window, which then answers at once though all cores are
        // busy. The threads that compute are started by this one and inherit it.
        if (m_plan.options.yieldToWindow)
            setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 10);
        at::set_num_threads(m_plan.threads);
        // The journal begins a record of its own.
        if (!m_plan.options.resumeFrom.empty())
            m_earlierEpochs = plannedEpochs(m_plan.options.resumeFrom);
        const std::vector<std::string> differences = remarksOnResuming(m_plan);
        // A run that cannot go on in its folder leaves it as it is.
        const bool inPlace = m_journal.goesOnInPlace();
        if (!inPlace) orFail(m_journal.open());
        RunOpening opening = openRun(m_plan);
        if (opening.refusal)
            throw RunFailure{
                {opening.refusal->diagnostic.message, opening.refusal->diagnostic.hint},
                opening.refusal->diagnostic.node};
        m_data = std::move(opening.data);
        m_control.setTrainingData(m_data->trainingData());
        m_batchesPerEpoch = m_data->batchesPerEpoch();
        m_totalSteps = m_batchesPerEpoch * m_training.epochs;
        if (m_plan.options.maxSteps >= 0)
            m_totalSteps = std::min(m_totalSteps, m_plan.options.maxSteps);

        m_control.holdStreams();
        torch::manual_seed(static_cast<std::uint64_t>(m_training.seed));
        m_network = orFail(CompiledNetwork::build(m_plan.project.network, m_plan.report.shapes));
        const std::string checkpoint = m_journal.checkpointToContinue();
        std::vector<std::string> remarks;
        if (checkpoint.empty())
            orFail(backend::takeInitialWeights(*m_network, m_plan.project.network,
                                               m_training.initialWeights, &remarks));
        m_device = at::Device(m_plan.device);
        m_network->root().to(m_device);
        m_optimizer = backend::buildOptimizer(m_training, m_plan.project.network, *m_network);
        const LossKind* loss = losses().find(m_training.loss.kind);
        m_loss = loss->build(Settings(loss->params, m_training.loss.params));
        m_trainingStep.emplace(*m_network, *m_optimizer, *m_loss, m_plan.project.data,
                               m_training.pinMemory);
        m_schedule.emplace(m_plan, *m_optimizer);
        if (checkpoint.empty())
            orFail(m_schedule->begin({m_training.epochs, m_batchesPerEpoch}, {}));
        else
            takeUp(orFail(backend::readCheckpoint(checkpoint)));
        if (inPlace) orFail(m_journal.open());
        orFail(m_journal.saveSplit(m_data->splitIndices()));
        m_at.scheduleLength = m_schedule->length();
        m_at.tally.sums = m_loss->sums;
        m_smallBlocks = backend::SmallBlocks(m_plan.report.shapes);
        m_control.keepHistory(m_at.epoch, m_smallBlocks.numbers(*m_network));
        RunEvent event = makeEvent(RunEvent::Type::Start);
        event.totalSteps = m_totalSteps;
        event.stepsPerEpoch = m_batchesPerEpoch;
        event.epochs = m_training.epochs;
        publish(event);
        if (checkpoint.empty() && !m_plan.options.resumeFrom.empty())
            say("The run had ended before its first checkpoint; it begins again from its first "
                "step, with the same seed.");
        if (!checkpoint.empty())
            for (const std::string& remark : differences) say(remark);
        if (m_schedule->note() && !m_at.rateByHand)
            say(m_schedule->note()->message, m_schedule->note()->hint);
        say(m_data->noTestSentence());
        for (const std::string& remark : remarks) say(remark);
        say(m_data->cacheSentence());
    }

    /// Goes on where the checkpoint was written.
    void takeUp(const backend::Checkpoint& checkpoint) {
        RunLength drawn = checkpoint.position.scheduleLength;
        // Checkpoints of earlier versions do not say for what length the schedule was drawn.
        if (drawn.epochs == 0) drawn = {m_earlierEpochs, m_batchesPerEpoch};
        orFail(m_schedule->begin({m_training.epochs, m_batchesPerEpoch}, drawn));
        orFail(backend::restore(checkpoint, *m_network, *m_optimizer, m_schedule->schedule(),
                                m_device.is_cuda()));
        m_at = checkpoint.position;
        m_best.restore(m_at.best);
        if (!m_at.rateByHand) m_schedule->restored();
    }

    // --- the loop ---

    /// False when it was stopped.
    bool trainEpochs() {
        while (m_at.epoch < m_training.epochs) {
            // All steps may be done and the passes at the epoch's end not.
            if (m_at.step >= m_totalSteps && m_at.batch < m_batchesPerEpoch) return true;
            const auto begin = Clock::now();
            const double pausedBefore = m_paused;
            if (!trainEpoch()) {
                m_at.epochSeconds += seconds(Clock::now() - begin) - (m_paused - pausedBefore);
                return m_at.step >= m_totalSteps && !m_stopped;
            }
            m_at.epochSeconds += seconds(Clock::now() - begin) - (m_paused - pausedBefore);
            if (!testAndReport()) return false;
        }
        return true;
    }

    /// One pass over the training set; false when it was left before its end.
    bool trainEpoch() {
        if (m_at.order.empty()) m_at.order = m_data->drawOrder();
        m_control.keepOrder(m_at.epoch, m_at.order, m_training.batchSize, m_at.step + 1);
        m_network->root().train();
        const auto loader = m_data->trainLoader(m_at.order, m_at.epoch, m_at.batch);
        const double waitedBefore = m_waited;
        while (m_at.batch < m_batchesPerEpoch) {
            if (betweenSteps(true) == RunControl::Turn::Stop) return false;
            if (m_at.step >= m_totalSteps) return false;
            if (m_unshown && m_unshown->epoch == m_at.epoch)
                loader->giveBack(std::move(m_unshown->batch));
            m_unshown.reset();
            if (const auto rate = m_control.takeRate()) setRateByHand(*rate);
            const auto begin = Clock::now();
            Batch batch = orFail(loader->next());
            m_waited = waitedBefore + loader->waitedSeconds();
            tellSkipped(batch.skipped, RunData::Set::Train);
            if (batch.size() == 0) break;
            if (!trainBatch(batch, begin)) return false;
            if (m_unshown)
                m_unshown->batch = std::move(batch);
            else
                loader->giveBack(std::move(batch));
            if (m_at.batch < m_batchesPerEpoch) orFail(m_saver.stepDone(parts()));
        }
        return true;
    }

    /// False when it was stopped in the middle: then the step has not been. Only steps that take
    /// long are watched; others end before anyone waits for them.
    bool trainBatch(const Batch& batch, Clock::time_point begin) {
        const bool slow = m_lastStep < 0 || m_lastStep > 0.05;
        if (slow) m_memory.remember(*m_network);
        try {
            std::optional<backend::InterruptScope> scope;
            if (slow) scope.emplace([this] { return m_control.isStopping(); });
            stepOn(batch, begin);
        } catch (const backend::Interrupted&) {
            m_memory.putBack();
            m_stopped = true;
            return false;
        }
        m_lastStep = seconds(Clock::now() - begin);
        return true;
    }

    void stepOn(const Batch& batch, Clock::time_point begin) {
        const double rate = m_optimizer->learningRate();
        const auto classes = static_cast<std::int64_t>(m_data->trainingData()->classes().size());
        const auto outcome = m_trainingStep->run(batch, classes, m_device, m_at.step + 1);
        const backend::BatchFigures& figures = outcome.figures;
        m_at.tally.add(figures);
        m_at.samples += figures.samples;
        m_control.keepBatch(batch.number);
        m_at.batch = batch.number + 1;
        ++m_at.step;
        m_at.elapsed += seconds(Clock::now() - begin);

        RunEvent event = makeEvent(RunEvent::Type::Step);
        event.loss = figures.loss;
        if (m_loss->sums) event.lossPerSample = figures.lossPerSample();
        event.accuracy = figures.accuracy();
        event.lr = rate;
        publish(event);
        if (std::isnan(figures.loss) && !std::exchange(m_toldEmpty, true))
            say("The batch of step " + groupDigits(m_at.step) +
                " holds nothing but samples that ignore_index leaves out, so its mean loss is 0 "
                "divided by 0, NaN, in PyTorch too. It gives no gradients, and the epoch's loss "
                "leaves it out.");
        // Once the user has taken the rate in hand, the schedule has ended.
        if (!m_at.rateByHand) m_schedule->batchDone();
        if (seconds(Clock::now() - m_lastShown) > 0.25)
            show(batch, outcome, m_at.step, m_at.epoch);
        else
            m_unshown = {{}, outcome, m_at.step, m_at.epoch};
    }

    void show(const Batch& batch, const backend::TrainingStep::Outcome& outcome, std::int64_t step,
              std::int64_t epoch) {
        m_lastShown = Clock::now();
        const auto shown = backend::snapshot(batch, outcome.input, outcome.predicted, step);
        shown->epoch = epoch;
        shown->mixing = outcome.mixing;
        m_control.show(shown);
    }

    void showUnshown() {
        if (!m_unshown) return;
        show(m_unshown->batch, m_unshown->outcome, m_unshown->step, m_unshown->epoch);
        m_unshown.reset();
    }

    /// One bad file does not end a run: it is left out, counted, and told once.
    void tellSkipped(const std::vector<SkippedSample>& skipped, RunData::Set set) {
        for (const RunData::Notice& notice : m_data->noteSkipped(skipped, set)) {
            RunEvent event = makeEvent(RunEvent::Type::Skipped);
            event.sample = notice.index;
            event.skipped = m_data->skippedSamples();
            event.message = notice.error.message;
            event.hint = notice.error.hint;
            publish(event);
        }
    }

    /// A pass over the validation or test set, the epoch's first or second; nullopt when it was
    /// stopped.
    std::optional<backend::TestResult> judge(RunData::Set set, std::int64_t pass) {
        // A run that is continued within this pass has drawn its seed before.
        if (m_at.judging < pass) RunData::drawBaseSeed();
        m_at.judging = std::max(m_at.judging, pass);
        const auto loader = m_data->testLoader(set, m_at.epoch);
        const backend::InterruptScope scope([this] { return m_control.isStopping(); });
        backend::TestResult result;
        try {
            result = orFail(backend::testPass(
                *m_network, *m_loss, m_plan.project.data, *loader, m_device,
                {.goOn = [&] { return betweenSteps(false) == RunControl::Turn::Go; }}));
        } catch (const backend::Interrupted&) {
            m_stopped = true;
            return std::nullopt;
        }
        tellSkipped(result.skipped, set);
        if (result.stopped) return std::nullopt;
        return result;
    }

    /// The passes at an epoch's end; false when it was stopped during them.
    bool testAndReport() {
        const auto begin = Clock::now();
        const double pausedBefore = m_paused;
        std::optional<backend::TestResult> validation;
        if (m_data->hasValidation()) {
            validation = judge(RunData::Set::Validation, 1);
            if (!validation) return false;
        }
        const auto test = m_data->testIsValidation()
                              ? validation
                              : judge(RunData::Set::Test, m_data->hasValidation() ? 2 : 1);
        if (!test) return false;

        RunEvent event = makeEvent(RunEvent::Type::Epoch);
        backend::putFigures(event, m_at.tally, validation ? &validation->tally : nullptr,
                            test->tally);
        event.seconds =
            m_at.epochSeconds + seconds(Clock::now() - begin) - (m_paused - pausedBefore);
        event.samplesPerSecond = static_cast<double>(m_at.samples) / std::max(m_at.elapsed, 1e-9);
        // Before the event: who reads it finds them.
        m_control.keepHistory(m_at.epoch + 1, m_smallBlocks.numbers(*m_network));
        m_control.epochDone();
        publish(event);

        if (!m_at.rateByHand)
            m_schedule->epochDone({event.trainLoss, event.trainAccuracy, event.testLoss,
                                   event.testAccuracy, event.validationLoss,
                                   event.validationAccuracy});
        const bool better = m_best.offer(event);
        m_at.best = m_best.merit();
        ++m_at.epoch;
        m_at.judging = 0;
        m_at.batch = 0;
        m_at.tally = {};
        m_at.tally.sums = m_loss->sums;
        m_at.epochSeconds = 0;
        m_at.order.clear();
        orFail(m_saver.epochDone(parts(), better));
        return true;
    }

    // --- steering ---

    double m_paused = 0;
    bool m_stopped = false;
    Clock::time_point m_pauseBegan = {};

    RunControl::Turn betweenSteps(bool countsAsStep) {
        const auto turn = m_control.betweenSteps(
            [&] { return m_network->weights(); },
            [&](bool paused) {
                if (paused) showUnshown();
                if (paused)
                    m_pauseBegan = Clock::now();
                else
                    m_paused += seconds(Clock::now() - m_pauseBegan);
                publish(makeEvent(paused ? RunEvent::Type::Paused : RunEvent::Type::Resumed));
                if (paused) m_journal.flush();
            },
            countsAsStep);
        m_stopped = turn == RunControl::Turn::Stop;
        return turn;
    }

    void setRateByHand(double rate) {
        // Groups with rates of their own keep their proportion.
        const double before = m_optimizer->learningRate();
        for (GroupRates& group : m_optimizer->rates())
            group.lr = before > 0 ? group.lr * (rate / before) : rate;
        m_optimizer->rates().front().lr = rate;
        m_at.rateByHand = true;
        RunEvent event = makeEvent(RunEvent::Type::Message);
        event.lr = rate;
        event.message = "The learning rate is " + formatFloat(rate, false) + " from step " +
                        groupDigits(m_at.step + 1) + " on.";
        publish(event);
    }

    // --- writing down ---

    RunEvent makeEvent(RunEvent::Type type) const {
        RunEvent event;
        event.type = type;
        event.step = m_at.step;
        event.epoch = m_at.epoch + 1;
        event.wallTime = wallTime();
        event.elapsed = m_at.elapsed;
        event.dataWaitSeconds = m_waited;
        return event;
    }

    void publish(const RunEvent& event) { orFail(m_journal.publish(event)); }

    void say(const std::string& sentence, const std::string& hint = {}) {
        if (sentence.empty()) return;
        RunEvent note = makeEvent(RunEvent::Type::Message);
        note.message = sentence;
        note.hint = hint;
        publish(note);
    }

    backend::RunParts parts() {
        return {*m_network, *m_optimizer, m_schedule->schedule(), m_at, m_device.is_cuda()};
    }

    // --- the end, good or bad ---

    /// What stopped the run, with the block that was being computed.
    void fail(const std::exception& failure) {
        const NodeId block = m_network ? m_network->currentBlock() : NodeId();
        finish("failed", backend::explainRunFailure(failure, m_plan, m_network.get()), block);
    }

    void finish(const std::string& status, const Error& error, const NodeId& node) {
        std::string outcome = status;
        Error reason = error;
        // A run that was stopped before its first test has no best weights yet; its last are.
        const bool useful = m_network && outcome != "failed" && outcome != "diverged";
        if (const Status saved =
                useful ? m_saver.finish(parts(), !m_best.exists()) : m_saver.abandon();
            !saved && outcome != "failed") {
            outcome = "failed";
            reason = saved.error();
        }
        if (!reason.message.empty()) {
            RunEvent event = makeEvent(outcome == "diverged" ? RunEvent::Type::Diverged
                                                             : RunEvent::Type::Failed);
            event.message = reason.message;
            event.hint = reason.hint;
            event.node = node;
            m_journal.publishLast(event);
        }
        RunEvent event = makeEvent(RunEvent::Type::Finish);
        event.epoch = std::min(event.epoch, m_training.epochs);
        event.status = outcome;
        event.message = reason.message;
        event.hint = reason.hint;
        event.samplesPerSecond =
            m_at.elapsed > 0 ? static_cast<double>(m_at.samples) / m_at.elapsed : kNoNumber;
        m_journal.publishLast(event);
        m_journal.close();
        m_control.end(outcome, m_network ? Result<Weights>(m_network->weights())
                                         : Result<Weights>(Error{reason.message, reason.hint}));
    }
};

}  // namespace

void runTraining(const TrainingPlan& plan, RunLog& log, RunControl& control) {
    TrainingLoop(plan, log, control).run();
}

}  // namespace loom
