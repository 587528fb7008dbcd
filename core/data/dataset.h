#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/catalogue.h"
#include "core/base/result.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/pictures/picture.h"

namespace loom {

enum class Split { Train, Test };

struct Sample {
    SampleInput input;
    std::int64_t label = 0;
};

/// What a data set says about a place in a picture.
struct Box {
    double x = 0, y = 0, width = 0, height = 0;  ///< in pixels from the upper left corner
    std::int64_t label = 0;                      ///< of `answerNames`, or of `classes`
};

/// What was written about a picture besides its class, for the eye.
struct Annotations {
    std::vector<Box> boxes;
    std::vector<std::string> captions;
};

/// One split of a data set. Immutable and safe to read from several threads.
class Dataset {
public:
    virtual ~Dataset() = default;
    virtual std::int64_t size() const = 0;
    /// Errors name the file that could not be read.
    virtual Result<Sample> sample(std::int64_t index) const = 0;
    /// The label alone, without decoding a picture.
    virtual std::int64_t label(std::int64_t index) const = 0;
    /// The answer in numbers, of the size that the kind's TargetSpec says; empty where a class is
    /// the answer.
    virtual std::vector<float> answer(std::int64_t) const { return {}; }
    virtual const std::vector<std::string>& classes() const = 0;
    /// What each number of an answer is: the categories of several labels at a time, the columns of
    /// a table. Empty where they have no names.
    virtual std::vector<std::string> answerNames() const { return {}; }
    /// What each number of an input is: the columns of a table.
    virtual std::vector<std::string> inputNames() const { return {}; }
    virtual Annotations annotations(std::int64_t) const { return {}; }
    /// Whether pictures lie on their side, mirrored at the diagonal, as EMNIST's do in its files
    /// and in torchvision: training takes them so, people want them turned back.
    virtual bool displayTransposed() const { return false; }
    virtual SampleSpec spec() const = 0;
    /// Whether samples lie as picture files (in a folder or a data base) whose bytes
    /// `encodedPicture` gives: a loader then decodes only what the transforms keep of them, and
    /// `sample` is their `decodePicture`.
    virtual bool hasEncodedPictures() const { return false; }
    virtual Result<std::string> encodedPicture(std::int64_t index) const;
    /// Where a sample lies, for sentences: its file, or "sample 17".
    virtual std::string nameOf(std::int64_t index) const {
        return "sample " + std::to_string(index);
    }
    /// Bytes this object holds in memory.
    virtual std::int64_t bytesInMemory() const { return 0; }
};

/// Where a data set was looked for and what was found.
struct DatasetLocation {
    bool found = false;
    std::string folder;  ///< where it lies, or would be looked for first
    std::string
        message;  ///< "60,000 train and 10,000 test pictures found in …", or what is missing
    std::string howToGet;  ///< what to do when it is missing: commands and addresses
    /// Why there is nothing to test with, a sentence, where training pictures were found; empty:
    /// there is.
    std::string noTest = {};
};

/// A file that comes out of a published one.
struct PackedFile {
    std::string path;        ///< below the root: "cifar-10-batches-py/data_batch_1"
    std::int64_t bytes = 0;  ///< about how large it is; 0: not known
    std::string md5 = {};    ///< as torchvision checks it; empty: none is known
};

/// A file as its publisher offers it.
struct RemoteFile {
    std::string name;                    ///< as it is called where it is put
    std::vector<std::string> urls;       ///< tried in order
    std::string md5;                     ///< as torchvision checks it; empty: none is known
    std::int64_t bytes = 0;              ///< 0: not known before the server tells
    std::string folder = {};             ///< below the root: "MNIST/raw"; empty: the root itself
    std::vector<PackedFile> holds = {};  ///< what is unpacked of it; none: it is read as it is
};

struct DatasetKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};  ///< `root` among them; torchvision's names
    /// What is known without the files. nullopt when only the files can tell (ImageFolder).
    std::function<std::optional<SampleSpec>(const Settings&)> spec;
    std::function<TargetSpec(const Settings&)> target;
    std::function<DatasetLocation(const Settings&)> locate;
    std::function<Result<std::shared_ptr<const Dataset>>(const Settings&, Split)> open;
    std::vector<std::string> classNames = {};  ///< where they are fixed
    /// The classes where the settings decide, as EMNIST's `split` does.
    std::function<std::vector<std::string>(const Settings&)> classNamesOf = {};
    /// What should be known of how the files were read, though they could be: read again when they
    /// change, quick to ask. Each may have fixes.
    std::function<std::vector<Diagnostic>(const Settings&)> remarks = {};
    /// The smallest and the largest of the whole numbers that a set with `dtype` int64 delivers, of
    /// both splits.
    std::function<std::optional<std::pair<std::int64_t, std::int64_t>>(const Settings&)>
        wholeRange = {};
    /// What a download fetches; none where the files cannot be had freely.
    std::function<std::vector<RemoteFile>(const Settings&)> downloads = {};
};

const Catalogue<DatasetKind>& datasets();

/// The names of the classes as far as they are known without the files.
std::vector<std::string> knownClasses(const DatasetKind& kind, const Params& params);

/// Opens a split, or hands out the one that is open already with the same parameters: the preview
/// and a run share the memory.
Result<std::shared_ptr<const Dataset>> openDataset(const std::string& kind, const Params& params,
                                                   Split split);

/// A set that holds samples given to it; for tests and lessons.
std::shared_ptr<const Dataset> makeMemoryDataset(std::vector<Sample> samples,
                                                 std::vector<std::string> classes);

}  // namespace loom
