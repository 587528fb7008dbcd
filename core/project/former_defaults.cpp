#include "core/project/former_defaults.h"

#include "core/catalogue/layer_kind.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"

namespace loom {
namespace {

enum class Default { Former, Current };

template <class K>
void state(const Catalogue<K>& catalogue, const std::string& id, Params& params, Default which) {
    const K* kind = catalogue.find(id);
    if (!kind) return;
    for (const ParamSpec& spec : kind->params) {
        if (!spec.defaultSince.empty() && !params.contains(spec.key)) {
            if (which == Default::Current)
                params.set(spec.key, spec.defaultValue);
            else if (spec.formerDefault)
                params.set(spec.key, *spec.formerDefault);
        }
        const Value* nested = spec.type == ParamType::Kinds ? params.find(spec.key) : nullptr;
        // A list that cannot be read is left as it is; the check names what is wrong with it.
        if (!nested || checkParam(spec, *nested)) continue;
        std::vector<Choice> choices = nestedChoices(*nested);
        for (Choice& choice : choices) state(catalogue, choice.kind, choice.params, which);
        const Value stated = nestedValue(choices);
        if (stated != *nested) params.set(spec.key, stated);
    }
}

void stateAll(Project& project, Default which) {
    for (Node& node : project.network.nodes) state(layers(), node.kind, node.params, which);
    DataSection& data = project.data;
    state(datasets(), data.dataset.kind, data.dataset.params, which);
    for (auto* list : {&data.trainTransforms, &data.testTransforms})
        for (Choice& choice : *list) state(transforms(), choice.kind, choice.params, which);
    for (Choice& choice : data.batchTransforms)
        state(batchTransforms(), choice.kind, choice.params, which);
    TrainingSection& training = project.training;
    state(losses(), training.loss.kind, training.loss.params, which);
    state(optimizers(), training.optimizer.kind, training.optimizer.params, which);
    if (training.scheduler)
        state(schedulers(), training.scheduler->kind, training.scheduler->params, which);
    if (training.sampler)
        state(samplers(), training.sampler->kind, training.sampler->params, which);
}

}  // namespace

void applyFormerDefaults(Project& project) {
    stateAll(project, Default::Former);
}

Project withStatedDefaults(Project project) {
    stateAll(project, Default::Current);
    return project;
}

}  // namespace loom
