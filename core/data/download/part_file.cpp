#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/base/errno_text.h"
#include "core/data/download/transfer.h"

namespace loom {

PartFile::PartFile(std::string path) : m_path(std::move(path)) {}

PartFile::~PartFile() {
    if (m_file >= 0) ::close(m_file);
}

Error PartFile::error() const {
    return Error{m_path + " cannot be written: " + errnoText(m_code) + ".",
                 m_code == ENOSPC || m_code == EDQUOT
                     ? "Free some space and try again: what has come is kept. Or choose another "
                       "folder with root."
                     : "Mend the folder's permissions, or choose another one with root."};
}

Status PartFile::open() {
    m_file = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (m_file < 0) {
        m_code = errno;
        return error();
    }
    if (::flock(m_file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return Error{m_path + " is being fetched by another program.",
                     "Wait until that has ended, then try again."};
    struct stat info = {};
    if (::fstat(m_file, &info) == 0 && S_ISREG(info.st_mode)) m_bytes = info.st_size;
    return {};
}

bool PartFile::append(const char* data, std::size_t count) {
    while (count > 0) {
        const ssize_t written = ::write(m_file, data, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            m_code = errno;
            return false;
        }
        data += written;
        count -= static_cast<std::size_t>(written);
        m_bytes += written;
    }
    return true;
}

bool PartFile::clear() {
    if (::ftruncate(m_file, 0) != 0 && m_bytes > 0) {
        m_code = errno;
        return false;
    }
    m_bytes = 0;
    return true;
}

Status PartFile::flush() {
    if (::fsync(m_file) == 0 || errno == EINVAL || errno == EROFS) return {};
    m_code = errno;
    return error();
}

Status PartFile::moveTo(const std::string& path) {
    if (::rename(m_path.c_str(), path.c_str()) == 0) return {};
    m_code = errno;
    return error();
}

void PartFile::remove() {
    ::unlink(m_path.c_str());
}

}  // namespace loom
