#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace loom {

/// The MD5 of bytes that come in pieces, as publishers of data sets print it. It tells a broken
/// file from a whole one; it is no defence against malice.
class Md5 {
public:
    Md5();
    ~Md5();
    Md5(const Md5&) = delete;
    Md5& operator=(const Md5&) = delete;
    void add(std::string_view bytes);
    /// 32 lower-case digits; nothing can be added afterwards.
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// The MD5 of a file. `goOn` is told how many bytes are done, a few times a second; false ends it
/// with an error.
Result<std::string> md5OfFile(const std::string& path,
                              const std::function<bool(std::int64_t)>& goOn = {});

/// The same, computed once: results are kept in the user's cache folder as long as the file's size
/// and time stay.
Result<std::string> md5OfFileOnce(const std::string& path,
                                  const std::function<bool(std::int64_t)>& goOn = {});
/// What the above would say, if it need not compute.
std::optional<std::string> rememberedMd5(const std::string& path);

}  // namespace loom
