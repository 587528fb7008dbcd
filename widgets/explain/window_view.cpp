#include "widgets/explain/window_view.h"

#include <QKeyEvent>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/explain/window_text.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kTick = 33;      // milliseconds between two pictures
constexpr double kRest = 1.2;  // seconds that a finished picture stands

}  // namespace

WindowView::WindowView(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("The window sliding over the input"));
    m_timer.setInterval(kTick);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &WindowView::advance);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void WindowView::setSums(std::shared_ptr<const WindowSums> sums) {
    const bool sameSize =
        m_sums && sums && m_sums->geometry().output() == sums->geometry().output();
    m_sums = std::move(sums);
    if (m_sums) {
        m_outputChannel = std::min(m_outputChannel, m_sums->outputChannels() - 1);
        m_depth = std::min(m_depth, m_sums->geometry().kernel({0, 0, 0})[0] - 1);
        if (!sameSize) {
            // Half of the output is there already, so that the picture says something at once.
            m_place = tellingPlace();
            m_seen.assign(static_cast<std::size_t>(m_sums->geometry().outputCount()), false);
            std::fill(m_seen.begin(), m_seen.begin() + m_place + 1, true);
        }
        setInputChannel(m_inputChannel);
    }
    m_hoveredInput.reset();
    rebuildImages();
    layOut();
    updateTimer();
    moved();
    Q_EMIT channelsChanged();
}

std::int64_t WindowView::tellingPlace() const {
    const WindowGeometry& geometry = m_sums->geometry();
    const std::int64_t count = geometry.outputCount();
    double mean = 0;
    for (std::int64_t place = 0; place < count; ++place)
        mean += m_sums->output(m_outputChannel, place) / static_cast<double>(count);
    const auto strength = [&](std::int64_t place) {
        return std::abs(m_sums->output(m_outputChannel, place) - mean);
    };
    const Cell sides = geometry.output();
    std::int64_t best = geometry.outputIndex({sides[0] / 2, sides[1] / 2, sides[2] / 2});
    for (std::int64_t row = sides[1] * 2 / 5; row <= sides[1] * 3 / 5 && row < sides[1]; ++row)
        for (std::int64_t column = sides[2] / 5; column < sides[2] * 4 / 5; ++column)
            if (const auto place = geometry.outputIndex({sides[0] / 2, row, column});
                strength(place) > strength(best))
                best = place;
    return best;
}

void WindowView::setOutputChannel(std::int64_t channel) {
    if (!m_sums) return;
    m_outputChannel = std::clamp<std::int64_t>(channel, 0, m_sums->outputChannels() - 1);
    setInputChannel(m_inputChannel);
}

void WindowView::setInputChannel(std::int64_t channel) {
    if (!m_sums) return;
    const std::int64_t first = m_sums->firstSeen(m_outputChannel);
    m_inputChannel = std::clamp(channel, first, first + m_sums->seenCount() - 1);
    rebuildImages();
    moved();
    Q_EMIT channelsChanged();
}

void WindowView::setDepth(std::int64_t depth) {
    if (!m_sums) return;
    m_depth = std::clamp<std::int64_t>(depth, 0, m_sums->geometry().kernel({0, 0, 0})[0] - 1);
    rebuildImages();
    moved();
    Q_EMIT channelsChanged();
}

void WindowView::setPlace(std::int64_t place) {
    if (!m_sums) return;
    const std::int64_t last = m_sums->geometry().outputCount() - 1;
    const std::int64_t depthBefore = m_sums->geometry().outputAt(m_place)[0];
    m_place = std::clamp<std::int64_t>(place, 0, last);
    markSeen(m_place);
    if (m_sums->geometry().outputAt(m_place)[0] != depthBefore) rebuildImages();
    moved();
}

void WindowView::step() {
    if (!m_sums) return;
    if (m_place + 1 >= m_sums->geometry().outputCount()) return restart();
    setPlace(m_place + 1);
}

void WindowView::restart() {
    if (!m_sums) return;
    m_seen.assign(m_seen.size(), false);
    m_place = 0;
    m_seen[0] = true;
    rebuildImages();
    moved();
}

void WindowView::setPlaying(bool playing) {
    if (playing == m_playing) return;
    m_playing = playing;
    updateTimer();
    Q_EMIT playingChanged(playing);
}

std::int64_t WindowView::seenOutputs() const {
    return std::count(m_seen.begin(), m_seen.end(), true);
}

