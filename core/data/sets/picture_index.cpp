#include "core/data/sets/picture_index.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "core/base/files.h"
#include "core/base/shape.h"
#include "core/data/files/file_cache.h"
#include "core/data/files/locations.h"

namespace loom {
namespace {

/// torchvision's IMG_EXTENSIONS.
constexpr std::array<std::string_view, 9> kEndings = {".jpg", ".jpeg", ".png",  ".ppm", ".bmp",
                                                      ".pgm", ".tif",  ".tiff", ".webp"};
constexpr std::array<std::string_view, 8> kOtherEndings = {".gif", ".jp2", ".j2k",  ".jpx",
                                                           ".pbm", ".pnm", ".jfif", ".jpe"};
constexpr std::uint64_t kMaximumFileBytes = std::uint64_t(1) << 30;

template <std::size_t N>
bool endsWithOne(std::string_view name, const std::array<std::string_view, N>& endings) {
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
        return name.size() >= ending.size() &&
               std::equal(ending.begin(), ending.end(),
                          name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                          [](char wanted, char found) {
                              return wanted == std::tolower(static_cast<unsigned char>(found));
                          });
    });
}

using FilesOf = std::unordered_map<std::string, std::vector<std::string>>;

/// Pictures of a folder and of all below it. `above` guards against a link to a folder that holds
/// it.
Status walk(const std::string& folder, std::vector<std::pair<dev_t, ino_t>>& above,
            FilesOf& files) {
    struct stat info = {};
    if (::stat(folder.c_str(), &info) != 0) return {};
    const std::pair<dev_t, ino_t> identity{info.st_dev, info.st_ino};
    if (std::find(above.begin(), above.end(), identity) != above.end()) return {};
    auto contents = listFolder(folder);
    if (!contents) return contents.error();
    std::vector<std::string>& names = files[folder];
    for (std::string& name : contents->files)
        if (isPictureName(name)) names.push_back(std::move(name));
    above.push_back(identity);
    for (const std::string& name : contents->folders)
        if (auto walked = walk(folder + "/" + name, above, files); !walked) return walked;
    above.pop_back();
    return {};
}

}  // namespace

bool isPictureName(std::string_view name) {
    return endsWithOne(name, kEndings);
}

bool mayNamePicture(std::string_view name) {
    return endsWithOne(name, kEndings) || endsWithOne(name, kOtherEndings);
}

Result<FolderContents> listFolder(const std::string& path) {
    DIR* directory = ::opendir(path.c_str());
    if (!directory)
        return Error{"The folder " + path + " cannot be read: " + std::strerror(errno) + ".",
                     "Check the path and its permissions."};
    FolderContents contents;
    while (const dirent* entry = ::readdir(directory)) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        // The kind comes with the name on almost every file system, so that a million files need
        // no look at each.
        bool folder = entry->d_type == DT_DIR;
        if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN)
            folder = isFolder(path + "/" + entry->d_name);
        (folder ? contents.folders : contents.files).emplace_back(name);
    }
    ::closedir(directory);
    return contents;
}

Result<std::vector<std::string>> classFolders(const std::string& folder) {
    using Found = Result<std::vector<std::string>>;
    static FileCache<Found> cache;
    return cache.get(folder, {folder}, [&]() -> Found {
        auto contents = listFolder(folder);
        if (!contents) return contents.error();
        std::vector<std::string> classes = std::move(contents->folders);
        std::sort(classes.begin(), classes.end());
        if (classes.empty())
            return Error{folder + " has no folder in it, but each class needs a folder of its own.",
                         "Sort the pictures into one folder per class, such as " + folder +
                             "/cat and " + folder + "/dog."};
        return classes;
    });
}

Status PictureIndex::addClass(const std::string& folder, std::int64_t label, bool mayBeEmpty) {
    FilesOf files;
    std::vector<std::pair<dev_t, ino_t>> above;
    if (auto walked = walk(folder, above, files); !walked) return walked;
    std::vector<FilesOf::value_type*> folders;
    for (FilesOf::value_type& one : files) folders.push_back(&one);
    std::sort(folders.begin(), folders.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    const std::size_t before = size();
    for (FilesOf::value_type* one : folders) {
        std::sort(one->second.begin(), one->second.end());
        for (const std::string& name : one->second) add(one->first, name, label);
    }
    if (size() == before && !mayBeEmpty)
        return Error{
            "The class folder " + folder + " holds no picture.",
            "Put pictures into it, or take it away. As with torchvision, names must end in .jpg, "
            ".jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff or .webp; what lies in the files is looked "
            "at all the same."};
    return {};
}

void PictureIndex::add(const std::string& folder, std::string_view name, std::int64_t label) {
    if (m_folders.empty() || m_folders[m_lastFolder] != folder) {
        const auto place = m_places.try_emplace(folder, m_folders.size()).first->second;
        if (place == m_folders.size()) m_folders.push_back(folder);
        m_lastFolder = place;
    }
    m_entries.push_back({m_names.size(), static_cast<std::uint32_t>(m_lastFolder),
                         static_cast<std::int32_t>(label)});
    m_names.insert(m_names.end(), name.begin(), name.end());
    m_names.push_back('\0');
}

std::string PictureIndex::path(std::size_t index) const {
    const Entry& entry = m_entries[index];
    const std::string name = m_names.data() + entry.name;
    const std::string& folder = m_folders[entry.folder];
    return folder.empty() ? name : folder + "/" + name;
}

std::int64_t PictureIndex::bytes() const {
    std::size_t bytes = m_names.capacity() + m_entries.capacity() * sizeof(Entry);
    for (const std::string& folder : m_folders) bytes += sizeof(folder) + folder.capacity();
    return static_cast<std::int64_t>(bytes);
}

void PictureIndex::shrink() {
    m_places = {};
    m_entries.shrink_to_fit();
    m_names.shrink_to_fit();
    m_folders.shrink_to_fit();
}

PictureFilesDataset::PictureFilesDataset(PictureIndex index, std::vector<std::string> classes)
    : m_index(std::move(index)), m_classes(std::move(classes)) {
    m_index.shrink();
}

Result<Sample> PictureFilesDataset::sample(std::int64_t index) const {
    return decodedSample(*this, index);
}

Result<std::string> PictureFilesDataset::encodedPicture(std::int64_t index) const {
    if (index < 0 || index >= size())
        return Error{"Picture " + groupDigits(index) + " was asked for, but there are only " +
                     groupDigits(size()) + "."};
    return readFile(nameOf(index), kMaximumFileBytes);
}

Result<Sample> decodedSample(const Dataset& dataset, std::int64_t index) {
    auto bytes = dataset.encodedPicture(index);
    if (!bytes) return bytes.error();
    auto picture = decodePicture(*bytes, dataset.nameOf(index));
    if (!picture) return picture.error();
    return Sample{std::move(*picture), dataset.label(index)};
}

}  // namespace loom
