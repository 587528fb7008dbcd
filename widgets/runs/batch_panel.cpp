#include "widgets/runs/batch_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/shape.h"
#include "core/data/loader.h"
#include "core/project/delivered_dataset.h"
#include "widgets/bridge/strings.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/data/preview_grid.h"
#include "widgets/data/sample_image.h"
#include "widgets/data/sample_inspector.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr int kColumns = 3;
constexpr std::size_t kShown = 12;

}  // namespace

BatchPanel::BatchPanel(TrainingBridge* bridge, QWidget* parent)
    : QWidget(parent), m_bridge(bridge) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    auto* heading = new QVBoxLayout;
    heading->setSpacing(2);
    m_heading = makeLabel(tr("Last batch"), "heading");
    heading->addWidget(m_heading);
    heading->addWidget(makeLabel(tr("what the network saw"), "small"));
    column->addLayout(heading);

    m_stepRow = new QWidget;
    auto* row = new QHBoxLayout(m_stepRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    auto* label = makeLabel(tr("step"), "muted");
    m_step = new QSpinBox;
    m_step->setObjectName(QStringLiteral("batchStep"));
    m_step->setRange(1, 1);
    m_step->setKeyboardTracking(false);
    m_step->setToolTip(
        tr("Any step of this run: its batch is made again from the same draws, to the bit"));
    label->setBuddy(m_step);
    m_ofSteps = makeLabel({}, "small");
    m_latest = makeIconButton(QStringLiteral("play"), tr("Follow the run again"));
    m_latest->setObjectName(QStringLiteral("latestBatch"));
    row->addWidget(label);
    row->addWidget(m_step, 1);
    row->addWidget(m_ofSteps);
    row->addWidget(m_latest);
    m_stepRow->hide();
    column->addWidget(m_stepRow);

    m_grid = new PreviewGrid(kColumns);
    m_grid->setEmptyText(
        tr("Samples of the batch in hand appear here: right ones with a green border, wrong ones "
           "with a red one and a cross. Click one to look closely."));
    m_grid->setMinimumHeight(90);
    column->addWidget(m_grid);
    m_text = makeWrappedLabel({}, "small");
    column->addWidget(m_text);
    connect(m_bridge, &TrainingBridge::eventsArrived, this,
            [this](const std::vector<RunEvent>& events) {
                std::int64_t last = 0;
                for (const RunEvent& event : events) last = std::max(last, event.step);
                setLastStep(last);
            });
    connect(m_grid, &PreviewGrid::clicked, this, &BatchPanel::inspect);
    connect(m_step, &QSpinBox::valueChanged, this, [this](int step) { showStep(step); });
    connect(m_latest, &QToolButton::clicked, this, &BatchPanel::follow);
}

void BatchPanel::clear() {
    m_job.cancel();
    m_following = true;
    m_seen = {};
    m_grid->setCells({});
    m_text->clear();
    m_heading->setText(tr("Last batch"));
    // The next run's first step is not one that somebody chose.
    const QSignalBlocker quiet(m_step);
    m_step->setMaximum(1);
    m_latest->setEnabled(false);
    m_stepRow->hide();
}

QString BatchPanel::nameOf(std::int64_t label) const {
    return label >= 0 && label < static_cast<std::int64_t>(m_classNames.size())
               ? q(m_classNames[static_cast<std::size_t>(label)])
               : tr("class %1").arg(label);
}

