#include "core/data/sets/picture_sizes.h"

#include <algorithm>
#include <cstdint>
#include <fstream>

#include "core/base/files.h"
#include "core/data/pictures/picture_header.h"
#include "core/data/sets/picture_index.h"

namespace loom {
namespace {

constexpr std::size_t kMostLooked = 256;
constexpr std::size_t kMostOfFolder = 64;
constexpr int kDeepest = 4;
/// The size stands behind what cameras write first.
constexpr std::size_t kBeginning = std::size_t(1) << 17;
constexpr std::uint64_t kMostBytes = std::uint64_t(1) << 28;

std::optional<PictureHeader> headerOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes(kBeginning, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    if (auto header = readPictureHeader(bytes)) return header;
    if (bytes.size() < kBeginning) return std::nullopt;
    // The directory of a TIFF file may be its end.
    const auto whole = readFile(path, kMostBytes);
    return whole ? readPictureHeader(*whole) : std::nullopt;
}

/// Calls `take` with some of the numbers below `count`, the first and the last among them.
template <class F>
void evenly(std::size_t count, std::size_t most, F take) {
    const std::size_t taken = std::min(count, most);
    for (std::size_t i = 0; i < taken; ++i) take(taken == 1 ? 0 : i * (count - 1) / (taken - 1));
}

std::vector<std::string> picturesOf(const std::string& folder, int depth) {
    auto contents = listFolder(folder);
    if (!contents) return {};
    std::vector<std::string> names;
    for (std::string& name : contents->files)
        if (isPictureName(name)) names.push_back(std::move(name));
    std::sort(names.begin(), names.end());
    std::vector<std::string> paths;
    evenly(names.size(), kMostOfFolder,
           [&](std::size_t i) { paths.push_back(folder + "/" + names[i]); });
    std::sort(contents->folders.begin(), contents->folders.end());
    for (const std::string& below : contents->folders) {
        if (!paths.empty() || depth == 0) break;
        paths = picturesOf(folder + "/" + below, depth - 1);
    }
    return paths;
}

}  // namespace

std::vector<std::string> picturesBelow(const std::string& folder) {
    return picturesOf(folder, kDeepest);
}

SampleSpec specOfFiles(const std::vector<std::string>& paths) {
    SampleSpec spec{false, {3, -1, -1}};
    bool differ = false;
    evenly(paths.size(), kMostLooked, [&](std::size_t i) {
        if (differ) return;
        const auto header = headerOf(paths[i]);
        if (!header) return;
        const auto height = static_cast<std::int64_t>(header->height);
        const auto width = static_cast<std::int64_t>(header->width);
        differ = spec.dims[1] >= 0 && (spec.dims[1] != height || spec.dims[2] != width);
        spec.dims = {3, height, width};
    });
    if (differ) spec.dims = {3, -1, -1};
    return spec;
}

}  // namespace loom
