#include "core/project/project_check.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "core/base/kind_names.h"
#include "core/base/machine_memory.h"
#include "core/check/problem_place.h"
#include "core/check/repairs.h"
#include "core/graph/edit.h"
#include "core/project/delivered_dataset.h"
#include "core/project/initialization_check.h"
#include "core/project/memory_check.h"
#include "core/project/memory_forecast.h"
#include "core/project/parameter_groups.h"
#include "core/project/sampling_check.h"
#include "core/project/schedule_advice.h"
#include "core/project/whole_numbers_check.h"

namespace loom {
namespace {

/// Stands for the list at fault until the network has been looked at.
constexpr const char* kUnequal = "data.unequal_transforms";

/// Collects what the three sections of a project say about each other.
class Check {
public:
    explicit Check(const Project& project) : m_project(project) {}

    ProjectReport run() {
        checkData();
        m_report.shapes = inferShapes(m_project.network, m_report.dataShape);
        for (const Diagnostic& diagnostic : m_report.shapes.diagnostics)
            m_report.diagnostics.push_back(diagnostic);
        for (Diagnostic& diagnostic : checkInitializations(m_project.network, m_report.shapes))
            m_report.diagnostics.push_back(std::move(diagnostic));
        checkFixedInputs();
        for (Diagnostic& diagnostic :
             checkWholeNumbers(m_project.network, m_report.shapes, m_delivered))
            m_report.diagnostics.push_back(std::move(diagnostic));
        checkTraining();
        placeUnequalLists();
        // What is wrong comes before what is only not drawn yet.
        std::stable_sort(m_report.diagnostics.begin(), m_report.diagnostics.end(),
                         [](const Diagnostic& a, const Diagnostic& b) {
                             return std::pair(a.severity, !isUnfinished(a)) >
                                    std::pair(b.severity, !isUnfinished(b));
                         });
        return std::move(m_report);
    }

private:
    const Project& m_project;
    ProjectReport m_report;
    Choice m_delivered{""};            ///< the data set as the network takes it
    std::string m_field;               ///< of the project file, that is being looked at
    std::optional<Shape> m_testShape;  ///< what the test transforms deliver

    Diagnostic& report(Severity severity, const std::string& section, const std::string& message,
                       const std::string& hint) {
        Diagnostic diagnostic;
        diagnostic.severity = severity;
        diagnostic.section = m_field.starts_with(section) ? m_field : section;
        diagnostic.message = message;
        diagnostic.hint = hint;
        m_report.diagnostics.push_back(std::move(diagnostic));
        return m_report.diagnostics.back();
    }

    template <class K>
    const K* known(const Catalogue<K>& catalogue, const Choice& choice, const std::string& noun,
                   const std::string& section) {
        const K* kind = catalogue.find(choice.kind);
        std::vector<std::string> ids;
        for (const K& entry : catalogue) ids.push_back(entry.info.id);
        if (!kind) {
            std::string all;
            for (const std::string& id : ids) all += (all.empty() ? "" : ", ") + id;
            const std::string meant = meantKindHint(choice.kind, ids);
            report(Severity::Error, section,
                   "The " + noun + " " + choice.kind +
                       " is not known to this Torchloom; it is kept as it is.",
                   meant + (meant.empty() ? "" : " ") + "There are: " + all + ".");
            return nullptr;
        }
        bool sound = true;
        for (const ParamProblem& problem : checkParams(kind->params, choice.params)) {
            report(problem.unknown ? Severity::Warning : Severity::Error, section,
                   choice.kind + ": " + problem.message, problem.hint);
            sound = sound && problem.unknown;
        }
        return sound ? kind : nullptr;
    }

