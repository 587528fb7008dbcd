#include <algorithm>
#include <array>

#include "core/base/catalogue.h"
#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/data/files/file_cache.h"
#include "core/data/files/locations.h"
#include "core/data/sets/lmdb_file.h"
#include "core/data/sets/picture_index.h"
#include "core/data/sets/table_source.h"

namespace loom {
namespace {

/// In torchvision's order, which numbers the classes.
const std::vector<std::string>& categories() {
    static const std::vector<std::string> all = {
        "bedroom",     "bridge",  "church_outdoor", "classroom",  "conference_room",
        "dining_room", "kitchen", "living_room",    "restaurant", "tower"};
    return all;
}

const char* const kHowTo =
    "Fetch the categories that you want from http://dl.yf.io/lsun/scenes/ (bedroom_train_lmdb.zip, "
    "bedroom_val_lmdb.zip and so on; bedroom alone has 43 GB, tower's validation pictures 5 MB) "
    "and unpack them into one folder, so that it holds bedroom_train_lmdb/data.mdb. Then set root "
    "to that folder.";

std::string dataFile(const std::string& root, const std::string& category, Split split) {
    return root + "/" + category + (split == Split::Train ? "_train" : "_val") + "_lmdb/data.mdb";
}

std::string rootFolder(const Settings& settings) {
    const std::string given = settings.text("root");
    std::vector<std::string> places;
    for (const std::string& base : dataRoots(given))
        for (const char* below : {"/LSUN", "/lsun"})
            places.push_back(given.empty() ? base + below : base);
    for (const std::string& place : places)
        if (isFolder(place)) return place;
    return places.front();
}

struct Chosen {
    std::string root;
    std::vector<std::string> classes;
    std::string problem;
    std::vector<std::string> files() const {
        std::vector<std::string> all;
        for (const std::string& name : classes)
            for (const Split split : {Split::Train, Split::Test})
                all.push_back(dataFile(root, name, split));
        return all;
    }
};

/// The classes of `classes`, or those of the ten that lie in root with both splits.
Chosen choose(const Settings& settings) {
    Chosen chosen{rootFolder(settings), splitNames(settings.text("classes")), {}};
    for (std::string& name : chosen.classes) {
        if (name.ends_with("_train")) name.resize(name.size() - 6);
        if (std::find(categories().begin(), categories().end(), name) != categories().end())
            continue;
        chosen.problem =
            "LSUN has no class called " + name + "; there are " + joinWords(categories()) + ".";
        return chosen;
    }
    const bool named = !chosen.classes.empty();
    std::vector<std::string> halves;
    if (!named)
        for (const std::string& name : categories()) {
            const bool train = isFile(dataFile(chosen.root, name, Split::Train)),
                       test = isFile(dataFile(chosen.root, name, Split::Test));
            if (train && test) chosen.classes.push_back(name);
            if (train != test)
                halves.push_back(dataFile(chosen.root, name, train ? Split::Test : Split::Train));
        }
    if (chosen.classes.empty())
        chosen.problem = halves.empty() ? "LSUN's data bases are not in " + chosen.root +
                                              ": it has no folder like bedroom_train_lmdb."
                                        : halves.front() + " is missing.";
    for (const std::string& file : chosen.files())
        if (named && !isFile(file)) {
            chosen.problem = file + " is missing.";
            break;
        }
    return chosen;
}

class LsunDataset : public Dataset {
public:
    struct Part {
        std::shared_ptr<const LmdbFile> file;
        std::string path;
        std::vector<std::uint64_t> entries;
    };
    LsunDataset(std::vector<Part> parts, std::vector<std::string> classes)
        : m_parts(std::move(parts)), m_classes(std::move(classes)) {
        for (const Part& part : m_parts)
            m_ends.push_back((m_ends.empty() ? 0 : m_ends.back()) +
                             static_cast<std::int64_t>(part.entries.size()));
    }

