#include "core/train/run_data.h"

#include <numeric>

#include "core/backend/torch.h"
#include "core/base/shape.h"
#include "core/project/delivered_dataset.h"

namespace loom {

namespace {

/// Sampler of a project that names none.
Choice usualSampler(bool shuffle) {
    return {shuffle ? "RandomSampler" : "SequentialSampler"};
}

Error emptySet(const std::string& which, const std::string& why) {
    return {"The " + which + " set has no samples" + why + ".",
            "Choose other parts on the Data page, or another data set."};
}

/// Labels beyond the classes would end in the loss, where nobody can say whose they are.
Status checkLabels(const Dataset& dataset, const Choice& lossChoice) {
    const auto classes = static_cast<std::int64_t>(dataset.classes().size());
    if (classes == 0) return {};
    const LossKind* loss = losses().find(lossChoice.kind);
    std::optional<std::int64_t> ignored;
    if (loss && findSpec(loss->params, "ignore_index"))
        ignored = Settings(loss->params, lossChoice.params).integer("ignore_index");
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        const std::int64_t label = dataset.label(i);
        if ((label >= 0 && label < classes) || label == ignored) continue;
        const bool none = label < 0;
        return Error{dataset.nameOf(i) +
                         (none ? " has no class (its label is "
                               : " has a class that is not there (its label is ") +
                         std::to_string(label) + "), but there are " + std::to_string(classes) +
                         " classes, counted from 0.",
                     none ? "Choose samples with classes, give " + lossChoice.kind +
                                " that label as ignore_index where it has one, or let the network "
                                "give back its input."
                          : "Mend the label."};
    }
    return {};
}

}  // namespace

Result<RunData> RunData::open(const TrainingPlan& plan, bool* filesAtFault) {
    RunData data;
    const DataSection& section = plan.project.data;
    data.m_training = plan.project.training;
    if (!data.m_training.sampler) data.m_training.sampler = usualSampler(data.m_training.shuffle);
    auto sets = openSplits(
        {deliveredDataset(plan.project), section.validation, section.subset, section.testSubset});
    if (!sets) {
        if (filesAtFault) *filesAtFault = true;
        return sets.error();
    }
    data.source(Set::Train).dataset = sets->train;
    data.source(Set::Validation).dataset = sets->validation;
    data.source(Set::Test).dataset = sets->test;
    data.m_noTest = sets->noTest;
    data.m_indices = {sets->trainIndices, sets->validationIndices, sets->testIndices};
    if (sets->train->size() == 0)
        return emptySet("training", section.validation || section.subset
                                        ? " left after its parts were taken"
                                        : "");
    if (sets->validation && sets->validation->size() == 0) return emptySet("validation", "");
    if (sets->test->size() == 0) return emptySet("test", "");
    if (!section.targetIsInput && sets->train->answer(0).empty())
        for (const auto& set : {sets->train, sets->validation, sets->test})
            if (set)
                if (auto sound = checkLabels(*set, data.m_training.loss); !sound)
                    return sound.error();
    std::int64_t budget = DataCache::usualBudget();
    for (std::size_t i = 0; i < data.m_sources.size(); ++i) {
        Source& source = data.m_sources[i];
        if (!source.dataset || !source.dataset->hasEncodedPictures()) continue;
        // Without a test set another set stands for it.
        for (std::size_t j = 0; j < i; ++j)
            if (data.m_sources[j].dataset == source.dataset) source.cache = data.m_sources[j].cache;
        if (source.cache) continue;
        source.cache = std::make_shared<DataCache>(source.dataset, budget);
        budget -= source.cache->expectedBytes();
    }
    for (const auto& [choices, pipeline] :
         {std::pair(&section.trainTransforms, &data.m_trainPipeline),
          std::pair(&section.testTransforms, &data.m_testPipeline)}) {
        auto made = Pipeline::make(*choices);
        if (!made) return made.error();
        *pipeline = std::move(*made);
    }

    const Choice& sampler = *data.m_training.sampler;
    data.m_sampler = samplers().find(sampler.kind);
    const Settings settings(data.m_sampler->params, sampler.params);
    const Dataset& train = *sets->train;
    data.m_context.size = train.size();
    if (data.m_sampler->needsClasses) {
        data.m_context.classes = static_cast<std::int64_t>(train.classes().size());
        for (std::int64_t i = 0; i < train.size(); ++i)
            data.m_context.labels.push_back(train.label(i));
    }
    if (const auto wrong = data.m_sampler->check(settings, data.m_context)) return *wrong;
    const std::int64_t batch = data.m_training.batchSize;
    const std::int64_t count = data.m_sampler->length(settings, train.size());
    data.m_samplesPerEpoch = count;
    data.m_batchesPerEpoch = data.m_training.dropLast ? count / batch : (count + batch - 1) / batch;
    if (data.m_batchesPerEpoch == 0)
        return Error{"An epoch has " + groupDigits(count) + " samples, fewer than one batch of " +
                         groupDigits(batch) + ", and drop_last leaves it out.",
                     "Take a smaller batch_size or switch drop_last off."};
    return data;
}

