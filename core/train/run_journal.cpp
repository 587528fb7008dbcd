#include "core/train/run_journal.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/exchange/torch_file.h"
#include "core/train/run_claim.h"

namespace loom {

Status RunJournal::open() {
    if (!hasFolder()) return {};
    m_writer = std::make_unique<RunFolderWriter>(m_plan,
                                                 currentEnvironment(m_plan.threads, m_plan.device));
    if (auto opened = m_writer->open(); !opened) return opened;
    for (const char* folder : {"weights", "checkpoints"})
        if (auto made = makeFolder(path(folder)); !made) return made;
    return takeBestAlong();
}

bool RunJournal::goesOnInPlace() const {
    const std::string &from = m_plan.options.resumeFrom, &to = m_plan.options.runFolder;
    std::error_code ignored;
    return !from.empty() && (from == to || std::filesystem::equivalent(from, to, ignored));
}

Status RunJournal::takeBestAlong() const {
    namespace fs = std::filesystem;
    if (m_plan.options.resumeFrom.empty()) return {};
    const fs::path from = fs::path(m_plan.options.resumeFrom) / "weights" / "best.pth";
    const std::string to = path("weights/best.pth");
    std::error_code ignored;
    if (!fs::is_regular_file(from, ignored) || fs::exists(to, ignored)) return {};
    const Result<std::string> bytes = readFile(from.string());
    if (!bytes) return bytes.error();
    return writeFileAtomically(to, *bytes);
}

Status RunJournal::publish(const RunEvent& event) {
    m_log.append(event);
    if (!m_writer) return {};
    m_writer->write(event);
    Status status = m_writer->problem();
    if (!status) m_writer.reset();
    return status;
}

void RunJournal::publishLast(const RunEvent& event) {
    m_log.append(event);
    if (m_writer) m_writer->write(event);
}

void RunJournal::flush() {
    if (m_writer) m_writer->flush();
}

void RunJournal::close() {
    flush();
    m_writer.reset();
    if (m_plan.claim) m_plan.claim->release();
}

std::string RunJournal::checkpointToContinue() const {
    if (m_plan.options.resumeFrom.empty()) return {};
    const std::string file = m_plan.options.resumeFrom + "/" + kCheckpoint;
    std::error_code ignored;
    return std::filesystem::exists(file, ignored) ? file : std::string();
}

Status RunJournal::saveWeights(const std::string& name, const Weights& weights) const {
    return saveStateDict(path("weights/" + name + ".pth"), weights);
}

Status RunJournal::saveSplit(const Dict& indices) const {
    if (!hasFolder() || indices.empty()) return {};
    return writeFileAtomically(path("split.json"), printJson(Value(indices)));
}

}  // namespace loom
