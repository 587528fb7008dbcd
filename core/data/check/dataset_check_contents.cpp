// What the check says of samples by their contents: empty ones, numbers that are none, equal ones.

#include <algorithm>
#include <cmath>

#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/data/check/dataset_findings.h"
#include "core/data/files/locations.h"

namespace loom {

namespace {

/// A sample of both splits counted through: test samples come behind the training ones.
struct Twin {
    std::uint64_t hash;
    std::int64_t place;
};

/// Samples with equal contents, in groups.
std::vector<std::vector<std::int64_t>> twinsOf(const DatasetScan& scan) {
    std::vector<Twin> all;
    all.reserve(scan.train.hashes.size() + scan.test.hashes.size());
    const auto put = [&](const SplitScan& split, std::int64_t offset) {
        for (std::size_t i = 0; i < split.hashes.size(); ++i) {
            const auto index = static_cast<std::int64_t>(i);
            if (split.hashes[i] != 0) all.push_back({split.hashes[i], index + offset});
        }
    };
    put(scan.train, 0);
    put(scan.test, scan.train.size());
    std::sort(all.begin(), all.end(), [](const Twin& a, const Twin& b) {
        return a.hash != b.hash ? a.hash < b.hash : a.place < b.place;
    });
    std::vector<std::vector<std::int64_t>> groups;
    for (std::size_t i = 0; i < all.size();) {
        std::size_t end = i + 1;
        while (end < all.size() && all[end].hash == all[i].hash) ++end;
        if (end - i > 1) {
            groups.emplace_back();
            for (std::size_t k = i; k < end; ++k) groups.back().push_back(all[k].place);
        }
        i = end;
    }
    std::sort(groups.begin(), groups.end());
    return groups;
}

void listGroup(const Judgement& judgement, DataFinding& finding,
               const std::vector<std::int64_t>& group, std::int64_t number) {
    const std::int64_t trainSize = judgement.scan.train.size();
    if (finding.samples.size() + group.size() > kListedSamples) return;
    for (const std::int64_t place : group) {
        const bool train = place < trainSize;
        FoundSample sample =
            judgement.sample(train ? Split::Train : Split::Test, train ? place : place - trainSize);
        sample.group = number;
        finding.samples.push_back(std::move(sample));
    }
}

std::int64_t labelAt(const DatasetScan& scan, std::int64_t place) {
    const std::int64_t trainSize = scan.train.size();
    return place < trainSize ? scan.train.dataset->label(place)
                             : scan.test.dataset->label(place - trainSize);
}

}  // namespace

void judgeContents(Judgement& judgement) {
    for (const Split which : {Split::Train, Split::Test}) {
        const ScanPart& seen = judgement.split(which).seen;
        if (seen.plain.count > 0) {
            DataFinding& finding =
                judgement.find(Severity::Warning, "plain", "Empty " + judgement.noun(2));
            finding.count = seen.plain.count;
            finding.message =
                judgement.counted(seen.plain.count, which) + " " + isOrAre(seen.plain.count) +
                (judgement.noun(1) == "picture" ? " of one colour" : " the same number") +
                " everywhere, so there is nothing to learn.";
            finding.hint = "Look at them, and take them out where they are a mistake.";
            judgement.list(finding, which, seen.plain);
        }
        if (seen.notFinite.count > 0) {
            DataFinding& finding =
                judgement.find(Severity::Error, "not_finite", "Numbers that are none");
            finding.count = seen.notFinite.count;
            finding.message = judgement.counted(seen.notFinite.count, which) +
                              " hold NaN or infinity, which makes the loss NaN at once.";
            finding.hint = "Correct these rows in the file, or take them out.";
            judgement.list(finding, which, seen.notFinite);
        }
    }
    const ScanPart& train = judgement.scan.train.seen;
    const std::int64_t pictures = train.looked - train.unreadableCount;
    if (train.colourless.count > 0 && train.colourless.count < pictures) {
        DataFinding& finding =
            judgement.find(Severity::Info, "colourless", "Some pictures without colour");
        finding.count = train.colourless.count;
        finding.message = judgement.counted(train.colourless.count, Split::Train) + " of " +
                          groupDigits(pictures) + " (" +
                          shareText(train.colourless.count, pictures) +
                          ") are grey, the others have colour.";
        finding.hint =
            "Where colour tells the class only by accident, Grayscale takes it from all.";
        judgement.list(finding, Split::Train, train.colourless);
    }
    if (train.columns.size() < 2 || !judgement.scan.train.dataset) return;
    std::vector<std::string> constant;
    const std::vector<std::string> names = judgement.scan.train.dataset->inputNames();
    double widest = 0;
    double narrowest = INFINITY;
    for (std::size_t c = 0; c < train.columns.size(); ++c) {
        const double span = double(train.columns[c].high) - double(train.columns[c].low);
        if (span == 0)
            constant.push_back(c < names.size() ? names[c] : "column " + std::to_string(c + 1));
        else
            narrowest = std::min(narrowest, span);
        widest = std::max(widest, span);
    }
    if (!constant.empty()) {
        DataFinding& finding =
            judgement.find(Severity::Info, "constant_column", "Columns that never change");
        const std::size_t more = constant.size() > 8 ? constant.size() - 8 : 0;
        constant.resize(constant.size() - more);
        if (more > 0) constant.push_back(std::to_string(more) + " more");
        finding.message =
            "The same number stands in every training sample: " + joinWords(constant) +
            ". Nothing can be learned from it.";
        finding.hint = "Leave such columns out.";
    }
    if (widest > 1000 * narrowest) {
        DataFinding& finding =
            judgement.find(Severity::Warning, "column_scales", "Columns of very different scale");
        finding.message = "One column spans " + formatFloat(widest, false) + ", another only " +
                          formatFloat(narrowest, false) +
                          "; the small one hardly counts when training begins.";
        finding.hint = "Standardise the columns: mean 0, deviation 1 for each.";
    }
}

void judgeDuplicates(Judgement& judgement) {
    const DatasetScan& scan = judgement.scan;
    const std::int64_t trainSize = scan.train.size();
    const bool tensors = scan.train.dataset && scan.train.dataset->spec().isTensor;
    DataFinding leak, train, test, torn;
    std::int64_t number = 0;
    for (const std::vector<std::int64_t>& group : twinsOf(scan)) {
        ++number;
        const auto border = std::lower_bound(group.begin(), group.end(), trainSize);
        const std::int64_t inTrain = border - group.begin();
        const std::int64_t inTest = group.end() - border;
        if (inTrain > 0 && inTest > 0) {
            leak.count += inTest;
            listGroup(judgement, leak, group, number);
        } else {
            DataFinding& inside = inTrain > 0 ? train : test;
            inside.count += static_cast<std::int64_t>(group.size()) - 1;
            listGroup(judgement, inside, group, number);
        }
        const bool sameLabel = std::all_of(group.begin(), group.end(), [&](std::int64_t place) {
            return labelAt(scan, place) == labelAt(scan, group.front());
        });
        if (!sameLabel && !tensors) {
            torn.count += static_cast<std::int64_t>(group.size());
            listGroup(judgement, torn, group, number);
        }
    }
    const auto put = [&](DataFinding& made, Severity severity, const char* id,
                         const std::string& title, const std::string& message,
                         const std::string& hint) {
        if (made.count == 0) return;
        DataFinding& finding = judgement.find(severity, id, title);
        finding.count = made.count;
        finding.samples = std::move(made.samples);
        finding.message = message;
        finding.hint = hint;
    };
    put(leak, Severity::Warning, "leak", "Test " + judgement.noun(2) + " that are trained with",
        judgement.counted(leak.count, Split::Test) + " (" +
            shareText(leak.count, scan.test.size()) + " of the test set) " + isOrAre(leak.count) +
            " in the training set, too, so the test figures come out too good.",
        "Take them out of one of the two.");
    put(torn, Severity::Warning, "contradiction", "Equal pictures with different classes",
        groupDigits(torn.count) +
            " pictures are equal to one of another class. A network cannot "
            "tell them apart, so some of the answers are wrong.",
        "Look which class is right, and correct the others.");
    for (const auto& [made, which] : {std::pair(&train, Split::Train), {&test, Split::Test}}) {
        const std::int64_t size = judgement.split(which).size();
        put(*made, made->count * 100 > size ? Severity::Warning : Severity::Info, "duplicates",
            which == Split::Train ? "Duplicates in the training set" : "Duplicates in the test set",
            judgement.counted(made->count, which) + " (" + shareText(made->count, size) + ") " +
                isOrAre(made->count) + " equal to an earlier one.",
            which == Split::Train
                ? "They count twice in training, and a random validation part may hold the twin of "
                  "what is trained with."
                : "They count twice in the test figures.");
    }
    if (number == 0)
        judgement.pass("No two " + judgement.noun(2) + " are equal.");
    else if (leak.count == 0 && scan.test.size() > 0)
        judgement.pass("No test " + judgement.noun(1) + " is in the training set.");
}

}  // namespace loom