void RunData::drawBaseSeed() {
    torch::empty({}, torch::kInt64).random_();
}

std::vector<std::int64_t> RunData::drawOrder() const {
    drawBaseSeed();
    return m_sampler->draw(Settings(m_sampler->params, m_training.sampler->params), m_context);
}

std::string RunData::noTestSentence() const {
    if (m_noTest.empty()) return {};
    return m_noTest + (hasValidation()
                           ? " The run is judged by its validation part; what is called test is "
                             "that part, too."
                           : " What is called test is measured on the training samples "
                             "themselves, and says nothing of new ones.");
}

std::string RunData::cacheSentence() const {
    const auto& cache = source(Set::Train).cache;
    return cache ? "The training set " + cache->toSentence() + "." : std::string();
}

LoaderOptions RunData::options(std::vector<std::int64_t> order, const Source& source,
                               std::int64_t epoch) const {
    LoaderOptions options;
    options.cache = source.cache;
    options.order = std::move(order);
    options.batchSize = m_training.batchSize;
    options.workers = m_training.numWorkers;
    options.prefetchFactor = m_training.prefetchFactor;
    options.timeout = m_training.timeout;
    options.seed = static_cast<std::uint64_t>(m_training.seed);
    options.epoch = static_cast<std::uint64_t>(epoch);
    return options;
}

std::unique_ptr<Loader> RunData::trainLoader(std::vector<std::int64_t> order, std::int64_t epoch,
                                             std::int64_t skip) const {
    const Source& from = source(Set::Train);
    LoaderOptions some = options(std::move(order), from, epoch);
    some.dropLast = m_training.dropLast;
    some.skipBatches = skip;
    return std::make_unique<Loader>(from.dataset, m_trainPipeline, std::move(some));
}

std::unique_ptr<Loader> RunData::testLoader(Set set, std::int64_t epoch) const {
    const Source& from = source(set);
    std::vector<std::int64_t> all(static_cast<std::size_t>(from.dataset->size()));
    std::iota(all.begin(), all.end(), std::int64_t(0));
    return std::make_unique<Loader>(from.dataset, m_testPipeline,
                                    options(std::move(all), from, epoch));
}

Dict RunData::splitIndices() const {
    static const char* const names[] = {"train", "validation", "test"};
    Dict dict;
    for (std::size_t set = 0; set < m_indices.size(); ++set) {
        if (m_indices[set].empty()) continue;
        List list(m_indices[set].begin(), m_indices[set].end());
        dict.set(names[set], Value(std::move(list)));
    }
    return dict;
}

std::vector<RunData::Notice> RunData::noteSkipped(const std::vector<SkippedSample>& skipped,
                                                  Set set) {
    // Without a test set another set stands for it; its samples are not others.
    for (const Set other : {Set::Train, Set::Validation})
        if (set == Set::Test && source(other).dataset == source(set).dataset) set = other;
    std::vector<Notice> fresh;
    for (const SkippedSample& one : skipped)
        if (m_skipped.emplace(set, one.index).second) fresh.push_back({one.index, one.error});
    return fresh;
}

}  // namespace loom
