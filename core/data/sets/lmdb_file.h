#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace loom {

/// A data base file of LMDB, read with every offset checked: what a memory-mapped library would
/// follow into nowhere is an error here.
///
/// Threads: any, once open.
class LmdbFile {
public:
    /// Reads that many bytes at an offset of the file; false when they are not there.
    using ReadAt = std::function<bool(std::uint64_t offset, void* into, std::size_t size)>;

    static Result<std::shared_ptr<const LmdbFile>> open(const std::string& path);
    /// The same on anything that can be read; `name` is what errors call it.
    static Result<std::shared_ptr<const LmdbFile>> open(ReadAt read, std::uint64_t bytes,
                                                        const std::string& name);

    /// As the file's head says.
    std::uint64_t entryCount() const { return m_entries; }
    /// Where each entry lies, in the order of the keys: for `key` and `value`.
    Result<std::vector<std::uint64_t>> entries() const;
    Result<std::string> key(std::uint64_t entry) const;
    Result<std::string> value(std::uint64_t entry) const;

private:
    LmdbFile(ReadAt read, std::uint64_t bytes, std::string name)
        : m_read(std::move(read)), m_bytes(bytes), m_name(std::move(name)) {}
    struct Node;
    Status readHead();
    Status readPage(std::uint64_t number, std::string& page) const;
    Result<Node> nodeAt(std::uint64_t entry) const;
    Error damaged(const std::string& why) const;

    ReadAt m_read;
    std::uint64_t m_bytes = 0;
    std::string m_name;
    std::uint64_t m_pageSize = 0;
    std::uint64_t m_entries = 0;
    std::uint64_t m_root = 0;
    std::uint32_t m_depth = 0;
};

}  // namespace loom
