#include "core/data/sets/stl10.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <numeric>
#include <system_error>

#include "core/base/errno_text.h"
#include "core/base/files.h"
#include "core/base/shape.h"
#include "core/base/text.h"
#include "core/data/files/locations.h"
#include "core/data/sets/planar_dataset.h"
#include "core/data/sets/published_set.h"

namespace loom {
namespace {

constexpr int kSide = 96;
constexpr std::int64_t kPictureBytes = 3 * kSide * kSide;
const std::string kFolder = "stl10_binary";

/// A file of pictures of one size, read where a picture is asked for: the unlabelled ones alone are
/// 2.8 GB.
class PictureFile {
public:
    explicit PictureFile(std::string path)
        : m_path(std::move(path)), m_file(::open(m_path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat info = {};
        if (m_file >= 0 && ::fstat(m_file, &info) == 0) m_bytes = info.st_size;
    }
    ~PictureFile() {
        if (m_file >= 0) ::close(m_file);
    }
    PictureFile(const PictureFile&) = delete;
    PictureFile& operator=(const PictureFile&) = delete;

    /// Errors where the file does not hold whole pictures.
    Result<std::int64_t> count() const {
        if (m_file < 0) return Error{m_path + " cannot be opened.", "Check its permissions."};
        if (m_bytes == 0 || m_bytes % kPictureBytes != 0)
            return Error{m_path + " is damaged: its " + groupDigits(m_bytes) +
                             " bytes are no whole number of pictures of " +
                             groupDigits(kPictureBytes) + " bytes.",
                         "Unpack the archive again, or fetch it again."};
        return m_bytes / kPictureBytes;
    }
    Result<std::vector<std::uint8_t>> read(std::int64_t index) const {
        std::vector<std::uint8_t> bytes(kPictureBytes);
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t got = ::pread(m_file, bytes.data() + done, bytes.size() - done,
                                        index * kPictureBytes + static_cast<off_t>(done));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0)
                return Error{m_path + " cannot be read: " +
                                 (got < 0 ? errnoText(errno) : "it has become shorter") + ".",
                             "Unpack the archive again, or fetch it again."};
            done += static_cast<std::size_t>(got);
        }
        return bytes;
    }

private:
    std::string m_path;
    int m_file;
    std::int64_t m_bytes = 0;
};

PublishedSet stlSet(const Settings& settings) {
    const std::string split = settings.text("split");
    PublishedSet set{.id = "STL10", .title = "STL-10", .folder = kFolder, .others = {""}};
    if (split != "unlabeled") set.train = {"train_X.bin", "train_y.bin"};
    if (split != "train") set.train.push_back("unlabeled_X.bin");
    if (split != "unlabeled" && !settings.isNone("folds")) set.train.push_back("fold_indices.txt");
    set.test = {"test_X.bin", "test_y.bin"};
    set.files = {{"stl10_binary.tar.gz",
                  {"http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"},
                  "91f7769df0f17e558f3565bffb0c7dfb",
                  2640397119,
                  {},
                  {{"train_X.bin", 5000 * kPictureBytes, "918c2871b30a85fa023e0c44e0bee87f"},
                   {"train_y.bin", 5000, "5a34089d4802c674881badbb80307741"},
                   {"unlabeled_X.bin", 100000 * kPictureBytes, "5242ba1fed5e4be9e1e742405eb56ca4"},
                   {"test_X.bin", 8000 * kPictureBytes, "7f263ba9f9e0b06b93213547f721ac82"},
                   {"test_y.bin", 8000, "36f9794fa4beb8a2c72628de14fa638e"},
                   {"class_names.txt"},
                   {"fold_indices.txt"}}}};
    for (PackedFile& one : set.files[0].holds) one.path = kFolder + "/" + one.path;
    return set;
}

const std::vector<std::string>& classes() {
    static const std::vector<std::string> names = {"airplane", "bird",  "car",    "cat",  "deer",
                                                   "dog",      "horse", "monkey", "ship", "truck"};
    return names;
}

/// Pictures of a set, each by its file and its place in it.
struct Parts {
    std::vector<std::shared_ptr<const PictureFile>> files;
    std::vector<std::pair<std::size_t, std::int64_t>> places;
    std::vector<std::int16_t> labels;
};

/// Adds a file of pictures, those at `chosen` or all, with labels or (empty path) without.
Status addPictures(Parts& parts, const std::string& folder, const std::string& pictures,
                   const std::string& labels, const std::optional<std::int64_t>& fold) {
    auto file = std::make_shared<PictureFile>(folder + "/" + pictures);
    const auto count = file->count();
    if (!count) return count.error();
    std::vector<std::int16_t> answers(static_cast<std::size_t>(*count), -1);
    const auto damaged = [](const std::string& path, const std::string& why) {
        return Error{path + " is damaged: " + why + ".",
                     "Unpack the archive again, or fetch it again."};
    };
    if (!labels.empty()) {
        const std::string path = folder + "/" + labels;
        const auto bytes = readFile(path, std::uint64_t(1) << 26);
        if (!bytes) return bytes.error();
        auto read = readStlLabels(*bytes);
        if (!read) return damaged(path, read.error().message);
        if (read->size() != answers.size())
            return damaged(path, "it has " + groupDigits(static_cast<std::int64_t>(read->size())) +
                                     " labels, but " + pictures + " has " + groupDigits(*count) +
                                     " pictures");
        answers = std::move(*read);
    }
    std::vector<std::int64_t> chosen(answers.size());
    std::iota(chosen.begin(), chosen.end(), 0);
    if (fold) {
        const std::string path = folder + "/fold_indices.txt";
        const auto text = readFile(path, std::uint64_t(1) << 24);
        if (!text) return text.error();
        auto read = readStlFold(*text, static_cast<int>(*fold), *count);
        if (!read) return damaged(path, read.error().message);
        chosen = std::move(*read);
    }
    for (const std::int64_t index : chosen) {
        parts.places.emplace_back(parts.files.size(), index);
        parts.labels.push_back(answers[static_cast<std::size_t>(index)]);
    }
    parts.files.push_back(std::move(file));
    return {};
}

Result<std::shared_ptr<const Dataset>> openStl(const Settings& settings, Split split) {
    const std::vector<PublishedSet> forms = {stlSet(settings)};
    const auto place = preparePublished(forms, settings, split);
    if (!place) return place.error();
    const std::string which = split == Split::Test ? "test" : settings.text("split");
    auto parts = std::make_shared<Parts>();
    if (which == "test")
        if (auto added = addPictures(*parts, place->folder, "test_X.bin", "test_y.bin", {}); !added)
            return added.error();
    if (which.starts_with("train")) {
        const auto fold =
            settings.isNone("folds") ? std::optional<std::int64_t>() : settings.integer("folds");
        if (auto added = addPictures(*parts, place->folder, "train_X.bin", "train_y.bin", fold);
            !added)
            return added.error();
    }
    if (which.ends_with("unlabeled"))
        if (auto added = addPictures(*parts, place->folder, "unlabeled_X.bin", "", {}); !added)
            return added.error();
    return makePlanarDataset({.title = "STL-10",
                              .channels = 3,
                              .height = kSide,
                              .width = kSide,
                              .byColumns = true,
                              .readOne =
                                  [parts](std::int64_t index) {
                                      const auto& [file, at] =
                                          parts->places[static_cast<std::size_t>(index)];
                                      return parts->files[file]->read(at);
                                  },
                              .labels = parts->labels,
                              .classes = classes()});
}

}  // namespace

