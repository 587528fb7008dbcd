#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/base/shape.h"

namespace loom {

/// A picture as Pillow holds it: 8 bits, rows from the top, channels interleaved (H×W×C).
struct Picture {
    int width = 0;
    int height = 0;
    int channels = 0;  ///< 1 grey ("L"), 3 RGB
    std::vector<std::uint8_t> pixels;
};

/// A picture, or any sample, after ToTensor: float32, C×H×W.
struct TensorSample {
    std::vector<std::int64_t> dims;
    std::vector<float> values;
    /// How many of `dims` follow each other in `values`: FiveCrop makes five of one sample.
    std::int64_t views = 1;
};

using SampleInput = std::variant<Picture, TensorSample>;

/// What is known of a data set's samples, or of what a chain of transforms makes of them, before
/// any is read. Sides that differ from picture to picture are -1.
struct SampleSpec {
    bool isTensor = false;
    std::vector<std::int64_t> dims;  ///< C×H×W
    /// Of how many the network's answers are averaged: FiveCrop makes five of one sample.
    std::int64_t views = 1;
    bool fixed() const;
    /// "a picture, 1 × 28 × 28", "a tensor, 3 × ? × ?".
    std::string toSentence() const;
};

/// A part of a picture, in its pixels.
struct PictureWindow {
    std::int64_t top = 0;
    std::int64_t left = 0;
    std::int64_t height = 0;
    std::int64_t width = 0;
    friend bool operator==(const PictureWindow&, const PictureWindow&) = default;
};

/// Decodes a picture file as torchvision does: pixels of Pillow's `Image.open(path)`, converted to
/// RGB; the EXIF rotation is not applied. Errors name the file.
Result<Picture> readPicture(const std::string& path);
/// The same of a file's bytes; `name` is what errors call it.
Result<Picture> decodePicture(std::string_view bytes, const std::string& name);
/// A window of the picture that `decodePicture` gives, to the bit; of a JPEG no more than that is
/// decoded.
Result<Picture> decodeWindow(std::string_view bytes, const PictureWindow& window,
                             const std::string& name);
/// The same of pixels that are there.
Picture cutWindow(const Picture& picture, const PictureWindow& window);
/// The picture as PNG bytes.
Result<std::string> encodePng(const Picture& picture);
/// As Pillow's `convert("L")` or `convert("RGB")`.
Picture convertChannels(const Picture& picture, int channels);

}  // namespace loom
