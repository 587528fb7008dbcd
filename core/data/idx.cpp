#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/base/shape.h"
#include "core/data/dataset.h"
#include "core/data/locations.h"

namespace loom {
namespace {

constexpr std::int64_t kSide = 28;
constexpr std::int64_t kPixels = kSide * kSide;
constexpr std::uint32_t kPictureMagic = 0x00000803;
constexpr std::uint32_t kLabelMagic = 0x00000801;

/// One data set in MNIST's file format.
struct IdxSource {
    std::string id;     ///< torchvision's class, and its folder
    std::string title;  ///< "Fashion-MNIST"
    std::vector<std::string> classes;
    std::vector<std::string> extraFolders;  ///< looked into when no root is given
    std::string howToGet;
};

const char* prefix(Split split) {
    return split == Split::Train ? "train" : "t10k";
}

/// A file of the set as it lies in `folder`: plain or packed, with the dash of torchvision or the
/// dot that some tools make of it. Empty when it is not there.
std::string findIdxFile(const std::string& folder, Split split, const std::string& what) {
    for (const char* separator : {"-", "."})
        for (const char* ending : {"", ".gz"}) {
            const std::string path = folder + "/" + prefix(split) + "-" + what + separator +
                                     (what == "images" ? "idx3" : "idx1") + "-ubyte" + ending;
            if (isFile(path)) return path;
        }
    return {};
}

std::string fileName(Split split, const std::string& what) {
    return std::string(prefix(split)) + "-" + what +
           (what == "images" ? "-idx3-ubyte" : "-idx1-ubyte");
}

std::vector<std::string> missingFiles(const std::string& folder) {
    std::vector<std::string> missing;
    for (const Split split : {Split::Train, Split::Test})
        for (const char* what : {"images", "labels"})
            if (findIdxFile(folder, split, what).empty()) missing.push_back(fileName(split, what));
    return missing;
}

std::vector<std::string> candidateFolders(const IdxSource& source, const Settings& settings) {
    const std::string root = settings.text("root");
    std::vector<std::string> folders;
    for (const std::string& base : dataRoots(root)) {
        folders.push_back(base + "/" + source.id + "/raw");
        if (!root.empty())
            folders.insert(folders.end(), {base + "/raw", base + "/" + source.id, base});
    }
    if (root.empty())
        folders.insert(folders.end(), source.extraFolders.begin(), source.extraFolders.end());
    return folders;
}

/// The folder with the most of the four files; empty when none has any.
std::string bestFolder(const IdxSource& source, const Settings& settings) {
    std::string best;
    std::size_t fewest = 4;
    for (const std::string& folder : candidateFolders(source, settings)) {
        const std::size_t missing = missingFiles(folder).size();
        if (missing < fewest) {
            best = folder;
            fewest = missing;
        }
    }
    return best;
}

/// A file read through zlib, which passes unpacked bytes through as they are.
class IdxFile {
public:
    explicit IdxFile(const std::string& path) : m_path(path), m_file(gzopen(path.c_str(), "rb")) {
        if (m_file) gzbuffer(m_file, 1 << 18);
    }
    ~IdxFile() {
        if (m_file) gzclose_r(m_file);
    }
    IdxFile(const IdxFile&) = delete;
    IdxFile& operator=(const IdxFile&) = delete;

    /// The numbers of the header: dimensions only, after the magic number has been checked.
    Result<std::vector<std::uint32_t>> header(std::uint32_t magic) {
        const std::string wanted = magic == kPictureMagic ? "pictures" : "labels";
        if (!m_file) return Error{m_path + " cannot be opened.", "Check its permissions."};
        const auto found = number();
        if (!found) return damaged("it ends within its header");
        if (*found != magic) {
            const bool other = *found == (magic == kPictureMagic ? kLabelMagic : kPictureMagic);
            return damaged(other ? "it holds " +
                                       std::string(magic == kPictureMagic ? "labels" : "pictures") +
                                       " where " + wanted + " are expected"
                                 : "it does not begin like an IDX file of " + wanted);
        }
        std::vector<std::uint32_t> sides;
        for (std::uint32_t i = 0; i < (magic & 0xFF); ++i) {
            const auto side = number();
            if (!side) return damaged("it ends within its header");
            sides.push_back(*side);
        }
        return sides;
    }

