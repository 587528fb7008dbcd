#include "widgets/explain/block_picture.h"

#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/explain/small_pictures.h"
#include "widgets/explain/window_player.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

// While someone types a number, the picture waits for the last digit.
constexpr int kDelay = 120;

/// Whether both compute the same: blocks that were only moved do.
bool computesAlike(const Project& a, const Project& b) {
    const auto alike = [](const Node& x, const Node& y) {
        return x.id == y.id && x.kind == y.kind && x.params == y.params &&
               x.sharesWith == y.sharesWith && x.initialization == y.initialization;
    };
    return a.data == b.data && a.training.seed == b.training.seed &&
           a.network.edges == b.network.edges &&
           std::equal(a.network.nodes.begin(), a.network.nodes.end(), b.network.nodes.begin(),
                      b.network.nodes.end(), alike);
}

}  // namespace

BlockPicture::BlockPicture(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_source(new ElidedLabel({}, this)),
      m_previous(makeIconButton(QStringLiteral("chevron-left"), tr("Sample before"), this)),
      m_next(makeIconButton(QStringLiteral("chevron-right"), tr("Next sample"), this)),
      m_weights(makeButton({}, ButtonKind::Ghost, {}, this)),
      m_stack(new QStackedWidget(this)),
      m_nothing(new QWidget(this)),
      m_player(new WindowPlayer(this)),
      m_curve(new CurveView(this)),
      m_bars(new BarsView(this)),
      m_units(new UnitsView(this)),
      m_histogram(new HistogramView(this)) {
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(8, 0, 8, 0);
    bar->setSpacing(2);
    m_source->setProperty("role", QStringLiteral("small"));
    bar->addWidget(m_previous);
    bar->addWidget(m_next);
    bar->addSpacing(4);
    bar->addWidget(m_source, 1);
    bar->addWidget(m_weights);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 2);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_stack, 1);
    for (QWidget* page : {m_nothing, static_cast<QWidget*>(m_player),
                          static_cast<QWidget*>(m_curve), static_cast<QWidget*>(m_bars),
                          static_cast<QWidget*>(m_units), static_cast<QWidget*>(m_histogram)})
        m_stack->addWidget(page);
    for (QToolButton* button : {m_previous, m_next}) button->setFixedSize(24, 24);
    m_weights->setFixedHeight(26);
    setMinimumWidth(280);

    m_delay.setSingleShot(true);
    m_delay.setInterval(kDelay);
    connect(&m_delay, &QTimer::timeout, this, &BlockPicture::recompute);
    const auto go = [this](int step) {
        m_sample += step;
        recompute();
    };
    connect(m_previous, &QToolButton::clicked, this, [go] { go(-1); });
    connect(m_next, &QToolButton::clicked, this, [go] { go(1); });
    connect(m_weights, &QPushButton::clicked, this, [this] {
        m_useRun = !m_useRun;
        recompute();
    });
    connect(&document, &DocumentController::reportChanged, this, [this] {
        if (!m_active) return;
        const auto now = m_document.snapshot();
        if (!m_shown || !computesAlike(*m_shown, *now)) m_delay.start();
    });
    setPlaying(motionAllowed());
}

void BlockPicture::setBridge(TrainingBridge* bridge) {
    m_bridge = bridge;
    const auto later = [this] {
        if (m_active) m_delay.start();
    };
    connect(bridge, &TrainingBridge::runEnded, this, later);
    connect(bridge, &TrainingBridge::runStarted, this, later);
}

void BlockPicture::setSubject(const NodeId& block, const QString& kind) {
    if (block == m_block && kind == m_kind) return;
    m_block = block;
    m_kind = kind;
    if (m_active) recompute();
}

void BlockPicture::setActive(bool active) {
    if (active == m_active) return;
    m_active = active;
    if (active) return recompute();
    m_delay.stop();
    m_job.cancel();
}

void BlockPicture::setPlaying(bool playing) {
    m_player->view()->setPlaying(playing);
}

void BlockPicture::recompute() {
    m_delay.stop();
    m_job.cancel();
    if (m_block.empty() && m_kind.isEmpty()) return present({});
    ExplanationRequest request;
    request.project = m_shown = m_document.snapshot();
    request.block = m_block;
    request.kind = m_kind.toStdString();
    request.sample = m_sample;
    if (m_bridge && m_useRun) request.run = m_bridge->sharedSession();
    m_job.start(
        [request](const std::atomic<bool>& cancelled) { return explainBlock(request, cancelled); },
        [this](Explanation explanation) { present(std::move(explanation)); });
}

void BlockPicture::present(Explanation explanation) {
    using Shown = Explanation::Picture;
    m_explanation = std::move(explanation);
    const Explanation& e = m_explanation;
    const std::pair<Shown, QWidget*> pages[] = {
        {Shown::None, m_nothing}, {Shown::Window, m_player}, {Shown::Curve, m_curve},
        {Shown::Bars, m_bars},    {Shown::Units, m_units},   {Shown::Histogram, m_histogram}};
    for (const auto& [picture, page] : pages)
        if (picture == e.picture) m_stack->setCurrentWidget(page);
    m_player->setSums(e.sums);
    if (e.picture == Shown::Curve) m_curve->setCurve(e.x, e.y, e.slope, e.before);
    if (e.picture == Shown::Bars) m_bars->setNumbers(e.before, e.after);
    if (e.picture == Shown::Units) m_units->setUnits(e.rows, e.columns, e.before, e.after);
    if (e.picture == Shown::Histogram) m_histogram->setNumbers(e.before, e.after, e.samples);
    m_source->setFullText(e.source);
    m_previous->setVisible(e.realSample);
    m_next->setVisible(e.realSample);
    const bool hasRun = m_bridge && m_bridge->hasRun();
    m_weights->setText(e.weights);
    m_weights->setVisible(!e.weights.isEmpty());
    m_weights->setEnabled(hasRun);
    m_weights->setToolTip(hasRun ? tr("Change between the latest run’s weights and fresh ones")
                                 : tr("Train, and the picture shows what the block has learned"));
    Q_EMIT partsChanged(e.parts);
    Q_EMIT pictureChanged(e.picture != Shown::None);
}

}  // namespace loom
