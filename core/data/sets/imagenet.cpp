#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <map>

#include "core/base/files.h"
#include "core/base/pickle.h"
#include "core/base/shape.h"
#include "core/data/files/file_cache.h"
#include "core/data/files/locations.h"
#include "core/data/sets/class_folders.h"

namespace loom {
namespace {

constexpr std::size_t kMaximumMetaBytes = 64 << 20;

const char* const kHowTo =
    "ImageNet may not be passed on: register at https://image-net.org, fetch "
    "ILSVRC2012_img_train.tar, ILSVRC2012_img_val.tar and ILSVRC2012_devkit_t12.tar.gz into one "
    "folder, and let torchvision.datasets.ImageNet(folder, 'train') and (folder, 'val') sort them. "
    "Then set root to that folder: it has train and val with one folder per class, n01440764 and "
    "so on. Any other pictures in this layout do as well.";

/// A torch file's pickle: a zip's `data.pkl`, or the fourth pickle of the format before 1.6.
Result<PickleValue> readTorchPickle(const std::string& path) {
    auto bytes = readFile(path, kMaximumMetaBytes);
    if (!bytes) return bytes.error();
    if (!bytes->starts_with("PK")) {
        std::string_view rest = *bytes;
        for (int before = 0; before < 3; ++before) {
            std::size_t consumed = 0;
            if (auto skipped = readPickle(rest, &consumed); !skipped) return skipped;
            rest.remove_prefix(consumed);
        }
        return readPickle(rest);
    }
    const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
    archive_read_support_format_zip(reader.get());
    if (archive_read_open_memory(reader.get(), bytes->data(), bytes->size()) != ARCHIVE_OK)
        return Error{"it is no zip file"};
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
        const char* name = archive_entry_pathname(entry);
        if (!name || !std::string_view(name).ends_with("/data.pkl")) continue;
        std::string pickle;
        std::string chunk(1 << 16, '\0');
        la_ssize_t got = 0;
        while ((got = archive_read_data(reader.get(), chunk.data(), chunk.size())) > 0) {
            pickle.append(chunk.data(), static_cast<std::size_t>(got));
            if (pickle.size() > kMaximumMetaBytes) return Error{"it unpacks to more than it may"};
        }
        if (got < 0) return Error{"its contents are damaged"};
        return readPickle(pickle);
    }
    return Error{"it holds no data.pkl"};
}

using Names = std::map<std::string, std::string>;

/// torchvision's meta.bin: ({wnid: (word, …)}, [wnid of each validation picture]).
Names namesOfMeta(const std::string& path) {
    Names names;
    const auto pickle = readTorchPickle(path);
    if (!pickle) return names;
    const PickleValue classes = pickle->item(0);
    for (std::size_t i = 0; i < classes.entryCount(); ++i) {
        const PickleValue words = classes.entry(i);
        std::vector<std::string> all;
        for (std::size_t w = 0; w < words.size(); ++w) all.push_back(words.item(w).text());
        std::string name;
        for (const std::string& word : all) name += (name.empty() ? "" : ", ") + word;
        if (!name.empty()) names[classes.key(i).text()] = name;
    }
    return names;
}

/// Kaggle's list: "n01440764 tench, Tinca tinca" on every line.
Names namesOfMapping(const std::string& path) {
    Names names;
    const auto bytes = readFile(path, kMaximumMetaBytes);
    if (!bytes) return names;
    std::size_t begin = 0;
    while (begin < bytes->size()) {
        std::size_t end = std::min(bytes->find('\n', begin), bytes->size());
        std::string line = bytes->substr(begin, end - begin);
        begin = end + 1;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        const std::size_t space = line.find_first_of(" \t");
        if (space != std::string::npos && space + 1 < line.size())
            names[line.substr(0, space)] = line.substr(space + 1);
    }
    return names;
}

struct Layout {
    std::string root;  ///< with train and val in it
    std::string meta;
    std::string mapping;
    ClassFolders folders() const { return {root + "/train", root + "/val"}; }
};

/// The folder as torchvision leaves it, or as Kaggle packs it, in which the lists lie higher up.
Layout layoutOf(const Settings& settings) {
    const std::string given = settings.text("root");
    std::vector<std::string> places;
    for (const std::string& base : dataRoots(given)) {
        if (!given.empty()) places.push_back(base);
        for (const char* name : {"ImageNet", "imagenet", "ILSVRC2012"})
            if (given.empty()) places.push_back(base + "/" + name);
    }
    for (const std::string& top : places)
        for (const std::string& root : {top, top + "/ILSVRC/Data/CLS-LOC", top + "/Data/CLS-LOC"}) {
            if (!isFolder(root + "/train") && !isFolder(root + "/val")) continue;
            return {root, root + "/meta.bin",
                    isFile(root + "/LOC_synset_mapping.txt") ? root + "/LOC_synset_mapping.txt"
                                                             : top + "/LOC_synset_mapping.txt"};
        }
    return {places.front(), "", ""};
}

/// What each class is called: its words where a list of them lies there, else its folder's name.
std::vector<std::string> classNames(const Layout& layout, const std::vector<std::string>& wnids) {
    static FileCache<std::shared_ptr<const Names>> cache;
    const auto names = cache.get(layout.root, {layout.meta, layout.mapping}, [&] {
        Names found = namesOfMeta(layout.meta);
        if (found.empty()) found = namesOfMapping(layout.mapping);
        return std::make_shared<const Names>(std::move(found));
    });
    std::vector<std::string> all;
    for (const std::string& wnid : wnids) {
        const auto found = names->find(wnid);
        all.push_back(found == names->end() ? wnid : found->second);
    }
    return all;
}

std::string missing(const Layout& layout) {
    const ClassFolders folders = layout.folders();
    if (!isFolder(layout.root) || (!isFolder(folders.train) && !isFolder(folders.test)))
        return "ImageNet's pictures are not in " + layout.root +
               ": it has no folders train and val.";
    for (const std::string& folder : {folders.train, folders.test}) {
        if (!isFolder(folder))
            return layout.root + " has no folder " + folder.substr(layout.root.size() + 1) + ".";
        auto classes = classFolders(folder);
        if (!classes && folder == folders.test)
            return folder +
                   " has no folder in it: its pictures are not yet sorted into their classes.";
        if (!classes) return classes.error().message;
    }
    return {};
}

DatasetLocation locate(const Settings& settings) {
    const Layout layout = layoutOf(settings);
    DatasetLocation location{false, layout.root, missing(layout), kHowTo};
    if (!location.message.empty()) return location;
    const auto wnids = commonClasses(layout.folders());
    location.found = wnids.ok();
    if (!wnids) {
        location.message = wnids.error().message;
        return location;
    }
    location.message = groupDigits(static_cast<std::int64_t>(wnids->size())) +
                       " classes found in " + layout.folders().train + " and " +
                       layout.folders().test + ".";
    if (classNames(layout, *wnids) == *wnids)
        location.message +=
            " They are called by their numbers, as neither meta.bin nor "
            "LOC_synset_mapping.txt lies there.";
    return location;
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const Layout layout = layoutOf(settings);
    if (const std::string why = missing(layout); !why.empty()) return Error{why, kHowTo};
    const auto wnids = commonClasses(layout.folders());
    if (!wnids) return wnids.error();
    auto index = indexClasses(layout.folders().of(split), *wnids);
    if (!index) return index.error();
    return std::shared_ptr<const Dataset>(
        std::make_shared<PictureFilesDataset>(std::move(*index), classNames(layout, *wnids)));
}

}  // namespace

