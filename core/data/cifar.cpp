#include <array>
#include <cstring>

#include "core/base/files.h"
#include "core/base/pickle.h"
#include "core/base/shape.h"
#include "core/data/dataset.h"
#include "core/data/locations.h"

namespace loom {
namespace {

constexpr int kSide = 32;
constexpr std::size_t kPlane = kSide * kSide;
constexpr std::size_t kPixels = 3 * kPlane;
constexpr std::uint64_t kMaximumFileBytes = std::uint64_t(1) << 30;
constexpr int kClassCount = 10;

const std::vector<std::string> kClasses = {"airplane", "automobile", "bird",  "cat",  "deer",
                                           "dog",      "frog",       "horse", "ship", "truck"};

/// Labels and pictures of one file. Pixels are planes, red, green and blue, as in the files.
struct CifarBatch {
    std::vector<std::uint8_t> labels;
    std::vector<std::uint8_t> planes;
};

/// One of the two forms the data set is offered in.
struct CifarForm {
    const char* folder;
    const char* ending;
    const char* archive;
    const char* md5;
    Result<CifarBatch> (*read)(const std::string& path);
};

Error damaged(const std::string& path, const std::string& why) {
    return Error{path + " is damaged: " + why + ".",
                 "Unpack the archive again, or fetch it again."};
}

Status checkLabel(const std::string& path, std::int64_t label, std::size_t place) {
    if (label >= 0 && label < kClassCount) return {};
    return damaged(path, "label " + std::to_string(place) + " is " + std::to_string(label) +
                             ", but labels go from 0 to 9");
}

/// The bytes of a pickled numpy array of unsigned bytes with `columns` numbers a row.
Result<std::string> arrayBytes(const std::string& path, const PickleValue& array,
                               std::size_t columns) {
    const PickleValue state = array.state();
    const bool isArray = array.name().ends_with("_reconstruct") && state.size() == 5;
    const std::string type = state.item(2).arguments().item(0).text();
    const std::string& bytes = state.item(4).text();
    if (!isArray || (type != "u1" && type != "|u1" && type != "uint8"))
        return damaged(path, "its data are no numpy array of unsigned bytes");
    if (state.item(3).boolean() || state.item(1).size() != 2 ||
        state.item(1).item(1).integer() != static_cast<std::int64_t>(columns))
        return damaged(path, "its pictures are not rows of " +
                                 groupDigits(static_cast<std::int64_t>(columns)) + " bytes");
    const auto rows = static_cast<std::uint64_t>(state.item(1).item(0).integer());
    if (bytes.size() % columns != 0 || bytes.size() / columns != rows)
        return damaged(path, "it says " + std::to_string(rows) + " pictures, but has " +
                                 groupDigits(static_cast<std::int64_t>(bytes.size())) +
                                 " bytes of them");
    return bytes;
}

Result<CifarBatch> readPythonBatch(const std::string& path) {
    auto file = readFile(path, kMaximumFileBytes);
    if (!file) return file.error();
    const auto pickle = readPickle(*file);
    if (!pickle) return damaged(path, pickle.error().message);
    const auto data = pickle->find("data");
    const auto labels = pickle->find("labels");
    if (!data || !labels) return damaged(path, "it has no entries called data and labels");
    auto bytes = arrayBytes(path, *data, kPixels);
    if (!bytes) return bytes.error();
    CifarBatch batch;
    batch.planes.assign(bytes->begin(), bytes->end());
    if (labels->size() != batch.planes.size() / kPixels)
        return damaged(path, "it has " + std::to_string(labels->size()) + " labels for " +
                                 std::to_string(batch.planes.size() / kPixels) + " pictures");
    for (std::size_t i = 0; i < labels->size(); ++i) {
        const PickleValue label = labels->item(i);
        if (!label.isInt())
            return damaged(path, "label " + std::to_string(i) + " is no whole number");
        if (auto fine = checkLabel(path, label.integer(), i); !fine) return fine.error();
        batch.labels.push_back(static_cast<std::uint8_t>(label.integer()));
    }
    return batch;
}

Result<CifarBatch> readBinaryBatch(const std::string& path) {
    auto file = readFile(path, kMaximumFileBytes);
    if (!file) return file.error();
    constexpr std::size_t kRecord = 1 + kPixels;
    if (file->size() % kRecord != 0)
        return damaged(path, "its " + groupDigits(static_cast<std::int64_t>(file->size())) +
                                 " bytes are no whole number of records of 3,073 bytes");
    const std::size_t count = file->size() / kRecord;
    CifarBatch batch;
    batch.planes.resize(count * kPixels);
    for (std::size_t i = 0; i < count; ++i) {
        const char* record = file->data() + i * kRecord;
        const auto label = static_cast<std::uint8_t>(record[0]);
        if (auto fine = checkLabel(path, label, i); !fine) return fine.error();
        batch.labels.push_back(label);
        std::memcpy(batch.planes.data() + i * kPixels, record + 1, kPixels);
    }
    return batch;
}

const std::array<CifarForm, 2> kForms = {{
    {"cifar-10-batches-py", "", "cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a",
     readPythonBatch},
    {"cifar-10-batches-bin", ".bin", "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530",
     readBinaryBatch},
}};

std::vector<std::string> fileNames(const CifarForm& form, Split split) {
    if (split == Split::Test) return {std::string("test_batch") + form.ending};
    std::vector<std::string> names;
    for (int i = 1; i <= 5; ++i) names.push_back("data_batch_" + std::to_string(i) + form.ending);
    return names;
}

struct Found {
    const CifarForm* form = nullptr;
    std::string folder;
    std::vector<std::string> missing;
};

/// The place with the most of the files, in the folder torchvision makes or in root itself.
Found search(const Settings& settings) {
    Found best;
    for (const std::string& root : dataRoots(settings.text("root")))
        for (const CifarForm& form : kForms)
            for (const std::string& folder : {root + "/" + form.folder, root}) {
                Found here{&form, folder, {}};
                std::size_t present = 0;
                for (const Split split : {Split::Train, Split::Test})
                    for (const std::string& name : fileNames(form, split)) {
                        if (isFile(folder + "/" + name))
                            ++present;
                        else
                            here.missing.push_back(name);
                    }
                if (present > 0 && (!best.form || here.missing.size() < best.missing.size()))
                    best = here;
            }
    return best;
}

std::string howToGet() {
    const std::string folder = homeDataFolder();
    const CifarForm& form = kForms[0];
    return std::string("Fetch https://www.cs.toronto.edu/~kriz/") + form.archive +
           " (170 MB, md5 " + form.md5 + ") and unpack it into " + folder + ": mkdir -p " + folder +
           " && tar -xzf " + form.archive + " -C " + folder +
           ". Or set root to the folder that holds " + form.folder + ".";
}

DatasetLocation locate(const Settings& settings) {
    DatasetLocation location;
    location.howToGet = howToGet();
    const Found found = search(settings);
    if (found.form && found.missing.empty()) {
        location.found = true;
        location.folder = found.folder;
        location.message = "All files of CIFAR-10 found in " + found.folder + ".";
        return location;
    }
    if (found.form) {
        location.folder = found.folder;
        location.message = "CIFAR-10 is not complete: " + found.folder + " has no " +
                           joinWords(found.missing, "and no") + ".";
        return location;
    }
    const auto roots = dataRoots(settings.text("root"));
    location.folder = roots.front() + "/" + kForms[0].folder;
    for (const std::string& root : roots)
        for (const CifarForm& form : kForms)
            if (const std::string archive = root + "/" + form.archive; isFile(archive)) {
                location.message =
                    "CIFAR-10 is on this machine, but still packed: " + archive + ".";
                location.howToGet = "Unpack it: tar -xzf " + archive + " -C " + root;
                return location;
            }
    location.message =
        std::string("The data of CIFAR-10 is not on this machine: there is no folder ") +
        kForms[0].folder + " in " + joinWords(roots, "or") + ".";
    return location;
}

class CifarDataset : public Dataset {
public:
    CifarDataset(std::vector<std::uint8_t> labels, std::vector<std::uint8_t> planes)
        : m_labels(std::move(labels)), m_planes(std::move(planes)) {}

