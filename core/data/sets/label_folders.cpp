#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/base/files.h"
#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/base/text.h"
#include "core/data/files/file_cache.h"
#include "core/data/files/locations.h"
#include "core/data/sets/class_folders.h"
#include "core/data/sets/class_names.h"
#include "core/data/sets/picture_index.h"
#include "core/data/sets/picture_sizes.h"
#include "core/data/sets/table_source.h"

namespace loom {
namespace {

constexpr std::uint64_t kMaximumLabelBytes = 4096;

const char* const kHowTo =
    "Set root to a folder in which train and val each hold folders in pairs, one with pictures and "
    "one with a text file for each: train/ants_image/x.jpg and train/ants_label/x.txt, in which "
    "the word ants stands.";

/// `*_image` fits `ants_image`: what stands for the star; nullopt if it does not fit.
std::optional<std::string> starOf(const std::string& pattern, const std::string& name) {
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos)
        return name == pattern ? std::optional(std::string()) : std::nullopt;
    const std::string before = pattern.substr(0, star), after = pattern.substr(star + 1);
    if (name.size() < before.size() + after.size() || !name.starts_with(before) ||
        !name.ends_with(after))
        return std::nullopt;
    return name.substr(before.size(), name.size() - before.size() - after.size());
}

std::string withStar(const std::string& pattern, const std::string& star) {
    const std::size_t at = pattern.find('*');
    if (at == std::string::npos) return pattern;
    return pattern.substr(0, at) + star + pattern.substr(at + 1);
}

std::string stemOf(const std::string& name) {
    return name.substr(0, name.find_last_of('.'));
}

struct Pair {
    std::string pictures;
    std::string labels;
};

/// The pairs of folders of one split, in the order of the pictures' folders.
Result<std::vector<Pair>> findPairs(const Settings& settings, const std::string& folder) {
    const auto contents = listFolder(folder);
    if (!contents) return contents.error();
    const std::string pictures = settings.text("picture_folder"),
                      labels = settings.text("label_folder");
    std::vector<std::string> names = contents->folders;
    std::sort(names.begin(), names.end());
    std::vector<Pair> pairs;
    for (const std::string& name : names) {
        const auto star = starOf(pictures, name);
        if (!star) continue;
        const std::string beside = withStar(labels, *star);
        if (!isFolder(folder + "/" + beside))
            return Error{
                folder + "/" + name + " has no folder " + beside + " with labels beside it.",
                "Put it there, or correct label_folder."};
        pairs.push_back({folder + "/" + name, folder + "/" + beside});
    }
    if (pairs.empty())
        return Error{folder + " has no folder called " + pictures + " with pictures.",
                     names.empty() ? kHowTo
                                   : "There are " + someNames(names) +
                                         ". Correct picture_folder: a star stands for any name."};
    return pairs;
}

/// The word in a label file: its first line, without spaces around it.
Result<std::string> readLabel(const std::string& path) {
    const auto bytes = readFile(path, kMaximumLabelBytes);
    if (!bytes) return bytes.error();
    std::string_view text = withoutBlanks(*bytes);
    if (text.empty())
        return Error{path + " is empty, but it should hold the name of a class.",
                     "Write the class into it."};
    text = withoutBlanks(text.substr(0, text.find_first_of("\r\n")));
    if (text.find('\0') != std::string_view::npos)
        return Error{path + " is no text file, but it should hold the name of a class.",
                     "Write the class into it."};
    return std::string(text);
}

/// One split as it lies there: pictures with the words of their label files.
struct LabelledFiles {
    struct One {
        std::string folder, name, label;
    };
    std::vector<One> files;
    std::vector<std::string> withoutPicture;  ///< label files
};

/// How each class is written, by its key.
using Spellings = std::map<std::string, std::string>;

/// Of several ways to write a class ("1", "01"), the shortest.
Spellings spellingsOf(const std::vector<std::string>& words) {
    Spellings spellings;
    for (const std::string& word : words) {
        const auto [known, fresh] = spellings.emplace(classKey(word), word);
        std::string& shown = known->second;
        if (std::pair(word.size(), word) < std::pair(shown.size(), shown)) shown = word;
    }
    return spellings;
}

/// Pictures to test with often lie in plain class folders, val/ants and val/bees; nullopt when
/// there is anything else.
std::optional<LabelledFiles> readClassFolders(const std::string& folder,
                                              const std::vector<std::string>& classes) {
    const auto names = classFolders(folder);
    const Spellings known = spellingsOf(classes);
    if (!names || std::any_of(names->begin(), names->end(), [&](const std::string& name) {
            return !known.contains(classKey(name));
        }))
        return std::nullopt;
    LabelledFiles found;
    for (const std::string& name : *names) {
        auto pictures = listFolder(folder + "/" + name);
        if (!pictures) return std::nullopt;
        std::sort(pictures->files.begin(), pictures->files.end());
        for (const std::string& file : pictures->files)
            if (isPictureName(file)) found.files.push_back({folder + "/" + name, file, name});
    }
    return found.files.empty() ? std::nullopt : std::optional(std::move(found));
}

/// `classes`: those to train with, once they are known.
Result<LabelledFiles> readSplit(const Settings& settings, const std::string& folder,
                                const std::vector<std::string>& classes) {
    const auto pairs = findPairs(settings, folder);
    if (!pairs) {
        auto plain = readClassFolders(folder, classes);
        return plain ? Result<LabelledFiles>(std::move(*plain)) : pairs.error();
    }
    LabelledFiles found;
    std::vector<std::string> missing;
    for (const Pair& pair : *pairs) {
        auto pictures = listFolder(pair.pictures);
        if (!pictures) return pictures.error();
        const auto labels = listFolder(pair.labels);
        if (!labels) return labels.error();
        std::set<std::string> unused;
        for (const std::string& name : labels->files)
            if (name.ends_with(".txt")) unused.insert(stemOf(name));
        std::sort(pictures->files.begin(), pictures->files.end());
        std::set<std::string> used;
        for (const std::string& name : pictures->files) {
            if (!isPictureName(name)) continue;
            const std::string stem = stemOf(name);
            if (!unused.contains(stem)) {
                missing.push_back(pair.labels + "/" + stem + ".txt, for the picture " + name);
                continue;
            }
            used.insert(stem);
            auto label = readLabel(pair.labels + "/" + stem + ".txt");
            if (!label) return label.error();
            found.files.push_back({pair.pictures, name, std::move(*label)});
        }
        for (const std::string& stem : unused)
            if (!used.contains(stem))
                found.withoutPicture.push_back(pair.labels + "/" + stem + ".txt");
    }
    if (!missing.empty())
        return Error{missing.front() + ", is missing" +
                         (missing.size() == 1
                              ? "."
                              : ", and so are " +
                                    groupDigits(static_cast<std::int64_t>(missing.size()) - 1) +
                                    " more label files."),
                     "Write the label files, or take the pictures away."};
    if (found.files.empty())
        return Error{pairs->front().pictures + " holds no picture.",
                     "Put pictures into it (JPEG, PNG, BMP, PPM, PGM, TIFF or WebP)."};
    return found;
}

/// Gives every file its class as `spellings` write it; a word that is none of them stays.
void writeAlike(LabelledFiles& split, const Spellings& spellings) {
    for (auto& file : split.files)
        if (const auto known = spellings.find(classKey(file.label)); known != spellings.end())
            file.label = known->second;
}

struct BothSplits {
    LabelledFiles train, test;
    std::vector<std::string> classes;
    std::string noTest;  ///< why there is nothing to test with
    SampleSpec spec;
};

using Read = Result<std::shared_ptr<const BothSplits>>;

Read readBoth(const Settings& settings) {
    const ClassFolders folders = splitFolders(settings);
    BothSplits both;
    Spellings spellings;
    for (const Split split : {Split::Train, Split::Test}) {
        if (const auto why = missingFolder("LabelFolders", settings, folders, split);
            !why.empty()) {
            if (split == Split::Train || !lacksTestFolder(settings, folders))
                return Error{why, kHowTo};
            both.noTest = why;
            break;
        }
        auto read = readSplit(settings, folders.of(split), both.classes);
        if (!read) return read.error();
        if (split == Split::Train) {
            std::vector<std::string> words;
            for (const auto& file : read->files) words.push_back(file.label);
            spellings = spellingsOf(words);
            for (const auto& [key, name] : spellings) both.classes.push_back(name);
            std::sort(both.classes.begin(), both.classes.end());
        }
        writeAlike(*read, spellings);
        (split == Split::Train ? both.train : both.test) = std::move(*read);
    }
    for (const auto& file : both.test.files)
        if (!std::binary_search(both.classes.begin(), both.classes.end(), file.label))
            return Error{"The label file of " + file.folder + "/" + file.name + " says " +
                             shortText(file.label) + ", but the pictures to train with are of " +
                             someNames(both.classes) + " only.",
                         "Correct the label, or add pictures of this class to train with."};
    std::vector<std::string> paths;
    for (const LabelledFiles* split : {&both.train, &both.test})
        for (const auto& file : split->files) paths.push_back(file.folder + "/" + file.name);
    both.spec = specOfFiles(paths);
    return std::make_shared<const BothSplits>(std::move(both));
}

/// Remembered until a folder changes. A label that is written over without its folder changing is
/// noticed when the program is started again, or with the next file that comes or goes.
Read remembered(const Settings& settings) {
    static FileCache<Read> cache(2);
    const ClassFolders folders = splitFolders(settings);
    std::vector<std::string> paths = {folders.train, folders.test};
    for (const Split split : {Split::Train, Split::Test}) {
        if (!isFolder(folders.of(split))) continue;
        if (const auto pairs = findPairs(settings, folders.of(split))) {
            for (const Pair& pair : *pairs) paths.insert(paths.end(), {pair.pictures, pair.labels});
        } else if (const auto names = classFolders(folders.of(split))) {
            for (const std::string& name : *names) paths.push_back(folders.of(split) + "/" + name);
        }
    }
    return cache.get(settingsKey(settings), paths, [&] { return readBoth(settings); });
}

DatasetLocation locate(const Settings& settings) {
    DatasetLocation location{false, classFoldersRoot(settings), "", kHowTo};
    const auto both = remembered(settings);
    location.found = both.ok();
    if (!both) {
        location.message = both.error().message;
        return location;
    }
    const BothSplits& found = **both;
    const ClassFolders folders = splitFolders(settings);
    std::vector<std::string> places = {folders.train};
    if (found.noTest.empty()) places.push_back(folders.test);
    location.message =
        sentence("{train} train and {test} test pictures of {classes} found in {folders}.",
                 {{"train", groupDigits(static_cast<std::int64_t>(found.train.files.size()))},
                  {"test", groupDigits(static_cast<std::int64_t>(found.test.files.size()))},
                  {"classes", someNames(found.classes)},
                  {"folders", joinWords(places)}});
    location.noTest = found.noTest;
    std::vector<std::string> orphans = found.train.withoutPicture;
    orphans.insert(orphans.end(), found.test.withoutPicture.begin(),
                   found.test.withoutPicture.end());
    if (orphans.size() == 1)
        location.message += " The label file " + orphans.front() + " has no picture.";
    if (orphans.size() > 1)
        location.message += " The label file " + orphans.front() + " has no picture, and " +
                            groupDigits(static_cast<std::int64_t>(orphans.size()) - 1) +
                            " more have none.";
    return location;
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const auto both = remembered(settings);
    if (!both) return both.error();
    const BothSplits& found = **both;
    if (split == Split::Test && !found.noTest.empty()) return Error{found.noTest, kHowTo};
    PictureIndex index;
    for (const auto& file : (split == Split::Train ? found.train : found.test).files)
        index.add(file.folder, file.name,
                  std::lower_bound(found.classes.begin(), found.classes.end(), file.label) -
                      found.classes.begin());
    return std::shared_ptr<const Dataset>(
        std::make_shared<PictureFilesDataset>(std::move(index), found.classes));
}

}  // namespace

