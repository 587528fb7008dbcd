#include "core/catalogue/window.h"

namespace loom {

std::int64_t Window::output(std::int64_t input) const {
    const std::int64_t room = input + 2 * padding - reach();
    if (room < 0) return 0;
    std::int64_t out = (room + (ceil ? stride - 1 : 0)) / stride + 1;
    // A last window that would begin in the right padding is left out.
    if (ceil && (out - 1) * stride >= input + padding) --out;
    return out;
}

std::string Window::formula(std::int64_t input, bool withDilation) const {
    const auto s = [](std::int64_t number) { return std::to_string(number); };
    const std::string open = ceil ? "⌈" : "⌊", close = ceil ? "⌉" : "⌋";
    const std::string top = withDilation ? s(input) + " + 2·" + s(padding) + " − " + s(dilation) +
                                               "·(" + s(kernel) + "−1) − 1"
                                         : s(input) + " + 2·" + s(padding) + " − " + s(kernel);
    return open + "(" + top + ")/" + s(stride) + close + " + 1 = " + s(output(input));
}

}  // namespace loom
