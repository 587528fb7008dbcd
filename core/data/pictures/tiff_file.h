#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

/// libtiff's TIFF.
struct tiff;

namespace loom {

/// Bytes in memory as libtiff reads a file; it writes nothing to the terminal.
class TiffFile {
public:
    /// The bytes must outlive it.
    explicit TiffFile(std::string_view bytes);
    ~TiffFile();
    TiffFile(const TiffFile&) = delete;
    TiffFile& operator=(const TiffFile&) = delete;
    /// Null where the file cannot be opened.
    tiff* get() const { return m_tiff; }

private:
    struct Source;
    std::unique_ptr<Source> m_source;
    tiff* m_tiff = nullptr;
};

/// The numbers of a file as its strips or tiles hold them when they are unpacked: plane after
/// plane, row after row, each row from a byte of its own on.
class TiffRows {
public:
    struct Sizes {
        std::size_t width = 0;
        std::size_t height = 0;
        std::size_t planes = 1;
        std::size_t pixelBits = 8;  ///< in one plane
    };

    TiffRows(tiff* file, const Sizes& sizes)
        : m_tiff(file), m_sizes(sizes), m_rowBytes((sizes.width * sizes.pixelBits + 7) / 8) {}

    std::uint64_t size() const {
        return std::uint64_t(m_rowBytes) * m_sizes.height * m_sizes.planes;
    }
    /// False where the file is damaged, or not what it says.
    bool read();
    bool apart() const { return m_sizes.planes > 1; }
    const std::uint8_t* row(std::size_t plane, std::size_t y) const {
        return m_bytes.data() + (plane * m_sizes.height + y) * m_rowBytes;
    }

private:
    std::uint8_t* rowToWrite(std::size_t plane, std::size_t y) {
        return m_bytes.data() + (plane * m_sizes.height + y) * m_rowBytes;
    }
    bool readStrips(std::size_t plane);
    bool readTiles(std::size_t plane);

    tiff* m_tiff;
    Sizes m_sizes;
    std::size_t m_rowBytes;
    std::vector<std::uint8_t> m_bytes;
};

}  // namespace loom
