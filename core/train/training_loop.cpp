#include "core/train/training_loop.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cmath>

#include "core/backend/batch_tensors.h"
#include "core/backend/batch_transform.h"
#include "core/backend/checkpoint.h"
#include "core/backend/compiled_network.h"
#include "core/backend/initial_weights.h"
#include "core/backend/loss.h"
#include "core/backend/optimizer.h"
#include "core/backend/run_failures.h"
#include "core/backend/tensors.h"
#include "core/train/run_data.h"
#include "core/train/run_journal.h"

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
    bool diverged = false;
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
          m_mixer(plan.project.data.batchTransforms) {}

    void run() {
        try {
            setUp();
            const bool complete = trainEpochs();
            finish(complete ? "finished" : "stopped", {}, {});
        } catch (const RunFailure& failure) {
            finish(failure.diverged ? "diverged" : "failed", failure.error, failure.node);
        } catch (const c10::Error& error) {
            fail(backend::firstLine(error));
        } catch (const std::exception& error) {
            fail(error.what());
        }
    }

private:
    const TrainingPlan& m_plan;
    const TrainingSection& m_training;
    RunJournal m_journal;
    RunControl& m_control;
    backend::BatchMixer m_mixer;
    std::optional<RunData> m_data;
    std::shared_ptr<CompiledNetwork> m_network;
    std::shared_ptr<backend::Optimizer> m_optimizer;
    std::shared_ptr<backend::BuiltLoss> m_loss;
    std::unique_ptr<Schedule> m_schedule;
    bool m_schedulePerBatch = false;
    at::Device m_device = at::kCPU;
    backend::RunPosition m_at;
    std::int64_t m_batchesPerEpoch = 0, m_totalSteps = 0;
    double m_waited = 0;
    bool m_classes = true;  ///< the answers are classes
    Clock::time_point m_lastShown = {}, m_lastCheckpoint = Clock::now();

    // --- beginning ---

    void setUp() {
        // The trainer gives way to the window, which then answers at once though all cores are
        // busy. The threads that compute are started by this one and inherit it.
        if (m_plan.options.yieldToWindow)
            setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 10);
        at::set_num_threads(m_plan.threads);
        orFail(m_journal.open());
        m_data = orFail(RunData::open(m_plan));
        m_control.setTrainingData(m_data->trainingData());
        orFail(m_journal.saveSplit(m_data->splitIndices()));
        m_batchesPerEpoch = m_data->batchesPerEpoch();
        m_totalSteps = m_batchesPerEpoch * m_training.epochs;
        if (m_plan.options.maxSteps >= 0)
            m_totalSteps = std::min(m_totalSteps, m_plan.options.maxSteps);

        m_control.holdStreams();
        torch::manual_seed(static_cast<std::uint64_t>(m_training.seed));
        m_network = orFail(CompiledNetwork::build(m_plan.project.network, m_plan.report.shapes));
        if (m_plan.options.resumeFrom.empty())
            orFail(backend::takeInitialWeights(*m_network, m_plan.project.network,
                                               m_training.initialWeights));
        m_device = at::Device(m_plan.device);
        m_network->root().to(m_device);
        m_optimizer = backend::buildOptimizer(m_training, m_plan.project.network, *m_network);
        beginSchedule();
        const LossKind* loss = losses().find(m_training.loss.kind);
        m_loss = loss->build(Settings(loss->params, m_training.loss.params));
        if (!m_plan.options.resumeFrom.empty()) {
            m_at = orFail(backend::loadCheckpoint(
                m_plan.options.resumeFrom + "/checkpoints/last.pt", *m_network, *m_optimizer,
                m_schedule.get(), m_device.is_cuda()));
        }
        RunEvent event = makeEvent(RunEvent::Type::Start);
        event.totalSteps = m_totalSteps;
        event.stepsPerEpoch = m_batchesPerEpoch;
        event.epochs = m_training.epochs;
        publish(event);
        if (const std::string kept = m_data->cacheSentence(); !kept.empty()) {
            RunEvent note = makeEvent(RunEvent::Type::Message);
            note.message = kept;
            publish(note);
        }
    }

    /// The run's length is known here, so a schedule is checked against it once more.
    void beginSchedule() {
        if (!m_training.scheduler) return;
        const RunLength length{m_training.epochs, m_batchesPerEpoch};
        const SchedulerKind* kind = schedulers().find(m_training.scheduler->kind);
        if (const auto wrong = kind->check(Settings(kind->params, m_training.scheduler->params),
                                           optimizers().find(m_training.optimizer.kind), length))
            throw RunFailure{*wrong};
        m_schedule = buildSchedule(m_training.scheduler, length, m_optimizer->rates());
        m_schedulePerBatch = stepsPerBatch(*m_training.scheduler);
    }

    /// `scheduler.step()`, unless the user has taken the rate in hand.
    void moveSchedule(const EpochFigures& figures) {
        if (m_schedule && !m_at.rateByHand) m_schedule->step(m_optimizer->rates(), figures);
    }

    // --- the loop ---

    /// False when it was stopped.
    bool trainEpochs() {
        while (m_at.epoch < m_training.epochs) {
            if (m_at.step >= m_totalSteps) return true;
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
            if (const auto rate = m_control.takeRate()) setRateByHand(*rate);
            const auto begin = Clock::now();
            Batch batch = orFail(loader->next());
            m_waited = waitedBefore + loader->waitedSeconds();
            tellSkipped(batch.skipped, RunData::Set::Train);
            if (batch.size() == 0) break;
            trainBatch(batch, begin);
            loader->giveBack(std::move(batch));
            if (m_at.batch < m_batchesPerEpoch && seconds(Clock::now() - m_lastCheckpoint) > 30)
                saveCheckpoint();
        }
        return true;
    }

    void trainBatch(const Batch& batch, Clock::time_point begin) {
        at::Tensor input = toDevice(backend::inputTensor(batch));
        at::Tensor labels = backend::labelTensor(batch).to(m_device);
        backend::MixedBatch mixed;
        if (m_mixer.mixes()) {
            const auto& classes = m_data->trainingData()->classes();
            mixed = m_mixer.mix(input, labels, static_cast<std::int64_t>(classes.size()));
            input = mixed.input;
            labels = mixed.shares.argmax(1);
        }
        at::Tensor output;
        backend::Target target;
        const double rate = m_optimizer->learningRate();
        const double value = m_optimizer->step([&] {
            const at::Tensor now = backend::forwardViews(*m_network, input, batch.views);
            target = mixed.shares.defined()
                         ? backend::Target{m_loss->target(mixed.shares, now), true}
                         : backend::targetOf(batch, m_plan.project.data, *m_loss, input, now);
            const at::Tensor loss = m_loss->forward(now, target.tensor);
            const double number = loss.item<double>();
            if (!output.defined()) {
                output = now.detach();
                if (!std::isfinite(number)) throw diverged(number, input);
            }
            m_optimizer->zeroGrad();
            loss.backward();
            return number;
        });

        const std::int64_t size = batch.size();
        at::Tensor predicted;
        std::int64_t correct = 0;
        if (target.classes) {
            predicted = m_loss->classes(output);
            correct = predicted.eq(labels).sum().item<std::int64_t>();
        }
        m_classes = target.classes;
        m_at.lossSum += m_loss->sums ? value : value * static_cast<double>(size);
        m_at.correct += correct;
        m_at.seen += size;
        m_at.samples += size;
        m_control.keepBatch(batch.number);
        m_at.batch = batch.number + 1;
        ++m_at.step;
        m_at.elapsed += seconds(Clock::now() - begin);

        RunEvent event = makeEvent(RunEvent::Type::Step);
        event.loss = value;
        event.accuracy = share(correct, size);
        event.lr = rate;
        publish(event);
        if (m_schedulePerBatch) moveSchedule({});
        if (seconds(Clock::now() - m_lastShown) > 0.25) {
            m_lastShown = Clock::now();
            const auto shown = backend::snapshot(batch, input, predicted, m_at.step);
            shown->epoch = m_at.epoch;
            shown->mixing = mixed.note;
            m_control.show(shown);
        }
    }

    /// The share named rightly; none where the answers are numbers and not classes.
    double share(std::int64_t correct, std::int64_t of) const {
        return m_classes ? static_cast<double>(correct) / static_cast<double>(of) : kNoNumber;
    }

    at::Tensor toDevice(const at::Tensor& input) const {
        if (!m_device.is_cuda()) return input;
        return m_training.pinMemory ? input.pin_memory().to(m_device, /*non_blocking=*/true)
                                    : input.to(m_device);
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
        const backend::TestResult result =
            orFail(backend::testPass(*m_network, *m_loss, m_plan.project.data, *loader, m_device,
                                     [&] { return betweenSteps(false) == RunControl::Turn::Go; }));
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
        const auto test = judge(RunData::Set::Test, m_data->hasValidation() ? 2 : 1);
        if (!test) return false;
        const backend::TestResult& judged = validation ? *validation : *test;

        RunEvent event = makeEvent(RunEvent::Type::Epoch);
        if (validation) {
            event.validationLoss = validation->loss;
            event.validationAccuracy = validation->accuracy;
        }
        event.trainLoss = m_at.lossSum / static_cast<double>(m_at.seen);
        event.trainAccuracy = share(m_at.correct, m_at.seen);
        event.testLoss = test->loss;
        event.testAccuracy = test->accuracy;
        event.seconds =
            m_at.epochSeconds + seconds(Clock::now() - begin) - (m_paused - pausedBefore);
        event.samplesPerSecond = static_cast<double>(m_at.samples) / std::max(m_at.elapsed, 1e-9);
        publish(event);

        if (!m_schedulePerBatch)
            moveSchedule({event.trainLoss, event.trainAccuracy, event.testLoss, event.testAccuracy,
                          event.validationLoss, event.validationAccuracy});
        const double merit = std::isnan(judged.accuracy) ? -judged.loss : judged.accuracy;
        const bool better = !m_at.hasBest || merit > m_at.best;
        if (better) {
            m_at.best = merit;
            m_at.hasBest = true;
        }
        ++m_at.epoch;
        m_at.judging = 0;
        m_at.batch = m_at.correct = m_at.seen = 0;
        m_at.lossSum = m_at.epochSeconds = 0;
        m_at.order.clear();
        saveWeights(better);
        saveCheckpoint();
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

    void saveWeights(bool best) {
        if (m_journal.hasFolder()) orFail(m_journal.saveWeights(m_network->weights(), best));
    }

    void saveCheckpoint() {
        m_lastCheckpoint = Clock::now();
        if (!m_journal.hasFolder()) return;
        m_at.learningRate = m_optimizer->learningRate();
        orFail(backend::saveCheckpoint(m_journal.path("checkpoints/last.pt"), *m_network,
                                       *m_optimizer, m_schedule.get(), m_at, m_device.is_cuda()));
    }

    // --- the end, good or bad ---

    RunFailure diverged(double loss, const at::Tensor& input) {
        const backend::Divergence found = backend::explainDivergence(
            *m_network, input, loss, m_at.step + 1, m_optimizer->learningRate());
        return {found.error, found.node, true};
    }

    /// What stopped the run, with the block that was being computed.
    void fail(const std::string& what) {
        const NodeId block = m_network ? m_network->currentBlock() : NodeId();
        finish("failed", backend::explainFailure(what, m_plan, block), block);
    }

    void finish(const std::string& status, const Error& error, const NodeId& node) {
        std::string outcome = status;
        Error reason = error;
        if (m_network && outcome != "failed") {
            try {
                // A run that was stopped before its first test has no best weights yet; its last
                // are.
                if (outcome != "diverged") {
                    saveWeights(!m_at.hasBest);
                    saveCheckpoint();
                }
            } catch (const RunFailure& failure) {
                outcome = "failed";
                reason = failure.error;
            }
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
