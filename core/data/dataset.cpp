#include "core/data/dataset.h"

#include <map>
#include <mutex>
#include <new>

#include "core/base/kind_names.h"

namespace loom {

// One line per source, each defined in its own file.
DatasetKind fashionMnistKind();
DatasetKind mnistKind();
DatasetKind kmnistKind();
DatasetKind emnistKind();
DatasetKind cifar10Kind();
DatasetKind cifar100Kind();
DatasetKind stl10Kind();
DatasetKind svhnKind();
DatasetKind imageFolderKind();
DatasetKind imageNetKind();
DatasetKind imagenetteKind();
DatasetKind labelFoldersKind();
DatasetKind pictureListKind();
DatasetKind concatKind();
DatasetKind lsunKind();
DatasetKind cocoKind();
DatasetKind tableKind();
DatasetKind timeSeriesKind();
DatasetKind lineKind();
DatasetKind spiralsKind();
DatasetKind moonsKind();
DatasetKind circlesKind();
DatasetKind blobsKind();

const Catalogue<DatasetKind>& datasets() {
    static const Catalogue<DatasetKind> catalogue({
        fashionMnistKind(), mnistKind(),   kmnistKind(),     emnistKind(),      cifar10Kind(),
        cifar100Kind(),     stl10Kind(),   svhnKind(),       imageFolderKind(), labelFoldersKind(),
        pictureListKind(),  concatKind(),  imageNetKind(),   imagenetteKind(),  lsunKind(),
        cocoKind(),         tableKind(),   timeSeriesKind(), lineKind(),        spiralsKind(),
        moonsKind(),        circlesKind(), blobsKind(),
    });
    return catalogue;
}

std::vector<std::string> knownClasses(const DatasetKind& kind, const Params& params) {
    return kind.classNamesOf ? kind.classNamesOf(Settings(kind.params, params)) : kind.classNames;
}

Result<std::string> Dataset::encodedPicture(std::int64_t index) const {
    return Error{nameOf(index) + " is not a picture file."};
}

namespace {

/// A data set that is open somewhere. The lock is held while one caller opens it, so that a second
/// one waits and shares instead of reading the files again.
struct Slot {
    std::mutex opening;
    std::weak_ptr<const Dataset> dataset;
};

std::shared_ptr<Slot> slotOf(const std::string& key) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<Slot>> slots;
    const std::lock_guard lock(mutex);
    // Slots that nobody uses and whose data set is closed are forgotten.
    std::erase_if(slots, [](const auto& entry) {
        return entry.second.use_count() == 1 && entry.second->dataset.expired();
    });
    std::shared_ptr<Slot>& slot = slots[key];
    if (!slot) slot = std::make_shared<Slot>();
    return slot;
}

/// Whether an open set still is what its files say: a table may have got another column since, and
/// then the network is drawn for the new one.
bool isCurrent(const Dataset& open, const DatasetKind& kind, const Settings& settings) {
    const auto spec = kind.spec(settings);
    if (!spec || !spec->isTensor) return true;
    const TargetSpec target = kind.target(settings);
    return spec->dims == open.spec().dims &&
           target.classes == static_cast<std::int64_t>(open.classes().size());
}

class MemoryDataset : public Dataset {
public:
    MemoryDataset(std::vector<Sample> samples, std::vector<std::string> classes)
        : m_samples(std::move(samples)), m_classes(std::move(classes)) {
        for (std::size_t i = 0; i < m_samples.size(); ++i) {
            const SampleSpec one = specOf(m_samples[i].input);
            if (i == 0) m_spec = one;
            for (std::size_t d = 0; d < m_spec.dims.size(); ++d)
                if (d >= one.dims.size() || one.dims[d] != m_spec.dims[d]) m_spec.dims[d] = -1;
        }
    }
    std::int64_t size() const override { return static_cast<std::int64_t>(m_samples.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Sample " + std::to_string(index) + " was asked for, but there are only " +
                         std::to_string(size()) + "."};
        return m_samples[static_cast<std::size_t>(index)];
    }
    std::int64_t label(std::int64_t index) const override {
        return m_samples[static_cast<std::size_t>(index)].label;
    }
    const std::vector<std::string>& classes() const override { return m_classes; }
    SampleSpec spec() const override { return m_spec; }

private:
    static SampleSpec specOf(const SampleInput& input) {
        if (const auto* tensor = std::get_if<TensorSample>(&input)) return {true, tensor->dims};
        const auto& picture = std::get<Picture>(input);
        return {false, {picture.channels, picture.height, picture.width}};
    }

    std::vector<Sample> m_samples;
    std::vector<std::string> m_classes;
    SampleSpec m_spec;
};

}  // namespace

Result<std::shared_ptr<const Dataset>> openDataset(const std::string& kindId, const Params& params,
                                                   Split split) {
    const DatasetKind* kind = datasets().find(kindId);
    if (!kind) {
        std::vector<std::string> known;
        for (const DatasetKind& one : datasets()) known.push_back(one.info.id);
        const std::string meant = meantKindHint(kindId, known);
        return Error{"There is no data set called " + kindId + ".",
                     meant.empty() ? "Choose another data set." : meant};
    }
    for (const ParamProblem& problem : checkParams(kind->params, params))
        if (!problem.unknown) return Error{kindId + ": " + problem.message, problem.hint};
    const Settings settings(kind->params, params);
    std::string key = kindId + (split == Split::Train ? "/train" : "/test");
    for (const ParamSpec& spec : kind->params)
        key.append(1, '/').append(settings.value(spec.key).toPython());

    const std::shared_ptr<Slot> slot = slotOf(key);
    const std::lock_guard lock(slot->opening);
    if (auto open = slot->dataset.lock(); open && isCurrent(*open, *kind, settings)) return open;
    try {
        auto opened = kind->open(settings, split);
        if (opened) slot->dataset = *opened;
        return opened;
    } catch (const std::bad_alloc&) {
        return Error{kindId + " does not fit into this machine's memory.",
                     "Close other programs, or choose a smaller data set."};
    }
}

std::shared_ptr<const Dataset> makeMemoryDataset(std::vector<Sample> samples,
                                                 std::vector<std::string> classes) {
    return std::make_shared<MemoryDataset>(std::move(samples), std::move(classes));
}

}  // namespace loom
