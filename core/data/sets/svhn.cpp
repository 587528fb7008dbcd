#include "core/data/sets/svhn.h"

#include <algorithm>

#include "core/base/shape.h"
#include "core/data/files/locations.h"
#include "core/data/sets/mat_file.h"
#include "core/data/sets/planar_dataset.h"
#include "core/data/sets/published_set.h"

namespace loom {
namespace {

constexpr int kSide = 32;
const std::string kAddress = "http://ufldl.stanford.edu/housenumbers/";

const RemoteFile& fileOf(const std::string& split) {
    static const std::vector<RemoteFile> files = {
        {"train_32x32.mat", {}, "e26dedcc434d2e4c54c9b2d4a06d8373", 182040794, {}, {}},
        {"test_32x32.mat", {}, "eb5a983be6a315427106f1b164d9cef3", 64275384, {}, {}},
        {"extra_32x32.mat", {}, "a93ce644f1a588dc4d68dda5feec44a7", 1329278602, {}, {}}};
    for (const RemoteFile& file : files)
        if (file.name.starts_with(split + "_")) return file;
    return files.front();
}

PublishedSet svhnSet(const Settings& settings) {
    PublishedSet set{.id = "SVHN", .title = "SVHN", .others = {"SVHN"}};
    for (const std::string& split : {settings.text("split"), std::string("test")}) {
        RemoteFile file = fileOf(split);
        file.urls = {kAddress + file.name};
        set.files.push_back(file);
    }
    set.train = {set.files[0].name};
    set.test = {set.files[1].name};
    return set;
}

const std::vector<std::string>& classes() {
    static const std::vector<std::string> digits = {"0", "1", "2", "3", "4",
                                                    "5", "6", "7", "8", "9"};
    return digits;
}

Result<std::shared_ptr<const Dataset>> openSvhn(const Settings& settings, Split split) {
    const std::vector<PublishedSet> forms = {svhnSet(settings)};
    const auto place = preparePublished(forms, settings, split);
    if (!place) return place.error();
    const std::string path =
        place->folder + "/" + (split == Split::Train ? forms[0].train : forms[0].test).front();
    FileSource source(path);
    if (!source.isOpen()) return Error{path + " cannot be opened.", "Check its permissions."};
    auto pictures = readSvhn(source);
    if (!pictures)
        return Error{path + " is damaged: " + pictures.error().message + ".",
                     "Fetch the file again."};
    return makePlanarDataset({.title = "SVHN",
                              .channels = 3,
                              .height = kSide,
                              .width = kSide,
                              .byColumns = true,
                              .planes = std::move(pictures->planes),
                              .labels = std::move(pictures->labels),
                              .classes = classes()});
}

}  // namespace

Result<SvhnPictures> readSvhn(ByteSource& source) {
    auto arrays = readMat(source, {"X", "y"});
    if (!arrays) return arrays.error();
    MatArray* x = nullptr;
    MatArray* y = nullptr;
    for (MatArray& array : *arrays) (array.name == "X" ? x : y) = &array;
    if (!x || !y) return Error{"it has no variables called X and y"};
    // MATLAB drops a last side of one picture.
    if (x->dims.size() == 3) x->dims.push_back(1);
    const std::vector<std::int64_t> wanted = {kSide, kSide, 3};
    if (x->dims.size() != 4 || !std::equal(wanted.begin(), wanted.end(), x->dims.begin()) ||
        x->storedAs != 2)
        return Error{"X does not hold pictures of 32 × 32 × 3 unsigned bytes"};
    if (x->bytes.empty()) return Error{"it holds no picture"};
    const auto labels = y->wholeNumbers();
    if (!labels) return labels.error();
    if (static_cast<std::int64_t>(labels->size()) != x->dims[3])
        return Error{"it has " + groupDigits(static_cast<std::int64_t>(labels->size())) +
                     " labels for " + groupDigits(x->dims[3]) + " pictures"};
    SvhnPictures pictures{std::move(x->bytes), {}};
    for (const std::int64_t label : *labels) {
        if (label < 0 || label > 10)
            return Error{"label " + groupDigits(static_cast<std::int64_t>(pictures.labels.size())) +
                         " is " + std::to_string(label) + ", but labels go from 1 to 10"};
        pictures.labels.push_back(static_cast<std::int16_t>(label % 10));
    }
    return pictures;
}

DatasetKind svhnKind() {
    DatasetKind kind;
    kind.info = {
        .id = "SVHN",
        .family = "small colour pictures",
        .summary = "99,289 colour pictures of house numbers, 32 × 32, in 10 classes",
        .details =
            "73,257 digits to train with and 26,032 to test with, cut out of photographs of "
            "streets, often with parts of their neighbours. Colours and light vary as they "
            "do outside: far harder than MNIST. 531,131 easier ones are there besides "
            "(split extra; they take 1.6 GB of memory).",
        .python = "torchvision.datasets.SVHN",
        .keywords = {"street view", "house numbers", "digits", "colour", "matlab"}};
    kind.params = {rootParam("The folder with train_32x32.mat and test_32x32.mat, as in "
                             "torchvision. Left empty, the usual places are searched."),
                   {.key = "split",
                    .type = ParamType::Choice,
                    .defaultValue = "train",
                    .hint = "What to train with: train, or extra, seven times as many easier "
                            "pictures. Tests are made with the test pictures.",
                    .choices = {"train", "extra"}}};
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, kSide, kSide}}; };
    kind.target = [](const Settings&) { return TargetSpec{TargetSpec::Type::ClassIndex, 10}; };
    kind.locate = [](const Settings& s) { return locatePublished({svhnSet(s)}, s); };
    kind.open = openSvhn;
    kind.classNames = classes();
    kind.downloads = [](const Settings& s) { return svhnSet(s).files; };
    return kind;
}

}  // namespace loom