    std::int64_t size() const override { return m_ends.back(); }
    Result<Sample> sample(std::int64_t index) const override { return decodedSample(*this, index); }
    std::int64_t label(std::int64_t index) const override {
        return std::upper_bound(m_ends.begin(), m_ends.end(), index) - m_ends.begin();
    }
    const std::vector<std::string>& classes() const override { return m_classes; }
    SampleSpec spec() const override { return {false, {3, -1, -1}}; }
    bool hasEncodedPictures() const override { return true; }
    Result<std::string> encodedPicture(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Picture " + groupDigits(index) + " was asked for, but there are only " +
                         groupDigits(size()) + "."};
        return partOf(index).file->value(entryOf(index));
    }
    std::string nameOf(std::int64_t index) const override {
        const auto key = partOf(index).file->key(entryOf(index));
        return "picture " + (key ? *key : std::to_string(index)) + " of " + partOf(index).path;
    }
    std::int64_t bytesInMemory() const override { return 8 * size(); }

private:
    const Part& partOf(std::int64_t index) const {
        return m_parts[static_cast<std::size_t>(label(index))];
    }
    std::uint64_t entryOf(std::int64_t index) const {
        const auto label = this->label(index);
        return partOf(index).entries[static_cast<std::size_t>(
            index - (label == 0 ? 0 : m_ends[static_cast<std::size_t>(label - 1)]))];
    }

    std::vector<Part> m_parts;
    std::vector<std::string> m_classes;
    std::vector<std::int64_t> m_ends;
};

DatasetLocation locate(const Settings& settings) {
    const Chosen chosen = choose(settings);
    DatasetLocation location{false, chosen.root, chosen.problem, kHowTo};
    if (!location.message.empty()) return location;
    static FileCache<DatasetLocation> cache;
    return cache.get(settingsKey(settings), chosen.files(), [&] {
        std::array<std::int64_t, 2> counts = {};
        for (const std::string& name : chosen.classes)
            for (const Split split : {Split::Train, Split::Test}) {
                const auto file = LmdbFile::open(dataFile(chosen.root, name, split));
                if (!file) {
                    location.message = file.error().message;
                    return location;
                }
                counts[split == Split::Train ? 0 : 1] +=
                    static_cast<std::int64_t>((*file)->entryCount());
            }
        location.found = true;
        location.message = groupDigits(counts[0]) + " train and " + groupDigits(counts[1]) +
                           " test pictures of " + joinWords(chosen.classes) + " found in " +
                           chosen.root + ".";
        return location;
    });
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const Chosen chosen = choose(settings);
    if (!chosen.problem.empty()) return Error{chosen.problem, kHowTo};
    std::vector<LsunDataset::Part> parts;
    for (const std::string& name : chosen.classes) {
        const std::string path = dataFile(chosen.root, name, split);
        auto file = LmdbFile::open(path);
        if (!file) return file.error();
        auto entries = (*file)->entries();
        if (!entries) return entries.error();
        if (entries->empty())
            return Error{path + " holds no picture.", "Fetch the data base again."};
        parts.push_back({std::move(*file), path, std::move(*entries)});
    }
    return std::shared_ptr<const Dataset>(
        std::make_shared<LsunDataset>(std::move(parts), chosen.classes));
}

}  // namespace

DatasetKind lsunKind() {
    DatasetKind kind;
    kind.info = {
        .id = "LSUN",
        .family = "large picture sets",
        .summary = "millions of photographs of ten kinds of places",
        .details =
            "Bedrooms, bridges, churches, kitchens, towers: about ten million photographs whose "
            "shorter side has 256 pixels, and 300 of each class to test with. Each class is a "
            "data base (LMDB) of its own, so any choice of classes will do. Pictures are read from "
            "it one at a time. Begin the transforms with a crop.",
        .python = "torchvision.datasets.LSUN",
        .keywords = {"lsun", "scenes", "bedroom", "church", "lmdb", "rooms", "places"}};
    kind.params = {
        rootParam("The folder that holds bedroom_train_lmdb and the like. Left empty, LSUN is "
                  "looked for in the usual places."),
        {.key = "classes",
         .type = ParamType::Text,
         .defaultValue = "",
         .hint = "The classes wanted, with commas between: bedroom, tower. They are numbered in "
                 "this order. Left empty: all that lie in root."}};
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, -1, -1}}; };
    kind.target = [](const Settings& settings) {
        TargetSpec target;
        const Chosen chosen = choose(settings);
        if (chosen.problem.empty())
            target.classes = static_cast<std::int64_t>(chosen.classes.size());
        return target;
    };
    kind.classNamesOf = [](const Settings& settings) { return choose(settings).classes; };
    kind.locate = locate;
    kind.open = open;
    return kind;
}

}  // namespace loom
