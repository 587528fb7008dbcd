#include "core/project/sampling_check.h"

#include <tuple>

#include "core/base/kind_names.h"

namespace loom {
namespace {

class SamplingCheck {
public:
    SamplingCheck(const Project& project, const TargetSpec& target, std::int64_t views,
                  const Shape* output)
        : m_project(project), m_target(target), m_views(views), m_output(output) {}

    std::vector<Diagnostic> run() {
        checkParts();
        checkSampler();
        checkMixing();
        checkMonitor();
        m_field = "data.train_transforms";
        if (m_views > 1 && m_project.data.targetIsInput)
            report("data",
                   "The transforms make " + std::to_string(m_views) +
                       " views of each sample, whose answers are averaged; an average cannot be "
                       "compared with the input itself.",
                   "Take FiveCrop or TenCrop away, or choose the data set's own answers.");
        return std::move(m_found);
    }

private:
    const Project& m_project;
    const TargetSpec& m_target;
    std::int64_t m_views;
    const Shape* m_output;
    std::vector<Diagnostic> m_found;
    std::string m_field;  ///< of the project file, that is being looked at

    void report(const std::string& section, const std::string& message, const std::string& hint,
                Severity severity = Severity::Error) {
        Diagnostic diagnostic;
        diagnostic.severity = severity;
        diagnostic.section = m_field.starts_with(section) ? m_field : section;
        diagnostic.message = message;
        diagnostic.hint = hint;
        m_found.push_back(std::move(diagnostic));
    }

    bool answersAreClasses() const { return m_target.type == TargetSpec::Type::ClassIndex; }

    void checkParts() {
        const DataSection& data = m_project.data;
        for (const auto& [part, name, field] :
             {std::tuple(&data.validation, "validation part", "data.validation"),
              std::tuple(&data.subset, "subset to train with", "data.subset"),
              std::tuple(&data.testSubset, "subset to test with", "data.test_subset")}) {
            if (!*part) continue;
            m_field = field;
            const bool none = (*part)->fraction.value_or(1) <= 0 || (*part)->count.value_or(1) <= 0;
            if (none)
                report("data", "The " + std::string(name) + " is empty.",
                       "Give it a fraction above 0, or a count of at least 1.");
            if ((*part)->stratified && !answersAreClasses())
                report("data",
                       "The " + std::string(name) +
                           " is to be stratified, but the answers are numbers and not classes.",
                       "Switch stratified off.");
        }
        m_field = "data.validation";
        if (data.validation && data.validation->fraction.value_or(0) >= 1)
            report("data", "The validation part takes the whole training set.",
                   "Give it a fraction below 1; 0.1 is usual.");
    }

    template <class K>
    const K* checkedKind(const Catalogue<K>& catalogue, const Choice& choice,
                         const std::string& noun, const std::string& section) {
        const K* kind = catalogue.find(choice.kind);
        if (!kind) {
            std::string all;
            std::vector<std::string> ids;
            for (const K& one : catalogue) {
                all += (all.empty() ? "" : ", ") + one.info.id;
                ids.push_back(one.info.id);
            }
            const std::string meant = meantKindHint(choice.kind, ids);
            report(section,
                   "The " + noun + " " + choice.kind +
                       " is not known to this Torchloom; it is kept as it is.",
                   meant + (meant.empty() ? "" : " ") + "There are: " + all + ".");
            return nullptr;
        }
        bool sound = true;
        for (const ParamProblem& problem : checkParams(kind->params, choice.params)) {
            report(section, choice.kind + ": " + problem.message, problem.hint,
                   problem.unknown ? Severity::Warning : Severity::Error);
            sound = sound && problem.unknown;
        }
        return sound ? kind : nullptr;
    }

    void checkSampler() {
        m_field = "training.sampler";
        if (!m_project.training.sampler) return;
        const Choice& choice = *m_project.training.sampler;
        const SamplerKind* kind = checkedKind(samplers(), choice, "sampler", "training");
        if (m_project.training.shuffle)
            report("training",
                   "Both the sampler " + choice.kind +
                       " and shuffle are to decide the order of samples; PyTorch's DataLoader "
                       "refuses that (ValueError: sampler option is mutually exclusive with "
                       "shuffle).",
                   "Set shuffle to false, or take the sampler away.");
        if (!kind) return;
        if (kind->needsClasses && !answersAreClasses())
            report("training",
                   choice.kind + " weighs samples by their class, but the answers are numbers.",
                   "Choose RandomSampler.");
        else if (const auto wrong =
                     kind->check(Settings(kind->params, choice.params), {0, {}, m_target.classes}))
            report("training", wrong->message, wrong->hint);
    }

    void checkMixing() {
        m_field = "data.batch_transforms";
        const std::vector<Choice>& mixers = m_project.data.batchTransforms;
        if (mixers.empty()) return;
        for (const Choice& choice : mixers)
            checkedKind(batchTransforms(), choice, "batch transform", "data");
        const std::string first = mixers.front().kind;
        const LossKind* loss = losses().find(m_project.training.loss.kind);
        if (!answersAreClasses()) {
            report("data", first + " mixes the classes of samples, but the answers are numbers.",
                   "Take it away.");
            return;
        }
        if (loss && !loss->takesShares)
            report("training",
                   first + " gives shares of several classes as answers, but " + loss->info.id +
                       " takes one class.",
                   "Choose CrossEntropyLoss, or take " + first + " away.");
        if (m_output && m_target.classes > 0 && m_output->dims.front() != m_target.classes)
            report("data",
                   first + " gives an answer of " + std::to_string(m_target.classes) +
                       " shares, one per class, but the network gives " + m_output->toSentence() +
                       ".",
                   "End the network with one number per class.");
        if (m_views > 1)
            report("data", first + " cannot mix several views of a sample.",
                   "Take FiveCrop or TenCrop out of the training transforms.");
    }

    void checkMonitor() {
        m_field = "training.scheduler";
        const std::optional<Choice>& scheduler = m_project.training.scheduler;
        const SchedulerKind* kind = scheduler ? schedulers().find(scheduler->kind) : nullptr;
        if (!kind || !kind->needsLoss) return;
        const std::string watched = Settings(kind->params, scheduler->params).text("monitor");
        const bool validation = watched.starts_with("validation");
        if (validation && !m_project.data.validation)
            report(
                "training",
                scheduler->kind + " watches " + watched + ", but no validation part is held back.",
                "Choose a validation part with the data, or let it watch another figure.");
        if (watched.starts_with("test") && m_project.data.validation)
            report("training",
                   scheduler->kind + " watches " + watched +
                       " though a validation part is held back: what is chosen by the test set "
                       "says nothing about new data.",
                   "Set monitor to validation_" + watched.substr(5) + ".", Severity::Warning);
    }
};

}  // namespace

std::vector<Diagnostic> checkSampling(const Project& project, const TargetSpec& target,
                                      std::int64_t views, const Shape* output) {
    return SamplingCheck(project, target, views, output).run();
}

}  // namespace loom
