#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"

namespace loom {

/// Whether a name ends like torchvision's IMG_EXTENSIONS, in capitals or not.
bool isPictureName(std::string_view name);
/// Or like another format that is read, where nobody but the file's own list chooses it.
bool mayNamePicture(std::string_view name);

struct FolderContents {
    std::vector<std::string> folders;
    std::vector<std::string> files;
};

/// Names in a folder, links followed, in no order.
Result<FolderContents> listFolder(const std::string& path);

/// The folders in a folder, sorted by code points as torchvision sorts classes; at least one.
/// Asked again, it looks only whether the folder has changed.
Result<std::vector<std::string>> classFolders(const std::string& folder);

/// Paths of picture files with their labels, in few bytes each: a file's name follows the last
/// one's in one long text, and the folder it lies in is kept once.
class PictureIndex {
public:
    /// Adds every picture below a class's folder, in torchvision's order: folders by their whole
    /// path, then file names. At least one must be there, unless the class may be empty.
    Status addClass(const std::string& folder, std::int64_t label, bool mayBeEmpty = false);
    /// Adds one file; files of one folder share its name.
    void add(const std::string& folder, std::string_view name, std::int64_t label);

    std::size_t size() const { return m_entries.size(); }
    std::string path(std::size_t index) const;
    std::int64_t label(std::size_t index) const { return m_entries[index].label; }
    std::int64_t bytes() const;
    /// Gives back what was only needed while adding.
    void shrink();

private:
    struct Entry {
        std::uint64_t name;
        std::uint32_t folder;
        std::int32_t label;
    };

    std::vector<Entry> m_entries;
    std::vector<char> m_names;
    std::vector<std::string> m_folders;
    std::unordered_map<std::string, std::size_t> m_places;  ///< of each folder in m_folders
    std::size_t m_lastFolder = 0;
};

/// Picture files, each of one class, read one at a time.
class PictureFilesDataset : public Dataset {
public:
    PictureFilesDataset(PictureIndex index, std::vector<std::string> classes);

    std::int64_t size() const override { return static_cast<std::int64_t>(m_index.size()); }
    Result<Sample> sample(std::int64_t index) const override;
    std::int64_t label(std::int64_t index) const override {
        return m_index.label(static_cast<std::size_t>(index));
    }
    const std::vector<std::string>& classes() const override { return m_classes; }
    SampleSpec spec() const override { return {false, {3, -1, -1}}; }
    bool hasEncodedPictures() const override { return true; }
    Result<std::string> encodedPicture(std::int64_t index) const override;
    std::string nameOf(std::int64_t index) const override {
        return m_index.path(static_cast<std::size_t>(index));
    }
    std::int64_t bytesInMemory() const override { return m_index.bytes(); }

private:
    PictureIndex m_index;
    std::vector<std::string> m_classes;
};

/// The sample of a set whose pictures lie encoded.
Result<Sample> decodedSample(const Dataset& dataset, std::int64_t index);

}  // namespace loom
