#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/data/dataset.h"

namespace loom {

/// Pictures of a data set that stay in memory over the epochs of a run, so that files are read and
/// decoded once: the decoded pictures where all of them fit into the budget, else the bytes of
/// their files, else nothing, and every epoch streams. Filled by whoever prepares a sample first;
/// what a sample becomes is the same with it and without.
///
/// Threads: all functions, from any thread.
class DataCache {
public:
    enum class Keeps { Nothing, Files, Pictures };

    /// Looks at a few of the pictures to tell what will fit.
    DataCache(std::shared_ptr<const Dataset> dataset, std::int64_t budgetBytes);

    /// A third of the memory that is free now, for a run's data sets together.
    static std::int64_t usualBudget();

    const Dataset& dataset() const { return *m_dataset; }
    Keeps keeps() const { return m_keeps; }
    std::int64_t budget() const { return m_budget; }
    /// Held now; never more than the budget.
    std::int64_t bytes() const;
    std::int64_t samples() const;
    std::int64_t expectedBytes() const { return m_expected; }
    /// "keeps its 12,000 decoded pictures in memory, about 1,200 MB", for a run's log.
    std::string toSentence() const;

    /// Null where it is not kept (yet).
    std::shared_ptr<const Picture> picture(std::int64_t index) const;
    std::shared_ptr<const std::string> file(std::int64_t index) const;
    /// Keeps it, if this kind is kept and the budget allows.
    void keep(std::int64_t index, std::shared_ptr<const Picture> picture);
    void keep(std::int64_t index, std::shared_ptr<const std::string> file);

private:
    template <class T>
    using Shelf = std::vector<std::shared_ptr<const T>>;
    template <class T>
    std::shared_ptr<const T> get(const Shelf<T>& shelf, std::int64_t index) const;
    template <class T>
    void put(Shelf<T>& shelf, std::int64_t index, std::shared_ptr<const T> item,
             std::size_t itemBytes);

    std::shared_ptr<const Dataset> m_dataset;
    std::int64_t m_budget = 0;
    Keeps m_keeps = Keeps::Nothing;
    std::int64_t m_expected = 0;  ///< bytes when all is kept
    mutable std::mutex m_mutex;
    Shelf<Picture> m_pictures;
    Shelf<std::string> m_files;
    std::int64_t m_bytes = 0;
    std::int64_t m_samples = 0;
};

}  // namespace loom
