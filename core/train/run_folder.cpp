#include "core/train/run_folder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/exchange/tensorboard.h"
#include "core/project/project_file.h"
#include "core/train/append_file.h"
#include "core/train/best_epoch.h"
#include "core/train/metrics_csv.h"
#include "core/train/run_claim.h"

namespace loom {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFlushEvery(500);
/// Thousands of epochs may pass in a second; a record is a file that is brought to the disk.
constexpr std::chrono::milliseconds kRecordEvery(1000);

double secondsSince1970() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// ISO 8601, local time with its distance from UTC.
std::string localTime() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &parts);
    return text;
}

/// JSON has no word for NaN.
Value numberOrNone(double value) {
    return std::isfinite(value) ? Value(value) : Value();
}

bool samePath(const std::string& a, const std::string& b) {
    std::error_code ignored;
    return a == b || fs::equivalent(a, b, ignored);
}

Dict epochNumbers(const RunEvent& epoch) {
    Dict numbers{{"epoch", epoch.epoch},
                 {"train_loss", numberOrNone(epoch.trainLoss)},
                 {"train_accuracy", numberOrNone(epoch.trainAccuracy)},
                 {"test_loss", numberOrNone(epoch.testLoss)},
                 {"test_accuracy", numberOrNone(epoch.testAccuracy)},
                 {"seconds", numberOrNone(epoch.seconds)},
                 {"train_loss_sum", numberOrNone(epoch.trainLossSum)},
                 {"test_loss_sum", numberOrNone(epoch.testLossSum)}};
    if (epoch.hasValidation()) {
        numbers.set("validation_loss", numberOrNone(epoch.validationLoss));
        numbers.set("validation_accuracy", numberOrNone(epoch.validationAccuracy));
        numbers.set("validation_loss_sum", numberOrNone(epoch.validationLossSum));
    }
    for (const auto& [key, value] :
         {std::pair("train_loss_per_sample", epoch.trainLossPerSample),
          std::pair("test_loss_per_sample", epoch.testLossPerSample),
          std::pair("validation_loss_per_sample", epoch.validationLossPerSample)})
        if (!std::isnan(value)) numbers.set(key, numberOrNone(value));
    return numbers;
}

Dict planNumbers(const TrainingPlan& plan) {
    const TrainingSection& training = plan.project.training;
    Dict numbers{{"dataset", plan.project.data.dataset.kind},
                 {"loss", training.loss.kind},
                 {"optimizer", training.optimizer.kind},
                 {"optimizer_params", training.optimizer.params},
                 {"scheduler", training.scheduler ? Value(training.scheduler->kind) : Value()},
                 {"batch_size", training.batchSize},
                 {"shuffle", training.shuffle},
                 {"sampler", training.sampler ? Value(training.sampler->kind) : Value()},
                 {"drop_last", training.dropLast},
                 {"num_workers", training.numWorkers},
                 {"epochs", training.epochs},
                 {"max_steps", plan.options.maxSteps < 0 ? Value() : Value(plan.options.maxSteps)},
                 {"parameters", plan.report.shapes.parameters},
                 {"macs", plan.report.shapes.macs}};
    if (!plan.options.resumeFrom.empty()) numbers.set("resumed_from", plan.options.resumeFrom);
    return numbers;
}

}  // namespace

struct RunFolderWriter::State {
    TrainingPlan plan;
    Environment environment;
    std::shared_ptr<RunClaim> claim;  ///< where the plan has none
    Status status;
    bool active = false;
    AppendFile csv;
    AppendFile board;
    bool dirty = false;
    Clock::time_point lastFlush = Clock::now();
    bool recordIsOld = false;
    Clock::time_point lastRecord = Clock::now();

    /// What the run that is continued had written, until the first event tells where it goes on.
    std::vector<RunEvent> earlier;
    bool waitsForFirstEvent = false;

    Dict record;
    List messages;
    List skipped;  ///< samples left out, as far as they are listed
    std::int64_t skippedCount = 0;
    std::int64_t epochsDone = 0;
    RunEvent lastEpoch;
    BestEpoch best;
    RunEvent latest;
    double samplesPerSecond = kNoNumber;
    double dataWaitSeconds = 0;

    bool isResume() const { return !plan.options.resumeFrom.empty(); }
    bool isSameFolder() const { return isResume() && samePath(plan.options.resumeFrom, folder()); }
    const std::string& folder() const { return plan.options.runFolder; }
    std::string file(const std::string& name) const { return (fs::path(folder()) / name).string(); }

    void keep(const Status& result) {
        if (status && !result) status = result;
    }

    /// From here on nobody else writes to the folder.
    Status claimFolder() {
        if (plan.claim) return {};
        Result<std::shared_ptr<RunClaim>> taken =
            isSameFolder() ? RunClaim::takeAgain(folder()) : RunClaim::take(folder());
        if (!taken) return taken.error();
        claim = *std::move(taken);
        return {};
    }

