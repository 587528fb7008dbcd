#pragma once

#include "core/data/check/dataset_scan.h"

namespace loom {

/// What a scan is judged with, and where the judgement goes.
struct Judgement {
    const DatasetCheckRequest& request;
    const DatasetScan& scan;
    DatasetCheckReport& report;

    const SplitScan& split(Split which) const {
        return which == Split::Train ? scan.train : scan.test;
    }
    /// "pictures", or "samples" where they are none.
    std::string noun(std::int64_t count) const;
    /// "3 training pictures".
    std::string counted(std::int64_t count, Split which) const;
    FoundSample sample(Split which, std::int64_t index, const std::string& note = {}) const;
    void list(DataFinding& finding, Split which, const Noted& noted) const;
    DataFinding& find(Severity severity, const char* id, const std::string& title);
    void pass(const std::string& sentence) { report.passed.push_back(sentence); }
};

// Each looks at one thing, in its own file's order.
void judgeReading(Judgement& judgement);
void judgeSizes(Judgement& judgement);
void judgeContents(Judgement& judgement);
void judgeDuplicates(Judgement& judgement);
void judgeClasses(Judgement& judgement);
void judgeLabels(Judgement& judgement);
void judgeNormalize(Judgement& judgement);
void judgeTestTransforms(Judgement& judgement);

/// "the", of what a sentence counts: "1 picture is", "3 pictures are".
inline const char* isOrAre(std::int64_t count) {
    return count == 1 ? "is" : "are";
}
/// "12.5 %", "0.03 %".
std::string shareText(std::int64_t part, std::int64_t whole);

}  // namespace loom
