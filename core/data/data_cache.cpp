#include "core/data/data_cache.h"

#include <algorithm>
#include <fstream>

#include "core/base/shape.h"
#include "core/data/pictures/picture_header.h"

namespace loom {
namespace {

constexpr std::int64_t kLookedAt = 32;
/// Pictures differ in size; those looked at stand for all with this much to spare.
constexpr double kToSpare = 1.15;
constexpr double kOverhead = 64;  ///< bytes a picture takes besides its own

/// Means over a few pictures, evenly spread.
struct Sizes {
    double file = 0;
    double decoded = 0;
};

std::optional<Sizes> sizesOf(const Dataset& dataset) {
    const std::int64_t looks = std::min(kLookedAt, dataset.size());
    Sizes sum;
    int counted = 0;
    for (std::int64_t i = 0; i < looks; ++i) {
        const auto file = dataset.encodedPicture(i * dataset.size() / looks);
        if (!file) continue;
        const auto header = readPictureHeader(*file);
        if (!header) continue;
        sum.file += static_cast<double>(file->size()) + kOverhead;
        sum.decoded +=
            static_cast<double>(header->width) * static_cast<double>(header->height) * 3 +
            kOverhead;
        ++counted;
    }
    if (counted == 0) return std::nullopt;
    return Sizes{sum.file / counted, sum.decoded / counted};
}

std::int64_t availableMemory() {
    std::ifstream info("/proc/meminfo");
    std::string word;
    while (info >> word) {
        std::int64_t kilobytes = 0;
        if (word == "MemAvailable:" && info >> kilobytes) return kilobytes * 1024;
    }
    return 0;
}

}  // namespace

DataCache::DataCache(std::shared_ptr<const Dataset> dataset, std::int64_t budgetBytes)
    : m_dataset(std::move(dataset)), m_budget(std::max<std::int64_t>(budgetBytes, 0)) {
    if (!m_dataset->hasEncodedPictures() || m_dataset->size() == 0) return;
    const auto sizes = sizesOf(*m_dataset);
    if (!sizes) return;
    const auto all = [&](double one) {
        return static_cast<std::int64_t>(one * kToSpare * static_cast<double>(m_dataset->size()));
    };
    const auto count = static_cast<std::size_t>(m_dataset->size());
    if (all(sizes->decoded) <= m_budget) {
        m_keeps = Keeps::Pictures;
        m_expected = all(sizes->decoded);
        m_pictures.resize(count);
    } else if (all(sizes->file) <= m_budget) {
        m_keeps = Keeps::Files;
        m_expected = all(sizes->file);
        m_files.resize(count);
    }
}

std::int64_t DataCache::usualBudget() {
    return availableMemory() / 3;
}

std::int64_t DataCache::bytes() const {
    const std::lock_guard lock(m_mutex);
    return m_bytes;
}

std::int64_t DataCache::samples() const {
    const std::lock_guard lock(m_mutex);
    return m_samples;
}

std::string DataCache::toSentence() const {
    if (m_keeps == Keeps::Nothing) return "reads its pictures anew in every epoch";
    const std::int64_t megabytes = std::max<std::int64_t>(m_expected >> 20, 1);
    return "keeps its " + groupDigits(m_dataset->size()) +
           (m_keeps == Keeps::Pictures ? " decoded pictures" : " picture files") +
           " in memory, about " + groupDigits(megabytes) + " MB";
}

template <class T>
std::shared_ptr<const T> DataCache::get(const Shelf<T>& shelf, std::int64_t index) const {
    if (index < 0 || static_cast<std::size_t>(index) >= shelf.size()) return nullptr;
    const std::lock_guard lock(m_mutex);
    return shelf[static_cast<std::size_t>(index)];
}

template <class T>
void DataCache::put(Shelf<T>& shelf, std::int64_t index, std::shared_ptr<const T> item,
                    std::size_t itemBytes) {
    if (index < 0 || static_cast<std::size_t>(index) >= shelf.size()) return;
    const auto more = static_cast<std::int64_t>(itemBytes + static_cast<std::size_t>(kOverhead));
    const std::lock_guard lock(m_mutex);
    std::shared_ptr<const T>& place = shelf[static_cast<std::size_t>(index)];
    if (place || m_bytes + more > m_budget) return;
    place = std::move(item);
    m_bytes += more;
    ++m_samples;
}

std::shared_ptr<const Picture> DataCache::picture(std::int64_t index) const {
    return get(m_pictures, index);
}

std::shared_ptr<const std::string> DataCache::file(std::int64_t index) const {
    return get(m_files, index);
}

void DataCache::keep(std::int64_t index, std::shared_ptr<const Picture> picture) {
    const std::size_t size = picture->pixels.capacity();
    put(m_pictures, index, std::move(picture), size);
}

void DataCache::keep(std::int64_t index, std::shared_ptr<const std::string> file) {
    const std::size_t size = file->capacity();
    put(m_files, index, std::move(file), size);
}

}  // namespace loom
