#include "core/data/files/checksum.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <sstream>
#include <system_error>
#include <vector>

#include "core/base/errno_text.h"
#include "core/base/files.h"

namespace loom {

struct Md5::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Md5::Md5() : m_state(std::make_unique<State>()) {
    // Not for security: allowed where the system's policy forbids MD5 for that.
    EVP_MD_CTX_set_flags(m_state->context, EVP_MD_CTX_FLAG_NON_FIPS_ALLOW);
    EVP_DigestInit_ex(m_state->context, EVP_md5(), nullptr);
}

Md5::~Md5() = default;

void Md5::add(std::string_view bytes) {
    EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size());
}

std::string Md5::hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_DigestFinal_ex(m_state->context, digest, &length);
    std::string text;
    for (unsigned int i = 0; i < length; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4];
        text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
}

namespace {

constexpr std::size_t kPiece = std::size_t(1) << 20;
constexpr std::int64_t kLongest = 1 << 19;

/// What a file must still have for its checksum to hold, and the key it is kept under.
std::string stampOf(const std::string& path) {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0) return {};
    std::error_code code;
    const std::string whole = std::filesystem::absolute(path, code).lexically_normal().string();
    if (code || whole.find('\n') != std::string::npos) return {};
    return std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) + "." +
           std::to_string(info.st_mtim.tv_nsec) + " " + whole;
}

std::string memoryPath() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    return (cache && *cache ? std::string(cache) : expandHome("~/.cache")) +
           "/torchloom/checksums.txt";
}

std::mutex& memoryMutex() {
    static std::mutex mutex;
    return mutex;
}

/// Lines of "md5 size time path", the newest last. Under the mutex; kept while the file stays.
const std::vector<std::string>& readMemory() {
    static std::vector<std::string> lines;
    static std::string stamp;
    const std::string now = stampOf(memoryPath());
    if (now == stamp && !now.empty()) return lines;
    lines.clear();
    stamp = now;
    const auto text = readFile(memoryPath(), std::uint64_t(4) << 20);
    if (!text) return lines;
    std::istringstream stream(*text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

void remember(const std::string& stamp, const std::string& md5) {
    const std::lock_guard lock(memoryMutex());
    const std::string to = memoryPath();
    const std::string line = md5 + " " + stamp + "\n";
    // A cache that cannot be written only costs time: the sum is computed again.
    if (!makeFolder(std::filesystem::path(to).parent_path().string())) return;
    if (const int file = ::open(to.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        file >= 0) {
        const ssize_t written = ::write(file, line.data(), line.size());
        struct stat info = {};
        const bool isLong = written > 0 && ::fstat(file, &info) == 0 && info.st_size > kLongest;
        ::close(file);
        if (!isLong) return;
        const std::vector<std::string>& lines = readMemory();
        std::string text;
        for (std::size_t i = lines.size() / 2; i < lines.size(); ++i) text += lines[i] + "\n";
        static_cast<void>(writeFileAtomically(to, text).ok());
    }
}

}  // namespace

Result<std::string> md5OfFile(const std::string& path,
                              const std::function<bool(std::int64_t)>& goOn) {
    const auto fail = [&](int code) {
        return Error{path + " cannot be read: " + errnoText(code) + ".",
                     "Check the path and its permissions."};
    };
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail(errno);
    Md5 sum;
    std::string piece(kPiece, '\0');
    std::int64_t done = 0;
    while (true) {
        const ssize_t count = ::read(file, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            const int code = errno;
            ::close(file);
            if (count < 0) return fail(code);
            return sum.hex();
        }
        sum.add({piece.data(), static_cast<std::size_t>(count)});
        done += count;
        if (goOn && !goOn(done)) {
            ::close(file);
            return Error{"Checking " + path + " was stopped."};
        }
    }
}

std::optional<std::string> rememberedMd5(const std::string& path) {
    const std::string stamp = stampOf(path);
    if (stamp.empty()) return std::nullopt;
    const std::lock_guard lock(memoryMutex());
    for (const std::string& line : readMemory())
        if (line.size() == 33 + stamp.size() && line.ends_with(stamp)) return line.substr(0, 32);
    return std::nullopt;
}

Result<std::string> md5OfFileOnce(const std::string& path,
                                  const std::function<bool(std::int64_t)>& goOn) {
    if (const auto known = rememberedMd5(path)) return *known;
    const std::string before = stampOf(path);
    auto sum = md5OfFile(path, goOn);
    if (sum && !before.empty() && stampOf(path) == before) remember(before, *sum);
    return sum;
}

}  // namespace loom
