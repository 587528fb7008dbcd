#include "core/data/transforms/random_window.h"

#include <cmath>

#include "core/data/transforms/torch_math.h"

namespace loom {

std::pair<std::int64_t, std::int64_t> WindowRange::draw(double area, TorchRandom& random) const {
    // Python multiplies in double what torch has drawn in float32.
    const double share = area * static_cast<double>(random.uniform(scale[0], scale[1]));
    const auto drawn = random.uniform(logRatio[0], logRatio[1]);
    const double aspect = static_cast<double>(torchExp(drawn));
    return {static_cast<std::int64_t>(std::nearbyint(std::sqrt(share * aspect))),
            static_cast<std::int64_t>(std::nearbyint(std::sqrt(share / aspect)))};
}

WindowRange windowRange(const Settings& settings) {
    const auto two = [&](const char* key) {
        const std::vector<double> numbers = settings.numbers(key);
        return std::array<double, 2>{numbers.front(), numbers.back()};
    };
    WindowRange range{two("scale"), two("ratio"), {}};
    for (std::size_t i = 0; i < 2; ++i)
        range.logRatio[i] = torchLog(static_cast<float>(range.ratio[i]));
    return range;
}

}  // namespace loom
