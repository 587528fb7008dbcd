#include "core/data/sets/published_set.h"

#include <algorithm>
#include <mutex>

#include "core/base/sentence.h"
#include "core/data/files/archive.h"
#include "core/data/files/checksum.h"
#include "core/data/files/disk_space.h"
#include "core/data/files/locations.h"

namespace loom {
namespace {

std::string below(const std::string& root, const std::string& folder) {
    return folder.empty() ? root : root + "/" + folder;
}

std::vector<std::string> filesOf(const PublishedSet& set) {
    std::vector<std::string> names = set.train;
    for (const std::string& name : set.test)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    return names;
}

/// Whether all that is missing can be unpacked of `file`.
bool holdsAll(const RemoteFile& file, const std::vector<std::string>& names) {
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        return std::any_of(file.holds.begin(), file.holds.end(),
                           [&](const PackedFile& one) { return one.path.ends_with("/" + name); });
    });
}

/// Complete places first, then packed ones, then those that lack least.
std::size_t rank(const PublishedPlace& place) {
    if (place.missing.empty()) return 0;
    return place.archive.empty() ? 1 + place.missing.size() : 1;
}

/// "cifar-10-python.tar.gz", as files that lie on this machine and that the publisher gives a sum
/// for, each with that sum.
std::vector<std::pair<std::string, std::string>> checkedFiles(
    const PublishedPlace& place, const std::vector<std::string>& names) {
    std::vector<std::pair<std::string, std::string>> files;
    for (const RemoteFile& file : place.set->files) {
        const std::string whole = place.folder + "/" + file.name;
        if (std::find(names.begin(), names.end(), file.name) != names.end() && !file.md5.empty())
            files.emplace_back(whole, file.md5);
        for (const PackedFile& one : file.holds)
            for (const std::string& name : names)
                if (one.path.ends_with("/" + name) && !one.md5.empty())
                    files.emplace_back(place.folder + "/" + name, one.md5);
    }
    return files;
}

/// What is known of checksums that differ, as a sentence; empty when nothing is.
std::string checksumNote(const PublishedPlace& place) {
    std::vector<std::string> others;
    for (const auto& [path, md5] : checkedFiles(place, filesOf(*place.set)))
        if (const auto known = rememberedMd5(path); known && *known != md5)
            others.push_back(path.substr(path.find_last_of('/') + 1));
    if (others.empty()) return {};
    return " Not as published, by checksum: " + joinWords(others) + ".";
}

std::string howToGet(const std::vector<PublishedSet>& forms) {
    const PublishedSet& set = forms.front();
    std::vector<std::string> files;
    std::int64_t bytes = 0;
    for (const RemoteFile& file : set.files) {
        const std::string& url = file.urls.back();
        files.push_back(url + (file.md5.empty() ? "" : " (md5 " + file.md5 + ")"));
        bytes += file.bytes;
    }
    const std::string folder = below(homeDataFolder(), set.files.front().folder);
    return (set.besides.empty() ? "" : set.besides + " ") + "Download it" +
           (bytes > 0 ? " (" + bytesText(bytes) + ")" : "") + ", or by hand: fetch " +
           joinWords(files) + " and put " + (files.size() == 1 ? "it" : "them") + " into " +
           folder + ", packed as " + (files.size() == 1 ? "it is" : "they are") +
           ". Or set root to the folder that holds " +
           (set.folder.empty() ? set.train.front() : set.folder) + ".";
}

}  // namespace

std::string findSetFile(const std::string& folder, const std::string& name) {
    std::vector<std::string> names = {name};
    // Some tools write a dot where the publisher has a dash.
    if (const auto dash = name.find("-idx"); dash != std::string::npos)
        names.push_back(std::string(name).replace(dash, 1, "."));
    for (const std::string& one : names)
        for (const char* ending : {"", ".gz"})
            if (const std::string path = folder + "/" + one + ending; isFile(path)) return path;
    return {};
}

