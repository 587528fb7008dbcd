#include "core/data/check/dataset_check.h"

#include <algorithm>
#include <cstdio>

#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/data/check/dataset_findings.h"
#include "core/data/files/locations.h"
#include "core/data/transform.h"

namespace loom {

namespace {

/// Of so many different sizes one picture each is tried on the transforms.
constexpr int kTriedSizes = 64;

std::string rangeText(int low, int high) {
    return low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
}

std::string channelText(int channels) {
    return channels == 1   ? "grey"
           : channels == 3 ? "colour"
                           : std::to_string(channels) + " channels";
}

std::string sizeText(const std::array<int, 3>& size) {
    return std::to_string(size[0]) + "×" + std::to_string(size[1]);
}

struct SizeRange {
    std::array<int, 3> low{}, high{}, commonest{};
    std::int64_t most = 0;
    std::int64_t pictures = 0;
    std::size_t kinds = 0;
    std::map<int, std::int64_t> byChannels;
};

SizeRange rangeOf(const DatasetScan& scan) {
    SizeRange range;
    std::map<std::array<int, 3>, std::int64_t> all;
    for (const SplitScan* split : {&scan.train, &scan.test})
        for (const auto& [size, noted] : split->seen.sizes) all[size] += noted.count;
    for (const auto& [size, count] : all) {
        if (range.pictures == 0) range.low = range.high = size;
        for (std::size_t i = 0; i < 3; ++i) {
            range.low[i] = std::min(range.low[i], size[i]);
            range.high[i] = std::max(range.high[i], size[i]);
        }
        if (count > range.most) {
            range.most = count;
            range.commonest = size;
        }
        range.pictures += count;
        range.byChannels[size[2]] += count;
    }
    range.kinds = all.size();
    return range;
}

/// Tries the transforms on a picture of every size that was met: a crop larger than the picture
/// shows only there.
void tryTransforms(Judgement& judgement, Split which) {
    const SplitScan& split = judgement.split(which);
    const auto& steps = which == Split::Train ? judgement.request.trainTransforms
                                              : judgement.request.testTransforms;
    if (!split.dataset || split.seen.sizes.size() < 2) return;
    const auto pipeline = Pipeline::make(steps);
    if (!pipeline) return;
    DataFinding found;
    std::string first;
    int tried = 0;
    for (const auto& [size, noted] : split.seen.sizes) {
        if (noted.indices.empty() || ++tried > kTriedSizes) break;
        const std::int64_t index = noted.indices.front();
        auto sample = split.dataset->sample(index);
        if (!sample) continue;
        TorchRandom random(
            sampleSeed(judgement.request.seed, 0, static_cast<std::uint64_t>(index)));
        const auto made = pipeline->apply(std::move(sample->input), random);
        if (made) continue;
        if (first.empty()) first = made.error().message;
        found.count += noted.count;
        judgement.list(found, which, noted);
        for (FoundSample& one : found.samples)
            if (one.note.empty()) one.note = sizeText(size);
    }
    if (first.empty()) return;
    DataFinding& finding = judgement.find(
        Severity::Error, which == Split::Train ? "train_transforms" : "test_transforms",
        "Pictures that the transforms cannot take");
    finding.message = judgement.counted(found.count, which) + " " + isOrAre(found.count) +
                      " of a size that the transforms cannot take. The first: " + first;
    finding.hint = "Begin the list with a Resize, or ask for a smaller crop.";
    finding.count = found.count;
    finding.samples = std::move(found.samples);
}

}  // namespace

std::string shareText(std::int64_t part, std::int64_t whole) {
    const double percent =
        whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
    char text[32];
    std::snprintf(text, sizeof text,
                  percent < 0.1  ? "%.2f %%"
                  : percent < 10 ? "%.1f %%"
                                 : "%.0f %%",
                  percent);
    return text;
}

std::string Judgement::noun(std::int64_t count) const {
    const Dataset* dataset =
        scan.train.dataset ? scan.train.dataset.get() : scan.test.dataset.get();
    const bool tensor = dataset && dataset->spec().isTensor;
    return std::string(tensor ? "sample" : "picture") + (count == 1 ? "" : "s");
}

std::string Judgement::counted(std::int64_t count, Split which) const {
    return groupDigits(count) + (which == Split::Train ? " training " : " test ") + noun(count);
}

FoundSample Judgement::sample(Split which, std::int64_t index, const std::string& note) const {
    return {which, index, split(which).dataset->nameOf(index), note, 0};
}

void Judgement::list(DataFinding& finding, Split which, const Noted& noted) const {
    for (const std::int64_t index : noted.indices) {
        if (finding.samples.size() >= kListedSamples) return;
        finding.samples.push_back(sample(which, index));
    }
}

DataFinding& Judgement::find(Severity severity, const char* id, const std::string& title) {
    DataFinding finding;
    finding.severity = severity;
    finding.id = id;
    finding.title = title;
    report.findings.push_back(std::move(finding));
    return report.findings.back();
}

void judgeReading(Judgement& judgement) {
    bool all = true;
    for (const Split which : {Split::Train, Split::Test}) {
        const SplitScan& split = judgement.split(which);
        const bool train = which == Split::Train;
        if (split.problem || split.size() == 0) {
            all = false;
            DataFinding& finding =
                judgement.find(train ? Severity::Error : Severity::Warning, "missing_split",
                               train ? "No training set" : "No test set");
            finding.message = split.problem ? split.problem->message
                              : train       ? "The training set is empty."
                                            : "The test set is empty.";
            finding.hint = split.problem ? split.problem->hint
                           : train       ? "Choose a folder or file that holds samples."
                                         : "Hold back a part of the training set for validation, "
                                           "to see how well the network does on what it never saw.";
            if (!train && judgement.scan.train.size() > 1 && !judgement.request.validated)
                finding.fixes.push_back({"hold_back", "Hold back a fifth for validation", {}});
            continue;
        }
        const std::int64_t bad = split.seen.unreadableCount;
        if (bad == 0) continue;
        all = false;
        DataFinding& finding =
            judgement.find(bad == split.seen.looked ? Severity::Error : Severity::Warning,
                           "unreadable", "Unreadable " + judgement.noun(2));
        finding.count = bad;
        for (const auto& [index, why] : split.seen.unreadable)
            finding.samples.push_back(judgement.sample(which, index, why));
        finding.message = judgement.counted(bad, which) + " of " + groupDigits(split.seen.looked) +
                          " cannot be read. The first: " + split.seen.unreadable.begin()->second;
        finding.hint =
            "A run leaves them out and goes on. Replace or remove the files to have it whole.";
    }
    if (all)
        judgement.pass("All " +
                       groupDigits(judgement.scan.train.size() + judgement.scan.test.size()) + " " +
                       judgement.noun(2) + " can be read.");
}

void judgeSizes(Judgement& judgement) {
    const SizeRange range = rangeOf(judgement.scan);
    if (range.pictures == 0) return;
    if (range.kinds == 1) {
        judgement.pass("All are " + sizeText(range.low) + " pixels, " + channelText(range.low[2]) +
                       ".");
    } else if (range.low[0] != range.high[0] || range.low[1] != range.high[1]) {
        const PipelineInference inferred =
            inferPipeline(judgement.request.trainTransforms, {false, {range.high[2], -1, -1}});
        const bool oneSize =
            inferred.failedStep < 0 && !inferred.specs.empty() && inferred.specs.back().fixed();
        DataFinding& finding = judgement.find(oneSize ? Severity::Info : Severity::Error,
                                              "mixed_sizes", "Pictures of different sizes");
        finding.message = "The pictures are " + rangeText(range.low[0], range.high[0]) +
                          " pixels wide and " + rangeText(range.low[1], range.high[1]) +
                          " high; the commonest size is " + sizeText(range.commonest) + " (" +
                          shareText(range.most, range.pictures) + "). " +
                          (oneSize ? "The transforms make them one size."
                                   : "The transforms leave them as they are, and a batch needs "
                                     "one size.");
        finding.hint = oneSize ? ""
                               : "Add a Resize with height and width, or Resize and a crop, "
                                 "before ToTensor.";
        finding.count = range.pictures - range.most;
    }
    if (range.byChannels.size() > 1) {
        DataFinding& finding =
            judgement.find(Severity::Warning, "mixed_channels", "Grey and colour mixed");
        std::vector<std::string> parts;
        for (const auto& [channels, count] : range.byChannels)
            parts.push_back(groupDigits(count) + " " + channelText(channels));
        finding.message = "Of the pictures there are " + joinWords(parts) +
                          "; a network takes one number of channels.";
        finding.hint = "Begin the transforms with Grayscale(1), or with Grayscale(3).";
        const int rare = range.byChannels.begin()->second <= range.byChannels.rbegin()->second
                             ? range.byChannels.begin()->first
                             : range.byChannels.rbegin()->first;
        finding.count = range.byChannels.at(rare);
        for (const Split which : {Split::Train, Split::Test})
            for (const auto& [size, noted] : judgement.split(which).seen.sizes)
                if (size[2] == rare) judgement.list(finding, which, noted);
    }
    for (const Split which : {Split::Train, Split::Test}) tryTransforms(judgement, which);
}

DatasetCheckReport checkDataset(const DatasetCheckRequest& request,
                                const std::function<bool(const DatasetCheckProgress&)>& goOn) {
    const DatasetScan scan = scanDataset(request, goOn);
    DatasetCheckReport report;
    report.trainSize = scan.train.size();
    report.testSize = scan.test.size();
    report.looked = scan.train.seen.looked + scan.test.seen.looked;
    report.seconds = scan.seconds;
    report.complete = scan.complete;
    Judgement judgement{request, scan, report};
    for (auto* judge : {judgeReading, judgeSizes, judgeContents, judgeDuplicates, judgeClasses,
                        judgeLabels, judgeNormalize, judgeTestTransforms})
        judge(judgement);
    // What was not looked at to the end is not in order yet.
    if (!report.complete) report.passed.clear();
    std::stable_sort(
        report.findings.begin(), report.findings.end(),
        [](const DataFinding& a, const DataFinding& b) { return a.severity > b.severity; });
    return report;
}

}  // namespace loom
