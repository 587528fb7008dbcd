// Damages whole examples of everything that is read (make_seeds.py writes them) and reads them:
//   fuzz_readers SEEDS [--rounds N] [--seed S] [--only NAME]
// A reader must answer with a value or a sentence. A crash, a finding of a sanitizer, more than
// kMostSeconds for a file, or memory beyond the limit ends the program; it then tells the round,
// and leaves the file it was at in SEEDS/../fuzz-at.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "core/data/dataset.h"
#include "core/data/pictures/picture_header.h"
#include "core/data/transform.h"
#include "core/project/project_file.h"
#include "tests/fuzz/mutate.h"

using namespace loom;
namespace fs = std::filesystem;

namespace {

constexpr unsigned kMostSeconds = 60;
constexpr rlim_t kMostMemory = rlim_t(6) << 30;

char at[512] = "the beginning";

void tell(int signal) {
    static const char kOvertime[] = " took too long";
    static const char kCrash[] = " crashed";
    const char* what = signal == SIGALRM ? kOvertime : kCrash;
    if (write(2, at, std::strlen(at)) < 0 || write(2, what, std::strlen(what)) < 0 ||
        write(2, "\n", 1) < 0)
        _exit(3);
    _exit(2);
}

struct Counts {
    int values = 0;
    int sentences = 0;
};

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "%s: %s\n", at, what.c_str());
    std::exit(2);
}