Result<std::vector<std::int16_t>> readStlLabels(std::string_view bytes) {
    std::vector<std::int16_t> labels;
    for (const char byte : bytes) {
        const auto label = static_cast<std::uint8_t>(byte);
        if (label < 1 || label > 10)
            return Error{"label " + groupDigits(static_cast<std::int64_t>(labels.size())) + " is " +
                         std::to_string(label) + ", but labels go from 1 to 10"};
        labels.push_back(static_cast<std::int16_t>(label - 1));
    }
    return labels;
}

Result<std::vector<std::int64_t>> readStlFold(std::string_view text, int fold, std::int64_t count) {
    for (int line = 0; line < fold; ++line) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos)
            return Error{"it has only " + std::to_string(line + 1) + " lines, but fold " +
                         std::to_string(fold) + " is line " + std::to_string(fold + 1)};
        text.remove_prefix(end + 1);
    }
    text = text.substr(0, text.find('\n'));
    std::vector<std::int64_t> numbers;
    while (true) {
        const std::size_t begin = text.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        std::int64_t number = -1;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (code != std::errc() || number < 0 || number >= count)
            return Error{"fold " + std::to_string(fold) + " names a picture that is not there (\"" +
                         shortText(text.substr(0, text.find(' ')), 20) + "\" of " +
                         groupDigits(count) + ")"};
        numbers.push_back(number);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    if (numbers.empty()) return Error{"fold " + std::to_string(fold) + " is empty"};
    return numbers;
}

DatasetKind stl10Kind() {
    DatasetKind kind;
    kind.info = {
        .id = "STL10",
        .family = "small colour pictures",
        .summary = "13,000 colour pictures of animals and vehicles, 96 × 96, in 10 classes",
        .details =
            "5,000 pictures to train with, 8,000 to test with, and 100,000 without labels: "
            "few answers and many pictures, for learning first without answers (an "
            "autoencoder, say) and then with few. A loss that needs classes cannot use the "
            "unlabelled ones, whose label is −1: CrossEntropyLoss with ignore_index=-1 "
            "passes over them.",
        .python = "torchvision.datasets.STL10",
        .keywords = {"stl", "stl-10", "unlabeled", "semi-supervised", "animals", "vehicles"}};
    kind.params = {
        rootParam("The folder that holds stl10_binary, or the archive it comes in. Left empty, the "
                  "usual places are searched."),
        {.key = "split",
         .type = ParamType::Choice,
         .defaultValue = "train",
         .hint =
             "What to train with: train, unlabeled (100,000 pictures without a class), or both. "
             "Tests are made with the test pictures.",
         .choices = {"train", "unlabeled", "train+unlabeled"}},
        {.key = "folds",
         .type = ParamType::Int,
         .hint = "One of the ten parts of 1,000 training pictures that results are published for.",
         .optional = true,
         .minimum = 0,
         .maximum = 9,
         .noneText = "all"}};
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, kSide, kSide}}; };
    kind.target = [](const Settings&) { return TargetSpec{TargetSpec::Type::ClassIndex, 10}; };
    kind.locate = [](const Settings& s) { return locatePublished({stlSet(s)}, s); };
    kind.open = openStl;
    kind.classNames = classes();
    kind.downloads = [](const Settings& s) { return stlSet(s).files; };
    return kind;
}

}  // namespace loom
