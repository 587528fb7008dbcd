#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace loom {

/// A file that only grows. Bytes gather in memory until flush(), so that adding to it costs a
/// training step nothing.
///
/// Errors: the first failed write is kept in status(); later calls do nothing.
class AppendFile {
public:
    AppendFile() = default;
    ~AppendFile();
    AppendFile(const AppendFile&) = delete;
    AppendFile& operator=(const AppendFile&) = delete;

    /// Opens `path` behind what it holds, or makes it.
    Status open(const std::string& path);
    void add(std::string_view bytes) { m_waiting += bytes; }
    Status flush();
    void close();
    bool isOpen() const { return m_file != nullptr; }
    const Status& status() const { return m_status; }

private:
    std::FILE* m_file = nullptr;
    std::string m_path;
    std::string m_waiting;
    Status m_status;
};

/// Why a file could not be written, for errno `code`.
Error writeError(const std::string& path, int code);

}  // namespace loom
