#include "core/data/files/byte_source.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace loom {
namespace {

/// Deflate shrinks at most 1032-fold.
constexpr std::uint64_t kMostShrinking = 1032;
constexpr std::size_t kLongest = std::size_t(1) << 30;

std::uint64_t mostUnpacked(std::uint64_t packed) {
    return packed > UINT64_MAX / kMostShrinking - 64 ? UINT64_MAX : packed * kMostShrinking + 64;
}

}  // namespace

bool ByteSource::skip(std::uint64_t count) {
    std::array<char, 4096> piece;
    while (count > 0) {
        const std::size_t part = std::min<std::uint64_t>(count, piece.size());
        if (read(piece.data(), part) < part) return false;
        count -= part;
    }
    return true;
}

std::size_t MemorySource::read(void* to, std::size_t count) {
    const std::size_t part = std::min(count, m_rest.size());
    if (part > 0) std::memcpy(to, m_rest.data(), part);
    m_rest.remove_prefix(part);
    return part;
}

FileSource::FileSource(const std::string& path) : m_file(gzopen(path.c_str(), "rb")) {
    if (!m_file) return;
    gzbuffer(m_file, 1 << 18);
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    m_size = code ? 0 : size;
}

FileSource::~FileSource() {
    if (m_file) gzclose_r(m_file);
}

std::size_t FileSource::read(void* to, std::size_t count) {
    std::size_t done = 0;
    while (m_file && done < count) {
        const int got = gzread(m_file, static_cast<char*>(to) + done,
                               static_cast<unsigned>(std::min(count - done, kLongest)));
        if (got > 0) {
            done += static_cast<std::size_t>(got);
            continue;
        }
        int state = Z_OK;
        gzerror(m_file, &state);
        m_broken = got < 0 || (state != Z_OK && state != Z_STREAM_END);
        break;
    }
    return done;
}

std::uint64_t FileSource::mostBytes() const {
    return !m_file || gzdirect(m_file) ? m_size : mostUnpacked(m_size);
}

std::int64_t FileSource::position() const {
    return gzoffset(m_file);
}

InflatingSource::InflatingSource(ByteSource& from, std::uint64_t packedBytes)
    : m_from(from),
      m_packedLeft(packedBytes),
      m_most(std::min(mostUnpacked(packedBytes), mostUnpacked(from.mostBytes()))),
      m_piece(std::min<std::uint64_t>(packedBytes, std::size_t(1) << 17), '\0') {
    inflateInit(&m_stream);
}

InflatingSource::~InflatingSource() {
    inflateEnd(&m_stream);
}

std::size_t InflatingSource::read(void* to, std::size_t count) {
    std::size_t done = 0;
    while (done < count && !m_ended && !m_broken) {
        if (m_stream.avail_in == 0) {
            const std::size_t part = std::min<std::uint64_t>(m_packedLeft, m_piece.size());
            const std::size_t got = m_from.read(m_piece.data(), part);
            m_packedLeft -= got;
            m_stream.next_in = reinterpret_cast<Bytef*>(m_piece.data());
            m_stream.avail_in = static_cast<uInt>(got);
            if (got == 0) m_broken = true;
        }
        const auto room = static_cast<uInt>(std::min(count - done, kLongest));
        m_stream.next_out = static_cast<Bytef*>(to) + done;
        m_stream.avail_out = room;
        const int status = inflate(&m_stream, Z_NO_FLUSH);
        done += room - m_stream.avail_out;
        m_ended = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) m_broken = true;
    }
    return done;
}

std::uint64_t InflatingSource::mostBytes() const {
    return m_most;
}

bool InflatingSource::finish(std::uint64_t atMost) {
    std::array<char, 4096> piece;
    std::uint64_t more = 0;
    while (const std::size_t got = read(piece.data(), piece.size()))
        if ((more += got) > atMost) return false;
    return m_ended && !m_broken && m_from.skip(m_packedLeft);
}

}  // namespace loom
