#include "core/data/sets/class_folders.h"

#include <algorithm>
#include <iterator>

#include "core/base/sentence.h"
#include "core/data/files/locations.h"

namespace loom {
namespace {

std::vector<std::string> inFirstOnly(const std::vector<std::string>& first,
                                     const std::vector<std::string>& second) {
    std::vector<std::string> only;
    std::set_difference(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(only));
    return only;
}

}  // namespace

std::string classFoldersRoot(const Settings& settings) {
    const std::string root = settings.text("root"), train = settings.text("train");
    if (!root.empty()) return dataRoots(root).front();
    // A folder chosen with its whole path needs no root; the other split lies beside it.
    return train.starts_with("/") ? train.substr(0, std::max<std::size_t>(train.rfind('/'), 1))
                                  : std::string();
}

ClassFolders splitFolders(const Settings& settings) {
    const std::string given = classFoldersRoot(settings);
    const std::string root = given.empty() ? dataRoots("").front() : given;
    const auto named = [&](const std::string& name) {
        if (name == ".") return root;
        return name.front() == '/' ? name : root + "/" + name;
    };
    const std::string train = settings.text("train"), test = settings.text("test");
    ClassFolders folders{named(train.empty() ? "train" : train), root + "/test"};
    if (!test.empty()) {
        folders.test = named(test);
        return folders;
    }
    for (const char* usual : {"test", "val", "valid", "validation"})
        if (isFolder(root + "/" + usual)) {
            folders.test = root + "/" + usual;
            break;
        }
    return folders;
}

std::vector<ParamSpec> splitFolderParams() {
    return {{.key = "train",
             .type = ParamType::Text,
             .defaultValue = "train",
             .hint = "The folder in root with the pictures to train with; a point stands for root "
                     "itself."},
            {.key = "test",
             .type = ParamType::Text,
             .defaultValue = "",
             .hint = "The folder in root with the pictures to test with. Left empty: test, val, "
                     "valid or validation, whichever is there first."}};
}

std::string missingFolder(const std::string& kind, const Settings& settings,
                          const ClassFolders& folders, Split split) {
    const std::string root = classFoldersRoot(settings);
    if (root.empty()) return kind + " has no folder yet.";
    if (!isFolder(root)) return "The folder " + root + " does not exist.";
    if (isFolder(folders.of(split))) return {};
    return "The folder " + folders.of(split) + ", for the pictures to " +
           (split == Split::Train ? "train" : "test") + " with, does not exist.";
}

bool lacksTestFolder(const Settings& settings, const ClassFolders& folders) {
    return settings.text("test").empty() && isFolder(folders.train) && !isFolder(folders.test);
}

Status sameClasses(const ClassFolders& folders, const std::vector<std::string>& train,
                   const std::vector<std::string>& test) {
    if (train == test) return {};
    const auto onlyTrain = inFirstOnly(train, test);
    const auto onlyTest = inFirstOnly(test, train);
    const bool extra = !onlyTest.empty();
    std::vector<std::string> shown = extra ? onlyTest : onlyTrain;
    const std::size_t more = shown.size() > 8 ? shown.size() - 7 : 0;
    if (more) {
        shown.resize(7);
        shown.push_back(std::to_string(more) + " more");
    }
    return Error{folders.train + " and " + folders.test + " do not have the same classes: " +
                     joinWords(shown) + (extra ? " only in the second." : " only in the first."),
                 "Give both the same class folders, so that a class has the same number in both."};
}

Result<std::vector<std::string>> commonClasses(const ClassFolders& folders) {
    auto train = classFolders(folders.train);
    if (!train) return train;
    const auto test = classFolders(folders.test);
    if (!test) return test;
    if (auto same = sameClasses(folders, *train, *test); !same) return same.error();
    return train;
}

Result<PictureIndex> indexClasses(const std::string& folder,
                                  const std::vector<std::string>& classes, bool mayBeEmpty) {
    PictureIndex index;
    for (std::size_t i = 0; i < classes.size(); ++i)
        if (auto added =
                index.addClass(folder + "/" + classes[i], static_cast<std::int64_t>(i), mayBeEmpty);
            !added)
            return added.error();
    if (mayBeEmpty && index.size() == 0)
        return Error{sentence("None of the class folders in {folder} holds a picture.",
                              {{"folder", folder}}),
                     "Put pictures into them."};
    return index;
}

}  // namespace loom
