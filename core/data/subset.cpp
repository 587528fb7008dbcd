#include "core/data/subset.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/random.h"
#include "core/base/shape.h"

namespace loom {

std::int64_t Part::sizeOf(std::int64_t size) const {
    const std::int64_t wanted =
        count ? *count
              : static_cast<std::int64_t>(std::nearbyint(fraction.value_or(0) * double(size)));
    return std::clamp<std::int64_t>(wanted, 0, size);
}

namespace {

/// How many of each class make `wanted` together, in proportion, the largest remainders first.
std::vector<std::int64_t> shares(const std::vector<std::int64_t>& sizes, std::int64_t wanted) {
    const auto whole = std::accumulate(sizes.begin(), sizes.end(), std::int64_t(0));
    std::vector<std::int64_t> taken;
    std::vector<std::pair<std::int64_t, std::size_t>> remainders;
    std::int64_t sum = 0;
    for (std::size_t c = 0; c < sizes.size(); ++c) {
        // Whole numbers, so that equal remainders are equal; sizes stay far below 2^31.
        const std::int64_t product = sizes[c] * wanted;
        taken.push_back(whole > 0 ? product / whole : 0);
        remainders.emplace_back(whole > 0 ? -(product % whole) : 0, c);
        sum += taken.back();
    }
    std::sort(remainders.begin(), remainders.end());
    for (std::size_t i = 0; sum < wanted && i < remainders.size(); ++i, ++sum)
        ++taken[remainders[i].second];
    return taken;
}

void cutOne(const std::vector<std::int64_t>& indices, std::int64_t taken, TorchRandom& random,
            Cut& cut) {
    const auto order = random.permutation(static_cast<std::int64_t>(indices.size()));
    const std::size_t kept = indices.size() - static_cast<std::size_t>(taken);
    for (std::size_t i = 0; i < order.size(); ++i)
        (i < kept ? cut.rest : cut.part).push_back(indices[static_cast<std::size_t>(order[i])]);
}

class Subset : public Dataset {
public:
    Subset(std::shared_ptr<const Dataset> whole, std::vector<std::int64_t> indices)
        : m_whole(std::move(whole)), m_indices(std::move(indices)) {}

    std::int64_t size() const override { return static_cast<std::int64_t>(m_indices.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Sample " + groupDigits(index) + " was asked for, but there are only " +
                         groupDigits(size()) + "."};
        return m_whole->sample(at(index));
    }
    std::int64_t label(std::int64_t index) const override { return m_whole->label(at(index)); }
    std::vector<float> answer(std::int64_t index) const override {
        return m_whole->answer(at(index));
    }
    const std::vector<std::string>& classes() const override { return m_whole->classes(); }
    std::vector<std::string> answerNames() const override { return m_whole->answerNames(); }
    std::vector<std::string> inputNames() const override { return m_whole->inputNames(); }
    Annotations annotations(std::int64_t index) const override {
        return m_whole->annotations(at(index));
    }
    SampleSpec spec() const override { return m_whole->spec(); }
    bool hasEncodedPictures() const override { return m_whole->hasEncodedPictures(); }
    Result<std::string> encodedPicture(std::int64_t index) const override {
        return m_whole->encodedPicture(at(index));
    }
    std::string nameOf(std::int64_t index) const override { return m_whole->nameOf(at(index)); }
    std::int64_t bytesInMemory() const override {
        return m_whole->bytesInMemory() +
               static_cast<std::int64_t>(m_indices.size() * sizeof(std::int64_t));
    }

private:
    std::int64_t at(std::int64_t index) const { return m_indices[static_cast<std::size_t>(index)]; }
    std::shared_ptr<const Dataset> m_whole;
    std::vector<std::int64_t> m_indices;
};

}  // namespace

Result<Cut> cutDataset(const Dataset& dataset, const Part& part) {
    const std::int64_t size = dataset.size();
    const std::int64_t wanted = part.sizeOf(size);
    TorchRandom random(static_cast<std::uint64_t>(part.seed));
    Cut cut;
    if (!part.stratified) {
        std::vector<std::int64_t> all(static_cast<std::size_t>(size));
        std::iota(all.begin(), all.end(), std::int64_t(0));
        cutOne(all, wanted, random, cut);
        return cut;
    }
    if (dataset.classes().empty())
        return Error{"The part of the data is to be stratified, but its answers are not classes.",
                     "Switch stratified off."};
    std::vector<std::vector<std::int64_t>> byClass(dataset.classes().size());
    for (std::int64_t i = 0; i < size; ++i) {
        const std::int64_t label = dataset.label(i);
        if (label < 0 || label >= static_cast<std::int64_t>(byClass.size()))
            return Error{"The part of the data is to be stratified, but " + dataset.nameOf(i) +
                             " has no class (its label is " + std::to_string(label) + ").",
                         "Switch stratified off."};
        byClass[static_cast<std::size_t>(label)].push_back(i);
    }
    std::vector<std::int64_t> sizes;
    for (const auto& indices : byClass) sizes.push_back(static_cast<std::int64_t>(indices.size()));
    const std::vector<std::int64_t> taken = shares(sizes, wanted);
    for (std::size_t c = 0; c < byClass.size(); ++c) cutOne(byClass[c], taken[c], random, cut);
    std::sort(cut.rest.begin(), cut.rest.end());
    std::sort(cut.part.begin(), cut.part.end());
    return cut;
}

std::shared_ptr<const Dataset> makeSubset(std::shared_ptr<const Dataset> dataset,
                                          std::vector<std::int64_t> indices) {
    return std::make_shared<Subset>(std::move(dataset), std::move(indices));
}

namespace {

/// A set on its way through the parts that are taken of it.
struct Taken {
    std::shared_ptr<const Dataset> dataset;
    std::vector<std::int64_t> indices = {};  ///< of the data set as it was opened; empty: all

