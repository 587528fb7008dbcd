// How long a picture folder of a million files takes to open, and what its index weighs:
//   build/release/tests/bench_index_files [FILES [CLASSES [FOLDER]]]
// makes empty files, spread over class folders, below FOLDER, and takes them away again.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "core/data/dataset.h"

namespace {

double secondsSince(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool touch(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    return file >= 0 && ::close(file) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    const long files = argc > 1 ? std::atol(argv[1]) : 1'000'000;
    const long classes = argc > 2 ? std::atol(argv[2]) : 1000;
    const std::string root = (argc > 3 ? std::string(argv[3]) : "/tmp") + "/bench_index_files." +
                             std::to_string(::getpid());
    for (const char* split : {"train", "test"})
        for (long c = 0; c < classes; ++c)
            std::filesystem::create_directories(root + "/" + split + "/n" +
                                                std::to_string(10000000 + c));
    auto begin = std::chrono::steady_clock::now();
    bool made = true;
    for (long i = 0; made && i < files; ++i) {
        const std::string folder = "/n" + std::to_string(10000000 + i % classes);
        made = touch(root + "/train" + folder + folder + "_" + std::to_string(i) + ".JPEG");
        if (i < classes) made = made && touch(root + "/test" + folder + "/1.JPEG");
    }
    std::printf("%ld files made in %.1f s\n", files, secondsSince(begin));

    begin = std::chrono::steady_clock::now();
    const auto data = made ? loom::openDataset("ImageFolder", {{"root", root}}, loom::Split::Train)
                           : loom::Error{"The files could not be made in " + root + "."};
    const double seconds = secondsSince(begin);
    if (data)
        std::printf(
            "%lld files indexed in %.2f s, %.1f MB of memory, %.1f bytes each\n",
            static_cast<long long>((*data)->size()), seconds,
            static_cast<double>((*data)->bytesInMemory()) / 1e6,
            static_cast<double>((*data)->bytesInMemory()) / static_cast<double>((*data)->size()));
    else
        std::fprintf(stderr, "%s\n", data.error().message.c_str());
    std::filesystem::remove_all(root);
    return data ? 0 : 1;
}
