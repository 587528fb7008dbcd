#include "core/base/shape.h"

#include <cmath>
#include <cstdio>

#include "core/base/saturating.h"

namespace loom {
namespace {

std::string joined(const std::vector<std::int64_t>& dims, const char* separator) {
    if (dims.empty()) return "scalar";
    std::string out;
    for (std::int64_t side : dims)
        out +=
            (out.empty() ? "" : separator) + (side < 0 ? std::string("?") : std::to_string(side));
    return out;
}

std::string scaled(double number, const char* unit) {
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, "%.1f", number);
    std::string text = buffer;
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text + unit;
}

}  // namespace

std::int64_t Shape::count() const {
    std::int64_t product = 1;
    for (std::int64_t side : dims) product = times(product, side);
    return product;
}

std::string Shape::toText() const {
    return joined(dims, "×");
}
std::string Shape::toSentence() const {
    return joined(dims, " × ");
}

std::string groupDigits(std::int64_t number) {
    std::string digits = std::to_string(number);
    const int start = number < 0 ? 1 : 0;
    for (int i = static_cast<int>(digits.size()) - 3; i > start; i -= 3)
        digits.insert(static_cast<std::size_t>(i), 1, ',');
    return digits;
}

std::string shortNumber(double number) {
    if (std::fabs(number) < 1e4) return groupDigits(std::llround(number));
    if (std::fabs(number) < 999.5e3) return scaled(number / 1e3, " k");
    if (std::fabs(number) < 999.5e6) return scaled(number / 1e6, " M");
    return scaled(number / 1e9, " G");
}

std::string byteText(double bytes) {
    if (bytes < 1000) return scaled(bytes, " B");
    if (bytes < 999.5e3) return scaled(bytes / 1e3, " kB");
    if (bytes < 999.5e6) return scaled(bytes / 1e6, " MB");
    return scaled(bytes / 1e9, " GB");
}

}  // namespace loom
