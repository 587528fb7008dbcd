#include <algorithm>
#include <cstring>

#include "core/data/pictures/decoders.h"

namespace loom {
namespace {

class Bytes {
public:
    explicit Bytes(std::string_view data) : m_data(data) {}
    std::uint32_t at(std::uint64_t offset) const {
        return offset < m_data.size() ? static_cast<unsigned char>(m_data[offset]) : 0;
    }
    std::uint32_t word(std::uint64_t offset) const { return at(offset) | at(offset + 1) << 8; }
    std::uint32_t number(std::uint64_t offset) const {
        return word(offset) | word(offset + 2) << 16;
    }

private:
    std::string_view m_data;
};

enum Packing : std::uint32_t { kPlain = 0, kRle8 = 1, kRle4 = 2, kMasks = 3 };

/// What stands before the pixels.
struct Head {
    std::uint64_t data = 0;  ///< where they begin
    bool fromTop = false;
    std::uint32_t bits = 0;
    std::uint32_t packing = kPlain;
    std::uint32_t colours = 0;
    std::uint64_t palette = 0;       ///< where it begins
    std::uint64_t paletteEntry = 4;  ///< bytes
    std::uint32_t masks[4] = {0, 0, 0, 0};
};

std::optional<Head> readHead(const Bytes& file) {
    Head head;
    const std::uint32_t size = file.number(14);
    std::uint64_t after = 14 + std::uint64_t(size);
    if (size == 12) {
        head.bits = file.word(24);
        head.paletteEntry = 3;
    } else if (size == 40 || size == 64 || size == 108 || size == 124) {
        head.fromTop = file.at(25) == 0xFF;
        head.bits = file.word(28);
        head.packing = file.number(30);
        head.colours = file.number(46);
        if (head.packing == kMasks) {
            const bool inside = size >= 56;
            for (std::uint64_t i = 0; i < (inside ? 4u : 3u); ++i)
                head.masks[i] = file.number((inside ? 54 : after) + 4 * i);
            if (!inside) after += 12;
        }
    } else {
        return std::nullopt;
    }
    if (head.colours == 0 && head.bits <= 8) head.colours = 1u << head.bits;
    head.palette = after;
    head.data = file.number(10);
    if (head.data == 14 + std::uint64_t(size) && head.bits <= 8)
        head.data += 4 * std::uint64_t(head.colours);
    if (head.data == 0) head.data = after + (head.bits <= 8 ? head.paletteEntry * head.colours : 0);
    return head;
}

/// Where red, green and blue of a pixel of 24 or 32 bits lie; nullopt for masks that Pillow does
/// not know either.
struct Order {
    std::size_t red, green, blue;
};

std::optional<Order> orderOf(const Head& head) {
    constexpr Order kUsual{2, 1, 0};
    if (head.packing != kMasks) return kUsual;
    const auto are = [&](std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
        return head.masks[0] == red && head.masks[1] == green && head.masks[2] == blue;
    };
    const std::uint32_t alpha = head.masks[3];
    if (head.bits == 24) return are(0xFF0000, 0xFF00, 0xFF) ? std::optional(kUsual) : std::nullopt;
    if (are(0xFF0000, 0xFF00, 0xFF) && (alpha == 0 || alpha == 0xFF000000)) return kUsual;
    if (are(0, 0, 0) && alpha == 0) return kUsual;
    if (are(0xFF000000, 0xFF0000, 0xFF00) && (alpha == 0 || alpha == 0xFF)) return Order{3, 2, 1};
    if (are(0xFF, 0xFF00, 0xFF0000) && alpha == 0xFF000000) return Order{0, 1, 2};
    return std::nullopt;
}

/// Whether 16 bits hold 5, 6 and 5 instead of 5 each.
std::optional<bool> hasSixGreens(const Head& head) {
    if (head.packing != kMasks) return false;
    const auto are = [&](std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
        return head.masks[0] == red && head.masks[1] == green && head.masks[2] == blue;
    };
    if (are(0xF800, 0x7E0, 0x1F)) return true;
    if (are(0x7C00, 0x3E0, 0x1F)) return false;
    return std::nullopt;
}

/// Pixels of run lengths, as Pillow unpacks them; nullopt where they end too soon.
std::optional<std::vector<std::uint8_t>> unpackRuns(std::string_view bytes, std::uint64_t at,
                                                    std::size_t width, std::size_t height,
                                                    bool halves) {
    const std::size_t wanted = width * height;
    std::vector<std::uint8_t> out;
    out.reserve(wanted);
    const auto byte = [&](std::uint64_t offset) {
        return static_cast<std::uint8_t>(bytes[offset]);
    };
    std::size_t x = 0;
    while (out.size() < wanted) {
        if (at + 2 > bytes.size()) return std::nullopt;
        std::size_t count = byte(at);
        const std::uint8_t value = byte(at + 1);
        at += 2;
        if (count > 0) {
            if (x + count > width) count = width > x ? width - x : 0;
            for (std::size_t i = 0; i < count; ++i)
                out.push_back(!halves      ? value
                              : i % 2 == 0 ? static_cast<std::uint8_t>(value >> 4)
                                           : static_cast<std::uint8_t>(value & 15));
            x += count;
        } else if (value == 0) {
            while (out.size() % width != 0) out.push_back(0);
            x = 0;
        } else if (value == 1) {
            break;
        } else if (value == 2) {
            if (at + 2 > bytes.size()) return std::nullopt;
            const std::size_t skipped = byte(at) + byte(at + 1) * width;
            at += 2;
            if (skipped > wanted - out.size()) return std::nullopt;
            out.insert(out.end(), skipped, 0);
            x = out.size() % width;
        } else {
            const std::size_t length = halves ? value / 2u : value;
            if (at + length > bytes.size()) return std::nullopt;
            for (std::size_t i = 0; i < length; ++i) {
                if (halves) out.push_back(static_cast<std::uint8_t>(byte(at + i) >> 4));
                out.push_back(halves ? static_cast<std::uint8_t>(byte(at + i) & 15) : byte(at + i));
            }
            at += length;
            x += value;
            at += at % 2;
        }
    }
    if (out.size() < wanted) return std::nullopt;
    out.resize(wanted);
    return out;
}

/// A picture of places in a palette becomes grey where the palette is the ramp of greys.
void applyPalette(Raster& raster, const Head& head, const Bytes& file) {
    raster.palette = emptyPalette();
    bool grey = true;
    const std::uint32_t colours = std::min<std::uint32_t>(head.colours, 256);
    for (std::uint32_t i = 0; i < colours; ++i) {
        const std::uint64_t entry = head.palette + i * head.paletteEntry;
        const std::uint32_t ramp = head.colours == 2 ? i * 255 : i;
        for (std::uint32_t c = 0; c < 3; ++c) {
            raster.palette[std::size_t(3) * i + 2 - c] =
                static_cast<std::uint8_t>(file.at(entry + c));
            grey = grey && file.at(entry + c) == ramp;
        }
    }
    if (!grey) return;
    raster.form = Raster::Form::Grey;
    if (head.colours == 2)
        for (std::uint8_t& one : raster.bytes) one = one ? 255 : 0;
}

}  // namespace

Result<Raster> decodeBmp(const EncodedPicture& file) {
    const Bytes bytes(file.bytes);
    const auto head = readHead(bytes);
    if (!head) return file.damaged();
    const bool indexed = head->bits == 1 || head->bits == 4 || head->bits == 8;
    if (!indexed && head->bits != 16 && head->bits != 24 && head->bits != 32)
        return file.notRead(std::to_string(head->bits) + " bits per pixel");
    if (head->packing > kMasks || (head->packing == kMasks && indexed))
        return file.notRead("compression " + std::to_string(head->packing));
    const bool runs = head->packing == kRle8 || head->packing == kRle4;
    if (runs && !indexed) return file.damaged();
    if (indexed && (head->colours == 0 || head->colours > 65536)) return file.damaged();
    const auto order = orderOf(*head);
    const auto sixGreens = hasSixGreens(*head);
    if ((head->bits > 16 && !order) || (head->bits == 16 && !sixGreens))
        return file.notRead("these colour masks");
    const auto width = static_cast<std::size_t>(file.header.width);
    const auto height = static_cast<std::size_t>(file.header.height);
    const std::size_t rowBytes = (width * head->bits + 7) / 8;
    const std::size_t stride = (width * head->bits + 31) / 32 * 4;
    if (!runs && (head->data > file.bytes.size() ||
                  stride * (height - 1) + rowBytes > file.bytes.size() - head->data))
        return file.cutOff();
    // A run takes two bytes and makes at most 255 pixels; a skip of rows takes four.
    if (runs && width * height / 128 / (width + 1) > file.bytes.size()) return file.cutOff();
    Raster raster =
        Raster::make(indexed ? Raster::Form::Indexed : Raster::Form::Rgb, width, height);
    std::vector<std::uint8_t> unpacked;
    if (runs) {
        auto pixels = unpackRuns(file.bytes, head->data, width, height, head->packing == kRle4);
        if (!pixels) return file.cutOff();
        unpacked = std::move(*pixels);
    }
    const auto* data = reinterpret_cast<const std::uint8_t*>(file.bytes.data());
    for (std::size_t y = 0; y < height; ++y) {
        std::uint8_t* out = raster.row(head->fromTop ? y : height - 1 - y);
        if (runs) {
            std::memcpy(out, unpacked.data() + y * width, width);
            continue;
        }
        const std::uint8_t* in = data + head->data + y * stride;
        if (indexed) {
            unpackBits(in, width, static_cast<int>(head->bits), out);
            continue;
        }
        if (head->bits == 16) {
            const int greens = *sixGreens ? 63 : 31;
            const int redAt = *sixGreens ? 11 : 10;
            for (std::size_t x = 0; x < width; ++x, in += 2, out += 3) {
                const int pixel = in[0] | in[1] << 8;
                out[0] = static_cast<std::uint8_t>((pixel >> redAt & 31) * 255 / 31);
                out[1] = static_cast<std::uint8_t>((pixel >> 5 & greens) * 255 / greens);
                out[2] = static_cast<std::uint8_t>((pixel & 31) * 255 / 31);
            }
            continue;
        }
        for (std::size_t x = 0; x < width; ++x, in += head->bits / 8, out += 3) {
            out[0] = in[order->red];
            out[1] = in[order->green];
            out[2] = in[order->blue];
        }
    }
    if (indexed) applyPalette(raster, *head, bytes);
    return raster;
}

}  // namespace loom
