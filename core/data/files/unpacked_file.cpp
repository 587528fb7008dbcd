#include "core/data/files/unpacked_file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/errno_text.h"
#include "core/base/files.h"
#include "core/data/files/disk_space.h"

namespace loom {

namespace {

const std::string kMark = ".unpacking";

/// What a program left that was ended while it unpacked: its number is in the name.
void removeLeftOver(const std::filesystem::path& place) {
    const std::string begin = place.filename().string() + kMark;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(place.parent_path(), code)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(begin)) continue;
        const int owner = std::atoi(name.c_str() + begin.size());
        if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) ::unlink(entry.path().c_str());
    }
}

}  // namespace

struct UnpackedFile::Inflater {
    z_stream stream = {};
    bool ended = false;
    std::string piece = std::string(std::size_t(1) << 18, '\0');
    // 16: gzip's frame, whose checksum zlib verifies.
    Inflater() { inflateInit2(&stream, 16 + MAX_WBITS); }
    ~Inflater() { inflateEnd(&stream); }
};

std::int64_t UnpackedFile::largest(const PackedFile& file) {
    return file.bytes > 0 ? file.bytes + file.bytes / 4 + (1 << 20) : std::int64_t(1) << 30;
}

UnpackedFile::UnpackedFile(const PackedFile& file, const std::string& root, bool packed)
    : m_path(root + "/" + file.path), m_limit(largest(file)) {
    static std::atomic<int> counter = 0;
    m_temporary = m_path + kMark + std::to_string(::getpid()) + "-" + std::to_string(++counter);
    if (packed) m_inflater = std::make_unique<Inflater>();
}

UnpackedFile::~UnpackedFile() {
    if (m_file >= 0) ::close(m_file);
    if (!m_temporary.empty()) ::unlink(m_temporary.c_str());
}

Error UnpackedFile::systemError(int code) const {
    return Error{m_path + " cannot be written: " + errnoText(code) + ".",
                 code == ENOSPC
                     ? "Free some space, or choose another folder with root."
                     : "Mend the folder's permissions, or choose another one with root."};
}

Status UnpackedFile::open() {
    if (auto made = makeFolder(std::filesystem::path(m_path).parent_path().string()); !made)
        return made;
    removeLeftOver(m_path);
    m_file = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return m_file < 0 ? Status(systemError(errno)) : Status();
}

Status UnpackedFile::put(std::string_view bytes, const std::string& archive) {
    m_bytes += static_cast<std::int64_t>(bytes.size());
    if (m_bytes > m_limit)
        return Error{archive + " is refused: " + m_path.substr(m_path.find_last_of('/') + 1) +
                         " unpacks to more than " + bytesText(m_limit) +
                         ", far more than it has in the data set.",
                     "It is not what its publisher offers. Fetch it again from there."};
    while (!bytes.empty()) {
        const ssize_t count = ::write(m_file, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return systemError(errno);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Status UnpackedFile::inflateMore(std::string_view bytes, const std::string& archive) {
    z_stream& stream = m_inflater->stream;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    while (!m_inflater->ended && (stream.avail_in > 0 || stream.avail_out == 0)) {
        stream.next_out = reinterpret_cast<Bytef*>(m_inflater->piece.data());
        stream.avail_out = static_cast<uInt>(m_inflater->piece.size());
        const int status = inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return Error{archive + " is damaged: what it holds of " +
                             m_path.substr(m_path.find_last_of('/') + 1) + " cannot be unpacked.",
                         "Fetch it again."};
        m_inflater->ended = status == Z_STREAM_END;
        const std::size_t count = m_inflater->piece.size() - stream.avail_out;
        if (auto done = put({m_inflater->piece.data(), count}, archive); !done) return done;
        if (status == Z_BUF_ERROR) break;
    }
    return {};
}

Status UnpackedFile::write(std::string_view bytes, const std::string& archive) {
    return m_inflater ? inflateMore(bytes, archive) : put(bytes, archive);
}

Status UnpackedFile::finish(const std::string& archive) {
    if (m_inflater && !m_inflater->ended)
        return Error{archive + " is damaged: what it holds of " +
                         m_path.substr(m_path.find_last_of('/') + 1) + " ends too early.",
                     "Fetch it again."};
    if (::fsync(m_file) != 0 && errno != EINVAL) return systemError(errno);
    return ::close(std::exchange(m_file, -1)) == 0 ? Status() : Status(systemError(errno));
}

Status UnpackedFile::commit() {
    if (::rename(m_temporary.c_str(), m_path.c_str()) != 0) return systemError(errno);
    m_temporary.clear();
    return {};
}

}  // namespace loom
