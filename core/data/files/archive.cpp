#include "core/data/files/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/data/files/byte_source.h"
#include "core/data/files/disk_space.h"
#include "core/data/files/unpacked_file.h"

namespace loom {
namespace {

constexpr std::size_t kPiece = std::size_t(1) << 18;

std::string fileName(const std::string& path) {
    return path.substr(path.find_last_of('/') + 1);
}

std::string withoutGz(const std::string& name) {
    return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

bool leavesFolder(const std::string& path) {
    if (path.starts_with('/') || path.find('\\') != std::string::npos) return true;
    for (const auto& part : std::filesystem::path(path))
        if (part == "..") return true;
    return false;
}

/// The work of one call. Each step gives what went wrong.
class Unpacking {
public:
    Unpacking(const std::string& archive, const std::vector<PackedFile>& wanted,
              const std::string& root, const std::function<bool(std::int64_t)>& goOn)
        : m_archive(archive), m_wanted(wanted), m_root(root), m_goOn(goOn), m_files(wanted.size()) {
        for (const PackedFile& file : wanted) m_limit += 2 * UnpackedFile::largest(file);
    }

    Status run() {
        FileSource stream(m_archive);
        std::array<char, 2> magic = {};
        if (!stream.isOpen())
            return Error{m_archive + " cannot be opened.", "Check its permissions."};
        const bool isZip =
            stream.read(magic.data(), magic.size()) == 2 && magic[0] == 'P' && magic[1] == 'K';
        std::int64_t bytes = 0;
        for (const PackedFile& file : m_wanted) bytes += file.bytes;
        if (auto room = checkSpace(m_root, bytes); !room) return room.error();
        const std::string name = fileName(m_archive);
        if (isZip)
            if (auto done = runZip(); !done) return done.error();
        if (!isZip) {
            FileSource again(m_archive);
            const bool isTar = !name.ends_with(".gz") || name.ends_with(".tar.gz");
            if (auto done = isTar ? runTar(again) : runSingle(again); !done) return done.error();
        }
        std::vector<std::string> missing;
        for (std::size_t i = 0; i < m_wanted.size(); ++i)
            if (!m_files[i]) missing.push_back(fileName(m_wanted[i].path));
        if (!missing.empty()) {
            std::string names;
            for (const std::string& one : missing) names += (names.empty() ? "" : ", ") + one;
            return damaged("it does not hold " + names);
        }
        for (auto& file : m_files)
            if (auto done = file->commit(); !done) return done.error();
        return {};
    }

private:
    using Reader = std::unique_ptr<archive, int (*)(archive*)>;

    Error damaged(const std::string& why) const {
        return Error{m_archive + " is damaged: " + why + ".", "Fetch it again."};
    }
    Error cutOff() const {
        return damaged("its packed bytes end too early or do not fit their checksum");
    }

    Status runSingle(FileSource& stream) {
        const auto place = placeOf(withoutGz(fileName(m_archive)));
        if (!place) return {};
        if (auto begun = begin(*place, false); !begun) return begun.error();
        std::string piece(kPiece, '\0');
        while (true) {
            const std::size_t count = stream.read(piece.data(), piece.size());
            if (stream.isBroken()) return cutOff();
            if (count == 0) return m_files[*place]->finish(m_archive);
            if (auto put = m_files[*place]->write({piece.data(), count}, m_archive); !put)
                return put.error();
            if (auto on = goOn(stream.position()); !on) return on.error();
        }
    }

    Status runTar(FileSource& stream) {
        struct State {
            FileSource& stream;
            std::string piece = std::string(kPiece, '\0');
            std::int64_t total = 0;
        } state{stream};
        const auto read = [](archive*, void* data, const void** buffer) -> la_ssize_t {
            auto& s = *static_cast<State*>(data);
            const auto count = static_cast<la_ssize_t>(s.stream.read(s.piece.data(), kPiece));
            s.total += count;
            *buffer = s.piece.data();
            return s.stream.isBroken() ? -1 : count;
        };
        const Reader reader(archive_read_new(), archive_read_free);
        archive_read_support_format_tar(reader.get());
        if (archive_read_open(reader.get(), &state, nullptr, read, nullptr) != ARCHIVE_OK)
            return stream.isBroken() ? cutOff() : damaged("it is no archive");
        auto done = runMembers(reader.get(), [&]() -> Status {
            if (state.total > m_limit) return tooLarge();
            return goOn(stream.position());
        });
        if (!done) return stream.isBroken() ? cutOff() : done.error();
        // A tar ends before its packed bytes do; their checksum comes last.
        while (const std::size_t count = stream.read(state.piece.data(), kPiece)) {
            state.total += static_cast<std::int64_t>(count);
            if (state.total > m_limit) return tooLarge();
        }
        return stream.isBroken() ? Status(cutOff()) : Status();
    }

    Status runZip() {
        const Reader reader(archive_read_new(), archive_read_free);
        archive_read_support_format_zip_seekable(reader.get());
        if (archive_read_open_filename(reader.get(), m_archive.c_str(), kPiece) != ARCHIVE_OK)
            return damaged("it is no archive");
        return runMembers(reader.get(),
                          [&] { return goOn(archive_filter_bytes(reader.get(), -1)); });
    }

    template <class Step>
    Status runMembers(archive* reader, const Step& step) {
        std::string piece(kPiece, '\0');
        archive_entry* entry = nullptr;
        while (true) {
            const int status = archive_read_next_header(reader, &entry);
            if (status == ARCHIVE_EOF) return {};
            if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return unreadable(reader);
            if (auto on = step(); !on) return on.error();
            const char* raw = archive_entry_pathname(entry);
            const std::string path = raw ? raw : "";
            const auto type = archive_entry_filetype(entry);
            if (leavesFolder(path))
                return refused("\"" + path + "\", which would be written outside of its folder");
            if (archive_entry_hardlink(entry) || (type != AE_IFREG && type != AE_IFDIR))
                return refused("\"" + path + "\", which is no plain file");
            const std::string name = fileName(path);
            const auto place = placeOf(withoutGz(name));
            if (type != AE_IFREG || !place) continue;
            if (auto begun = begin(*place, name != fileName(m_wanted[*place].path)); !begun)
                return begun.error();
            while (true) {
                const la_ssize_t count = archive_read_data(reader, piece.data(), piece.size());
                if (count < 0) return unreadable(reader);
                if (count == 0) break;
                if (auto put =
                        m_files[*place]->write({piece.data(), std::size_t(count)}, m_archive);
                    !put)
                    return put.error();
                if (auto on = step(); !on) return on.error();
            }
            if (auto end = m_files[*place]->finish(m_archive); !end) return end.error();
        }
    }

    Error unreadable(archive* reader) const {
        const char* why = archive_error_string(reader);
        return damaged(std::string("it cannot be unpacked (") + (why ? why : "no reason given") +
                       ")");
    }
    Error refused(const std::string& what) const {
        return Error{m_archive + " is refused: it holds " + what + ".",
                     "It is not what its publisher offers. Fetch it again from there."};
    }
    Error tooLarge() const {
        return Error{m_archive + " is refused: it unpacks to more than " + bytesText(m_limit) +
                         ", far more than the data set has.",
                     "It is not what its publisher offers. Fetch it again from there."};
    }

    Status goOn(std::int64_t done) const {
        if (!m_goOn || m_goOn(done)) return {};
        return Error{"Unpacking " + m_archive + " was stopped.",
                     "Nothing of it was kept; the archive is still there."};
    }

    std::optional<std::size_t> placeOf(const std::string& name) const {
        for (std::size_t i = 0; i < m_wanted.size(); ++i)
            if (fileName(m_wanted[i].path) == name) return i;
        return std::nullopt;
    }

    Status begin(std::size_t place, bool packed) {
        if (m_files[place]) return damaged("it holds " + fileName(m_wanted[place].path) + " twice");
        m_files[place] = std::make_unique<UnpackedFile>(m_wanted[place], m_root, packed);
        return m_files[place]->open();
    }

    const std::string& m_archive;
    const std::vector<PackedFile>& m_wanted;
    const std::string& m_root;
    const std::function<bool(std::int64_t)>& m_goOn;
    std::vector<std::unique_ptr<UnpackedFile>> m_files;
    std::int64_t m_limit = std::int64_t(64) << 20;
};

}  // namespace

Status unpackArchive(const std::string& archive, const std::vector<PackedFile>& wanted,
                     const std::string& root, const std::function<bool(std::int64_t)>& goOn) {
    return Unpacking(archive, wanted, root, goOn).run();
}

}  // namespace loom