DatasetKind imageNetKind() {
    DatasetKind kind;
    kind.info = {
        .id = "ImageNet",
        .family = "large picture sets",
        .summary = "1.3 million photographs in 1,000 classes, by WordNet's words",
        .details =
            "The set that the well-known picture networks were trained and compared on: 1,281,167 "
            "photographs to train with and 50,000 to test with, of all sizes. Folders are named by "
            "WordNet's numbers, n01440764 for the tench; their words come from torchvision's "
            "meta.bin or Kaggle's LOC_synset_mapping.txt. Begin the transforms with "
            "RandomResizedCrop(224) to train, and Resize(256) and CenterCrop(224) to test.",
        .python = "torchvision.datasets.ImageNet",
        .keywords = {"imagenet", "ilsvrc", "wordnet", "photographs", "1000 classes", "resnet"}};
    kind.params = {
        rootParam("The folder that holds train and val, as torchvision sorts them. Left empty, "
                  "ImageNet is looked for in the usual places.")};
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, -1, -1}}; };
    kind.classNamesOf = [](const Settings& settings) {
        const Layout layout = layoutOf(settings);
        if (!isFolder(layout.folders().train)) return std::vector<std::string>{};
        const auto wnids = classFolders(layout.folders().train);
        return wnids ? classNames(layout, *wnids) : std::vector<std::string>{};
    };
    kind.target = [classes = kind.classNamesOf](const Settings& settings) {
        return TargetSpec{TargetSpec::Type::ClassIndex,
                          static_cast<std::int64_t>(classes(settings).size())};
    };
    kind.locate = locate;
    kind.open = open;
    return kind;
}

}  // namespace loom
