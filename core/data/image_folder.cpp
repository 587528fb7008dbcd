#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "core/base/shape.h"
#include "core/data/dataset.h"
#include "core/data/locations.h"

namespace loom {
namespace {

/// torchvision's IMG_EXTENSIONS.
constexpr std::array<std::string_view, 9> kEndings = {".jpg", ".jpeg", ".png",  ".ppm", ".bmp",
                                                      ".pgm", ".tif",  ".tiff", ".webp"};

bool isPictureName(std::string_view name) {
    return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
        return name.size() >= ending.size() &&
               std::equal(ending.begin(), ending.end(),
                          name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                          [](char wanted, char found) {
                              return wanted == std::tolower(static_cast<unsigned char>(found));
                          });
    });
}

struct FolderContents {
    std::vector<std::string> folders;
    std::vector<std::string> files;
};

/// Names in a folder, links followed, in no order. The kind comes with the name on almost every
/// file system, so that a million files need no look at each.
Result<FolderContents> listFolder(const std::string& path) {
    DIR* directory = ::opendir(path.c_str());
    if (!directory)
        return Error{"The folder " + path + " cannot be read: " + std::strerror(errno) + ".",
                     "Check the path and its permissions."};
    FolderContents contents;
    while (const dirent* entry = ::readdir(directory)) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        bool folder = entry->d_type == DT_DIR;
        if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN)
            folder = isFolder(path + "/" + entry->d_name);
        (folder ? contents.folders : contents.files).emplace_back(name);
    }
    ::closedir(directory);
    return contents;
}

Result<std::vector<std::string>> classFolders(const std::string& folder) {
    auto contents = listFolder(folder);
    if (!contents) return contents.error();
    std::vector<std::string> classes = std::move(contents->folders);
    std::sort(classes.begin(), classes.end());
    if (classes.empty())
        return Error{folder + " has no folder in it, but each class needs a folder of its own.",
                     "Sort the pictures into one folder per class, such as " + folder +
                         "/cat and " + folder + "/dog."};
    return classes;
}

/// Where a split lies: `train` or `test` of the parameters below `root`, or an absolute path.
/// Without a name for the test split, the first of the usual names that is there.
std::string splitFolder(const Settings& settings, Split split) {
    const std::string root = dataRoots(settings.text("root")).front();
    const std::string named = settings.text(split == Split::Train ? "train" : "test");
    if (named == ".") return root;
    if (!named.empty()) return named.front() == '/' ? named : root + "/" + named;
    for (const char* usual : {"test", "val", "valid", "validation"})
        if (isFolder(root + "/" + usual)) return root + "/" + usual;
    return root + "/test";
}

std::string missingSentence(const Settings& settings, Split split) {
    if (settings.text("root").empty()) return "ImageFolder has no folder yet.";
    const std::string root = dataRoots(settings.text("root")).front();
    if (!isFolder(root)) return "The folder " + root + " does not exist.";
    return "The folder " + splitFolder(settings, split) + ", for the pictures to " +
           (split == Split::Train ? "train" : "test") + " with, does not exist.";
}

const char* const kHowTo =
    "Set root to a folder in which train and test each hold one folder per class, with the class's "
    "pictures in it: pets/train/cat/1.jpg, pets/test/cat/7.jpg. If the two have other names, set "
    "train and test.";

