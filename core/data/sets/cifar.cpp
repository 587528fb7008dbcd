#include <functional>

#include "core/base/files.h"
#include "core/data/files/locations.h"
#include "core/data/sets/cifar_format.h"
#include "core/data/sets/planar_dataset.h"
#include "core/data/sets/published_set.h"

namespace loom {
namespace {

constexpr int kSide = 32;
constexpr std::uint64_t kMaximumFileBytes = std::uint64_t(1) << 30;
const std::string kAddress = "https://www.cs.toronto.edu/~kriz/";

/// One of the two forms that each set is offered in.
struct CifarForm {
    PublishedSet published;
    std::function<Result<CifarBatch>(std::string_view)> read;
};

struct CifarSet {
    std::vector<CifarForm> forms;
    std::vector<std::string> classes;
    std::vector<PublishedSet> published() const {
        std::vector<PublishedSet> sets;
        for (const CifarForm& form : forms) sets.push_back(form.published);
        return sets;
    }
};

/// A form as one archive with a folder of files, the last of which is for testing.
PublishedSet oneArchive(const std::string& id, const std::string& title, const std::string& folder,
                        const std::string& archive, std::int64_t bytes, const std::string& md5,
                        const std::vector<PackedFile>& batches,
                        const std::vector<PackedFile>& besides) {
    PublishedSet set{.id = id, .title = title, .folder = folder, .others = {""}};
    RemoteFile file{archive, {kAddress + archive}, md5, bytes, {}, {}};
    for (const PackedFile& one : batches) {
        file.holds.push_back({folder + "/" + one.path, one.bytes, one.md5});
        (&one == &batches.back() ? set.test : set.train).push_back(one.path);
    }
    for (const PackedFile& one : besides)
        file.holds.push_back({folder + "/" + one.path, one.bytes, one.md5});
    set.files = {file};
    return set;
}

CifarSet cifar10() {
    const std::int64_t pickled = 31036000, records = 30730000;
    const PublishedSet python =
        oneArchive("CIFAR10", "CIFAR-10", "cifar-10-batches-py", "cifar-10-python.tar.gz",
                   170498071, "c58f30108f718f92721af3b95e74349a",
                   {{"data_batch_1", pickled, "c99cafc152244af753f735de768cd75f"},
                    {"data_batch_2", pickled, "d4bba439e000b95fd0a9bffe97cbabec"},
                    {"data_batch_3", pickled, "54ebc095f3ab1f0389bbae665268c751"},
                    {"data_batch_4", pickled, "634d18415352ddfa80567beed471001a"},
                    {"data_batch_5", pickled, "482c414d41f54cd18b22e5b47cb7c3cb"},
                    {"test_batch", pickled, "40351d587109b95175f43aff81a1287e"}},
                   {{"batches.meta", 158, "5ff9c542aee3614f3951f8cda6e48888"}});
    std::vector<PackedFile> binary;
    for (const char* name : {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4",
                             "data_batch_5", "test_batch"})
        binary.push_back({std::string(name) + ".bin", records});
    const PublishedSet bin =
        oneArchive("CIFAR10", "CIFAR-10", "cifar-10-batches-bin", "cifar-10-binary.tar.gz",
                   170052171, "c32a1d4ab5d03f1284b67883e8d87530", binary, {});
    return {
        {{python, [](std::string_view file) { return readCifarPickle(file, "labels", 10); }},
         {bin, [](std::string_view file) { return readCifarRecords(file, 1, 0, 10); }}},
        {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}};
}

const std::vector<std::string> kFineClasses = {
    "apple",       "aquarium_fish", "baby",      "bear",       "beaver",       "bed",
    "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
    "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
    "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
    "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
    "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
    "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn_mower",
    "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple_tree",
    "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak_tree",     "orange",
    "orchid",      "otter",         "palm_tree", "pear",       "pickup_truck", "pine_tree",
    "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
    "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
    "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
    "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet_pepper",
    "table",       "tank",          "telephone", "television", "tiger",        "tractor",
    "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
    "willow_tree", "wolf",          "woman",     "worm"};

const std::vector<std::string> kCoarseClasses = {"aquatic_mammals",
                                                 "fish",
                                                 "flowers",
                                                 "food_containers",
                                                 "fruit_and_vegetables",
                                                 "household_electrical_devices",
                                                 "household_furniture",
                                                 "insects",
                                                 "large_carnivores",
                                                 "large_man-made_outdoor_things",
                                                 "large_natural_outdoor_scenes",
                                                 "large_omnivores_and_herbivores",
                                                 "medium_mammals",
                                                 "non-insect_invertebrates",
                                                 "people",
                                                 "reptiles",
                                                 "small_mammals",
                                                 "trees",
                                                 "vehicles_1",
                                                 "vehicles_2"};

CifarSet cifar100(const Settings& settings) {
    const bool coarse = settings.text("label_mode") == "coarse";
    const int classes = coarse ? 20 : 100;
    const PublishedSet python =
        oneArchive("CIFAR100", "CIFAR-100", "cifar-100-python", "cifar-100-python.tar.gz",
                   169001437, "eb9058c3a382ffc7106e4002c42a8d85",
                   {{"train", 155250000, "16019d7e3df5f24257cddd939b257f8d"},
                    {"test", 31050000, "f0ef6b0ae62326f3e7ffdfab6717acfc"}},
                   {{"meta", 1167, "7973b15100ade9c7d40fb424638fde48"}});
    const PublishedSet bin = oneArchive(
        "CIFAR100", "CIFAR-100", "cifar-100-binary", "cifar-100-binary.tar.gz", 168513733,
        "03b5dce01913d631647c71ecec9e9cb8", {{"train.bin", 153700000}, {"test.bin", 30740000}}, {});
    const std::string key = coarse ? "coarse_labels" : "fine_labels";
    const std::size_t at = coarse ? 0 : 1;
    return {{{python, [=](std::string_view file) { return readCifarPickle(file, key, classes); }},
             {bin, [=](std::string_view file) { return readCifarRecords(file, 2, at, classes); }}},
            coarse ? kCoarseClasses : kFineClasses};
}

Result<std::shared_ptr<const Dataset>> openCifar(const CifarSet& set, const Settings& settings,
                                                 Split split) {
    const auto published = set.published();
    const auto place = preparePublished(published, settings, split);
    if (!place) return place.error();
    const CifarForm& form = set.forms[static_cast<std::size_t>(place->set - published.data())];
    PlanarPictures pictures{.title = form.published.title,
                            .channels = 3,
                            .height = kSide,
                            .width = kSide,
                            .classes = set.classes};
    for (const std::string& name :
         split == Split::Train ? form.published.train : form.published.test) {
        const std::string path = place->folder + "/" + name;
        const auto file = readFile(path, kMaximumFileBytes);
        if (!file) return file.error();
        const auto batch = form.read(*file);
        if (!batch)
            return Error{path + " is damaged: " + batch.error().message + ".",
                         "Unpack the archive again, or fetch it again."};
        pictures.labels.insert(pictures.labels.end(), batch->labels.begin(), batch->labels.end());
        pictures.planes.insert(pictures.planes.end(), batch->planes.begin(), batch->planes.end());
    }
    return makePlanarDataset(std::move(pictures));
}

DatasetKind kindOf(KindInfo info, std::function<CifarSet(const Settings&)> setOf,
                   const CifarSet& usual, std::vector<ParamSpec> params = {}) {
    DatasetKind kind;
    kind.info = std::move(info);
    kind.params = {rootParam("The folder that holds " + usual.forms[0].published.folder + " or " +
                             usual.forms[1].published.folder +
                             ", or one of the archives they come in. Left empty, the usual places "
                             "are searched.")};
    kind.params.insert(kind.params.end(), params.begin(), params.end());
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, kSide, kSide}}; };
    kind.target = [setOf](const Settings& s) {
        return TargetSpec{TargetSpec::Type::ClassIndex,
                          static_cast<std::int64_t>(setOf(s).classes.size())};
    };
    kind.locate = [setOf](const Settings& s) { return locatePublished(setOf(s).published(), s); };
    kind.open = [setOf](const Settings& s, Split split) { return openCifar(setOf(s), s, split); };
    kind.classNames = usual.classes;
    kind.classNamesOf = [setOf](const Settings& s) { return setOf(s).classes; };
    kind.downloads = [setOf](const Settings& s) { return setOf(s).forms[0].published.files; };
    return kind;
}

}  // namespace

