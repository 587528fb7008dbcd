#include "widgets/explain/help_kinds.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

#include "core/catalogue/init_kind.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/fuzzy_match.h"

namespace loom {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("HelpKinds", text);
}

template <class K>
void addFacts(const K&, HelpKind&) {}

void addFacts(const LayerKind& kind, HelpKind& entry) {
    entry.layer = &kind;
}

void addFacts(const TransformKind& kind, HelpKind& entry) {
    entry.facts.emplace_back(tr("Works on"), kind.takesPicture && kind.takesTensor
                                                 ? tr("pictures and tensors")
                                             : kind.takesPicture ? tr("pictures")
                                                                 : tr("tensors"));
    entry.facts.emplace_back(
        tr("Random"), kind.random ? tr("draws anew for every sample and epoch, from the run’s seed")
                                  : tr("no, every sample gives the same each time"));
    entry.facts.emplace_back(tr("Against torchvision"), q(kind.fidelity));
}

void addFacts(const DatasetKind& kind, HelpKind& entry) {
    QStringList names;
    for (const std::string& name : kind.classNames) names << q(name);
    if (!names.isEmpty())
        entry.facts.emplace_back(tr("Its %1 classes").arg(names.size()),
                                 names.join(QStringLiteral(", ")));
}

template <class K>
void add(std::vector<HelpKind>& all, const char* catalogue, const QString& title,
         const Catalogue<K>& kinds) {
    for (const K& kind : kinds) {
        HelpKind entry;
        entry.catalogue = QLatin1String(catalogue);
        entry.catalogueTitle = title;
        entry.info = &kind.info;
        entry.params = &kind.params;
        addFacts(kind, entry);
        all.push_back(std::move(entry));
    }
}

}  // namespace

QString HelpKind::key() const {
    return catalogue + QLatin1Char('/') + q(info->id);
}

const std::vector<HelpKind>& helpKinds() {
    static const std::vector<HelpKind> all = [] {
        std::vector<HelpKind> kinds;
        add(kinds, "layer", tr("Layers"), layers());
        add(kinds, "loss", tr("Losses"), losses());
        add(kinds, "optimizer", tr("Optimizers"), optimizers());
        add(kinds, "scheduler", tr("Learning-rate schedules"), schedulers());
        add(kinds, "init", tr("Initialisation"), initializations());
        add(kinds, "transform", tr("Transforms"), transforms());
        add(kinds, "batch", tr("Transforms of batches"), batchTransforms());
        add(kinds, "dataset", tr("Data sets"), datasets());
        add(kinds, "sampler", tr("Samplers"), samplers());
        return kinds;
    }();
    return all;
}

const HelpKind* findHelp(const QString& key) {
    for (const HelpKind& kind : helpKinds())
        if (kind.key() == key) return &kind;
    return nullptr;
}

QString layerHelpKey(const QString& kindId) {
    return QStringLiteral("layer/") + kindId;
}

std::vector<const HelpKind*> searchHelp(const QString& typed) {
    const QString word = typed.trimmed();
    std::vector<std::pair<int, const HelpKind*>> scored;
    for (const HelpKind& kind : helpKinds()) {
        int score = word.isEmpty() ? 1 : fuzzyScore(word, q(kind.info->id));
        for (const std::string& keyword : kind.info->keywords)
            if (score == 0 && q(keyword).contains(word, Qt::CaseInsensitive)) score = 1;
        if (score == 0 && q(kind.info->summary).contains(word, Qt::CaseInsensitive)) score = 1;
        if (score > 0) scored.emplace_back(score, &kind);
    }
    if (!word.isEmpty())
        std::stable_sort(scored.begin(), scored.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<const HelpKind*> found;
    for (const auto& [score, kind] : scored) found.push_back(kind);
    return found;
}

}  // namespace loom
