#include "core/project/unknown_parts.h"

#include "core/base/kind_names.h"
#include "core/catalogue/layer_kind.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"

namespace loom {
namespace {

class UnknownParts {
public:
    explicit UnknownParts(const Project& project) : m_project(project) {}

    std::vector<Diagnostic> run() {
        for (const Node& node : m_project.network.nodes)
            look(layers(), Choice{node.kind, node.params}, "block", "network", node.id);
        const DataSection& data = m_project.data;
        if (!data.dataset.kind.empty()) look(datasets(), data.dataset, "data set", "data");
        for (const auto* list : {&data.trainTransforms, &data.testTransforms})
            for (const Choice& choice : *list) look(transforms(), choice, "transform", "data");
        for (const Choice& choice : data.batchTransforms)
            look(batchTransforms(), choice, "batch transform", "data");
        const TrainingSection& training = m_project.training;
        look(losses(), training.loss, "loss", "training");
        look(optimizers(), training.optimizer, "optimizer", "training");
        if (training.scheduler) look(schedulers(), *training.scheduler, "scheduler", "training");
        if (training.sampler) look(samplers(), *training.sampler, "sampler", "training");
        return std::move(m_found);
    }

private:
    const Project& m_project;
    std::vector<Diagnostic> m_found;

    template <class K>
    void look(const Catalogue<K>& catalogue, const Choice& choice, const std::string& noun,
              const std::string& section, const NodeId& node = {}) {
        const K* kind = catalogue.find(choice.kind);
        if (!kind) {
            std::vector<std::string> ids;
            for (const K& entry : catalogue) ids.push_back(entry.info.id);
            const std::string meant = meantKindHint(choice.kind, ids);
            report(
                section, node,
                node.empty()
                    ? "The " + noun + " " + choice.kind + " is not known to this Torchloom."
                    : node + " is of kind " + choice.kind + ", which this Torchloom does not know.",
                meant.empty() ? "It is kept as it is." : meant + " It is kept as it is.");
            return;
        }
        for (const ParamProblem& problem : checkParams(kind->params, choice.params))
            if (problem.unknown)
                report(section, node, (node.empty() ? choice.kind : node) + ": " + problem.message,
                       problem.hint);
    }

    void report(const std::string& section, const NodeId& node, const std::string& message,
                const std::string& hint) {
        Diagnostic diagnostic;
        diagnostic.severity = Severity::Warning;
        diagnostic.section = section;
        diagnostic.node = node;
        diagnostic.message = message;
        diagnostic.hint = hint;
        m_found.push_back(std::move(diagnostic));
    }
};

}  // namespace

std::vector<Diagnostic> unknownParts(const Project& project) {
    return UnknownParts(project).run();
}

std::vector<Diagnostic> remarksOnLoading(const LoadedProject& loaded) {
    std::vector<Diagnostic> remarks = loaded.remarks;
    // A newer version explains all the others; a layer that is missing matters more than a field.
    const std::vector<Diagnostic> parts = unknownParts(loaded.project);
    remarks.insert(remarks.begin() + (loaded.readOnly ? 1 : 0), parts.begin(), parts.end());
    return remarks;
}

}  // namespace loom
