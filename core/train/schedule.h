#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/params.h"
#include "core/catalogue/training_kinds.h"
#include "core/project/project.h"

namespace loom {

/// The entries of one of Python's `param_groups` that schedulers read and write.
struct GroupRates {
    double lr = 0;
    std::optional<double> initialLr = {};  ///< set by the first scheduler
    std::optional<double> momentum = {};   ///< of optimizers that have one
    std::optional<double> beta1 = {};      ///< the first of `betas`
    friend bool operator==(const GroupRates&, const GroupRates&) = default;
};

/// What a schedule may look at besides its own count.
struct EpochFigures {
    double trainLoss = 0, trainAccuracy = 0, testLoss = 0, testAccuracy = 0;
    double validationLoss = 0, validationAccuracy = 0;
};

/// A scheduler as Python's: constructed, it sets the rates of the first step; each call moves them
/// on from where they are. Following Python's recursions, and not closed forms, gives its rates to
/// the bit, and lets schedulers act on each other's as in Python.
class Schedule {
public:
    virtual ~Schedule() = default;
    virtual void step(std::vector<GroupRates>& groups, const EpochFigures& figures) = 0;
    /// All that its further course depends on, besides the rates.
    virtual std::vector<double> state() const = 0;
    /// Takes its part from the front of `state`.
    virtual void setState(std::vector<double>& state) = 0;
    /// Whether it took its length from the run's.
    virtual bool followsRun() const { return false; }
    /// Sets the rates to what its curve says at its step, where it has moved on to another curve.
    virtual void redraw(std::vector<GroupRates>&) {}
};

/// The schedule of a project, or null; moves `groups` to their first values.
std::unique_ptr<Schedule> buildSchedule(const std::optional<Choice>& scheduler,
                                        const RunLength& length, std::vector<GroupRates>& groups);

/// Whether it steps after every batch instead of after every epoch.
bool stepsPerBatch(const Choice& scheduler);

/// The rates a group begins with, by its optimizer's settings.
GroupRates startingRates(const Settings& optimizer);

/// A schedule drawn out before the run: the learning rate at each of its steps.
struct ScheduleCurve {
    bool perBatch = false;
    std::vector<double> epochs;  ///< where on the axis, in epochs from 0
    std::vector<double> rates;
    std::vector<double> momenta;  ///< empty where it does not move them
    std::string note;             ///< what the curve cannot know, for a line below it
};
ScheduleCurve drawSchedule(const TrainingSection& training, std::int64_t batchesPerEpoch);

}  // namespace loom