WindowSums::Sum WindowView::currentSum() const {
    if (!m_sums) return {};
    return m_sums->at(m_sums->geometry().outputAt(m_place), m_outputChannel, m_inputChannel,
                      m_depth);
}

QString WindowView::sentence() const {
    return m_sums ? sumSentence(*m_sums, currentSum()) : QString();
}

void WindowView::markSeen(std::int64_t place) {
    m_seen[static_cast<std::size_t>(place)] = true;
    const WindowGeometry& geometry = m_sums->geometry();
    const Cell cell = geometry.outputAt(place), now = geometry.outputAt(m_place);
    if (m_outputImage.isNull() || cell[0] != now[0]) return;
    const int grey = greyOf(m_sums->output(m_outputChannel, place), m_outputLow, m_outputHigh);
    m_outputImage.setPixel(static_cast<int>(cell[2]), static_cast<int>(cell[1]),
                           qRgba(grey, grey, grey, 255));
}

std::int64_t WindowView::shownInputDepth() const {
    const WindowGeometry& geometry = m_sums->geometry();
    if (geometry.rank() < 3) return 0;
    for (const WindowTap& tap : geometry.taps(geometry.outputAt(m_place)))
        if (tap.kernel[0] == m_depth) return tap.at[0];
    return 0;
}

void WindowView::rebuildImages() {
    if (!m_sums) return;
    const WindowGeometry& geometry = m_sums->geometry();
    const Cell &in = geometry.input(), &out = geometry.output();
    const auto spread = [](auto value, std::int64_t count, float& low, float& high) {
        low = std::numeric_limits<float>::max();
        high = std::numeric_limits<float>::lowest();
        for (std::int64_t i = 0; i < count; ++i) {
            const float number = value(i);
            if (!std::isfinite(number)) continue;
            low = std::min(low, number);
            high = std::max(high, number);
        }
    };
    spread([&](std::int64_t i) { return m_sums->input(m_inputChannel, i); }, geometry.inputCount(),
           m_inputLow, m_inputHigh);
    spread([&](std::int64_t i) { return m_sums->output(m_outputChannel, i); },
           geometry.outputCount(), m_outputLow, m_outputHigh);
    m_inputImageDepth = shownInputDepth();
    m_inputImage = QImage(static_cast<int>(in[2]), static_cast<int>(in[1]), QImage::Format_RGB32);
    const bool inside = m_inputImageDepth >= 0 && m_inputImageDepth < in[0];
    for (std::int64_t row = 0; row < in[1]; ++row) {
        auto* line = reinterpret_cast<QRgb*>(m_inputImage.scanLine(static_cast<int>(row)));
        for (std::int64_t column = 0; column < in[2]; ++column) {
            // A slice beyond the edge is padding, of zeros.
            const float value =
                inside ? m_sums->input(m_inputChannel,
                                       (m_inputImageDepth * in[1] + row) * in[2] + column)
                       : 0;
            const int grey = greyOf(value, m_inputLow, m_inputHigh);
            line[column] = qRgb(grey, grey, grey);
        }
    }
    const std::int64_t depth = geometry.outputAt(m_place)[0];
    m_outputImage =
        QImage(static_cast<int>(out[2]), static_cast<int>(out[1]), QImage::Format_ARGB32);
    for (std::int64_t row = 0; row < out[1]; ++row) {
        auto* line = reinterpret_cast<QRgb*>(m_outputImage.scanLine(static_cast<int>(row)));
        for (std::int64_t column = 0; column < out[2]; ++column) {
            const std::int64_t place = geometry.outputIndex({depth, row, column});
            const int grey =
                greyOf(m_sums->output(m_outputChannel, place), m_outputLow, m_outputHigh);
            line[column] = m_seen[static_cast<std::size_t>(place)] ? qRgba(grey, grey, grey, 255)
                                                                   : qRgba(0, 0, 0, 0);
        }
    }
    m_weightScale = 0;
    const Cell kernel = geometry.kernel({0, 0, 0});
    for (std::int64_t row = 0; row < kernel[1] && m_sums->hasWeights(); ++row)
        for (std::int64_t column = 0; column < kernel[2]; ++column)
            m_weightScale = std::max(
                m_weightScale,
                std::abs(m_sums->weight(m_outputChannel, m_inputChannel, {m_depth, row, column})));
}

