#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/catalogue.h"
#include "core/base/result.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/picture.h"

namespace loom {

enum class Split { Train, Test };

struct Sample {
    SampleInput input;
    std::int64_t label = 0;
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
    virtual SampleSpec spec() const = 0;
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
};

const Catalogue<DatasetKind>& datasets();

/// Opens a split, or hands out the one that is open already with the same parameters: the preview
/// and a run share the memory.
Result<std::shared_ptr<const Dataset>> openDataset(const std::string& kind, const Params& params,
                                                   Split split);

/// A set that holds samples given to it; for tests and lessons.
std::shared_ptr<const Dataset> makeMemoryDataset(std::vector<Sample> samples,
                                                 std::vector<std::string> classes);

}  // namespace loom
