#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"

namespace loom {

/// A file of which a part may be there already, held open and locked against other programs.
class PartFile {
public:
    explicit PartFile(std::string path);
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    Status open();
    std::int64_t bytes() const { return m_bytes; }
    /// False where the disk refuses; `error` says why.
    bool append(const char* data, std::size_t count);
    bool clear();
    Error error() const;
    Status flush();
    /// Gives the part its final name.
    Status moveTo(const std::string& path);
    void remove();
    const std::string& path() const { return m_path; }

private:
    std::string m_path;
    std::int64_t m_bytes = 0;
    int m_file = -1;
    int m_code = 0;
};

/// How one request went.
struct TransferResult {
    enum class End {
        Whole,        ///< all that the server has is in the part
        Interrupted,  ///< the connection broke; it is worth asking again
        Refused,      ///< this address does not have it, or cannot be reached
        DiskFailed,
        Stopped  ///< by the caller
    };
    End end = End::Refused;
    std::string reason = {};  ///< "the server answers 404, not found"
};

/// Asks `url` for what is missing of the part: from its end on where the server can do so, else
/// from the beginning again. `goOn` gets the bytes there are and the bytes there will be (0: not
/// known).
TransferResult transfer(const std::string& url, PartFile& part, std::int64_t largest,
                        long connectSeconds, long stallSeconds,
                        const std::function<bool(std::int64_t, std::int64_t)>& goOn);

}  // namespace loom
