#include "core/catalogue/window.h"

namespace loom {

namespace {

/// Rounds towards minus infinity, where C++ rounds towards zero.
std::int64_t floorDivide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/// Windows in all; `last` is the one that ceil_mode leaves out because it would begin in the
/// padding.
std::int64_t count(const Window& w, std::int64_t input, bool& last) {
    const std::int64_t room = input + 2 * w.padding - w.reach();
    const std::int64_t out = floorDivide(room + (w.ceil ? w.stride - 1 : 0), w.stride) + 1;
    last = w.ceil && (out - 1) * w.stride >= input + w.padding;
    return out;
}

}  // namespace

std::int64_t Window::output(std::int64_t input) const {
    bool last = false;
    const std::int64_t all = count(*this, input, last);
    return all - (last ? 1 : 0);
}

std::string Window::formula(std::int64_t input, bool withDilation) const {
    const auto s = [](std::int64_t number) { return std::to_string(number); };
    const std::string open = ceil ? "⌈" : "⌊", close = ceil ? "⌉" : "⌋";
    const std::string top = withDilation ? s(input) + " + 2·" + s(padding) + " − " + s(dilation) +
                                               "·(" + s(kernel) + "−1) − 1"
                                         : s(input) + " + 2·" + s(padding) + " − " + s(kernel);
    bool last = false;
    const std::int64_t all = count(*this, input, last);
    return open + "(" + top + ")/" + s(stride) + close + " + 1 = " + s(all) +
           (last ? ", less the last, which would begin in the padding: " + s(all - 1) : "");
}

}  // namespace loom
