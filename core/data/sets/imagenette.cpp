#include <map>

#include "core/base/sentence.h"
#include "core/data/files/locations.h"
#include "core/data/sets/class_folders.h"

namespace loom {
namespace {

/// The classes by their folders' names, WordNet's numbers; torchvision gives each its words.
const std::map<std::string, std::string> kWords = {
    {"n01440764", "tench, Tinca tinca"},
    {"n02102040", "English springer, English springer spaniel"},
    {"n02979186", "cassette player"},
    {"n03000684", "chain saw, chainsaw"},
    {"n03028079", "church, church building"},
    {"n03394916", "French horn, horn"},
    {"n03417042", "garbage truck, dustcart"},
    {"n03425413", "gas pump, gasoline pump, petrol pump, island dispenser"},
    {"n03445777", "golf ball"},
    {"n03888257", "parachute, chute"}};

/// The archive of a size, and the folder that comes out of it.
struct Archive {
    std::string name;
    std::string md5;
};

const Archive& archiveOf(const Settings& settings) {
    static const std::map<std::string, Archive> archives = {
        {"full", {"imagenette2", "fe2fc210e6bb7c5664d602c3cd71e612"}},
        {"320px", {"imagenette2-320", "3df6f0d01a2c9592104656642f5e78a3"}},
        {"160px", {"imagenette2-160", "e793b78cc4c9e9a4ccc0c1155377a412"}}};
    const auto found = archives.find(settings.text("size"));
    return found == archives.end() ? archives.at("full") : found->second;
}

std::string howToGet(const Settings& settings) {
    const Archive& archive = archiveOf(settings);
    return sentence(
        "Fetch https://s3.amazonaws.com/fast-ai-imageclas/{name}.tgz (md5 {md5}) into {folder} and "
        "unpack it there: tar xf {name}.tgz. Or let torchvision.datasets.Imagenette(folder, "
        "size='{size}', download=True) do so, and set root to that folder.",
        {{"name", archive.name},
         {"md5", archive.md5},
         {"folder", homeDataFolder()},
         {"size", settings.text("size")}});
}

/// Below a root, or the root itself where its name or its folders show that it is the set's own.
ClassFolders foldersOf(const Settings& settings) {
    const std::string given = settings.text("root"), name = archiveOf(settings).name;
    std::vector<std::string> places;
    for (const std::string& root : dataRoots(given)) {
        places.push_back(root + "/" + name);
        if (!given.empty()) places.push_back(root);
    }
    for (const std::string& place : places)
        if (isFolder(place + "/train")) return {place + "/train", place + "/val"};
    return {places.front() + "/train", places.front() + "/val"};
}

std::string missing(const ClassFolders& folders) {
    for (const std::string& folder : {folders.train, folders.test})
        if (!isFolder(folder))
            return sentence("Imagenette's pictures are not here: there is no folder {folder}.",
                            {{"folder", folder}});
    return {};
}

std::vector<std::string> wordsOf(const std::vector<std::string>& numbers) {
    std::vector<std::string> words;
    for (const std::string& number : numbers) {
        const auto found = kWords.find(number);
        words.push_back(found == kWords.end() ? number : found->second);
    }
    return words;
}

DatasetLocation locate(const Settings& settings) {
    const ClassFolders folders = foldersOf(settings);
    DatasetLocation location{false, folders.train.substr(0, folders.train.size() - 6),
                             missing(folders), howToGet(settings)};
    if (!location.message.empty()) return location;
    const auto classes = commonClasses(folders);
    location.found = classes.ok();
    location.message =
        classes ? sentence("{classes} found in {train} and {test}.",
                           {{"classes", counted(static_cast<std::int64_t>(classes->size()), "class",
                                                "classes")},
                            {"train", folders.train},
                            {"test", folders.test}})
                : classes.error().message;
    return location;
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const ClassFolders folders = foldersOf(settings);
    if (const std::string why = missing(folders); !why.empty())
        return Error{why, howToGet(settings)};
    const auto classes = commonClasses(folders);
    if (!classes) return classes.error();
    auto index = indexClasses(folders.of(split), *classes);
    if (!index) return index.error();
    return std::shared_ptr<const Dataset>(
        std::make_shared<PictureFilesDataset>(std::move(*index), wordsOf(*classes)));
}

}  // namespace

DatasetKind imagenetteKind() {
    DatasetKind kind;
    kind.info = {
        .id = "Imagenette",
        .family = "large picture sets",
        .summary = "ten easy classes of ImageNet, to try things on quickly",
        .details =
            "9,469 photographs to train with and 3,925 to test with, of ten classes that are easy "
            "to tell apart, taken out of ImageNet. What works here in minutes often works on "
            "the whole of ImageNet. Begin the transforms with RandomResizedCrop to train, and "
            "Resize and CenterCrop to test; 160px and 320px are shrunk already.",
        .python = "torchvision.datasets.Imagenette",
        .keywords = {"imagenet", "fastai", "photographs", "small"},
        .since = "0.17"};
    kind.params = {rootParam("The folder that holds imagenette2, or that folder itself. Left "
                             "empty, it is looked for in the usual places."),
                   {.key = "size",
                    .type = ParamType::Choice,
                    .defaultValue = "full",
                    .hint = "Photographs as they are, or with short sides of 320 or 160 pixels: "
                            "each is an archive of its own.",
                    .choices = {"full", "320px", "160px"}}};
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, -1, -1}}; };
    for (const auto& [number, words] : kWords) kind.classNames.push_back(words);
    kind.target = [count = static_cast<std::int64_t>(kWords.size())](const Settings&) {
        return TargetSpec{TargetSpec::Type::ClassIndex, count};
    };
    kind.locate = locate;
    kind.open = open;
    return kind;
}

}  // namespace loom