    void checkData() {
        m_field = "data.dataset";
        if (m_project.data.dataset.kind.empty()) {
            m_report.location.message = "No data set is chosen, so the network cannot be trained.";
            m_report.location.howToGet = "Choose one on the Data page.";
            report(Severity::Warning, "data", m_report.location.message,
                   m_report.location.howToGet);
            return;
        }
        const DatasetKind* dataset = known(datasets(), m_project.data.dataset, "data set", "data");
        bool sound = dataset != nullptr;
        for (const auto& [list, name] :
             {std::pair(&m_project.data.trainTransforms, "data.train_transforms."),
              std::pair(&m_project.data.testTransforms, "data.test_transforms.")})
            for (std::size_t i = 0; i < list->size(); ++i) {
                m_field = name + std::to_string(i);
                sound = known(transforms(), (*list)[i], "transform", "data") && sound;
            }
        m_field = "data.dataset";
        if (!dataset) return;
        m_delivered = deliveredDataset(m_project);
        const Settings settings(dataset->params, m_delivered.params);
        m_report.target = dataset->target(settings);
        m_report.location = dataset->locate(settings);
        if (!m_report.location.found)
            report(Severity::Warning, "data", m_report.location.message,
                   m_report.location.howToGet);
        if (m_report.location.found && !m_report.location.noTest.empty()) reportNoTest();
        if (dataset->remarks)
            for (Diagnostic& remark : dataset->remarks(settings))
                m_report.diagnostics.push_back(std::move(remark));
        m_report.sampleSpec = dataset->spec(settings);
        if (!sound || !m_report.sampleSpec) return;
        m_report.trainPipeline =
            inferPipeline(m_project.data.trainTransforms, *m_report.sampleSpec);
        m_report.testPipeline = inferPipeline(m_project.data.testTransforms, *m_report.sampleSpec);
        const auto train = delivered(m_report.trainPipeline, "training");
        const auto test = delivered(m_report.testPipeline, "test");
        if (train && test && !(*train == *test)) {
            m_field = kUnequal;
            report(Severity::Error, "data",
                   "The training transforms deliver " + train->toSentence() +
                       ", but the test transforms " + test->toSentence() + ".",
                   "A network takes one size: end both lists with the same size.");
        }
        m_report.dataShape = train ? train : test;
        m_testShape = test;
        if (m_project.data.targetIsInput && m_report.dataShape)
            m_report.target = {TargetSpec::Type::Numbers, 0, m_report.dataShape->dims};
    }

    /// A network can be trained without a test set; what it learned is then seen less well.
    void reportNoTest() {
        const bool validated = m_project.data.validation.has_value();
        report(validated ? Severity::Info : Severity::Warning, "data",
               m_report.location.noTest +
                   (validated ? " The run is judged by its validation part."
                              : " The run is judged by the samples that it trains with, which "
                                "says nothing of new ones."),
               validated ? "evaluate needs a test set."
                         : "Hold back a part for validation, or give the data set a test set.");
    }

    /// The size that comes out of a list of transforms; nullopt, and reported, when none does.
    std::optional<Shape> delivered(const PipelineInference& pipeline, const std::string& which) {
        m_field = which == "training" ? "data.train_transforms" : "data.test_transforms";
        if (pipeline.failedStep >= 0) {
            m_field += "." + std::to_string(pipeline.failedStep);
            report(Severity::Error, "data",
                   "In the " + which + " transforms: " + pipeline.problem.message,
                   pipeline.problem.hint);
            return std::nullopt;
        }
        const SampleSpec& last =
            pipeline.specs.empty() ? *m_report.sampleSpec : pipeline.specs.back();
        if (!last.isTensor) {
            report(Severity::Error, "data",
                   "The " + which + " transforms end with " + last.toSentence() +
                       ", but a network takes tensors.",
                   "Add ToTensor to the list; behind ToImage, ToDtype with scale on.");
            return std::nullopt;
        }
        // As long as the pictures are not there, nobody knows whether they differ; what the data
        // lack has been said.
        if (!last.fixed() && !m_report.location.found) return std::nullopt;
        if (!last.fixed()) {
            report(Severity::Error, "data",
                   "The pictures have different sizes (" + last.toSentence() +
                       "), and a batch needs one size; the " + which +
                       " transforms leave them as they are.",
                   "Add Resize with a height and a width, or Resize and a crop, before ToTensor.");
            return std::nullopt;
        }
        return Shape{last.dims};
    }

