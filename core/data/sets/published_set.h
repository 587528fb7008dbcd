#pragma once

#include <string>
#include <vector>

#include "core/data/dataset.h"

namespace loom {

/// A data set in one of the forms its publisher offers it in, and where torchvision puts it.
struct PublishedSet {
    std::string id;     ///< the kind's
    std::string title;  ///< "CIFAR-10"
    std::vector<RemoteFile> files = {};
    std::string folder = {};  ///< below a root, torchvision's: "MNIST/raw"
    std::vector<std::string> others =
        {};  ///< below a root that is given: where people put the files
    std::vector<std::string> system = {};  ///< looked into when no root is given
    std::vector<std::string> train = {};   ///< the files that each split needs, unpacked
    std::vector<std::string> test = {};
    std::string besides = {};  ///< how else to get it, a sentence
};

/// Where a set lies.
struct PublishedPlace {
    const PublishedSet* set = nullptr;  ///< null: nothing of it was found
    std::string root = {};
    std::string folder = {};
    std::vector<std::string> missing = {};
    std::string archive = {};  ///< what is missing lies in here, packed as published
    bool complete() const { return set && missing.empty(); }
};

/// The best of all places and forms: complete, else packed, else the one that lacks least.
PublishedPlace findPublished(const std::vector<PublishedSet>& forms, const Settings& settings);

/// A file of a set: as it is, or packed (.gz) where `mayBePacked`; empty when it is not there.
std::string findSetFile(const std::string& folder, const std::string& name);

/// What `DatasetKind::locate` gives. `describe` says in a sentence what a complete folder holds, or
/// why it holds nothing sound.
DatasetLocation locatePublished(
    const std::vector<PublishedSet>& forms, const Settings& settings,
    const std::function<Result<std::string>(const PublishedPlace&)>& describe = {});

/// The place with the files that `split` needs: an archive that was found is unpacked first, and
/// checksums are compared once. A checksum that differs is no error; `locatePublished` tells it.
Result<PublishedPlace> preparePublished(const std::vector<PublishedSet>& forms,
                                        const Settings& settings, Split split);

}  // namespace loom
