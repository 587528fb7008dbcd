#include "core/data/download/download.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <system_error>

#include "core/base/sentence.h"
#include "core/data/dataset.h"
#include "core/data/download/fetch_file.h"
#include "core/data/files/archive.h"
#include "core/data/files/checksum.h"
#include "core/data/files/disk_space.h"
#include "core/data/files/locations.h"

namespace loom {
namespace {

using Clock = std::chrono::steady_clock;
using Doing = DownloadProgress::Doing;

/// Bytes a second over the last few seconds.
class Speed {
public:
    double after(std::int64_t bytes) {
        const auto now = Clock::now();
        if (!m_marks.empty() && bytes < m_marks.back().second) m_marks.clear();
        m_marks.emplace_back(now, bytes);
        while (m_marks.size() > 2 && now - m_marks.front().first > std::chrono::seconds(5))
            m_marks.pop_front();
        const double seconds = std::chrono::duration<double>(now - m_marks.front().first).count();
        return seconds > 0 ? static_cast<double>(bytes - m_marks.front().second) / seconds : 0;
    }

private:
    std::deque<std::pair<Clock::time_point, std::int64_t>> m_marks;
};

std::string rootOf(const std::string& root, const Settings& settings) {
    if (!root.empty()) return dataRoots(root).front();
    if (const std::string set = settings.text("root"); !set.empty()) return dataRoots(set).front();
    const char* shared = std::getenv("TORCHLOOM_DATA");
    return shared && *shared ? dataRoots({}).front() : homeDataFolder();
}

std::int64_t sizeOf(const std::string& path) {
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    return code ? -1 : static_cast<std::int64_t>(size);
}

/// The work of one call.
class Download {
public:
    Download(const std::string& kind, std::string root, std::vector<RemoteFile> files,
             const std::function<bool(const DownloadProgress&)>& goOn)
        : m_root(std::move(root)), m_files(std::move(files)), m_goOn(goOn) {
        m_progress.fileCount = static_cast<int>(m_files.size());
        if (const char* mirror = std::getenv("TORCHLOOM_MIRROR"); mirror && *mirror) {
            std::string address = mirror;
            while (address.ends_with('/')) address.pop_back();
            for (RemoteFile& file : m_files)
                file.urls.insert(file.urls.begin(), address + "/" + kind + "/" + file.name);
        }
    }

    /// Whether every file is there, packed or unpacked, so that nothing need be fetched.
    bool hasEverything() {
        for (const RemoteFile& file : m_files)
            if ((file.holds.empty() || !isUnpacked(file)) &&
                !isWhole(pathOf(file), file.md5, file.bytes))
                return false;
        return true;
    }

    Status run() {
        for (std::size_t i = 0; i < m_files.size(); ++i) {
            const RemoteFile& file = m_files[i];
            m_progress.file = file.name;
            m_progress.fileNumber = static_cast<int>(i) + 1;
            m_speed = {};
            const std::string path = pathOf(file);
            if (!file.holds.empty() && isUnpacked(file)) continue;
            if (!m_stopped && !isWhole(path, file.md5, file.bytes)) {
                std::int64_t needed =
                    file.bytes - std::max<std::int64_t>(sizeOf(path + ".part"), 0);
                for (const PackedFile& one : file.holds) needed += one.bytes;
                if (auto room = checkSpace(m_root, needed); !room) return room;
                const auto got = fetchFile(file, path, [&](const FetchStep& step) {
                    return tell(step.checking ? Doing::Checking : Doing::Fetching, step.bytes,
                                step.totalBytes);
                });
                if (!got) return m_stopped ? got : withOthers(got.error(), i);
            }
            if (m_stopped)
                return Error{"Fetching " + file.name + " was stopped.",
                             "What has come is kept; the next time it goes on from there."};
            if (file.holds.empty()) continue;
            const std::int64_t total = sizeOf(path);
            const auto unpacked = unpackArchive(path, file.holds, m_root, [&](std::int64_t done) {
                return tell(Doing::Unpacking, done, total);
            });
            if (!unpacked) return unpacked;
        }
        return {};
    }

private:
    bool tell(Doing doing, std::int64_t bytes, std::int64_t total) {
        const auto now = Clock::now();
        const bool isNews = doing != m_progress.doing || m_progress.file != m_toldFile;
        if (!isNews && now - m_told < std::chrono::milliseconds(100)) return !m_stopped;
        m_told = now;
        m_toldFile = m_progress.file;
        m_progress.bytesPerSecond = doing == m_progress.doing ? m_speed.after(bytes) : 0;
        if (doing != m_progress.doing) m_speed = {};
        m_progress.doing = doing;
        m_progress.bytes = bytes;
        m_progress.totalBytes = std::max<std::int64_t>(total, 0);
        m_stopped = m_stopped || !m_goOn(m_progress);
        return !m_stopped;
    }

