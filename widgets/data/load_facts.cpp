#include "widgets/data/load_facts.h"

#include <algorithm>

#include "core/base/shape.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/subset.h"
#include "widgets/bridge/strings.h"

namespace loom {

namespace {

void say(LoadFacts& facts, const Error& error) {
    facts.problem = q(error.message);
    facts.hint = q(error.hint);
}

/// The labels of a set; empty where cancelled.
std::vector<std::int64_t> labelsOf(const Dataset* dataset, const std::atomic<bool>& cancelled) {
    std::vector<std::int64_t> labels;
    if (!dataset) return labels;
    const std::int64_t size = dataset->size();
    labels.reserve(static_cast<std::size_t>(size));
    for (std::int64_t i = 0; i < size; ++i) {
        if (i % 4096 == 0 && cancelled) return {};
        labels.push_back(dataset->label(i));
    }
    return labels;
}

void count(const std::vector<std::int64_t>& labels, std::int64_t LoadFacts::ClassRow::*member,
           LoadFacts& facts) {
    for (const std::int64_t label : labels)
        if (label >= 0 && label < static_cast<std::int64_t>(facts.classes.size()))
            ++(facts.classes[static_cast<std::size_t>(label)].*member);
}

/// What each sample weighs and how often its class comes, where a sampler goes by classes.
void weigh(const Settings& settings, LoadFacts& facts) {
    const std::vector<double> given =
        settings.isNone("weights") ? std::vector<double>() : settings.numbers("weights");
    double whole = 0;
    for (std::size_t c = 0; c < facts.classes.size(); ++c) {
        LoadFacts::ClassRow& row = facts.classes[c];
        row.weight = !given.empty()  ? (c < given.size() ? given[c] : 0)
                     : row.train > 0 ? 1 / static_cast<double>(row.train)
                                     : 0;
        whole += row.weight * static_cast<double>(row.train);
    }
    for (LoadFacts::ClassRow& row : facts.classes)
        row.share = whole > 0 ? row.weight * static_cast<double>(row.train) / whole : 0;
}

}  // namespace

LoadFacts loadFacts(const DataSection& data, const TrainingSection& training,
                    const std::atomic<bool>& cancelled) {
    LoadFacts facts;
    SplitChoice whole;
    whole.dataset = data.dataset;
    const auto given = openSplits(whole);
    if (!given) {
        say(facts, given.error());
        return facts;
    }
    const auto splits = openSplits({data.dataset, data.validation, data.subset, data.testSubset});
    if (!splits) {
        say(facts, splits.error());
        return facts;
    }
    facts.train = splits->train->size();
    facts.hasValidation = splits->validation != nullptr;
    facts.validation = facts.hasValidation ? splits->validation->size() : 0;
    facts.trainLeft = given->train->size() - facts.train - facts.validation;
    facts.test = splits->test->size();
    facts.testLeft = given->test->size() - facts.test;

    for (const std::string& name : splits->train->classes()) facts.classes.push_back({q(name)});
    SamplerContext context{facts.train, {}, static_cast<std::int64_t>(facts.classes.size())};
    if (!facts.classes.empty()) {
        context.labels = labelsOf(splits->train.get(), cancelled);
        count(context.labels, &LoadFacts::ClassRow::train, facts);
        count(labelsOf(splits->validation.get(), cancelled), &LoadFacts::ClassRow::validation,
              facts);
        count(labelsOf(splits->test.get(), cancelled), &LoadFacts::ClassRow::test, facts);
        for (LoadFacts::ClassRow& row : facts.classes)
            row.share = facts.train > 0
                            ? static_cast<double>(row.train) / static_cast<double>(facts.train)
                            : 0;
    }
    facts.samplesPerEpoch = facts.train;
    if (training.sampler) {
        const SamplerKind* kind = samplers().find(training.sampler->kind);
        if (kind) {
            const Settings settings(kind->params, training.sampler->params);
            if (const auto wrong = kind->check(settings, context)) say(facts, *wrong);
            facts.samplesPerEpoch = kind->length(settings, facts.train);
            facts.weighted = kind->needsClasses && !facts.classes.empty();
            if (facts.weighted) weigh(settings, facts);
        }
    }
    const std::int64_t batch = std::max<std::int64_t>(1, training.batchSize);
    const std::int64_t rest = facts.samplesPerEpoch % batch;
    facts.batches = facts.samplesPerEpoch / batch + (rest > 0 && !training.dropLast ? 1 : 0);
    facts.lastBatch = facts.batches == 0 ? 0 : rest > 0 && !training.dropLast ? rest : batch;
    return facts;
}

}  // namespace loom