DatasetKind labelFoldersKind() {
    DatasetKind kind;
    kind.info = {
        .id = "LabelFolders",
        .family = "your own pictures",
        .summary = "your own pictures in one folder, their labels as text files in another",
        .details =
            "Pictures and labels lie apart: ants_image/x.jpg is the picture, and ants_label/x.txt "
            "the text file in which its class stands. There may be several such pairs of folders, "
            "or one; pictures to test with may also lie in one plain folder per class. The "
            "classes are the words that stand in the label files, in the order of the "
            "alphabet; the folders' names do not matter. Many courses write a Dataset class of "
            "their own for this layout.",
        .keywords = {"own", "label", "txt", "hymenoptera", "ants", "bees", "custom", "folders",
                     "annotation"}};
    kind.params = splitFolderParams();
    kind.params.insert(kind.params.begin(),
                       rootParam("The folder that holds the train and val folders."));
    kind.params.push_back({.key = "picture_folder",
                           .type = ParamType::Text,
                           .defaultValue = "*_image",
                           .hint = "What the folders with pictures are called; a star stands for "
                                   "any name."});
    kind.params.push_back({.key = "label_folder",
                           .type = ParamType::Text,
                           .defaultValue = "*_label",
                           .hint = "What the folders with label files are called; the star is what "
                                   "it is in picture_folder."});
    kind.spec = [](const Settings& settings) {
        const auto both = remembered(settings);
        return both ? (*both)->spec : SampleSpec{false, {3, -1, -1}};
    };
    kind.target = [](const Settings& settings) {
        TargetSpec target;
        if (const auto both = remembered(settings))
            target.classes = static_cast<std::int64_t>((*both)->classes.size());
        return target;
    };
    kind.classNamesOf = [](const Settings& settings) {
        const auto both = remembered(settings);
        return both ? (*both)->classes : std::vector<std::string>{};
    };
    kind.locate = locate;
    kind.open = open;
    return kind;
}

}  // namespace loom