    std::int64_t size() const override { return static_cast<std::int64_t>(m_labels.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"CIFAR-10 has no picture " + std::to_string(index) + "."};
        Picture picture{kSide, kSide, 3, std::vector<std::uint8_t>(kPixels)};
        const std::uint8_t* planes = m_planes.data() + static_cast<std::size_t>(index) * kPixels;
        for (std::size_t i = 0; i < kPlane; ++i)
            for (std::size_t channel = 0; channel < 3; ++channel)
                picture.pixels[3 * i + channel] = planes[channel * kPlane + i];
        return Sample{std::move(picture), label(index)};
    }
    std::int64_t label(std::int64_t index) const override {
        return m_labels[static_cast<std::size_t>(index)];
    }
    const std::vector<std::string>& classes() const override { return kClasses; }
    SampleSpec spec() const override { return {false, {3, kSide, kSide}}; }
    std::int64_t bytesInMemory() const override {
        return static_cast<std::int64_t>(m_labels.size() + m_planes.size());
    }

private:
    std::vector<std::uint8_t> m_labels;
    std::vector<std::uint8_t> m_planes;
};

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const Found found = search(settings);
    if (!found.form || !found.missing.empty()) {
        const DatasetLocation location = locate(settings);
        return Error{location.message, location.howToGet};
    }
    std::vector<std::uint8_t> labels;
    std::vector<std::uint8_t> planes;
    for (const std::string& name : fileNames(*found.form, split)) {
        const std::string path = found.folder + "/" + name;
        auto batch = found.form->read(path);
        if (!batch) return batch.error();
        if (batch->labels.empty()) return damaged(path, "it holds no picture");
        labels.insert(labels.end(), batch->labels.begin(), batch->labels.end());
        planes.insert(planes.end(), batch->planes.begin(), batch->planes.end());
    }
    return std::shared_ptr<const Dataset>(
        std::make_shared<CifarDataset>(std::move(labels), std::move(planes)));
}

}  // namespace

DatasetKind cifar10Kind() {
    DatasetKind kind;
    kind.info = {
        .id = "CIFAR10",
        .family = "small colour pictures",
        .summary = "60,000 colour pictures of animals and vehicles, 32 × 32, in 10 classes",
        .details =
            "50,000 pictures to train with and 10,000 to test with. The step after MNIST: "
            "colours, backgrounds and poses vary, so a plain network gets about 50 %, "
            "three convolutions about 75 %, and a deep residual network 95 %.",
        .python = "torchvision.datasets.CIFAR10",
        .keywords = {"cifar", "cifar-10", "animals", "vehicles", "colour"}};
    kind.params = {rootParam(std::string("The folder that holds ") + kForms[0].folder + " or " +
                             kForms[1].folder + ". Left empty, the usual places are searched.")};
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, kSide, kSide}}; };
    kind.target = [](const Settings&) {
        return TargetSpec{TargetSpec::Type::ClassIndex, kClassCount};
    };
    kind.locate = locate;
    kind.open = open;
    kind.classNames = kClasses;
    return kind;
}

}  // namespace loom
