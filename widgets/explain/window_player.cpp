#include "widgets/explain/window_player.h"

#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/style/controls.h"
#include "widgets/style/icons.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

/// From one output a second to all of a large picture in a few seconds.
double speedOf(int slider) {
    return std::pow(10.0, slider / 25.0);
}

/// A row "filter 3 of 32". Channels count from 0, as in Python.
QWidget* makeChooser(const QString& label, QSpinBox*& box, QWidget* parent) {
    auto* row = new QWidget(parent);
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(5);
    line->addWidget(makeLabel(label, "small", row));
    box = new QSpinBox(row);
    box->setAccessibleName(label);
    box->setWrapping(true);
    box->setFixedWidth(64);
    line->addWidget(box);
    return row;
}

}  // namespace

WindowPlayer::WindowPlayer(QWidget* parent)
    : QWidget(parent),
      m_view(new WindowView(this)),
      m_restart(makeIconButton(QStringLiteral("reset"), tr("Begin again (Home)"), this)),
      m_play(makeIconButton(QStringLiteral("play"), tr("Play (Space)"), this)),
      m_step(makeIconButton(QStringLiteral("step"), tr("One output further (Right)"), this)),
      m_speed(new QSlider(Qt::Horizontal, this)) {
    m_outputRow = makeChooser(tr("filter"), m_output, this);
    m_inputRow = makeChooser(tr("input channel"), m_input, this);
    m_depthRow = makeChooser(tr("slice of the window"), m_depth, this);
    m_outputRow->setToolTip(tr("Which output channel is computed, counted from 0"));
    m_inputRow->setToolTip(tr("Which input channel is shown; the sum counts all of them"));
    m_depthRow->setToolTip(
        tr("A window with depth is drawn one slice at a time; the sum counts all of them"));
    m_speed->setRange(0, 80);
    m_speed->setValue(25);
    m_speed->setFixedWidth(84);
    m_speed->setToolTip(tr("Speed"));
    m_speed->setAccessibleName(tr("Speed"));
    m_view->setSpeed(speedOf(m_speed->value()));

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(8, 0, 8, 0);
    bar->setSpacing(4);
    for (QToolButton* button : {m_restart, m_play, m_step}) bar->addWidget(button);
    bar->addWidget(m_speed);
    bar->addStretch(1);
    bar->addWidget(m_depthRow);
    bar->addSpacing(4);
    bar->addWidget(m_inputRow);
    bar->addSpacing(4);
    bar->addWidget(m_outputRow);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(bar);
    column->addWidget(m_view, 1);

    connect(m_restart, &QToolButton::clicked, m_view, &WindowView::restart);
    connect(m_play, &QToolButton::clicked, this,
            [this] { m_view->setPlaying(!m_view->isPlaying()); });
    connect(m_step, &QToolButton::clicked, this, [this] {
        m_view->setPlaying(false);
        m_view->step();
    });
    connect(m_view, &WindowView::playingChanged, this, &WindowPlayer::showPlaying);
    connect(m_view, &WindowView::channelsChanged, this, &WindowPlayer::showChannels);
    connect(m_speed, &QSlider::valueChanged, this,
            [this](int value) { m_view->setSpeed(speedOf(value)); });
    connect(m_output, &QSpinBox::valueChanged, this,
            [this](int value) { m_view->setOutputChannel(value); });
    connect(m_input, &QSpinBox::valueChanged, this,
            [this](int value) { m_view->setInputChannel(value); });
    connect(m_depth, &QSpinBox::valueChanged, this, [this](int value) { m_view->setDepth(value); });
    setFocusProxy(m_view);
    showPlaying();
}

void WindowPlayer::setSums(std::shared_ptr<const WindowSums> sums) {
    m_view->setSums(std::move(sums));
}

void WindowPlayer::showPlaying() {
    const bool playing = m_view->isPlaying();
    setIcon(m_play, playing ? QStringLiteral("pause") : QStringLiteral("play"));
    m_play->setToolTip(playing ? tr("Pause (Space)") : tr("Play (Space)"));
    m_play->setAccessibleName(m_play->toolTip());
}

void WindowPlayer::showChannels() {
    const WindowSums* sums = m_view->sums();
    const auto show = [](QSpinBox* box, QWidget* row, std::int64_t first, std::int64_t count,
                         std::int64_t value) {
        const QSignalBlocker quiet(box);
        box->setRange(static_cast<int>(first), static_cast<int>(first + count - 1));
        box->setValue(static_cast<int>(value));
        row->setVisible(count > 1);
    };
    if (!sums) return;
    // A pool sees one channel at a time: a single choice says both.
    show(m_output, m_outputRow, 0, sums->outputChannels(), m_view->outputChannel());
    m_outputRow->findChild<QLabel*>()->setText(sums->hasWeights() ? tr("filter") : tr("channel"));
    const std::int64_t first = sums->firstSeen(m_view->outputChannel());
    show(m_input, m_inputRow, first, sums->seenCount(), m_view->inputChannel());
    show(m_depth, m_depthRow, 0, sums->geometry().kernel({0, 0, 0})[0], m_view->depth());
}

}  // namespace loom
