#include "core/data/pictures/picture.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <opencv2/imgcodecs.hpp>

#include "core/base/files.h"
#include "core/data/pictures/decoders.h"
#include "core/data/pictures/jpeg.h"

namespace loom {
namespace {

/// Pillow refuses larger ones as decompression bombs.
constexpr std::uint64_t kMaximumPixels = 178'956'970;
constexpr std::uint64_t kMaximumFileBytes = std::uint64_t(1) << 30;

/// What decodes a format, by the name its header has.
struct Decoder {
    std::string_view format;
    Result<Raster> (*decode)(const EncodedPicture&);
};

constexpr std::array<Decoder, 7> kDecoders{{{"PNG", decodePng},
                                            {"BMP", decodeBmp},
                                            {"PNM", decodePnm},
                                            {"GIF", decodeGif},
                                            {"TIFF", decodeTiff},
                                            {"WebP", decodeWebp},
                                            {"JPEG 2000", decodeJpeg2000}}};

const char* const kReplace = "Replace the file, or take it out of its folder.";

/// Why a file of another kind is none that is read here.
Error noPicture(std::string_view bytes, const std::string& path) {
    const FileKind kind = recogniseFile(bytes);
    if (kind.isRead)
        return Error{path + " is a damaged " + std::string(kind.name) +
                         " file: its first bytes do not tell how large the picture is.",
                     kReplace};
    return Error{path + " is not a picture that can be read here" +
                     (kind.name.empty() ? "." : ": it is " + std::string(kind.name) + "."),
                 "Pictures may be JPEG, PNG, BMP, PNM, TIFF, WebP, GIF or JPEG 2000, whatever the "
                 "file is called. Convert the file, or take it out of its folder."};
}

Result<Picture> decode(std::string_view bytes, const std::optional<PictureWindow>& window,
                       const std::string& path) {
    if (bytes.empty())
        return Error{path + " is empty, so it is no picture.",
                     "Take the file out of its folder, or replace it."};
    const auto header = readPictureHeader(bytes);
    if (!header) return noPicture(bytes, path);
    if (header->width > kMaximumPixels || header->height > kMaximumPixels / header->width)
        return Error{path + " says it has " + std::to_string(header->width) + " × " +
                         std::to_string(header->height) + " pixels, more than the " +
                         groupDigits(static_cast<std::int64_t>(kMaximumPixels)) + " allowed.",
                     "Scale the picture down, or take it out of its folder."};
    const EncodedPicture file{bytes, *header, path};
    try {
        if (header->format == "JPEG") return decodeJpeg(bytes, *header, window, path);
        if (!header->complete) return file.cutOff();
        const auto* decoder =
            std::find_if(kDecoders.begin(), kDecoders.end(),
                         [&](const Decoder& one) { return one.format == header->format; });
        if (decoder == kDecoders.end()) return file.damaged();
        auto raster = decoder->decode(file);
        if (!raster) return raster.error();
        Picture picture = toRgb(std::move(*raster));
        if (!window) return picture;
        if (window->top < 0 || window->left < 0 || window->height < 1 || window->width < 1 ||
            window->top + window->height > picture.height ||
            window->left + window->width > picture.width)
            return file.damaged();
        return cutWindow(picture, *window);
    } catch (const std::bad_alloc&) {
        return Error{path + " does not fit into memory.", "Scale the picture down."};
    }
}

}  // namespace

Error EncodedPicture::damaged() const {
    return {name + " is a damaged " + header.format + " file: its picture cannot be decoded.",
            kReplace};
}

Error EncodedPicture::cutOff() const {
    return {name + " is cut off: the end of the " + header.format + " file is missing.", kReplace};
}

Error EncodedPicture::notRead(const std::string& form) const {
    return {
        name + " is a " + header.format + " file of a form that is not read here: " + form + ".",
        "Convert the file, for example to PNG, or take it out of its folder."};
}

bool SampleSpec::fixed() const {
    return std::all_of(dims.begin(), dims.end(), [](std::int64_t side) { return side >= 0; });
}

std::string SampleSpec::toSentence() const {
    const std::string one =
        std::string(isTensor ? "a tensor, " : "a picture, ") + Shape{dims}.toSentence();
    return views == 1 ? one : std::to_string(views) + " of them, each " + one;
}

Result<Picture> readPicture(const std::string& path) {
    auto bytes = readFile(path, kMaximumFileBytes);
    if (!bytes) return bytes.error();
    return decodePicture(*bytes, path);
}

Result<Picture> decodePicture(std::string_view bytes, const std::string& path) {
    return decode(bytes, std::nullopt, path);
}

Result<Picture> decodeWindow(std::string_view bytes, const PictureWindow& window,
                             const std::string& path) {
    return decode(bytes, window, path);
}

Picture cutWindow(const Picture& picture, const PictureWindow& window) {
    Picture cut{
        static_cast<int>(window.width), static_cast<int>(window.height), picture.channels, {}};
    const auto channels = static_cast<std::size_t>(picture.channels);
    const std::size_t row = static_cast<std::size_t>(window.width) * channels;
    cut.pixels.resize(row * static_cast<std::size_t>(window.height));
    for (std::int64_t y = 0; y < window.height; ++y)
        std::memcpy(
            cut.pixels.data() + static_cast<std::size_t>(y) * row,
            picture.pixels.data() +
                static_cast<std::size_t>((window.top + y) * picture.width + window.left) * channels,
            row);
    return cut;
}

Result<std::string> encodePng(const Picture& picture) {
    try {
        const cv::Mat given(picture.height, picture.width,
                            picture.channels == 1 ? CV_8UC1 : CV_8UC3,
                            const_cast<std::uint8_t*>(picture.pixels.data()));
        cv::Mat bgr = given;
        if (picture.channels == 3) {
            bgr = cv::Mat(given.size(), CV_8UC3);
            const int order[] = {0, 2, 1, 1, 2, 0};
            cv::mixChannels(&given, 1, &bgr, 1, order, 3);
        }
        std::vector<std::uint8_t> png;
        if (cv::imencode(".png", bgr, png)) return std::string(png.begin(), png.end());
    } catch (const cv::Exception&) {
    }
    return Error{"A picture of " + std::to_string(picture.width) + " × " +
                 std::to_string(picture.height) + " pixels could not be written as PNG."};
}

Picture convertChannels(const Picture& picture, int channels) {
    if (picture.channels == channels) return picture;
    Picture converted{picture.width, picture.height, channels, {}};
    const std::size_t count =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
    converted.pixels.resize(count * static_cast<std::size_t>(channels));
    const std::uint8_t* in = picture.pixels.data();
    std::uint8_t* out = converted.pixels.data();
    for (std::size_t i = 0; i < count; ++i) {
        if (channels == 1) {
            // Pillow's integer form of ITU-R 601-2 luma.
            out[i] = static_cast<std::uint8_t>(
                (in[3 * i] * 19595u + in[3 * i + 1] * 38470u + in[3 * i + 2] * 7471u + 0x8000u) >>
                16);
        } else {
            out[3 * i] = out[3 * i + 1] = out[3 * i + 2] = in[i];
        }
    }
    return converted;
}

}  // namespace loom
