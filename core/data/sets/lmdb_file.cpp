#include "core/data/sets/lmdb_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/shape.h"

namespace loom {
namespace {

// Source: the structures of LMDB 0.9's mdb.c (MDB_meta, MDB_db, MDB_page, MDB_node), as a 64-bit
// machine writes them, lowest byte first.
constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kPageHeader = 16;
constexpr std::uint64_t kMetaBytes = 136;
constexpr std::uint64_t kNoPage = ~std::uint64_t(0);
constexpr std::uint64_t kNodeHeader = 8;
constexpr std::uint32_t kDeepest = 32;
constexpr std::uint64_t kMaximumValue = std::uint64_t(1) << 30;

enum PageFlag : std::uint16_t { kBranch = 1, kLeaf = 2, kOverflow = 4, kLeaf2 = 0x20 };
enum NodeFlag : std::uint16_t { kBigData = 1, kSubData = 2, kSeveral = 4 };

template <class T>
T number(const char* bytes) {
    T value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor() {
        if (m_fd >= 0) ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }

private:
    int m_fd;
};

bool readFully(int fd, std::uint64_t offset, char* into, std::size_t size) {
    while (size > 0) {
        const ssize_t got = ::pread(fd, into, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        into += got;
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

}  // namespace

/// What stands before an entry's key.
struct LmdbFile::Node {
    std::uint64_t keyAt = 0;
    std::uint16_t keyBytes = 0;
    std::uint16_t flags = 0;
    std::uint32_t valueBytes = 0;
};

Result<std::shared_ptr<const LmdbFile>> LmdbFile::open(const std::string& path) {
    const auto file =
        std::make_shared<const Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info = {};
    if (file->get() < 0 || ::fstat(file->get(), &info) != 0)
        return Error{path + " cannot be read: " + std::strerror(errno) + ".",
                     "Check the path and its permissions."};
    return open(
        [file](std::uint64_t offset, void* into, std::size_t size) {
            return readFully(file->get(), offset, static_cast<char*>(into), size);
        },
        static_cast<std::uint64_t>(info.st_size), path);
}

Result<std::shared_ptr<const LmdbFile>> LmdbFile::open(ReadAt read, std::uint64_t bytes,
                                                       const std::string& name) {
    const std::shared_ptr<LmdbFile> file(new LmdbFile(std::move(read), bytes, name));
    if (auto head = file->readHead(); !head) return head.error();
    return std::shared_ptr<const LmdbFile>(file);
}

Error LmdbFile::damaged(const std::string& why) const {
    return Error{m_name + " is damaged: " + why + ".", "Fetch the data base again."};
}

Status LmdbFile::readHead() {
    char meta[kPageHeader + kMetaBytes];
    std::uint64_t newest = 0;
    bool found = false;
    // The two heads take turns; the one with the later transaction counts.
    for (std::uint64_t page = 0; page < 2; ++page) {
        const std::uint64_t at = page * m_pageSize;
        if (at + sizeof meta > m_bytes || !m_read(at, meta, sizeof meta)) {
            if (page == 0) return damaged("it ends within its head");
            break;
        }
        const char* m = meta + kPageHeader;
        if (number<std::uint32_t>(m) != kMagic) {
            if (page == 0)
                return Error{m_name + " is not an LMDB data base: it does not begin like one.",
                             "Fetch the file again."};
            break;
        }
        if (const auto version = number<std::uint32_t>(m + 4); version != kVersion)
            return Error{m_name + " is of version " + std::to_string(version & 0xFFFF) +
                             " of LMDB's format; version 1 can be read.",
                         "Write it again with LMDB 0.9."};
        if (page == 0) {
            m_pageSize = number<std::uint32_t>(m + 24);
            if (m_pageSize < 256 || m_pageSize > 65536 || (m_pageSize & (m_pageSize - 1)) != 0)
                return damaged("its pages are said to have " + std::to_string(m_pageSize) +
                               " bytes");
        }
        const auto transaction = number<std::uint64_t>(m + 128);
        if (found && transaction <= newest) continue;
        found = true;
        newest = transaction;
        const char* db = m + 72;
        if (number<std::uint16_t>(db + 4) & 0x04)
            return Error{m_name + " holds several values for one key, but pictures have one each.",
                         "Fetch the data base again."};
        m_depth = number<std::uint16_t>(db + 6);
        m_entries = number<std::uint64_t>(db + 32);
        m_root = number<std::uint64_t>(db + 40);
        const auto lastPage = number<std::uint64_t>(m + 120);
        if (lastPage >= m_bytes / m_pageSize)
            return Error{m_name + " is cut off: it should have " +
                             groupDigits(static_cast<std::int64_t>(lastPage) + 1) + " pages of " +
                             std::to_string(m_pageSize) + " bytes, but has " +
                             groupDigits(static_cast<std::int64_t>(m_bytes)) + " bytes.",
                         "Fetch the data base again."};
        if (m_depth > kDeepest) return damaged("its tree is said to be deeper than any");
        if (m_entries > m_bytes / kNodeHeader) return damaged("it cannot hold what it says");
    }
    return {};
}

Status LmdbFile::readPage(std::uint64_t page, std::string& bytes) const {
    if (page >= m_bytes / m_pageSize || !m_read(page * m_pageSize, bytes.data(), bytes.size()))
        return damaged("page " + std::to_string(page) + " is not there");
    if (number<std::uint64_t>(bytes.data()) != page)
        return damaged("page " + std::to_string(page) + " bears another number");
    return {};
}

Result<std::vector<std::uint64_t>> LmdbFile::entries() const {
    std::vector<std::uint64_t> found;
    if (m_root == kNoPage) return found;
    struct Level {
        std::string page;
        std::uint64_t number = 0;
        std::size_t next = 0;
    };
    std::vector<Level> levels;
    std::uint64_t visited = 0;
    const auto enter = [&](std::uint64_t page) -> Status {
        if (levels.size() > kDeepest || ++visited > m_bytes / m_pageSize)
            return damaged("its pages point in circles");
        Level level{std::string(m_pageSize, '\0'), page, 0};
        if (auto read = readPage(page, level.page); !read) return read;
        levels.push_back(std::move(level));
        return {};
    };
    if (auto status = enter(m_root); !status) return status.error();
    found.reserve(m_entries);
    while (!levels.empty()) {
        Level& level = levels.back();
        const char* page = level.page.data();
        const auto flags = number<std::uint16_t>(page + 10);
        const std::uint64_t lower = number<std::uint16_t>(page + 12);
        if (!(flags & (kBranch | kLeaf)) || (flags & (kLeaf2 | kOverflow)) || lower < kPageHeader ||
            lower > m_pageSize)
            return damaged("page " + std::to_string(level.number) + " is of no known kind");
        if (level.next >= (lower - kPageHeader) / 2) {
            levels.pop_back();
            continue;
        }
        const std::uint64_t node = number<std::uint16_t>(page + kPageHeader + 2 * level.next++);
        if (node < lower || node + kNodeHeader > m_pageSize)
            return damaged("an entry of page " + std::to_string(level.number) +
                           " lies outside of it");
        if (flags & kLeaf) {
            if (found.size() >= m_entries) return damaged("it holds more entries than it says");
            found.push_back(level.number * m_pageSize + node);
            continue;
        }
        const std::uint64_t child = number<std::uint32_t>(page + node) |
                                    std::uint64_t(number<std::uint16_t>(page + node + 4)) << 32;
        if (auto status = enter(child); !status) return status.error();
    }
    if (found.size() != m_entries)
        return damaged("it says it holds " + groupDigits(static_cast<std::int64_t>(m_entries)) +
                       " entries, but " + groupDigits(static_cast<std::int64_t>(found.size())) +
                       " are found");
    return found;
}

Result<LmdbFile::Node> LmdbFile::nodeAt(std::uint64_t entry) const {
    char head[kNodeHeader];
    if (!m_read(entry, head, sizeof head)) return damaged("an entry is not there");
    const Node node{entry + kNodeHeader, number<std::uint16_t>(head + 6),
                    number<std::uint16_t>(head + 4), number<std::uint32_t>(head)};
    const std::uint64_t inPage = node.flags & kBigData ? 8 : node.valueBytes;
    if (entry % m_pageSize + kNodeHeader + node.keyBytes + inPage > m_pageSize)
        return damaged("an entry reaches beyond its page");
    if (node.flags & (kSubData | kSeveral)) return damaged("an entry holds a data base of its own");
    return node;
}

Result<std::string> LmdbFile::key(std::uint64_t entry) const {
    const auto node = nodeAt(entry);
    if (!node) return node.error();
    std::string key(node->keyBytes, '\0');
    if (!m_read(node->keyAt, key.data(), key.size())) return damaged("a key is not there");
    return key;
}

Result<std::string> LmdbFile::value(std::uint64_t entry) const {
    const auto node = nodeAt(entry);
    if (!node) return node.error();
    std::uint64_t at = node->keyAt + node->keyBytes;
    if (node->flags & kBigData) {
        std::uint64_t page = 0;
        char head[kPageHeader];
        if (!m_read(at, &page, sizeof page) || page >= m_bytes / m_pageSize ||
            !m_read(page * m_pageSize, head, sizeof head) || number<std::uint64_t>(head) != page ||
            !(number<std::uint16_t>(head + 10) & kOverflow) ||
            std::uint64_t(number<std::uint32_t>(head + 12)) * m_pageSize <
                kPageHeader + node->valueBytes)
            return damaged("a value's pages are not there");
        at = page * m_pageSize + kPageHeader;
    }
    if (node->valueBytes > kMaximumValue || at > m_bytes || node->valueBytes > m_bytes - at)
        return damaged("a value reaches beyond the file's end");
    std::string value(node->valueBytes, '\0');
    if (!m_read(at, value.data(), value.size())) return damaged("a value is not there");
    return value;
}

}  // namespace loom