DatasetKind cifar10Kind() {
    return kindOf(
        {.id = "CIFAR10",
         .family = "small colour pictures",
         .summary = "60,000 colour pictures of animals and vehicles, 32 × 32, in 10 classes",
         .details = "50,000 pictures to train with and 10,000 to test with. The step after MNIST: "
                    "colours, backgrounds and poses vary, so a plain network gets about 50 %, "
                    "three convolutions about 75 %, and a deep residual network 95 %.",
         .python = "torchvision.datasets.CIFAR10",
         .keywords = {"cifar", "cifar-10", "animals", "vehicles", "colour"}},
        [](const Settings&) { return cifar10(); }, cifar10());
}

DatasetKind cifar100Kind() {
    const std::vector<ParamSpec> params = {
        {.key = "label_mode",
         .type = ParamType::Choice,
         .defaultValue = "fine",
         .hint = "fine: 100 classes, as torchvision gives them; coarse: the 20 groups of five that "
                 "the same pictures are sorted into.",
         .choices = {"fine", "coarse"}}};
    const Params none;
    return kindOf(
        {.id = "CIFAR100",
         .family = "small colour pictures",
         .summary = "60,000 colour pictures, 32 × 32, in 100 classes or 20 groups of them",
         .details =
             "As CIFAR-10, but with 500 pictures to train with and 100 to test with for each of "
             "100 classes: apples, bears, bicycles, and so on. Guessing gets 1 %; a small "
             "convolutional network about 40 %, a deep residual network 75 %.",
         .python = "torchvision.datasets.CIFAR100",
         .keywords = {"cifar", "cifar-100", "fine", "coarse", "superclasses", "colour"}},
        cifar100, cifar100(Settings(params, none)), params);
}

}  // namespace loom
