#include <utility>

#include "core/base/sentence.h"
#include "core/data/files/file_cache.h"
#include "core/data/files/locations.h"
#include "core/data/sets/class_folders.h"
#include "core/data/sets/picture_sizes.h"
#include "core/data/sets/table_source.h"

namespace loom {
namespace {

const char* const kHowTo =
    "Set root to a folder in which train and test each hold one folder per class, with the class's "
    "pictures in it: pets/train/cat/1.jpg, pets/test/cat/7.jpg. If the two have other names, set "
    "train and test.";

std::vector<std::string> trainClasses(const Settings& settings) {
    const std::string folder = splitFolders(settings).train;
    if (classFoldersRoot(settings).empty() || !isFolder(folder)) return {};
    auto classes = classFolders(folder);
    return classes ? std::move(*classes) : std::vector<std::string>{};
}

DatasetLocation locate(const Settings& settings) {
    DatasetLocation location;
    location.howToGet = kHowTo;
    location.folder = classFoldersRoot(settings);
    const ClassFolders folders = splitFolders(settings);
    const bool trainOnly = lacksTestFolder(settings, folders);
    for (const Split split : {Split::Train, Split::Test}) {
        location.message = missingFolder("ImageFolder", settings, folders, split);
        if (split == Split::Test && trainOnly) location.noTest = std::move(location.message);
        if (!location.message.empty()) return location;
    }
    const auto classes = trainOnly ? classFolders(folders.train) : commonClasses(folders);
    location.found = classes.ok();
    std::vector<std::string> places = {folders.train};
    if (!trainOnly) places.push_back(folders.test);
    location.message =
        classes ? sentence("{classes} found in {folders}.",
                           {{"classes", counted(static_cast<std::int64_t>(classes->size()), "class",
                                                "classes")},
                            {"folders", joinWords(places)}})
                : classes.error().message;
    return location;
}

/// A few pictures of some classes, of both splits.
std::vector<std::string> somePictures(const ClassFolders& folders) {
    constexpr std::size_t kMostClasses = 32;
    std::vector<std::string> paths;
    for (const Split split : {Split::Train, Split::Test}) {
        if (!isFolder(folders.of(split))) continue;
        const auto classes = classFolders(folders.of(split));
        if (!classes) continue;
        const std::size_t step = (classes->size() + kMostClasses - 1) / kMostClasses;
        for (std::size_t i = 0; i < classes->size(); i += step) {
            const auto some = picturesBelow(folders.of(split) + "/" + (*classes)[i]);
            paths.insert(paths.end(), some.begin(), some.end());
        }
    }
    return paths;
}

std::optional<SampleSpec> specOfPictures(const Settings& settings) {
    if (classFoldersRoot(settings).empty()) return SampleSpec{false, {3, -1, -1}};
    static FileCache<SampleSpec> cache;
    const ClassFolders folders = splitFolders(settings);
    std::vector<std::string> watched = {folders.train, folders.test};
    for (const Split split : {Split::Train, Split::Test})
        if (isFolder(folders.of(split)))
            if (const auto classes = classFolders(folders.of(split)))
                for (const std::string& name : *classes)
                    watched.push_back(folders.of(split) + "/" + name);
    return cache.get(settingsKey(settings), watched,
                     [&] { return specOfFiles(somePictures(folders)); });
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const ClassFolders folders = splitFolders(settings);
    if (const auto missing = missingFolder("ImageFolder", settings, folders, split);
        !missing.empty())
        return Error{missing, kHowTo};
    auto classes = split == Split::Train ? classFolders(folders.train) : commonClasses(folders);
    if (!classes) return classes.error();
    auto index = indexClasses(folders.of(split), *classes, settings.flag("allow_empty"));
    if (!index) return index.error();
    return std::shared_ptr<const Dataset>(
        std::make_shared<PictureFilesDataset>(std::move(*index), std::move(*classes)));
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
                     "time, as RGB. Where they differ in size, begin the transforms with a Resize "
                     "or a crop. The test folder may be missing: hold back a part for validation "
                     "then.",
                 .python = "torchvision.datasets.ImageFolder",
                 .keywords = {"own", "folder", "jpeg", "png", "photos", "imagenet"}};
    kind.params = splitFolderParams();
    kind.params.insert(kind.params.begin(),
                       rootParam("The folder that holds the train and test folders."));
    kind.params.push_back({.key = "allow_empty",
                           .type = ParamType::Bool,
                           .defaultValue = false,
                           .hint = "Take a class folder without pictures for a class, instead of "
                                   "refusing it.",
                           .since = "0.18"});
    kind.spec = specOfPictures;
    kind.target = [](const Settings& settings) {
        return TargetSpec{TargetSpec::Type::ClassIndex,
                          static_cast<std::int64_t>(trainClasses(settings).size())};
    };
    kind.classNamesOf = trainClasses;
    kind.locate = locate;
    kind.open = open;
    return kind;
}

}  // namespace loom
