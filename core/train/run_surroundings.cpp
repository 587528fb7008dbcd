#include "core/train/run_surroundings.h"

#include <utility>
#include <vector>

#include "core/base/sentence.h"
#include "core/train/run_folder.h"

namespace loom {

std::string otherSurroundings(const std::string& folder, const Environment& now) {
    const Result<RunRecord> record = readRunRecord(folder);
    if (!record) return {};
    const auto text = [&](const char* key) {
        const Value* value = record->details.find(key);
        return value && value->isString() ? value->asString() : std::string();
    };
    std::string torch;
    if (const Value* versions = record->details.find("versions"); versions && versions->isDict())
        if (const Value* value = versions->asDict().find("libtorch"); value && value->isString())
            torch = value->asString();
    const Value* threads = record->details.find("threads");

    std::vector<std::string> differences;
    const auto compare = [&](const std::string& before, const std::string& here,
                             const char* difference) {
        if (!before.empty() && before != here)
            differences.push_back(sentence(difference, {{"before", before}, {"now", here}}));
    };
    compare(torch, now.torchVersion, "LibTorch {before}, now {now}");
    compare(threads && threads->isInt() ? counted(threads->asInt(), "thread", "threads") : "",
            counted(now.threads, "thread", "threads"), "{before}, now {now}");
    compare(text("device"), now.device, "the device {before}, now {now}");
    compare(text("blas"), now.blas, "the BLAS {before}, now {now}");
    if (differences.empty()) return {};
    return sentence(
        "The run was written with {differences}. It goes on from its checkpoint, but its "
        "numbers may differ in the last bits from those of one unbroken run.",
        {{"differences", joinWords(differences)}});
}

}  // namespace loom