    /// What the run that goes on has written; nothing when it was killed before it came to that.
    Status readEarlier() {
        std::error_code ignored;
        const std::string& from = plan.options.resumeFrom;
        waitsForFirstEvent = true;
        if (!fs::exists(fs::path(from) / "metrics.csv", ignored)) return {};
        Result<std::vector<RunEvent>> events = readRunEvents(from);
        if (!events) return events.error();
        earlier = *std::move(events);
        for (const RunEvent& event : earlier) {
            latest = event;
            if (event.type == RunEvent::Type::Epoch) countEpoch(event);
        }
        return {};
    }

    /// TensorBoard takes a folder's files in the order of their names and never goes back.
    std::string boardPath() const {
        std::string newest;
        std::error_code ignored;
        for (const fs::directory_entry& entry : fs::directory_iterator(folder(), ignored))
            if (const std::string name = entry.path().filename().string();
                name.find("tfevents") != std::string::npos)
                newest = std::max(newest, name);
        double time = secondsSince1970();
        std::string name = tensorboard::fileName(time, 0);
        while (name <= newest) name = tensorboard::fileName(time += 1, 0);
        return file(name);
    }

    void startRecord() {
        if (isSameFolder())
            if (Result<RunRecord> old = readRunRecord(folder())) record = old->details;
        const std::string now = localTime();
        const Value* started = record.find("started");
        Dict fresh{
            {"format", "torchloom-run"},
            {"version", 1},
            {"name", plan.project.name},
            {"status", "running"},
            {"started", started && started->isString() ? *started : Value(now)},
            {"seed", plan.project.training.seed},
            {"threads", environment.threads},
            {"device", environment.device},
            {"versions",
             Dict{{"torchloom", TORCHLOOM_VERSION}, {"libtorch", environment.torchVersion}}},
            {"blas", environment.blas},
            {"omp_wait_policy", environment.ompWaitPolicy},
            {"cuda", Dict{{"built", environment.cudaBuilt}, {"devices", environment.cudaDevices}}},
            {"plan", planNumbers(plan)}};
        if (isResume()) fresh.set("resumed", now);
        if (const Value* old = record.find("messages"); old && old->isList())
            messages = old->asList();
        record = std::move(fresh);
    }

    void saveRecord() {
        Dict results{{"steps", latest.step},
                     {"epochs_done", epochsDone},
                     {"seconds", numberOrNone(latest.elapsed)},
                     {"samples_per_second", numberOrNone(samplesPerSecond)},
                     {"data_wait_seconds", numberOrNone(dataWaitSeconds)},
                     {"last", epochsDone > 0 ? Value(epochNumbers(lastEpoch)) : Value()}};
        results.set("best", best.exists() ? Value(epochNumbers(best.epoch())) : Value());
        record.set("results", results);
        record.set("messages", messages);
        if (skippedCount > 0) {
            record.set("skipped_samples", skippedCount);
            record.set("skipped", skipped);
        }
        keep(writeFileAtomically(file("run.json"), printJson(record)));
        recordIsOld = false;
        lastRecord = Clock::now();
    }

    void countEpoch(const RunEvent& epoch) {
        ++epochsDone;
        lastEpoch = epoch;
        best.offer(epoch);
    }

    void forgetEpochs() {
        epochsDone = 0;
        best = {};
    }

    /// A run that goes on may have nothing left to do.
    void keepEarlier(const RunEvent& end) {
        RunEvent next = end;
        next.type = RunEvent::Type::Step;
        next.step = end.step + 1;
        next.epoch = std::numeric_limits<std::int64_t>::max();
        cutEarlier(next);
        dirty = true;
    }

    /// Rows behind the point where the run goes on belong to a future that did not happen.
    void cutEarlier(const RunEvent& first) {
        waitsForFirstEvent = false;
        const bool isEpoch = first.type == RunEvent::Type::Epoch;
        std::erase_if(earlier, [&](const RunEvent& event) {
            if (event.type == RunEvent::Type::Step)
                return isEpoch ? event.step > first.step : event.step >= first.step;
            return event.epoch >= first.epoch;
        });
        std::string rows = metrics_csv::header();
        for (const RunEvent& event : earlier) rows += metrics_csv::row(event);
        csv.close();
        keep(writeFileAtomically(file("metrics.csv"), rows));
        keep(csv.open(file("metrics.csv")));
        forgetEpochs();
        if (isSameFolder()) board.add(tensorboard::restartRecord(first.wallTime, first.step));
        for (const RunEvent& event : earlier) {
            if (event.type == RunEvent::Type::Epoch) countEpoch(event);
            if (!isSameFolder()) addToBoard(event);
        }
        earlier.clear();
    }

