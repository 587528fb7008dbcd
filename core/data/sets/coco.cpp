#include <algorithm>

#include "core/base/files.h"
#include "core/base/shape.h"
#include "core/data/files/file_cache.h"
#include "core/data/files/locations.h"
#include "core/data/sets/coco_file.h"
#include "core/data/sets/picture_index.h"
#include "core/data/sets/table_source.h"

namespace loom {
namespace {

const char* const kHowTo =
    "From https://cocodataset.org fetch train2017.zip (18 GB), val2017.zip (1 GB) and "
    "annotations_trainval2017.zip, unpack them into one folder and set root to it: it then has "
    "train2017, val2017 and annotations. For pictures of your own, export them from the labelling "
    "program in COCO's form, and set the folders and files of both splits.";

/// Where one split lies.
struct CocoPlace {
    std::string pictures;
    std::string annotations;
    std::string captions;  ///< empty: none
};

std::string rootFolder(const Settings& settings) {
    const std::string given = settings.text("root");
    std::vector<std::string> places;
    for (const std::string& base : dataRoots(given))
        for (const char* below : {"/coco", "/COCO"})
            places.push_back(given.empty() ? base + below : base);
    for (const std::string& place : places)
        if (isFolder(place)) return place;
    return places.front();
}

/// COCO's own layout of either year, or the one of labelling programs, with the annotations among
/// the pictures.
CocoPlace usualPlace(const std::string& root, Split split) {
    const std::vector<std::string> names = split == Split::Train
                                               ? std::vector<std::string>{"train"}
                                               : std::vector<std::string>{"val", "valid", "test"};
    for (const char* year : {"2017", "2014", ""})
        for (const std::string& name : names) {
            const std::string annotations =
                root + "/annotations/instances_" + name + year + ".json";
            if (!isFile(annotations)) continue;
            const std::string captions = root + "/annotations/captions_" + name + year + ".json";
            CocoPlace place{root + "/" + name + year, annotations,
                            isFile(captions) ? captions : ""};
            if (const std::string below = root + "/images/" + name + year;
                !isFolder(place.pictures) && isFolder(below))
                place.pictures = below;
            return place;
        }
    for (const std::string& name : names)
        if (const std::string among = root + "/" + name + "/_annotations.coco.json"; isFile(among))
            return {root + "/" + name, among, ""};
    const std::string name = names.front() + "2017";
    return {root + "/" + name, root + "/annotations/instances_" + name + ".json", ""};
}

CocoPlace placeOf(const Settings& settings, Split split) {
    const std::string root = rootFolder(settings);
    const std::string prefix = split == Split::Train ? "train" : "val";
    CocoPlace place = usualPlace(root, split);
    const auto take = [&](const std::string& param, std::string& into) {
        const std::string given = settings.text(prefix + param);
        if (!given.empty()) into = given.front() == '/' ? given : root + "/" + given;
    };
    take("_images", place.pictures);
    take("_annotations", place.annotations);
    take("_captions", place.captions);
    return place;
}

std::string missing(const Settings& settings) {
    const std::string root = rootFolder(settings);
    for (const Split split : {Split::Train, Split::Test}) {
        const CocoPlace place = placeOf(settings, split);
        const std::string what = split == Split::Train ? ", to train with," : ", to test with,";
        if (!isFile(place.annotations))
            return "The annotations " + place.annotations + what + " are not there.";
        if (!isFolder(place.pictures))
            return "The folder of pictures " + place.pictures + what + " is not there.";
        if (!place.captions.empty() && !isFile(place.captions))
            return "The captions " + place.captions + what + " are not there.";
    }
    return {};
}

Result<std::vector<std::string>> categoriesOf(const std::string& path) {
    using Names = Result<std::vector<std::string>>;
    static FileCache<Names> cache;
    return cache.get(path, {path}, [&] { return readCocoCategories(path); });
}

/// Numbers of the answer are places in the list of categories: both splits need the same ones.
Result<std::vector<std::string>> commonCategories(const Settings& settings) {
    const std::string train = placeOf(settings, Split::Train).annotations,
                      test = placeOf(settings, Split::Test).annotations;
    auto names = categoriesOf(train);
    if (!names) return names;
    const auto others = categoriesOf(test);
    if (!others) return others;
    if (names->empty())
        return Error{train + " has no categories.",
                     "Use the file with what is in each picture: instances_train2017.json."};
    if (*names != *others)
        return Error{train + " and " + test +
                         " do not have the same categories: " + someNames(*names) +
                         " in the first, " + someNames(*others) + " in the second.",
                     "Export both splits with the same categories."};
    return names;
}

class CocoDataset : public Dataset {
public:
    CocoDataset(CocoFile file, std::string folder) : m_file(std::move(file)), m_folder(folder) {}

    /// Takes over what another file says about the same pictures.
    void addCaptions(const CocoFile& other) {
        m_captions.resize(m_file.size());
        for (std::size_t i = 0; i < other.size(); ++i) {
            const std::size_t place = m_file.placeOf(other.pictures[i].id);
            if (place == m_file.size()) continue;
            m_captions[place].assign(other.captions.begin() + other.pictures[i].firstCaption,
                                     other.captions.begin() + other.pictures[i + 1].firstCaption);
        }
    }

