// What the check says of classes and labels, and of the transforms' numbers.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/data/check/dataset_findings.h"
#include "core/data/files/locations.h"
#include "core/data/transform.h"

namespace loom {

namespace {

std::string numberText(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", number);
    return text;
}

std::string numbersText(const std::vector<double>& numbers) {
    std::string text;
    for (const double number : numbers) text += (text.empty() ? "" : ", ") + numberText(number);
    return text;
}

/// As the fix writes them.
Value roundedList(const std::vector<double>& numbers) {
    List list;
    for (const double number : numbers) list.push_back(Value(std::round(number * 1e4) / 1e4));
    return list;
}

std::vector<double> parameter(const Choice& step, const char* key, std::size_t channels) {
    const TransformKind* kind = transforms().find(step.kind);
    if (!kind) return {};
    std::vector<double> numbers = Settings(kind->params, step.params).numbers(key);
    if (numbers.size() == 1) numbers.resize(channels, numbers.front());
    return numbers;
}

bool near(const std::vector<double>& numbers, std::initializer_list<double> wanted) {
    return numbers.size() == wanted.size() &&
           std::equal(numbers.begin(), numbers.end(), wanted.begin(),
                      [](double a, double b) { return std::abs(a - b) < 0.002; });
}

DataFix useStatistics(const DatasetCheckReport& report, const char* label) {
    return {"use_statistics",
            label,
            {{"mean", roundedList(report.mean)}, {"std", roundedList(report.deviation)}}};
}

bool drawsRandomly(const Choice& step) {
    const TransformKind* kind = transforms().find(step.kind);
    return kind && kind->random;
}

}  // namespace

void judgeClasses(Judgement& judgement) {
    const SplitScan& train = judgement.scan.train;
    if (train.counts.empty() || train.size() == 0) return;
    const char* what = train.severalLabels ? "categories" : "classes";
    std::vector<std::string> empty;
    std::size_t least = train.counts.size();
    std::size_t most = 0;
    for (std::size_t c = 0; c < train.counts.size(); ++c) {
        if (train.counts[c] == 0) {
            empty.push_back(train.names[c]);
            continue;
        }
        if (least == train.counts.size() || train.counts[c] < train.counts[least]) least = c;
        if (train.counts[c] > train.counts[most]) most = c;
    }
    if (!empty.empty()) {
        DataFinding& finding =
            judgement.find(Severity::Warning, "empty_classes", std::string("Empty ") + what);
        const std::size_t more = empty.size() > 10 ? empty.size() - 10 : 0;
        const std::size_t all = empty.size();
        empty.resize(all - more);
        if (more > 0) empty.push_back(std::to_string(more) + " more");
        finding.message = groupDigits(static_cast<std::int64_t>(all)) + " of " +
                          groupDigits(static_cast<std::int64_t>(train.counts.size())) + " " + what +
                          " have no training " + judgement.noun(1) + ": " + joinWords(empty) + ".";
        finding.hint = "The network cannot learn them. Add samples, or leave the class out.";
    }
    if (least == train.counts.size()) return;
    const double ratio =
        static_cast<double>(train.counts[most]) / static_cast<double>(train.counts[least]);
    const std::string figures = train.names[most] + " has " + groupDigits(train.counts[most]) +
                                ", " + train.names[least] + " " + groupDigits(train.counts[least]);
    if (ratio >= 1.5 && !train.severalLabels) {
        DataFinding& finding = judgement.find(
            ratio >= 3 && !judgement.request.balanced ? Severity::Warning : Severity::Info,
            "imbalance", "Uneven classes");
        finding.message = "The largest class has " + numberText(ratio) + " times the " +
                          judgement.noun(2) + " of the smallest: " + figures + ".";
        if (judgement.request.balanced) {
            finding.message += " The sampler draws them evenly.";
        } else {
            finding.hint =
                "A network soon prefers the large classes. Draw the classes evenly, or give the "
                "loss weights; and look at each class's accuracy, not only at all together.";
            finding.fixes.push_back({"balance_classes", "Draw classes evenly", {}});
        }
    } else if (!train.severalLabels && empty.empty()) {
        judgement.pass(ratio < 1.001 ? "The classes are balanced: " +
                                           groupDigits(train.counts[most]) + " each."
                                     : "The classes are balanced: " + figures + ".");
    }
    const SplitScan& test = judgement.scan.test;
    std::vector<std::string> untested;
    for (std::size_t c = 0; c < std::min(test.counts.size(), train.counts.size()); ++c)
        if (test.counts[c] == 0 && train.counts[c] > 0) untested.push_back(train.names[c]);
    if (test.size() == 0 || untested.empty() || test.unlabelled.count == test.size()) return;
    const std::size_t more = untested.size() > 10 ? untested.size() - 10 : 0;
    untested.resize(untested.size() - more);
    if (more > 0) untested.push_back(std::to_string(more) + " more");
    DataFinding& finding =
        judgement.find(Severity::Info, "untested_classes", std::string("Untested ") + what);
    finding.message = "The test set has no " + judgement.noun(1) + " of " + joinWords(untested) +
                      ", so the test figures say nothing of them.";
}

void judgeLabels(Judgement& judgement) {
    const DatasetCheckRequest& request = judgement.request;
    for (const Split which : {Split::Train, Split::Test}) {
        const SplitScan& split = judgement.split(which);
        if (split.unlabelled.count > 0 && request.needsLabels) {
            DataFinding& finding =
                judgement.find(Severity::Warning, "unlabelled", "Without a class");
            finding.count = split.unlabelled.count;
            finding.message = judgement.counted(split.unlabelled.count, which) + " of " +
                              groupDigits(split.size()) + " have no class (label −1).";
            finding.hint =
                "They cannot be learned from with classes as the answer. Choose a split with "
                "labels, or let the answer be the input itself, as an autoencoder does.";
            judgement.list(finding, which, split.unlabelled);
        }
        if (split.beyond.count > 0) {
            DataFinding& finding =
                judgement.find(Severity::Error, "label_range", "Labels that no class has");
            finding.count = split.beyond.count;
            finding.message = judgement.counted(split.beyond.count, which) +
                              " have a label outside of 0 to " +
                              std::to_string(static_cast<std::int64_t>(split.names.size()) - 1) +
                              "; there are " + std::to_string(split.names.size()) + " classes.";
            finding.hint = "Correct the labels, or the list of classes.";
            judgement.list(finding, which, split.beyond);
        }
    }
    const std::int64_t highest =
        std::max(judgement.scan.train.highestLabel, judgement.scan.test.highestLabel);
    if (highest < 0 || !request.outputs) return;
    if (request.judge) {
        TargetSpec seen;
        seen.classes = highest + 1;
        for (const Diagnostic& problem : request.judge(seen)) {
            if (problem.severity != Severity::Error) continue;
            DataFinding& finding =
                judgement.find(Severity::Error, "outputs", "Labels and network do not fit");
            finding.message =
                "Labels go from 0 to " + std::to_string(highest) + ". " + problem.message;
            finding.hint = problem.hint;
            return;
        }
    }
    const std::int64_t known = std::max<std::int64_t>(
        highest + 1, static_cast<std::int64_t>(judgement.scan.train.names.size()));
    if (*request.outputs > known && *request.outputs > 1) {
        DataFinding& finding =
            judgement.find(Severity::Info, "spare_outputs", "More outputs than classes");
        finding.message = request.outputBlock + " gives " + groupDigits(*request.outputs) +
                          " numbers, but there are only " + groupDigits(known) +
                          " classes; the others learn never to be chosen.";
        finding.hint = "Nothing is wrong with it; " + std::to_string(known) + " would do.";
    } else if (*request.outputs == known) {
        judgement.pass("Labels go from 0 to " + std::to_string(highest) + ", and " +
                       request.outputBlock + " gives " + groupDigits(known) + " numbers.");
    }
}

void judgeNormalize(Judgement& judgement) {
    const DatasetCheckRequest& request = judgement.request;
    const ScanPart& seen = judgement.scan.train.seen;
    DatasetCheckReport& report = judgement.report;
    const int train = normalizeStep(request.trainTransforms);
    const int test = normalizeStep(request.testTransforms);
    if (seen.measured > 0) {
        report.mean = seen.sums.mean();
        report.deviation = seen.sums.deviation();
    }
    const std::size_t channels = report.mean.size();
    const std::string some = seen.measured < seen.looked ? "of " + groupDigits(seen.measured) +
                                                               " " + judgement.noun(seen.measured)
                                                         : std::string();
    const auto* end =
        request.trainTransforms.data() +
        (train < 0 ? request.trainTransforms.size() : static_cast<std::size_t>(train));
    const bool random = std::any_of(request.trainTransforms.data(), end, drawsRandomly);
    const std::string drawn = random ? "measured without the random steps" : "";
    const std::string of =
        some.empty() && drawn.empty()
            ? std::string()
            : " (" + some + (some.empty() || drawn.empty() ? "" : ", ") + drawn + ")";
    if (train < 0 && channels > 0) {
        DataFinding& finding = judgement.find(Severity::Info, "normalize_missing", "No Normalize");
        finding.message = "The numbers reach the network with mean " + numbersText(report.mean) +
                          " and deviation " + numbersText(report.deviation) + of +
                          "; around 0 with deviation 1 most networks learn faster.";
        finding.hint = "Add Normalize behind ToTensor.";
        finding.fixes.push_back(useStatistics(report, "Add Normalize with these"));
    }
    if (train >= 0 && channels > 0) {
        const Choice& step = request.trainTransforms[static_cast<std::size_t>(train)];
        const auto mean = parameter(step, "mean", channels);
        const auto deviation = parameter(step, "std", channels);
        double shift = 0;
        double stretch = 1;
        std::vector<double> means, deviations;
        for (std::size_t c = 0; c < std::min({channels, mean.size(), deviation.size()}); ++c) {
            if (deviation[c] == 0) continue;
            means.push_back((report.mean[c] - mean[c]) / deviation[c]);
            deviations.push_back(report.deviation[c] / deviation[c]);
            shift = std::max(shift, std::abs(means.back()));
            const double ratio = std::max(deviations.back(), 1e-9);
            stretch = std::max({stretch, ratio, 1 / ratio});
        }
        const bool imagenet =
            near(mean, {0.485, 0.456, 0.406}) && near(deviation, {0.229, 0.224, 0.225});
        if (shift > 0.05 || stretch > 1.1) {
            const bool far = (shift > 0.5 || stretch > 2) && !imagenet;
            DataFinding& finding = judgement.find(far ? Severity::Warning : Severity::Info,
                                                  "normalize", "Normalize does not fit the data");
            finding.message = "Normalize has mean " + numbersText(mean) + " and std " +
                              numbersText(deviation) + ", but the training set" + of + " has " +
                              numbersText(report.mean) + " and " + numbersText(report.deviation) +
                              ". So the network receives numbers with mean " + numbersText(means) +
                              " and deviation " + numbersText(deviations) + " instead of 0 and 1.";
            finding.hint = imagenet ? "These are ImageNet's numbers: right for weights that were "
                                      "trained on ImageNet, and only for them."
                           : far    ? "Use the training set's numbers, in both lists."
                                 : "That does little harm. The training set's numbers are exact.";
            finding.fixes.push_back(useStatistics(report, "Use the training set's"));
        } else if (!means.empty()) {
            judgement.pass("Normalize fits: mean " + numbersText(report.mean) + ", deviation " +
                           numbersText(report.deviation) + of + ".");
        }
    }
    if ((train < 0) == (test < 0) &&
        (train < 0 || request.trainTransforms[static_cast<std::size_t>(train)].params ==
                          request.testTransforms[static_cast<std::size_t>(test)].params))
        return;
    DataFinding& finding = judgement.find(Severity::Warning, "normalize_differs",
                                          "Training and test are normalised differently");
    finding.message = train < 0  ? "Only the test list has a Normalize."
                      : test < 0 ? "Only the training list has a Normalize."
                                 : "Normalize has other numbers in the test list than in the "
                                   "training list.";
    finding.message += " The network is then tested on numbers that it never learned with.";
    finding.hint = "Use the same Normalize in both, with the training set's numbers.";
    if (train >= 0) finding.fixes.push_back({"same_normalize", "Use the training list's", {}});
}

void judgeTestTransforms(Judgement& judgement) {
    std::vector<std::string> random;
    for (const Choice& step : judgement.request.testTransforms)
        if (drawsRandomly(step)) random.push_back(step.kind);
    if (random.empty()) return;
    DataFinding& finding = judgement.find(Severity::Warning, "random_test", "The test is random");
    finding.message = joinWords(random) + " of the test list " +
                      (random.size() == 1 ? "draws" : "draw") +
                      " anew for every picture, so the test figures change by chance alone.";
    finding.hint = "Leave random steps to training. Crop the middle instead (CenterCrop).";
    finding.fixes.push_back({"steady_test", "Replace by steady steps", {}});
}

}  // namespace loom