void BatchPanel::setLastStep(std::int64_t step) {
    if (step < 1 || (m_stepRow->isVisibleTo(this) && step < m_step->maximum())) return;
    const QSignalBlocker quiet(m_step);
    m_step->setMaximum(static_cast<int>(std::min<std::int64_t>(step, 2'000'000'000)));
    m_ofSteps->setText(tr("of %1").arg(q(groupDigits(step))));
    m_latest->setEnabled(!m_following);
    m_stepRow->show();
}

void BatchPanel::showLatest(const BatchSnapshot& batch) {
    setLastStep(batch.step);
    if (!m_following) return;
    // Not under the fingers of who is typing a step.
    if (!m_step->hasFocus()) {
        const QSignalBlocker quiet(m_step);
        m_step->setValue(static_cast<int>(batch.step));
    }
    showSeen({batch.step, batch.epoch, batch.items, q(batch.mixing), {}});
}

void BatchPanel::follow() {
    m_following = true;
    m_job.cancel();
    if (m_bridge->hasRun())
        if (const auto batch = m_bridge->session()->lastBatch()) showLatest(*batch);
    m_latest->setEnabled(false);
}

void BatchPanel::showStep(std::int64_t step) {
    const std::shared_ptr<TrainingSession> session = m_bridge->sharedSession();
    if (!session || step < 1) {
        follow();
        return;
    }
    m_following = false;
    m_latest->setEnabled(true);
    m_job.start(
        [session, step](const std::atomic<bool>& cancelled) {
            Seen seen;
            seen.step = step;
            const auto fail = [&seen](const Error& error) {
                seen.problem = q(error.message) + QLatin1Char(' ') + q(error.hint);
                return seen;
            };
            const auto members = session->samplesOf(step);
            if (!members) return fail(members.error());
            seen.epoch = members->epoch;
            const std::shared_ptr<const Dataset> samples = session->trainingData();
            const Project& project = session->plan().project;
            const auto pipeline = Pipeline::make(project.data.trainTransforms);
            if (!pipeline || !samples) return fail(pipeline ? Error{} : pipeline.error());
            for (const std::int64_t index : members->indices) {
                if (seen.items.size() == kShown || cancelled) break;
                auto input = prepareSample(*samples, *pipeline, index,
                                           static_cast<std::uint64_t>(project.training.seed),
                                           static_cast<std::uint64_t>(members->epoch));
                if (!input) return fail(input.error());
                seen.items.push_back(
                    {std::move(*input), index, samples->label(index), -1, samples->answer(index)});
            }
            seen.note = tr("%1 samples").arg(members->indices.size());
            return seen;
        },
        [this](Seen seen) { showSeen(std::move(seen)); });
}

void BatchPanel::showSeen(Seen seen) {
    m_seen = std::move(seen);
    std::vector<PreviewGrid::Cell> cells;
    int right = 0;
    int judged = 0;
    for (const BatchSnapshot::Item& item : m_seen.items) {
        if (cells.size() == kShown) break;
        PreviewGrid::Cell cell;
        cell.picture = toImage(item.input, nullptr);
        cell.toolTip = item.answer.empty() ? nameOf(item.label)
                                           : tr("to be learned: %1").arg(answerText(item.answer));
        if (!item.answer.empty()) cell.caption = QStringLiteral("→ ") + answerText(item.answer);
        if (item.predicted >= 0) {
            ++judged;
            const bool good = item.predicted == item.label;
            right += good;
            cell.mark = good ? PreviewGrid::Cell::Mark::Good : PreviewGrid::Cell::Mark::Bad;
            if (!good)
                cell.toolTip =
                    tr("%1, taken for %2").arg(nameOf(item.label), nameOf(item.predicted));
        }
        cell.toolTip += tr("\nsample %1\nClick to look closely").arg(q(groupDigits(item.index)));
        cells.push_back(std::move(cell));
    }
    m_grid->setCells(std::move(cells));
    m_heading->setText(m_following ? tr("Last batch") : tr("An earlier batch"));
    const QString step = q(groupDigits(m_seen.step));
    QString text = judged > 0 ? tr("%1 of %2 right at step %3").arg(right).arg(judged).arg(step)
                              : tr("Step %1, epoch %2").arg(step).arg(m_seen.epoch + 1);
    if (!m_seen.note.isEmpty()) text += QStringLiteral(". ") + m_seen.note;
    m_text->setText(m_seen.problem.isEmpty() ? text : m_seen.problem);
}

void BatchPanel::inspect(int cell) {
    const auto at = static_cast<std::size_t>(cell);
    if (!m_bridge->hasRun() || at >= m_seen.items.size()) return;
    const Project& project = m_bridge->session()->plan().project;
    const BatchSnapshot::Item& item = m_seen.items[at];
    if (!m_inspector) m_inspector = new SampleInspector(this);
    LookRequest request;
    request.dataset = m_bridge->session()->trainingData();
    request.splits = {deliveredDataset(project), project.data.validation, project.data.subset,
                      project.data.testSubset};
    request.steps = project.data.trainTransforms;
    request.seed = static_cast<std::uint64_t>(project.training.seed);
    request.epoch = static_cast<std::uint64_t>(m_seen.epoch);
    request.index = item.index;
    m_inspector->setWindowTitle(
        tr("What the network saw at step %1").arg(q(groupDigits(m_seen.step))));
    m_inspector->look(request, SampleInspector::Ways::Fixed);
    if (item.predicted >= 0) {
        const bool good = item.predicted == item.label;
        m_inspector->setVerdict(
            good ? tr("✓ taken for it") : tr("✕ taken for %1").arg(nameOf(item.predicted)), good);
    }
}

}  // namespace loom