    /// The samples `places` of this set.
    Taken at(const std::vector<std::int64_t>& places) const {
        std::vector<std::int64_t> own;
        own.reserve(places.size());
        for (const std::int64_t place : places)
            own.push_back(indices.empty() ? place : indices[static_cast<std::size_t>(place)]);
        return {makeSubset(dataset, places), std::move(own)};
    }
};

}  // namespace

std::string lacksTestSet(const Choice& dataset) {
    const DatasetKind* kind = datasets().find(dataset.kind);
    if (!kind) return {};
    const DatasetLocation location = kind->locate(Settings(kind->params, dataset.params));
    return location.found ? location.noTest : std::string();
}

Result<std::shared_ptr<const Dataset>> openSamples(const Choice& dataset) {
    return openDataset(dataset.kind, dataset.params,
                       lacksTestSet(dataset).empty() ? Split::Test : Split::Train);
}

Result<SplitDatasets> openSplits(const SplitChoice& choice) {
    Taken train, validation, test;
    std::string noTest = lacksTestSet(choice.dataset);
    for (const auto& [split, into] : {std::pair(Split::Train, &train), {Split::Test, &test}}) {
        if (split == Split::Test && !noTest.empty()) continue;
        auto opened = openDataset(choice.dataset.kind, choice.dataset.params, split);
        if (!opened) return opened.error();
        into->dataset = std::move(*opened);
    }
    if (choice.validation) {
        const auto cut = cutDataset(*train.dataset, *choice.validation);
        if (!cut) return cut.error();
        validation = train.at(cut->part);
        train = train.at(cut->rest);
    }
    for (const auto& [part, set] :
         {std::pair(&choice.subset, &train), std::pair(&choice.testSubset, &test)}) {
        if (!*part || !set->dataset) continue;
        const auto cut = cutDataset(*set->dataset, **part);
        if (!cut) return cut.error();
        *set = set->at(cut->part);
    }
    if (!noTest.empty()) test.dataset = validation.dataset ? validation.dataset : train.dataset;
    return SplitDatasets{train.dataset,
                         validation.dataset,
                         test.dataset,
                         std::move(train.indices),
                         std::move(validation.indices),
                         std::move(test.indices),
                         std::move(noTest)};
}

}  // namespace loom
