#include "core/train/append_file.h"

#include <cerrno>
#include <cstring>

namespace loom {

Error writeError(const std::string& path, int code) {
    if (code == ENOSPC || code == EDQUOT)
        return {"\"" + path + "\" could not be written: the disk is full.",
                "Free some space on that disk, then resume the run."};
    return {"\"" + path + "\" could not be written: " + std::strerror(code) + ".",
            "Choose a folder that you may write to."};
}

AppendFile::~AppendFile() {
    close();
}

Status AppendFile::open(const std::string& path) {
    close();
    m_path = path;
    m_status = {};
    m_file = std::fopen(path.c_str(), "ab");
    if (!m_file) m_status = writeError(path, errno);
    // Bytes are gathered here; a second buffer would only hide when a write fails.
    else
        std::setvbuf(m_file, nullptr, _IONBF, 0);
    return m_status;
}

Status AppendFile::flush() {
    if (!m_file || m_waiting.empty() || !m_status) return m_status;
    errno = 0;
    if (std::fwrite(m_waiting.data(), 1, m_waiting.size(), m_file) != m_waiting.size())
        m_status = writeError(m_path, errno ? errno : EIO);
    m_waiting.clear();
    return m_status;
}

void AppendFile::close() {
    if (!m_file) return;
    (void)flush();
    std::fclose(m_file);
    m_file = nullptr;
}

}  // namespace loom