/// The paths of all pictures, in few bytes each: a file's name follows the last one's in one long
/// text, and the folder it lies in is kept once.
class PictureIndex {
public:
    /// Adds a class folder with everything below it, in torchvision's order: folders by their
    /// whole path, then file names.
    Status addClass(const std::string& folder) {
        std::vector<std::string> folders;
        std::unordered_map<std::string, std::vector<std::string>> files;
        std::vector<std::pair<dev_t, ino_t>> above;
        if (auto walked = walk(folder, above, folders, files); !walked) return walked;
        std::sort(folders.begin(), folders.end());
        const std::size_t before = size();
        for (const std::string& one : folders) {
            std::vector<std::string>& names = files[one];
            std::sort(names.begin(), names.end());
            if (names.empty()) continue;
            m_folders.push_back(one);
            for (const std::string& name : names) {
                m_entries.push_back({m_names.size(),
                                     static_cast<std::uint32_t>(m_folders.size() - 1),
                                     m_classCount});
                m_names.insert(m_names.end(), name.begin(), name.end());
                m_names.push_back('\0');
            }
        }
        ++m_classCount;
        if (size() == before)
            return Error{
                "The class folder " + folder + " holds no picture.",
                "Put pictures into it (JPEG, PNG, BMP, PPM, PGM, TIFF or WebP), or take it away."};
        return {};
    }

    std::size_t size() const { return m_entries.size(); }
    std::string path(std::size_t index) const {
        const Entry& entry = m_entries[index];
        return m_folders[entry.folder] + "/" + (m_names.data() + entry.name);
    }
    std::int64_t label(std::size_t index) const { return m_entries[index].label; }
    std::size_t bytes() const { return m_names.size() + m_entries.size() * sizeof(Entry); }

private:
    struct Entry {
        std::size_t name;
        std::uint32_t folder;
        std::uint32_t label;
    };

    /// `above` guards against a link to a folder that holds it.
    Status walk(const std::string& folder, std::vector<std::pair<dev_t, ino_t>>& above,
                std::vector<std::string>& folders,
                std::unordered_map<std::string, std::vector<std::string>>& files) {
        struct stat info = {};
        if (::stat(folder.c_str(), &info) != 0) return {};
        const std::pair<dev_t, ino_t> identity{info.st_dev, info.st_ino};
        if (std::find(above.begin(), above.end(), identity) != above.end()) return {};
        auto contents = listFolder(folder);
        if (!contents) return contents.error();
        std::vector<std::string>& names = files[folder];
        for (std::string& name : contents->files)
            if (isPictureName(name)) names.push_back(std::move(name));
        folders.push_back(folder);
        above.push_back(identity);
        for (const std::string& name : contents->folders)
            if (auto walked = walk(folder + "/" + name, above, folders, files); !walked)
                return walked;
        above.pop_back();
        return {};
    }

    std::vector<Entry> m_entries;
    std::vector<char> m_names;
    std::vector<std::string> m_folders;
    std::uint32_t m_classCount = 0;
};

class ImageFolderDataset : public Dataset {
public:
    ImageFolderDataset(PictureIndex index, std::vector<std::string> classes)
        : m_index(std::move(index)), m_classes(std::move(classes)) {}

    std::int64_t size() const override { return static_cast<std::int64_t>(m_index.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"The picture folder has no picture " + std::to_string(index) + "."};
        auto picture = readPicture(m_index.path(static_cast<std::size_t>(index)));
        if (!picture) return picture.error();
        return Sample{std::move(*picture), label(index)};
    }
    std::int64_t label(std::int64_t index) const override {
        return m_index.label(static_cast<std::size_t>(index));
    }
    const std::vector<std::string>& classes() const override { return m_classes; }
    SampleSpec spec() const override { return {false, {3, -1, -1}}; }
    std::string nameOf(std::int64_t index) const override {
        return m_index.path(static_cast<std::size_t>(index));
    }
    std::int64_t bytesInMemory() const override {
        return static_cast<std::int64_t>(m_index.bytes());
    }

private:
    PictureIndex m_index;
    std::vector<std::string> m_classes;
};

std::vector<std::string> inFirstOnly(const std::vector<std::string>& first,
                                     const std::vector<std::string>& second) {
    std::vector<std::string> only;
    std::set_difference(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(only));
    return only;
}

