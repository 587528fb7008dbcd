#include "core/data/pictures/picture.h"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <streambuf>
//
#include <zlib.h>

#include "core/base/files.h"
#include "core/data/pictures/jpeg.h"
#include "core/data/pictures/picture_header.h"

namespace loom {
namespace {

/// Pillow refuses larger ones as decompression bombs.
constexpr std::uint64_t kMaximumPixels = 178'956'970;
constexpr std::uint64_t kMaximumFileBytes = std::uint64_t(1) << 30;

Picture fromBgr(const cv::Mat& decoded) {
    Picture picture{decoded.cols, decoded.rows, 3, {}};
    picture.pixels.resize(static_cast<std::size_t>(decoded.cols) *
                          static_cast<std::size_t>(decoded.rows) * 3);
    std::uint8_t* out = picture.pixels.data();
    for (int y = 0; y < decoded.rows; ++y) {
        const std::uint8_t* in = decoded.ptr<std::uint8_t>(y);
        for (int x = 0; x < decoded.cols; ++x, in += 3, out += 3) {
            out[0] = in[2];
            out[1] = in[1];
            out[2] = in[0];
        }
    }
    return picture;
}

Picture fromWideGrey(const cv::Mat& decoded) {
    Picture picture{decoded.cols, decoded.rows, 3, {}};
    picture.pixels.reserve(static_cast<std::size_t>(decoded.cols) *
                           static_cast<std::size_t>(decoded.rows) * 3);
    for (int y = 0; y < decoded.rows; ++y) {
        const std::uint16_t* in = decoded.ptr<std::uint16_t>(y);
        for (int x = 0; x < decoded.cols; ++x)
            picture.pixels.insert(picture.pixels.end(), 3,
                                  static_cast<std::uint8_t>(std::min<int>(in[x], 255)));
    }
    return picture;
}

/// What is wrong with a file is said by the sentences here, not by what OpenCV writes to std::cerr.
/// Of the thread that holds one, nothing gets there; other threads' text does.
class Quiet {
public:
    Quiet() {
        static Filter filter;
        s_quiet = true;
    }
    ~Quiet() { s_quiet = false; }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

private:
    class Filter : public std::streambuf {
    public:
        Filter() : m_behind(std::cerr.rdbuf(this)) {
            cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        }
        ~Filter() override { std::cerr.rdbuf(m_behind); }

    protected:
        int_type overflow(int_type character) override {
            return s_quiet ? traits_type::not_eof(character)
                           : m_behind->sputc(traits_type::to_char_type(character));
        }
        std::streamsize xsputn(const char* text, std::streamsize count) override {
            return s_quiet ? count : m_behind->sputn(text, count);
        }
        int sync() override { return s_quiet ? 0 : m_behind->pubsync(); }

    private:
        std::streambuf* m_behind;
    };
    static thread_local bool s_quiet;
};

thread_local bool Quiet::s_quiet = false;

/// Whether every part of a PNG file has its checksum. libpng looks too, but prints what it finds.
bool pngPartsAreWhole(std::string_view file) {
    const auto number = [&](std::size_t offset) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value = value << 8 | static_cast<unsigned char>(file[offset + i]);
        return value;
    };
    for (std::size_t offset = 8; offset + 12 <= file.size();) {
        const std::size_t length = number(offset);
        if (length > file.size() - offset - 12) return false;
        const auto sum = crc32(0, reinterpret_cast<const Bytef*>(file.data() + offset + 4),
                               static_cast<uInt>(length + 4));
        if (sum != number(offset + 8 + length)) return false;
        if (file.substr(offset + 4, 4) == "IEND") return true;
        offset += length + 12;
    }
    return false;
}

Result<Picture> decodeByOpenCv(std::string_view bytes, const PictureHeader& header,
                               const Error& broken) {
    const Quiet quiet;
    try {
        const cv::Mat data(1, static_cast<int>(bytes.size()), CV_8U,
                           const_cast<char*>(bytes.data()));
        // Neither Pillow nor torchvision turns a picture by its EXIF note.
        const int flags = header.wideGrey ? cv::IMREAD_GRAYSCALE | cv::IMREAD_ANYDEPTH
                                          : cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION;
        const cv::Mat decoded = cv::imdecode(data, flags);
        if (decoded.empty()) return broken;
        if (decoded.type() == CV_16UC1) return fromWideGrey(decoded);
        if (decoded.type() != CV_8UC3) return broken;
        return fromBgr(decoded);
    } catch (const cv::Exception&) {
        return broken;
    }
}

Result<Picture> decode(std::string_view bytes, const std::optional<PictureWindow>& window,
                       const std::string& path) {
    if (bytes.empty())
        return Error{path + " is empty, so it is no picture.",
                     "Take the file out of its folder, or replace it."};
    const auto header = readPictureHeader(bytes);
    if (!header)
        return Error{
            path + " is not a picture that can be read here.",
            "Pictures may be JPEG, PNG, BMP, PNM, TIFF or WebP. Convert the file, or take it "
            "out of its folder."};
    if (header->width > kMaximumPixels || header->height > kMaximumPixels / header->width)
        return Error{path + " says it has " + std::to_string(header->width) + " × " +
                         std::to_string(header->height) + " pixels, more than the " +
                         groupDigits(static_cast<std::int64_t>(kMaximumPixels)) + " allowed.",
                     "Scale the picture down, or take it out of its folder."};
    const Error broken{
        path + " is a damaged " + header->format + " file: its picture cannot be decoded.",
        "Replace the file, or take it out of its folder."};
    try {
        if (header->format == "JPEG") return decodeJpeg(bytes, *header, window, path);
        if (!header->complete)
            return Error{
                path + " is cut off: the end of the " + header->format + " file is missing.",
                broken.hint};
        if (header->format == "PNG" && !pngPartsAreWhole(bytes)) return broken;
        auto picture = decodeByOpenCv(bytes, *header, broken);
        if (!picture || !window) return picture;
        if (window->top < 0 || window->left < 0 || window->height < 1 || window->width < 1 ||
            window->top + window->height > picture->height ||
            window->left + window->width > picture->width)
            return broken;
        return cutWindow(*picture, *window);
    } catch (const std::bad_alloc&) {
        return Error{path + " does not fit into memory.", "Scale the picture down."};
    }
}

}  // namespace

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