    std::int64_t size() const override { return static_cast<std::int64_t>(m_file.size()); }
    Result<Sample> sample(std::int64_t index) const override { return decodedSample(*this, index); }
    std::int64_t label(std::int64_t) const override { return 0; }
    std::vector<float> answer(std::int64_t index) const override {
        std::vector<float> present(m_file.categories.size(), 0);
        const auto i = static_cast<std::size_t>(index);
        for (std::size_t b = m_file.pictures[i].firstBox; b < m_file.pictures[i + 1].firstBox; ++b)
            present[static_cast<std::size_t>(m_file.boxes[b].label)] = 1;
        return present;
    }
    const std::vector<std::string>& classes() const override {
        static const std::vector<std::string> none;
        return none;
    }
    std::vector<std::string> answerNames() const override { return m_file.categories; }
    Annotations annotations(std::int64_t index) const override {
        const auto i = static_cast<std::size_t>(index);
        const auto &one = m_file.pictures[i], &next = m_file.pictures[i + 1];
        Annotations all{{m_file.boxes.begin() + one.firstBox, m_file.boxes.begin() + next.firstBox},
                        {m_file.captions.begin() + one.firstCaption,
                         m_file.captions.begin() + next.firstCaption}};
        if (!m_captions.empty())
            all.captions.insert(all.captions.end(), m_captions[i].begin(), m_captions[i].end());
        return all;
    }
    SampleSpec spec() const override { return {false, {3, -1, -1}}; }
    bool hasEncodedPictures() const override { return true; }
    Result<std::string> encodedPicture(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Picture " + groupDigits(index) + " was asked for, but there are only " +
                         groupDigits(size()) + "."};
        return readFile(nameOf(index), std::uint64_t(1) << 30);
    }
    std::string nameOf(std::int64_t index) const override {
        return m_folder + "/" + m_file.pictures[static_cast<std::size_t>(index)].name;
    }
    std::int64_t bytesInMemory() const override {
        std::int64_t bytes = m_file.bytes();
        for (const auto& captions : m_captions)
            for (const std::string& caption : captions)
                bytes += static_cast<std::int64_t>(sizeof caption + caption.capacity());
        return bytes;
    }

private:
    CocoFile m_file;
    std::string m_folder;
    std::vector<std::vector<std::string>> m_captions;  ///< of a file of their own
};

DatasetLocation locate(const Settings& settings) {
    DatasetLocation location{false, rootFolder(settings), missing(settings), kHowTo};
    if (!location.message.empty()) return location;
    const auto categories = commonCategories(settings);
    location.found = categories.ok();
    if (!categories) {
        location.message = categories.error().message;
        return location;
    }
    const CocoPlace train = placeOf(settings, Split::Train), test = placeOf(settings, Split::Test);
    location.message = groupDigits(static_cast<std::int64_t>(categories->size())) +
                       " categories found in " + train.annotations + " and " + test.annotations +
                       (train.captions.empty() ? "." : ", with captions beside them.");
    return location;
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    if (const std::string why = missing(settings); !why.empty()) return Error{why, kHowTo};
    const auto categories = commonCategories(settings);
    if (!categories) return categories.error();
    const CocoPlace place = placeOf(settings, split);
    auto file = readCoco(place.annotations);
    if (!file) return file.error();
    if (file->size() == 0)
        return Error{place.annotations + " lists no picture.", "Export it again, with pictures."};
    const auto dataset = std::make_shared<CocoDataset>(std::move(*file), place.pictures);
    if (!place.captions.empty()) {
        const auto captions = readCoco(place.captions);
        if (!captions) return captions.error();
        dataset->addCaptions(*captions);
    }
    return std::shared_ptr<const Dataset>(dataset);
}

std::vector<ParamSpec> cocoParams() {
    std::vector<ParamSpec> params = {
        rootParam("The folder that holds pictures and annotations. Left empty, COCO is looked for "
                  "in the usual places.")};
    const auto add = [&](const char* key, const char* hint) {
        params.push_back({.key = key, .type = ParamType::Text, .defaultValue = "", .hint = hint});
    };
    add("train_images",
        "The folder in root with the pictures to train with. Left empty: train2017, "
        "train2014 or train.");
    add("train_annotations",
        "The JSON file in root that says what is in them. Left empty: "
        "annotations/instances_train2017.json and the like.");
    add("train_captions",
        "The JSON file in root with sentences about them, to be looked at. Left "
        "empty: annotations/captions_train2017.json and the like, if there.");
    add("val_images",
        "The folder in root with the pictures to test with. Left empty: val2017 and "
        "the like.");
    add("val_annotations", "The JSON file in root that says what is in those.");
    add("val_captions", "The JSON file in root with sentences about those.");
    return params;
}

}  // namespace

DatasetKind cocoKind() {
    DatasetKind kind;
    kind.info = {
        .id = "CocoDetection",
        .family = "large picture sets",
        .summary = "everyday photographs with boxes around 80 kinds of things, and captions",
        .details =
            "118,287 photographs to train with and 5,000 to test with; people marked every person, "
            "car and cup in them with a box, and wrote five sentences about each. Any pictures "
            "that "
            "a labelling program exports in COCO's form will do as well. For training, the answer "
            "is one number for each category, 1 if something of it is in the picture (crowds "
            "count) and 0 if not, in the order of the categories' ids: end the network with as "
            "many "
            "scores and take BCEWithLogitsLoss. Boxes and captions are shown with the pictures.",
        .python = "torchvision.datasets.CocoDetection",
        .keywords = {"coco", "detection", "captions", "CocoCaptions", "boxes", "multi-label",
                     "annotations", "objects", "roboflow", "cvat"},
        .formula = "answer[k] = 1 if a box of category k is in the picture, else 0"};
    kind.params = cocoParams();
    kind.spec = [](const Settings&) { return SampleSpec{false, {3, -1, -1}}; };
    kind.target = [](const Settings& settings) {
        TargetSpec target{TargetSpec::Type::Numbers, 0, {}};
        if (!missing(settings).empty()) return target;
        if (const auto categories = commonCategories(settings))
            target.dims = {static_cast<std::int64_t>(categories->size())};
        return target;
    };
    kind.locate = locate;
    kind.open = open;
    return kind;
}

}  // namespace loom