    /// Exactly `count` bytes, which must be all that follows the header.
    Result<std::vector<std::uint8_t>> body(std::uint64_t count, const std::string& saying) {
        std::error_code code;
        const std::uint64_t onDisk = std::filesystem::file_size(m_path, code);
        // Deflate shrinks at most 1032-fold: a header that claims more lies.
        if (code || count > onDisk * 1032 + 64)
            return damaged("its header says " + saying + ", which cannot fit into its " +
                           groupDigits(static_cast<std::int64_t>(code ? 0 : onDisk)) + " bytes");
        std::vector<std::uint8_t> bytes(count);
        std::uint64_t done = 0;
        while (done < count) {
            const auto part =
                static_cast<unsigned>(std::min<std::uint64_t>(count - done, 1u << 30));
            const int got = gzread(m_file, bytes.data() + done, part);
            if (got <= 0) break;
            done += static_cast<std::uint64_t>(got);
        }
        if (done < count)
            return damaged("its header says " + saying + ", but it is cut off after " +
                           groupDigits(static_cast<std::int64_t>(done)) + " of " +
                           groupDigits(static_cast<std::int64_t>(count)) + " bytes");
        std::uint8_t more = 0;
        const int left = gzread(m_file, &more, 1);
        if (left > 0) return damaged("it goes on after the " + saying + " that its header says");
        int state = Z_OK;
        gzerror(m_file, &state);
        if (left < 0 || state != Z_OK) return damaged("its checksum does not fit its contents");
        return bytes;
    }

    Error damaged(const std::string& why) const {
        return Error{m_path + " is damaged: " + why + ".", "Fetch the file again."};
    }

private:
    std::optional<std::uint32_t> number() {
        std::array<std::uint8_t, 4> raw = {};
        if (gzread(m_file, raw.data(), 4) != 4) return std::nullopt;
        return std::uint32_t(raw[0]) << 24 | std::uint32_t(raw[1]) << 16 |
               std::uint32_t(raw[2]) << 8 | raw[3];
    }

    std::string m_path;
    gzFile m_file;
};

Result<std::uint32_t> pictureCount(const std::string& path) {
    IdxFile file(path);
    auto header = file.header(kPictureMagic);
    if (!header) return header.error();
    return (*header)[0];
}

class IdxDataset : public Dataset {
public:
    IdxDataset(std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels,
               std::vector<std::string> classes, std::string name)
        : m_pixels(std::move(pixels)),
          m_labels(std::move(labels)),
          m_classes(std::move(classes)),
          m_name(std::move(name)) {}