    /// Who fetches one file by hand needs to know of the others that are missing.
    Error withOthers(Error error, std::size_t at) {
        std::vector<std::string> others;
        for (std::size_t i = at + 1; i < m_files.size(); ++i)
            if (!isFile(pathOf(m_files[i])) &&
                (m_files[i].holds.empty() || !isUnpacked(m_files[i])))
                others.push_back(m_files[i].name + " (into " +
                                 std::filesystem::path(pathOf(m_files[i])).parent_path().string() +
                                 "/)");
        if (!others.empty()) error.hint += " Still missing besides: " + joinWords(others) + ".";
        return error;
    }

    std::string pathOf(const RemoteFile& file) const {
        return m_root + "/" + (file.folder.empty() ? "" : file.folder + "/") + file.name;
    }

    /// By its checksum where one is known, else by its size.
    bool isWhole(const std::string& path, const std::string& md5, std::int64_t bytes) {
        if (!isFile(path)) return false;
        if (md5.empty()) return bytes == 0 || sizeOf(path) == bytes;
        const std::int64_t total = sizeOf(path);
        const auto sum = md5OfFileOnce(
            path, [&](std::int64_t done) { return tell(Doing::Checking, done, total); });
        return sum && *sum == md5;
    }

    bool isUnpacked(const RemoteFile& file) {
        for (const PackedFile& one : file.holds)
            if (m_stopped || !isWhole(m_root + "/" + one.path, one.md5, one.bytes)) return false;
        return true;
    }

    const std::string m_root;
    std::vector<RemoteFile> m_files;
    const std::function<bool(const DownloadProgress&)>& m_goOn;
    DownloadProgress m_progress;
    Speed m_speed;
    Clock::time_point m_told = {};
    std::string m_toldFile;
    bool m_stopped = false;
};

/// Whether the set is there and sound already: as fetched, or in another form or place.
bool isHere(const DatasetKind& kind, const Params& params) {
    if (!kind.locate(Settings(kind.params, params)).found) return false;
    for (const Split split : {Split::Train, Split::Test})
        if (!openDataset(kind.info.id, params, split)) return false;
    return true;
}

}  // namespace

Status fetchFiles(const std::string& kind, std::vector<RemoteFile> files, const std::string& root,
                  const std::function<bool(const DownloadProgress&)>& goOn) {
    return Download(kind, root, std::move(files), goOn).run();
}

Status fetchDataset(const std::string& kindId, const Params& params, const std::string& root,
                    const std::function<bool(const DownloadProgress&)>& goOn) {
    const DatasetKind* kind = datasets().find(kindId);
    if (!kind) return Error{"There is no data set called " + kindId + "."};
    Params asked = params;
    if (!root.empty()) asked.set("root", root);
    for (const ParamSpec& spec : kind->params)
        if (spec.required && !asked.contains(spec.key)) asked.set(spec.key, spec.suggestion);
    const Settings settings(kind->params, asked);
    if (!kind->downloads)
        return Error{kindId + " has no address that Torchloom could fetch it from.",
                     kind->locate(settings).howToGet};
    Download download(kindId, rootOf(root, settings), kind->downloads(settings), goOn);
    if (!download.hasEverything() && isHere(*kind, asked)) return {};
    return download.run();
}

}  // namespace loom
