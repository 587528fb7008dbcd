#include "core/data/download/fetch_file.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "core/base/files.h"
#include "core/base/sentence.h"
#include "core/data/download/transfer.h"
#include "core/data/files/checksum.h"
#include "core/data/files/disk_space.h"
#include "core/data/files/locations.h"

namespace loom {
namespace {

using End = TransferResult::End;

/// The work of one call: address after address, try after try.
class Fetching {
public:
    Fetching(const RemoteFile& file, const std::string& path,
             const std::function<bool(const FetchStep&)>& goOn, const FetchLimits& limits)
        : m_file(file), m_path(path), m_goOn(goOn), m_limits(limits), m_part(path + ".part") {}

    Status run() {
        const std::string folder = std::filesystem::path(m_path).parent_path().string();
        if (auto made = makeFolder(folder); !made) return made;
        if (auto opened = m_part.open(); !opened) return opened;
        for (const std::string& url : m_file.urls) {
            switch (ask(url)) {
                case Outcome::Done:
                    return m_part.moveTo(m_path);
                case Outcome::Stopped:
                    return Error{"Fetching " + m_file.name + " was stopped.",
                                 "What has come is kept in " + m_part.path() +
                                     "; the next time it goes on from there."};
                case Outcome::DiskFailed:
                    return m_diskError;
                case Outcome::NextAddress:
                    break;
            }
        }
        if (m_part.bytes() == 0) m_part.remove();
        return failure();
    }

private:
    enum class Outcome { Done, Stopped, DiskFailed, NextAddress };

    /// Everything that can be got from one address.
    Outcome ask(const std::string& url) {
        bool mayBeginAgain = true;
        for (int fruitless = 0; fruitless < m_limits.attempts;) {
            const std::int64_t before = m_part.bytes();
            const TransferResult got =
                transfer(url, m_part, largest(), m_limits.connectSeconds, m_limits.stallSeconds,
                         [&](std::int64_t bytes, std::int64_t total) {
                             return m_goOn({bytes, total > 0 ? total : m_file.bytes, false});
                         });
            if (got.end == End::Stopped) return Outcome::Stopped;
            if (got.end == End::DiskFailed) return diskFailed(m_part.error());
            if (got.end == End::Refused) return refuse(url, got.reason);
            if (got.end == End::Interrupted) {
                fruitless = m_part.bytes() > before ? 0 : fruitless + 1;
                if (fruitless == m_limits.attempts) return refuse(url, got.reason);
                if (!pause(fruitless)) return Outcome::Stopped;
                continue;
            }
            const auto verdict = check();
            if (verdict != Outcome::NextAddress) return verdict;
            const std::string reason = wrongContents();
            if (!m_part.clear()) return diskFailed(m_part.error());
            // What was there before may have been of another file: once more from the beginning.
            if (before == 0 || !mayBeginAgain) return refuse(url, reason);
            mayBeginAgain = false;
        }
        return Outcome::NextAddress;
    }

    /// NextAddress: what has come is not what was asked for.
    Outcome check() {
        if (auto flushed = m_part.flush(); !flushed) return diskFailed(flushed.error());
        if (m_file.md5.empty()) return m_part.bytes() > 0 ? Outcome::Done : Outcome::NextAddress;
        bool stopped = false;
        const auto sum = md5OfFile(m_part.path(), [&](std::int64_t done) {
            stopped = !m_goOn({done, m_part.bytes(), true});
            return !stopped;
        });
        if (stopped) return Outcome::Stopped;
        if (!sum) return diskFailed(sum.error());
        m_sum = *sum;
        return m_sum == m_file.md5 ? Outcome::Done : Outcome::NextAddress;
    }

    std::string wrongContents() const {
        const auto begin = readFile(m_part.path(), std::uint64_t(1) << 20);
        const bool isPage =
            begin && begin->find("<html") < 2000;  // as the login of a network sends
        return isPage ? "a web page came instead of the file, as networks send that want a login "
                        "first; it was deleted"
                      : "what came has the md5 " + m_sum + " where " + m_file.md5 +
                            " is expected, so it is another file or a damaged one; it was deleted";
    }

    bool pause(int fruitless) {
        const auto until =
            std::chrono::steady_clock::now() + std::chrono::milliseconds(300 << fruitless);
        while (std::chrono::steady_clock::now() < until) {
            if (!m_goOn({m_part.bytes(), m_file.bytes, false})) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return true;
    }

    Outcome refuse(const std::string& url, const std::string& reason) {
        m_reasons.push_back(url + ": " + reason);
        return Outcome::NextAddress;
    }

    Outcome diskFailed(const Error& error) {
        m_diskError = error;
        return Outcome::DiskFailed;
    }

    std::int64_t largest() const {
        return m_file.bytes > 0 ? m_file.bytes + m_file.bytes / 4 + (1 << 20)
                                : std::int64_t(1) << 40;
    }

    Error failure() const {
        std::string message = m_file.name + " could not be fetched";
        if (m_reasons.size() > 1)
            message += " from any of " + std::to_string(m_reasons.size()) + " addresses";
        for (std::size_t i = 0; i < m_reasons.size(); ++i)
            message += (i == 0 ? ": " : "; ") + m_reasons[i];
        const std::string kept =
            m_part.bytes() > 0 ? " The " + bytesText(m_part.bytes()) + " that came are kept." : "";
        return Error{
            message + ".",
            "Check the network connection and try again." + kept +
                " Or fetch the file by hand, with a browser or on another computer, from " +
                joinWords(m_file.urls, "or") + " and put it, packed as it is, into " +
                std::filesystem::absolute(m_path).parent_path().string() + "/."};
    }

    const RemoteFile& m_file;
    const std::string& m_path;
    const std::function<bool(const FetchStep&)>& m_goOn;
    const FetchLimits& m_limits;
    PartFile m_part;
    std::string m_sum;
    Error m_diskError;
    std::vector<std::string> m_reasons;
};

}  // namespace

Status fetchFile(const RemoteFile& file, const std::string& path,
                 const std::function<bool(const FetchStep&)>& goOn, const FetchLimits& limits) {
    return Fetching(file, path, goOn, limits).run();
}

}  // namespace loom
