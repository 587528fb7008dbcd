#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loom {

enum class ElementType { Float, Int64 };

/// The sides of what flows over a wire for one sample, without the batch: `C×H×W`.
/// Dimension numbers in parameters count the batch as 0, as in PyTorch; `dims[i]` is PyTorch's
/// dimension i + 1.
struct Shape {
    std::vector<std::int64_t> dims = {};
    ElementType type = ElementType::Float;

    std::size_t rank() const { return dims.size(); }
    /// Numbers in one sample.
    std::int64_t count() const;
    /// `64×13×13`; a single number is `1`, no side at all is `scalar`.
    std::string toText() const;
    /// `64 × 13 × 13`, for sentences.
    std::string toSentence() const;
    friend bool operator==(const Shape&, const Shape&) = default;
};

/// `10,816`: digits in threes, as the sentences of the program write numbers.
std::string groupDigits(std::int64_t number);
/// `540.8 k`, `3.5 M`: for badges.
std::string shortNumber(double number);
/// `86.5 kB`, `41 MB`.
std::string byteText(double bytes);

}  // namespace loom