PublishedPlace findPublished(const std::vector<PublishedSet>& forms, const Settings& settings) {
    PublishedPlace best;
    const std::string given = settings.text("root");
    const auto consider = [&](const PublishedSet& set, const std::string& root,
                              const std::string& folder) {
        PublishedPlace place{&set, root, folder};
        const auto names = filesOf(set);
        for (const std::string& name : names)
            if (findSetFile(folder, name).empty()) place.missing.push_back(name);
        for (const RemoteFile& file : set.files)
            for (const std::string& at : {below(root, file.folder), folder, root})
                if (const std::string path = at + "/" + file.name;
                    place.archive.empty() && !place.missing.empty() && isFile(path) &&
                    holdsAll(file, place.missing))
                    place.archive = path;
        const bool hasAny = place.missing.size() < names.size() || !place.archive.empty();
        if (hasAny && (!best.set || rank(place) < rank(best))) best = place;
    };
    for (const std::string& root : dataRoots(given))
        for (const PublishedSet& set : forms) {
            consider(set, root, below(root, set.folder));
            if (given.empty()) continue;
            for (const std::string& folder : set.others) consider(set, root, below(root, folder));
        }
    if (given.empty())
        for (const PublishedSet& set : forms)
            for (const std::string& folder : set.system) consider(set, folder, folder);
    return best;
}

DatasetLocation locatePublished(
    const std::vector<PublishedSet>& forms, const Settings& settings,
    const std::function<Result<std::string>(const PublishedPlace&)>& describe) {
    DatasetLocation location;
    location.howToGet = howToGet(forms);
    const PublishedSet& usual = forms.front();
    const PublishedPlace place = findPublished(forms, settings);
    if (!place.set) {
        const auto roots = dataRoots(settings.text("root"));
        location.folder = below(roots.front(), usual.folder);
        std::vector<std::string> places;
        for (const std::string& root : roots) places.push_back(below(root, usual.folder));
        if (settings.text("root").empty())
            places.insert(places.end(), usual.system.begin(), usual.system.end());
        else if (places.front() != roots.front())
            places.push_back(roots.front());
        location.message = usual.title + " is not on this machine: none of its files lies in " +
                           joinWords(places, "or") + ".";
        return location;
    }
    location.folder = place.folder;
    if (!place.archive.empty()) {
        location.found = true;
        location.message = usual.title + " is here, packed in " + place.archive +
                           "; it will be unpacked on first use.";
        return location;
    }
    if (!place.complete()) {
        location.message = usual.title + " is not complete: " + place.folder + " has no " +
                           joinWords(place.missing, "and no") + ".";
        return location;
    }
    if (describe) {
        const auto holds = describe(place);
        location.found = holds.ok();
        location.message =
            holds ? *holds + " found in " + place.folder + "." : holds.error().message;
    } else {
        location.found = true;
        location.message = "All files of " + usual.title + " found in " + place.folder + ".";
    }
    if (location.found) location.message += checksumNote(place);
    return location;
}

Result<PublishedPlace> preparePublished(const std::vector<PublishedSet>& forms,
                                        const Settings& settings, Split split) {
    PublishedPlace place = findPublished(forms, settings);
    if (place.set && !place.archive.empty()) {
        // Train and test are opened at the same time: one unpacks, the other waits.
        static std::mutex unpacking;
        const std::lock_guard lock(unpacking);
        place = findPublished(forms, settings);
        if (!place.archive.empty()) {
            const RemoteFile& file = *std::find_if(
                place.set->files.begin(), place.set->files.end(),
                [&](const auto& one) { return place.archive.ends_with("/" + one.name); });
            const auto sum = md5OfFileOnce(place.archive);
            auto done = unpackArchive(place.archive, file.holds, place.root);
            if (!done && sum && !file.md5.empty() && *sum != file.md5)
                return Error{done.error().message + " Its md5 is " + *sum + ", but " + file.md5 +
                                 " is published.",
                             done.error().hint};
            if (!done) return done.error();
            place = findPublished(forms, settings);
        }
    }
    const auto& needed = split == Split::Train ? forms.front().train : forms.front().test;
    const auto isMissing = [&](const std::string& name) {
        return findSetFile(place.folder, name).empty();
    };
    const auto& names =
        place.set ? (split == Split::Train ? place.set->train : place.set->test) : needed;
    if (!place.set || std::any_of(names.begin(), names.end(), isMissing)) {
        const DatasetLocation location = locatePublished(forms, settings);
        return Error{location.message, location.howToGet};
    }
    for (const auto& [path, md5] : checkedFiles(place, names))
        if (isFile(path)) static_cast<void>(md5OfFileOnce(path).ok());
    return place;
}

}  // namespace loom
