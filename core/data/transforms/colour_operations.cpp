#include "core/data/transforms/colour_operations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/data/transforms/byte_tables.h"
#include "core/data/transforms/colour_loops.h"
#include "core/data/transforms/wide_code.h"

namespace loom {
namespace {

/// Pixels worked on at a time, so that what stands between two loops stays in the nearest cache.
constexpr std::size_t kChunk = 1024;

std::size_t pixelCount(const Picture& picture) {
    return static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
}

LOOM_WIDE void repeatThrice(const std::uint8_t* __restrict from, std::uint8_t* __restrict to,
                            std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) to[3 * i] = to[3 * i + 1] = to[3 * i + 2] = from[i];
}

/// Calls `use(pixels of the chunk, their brightness three times each, bytes)` for a picture in RGB.
template <class Use>
void forChunksWithGrey(Picture& picture, const Use& use) {
    std::array<std::uint8_t, kChunk> luma;
    std::array<std::uint8_t, 3 * kChunk> grey;
    const std::size_t count = pixelCount(picture);
    for (std::size_t at = 0; at < count; at += kChunk) {
        const std::size_t here = std::min(kChunk, count - at);
        std::uint8_t* pixels = picture.pixels.data() + 3 * at;
        lumaOfRgb(pixels, luma.data(), here);
        repeatThrice(luma.data(), grey.data(), here);
        use(pixels, grey.data(), 3 * here);
    }
}

LOOM_WIDE std::uint64_t sumOf(const std::uint8_t* bytes, std::size_t count) {
    std::uint64_t sum = 0;
    while (count > 0) {
        const std::size_t here = std::min(count, std::size_t(1) << 20);
        std::uint32_t part = 0;
        for (std::size_t i = 0; i < here; ++i) part += bytes[i];
        sum += part;
        bytes += here;
        count -= here;
    }
    return sum;
}

/// The mean brightness, rounded as ImageEnhance.Contrast does.
std::uint8_t meanLuma(const Picture& picture) {
    const std::size_t count = pixelCount(picture);
    std::uint64_t sum = 0;
    if (picture.channels == 1) {
        sum = sumOf(picture.pixels.data(), count);
    } else {
        std::array<std::uint8_t, kChunk> luma;
        for (std::size_t at = 0; at < count; at += kChunk) {
            const std::size_t here = std::min(kChunk, count - at);
            lumaOfRgb(picture.pixels.data() + 3 * at, luma.data(), here);
            sum += sumOf(luma.data(), here);
        }
    }
    return static_cast<std::uint8_t>(static_cast<double>(sum) / static_cast<double>(count) + 0.5);
}

LOOM_WIDE void invertBytes(std::uint8_t* bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(255 - bytes[i]);
}

LOOM_WIDE void maskBytes(std::uint8_t* bytes, std::size_t count, std::uint8_t mask) {
    for (std::size_t i = 0; i < count; ++i) bytes[i] &= mask;
}

LOOM_WIDE void invertBytesFrom(std::uint8_t* bytes, std::size_t count, std::uint8_t first) {
    for (std::size_t i = 0; i < count; ++i)
        bytes[i] = bytes[i] < first ? bytes[i] : static_cast<std::uint8_t>(255 - bytes[i]);
}

using Counts = std::array<std::uint32_t, 256>;

ByteTable unchanged() {
    ByteTable table;
    std::iota(table.begin(), table.end(), std::uint8_t(0));
    return table;
}

/// A table per channel; one of 1 channel uses the first.
void applyChannelTables(Picture& picture, const std::array<ByteTable, 3>& tables) {
    if (picture.channels == 1)
        applyTable(tables[0], picture.pixels.data(), picture.pixels.size());
    else
        applyTables(tables, picture.pixels.data(), picture.pixels.size());
}

/// Blends all pixels with one number, which a table does as well.
void blendWith(Picture& picture, std::uint8_t plain, double factor) {
    ByteTable table = unchanged();
    blendBytes(plain, table.data(), table.size(), static_cast<float>(factor));
    applyTable(table, picture.pixels.data(), picture.pixels.size());
}

struct Range {
    std::uint8_t lowest = 255;
    std::uint8_t highest = 0;
};

/// Of bytes whose number is a multiple of 96, for each place modulo 96.
LOOM_WIDE void rangesOf(const std::uint8_t* bytes, std::size_t count, std::uint8_t* lowest,
                        std::uint8_t* highest) {
    for (std::size_t at = 0; at < count; at += 96)
        for (std::size_t i = 0; i < 96; ++i) {
            lowest[i] = std::min(lowest[i], bytes[at + i]);
            highest[i] = std::max(highest[i], bytes[at + i]);
        }
}

/// Of every channel; 96 is a multiple of their numbers 1 and 3.
std::array<Range, 3> channelRanges(const Picture& picture) {
    std::array<std::uint8_t, 96> lowest, highest;
    lowest.fill(255);
    highest.fill(0);
    const std::size_t whole = picture.pixels.size() / 96 * 96;
    rangesOf(picture.pixels.data(), whole, lowest.data(), highest.data());
    for (std::size_t i = whole; i < picture.pixels.size(); ++i) {
        lowest[i - whole] = std::min(lowest[i - whole], picture.pixels[i]);
        highest[i - whole] = std::max(highest[i - whole], picture.pixels[i]);
    }
    std::array<Range, 3> ranges;
    for (std::size_t i = 0; i < lowest.size(); ++i) {
        Range& range = ranges[i % static_cast<std::size_t>(picture.channels)];
        range.lowest = std::min(range.lowest, lowest[i]);
        range.highest = std::max(range.highest, highest[i]);
    }
    return ranges;
}

ByteTable stretched(const Range& range) {
    if (range.highest <= range.lowest) return unchanged();
    const double scale = 255.0 / (range.highest - range.lowest);
    const double offset = -range.lowest * scale;
    ByteTable table;
    for (int i = 0; i < 256; ++i)
        table[static_cast<std::size_t>(i)] =
            static_cast<std::uint8_t>(std::clamp(static_cast<int>(i * scale + offset), 0, 255));
    return table;
}

/// How often each value stands in each channel. Two sets of counters take turns, because
/// neighbours are often equal and an addition would wait for the one before.
template <std::size_t channels>
std::array<Counts, channels> countsOf(const std::vector<std::uint8_t>& bytes) {
    std::array<Counts, channels> even{}, odd{};
    const std::uint8_t* at = bytes.data();
    const std::uint8_t* const end = at + bytes.size();
    for (; end - at >= static_cast<std::ptrdiff_t>(2 * channels); at += 2 * channels)
        for (std::size_t c = 0; c < channels; ++c) {
            ++even[c][at[c]];
            ++odd[c][at[channels + c]];
        }
    for (std::size_t c = 0; at + c < end; ++c) ++even[c][at[c]];
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t v = 0; v < 256; ++v) even[c][v] += odd[c][v];
    return even;
}

