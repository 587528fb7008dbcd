#include "core/data/pictures/ground.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "core/base/files.h"

namespace loom {
namespace {

/// Nearly all: a stroke may run off the rim.
constexpr double kNearlyAll = 0.8;
constexpr int kDark = 64, kLight = 191;
/// Rounding of lossy formats.
constexpr int kTolerance = 12;

bool isUniform(const Picture& picture) {
    const auto [low, high] = std::minmax_element(picture.pixels.begin(), picture.pixels.end());
    return picture.pixels.empty() || *high - *low <= kTolerance;
}

}  // namespace

Ground groundOf(const Picture& picture) {
    if (picture.width < 1 || picture.height < 1) return Ground::Mixed;
    std::int64_t dark = 0, light = 0, all = 0;
    const auto look = [&](int x, int y) {
        const std::size_t at =
            (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
             static_cast<std::size_t>(x)) *
            static_cast<std::size_t>(picture.channels);
        int sum = 0;
        for (int c = 0; c < picture.channels; ++c)
            sum += picture.pixels[at + static_cast<std::size_t>(c)];
        const int value = sum / picture.channels;
        ++all;
        dark += value < kDark;
        light += value > kLight;
    };
    for (int x = 0; x < picture.width; ++x) {
        look(x, 0);
        look(x, picture.height - 1);
    }
    for (int y = 1; y + 1 < picture.height; ++y) {
        look(0, y);
        look(picture.width - 1, y);
    }
    const double share = kNearlyAll * static_cast<double>(all);
    return static_cast<double>(dark) >= share    ? Ground::Dark
           : static_cast<double>(light) >= share ? Ground::Light
                                                 : Ground::Mixed;
}

bool isGreyToned(const Picture& picture) {
    if (picture.channels == 1) return true;
    for (std::size_t at = 0; at + 2 < picture.pixels.size(); at += 3) {
        const auto [low, high] =
            std::minmax({picture.pixels[at], picture.pixels[at + 1], picture.pixels[at + 2]});
        if (high - low > 2 * kTolerance) return false;
    }
    return true;
}

Picture inverted(const Picture& picture) {
    Picture made = picture;
    for (std::uint8_t& value : made.pixels) value = static_cast<std::uint8_t>(255 - value);
    return made;
}

std::optional<Picture> readOnWhite(const std::string& path) {
    const auto bytes = readFile(path);
    if (!bytes || bytes->empty()) return std::nullopt;
    cv::Mat decoded;
    try {
        decoded = cv::imdecode(
            cv::Mat(1, static_cast<int>(bytes->size()), CV_8U, const_cast<char*>(bytes->data())),
            cv::IMREAD_UNCHANGED);
    } catch (const cv::Exception&) {
        return std::nullopt;
    }
    if (decoded.empty() || decoded.channels() != 4) return std::nullopt;
    if (decoded.depth() == CV_16U) decoded.convertTo(decoded, CV_8U, 1.0 / 257.0);
    if (decoded.depth() != CV_8U) return std::nullopt;
    Picture picture{decoded.cols, decoded.rows, 3, {}};
    picture.pixels.reserve(static_cast<std::size_t>(decoded.total()) * 3);
    bool transparent = false;
    for (int y = 0; y < decoded.rows; ++y) {
        const std::uint8_t* in = decoded.ptr<std::uint8_t>(y);
        for (int x = 0; x < decoded.cols; ++x, in += 4) {
            const int alpha = in[3];
            transparent = transparent || alpha < 255;
            for (const int c : {2, 1, 0})
                picture.pixels.push_back(
                    static_cast<std::uint8_t>((in[c] * alpha + 255 * (255 - alpha) + 127) / 255));
        }
    }
    if (!transparent) return std::nullopt;
    return picture;
}

Result<Picture> readVisible(const std::string& path, bool& onWhite) {
    onWhite = false;
    auto picture = readPicture(path);
    if (!picture || !isUniform(*picture)) return picture;
    auto paper = readOnWhite(path);
    if (!paper || isUniform(*paper)) return picture;
    onWhite = true;
    return std::move(*paper);
}

}  // namespace loom
