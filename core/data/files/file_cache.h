#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace loom {

/// When a file or folder last changed, as far as the file system tells; links are followed.
struct FileStamp {
    bool there = false;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    std::uint64_t bytes = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

FileStamp fileStamp(const std::string& path);

/// Remembers what reading files gave until one of them changes: a project is checked at every
/// edit, and then each file may cost no more than one look at the disk.
///
/// Threads: any; while one caller reads, the others wait for what it finds.
template <class T>
class FileCache {
public:
    /// Of more than `capacity` answers the one that was not asked for longest is forgotten.
    explicit FileCache(std::size_t capacity = 64) : m_capacity(capacity) {}

    /// `read()`, or what it gave last time for this key if none of `paths` has changed since.
    T get(const std::string& key, const std::vector<std::string>& paths,
          const std::function<T()>& read) {
        std::vector<FileStamp> stamps;
        for (const std::string& path : paths) stamps.push_back(fileStamp(path));
        const std::lock_guard lock(m_mutex);
        for (auto entry = m_entries.begin(); entry != m_entries.end(); ++entry) {
            if (entry->key != key) continue;
            if (entry->stamps == stamps) {
                m_entries.splice(m_entries.begin(), m_entries, entry);
                return m_entries.front().value;
            }
            m_entries.erase(entry);
            break;
        }
        T value = read();
        m_entries.push_front({key, std::move(stamps), value});
        if (m_entries.size() > m_capacity) m_entries.pop_back();
        return value;
    }

private:
    struct Entry {
        std::string key;
        std::vector<FileStamp> stamps;
        T value;
    };
    std::mutex m_mutex;
    std::list<Entry> m_entries;
    std::size_t m_capacity;
};

}  // namespace loom
