#include <algorithm>
#include <filesystem>
#include <system_error>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/train/metrics_csv.h"
#include "core/train/run_claim.h"
#include "core/train/run_folder.h"

namespace loom {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLargestRecord = std::uint64_t(16) << 20;

/// The value at the end of a path of keys; null when any of them is not there.
const Value* valueAt(const Dict& dict, std::initializer_list<const char*> path) {
    const Dict* inside = &dict;
    const Value* found = nullptr;
    for (const char* key : path) {
        if (!inside) return nullptr;
        found = inside->find(key);
        inside = found && found->isDict() ? &found->asDict() : nullptr;
    }
    return found;
}

std::string textAt(const Dict& dict, std::initializer_list<const char*> path) {
    const Value* value = valueAt(dict, path);
    return value && value->isString() ? value->asString() : std::string();
}

double numberAt(const Dict& dict, std::initializer_list<const char*> path) {
    const Value* value = valueAt(dict, path);
    return value && value->isNumber() ? value->asFloat() : kNoNumber;
}

RunRecord::Best bestAt(const Dict& details) {
    const auto number = [&](const char* key) {
        return numberAt(details, {"results", "best", key});
    };
    RunRecord::Best best;
    const Value* epoch = valueAt(details, {"results", "best", "epoch"});
    best.epoch = epoch && epoch->isInt() ? epoch->asInt() : 0;
    best.testAccuracy = number("test_accuracy");
    best.testLoss = number("test_loss");
    // A loss that is not a number is there, as null.
    best.onValidation = valueAt(details, {"results", "best", "validation_loss"}) != nullptr;
    best.accuracy = best.onValidation ? number("validation_accuracy") : best.testAccuracy;
    best.loss = best.onValidation ? number("validation_loss") : best.testLoss;
    return best;
}

}  // namespace

namespace {

Result<RunRecord> recordAsWritten(const std::string& folder) {
    const std::string path = (fs::path(folder) / "run.json").string();
    const Result<std::string> text = readFile(path, kLargestRecord);
    if (!text)
        return Error{"\"" + folder + "\" is not a run folder: " + text.error().message,
                     text.error().hint};
    const Result<Value> value = parseJson(*text);
    if (!value)
        return Error{"\"" + path + "\" is damaged: " + value.error().message, value.error().hint};
    if (!value->isDict()) return Error{"\"" + path + "\" is damaged: it holds no record of a run."};

    RunRecord record;
    record.folder = folder;
    record.details = value->asDict();
    record.name = textAt(record.details, {"name"});
    record.status = textAt(record.details, {"status"});
    record.started = textAt(record.details, {"started"});
    record.best = bestAt(record.details);
    record.lastTestLoss = numberAt(record.details, {"results", "last", "test_loss"});
    const Value* epochs = valueAt(record.details, {"results", "epochs_done"});
    record.epochsDone = epochs && epochs->isInt() ? epochs->asInt() : 0;
    const Value* planned = valueAt(record.details, {"plan", "epochs"});
    record.epochs = planned && planned->isInt() ? planned->asInt() : 0;
    for (const char* name : {"weights/last.pth", "weights/best.pth"}) {
        const fs::path file = fs::path(folder) / name;
        std::error_code ignored;
        if (fs::is_regular_file(file, ignored)) record.weights = file.string();
    }
    return record;
}

}  // namespace

Result<RunRecord> readRunRecord(const std::string& folder) {
    Result<RunRecord> record = recordAsWritten(folder);
    if (!record || record->status != "running" || trainingProcess(folder)) return record;
    // It may have ended between the two looks; a run lets its folder go after its last word.
    record = recordAsWritten(folder);
    if (record && record->status == "running" && !trainingProcess(folder))
        record->status = "interrupted";
    return record;
}

Result<std::vector<RunEvent>> readRunEvents(const std::string& folder) {
    const std::string path = (fs::path(folder) / "metrics.csv").string();
    const Result<std::string> text = readFile(path);
    if (!text) return text.error();
    std::optional<std::vector<RunEvent>> events = metrics_csv::read(*text);
    if (!events)
        return Error{"\"" + path +
                     "\" does not begin with the line of column names that a metrics.csv of "
                     "Torchloom has."};
    return *std::move(events);
}

std::vector<RunRecord> listRuns(const std::string& parent) {
    std::vector<RunRecord> runs;
    std::error_code problem;
    for (fs::directory_iterator entry(parent, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        std::error_code ignored;
        if (!fs::is_regular_file(entry->path() / "run.json", ignored)) continue;
        if (Result<RunRecord> record = readRunRecord(entry->path().string()))
            runs.push_back(*std::move(record));
    }
    std::sort(runs.begin(), runs.end(), [](const RunRecord& a, const RunRecord& b) {
        return a.started != b.started ? a.started > b.started : a.folder > b.folder;
    });
    return runs;
}

}  // namespace loom