    /// Of two lists that deliver unlike sizes the one is at fault whose size the network cannot
    /// take; when that does not tell them apart, the test's, which follows training's.
    void placeUnequalLists() {
        for (Diagnostic& diagnostic : m_report.diagnostics) {
            if (diagnostic.section != kUnequal) continue;
            const bool trainFits = fits(m_report.dataShape);
            diagnostic.section =
                !trainFits && fits(m_testShape) ? "data.train_transforms" : "data.test_transforms";
        }
    }

    bool fits(const std::optional<Shape>& shape) const {
        const ShapeReport shapes = inferShapes(m_project.network, shape);
        if (hasErrors(shapes.diagnostics)) return false;
        for (const NodeId& id : nodesOfKind(m_project.network, "Input")) {
            const Shape* fixed = shapes.shapeAt({id, 0});
            if (fixed && shape && !(*fixed == *shape)) return false;
        }
        return true;
    }

    /// An Input with a size of its own against what the data delivers. The network alone is sound
    /// either way.
    void checkFixedInputs() {
        m_field.clear();
        if (!m_report.dataShape) return;
        for (const NodeId& id : nodesOfKind(m_project.network, "Input")) {
            const Shape* shape = m_report.shapes.shapeAt({id, 0});
            if (!shape || shape->dims == m_report.dataShape->dims) continue;
            Diagnostic& diagnostic = report(
                Severity::Error, "network",
                id + " is fixed to " + shape->toSentence() + ", but the data section delivers " +
                    m_report.dataShape->toSentence() + ".",
                "Let the size follow the data, or change the transforms.");
            diagnostic.node = id;
            diagnostic.fixes.push_back({"Take the size from the data", [id](const Graph& graph) {
                                            return edit::setParam(graph, id, "shape", std::nullopt);
                                        }});
        }
    }

    void checkTraining() {
        const TrainingSection& training = m_project.training;
        m_field = "training.loss";
        const LossKind* loss = known(losses(), training.loss, "loss", "training");
        m_field = "training.optimizer";
        const OptimizerKind* optimizer =
            known(optimizers(), training.optimizer, "optimizer", "training");
        m_field = "training.scheduler";
        checkScheduler(optimizer);
        for (Diagnostic& diagnostic :
             checkParameterGroups(training, m_project.network, m_report.shapes))
            m_report.diagnostics.push_back(std::move(diagnostic));
        m_field = "training.device";
        checkDevice();
        m_field = "training.initial_weights";
        checkInitialWeights();
        m_field.clear();
        const auto inputs = nodesOfKind(m_project.network, "Input");
        const auto outputs = nodesOfKind(m_project.network, "Output");
        for (const auto& [ids, kind, role] :
             {std::tuple(inputs, "Input", "the data set delivers one picture"),
              std::tuple(outputs, "Output", "a loss takes one answer")}) {
            if (ids.size() > 1)
                report(Severity::Error, "training",
                       "The network has " + std::to_string(ids.size()) + " " + kind +
                           " blocks, but " + role + " per sample.",
                       "Leave one " + std::string(kind) +
                           " block to train; forward and export work with several.")
                    .node = ids[1];
        }
        if (loss && outputs.size() == 1) checkLoss(*loss, outputs[0]);
        checkSamplingParts(outputs);
        if (m_report.shapes.parameters == 0 && !m_report.shapes.order.empty() &&
            !hasErrors(m_report.shapes.diagnostics)) {
            report(Severity::Error, "training",
                   "The network has no weights, so there is nothing to train.",
                   "Add a layer that learns, such as Linear or Conv2d.")
                .section = kUnfinished;
        }
        m_field = "training.optimizer";
        if (optimizer) {
            if (const auto wrong =
                    optimizer->check(Settings(optimizer->params, training.optimizer.params)))
                report(Severity::Error, "training", wrong->message, wrong->hint);
        }
        m_field.clear();
        m_report.trainingBytes = forecastMemory(m_project, m_report.shapes).total();
        if (auto tooMuch = checkMemory(m_project, m_report.shapes, machineMemory()))
            m_report.diagnostics.push_back(std::move(*tooMuch));
    }