ByteTable equalized(const Counts& counts) {
    const auto last = std::find_if(counts.rbegin(), counts.rend(), [](auto n) { return n != 0; });
    if (last == counts.rend()) return unchanged();
    const std::uint64_t total = std::accumulate(counts.begin(), counts.end(), std::uint64_t(0));
    const std::uint64_t step = (total - *last) / 255;
    if (step == 0) return unchanged();
    ByteTable table;
    std::uint64_t below = step / 2;
    for (std::size_t v = 0; v < table.size(); ++v) {
        table[v] = static_cast<std::uint8_t>(std::min<std::uint64_t>(below / step, 255));
        below += counts[v];
    }
    return table;
}

}  // namespace

void adjustBrightness(Picture& picture, double factor) {
    blendWith(picture, 0, factor);
}

void adjustContrast(Picture& picture, double factor) {
    if (picture.pixels.empty()) return;
    blendWith(picture, meanLuma(picture), factor);
}

void adjustSaturation(Picture& picture, double factor) {
    if (picture.channels != 3) return;
    forChunksWithGrey(picture,
                      [&](std::uint8_t* pixels, const std::uint8_t* grey, std::size_t count) {
                          blendBytes(grey, pixels, count, static_cast<float>(factor));
                      });
}

void makeGrey(Picture& picture) {
    if (picture.channels != 3) return;
    forChunksWithGrey(picture, [](std::uint8_t* pixels, const std::uint8_t* grey,
                                  std::size_t count) { std::copy_n(grey, count, pixels); });
}

void makeOneChannel(Picture& picture) {
    if (picture.channels != 3) return;
    std::array<std::uint8_t, kChunk> luma;
    const std::size_t count = pixelCount(picture);
    for (std::size_t at = 0; at < count; at += kChunk) {
        const std::size_t here = std::min(kChunk, count - at);
        lumaOfRgb(picture.pixels.data() + 3 * at, luma.data(), here);
        std::copy_n(luma.data(), here, picture.pixels.data() + at);
    }
    picture.channels = 1;
    picture.pixels.resize(count);
}

void invert(Picture& picture) {
    invertBytes(picture.pixels.data(), picture.pixels.size());
}

void posterize(Picture& picture, int bits) {
    const int lost = 8 - std::clamp(bits, 0, 8);
    maskBytes(picture.pixels.data(), picture.pixels.size(),
              static_cast<std::uint8_t>(0xFF << lost));
}

void solarize(Picture& picture, double threshold) {
    if (threshold > 255) return;
    const auto first = static_cast<std::uint8_t>(std::ceil(std::max(threshold, 0.0)));
    invertBytesFrom(picture.pixels.data(), picture.pixels.size(), first);
}

void autocontrast(Picture& picture) {
    const auto ranges = channelRanges(picture);
    std::array<ByteTable, 3> tables;
    for (std::size_t c = 0; c < tables.size(); ++c) tables[c] = stretched(ranges[c]);
    applyChannelTables(picture, tables);
}

void equalize(Picture& picture) {
    std::array<ByteTable, 3> tables;
    if (picture.channels == 1) {
        tables[0] = equalized(countsOf<1>(picture.pixels)[0]);
    } else {
        const auto counts = countsOf<3>(picture.pixels);
        for (std::size_t c = 0; c < counts.size(); ++c) tables[c] = equalized(counts[c]);
    }
    applyChannelTables(picture, tables);
}

}  // namespace loom
