#include "core/train/run_journal.h"

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/exchange/torch_file.h"

namespace loom {

Status RunJournal::open() {
    if (!hasFolder()) return {};
    if (auto made = makeFolder(m_plan.options.runFolder); !made) return made;
    m_writer = std::make_unique<RunFolderWriter>(m_plan,
                                                 currentEnvironment(m_plan.threads, m_plan.device));
    if (auto opened = m_writer->open(); !opened) return opened;
    for (const char* folder : {"weights", "checkpoints"})
        if (auto made = makeFolder(path(folder)); !made) return made;
    return {};
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
}

Status RunJournal::saveWeights(const std::string& name, const Weights& weights) const {
    return saveStateDict(path("weights/" + name + ".pth"), weights);
}

Status RunJournal::saveSplit(const Dict& indices) const {
    if (!hasFolder() || indices.empty()) return {};
    return writeFileAtomically(path("split.json"), printJson(Value(indices)));
}

}  // namespace loom
