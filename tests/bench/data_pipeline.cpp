// How many samples a second the data pipeline delivers:
//   bench_data_pipeline fashion_mnist|image_folder ROOT WORKERS BATCH stream|cache
// After each line on its input it goes once through the training set and prints samples a second,
// the share of samples kept in memory, and the sum of all numbers. tests/bench/data_pipeline.py
// starts it and prints the figures beside torchvision's.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <string>

#include "core/data/loader.h"

using namespace loom;

namespace {

template <class T>
T orEnd(Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "%s %s\n", result.error().message.c_str(), result.error().hint.c_str());
    std::exit(1);
}

std::vector<TransformChoice> steps(bool photos) {
    if (!photos)
        return {{"ToTensor", {}}, {"Normalize", {{"mean", List{0.286}}, {"std", List{0.353}}}}};
    return {
        {"RandomResizedCrop", {{"size", 224}}},
        {"RandomHorizontalFlip", {}},
        {"ToTensor", {}},
        {"Normalize", {{"mean", List{0.485, 0.456, 0.406}}, {"std", List{0.229, 0.224, 0.225}}}}};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) {
        std::fprintf(stderr,
                     "bench_data_pipeline fashion_mnist|image_folder ROOT WORKERS BATCH "
                     "stream|cache\n");
        return 1;
    }
    const bool photos = std::string(argv[1]) == "image_folder";
    Params params{{"root", argv[2]}};
    const auto dataset =
        orEnd(openDataset(photos ? "ImageFolder" : "FashionMNIST", params, Split::Train));
    const auto pipeline = orEnd(Pipeline::make(steps(photos)));
    LoaderOptions options;
    options.order.resize(static_cast<std::size_t>(dataset->size()));
    std::iota(options.order.begin(), options.order.end(), std::int64_t(0));
    options.workers = std::atoi(argv[3]);
    options.batchSize = std::atoi(argv[4]);
    if (std::string(argv[5]) == "cache")
        options.cache = std::make_shared<DataCache>(dataset, DataCache::usualBudget());
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto begin = std::chrono::steady_clock::now();
        Loader loader(dataset, pipeline, options);
        std::int64_t samples = 0;
        double sum = 0;
        while (true) {
            Batch batch = orEnd(loader.next());
            if (batch.size() == 0) break;
            samples += batch.size();
            sum += static_cast<double>(batch.inputs.front());
            loader.giveBack(std::move(batch));
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        const double kept = options.cache ? static_cast<double>(options.cache->samples()) /
                                                static_cast<double>(dataset->size())
                                          : 0;
        std::printf("%.1f %.3f %.6f\n", static_cast<double>(samples) / took.count(), kept, sum);
        std::fflush(stdout);
        ++options.epoch;
    }
    return 0;
}
