#include "core/data/sets/recognise.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include "core/data/dataset.h"
#include "core/data/files/locations.h"
#include "core/data/pictures/picture_header.h"

namespace loom {
namespace {

namespace fs = std::filesystem;

bool isWithin(const std::string& inner, const std::string& outer) {
    return inner == outer || inner.starts_with(outer.ends_with('/') ? outer : outer + "/");
}

/// A folder on the way names a kind: MNIST's files look the same as FashionMNIST's.
std::string kindNamedBy(const std::string& folder) {
    std::string named;
    for (const fs::path& part : fs::path(folder))
        for (const DatasetKind& kind : datasets())
            if (part.string() == kind.info.id) named = kind.info.id;
    return named;
}

bool isPublished(const DatasetKind& kind) {
    return !kind.classNames.empty() || kind.downloads || kind.classNamesOf;
}

/// Kinds whose one file may be the path itself: tables.
bool readsOneFile(const DatasetKind& kind) {
    return findSpec(kind.params, "file") != nullptr;
}

/// The path as a root, and the folders above it that may be meant.
std::vector<std::string> rootsAround(const DatasetKind& kind, const std::string& path) {
    std::vector<std::string> roots{path};
    // A table's folder may hold others' tables as well.
    if (readsOneFile(kind)) return roots;
    fs::path above = path;
    for (int level = 0; level < 2 && above.has_parent_path() && above.parent_path() != above;
         ++level) {
        above = above.parent_path();
        roots.push_back(above.string());
    }
    // torchvision's root lies above the data set's own folder.
    if (isPublished(kind)) std::reverse(roots.begin(), roots.end());
    return roots;
}

/// What the kind finds with these parameters, if it belongs to the path.
std::optional<RecognisedDataset> tried(const DatasetKind& kind, const Params& params,
                                       const std::string& path) {
    const DatasetLocation location = kind.locate(Settings(kind.params, params));
    if (!location.found) return std::nullopt;
    // Above the path other data sets may lie, which nobody pointed at.
    if (!isWithin(location.folder, path) && !isWithin(path, location.folder)) return std::nullopt;
    const std::string named = kindNamedBy(location.folder);
    if (!named.empty() && named != kind.info.id && isPublished(kind)) return std::nullopt;
    return RecognisedDataset{{kind.info.id, params}, location.message};
}

std::optional<RecognisedDataset> recognise(const DatasetKind& kind, const std::string& path) {
    if (!findSpec(kind.params, "root")) return std::nullopt;
    const auto opens = [&](const Params& params) {
        return openDataset(kind.info.id, params, Split::Train).ok();
    };
    for (const std::string& root : rootsAround(kind, path)) {
        const Params params{{"root", Value(root)}};
        auto found = tried(kind, params, path);
        // A table says by its columns whether it is what this kind takes.
        if (found && (!readsOneFile(kind) || opens(params))) return found;
    }
    if (!findSpec(kind.params, "train") || !findSpec(kind.params, "test")) return std::nullopt;
    // Class folders with no train and test above them, if there are pictures in them.
    const Params here{{"root", Value(path)}, {"train", Value(".")}, {"test", Value(".")}};
    auto found = tried(kind, here, path);
    if (!found || !opens(here)) return std::nullopt;
    found->testIsTrain = true;
    return found;
}

}  // namespace

std::vector<RecognisedDataset> recogniseDatasets(const std::string& path) {
    std::error_code ignored;
    const fs::path whole = fs::weakly_canonical(path, ignored);
    const std::string place = whole.empty() ? path : whole.string();
    std::vector<RecognisedDataset> found;
    if (!isFile(place) && !isFolder(place)) return found;
    const std::string named = kindNamedBy(place);
    for (const DatasetKind& kind : datasets())
        if (auto one = recognise(kind, place)) found.push_back(std::move(*one));
    // What the folders' names say goes first, then published sets, then one's own with splits.
    const auto rank = [&](const RecognisedDataset& one) {
        const DatasetKind* kind = datasets().find(one.dataset.kind);
        return one.dataset.kind == named ? 0 : isPublished(*kind) ? 1 : one.testIsTrain ? 3 : 2;
    };
    std::stable_sort(found.begin(), found.end(),
                     [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return found;
}

bool beginsAsPicture(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    // Enough for a JPEG whose size stands behind its EXIF block.
    std::string bytes(1 << 17, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    return readPictureHeader(bytes).has_value();
}

}  // namespace loom
