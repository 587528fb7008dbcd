#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/data/dataset.h"

namespace loom {

/// A file on its way out of an archive: written under another name beside its place, so that it is
/// there only when it is whole. Without `commit` nothing is left of it.
class UnpackedFile {
public:
    /// `packed`: what is written to it are gzip's bytes, to be unpacked on the way.
    UnpackedFile(const PackedFile& file, const std::string& root, bool packed);
    ~UnpackedFile();
    UnpackedFile(const UnpackedFile&) = delete;
    UnpackedFile& operator=(const UnpackedFile&) = delete;

    /// What a file may have at most, so that an archive cannot fill the disk.
    static std::int64_t largest(const PackedFile& file);

    Status open();
    Status write(std::string_view bytes, const std::string& archive);
    /// Flushes; an error where packed bytes end too early.
    Status finish(const std::string& archive);
    Status commit();

private:
    Status put(std::string_view bytes, const std::string& archive);
    Status inflateMore(std::string_view bytes, const std::string& archive);
    Error systemError(int code) const;

    struct Inflater;
    std::string m_path;
    std::string m_temporary;
    std::int64_t m_limit;
    std::int64_t m_bytes = 0;
    int m_file = -1;
    std::unique_ptr<Inflater> m_inflater;
};

}  // namespace loom
