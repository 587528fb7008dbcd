#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/data/loader.h"
#include "core/data/subset.h"
#include "core/train/plan.h"

namespace loom {

/// The data of one run: its sets, their transforms, its sampler, and the loaders over them, drawing
/// from PyTorch's global generator what `torch.utils.data` draws.
class RunData {
public:
    enum class Set { Train, Validation, Test };

    /// `filesAtFault` is set where the data could not be read, as against a project that asks for
    /// what they do not give.
    static Result<RunData> open(const TrainingPlan& plan, bool* filesAtFault = nullptr);

    const std::shared_ptr<const Dataset>& trainingData() const {
        return source(Set::Train).dataset;
    }
    bool hasValidation() const { return source(Set::Validation).dataset != nullptr; }
    /// By what the run is judged though there is no test set, a sentence; empty: there is one.
    /// What is called test is then the validation part, or the training set.
    std::string noTestSentence() const;
    bool testIsValidation() const { return !m_noTest.empty() && hasValidation(); }
    /// What of the training set stays in memory over the epochs; empty where it lies there anyway.
    std::string cacheSentence() const;
    std::int64_t batchesPerEpoch() const { return m_batchesPerEpoch; }
    /// Samples that the sampler draws for one epoch.
    std::int64_t samplesPerEpoch() const { return m_samplesPerEpoch; }
    /// Samples of a set; 0 where there is none.
    std::int64_t size(Set set) const {
        return source(set).dataset ? source(set).dataset->size() : 0;
    }

    /// What `iter(DataLoader)` draws first of all: the workers' base seed.
    static void drawBaseSeed();
    /// The order of the next epoch, its base seed drawn before.
    std::vector<std::int64_t> drawOrder() const;

    /// One pass of training from batch `skip` on.
    std::unique_ptr<Loader> trainLoader(std::vector<std::int64_t> order, std::int64_t epoch,
                                        std::int64_t skip) const;
    /// One pass over a whole set through the test transforms.
    std::unique_ptr<Loader> testLoader(Set set, std::int64_t epoch) const;

    /// Which samples of the data set's own sets the run uses, for `split.json`; empty where it uses
    /// all of them.
    Dict splitIndices() const;

    /// A sentence for each sample that had not been met before.
    struct Notice {
        std::int64_t index = 0;
        Error error;
    };
    std::vector<Notice> noteSkipped(const std::vector<SkippedSample>& skipped, Set set);
    std::int64_t skippedSamples() const { return static_cast<std::int64_t>(m_skipped.size()); }

private:
    struct Source {
        std::shared_ptr<const Dataset> dataset;
        std::shared_ptr<DataCache> cache;
    };
    LoaderOptions options(std::vector<std::int64_t> order, const Source& source,
                          std::int64_t epoch) const;
    Source& source(Set set) { return m_sources[static_cast<std::size_t>(set)]; }
    const Source& source(Set set) const { return m_sources[static_cast<std::size_t>(set)]; }

    TrainingSection m_training;
    std::array<Source, 3> m_sources;                     ///< by Set
    std::array<std::vector<std::int64_t>, 3> m_indices;  ///< by Set
    Pipeline m_trainPipeline, m_testPipeline;
    const SamplerKind* m_sampler = nullptr;
    SamplerContext m_context;
    std::int64_t m_batchesPerEpoch = 0, m_samplesPerEpoch = 0;
    std::string m_noTest;
    std::set<std::pair<Set, std::int64_t>> m_skipped;
};

}  // namespace loom
