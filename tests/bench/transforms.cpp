// How long each transform takes for one picture:
//   bench_transforms PIXELS WIDTH HEIGHT CHANNELS
// PIXELS is a file of H×W×C bytes. Each line on its input is a list of transforms as a project
// writes it; after each it prints the median of the seconds that they took, over many seeds.
// tests/bench/transforms.py starts it and prints the figures beside torchvision's.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/transform.h"

using namespace loom;

namespace {

template <class T>
T orEnd(Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "%s %s\n", result.error().message.c_str(), result.error().hint.c_str());
    std::exit(1);
}

double medianSeconds(const Pipeline& pipeline, const Picture& picture) {
    constexpr int kSeeds = 61;
    std::vector<double> seconds;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        SampleInput input = picture;
        TorchRandom random(seed);
        const auto begin = std::chrono::steady_clock::now();
        const auto made = pipeline.apply(std::move(input), random);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        if (!made) {
            std::fprintf(stderr, "%s\n", made.error().message.c_str());
            std::exit(1);
        }
        seconds.push_back(taken.count());
    }
    std::nth_element(seconds.begin(), seconds.begin() + kSeeds / 2, seconds.end());
    return seconds[kSeeds / 2];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "bench_transforms PIXELS WIDTH HEIGHT CHANNELS\n");
        return 1;
    }
    Picture picture{std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]), {}};
    const std::string bytes = orEnd(readFile(argv[1]));
    picture.pixels.assign(bytes.begin(), bytes.end());
    if (picture.pixels.size() != static_cast<std::size_t>(picture.width) *
                                     static_cast<std::size_t>(picture.height) *
                                     static_cast<std::size_t>(picture.channels)) {
        std::fprintf(stderr, "%s has not as many bytes as the picture\n", argv[1]);
        return 1;
    }
    std::string line;
    while (std::getline(std::cin, line)) {
        const Value list = orEnd(parseJson(line));
        const auto pipeline = orEnd(Pipeline::make(nestedChoices(list)));
        std::printf("%.9f\n", medianSeconds(pipeline, picture));
        std::fflush(stdout);
    }
    return 0;
}