    std::int64_t size() const override { return static_cast<std::int64_t>(m_labels.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{m_name + " has no picture " + std::to_string(index) + "."};
        const auto begin = m_pixels.begin() + index * kPixels;
        return Sample{Picture{kSide, kSide, 1, {begin, begin + kPixels}}, label(index)};
    }
    std::int64_t label(std::int64_t index) const override {
        return m_labels[static_cast<std::size_t>(index)];
    }
    const std::vector<std::string>& classes() const override { return m_classes; }
    SampleSpec spec() const override { return {false, {1, kSide, kSide}}; }
    std::int64_t bytesInMemory() const override {
        return static_cast<std::int64_t>(m_pixels.size() + m_labels.size());
    }

private:
    std::vector<std::uint8_t> m_pixels;
    std::vector<std::uint8_t> m_labels;
    std::vector<std::string> m_classes;
    std::string m_name;
};

DatasetLocation locate(const IdxSource& source, const Settings& settings) {
    DatasetLocation location;
    location.howToGet = source.howToGet;
    location.folder = bestFolder(source, settings);
    if (location.folder.empty()) {
        const auto folders = candidateFolders(source, settings);
        location.folder = folders.front();
        std::vector<std::string> places;
        if (settings.text("root").empty())
            places = folders;
        else
            places = {dataRoots(settings.text("root")).front(), folders.front()};
        location.message = source.title + " is not on this machine: none of its files lies in " +
                           joinWords(places, "or") + ".";
        return location;
    }
    const auto missing = missingFiles(location.folder);
    if (!missing.empty()) {
        location.message = source.title + " is not complete: " + location.folder + " has no " +
                           joinWords(missing, "and no") + " (plain or .gz).";
        return location;
    }
    const auto train = pictureCount(findIdxFile(location.folder, Split::Train, "images"));
    const auto test = pictureCount(findIdxFile(location.folder, Split::Test, "images"));
    if (!train || !test) {
        location.message = (train ? test : train).error().message;
        return location;
    }
    location.found = true;
    location.message = groupDigits(*train) + " train and " + groupDigits(*test) +
                       " test pictures found in " + location.folder + ".";
    return location;
}

Result<std::shared_ptr<const Dataset>> open(const IdxSource& source, const Settings& settings,
                                            Split split) {
    const std::string folder = bestFolder(source, settings);
    const std::string picturePath = folder.empty() ? "" : findIdxFile(folder, split, "images");
    const std::string labelPath = folder.empty() ? "" : findIdxFile(folder, split, "labels");
    if (picturePath.empty() || labelPath.empty())
        return Error{locate(source, settings).message, source.howToGet};

    IdxFile pictures(picturePath);
    const auto sides = pictures.header(kPictureMagic);
    if (!sides) return sides.error();
    const std::uint64_t count = (*sides)[0];
    if ((*sides)[1] != kSide || (*sides)[2] != kSide)
        return Error{picturePath + " holds pictures of " + std::to_string((*sides)[1]) + " × " +
                         std::to_string((*sides)[2]) + " pixels, but " + source.title +
                         " has 28 × 28.",
                     "Fetch the file again."};
    if (count == 0) return pictures.damaged("it holds no picture");
    IdxFile labels(labelPath);
    const auto labelCount = labels.header(kLabelMagic);
    if (!labelCount) return labelCount.error();
    if ((*labelCount)[0] != count)
        return Error{labelPath + " holds " + groupDigits((*labelCount)[0]) + " labels, but " +
                         picturePath + " holds " + groupDigits(static_cast<std::int64_t>(count)) +
                         " pictures.",
                     "Fetch both files again, so that they belong together."};
    auto labelBytes = labels.body(count, groupDigits(static_cast<std::int64_t>(count)) + " labels");
    if (!labelBytes) return labelBytes.error();
    const auto wrong =
        std::find_if(labelBytes->begin(), labelBytes->end(),
                     [&](std::uint8_t label) { return label >= source.classes.size(); });
    if (wrong != labelBytes->end())
        return labels.damaged("label " + std::to_string(wrong - labelBytes->begin()) + " is " +
                              std::to_string(*wrong) + ", but labels go from 0 to " +
                              std::to_string(source.classes.size() - 1));
    auto pixels =
        pictures.body(count * kPixels, groupDigits(static_cast<std::int64_t>(count)) + " pictures");
    if (!pixels) return pixels.error();
    return std::shared_ptr<const Dataset>(std::make_shared<IdxDataset>(
        std::move(*pixels), std::move(*labelBytes), source.classes, source.title));
}

DatasetKind kindOf(const IdxSource& source, KindInfo info) {
    DatasetKind kind;
    kind.info = std::move(info);
    kind.params = {
        rootParam("The folder above " + source.id +
                  "/raw, as in torchvision, or the folder with the four files. Left empty, "
                  "the usual places are searched.")};
    kind.spec = [](const Settings&) { return SampleSpec{false, {1, kSide, kSide}}; };
    kind.target = [classes = source.classes.size()](const Settings&) {
        return TargetSpec{TargetSpec::Type::ClassIndex, static_cast<std::int64_t>(classes)};
    };
    kind.locate = [source](const Settings& settings) { return locate(source, settings); };
    kind.open = [source](const Settings& settings, Split split) {
        return open(source, settings, split);
    };
    kind.classNames = source.classes;
    return kind;
}

std::string fetchText(const std::string& id, const std::string& address) {
    return "Fetch train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
           "t10k-images-idx3-ubyte.gz and "
           "t10k-labels-idx1-ubyte.gz from " +
           address + " and put them into " + homeDataFolder() + "/" + id +
           "/raw, packed as they are.";
}

}  // namespace

DatasetKind fashionMnistKind() {
    const IdxSource source{
        "FashionMNIST",
        "Fashion-MNIST",
        {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
         "Ankle boot"},
        {"/usr/share/datasets/fashion-mnist"},
        "On Debian and Ubuntu: sudo apt install dataset-fashion-mnist. Elsewhere: " +
            fetchText("FashionMNIST",
                      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")};
    return kindOf(
        source,
        {.id = source.id,
         .family = "small grey pictures",
         .summary = "70,000 grey pictures of clothes, 28 × 28, in 10 classes",
         .details = "60,000 pictures to train with and 10,000 to test with, from the web shop "
                    "Zalando: shirts, shoes, bags. As small and quick as MNIST, but harder: a "
                    "plain network gets 88 %, two convolutions more than 90 %.",
         .python = "torchvision.datasets.FashionMNIST",
         .keywords = {"clothes", "zalando", "fashion-mnist", "beginner"}});
}

DatasetKind mnistKind() {
    const IdxSource source{"MNIST",
                           "MNIST",
                           {"0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five",
                            "6 - six", "7 - seven", "8 - eight", "9 - nine"},
                           {},
                           fetchText("MNIST", "https://ossci-datasets.s3.amazonaws.com/mnist/")};
    return kindOf(
        source,
        {.id = source.id,
         .family = "small grey pictures",
         .summary = "70,000 handwritten digits, 28 × 28, in 10 classes",
         .details = "60,000 digits to train with and 10,000 to test with, written by clerks and "
                    "pupils in the 1990s. The first data set of most courses; even a plain "
                    "network gets 97 %.",
         .python = "torchvision.datasets.MNIST",
         .keywords = {"digits", "handwriting", "beginner"}});
}

}  // namespace loom