void WindowView::advance() {
    if (!m_sums) return;
    const double elapsed = static_cast<double>(m_clock.restart()) / 1000;
    // After a pause of the machine the picture goes on, it does not leap.
    m_due += std::min(elapsed, 0.2) * m_speed;
    const auto steps = static_cast<std::int64_t>(m_due);
    m_due -= static_cast<double>(steps);
    if (steps == 0) return;
    const std::int64_t count = m_sums->geometry().outputCount();
    if (m_place + 1 >= count) return restart();
    const std::int64_t target = std::min(m_place + steps, count - 1);
    // The finished picture stands for a moment before it begins again.
    if (target == count - 1) m_due = -kRest * m_speed;
    for (std::int64_t place = m_place + 1; place < target; ++place)
        m_seen[static_cast<std::size_t>(place)] = true;
    if (steps > 1) {
        m_place = target;
        m_seen[static_cast<std::size_t>(target)] = true;
        rebuildImages();
        moved();
    } else {
        setPlace(target);
    }
}

void WindowView::updateTimer() {
    const bool run = m_playing && m_sums && isVisible() && !m_dragging && !m_resting;
    if (run == m_timer.isActive()) return;
    if (run) {
        m_clock.start();
        m_timer.start();
    } else {
        m_timer.stop();
    }
}

void WindowView::moved() {
    if (m_sums && m_sums->geometry().rank() == 3 && shownInputDepth() != m_inputImageDepth)
        rebuildImages();
    if (!m_timer.isActive()) setAccessibleDescription(sentence());
    update();
    Q_EMIT placeChanged(m_place);
}

void WindowView::chooseNear(const QPointF& point) {
    if (const auto cell = m_input.at(point)) {
        const WindowGeometry& geometry = m_sums->geometry();
        Cell near = geometry.outputNear({0, (*cell)[1], (*cell)[2]});
        near[0] = geometry.outputAt(m_place)[0];
        setPlace(geometry.outputIndex(near));
    }
}

void WindowView::mousePressEvent(QMouseEvent* event) {
    if (!m_sums || event->button() != Qt::LeftButton) return;
    if (m_input.at(event->position())) {
        m_dragging = true;
        updateTimer();
        chooseNear(event->position());
    } else if (m_output.at(event->position())) {
        // Stays where it was pointed at.
        setPlaying(false);
    }
}

void WindowView::mouseMoveEvent(QMouseEvent* event) {
    if (!m_sums) return;
    if (m_dragging) return chooseNear(event->position());
    const auto output = m_output.at(event->position());
    m_resting = output.has_value();
    if (output) {
        Cell cell = *output;
        cell[0] = m_sums->geometry().outputAt(m_place)[0];
        setPlace(m_sums->geometry().outputIndex(cell));
    }
    updateTimer();
    const auto input = m_input.at(event->position());
    setCursor(input ? Qt::OpenHandCursor : output ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (input != m_hoveredInput) {
        m_hoveredInput = input;
        if (m_sums->geometry().window().transposed) update();
    }
}

void WindowView::mouseReleaseEvent(QMouseEvent*) {
    m_dragging = false;
    updateTimer();
}

void WindowView::leaveEvent(QEvent*) {
    m_resting = false;
    m_hoveredInput.reset();
    updateTimer();
    update();
}

void WindowView::keyPressEvent(QKeyEvent* event) {
    if (!m_sums || event->modifiers() & ~Qt::KeypadModifier) return QWidget::keyPressEvent(event);
    const std::int64_t row = m_sums->geometry().output()[2];
    switch (event->key()) {
        case Qt::Key_Left:
            setPlaying(false);
            return setPlace(m_place - 1);
        case Qt::Key_Right:
            setPlaying(false);
            return setPlace(m_place + 1);
        case Qt::Key_Up:
            setPlaying(false);
            if (m_place >= row) setPlace(m_place - row);
            return;
        case Qt::Key_Down:
            setPlaying(false);
            if (m_place + row < m_sums->geometry().outputCount()) setPlace(m_place + row);
            return;
        case Qt::Key_Space:
            return setPlaying(!m_playing);
        case Qt::Key_Home:
            return restart();
        default:
            QWidget::keyPressEvent(event);
    }
}

bool WindowView::event(QEvent* event) {
    // Space pauses this picture, not the training, while the picture has the keyboard.
    if (event->type() == QEvent::ShortcutOverride) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Space || key == Qt::Key_Home) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void WindowView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    updateTimer();
}

void WindowView::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    m_resting = m_dragging = false;
    updateTimer();
}

void WindowView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    layOut();
}

}  // namespace loom
