#include "core/data/files/locations.h"
#include "core/data/sets/class_folders.h"

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
    for (const Split split : {Split::Train, Split::Test}) {
        location.message = missingFolder("ImageFolder", settings, folders, split);
        if (!location.message.empty()) return location;
    }
    const auto classes = commonClasses(folders);
    location.found = classes.ok();
    location.message = classes ? std::to_string(classes->size()) +
                                     (classes->size() == 1 ? " class" : " classes") + " found in " +
                                     folders.train + " and " + folders.test + "."
                               : classes.error().message;
    return location;
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const ClassFolders folders = splitFolders(settings);
    if (const auto missing = missingFolder("ImageFolder", settings, folders, split);
        !missing.empty())
        return Error{missing, kHowTo};
    auto classes = split == Split::Train ? classFolders(folders.train) : commonClasses(folders);
    if (!classes) return classes.error();
    auto index = indexClasses(folders.of(split), *classes);
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
                     "time, as RGB, and may have any size: begin the transforms with a Resize "
                     "or a crop.",
                 .python = "torchvision.datasets.ImageFolder",
                 .keywords = {"own", "folder", "jpeg", "png", "photos", "imagenet"}};
    kind.params = splitFolderParams();
    kind.params.insert(kind.params.begin(),
                       rootParam("The folder that holds the train and test folders."));
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, -1, -1}}; };
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