    void addToBoard(const RunEvent& event) {
        std::vector<tensorboard::Scalar> scalars;
        const auto add = [&](const char* tag, double value, bool always) {
            if (always || !std::isnan(value)) scalars.emplace_back(tag, value);
        };
        if (event.type == RunEvent::Type::Step) {
            add("loss/train", event.loss, true);
            add("loss_per_sample/train", event.lossPerSample, false);
            add("accuracy/train", event.accuracy, false);
            add("learning_rate", event.lr, false);
        } else {
            add("loss/train_epoch", event.trainLoss, true);
            add("loss/test", event.testLoss, true);
            add("accuracy/train_epoch", event.trainAccuracy, false);
            add("accuracy/test", event.testAccuracy, false);
            add("loss/validation", event.validationLoss, false);
            add("loss_sum/train_epoch", event.trainLossSum, false);
            add("loss_sum/test", event.testLossSum, false);
            add("loss_sum/validation", event.validationLossSum, false);
            add("loss_per_sample/train_epoch", event.trainLossPerSample, false);
            add("loss_per_sample/test", event.testLossPerSample, false);
            add("loss_per_sample/validation", event.validationLossPerSample, false);
            add("accuracy/validation", event.validationAccuracy, false);
            add("epoch/seconds", event.seconds, false);
            add("epoch/number", static_cast<double>(event.epoch), false);
        }
        board.add(tensorboard::scalarsRecord(event.wallTime, event.step, scalars));
    }

    void addRow(const RunEvent& event) {
        if (waitsForFirstEvent) cutEarlier(event);
        csv.add(metrics_csv::row(event));
        addToBoard(event);
        latest = event;
        if (event.type == RunEvent::Type::Epoch) {
            countEpoch(event);
            recordIsOld = true;
        }
        dirty = true;
    }

    void addMessage(const RunEvent& event) {
        Dict message{{"step", event.step}, {"epoch", event.epoch}, {"text", event.message}};
        if (!event.hint.empty()) message.set("hint", event.hint);
        if (!event.node.empty()) message.set("node", event.node);
        messages.emplace_back(std::move(message));
    }

    /// A folder full of damaged files must not fill the record.
    void addSkipped(const RunEvent& event) {
        constexpr std::size_t kListed = 1000;
        skippedCount = event.skipped;
        if (skipped.size() < kListed)
            skipped.emplace_back(Dict{{"sample", event.sample}, {"text", event.message}});
        dirty = true;
    }

    void flush() {
        if (!dirty) return;
        dirty = false;
        lastFlush = Clock::now();
        keep(csv.flush());
        keep(board.flush());
    }
};

RunFolderWriter::RunFolderWriter(const TrainingPlan& plan, const Environment& environment)
    : m_state(std::make_unique<State>()) {
    m_state->plan = plan;
    m_state->environment = environment;
}

RunFolderWriter::~RunFolderWriter() {
    if (m_state->active) m_state->flush();
}

Status RunFolderWriter::open() {
    State& state = *m_state;
    if (state.folder().empty()) return {};
    if (const Status mine = state.claimFolder(); !mine) return mine;
    for (const char* below : {"", "weights", "checkpoints"}) sweepTemporaries(state.file(below));
    if (state.isResume())
        if (const Status known = state.readEarlier(); !known) return known;
    state.startRecord();

    const double now = secondsSince1970();
    state.keep(writeFileAtomically(state.file("project.loom"), projectToJson(state.plan.project)));
    if (!state.isResume() || state.earlier.empty())
        state.keep(writeFileAtomically(state.file("metrics.csv"), metrics_csv::header()));
    state.keep(state.csv.open(state.file("metrics.csv")));
    state.keep(state.board.open(state.boardPath()));
    state.board.add(tensorboard::versionRecord(now));
    state.board.add(tensorboard::textRecord(now, "run",
                                            "**" + state.plan.project.name + "**  \n" +
                                                state.environment.toText() + "  \nseed " +
                                                std::to_string(state.plan.project.training.seed)));
    state.dirty = true;
    state.flush();
    state.active = true;
    state.saveRecord();
    return state.status;
}

void RunFolderWriter::write(const RunEvent& event) {
    State& state = *m_state;
    if (!state.active || !state.status) return;
    using Type = RunEvent::Type;
    if (event.type == Type::Step || event.type == Type::Epoch) {
        state.addRow(event);
    } else if (event.type == Type::Message || event.type == Type::Diverged ||
               event.type == Type::Failed) {
        state.addMessage(event);
    } else if (event.type == Type::Start) {
        // By it the curves of a run that ends within its first epoch are drawn over epochs as well.
        state.record.set("steps_per_epoch", event.stepsPerEpoch);
        state.saveRecord();
    } else if (event.type == Type::Skipped) {
        state.addSkipped(event);
        return;
    } else if (event.type == Type::Finish) {
        if (state.waitsForFirstEvent) state.keepEarlier(event);
        state.record.set("status", event.status);
        state.record.set("ended", localTime());
        state.samplesPerSecond = event.samplesPerSecond;
        state.dataWaitSeconds = event.dataWaitSeconds;
    }
    // What happens often is brought to the disk by the clock, what happens now and then at once.
    const bool isMilestone =
        event.type != Type::Step && event.type != Type::Start && event.type != Type::Epoch;
    const auto now = Clock::now();
    if (isMilestone || (state.recordIsOld && now - state.lastRecord > kRecordEvery))
        state.saveRecord();
    if (isMilestone || now - state.lastFlush > kFlushEvery) state.flush();
}

void RunFolderWriter::flush() {
    if (m_state->active) m_state->flush();
}

Status RunFolderWriter::problem() const {
    return m_state->status;
}

}  // namespace loom