    void checkSamplingParts(const std::vector<NodeId>& outputs) {
        const auto& specs = m_report.trainPipeline.specs;
        const Edge* wire =
            outputs.size() == 1 ? m_project.network.edgeInto({outputs[0], 0}) : nullptr;
        for (Diagnostic& diagnostic :
             checkSampling(m_project, m_report.target, specs.empty() ? 1 : specs.back().views,
                           wire ? m_report.shapes.shapeAt(wire->from) : nullptr))
            m_report.diagnostics.push_back(std::move(diagnostic));
    }

    void checkInitialWeights() {
        const std::string& path = m_project.training.initialWeights;
        std::error_code ignored;
        if (path.empty() || std::filesystem::exists(path, ignored)) return;
        report(Severity::Error, "training",
               "The weights to start from, " + path + ", are not there.",
               "Choose the file again, or start with fresh weights.");
    }

    void checkScheduler(const OptimizerKind* optimizer) {
        const TrainingSection& training = m_project.training;
        if (!training.scheduler) return;
        const SchedulerKind* kind =
            known(schedulers(), *training.scheduler, "scheduler", "training");
        if (!kind) return;
        if (const auto wrong = kind->check(Settings(kind->params, training.scheduler->params),
                                           optimizer, {training.epochs, 0}))
            report(Severity::Error, "training", wrong->message, wrong->hint);
        else if (const auto advice = scheduleAdvice(training, 0))
            report(Severity::Info, "training", advice->message, advice->hint);
    }

    void checkDevice() {
        const std::string& device = m_project.training.device;
        const bool numbered = device.starts_with("cuda:") && device.size() > 5 &&
                              device.size() < 9 &&
                              std::all_of(device.begin() + 5, device.end(),
                                          [](char c) { return c >= '0' && c <= '9'; });
        if (device == "auto" || device == "cpu" || device == "cuda" || numbered) return;
        report(Severity::Error, "training",
               "The device is \"" + device + "\", but it must be auto, cpu, cuda or cuda:N.",
               "auto takes a GPU where there is one.");
    }

    void checkLoss(const LossKind& loss, const NodeId& outputId) {
        const Edge* wire = m_project.network.edgeInto({outputId, 0});
        const Shape* shape = wire ? m_report.shapes.shapeAt(wire->from) : nullptr;
        const Node* source = wire ? m_project.network.find(wire->from.node) : nullptr;
        if (!shape || !source) return;
        const TargetSpec& target = m_report.target;
        if (target.type == TargetSpec::Type::Numbers && !target.dims.empty() &&
            target.dims != shape->dims) {
            Diagnostic& diagnostic = report(
                Severity::Error, "network",
                source->id + " gives " + shape->toSentence() +
                    " for each sample, but the answer is " + Shape{target.dims}.toSentence() + ".",
                m_project.data.targetIsInput
                    ? "The network is to give back what it received (target is input): end "
                      "it with a layer that makes that size."
                    : "End the network with one number per number of the answer.");
            diagnostic.node = source->id;
            const std::int64_t numbers = Shape{target.dims}.count();
            if (target.dims.size() == 1 && source->params.contains("out_features"))
                diagnostic.fixes.push_back({"Set out_features to " + groupDigits(numbers),
                                            [id = source->id, numbers](const Graph& graph) {
                                                return edit::setParam(graph, id, "out_features",
                                                                      Value(numbers));
                                            }});
            else if (target.dims.size() == 1 && shape->rank() > 0)
                diagnostic.fixes.push_back(endingFix(source->id, *shape, numbers));
            return;
        }
        for (Diagnostic diagnostic :
             loss.check({Settings(loss.params, m_project.training.loss.params), *shape, *source,
                         m_report.target, m_project.network})) {
            if (diagnostic.node.empty()) diagnostic.section = "training.loss";
            m_report.diagnostics.push_back(std::move(diagnostic));
        }
    }
};

}  // namespace

ProjectReport checkProject(const Project& project) {
    return Check(project).run();
}

}  // namespace loom
