#include <algorithm>

#include "core/base/shape.h"
#include "core/data/files/locations.h"
#include "core/data/sets/idx.h"
#include "core/data/sets/planar_dataset.h"
#include "core/data/sets/published_set.h"

namespace loom {
namespace {

constexpr std::int64_t kSide = 28;

/// A set in MNIST's form: files of pictures and of labels for each split.
struct IdxSet {
    PublishedSet published;
    std::vector<std::string> classes = {};
    bool onTheirSide = false;
};

/// One of the four files, as MNIST's relatives name them.
struct IdxFile {
    const char* name;
    std::int64_t unpacked;
};

constexpr IdxFile kFiles[] = {{"train-images-idx3-ubyte", 47040016},
                              {"train-labels-idx1-ubyte", 60008},
                              {"t10k-images-idx3-ubyte", 7840016},
                              {"t10k-labels-idx1-ubyte", 10008}};

struct Packed {
    std::int64_t bytes;
    const char* md5;
};

/// MNIST and those that took its place: four packed files at one of several addresses,
/// torchvision's mirrors first and in its order.
IdxSet likeMnist(const std::string& id, const std::string& title,
                 const std::vector<std::string>& addresses, const std::vector<Packed>& packed,
                 std::vector<std::string> classes) {
    PublishedSet set{.id = id, .title = title, .folder = id + "/raw"};
    set.others = {"raw", id, ""};
    for (std::size_t i = 0; i < std::size(kFiles); ++i) {
        const std::string name = kFiles[i].name;
        RemoteFile file{name + ".gz", {}, packed[i].md5, packed[i].bytes, set.folder, {}};
        for (const std::string& address : addresses) file.urls.push_back(address + file.name);
        file.holds = {{set.folder + "/" + name, kFiles[i].unpacked}};
        set.files.push_back(file);
        (i < 2 ? set.train : set.test).push_back(name);
    }
    return {std::move(set), std::move(classes)};
}

Error damaged(const std::string& path, const Error& why) {
    return Error{path + " is damaged: " + why.message + ".", "Fetch the file again."};
}

Result<std::int64_t> pictureCount(const std::string& path) {
    FileSource source(path);
    if (!source.isOpen()) return Error{path + " cannot be opened.", "Check its permissions."};
    const auto sides = readIdxHeader(source, 3);
    if (!sides) return damaged(path, sides.error());
    return sides->front();
}

Result<std::string> describe(const PublishedPlace& place) {
    const auto train = pictureCount(findSetFile(place.folder, place.set->train.front()));
    if (!train) return train.error();
    const auto test = pictureCount(findSetFile(place.folder, place.set->test.front()));
    if (!test) return test.error();
    return groupDigits(*train) + " train and " + groupDigits(*test) + " test pictures";
}

Result<std::shared_ptr<const Dataset>> openIdx(const IdxSet& set, const Settings& settings,
                                               Split split) {
    const std::vector<PublishedSet> forms = {set.published};
    const auto place = preparePublished(forms, settings, split);
    if (!place) return place.error();
    const auto& names = split == Split::Train ? set.published.train : set.published.test;
    const std::string picturePath = findSetFile(place->folder, names[0]);
    const std::string labelPath = findSetFile(place->folder, names[1]);
    FileSource pictures(picturePath), labels(labelPath);
    if (!pictures.isOpen() || !labels.isOpen())
        return Error{(pictures.isOpen() ? labelPath : picturePath) + " cannot be opened.",
                     "Check its permissions."};
    const auto sides = readIdxHeader(pictures, 3);
    if (!sides) return damaged(picturePath, sides.error());
    const std::int64_t count = (*sides)[0];
    if ((*sides)[1] != kSide || (*sides)[2] != kSide)
        return Error{picturePath + " holds pictures of " + std::to_string((*sides)[1]) + " × " +
                         std::to_string((*sides)[2]) + " pixels, but " + set.published.title +
                         " has 28 × 28.",
                     "Fetch the file again."};
    if (count == 0) return damaged(picturePath, Error{"it holds no picture"});
    const auto labelSides = readIdxHeader(labels, 1);
    if (!labelSides) return damaged(labelPath, labelSides.error());
    if (labelSides->front() != count)
        return Error{labelPath + " holds " + groupDigits(labelSides->front()) + " labels, but " +
                         picturePath + " holds " + groupDigits(count) + " pictures.",
                     "Fetch both files again, so that they belong together."};
    const auto answers = readIdxBody(labels, *labelSides);
    if (!answers) return damaged(labelPath, answers.error());
    const auto wrong = std::find_if(answers->begin(), answers->end(), [&](std::uint8_t label) {
        return label >= set.classes.size();
    });
    if (wrong != answers->end())
        return damaged(labelPath,
                       Error{"label " + std::to_string(wrong - answers->begin()) + " is " +
                             std::to_string(*wrong) + ", but labels go from 0 to " +
                             std::to_string(set.classes.size() - 1)});
    auto pixels = readIdxBody(pictures, *sides);
    if (!pixels) return damaged(picturePath, pixels.error());
    return makePlanarDataset({.title = set.published.title,
                              .height = kSide,
                              .width = kSide,
                              .planes = std::move(*pixels),
                              .labels = {answers->begin(), answers->end()},
                              .classes = set.classes,
                              .onTheirSide = set.onTheirSide});
}

/// A kind whose set is chosen by its settings.
DatasetKind kindOf(KindInfo info, std::function<IdxSet(const Settings&)> setOf,
                   std::vector<ParamSpec> params = {}) {
    DatasetKind kind;
    kind.info = std::move(info);
    kind.params = {rootParam("The folder above " + kind.info.id +
                             "/raw, as in torchvision, or the folder with the files. Left empty, "
                             "the usual places are searched.")};
    kind.params.insert(kind.params.end(), params.begin(), params.end());
    kind.spec = [](const Settings&) { return SampleSpec{false, {1, kSide, kSide}}; };
    kind.target = [setOf](const Settings& s) {
        return TargetSpec{TargetSpec::Type::ClassIndex,
                          static_cast<std::int64_t>(setOf(s).classes.size())};
    };
    kind.locate = [setOf](const Settings& s) {
        return locatePublished({setOf(s).published}, s, describe);
    };
    kind.open = [setOf](const Settings& s, Split split) { return openIdx(setOf(s), s, split); };
    kind.classNamesOf = [setOf](const Settings& s) { return setOf(s).classes; };
    kind.downloads = [setOf](const Settings& s) { return setOf(s).published.files; };
    return kind;
}

DatasetKind kindOf(KindInfo info, const IdxSet& set) {
    DatasetKind kind = kindOf(std::move(info), [set](const Settings&) { return set; });
    kind.classNames = set.classes;
    return kind;
}

/// One of the six ways to divide EMNIST.
struct EmnistSplit {
    const char* name;
    std::int64_t train;
    std::int64_t test;
    std::string characters;  ///< one class each, in order
};

const std::string kDigits = "0123456789";
const std::string kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Small letters that look unlike their capitals; the others share a class with these.
const std::string kOwnSmall = "abdefghnqrt";

const std::vector<EmnistSplit>& emnistSplits() {
    static const std::vector<EmnistSplit> splits = {
        {"byclass", 697932, 116323, kDigits + kCapitals + "abcdefghijklmnopqrstuvwxyz"},
        {"bymerge", 697932, 116323, kDigits + kCapitals + kOwnSmall},
        {"balanced", 112800, 18800, kDigits + kCapitals + kOwnSmall},
        {"letters", 124800, 20800, "abcdefghijklmnopqrstuvwxyz"},
        {"digits", 240000, 40000, kDigits},
        {"mnist", 60000, 10000, kDigits}};
    return splits;
}

IdxSet emnistSet(const Settings& settings) {
    const auto& splits = emnistSplits();
    const auto found = std::find_if(splits.begin(), splits.end(), [&](const EmnistSplit& one) {
        return one.name == settings.text("split");
    });
    const EmnistSplit& split = found == splits.end() ? splits[2] : *found;
    PublishedSet set{.id = "EMNIST", .title = "EMNIST", .folder = "EMNIST/raw"};
    set.others = {"raw", "EMNIST", "gzip", ""};
    RemoteFile archive{"gzip.zip",
                       {"https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
                        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip"},
                       "58c8d27c78d21e728a6bc7b3cc06412e",
                       561753746,
                       set.folder,
                       {}};
    for (const bool train : {true, false}) {
        const std::int64_t count = train ? split.train : split.test;
        const std::string stem =
            std::string("emnist-") + split.name + (train ? "-train-" : "-test-");
        auto& names = train ? set.train : set.test;
        names = {stem + "images-idx3-ubyte", stem + "labels-idx1-ubyte"};
        archive.holds.push_back({set.folder + "/" + names[0], 16 + count * kSide * kSide});
        archive.holds.push_back({set.folder + "/" + names[1], 8 + count});
    }
    set.files = {archive};
    IdxSet result{std::move(set), {}, true};
    // No letter has the label 0.
    if (std::string(split.name) == "letters") result.classes.push_back("N/A");
    for (const char one : split.characters) result.classes.emplace_back(1, one);
    return result;
}

}  // namespace

DatasetKind fashionMnistKind() {
    IdxSet set = likeMnist("FashionMNIST", "Fashion-MNIST",
                           {"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/"
                            "fashion/"},
                           {{26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
                            {29515, "25c81989df183df01b3e8a0aad5dffbe"},
                            {4422102, "bef4ecab320f06d8554ea6380940ec79"},
                            {5148, "bb300cfdad3c16e7a12a480ee83cd310"}},
                           {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal",
                            "Shirt", "Sneaker", "Bag", "Ankle boot"});
    set.published.system = {"/usr/share/datasets/fashion-mnist"};
    set.published.besides = "On Debian and Ubuntu: sudo apt install dataset-fashion-mnist.";
    return kindOf(
        {.id = "FashionMNIST",
         .family = "small grey pictures",
         .summary = "70,000 grey pictures of clothes, 28 × 28, in 10 classes",
         .details = "60,000 pictures to train with and 10,000 to test with, from the web shop "
                    "Zalando: shirts, shoes, bags. As small and quick as MNIST, but harder: a "
                    "plain network gets 88 %, two convolutions more than 90 %.",
         .python = "torchvision.datasets.FashionMNIST",
         .keywords = {"clothes", "zalando", "fashion-mnist", "beginner"}},
        set);
}

DatasetKind mnistKind() {
    return kindOf(
        {.id = "MNIST",
         .family = "small grey pictures",
         .summary = "70,000 handwritten digits, 28 × 28, in 10 classes",
         .details = "60,000 digits to train with and 10,000 to test with, written by clerks and "
                    "pupils in the 1990s. The first data set of most courses; even a plain "
                    "network gets 97 %.",
         .python = "torchvision.datasets.MNIST",
         .keywords = {"digits", "handwriting", "beginner"}},
        likeMnist(
            "MNIST", "MNIST",
            {"http://yann.lecun.com/exdb/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/",
             "https://storage.googleapis.com/cvdf-datasets/mnist/"},
            {{9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"},
             {28881, "d53e105ee54ea40749a09fcbcd1e9432"},
             {1648877, "9fb629c4189551a2d022fa330f9573f3"},
             {4542, "ec29112dd5afa0611ce80d1b7f02629c"}},
            {"0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six",
             "7 - seven", "8 - eight", "9 - nine"}));
}

DatasetKind kmnistKind() {
    return kindOf(
        {.id = "KMNIST",
         .family = "small grey pictures",
         .summary = "70,000 handwritten old Japanese characters, 28 × 28, in 10 classes",
         .details = "Kuzushiji-MNIST: 60,000 pictures to train with and 10,000 to test with, from "
                    "books of the Edo period. Each class is one syllable, which was written in "
                    "several quite different ways, so it is harder than MNIST at the same size.",
         .python = "torchvision.datasets.KMNIST",
         .keywords = {"kuzushiji", "japanese", "hiragana", "characters", "handwriting"}},
        likeMnist("KMNIST", "KMNIST", {"http://codh.rois.ac.jp/kmnist/dataset/kmnist/"},
                  {{18165135, "bdb82020997e1d708af4cf47b453dcf7"},
                   {29497, "e144d726b3acfaa3e44228e80efcd344"},
                   {3041136, "5c965bf0a639b31b8f53240b1b52f4d7"},
                   {5120, "7320c461ea6c1c855c0b718fb2a4b134"}},
                  {"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"}));
}

DatasetKind emnistKind() {
    ParamSpec split{
        .key = "split",
        .type = ParamType::Choice,
        .defaultValue = "balanced",
        .hint =
            "Which characters: byclass (62 classes, very uneven), bymerge and balanced (47, "
            "capitals and small letters that look alike together), letters (26, and an empty "
            "class 0), digits, or mnist (the digits of MNIST once more).",
        .required = true,
        .suggestion = "balanced"};
    for (const EmnistSplit& one : emnistSplits()) split.choices.push_back(one.name);
    return kindOf(
        {.id = "EMNIST",
         .family = "small grey pictures",
         .summary = "up to 814,255 handwritten digits and letters, 28 × 28, in 10 to 62 classes",
         .details = "MNIST's larger relative: digits and letters of 3,600 writers, in six "
                    "divisions. Its pictures lie on their side in the files, mirrored at the "
                    "diagonal, and torchvision leaves them so; networks do not mind. Torchloom "
                    "trains with them as torchvision does and shows them upright.",
         .python = "torchvision.datasets.EMNIST",
         .keywords = {"letters", "digits", "handwriting", "characters", "nist"}},
        emnistSet, {split});
}

}  // namespace loom
