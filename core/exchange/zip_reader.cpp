#include "core/exchange/zip_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <memory>

namespace loom {
namespace {

std::uint32_t littleEndian(const std::string& bytes, std::size_t at, int width) {
    std::uint32_t value = 0;
    for (int i = width - 1; i >= 0; --i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
}

/// Checksums by entry name from the central directory; libarchive checks only those it finds in
/// front.
std::map<std::string, std::uint32_t> checksums(const std::string& bytes) {
    std::map<std::string, std::uint32_t> sums;
    const std::size_t end = bytes.rfind(std::string("PK\x05\x06", 4));
    if (end == std::string::npos || end + 22 > bytes.size()) return sums;
    std::size_t at = littleEndian(bytes, end + 16, 4);
    while (at + 46 <= bytes.size() && bytes.compare(at, 4, std::string("PK\x01\x02", 4)) == 0) {
        const std::size_t name = littleEndian(bytes, at + 28, 2),
                          extra = littleEndian(bytes, at + 30, 2),
                          comment = littleEndian(bytes, at + 32, 2);
        if (at + 46 + name > bytes.size()) break;
        sums[bytes.substr(at + 46, name)] = littleEndian(bytes, at + 16, 4);
        at += 46 + name + extra + comment;
    }
    return sums;
}

}  // namespace

Result<std::map<std::string, std::string>> readZip(const std::string& path,
                                                   const std::string& bytes) {
    const auto damaged = [&](const std::string& why) {
        return Error{path + " is damaged: " + why + ".",
                     "Take another copy of the file, or save it again."};
    };
    const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
    archive_read_support_format_zip_seekable(reader.get());
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        return damaged("its list of contents cannot be read");
    const auto sums = checksums(bytes);
    std::map<std::string, std::string> entries;
    std::uint64_t total = 0;
    archive_entry* entry = nullptr;
    while (true) {
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) break;
        if (status != ARCHIVE_OK) return damaged("its list of contents cannot be read");
        const char* name = archive_entry_pathname_utf8(entry);
        if (!name) name = archive_entry_pathname(entry);
        if (!name) return damaged("an entry has no name");
        std::string content;
        std::string chunk(1 << 20, '\0');
        while (true) {
            const la_ssize_t count = archive_read_data(reader.get(), chunk.data(), chunk.size());
            if (count < 0)
                return damaged("the entry " + std::string(name) + " cannot be read to its end");
            if (count == 0) break;
            total += static_cast<std::uint64_t>(count);
            // PyTorch stores without compression, so honest entries are never larger than the file.
            if (total > bytes.size() * 20 + (1 << 20))
                return damaged("its entries are larger than such a file can hold");
            content.append(chunk.data(), static_cast<std::size_t>(count));
        }
        const auto sum = sums.find(name);
        if (sum != sums.end() &&
            sum->second !=
                crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()))
            return damaged("the checksum of its entry " + std::string(name) + " is wrong");
        entries[name] = std::move(content);
    }
    if (entries.empty()) return damaged("it is empty or cut off");
    return entries;
}

}  // namespace loom