void check(const Error& error) {
    if (error.message.empty()) fail("an error without a sentence");
    if (error.message.size() > 20'000) fail("a sentence without an end");
}

std::string readAll(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void writeAll(const fs::path& path, const std::string& bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

std::vector<fs::path> filesBelow(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

void readPictureBytes(const std::string& bytes, Counts& counts, std::mt19937_64& random) {
    const auto picture = decodePicture(bytes, "It");
    picture ? ++counts.values : ++counts.sentences;
    if (!picture)
        check(picture.error());
    else if (picture->pixels.size() != std::size_t(picture->width) * std::size_t(picture->height) *
                                           std::size_t(picture->channels))
        fail("a picture of another size than its pixels");
    const auto header = readPictureHeader(bytes);
    if (!header) return;
    PictureWindow window;
    window.height = 1 + std::int64_t(random() % std::min<std::uint64_t>(header->height, 1 << 16));
    window.width = 1 + std::int64_t(random() % std::min<std::uint64_t>(header->width, 1 << 16));
    window.top = std::int64_t(random() % header->height);
    window.left = std::int64_t(random() % header->width);
    const auto part = decodeWindow(bytes, window, "It");
    if (part && !picture) fail("a window of a picture that is refused");
    if (part && part->pixels != cutWindow(*picture, window).pixels)
        fail("a window that differs from the whole");
}

void readProject(const std::string& text, Counts& counts) {
    const auto loaded = projectFromJson(text);
    loaded ? ++counts.values : ++counts.sentences;
    if (!loaded) return check(loaded.error());
    for (const auto* choices :
         {&loaded->project.data.trainTransforms, &loaded->project.data.testTransforms}) {
        inferPipeline(*choices, {false, {3, -1, -1}});
        const auto pipeline = Pipeline::make(*choices);
        if (!pipeline) {
            check(pipeline.error());
            continue;
        }
        for (const int channels : {1, 3}) {
            Picture picture{31, 24, channels, {}};
            picture.pixels.assign(std::size_t(31 * 24 * channels), 99);
            TorchRandom drawn(7);
            const auto made = pipeline->apply(std::move(picture), drawn);
            if (!made) check(made.error());
        }
    }
}

Value valueOf(const std::string& text) {
    char* end = nullptr;
    const long long number = std::strtoll(text.c_str(), &end, 10);
    return *end == 0 ? Value(std::int64_t(number)) : Value(text);
}

struct SetCase {
    std::string kind;
    Params params;
};

SetCase readCase(const fs::path& folder) {
    SetCase one;
    std::istringstream lines(readAll(folder / "case.txt"));
    std::string line;
    while (std::getline(lines, line)) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string::npos) continue;
        const std::string key = line.substr(0, tab);
        if (key == "kind")
            one.kind = line.substr(tab + 1);
        else
            one.params.set(key, valueOf(line.substr(tab + 1)));
    }
    return one;
}

void readSet(SetCase one, const fs::path& root, Counts& counts) {
    one.params.set("root", root.string());
    const DatasetKind& kind = *datasets().find(one.kind);
    const Settings settings(kind.params, one.params);
    kind.locate(settings);
    if (kind.target) kind.target(settings);
    for (const Split split : {Split::Train, Split::Test}) {
        const auto opened = openDataset(one.kind, one.params, split);
        if (!opened) {
            ++counts.sentences;
            check(opened.error());
            continue;
        }
        const Dataset& dataset = **opened;
        dataset.classes();
        dataset.answerNames();
        dataset.inputNames();
        const std::int64_t size = dataset.size();
        for (std::int64_t i = 0; i < size; i += 1 + size / 6) {
            dataset.label(i);
            dataset.answer(i);
            dataset.annotations(i);
            dataset.nameOf(i);
            const auto sample = dataset.sample(i);
            sample ? ++counts.values : ++counts.sentences;
            if (!sample) check(sample.error());
        }
    }
}

struct Run {
    fs::path seeds;
    int rounds = 50;
    std::uint64_t seed = 1;
    std::string only;
    std::map<std::string, Counts> counts;
    bool refused = false;  ///< an example that should have been read

    bool wanted(const std::string& name) const { return only.empty() || only == name; }

    void begin(const std::string& name, const fs::path& file, int round) {
        std::snprintf(at, sizeof at, "%s, %s, round %d of seed %llu", name.c_str(),
                      file.filename().c_str(), round, static_cast<unsigned long long>(seed));
        alarm(kMostSeconds);
    }

    std::mt19937_64 randomOf(const fs::path& file, int round) const {
        return std::mt19937_64(seed * 1'000'003 + std::hash<std::string>()(file.filename()) +
                               std::uint64_t(round) * 7919);
    }

    void files(const std::string& name, const fs::path& folder) {
        if (!wanted(name)) return;
        for (const fs::path& file : filesBelow(folder)) {
            const std::string whole = readAll(file);
            for (int round = 0; round < rounds; ++round) {
                begin(name, file, round);
                std::mt19937_64 random = randomOf(file, round);
                std::string bytes = round == 0 ? whole : fuzz::mutated(whole, random);
                if (round % 2 && bytes.starts_with("\x89PNG")) bytes = fuzz::withChecksums(bytes);
                writeAll(seeds / "../fuzz-at", bytes);
                if (name == "pictures")
                    readPictureBytes(bytes, counts[name + " " + file.extension().string()], random);
                else
                    readProject(bytes, counts[name]);
            }
        }
    }

    /// Of the files of a set, one at a time is damaged.
    void set(const fs::path& folder) {
        const std::string name = folder.filename();
        if (!wanted(name)) return;
        const SetCase one = readCase(folder);
        if (!datasets().find(one.kind)) {
            std::printf("%-20s there is no %s\n", name.c_str(), one.kind.c_str());
            return;
        }
        const std::vector<fs::path> files = filesBelow(folder / "root");
        const fs::path work = seeds / "../fuzz-sets";
        for (int round = 0; round < rounds; ++round) {
            const fs::path& file = files[std::size_t(round) % files.size()];
            begin(name, file, round);
            std::mt19937_64 random = randomOf(file, round);
            // A folder of its own for each round: what was read before is not taken for it.
            const fs::path root = work / (name + std::to_string(round));
            fs::remove_all(root);
            fs::create_directories(root);
            fs::copy(folder / "root", root, fs::copy_options::recursive);
            const std::string whole = readAll(file);
            const std::string bytes = round == 0          ? whole
                                      : random() % 2 == 0 ? fuzz::mutated(whole, random)
                                                          : fuzz::mutatedInside(whole, random);
            writeAll(root / fs::relative(file, folder / "root"), bytes);
            writeAll(seeds / "../fuzz-at", bytes);
            readSet(one, root, counts[name]);
            if (round == 0 && counts[name].values == 0) {
                std::printf("%-20s the undamaged example is refused\n", name.c_str());
                refused = true;
                break;
            }
            fs::remove_all(root);
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    Run run;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--rounds" && i + 1 < argc)
            run.rounds = std::atoi(argv[++i]);
        else if (word == "--seed" && i + 1 < argc)
            run.seed = std::strtoull(argv[++i], nullptr, 10);
        else if (word == "--only" && i + 1 < argc)
            run.only = argv[++i];
        else
            run.seeds = word;
    }
    if (run.seeds.empty() || !fs::is_directory(run.seeds)) {
        std::fprintf(stderr, "fuzz_readers SEEDS [--rounds N] [--seed S] [--only NAME]\n");
        return 1;
    }
    // Nothing of the user's is found in place of what is missing.
    setenv("HOME", (run.seeds / "../fuzz-home").c_str(), 1);
    signal(SIGALRM, tell);
#ifndef __SANITIZE_ADDRESS__
    signal(SIGSEGV, tell);
    signal(SIGBUS, tell);
    signal(SIGABRT, tell);
    const rlimit memory{kMostMemory, kMostMemory};
    setrlimit(RLIMIT_AS, &memory);
#endif
    run.files("pictures", run.seeds / "pictures");
    run.files("projects", run.seeds / "projects");
    for (const fs::directory_entry& entry : fs::directory_iterator(run.seeds / "sets"))
        run.set(entry.path());
    for (const auto& [name, counts] : run.counts)
        std::printf("%-20s %7d values, %7d sentences\n", name.c_str(), counts.values,
                    counts.sentences);
    return run.refused ? 1 : 0;
}
