// What the view of the transforms does to the document.

#include <algorithm>
#include <cmath>

#include "core/data/transforms/pipeline_fixes.h"
#include "core/data/transforms/published_pipelines.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/dataset_panel.h"
#include "widgets/data/kind_picker.h"
#include "widgets/data/step_panel.h"
#include "widgets/data/transform_strip.h"
#include "widgets/data/transforms_view.h"

#include <QPointer>
#include <QPushButton>

namespace loom {

KindPicker* TransformsView::openPicker() {
    std::vector<KindPicker::Entry> entries;
    for (const TransformKind& kind : transforms()) {
        QString words;
        for (const std::string& word : kind.info.keywords) words += q(word) + QLatin1Char(' ');
        entries.push_back({q(kind.info.id), q(kind.info.summary), words, q(kind.info.family)});
    }
    for (const PublishedPipeline& pipeline : publishedPipelines())
        entries.push_back({q(pipeline.weights),
                           tr("as these weights of %1 expect").arg(q(pipeline.model)),
                           q(pipeline.model) + QStringLiteral(" pretrained weights"),
                           tr("whole lists, as published weights expect")});
    auto* picker = new KindPicker(std::move(entries), KindPicker::Pictures::BeforeAndAfter, this);
    connect(picker, &KindPicker::picked, this, &TransformsView::addStep);
    picker->popup(m_add->mapToGlobal(QPoint(m_add->width(), m_add->height() + 4)));
    const std::optional<SampleInput> sample = m_ownSample        ? m_ownSample
                                              : m_preview.source ? m_preview.source
                                                                 : std::nullopt;
    if (!sample) return picker;
    m_exampleJob.start(
        [sample = *sample, facts = m_dataset->facts()](const std::atomic<bool>& cancelled) {
            return stepExamples(sample, facts, cancelled);
        },
        [picker = QPointer<KindPicker>(picker)](const std::vector<StepExample>& examples) {
            if (!picker) return;
            for (const StepExample& example : examples)
                picker->setPicture(example.kind, example.before, example.after);
        });
    return picker;
}

Choice TransformsView::freshChoice(const TransformKind& kind) const {
    const auto& shape = m_controller->report().dataShape;
    const bool picture = shape && shape->rank() == 3;
    return freshStep(kind, m_dataset->facts(), picture ? shape->dims[1] : 0);
}

void TransformsView::applyFix(int fix) {
    if (fix < 0 || fix >= static_cast<int>(m_fixes.size())) return;
    const PipelineFix chosen = m_fixes[static_cast<std::size_t>(fix)];
    const bool done =
        m_controller->edit(q(chosen.label), [&](const Project& project) -> Result<Project> {
            Project next = project;
            stepsOf(next, m_split) = chosen.steps;
            return next;
        });
    if (done && chosen.chosen >= 0) selectStep(chosen.chosen);
}

QString TransformsView::takeFirstFix() {
    if (m_fixes.empty()) return {};
    const QString label = q(m_fixes.front().label);
    applyFix(0);
    return label;
}

void TransformsView::useSteps(const QString& name, const std::vector<Choice>& steps) {
    const bool done = m_controller->edit(tr("Transforms as %1 expects").arg(name),
                                         [&](const Project& project) -> Result<Project> {
                                             Project next = project;
                                             stepsOf(next, m_split) = steps;
                                             return next;
                                         });
    if (done) selectStep(static_cast<int>(steps.size()) - 1);
}

void TransformsView::addStep(const QString& id) {
    if (const PublishedPipeline* published = findPublishedPipeline(id.toStdString()))
        return useSteps(id, published->steps);
    const TransformKind* kind = transforms().find(id.toStdString());
    if (!kind) return;
    const std::vector<Choice>& before = stepsOf(m_controller->project(), m_split);
    // After the chosen step where it fits there; else what takes pictures goes before ToTensor,
    // what takes tensors behind.
    const auto tensor = static_cast<std::ptrdiff_t>(findConverter(before));
    const std::ptrdiff_t chosen = m_strip->selected();
    const auto count = static_cast<std::ptrdiff_t>(before.size());
    std::ptrdiff_t at = chosen > tensor ? chosen : count;
    if (kind->takesPicture) at = chosen > 0 && chosen <= tensor ? chosen : tensor;
    const Choice choice = freshChoice(*kind);
    const bool done =
        m_controller->edit(tr("Add %1").arg(id), [&](const Project& project) -> Result<Project> {
            Project next = project;
            auto& steps = stepsOf(next, m_split);
            steps.insert(steps.begin() + std::min<std::ptrdiff_t>(
                                             at, static_cast<std::ptrdiff_t>(steps.size())),
                         choice);
            return next;
        });
    if (done) selectStep(static_cast<int>(at));
}

void TransformsView::moveStep(int from, int to) {
    m_controller->edit(tr("Move a step"), [&](const Project& project) -> Result<Project> {
        Project next = project;
        auto& steps = stepsOf(next, m_split);
        const auto count = static_cast<int>(steps.size());
        if (from < 0 || from >= count || to < 0 || to >= count) return next;
        Choice step = std::move(steps[static_cast<std::size_t>(from)]);
        steps.erase(steps.begin() + from);
        steps.insert(steps.begin() + to, std::move(step));
        return next;
    });
    selectStep(to);
}

void TransformsView::removeStep(int step) {
    m_controller->edit(tr("Remove a step"), [&](const Project& project) -> Result<Project> {
        Project next = project;
        auto& steps = stepsOf(next, m_split);
        if (step >= 0 && step < static_cast<int>(steps.size())) steps.erase(steps.begin() + step);
        return next;
    });
}

void TransformsView::duplicateStep(int step) {
    const bool done =
        m_controller->edit(tr("Duplicate a step"), [&](const Project& project) -> Result<Project> {
            Project next = project;
            auto& steps = stepsOf(next, m_split);
            if (step < 0 || step >= static_cast<int>(steps.size())) return next;
            const Choice twin = steps[static_cast<std::size_t>(step)];
            steps.insert(steps.begin() + step + 1, twin);
            return next;
        });
    if (done) selectStep(step + 1);
}

void TransformsView::copyTrainToTest() {
    m_controller->edit(tr("Copy training to test"), [](const Project& project) -> Result<Project> {
        Project next = project;
        next.data.testTransforms.clear();
        for (const Choice& step : project.data.trainTransforms) {
            const TransformKind* kind = transforms().find(step.kind);
            if (!kind || !kind->random) next.data.testTransforms.push_back(step);
        }
        return next;
    });
}

void TransformsView::useStatistics() {
    const DatasetFacts& facts = m_dataset->facts();
    if (facts.mean.empty()) return;
    const auto rounded = [](const std::vector<double>& numbers) {
        List list;
        for (const double number : numbers) list.push_back(Value(std::round(number * 1e4) / 1e4));
        return Value(std::move(list));
    };
    m_controller->edit(
        tr("Normalize by the data's mean and std"), [&](const Project& project) -> Result<Project> {
            Project next = project;
            for (auto* steps : {&next.data.trainTransforms, &next.data.testTransforms}) {
                auto step = std::find_if(steps->begin(), steps->end(),
                                         [](const Choice& c) { return c.kind == "Normalize"; });
                if (step == steps->end()) {
                    const std::size_t behind = std::min(findConverter(*steps) + 1, steps->size());
                    step = steps->insert(steps->begin() + static_cast<std::ptrdiff_t>(behind),
                                         Choice{"Normalize"});
                }
                step->params.set("mean", rounded(facts.mean));
                step->params.set("std", rounded(facts.deviation));
            }
            return next;
        });
}

}  // namespace loom
