#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace loom {

/// Bytes in order, for readers of formats.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Up to `count` bytes; fewer only at the end, or where what follows is damaged or cut off.
    virtual std::size_t read(void* to, std::size_t count) = 0;
    /// Whether reading ended at damage instead of the end.
    virtual bool isBroken() const { return false; }
    /// More cannot come in all, so that nobody makes room for what a header merely claims.
    virtual std::uint64_t mostBytes() const = 0;
    /// False where fewer bytes are left.
    bool skip(std::uint64_t count);
};

class MemorySource : public ByteSource {
public:
    explicit MemorySource(std::string_view bytes) : m_rest(bytes), m_size(bytes.size()) {}
    std::size_t read(void* to, std::size_t count) override;
    std::uint64_t mostBytes() const override { return m_size; }

private:
    std::string_view m_rest;
    std::uint64_t m_size;
};

/// A file; one packed by gzip comes out unpacked, with its checksum verified at its end.
class FileSource : public ByteSource {
public:
    explicit FileSource(const std::string& path);
    ~FileSource() override;
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;
    bool isOpen() const { return m_file; }
    std::size_t read(void* to, std::size_t count) override;
    bool isBroken() const override { return m_broken; }
    std::uint64_t mostBytes() const override;
    /// Bytes of the file read so far, as it lies on the disk.
    std::int64_t position() const;

private:
    gzFile m_file;
    std::uint64_t m_size = 0;
    bool m_broken = false;
};

/// What `packedBytes` bytes of zlib's form in another source unpack to.
class InflatingSource : public ByteSource {
public:
    InflatingSource(ByteSource& from, std::uint64_t packedBytes);
    ~InflatingSource() override;
    InflatingSource(const InflatingSource&) = delete;
    InflatingSource& operator=(const InflatingSource&) = delete;
    std::size_t read(void* to, std::size_t count) override;
    bool isBroken() const override { return m_broken; }
    std::uint64_t mostBytes() const override;
    /// Goes to the end, where the checksum is, and past it in the other source. False where it is
    /// damaged, or where more than `atMost` bytes come out.
    bool finish(std::uint64_t atMost);

private:
    ByteSource& m_from;
    std::uint64_t m_packedLeft;
    std::uint64_t m_most;
    z_stream m_stream = {};
    std::string m_piece;
    bool m_ended = false;
    bool m_broken = false;
};

}  // namespace loom
