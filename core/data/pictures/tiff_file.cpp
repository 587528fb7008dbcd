#include "core/data/pictures/tiff_file.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>

namespace loom {
namespace {

int silent(TIFF*, void*, const char*, const char*, va_list) {
    return 1;
}

/// More than any strip or tile of a picture that is read.
constexpr tmsize_t kMostAtOnce = tmsize_t(1) << 31;

}  // namespace

struct TiffFile::Source {
    std::string_view bytes;
    std::uint64_t at = 0;

    static tmsize_t read(thandle_t user, void* out, tmsize_t count) {
        auto& source = *static_cast<Source*>(user);
        const std::uint64_t left =
            source.at < source.bytes.size() ? source.bytes.size() - source.at : 0;
        const std::uint64_t taken =
            std::min<std::uint64_t>(static_cast<std::uint64_t>(count), left);
        std::memcpy(out, source.bytes.data() + (left ? source.at : 0), taken);
        source.at += taken;
        return static_cast<tmsize_t>(taken);
    }
    static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
    static toff_t seek(thandle_t user, toff_t offset, int from) {
        auto& source = *static_cast<Source*>(user);
        source.at = offset + (from == SEEK_CUR   ? source.at
                              : from == SEEK_END ? source.bytes.size()
                                                 : 0);
        return source.at;
    }
    static int close(thandle_t) { return 0; }
    static toff_t size(thandle_t user) { return static_cast<Source*>(user)->bytes.size(); }
    static int map(thandle_t user, void** base, toff_t* size) {
        auto& source = *static_cast<Source*>(user);
        *base = const_cast<char*>(source.bytes.data());
        *size = source.bytes.size();
        return 1;
    }
    static void unmap(thandle_t, void*, toff_t) {}
};

TiffFile::TiffFile(std::string_view bytes) : m_source(new Source{bytes}) {
    TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
    if (!options) return;
    TIFFOpenOptionsSetErrorHandlerExtR(options, silent, nullptr);
    TIFFOpenOptionsSetWarningHandlerExtR(options, silent, nullptr);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMostAtOnce);
    m_tiff = TIFFClientOpenExt("picture", "rC", m_source.get(), Source::read, Source::write,
                               Source::seek, Source::close, Source::size, Source::map,
                               Source::unmap, options);
    TIFFOpenOptionsFree(options);
}

TiffFile::~TiffFile() {
    if (m_tiff) TIFFClose(m_tiff);
}

bool TiffRows::read() {
    m_bytes.resize(size());
    for (std::size_t plane = 0; plane < m_sizes.planes; ++plane)
        if (!(TIFFIsTiled(m_tiff) ? readTiles(plane) : readStrips(plane))) return false;
    return true;
}

bool TiffRows::readStrips(std::size_t plane) {
    std::uint32_t rows = 0;
    if (!TIFFGetField(m_tiff, TIFFTAG_ROWSPERSTRIP, &rows) || rows == 0 || rows > m_sizes.height)
        rows = static_cast<std::uint32_t>(m_sizes.height);
    if (TIFFScanlineSize(m_tiff) != static_cast<tmsize_t>(m_rowBytes)) return false;
    for (std::size_t y = 0; y < m_sizes.height; y += rows) {
        const std::size_t wanted = std::min<std::size_t>(rows, m_sizes.height - y) * m_rowBytes;
        const std::uint32_t strip = TIFFComputeStrip(m_tiff, static_cast<std::uint32_t>(y),
                                                     static_cast<std::uint16_t>(plane));
        const tmsize_t got = TIFFReadEncodedStrip(m_tiff, strip, rowToWrite(plane, y),
                                                  static_cast<tmsize_t>(wanted));
        if (got != static_cast<tmsize_t>(wanted)) return false;
    }
    return true;
}

bool TiffRows::readTiles(std::size_t plane) {
    std::uint32_t tileWidth = 0, tileHeight = 0;
    TIFFGetField(m_tiff, TIFFTAG_TILEWIDTH, &tileWidth);
    TIFFGetField(m_tiff, TIFFTAG_TILELENGTH, &tileHeight);
    const tmsize_t tileBytes = TIFFTileSize(m_tiff);
    const tmsize_t tileRow = TIFFTileRowSize(m_tiff);
    const std::size_t packed = (tileWidth * m_sizes.pixelBits + 7) / 8;
    if (tileWidth == 0 || tileHeight == 0 || tileBytes <= 0 ||
        tileRow != static_cast<tmsize_t>(packed) || (tileWidth * m_sizes.pixelBits) % 8 != 0 ||
        tileBytes / tileRow < static_cast<tmsize_t>(tileHeight) || tileBytes > kMostAtOnce)
        return false;
    std::vector<std::uint8_t> tile(static_cast<std::size_t>(tileBytes));
    for (std::size_t y = 0; y < m_sizes.height; y += tileHeight)
        for (std::size_t x = 0; x < m_sizes.width; x += tileWidth) {
            if (TIFFReadTile(m_tiff, tile.data(), static_cast<std::uint32_t>(x),
                             static_cast<std::uint32_t>(y), 0,
                             static_cast<std::uint16_t>(plane)) < 0)
                return false;
            const std::size_t at = x * m_sizes.pixelBits / 8;
            const std::size_t count = std::min(packed, m_rowBytes - at);
            const std::size_t rows = std::min<std::size_t>(tileHeight, m_sizes.height - y);
            for (std::size_t r = 0; r < rows; ++r)
                std::memcpy(rowToWrite(plane, y + r) + at, tile.data() + r * packed, count);
        }
    return true;
}

}  // namespace loom