/// Labels are places in the sorted list of classes, so both splits must have the same ones.
Status sameClasses(const std::string& trainFolder, const std::vector<std::string>& train,
                   const std::string& testFolder, const std::vector<std::string>& test) {
    if (train == test) return {};
    const auto onlyTrain = inFirstOnly(train, test);
    const auto onlyTest = inFirstOnly(test, train);
    const bool extra = !onlyTest.empty();
    return Error{trainFolder + " and " + testFolder +
                     " do not have the same classes: " + joinWords(extra ? onlyTest : onlyTrain) +
                     (extra ? " only in the second." : " only in the first."),
                 "Give both the same class folders, so that a class has the same number in both."};
}

DatasetLocation locate(const Settings& settings) {
    DatasetLocation location;
    location.howToGet = kHowTo;
    location.folder = settings.text("root").empty() ? "" : dataRoots(settings.text("root")).front();
    std::vector<std::vector<std::string>> classes;
    for (const Split split : {Split::Train, Split::Test}) {
        const std::string folder = splitFolder(settings, split);
        if (settings.text("root").empty() || !isFolder(folder)) {
            location.message = missingSentence(settings, split);
            return location;
        }
        auto found = classFolders(folder);
        if (!found) {
            location.message = found.error().message;
            return location;
        }
        classes.push_back(std::move(*found));
    }
    const std::string train = splitFolder(settings, Split::Train);
    const std::string test = splitFolder(settings, Split::Test);
    if (auto same = sameClasses(train, classes[0], test, classes[1]); !same) {
        location.message = same.error().message;
        return location;
    }
    location.found = true;
    location.message = std::to_string(classes[0].size()) +
                       (classes[0].size() == 1 ? " class" : " classes") + " found in " + train +
                       " and " + test + ".";
    return location;
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const std::string folder = splitFolder(settings, split);
    if (settings.text("root").empty() || !isFolder(folder))
        return Error{missingSentence(settings, split), kHowTo};
    auto classes = classFolders(folder);
    if (!classes) return classes.error();
    if (split == Split::Test) {
        const std::string trainFolder = splitFolder(settings, Split::Train);
        const auto train = classFolders(trainFolder);
        if (!train) return train.error();
        if (auto same = sameClasses(trainFolder, *train, folder, *classes); !same)
            return same.error();
    }
    PictureIndex index;
    for (const std::string& name : *classes)
        if (auto added = index.addClass(folder + "/" + name); !added) return added.error();
    return std::shared_ptr<const Dataset>(
        std::make_shared<ImageFolderDataset>(std::move(index), std::move(*classes)));
}

}  // namespace

DatasetKind imageFolderKind() {
    DatasetKind kind;
    kind.info = {.id = "ImageFolder",
                 .family = "your own pictures",
                 .summary = "your own pictures, one folder per class",
                 .details =
                     "A folder with train and test in it; each holds one folder per class, and "
                     "each class folder the pictures of that class, also in folders below it. "
                     "Classes are numbered by their names in order. Pictures are read one at a "
                     "time, as RGB, and may have any size: begin the transforms with a Resize "
                     "or a crop.",
                 .python = "torchvision.datasets.ImageFolder",
                 .keywords = {"own", "folder", "jpeg", "png", "photos", "imagenet"}};
    ParamSpec root = rootParam("The folder that holds the train and test folders.");
    ParamSpec train;
    train.key = "train";
    train.type = ParamType::Text;
    train.defaultValue = "train";
    train.hint =
        "The folder in root with the pictures to train with; a point stands for root itself.";
    ParamSpec test;
    test.key = "test";
    test.type = ParamType::Text;
    test.defaultValue = "";
    test.hint =
        "The folder in root with the pictures to test with. Left empty: test, val, valid or "
        "validation, whichever is there first.";
    kind.params = {root, train, test};
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, -1, -1}}; };
    kind.target = [](const Settings& settings) {
        TargetSpec target;
        const std::string folder = splitFolder(settings, Split::Train);
        if (!settings.text("root").empty() && isFolder(folder))
            if (const auto classes = classFolders(folder))
                target.classes = static_cast<std::int64_t>(classes->size());
        return target;
    };
    kind.locate = locate;
    kind.open = open;
    return kind;
}

}  // namespace loom
