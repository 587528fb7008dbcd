#include "widgets/plots/run_curves.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPixmap>
#include <QSlider>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/plots/chart_number.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

// The slider's travel is denser near 1, where smoothing changes most.
constexpr int kSliderSteps = 100;
double weightAt(int position) {
    return position <= 90 ? position / 100.0 : 0.9 + 0.099 * (position - 90) / 10.0;
}
int positionOf(double weight) {
    return static_cast<int>(
        std::lround(weight <= 0.9 ? weight * 100 : 90 + (weight - 0.9) / 0.099 * 10));
}

/// The sum of a batch and the sum of a set are no figures for one axis: of a summed loss the mean
/// per sample is drawn.
double drawnLoss(double loss, double perSample) {
    return std::isnan(perSample) ? loss : perSample;
}

}  // namespace

RunCurves::RunCurves(QWidget* parent) : QWidget(parent) {
    m_loss = new MetricChart(QStringLiteral("Loss"), ChartUnit::Number);
    m_accuracy = new MetricChart(QStringLiteral("Accuracy"), ChartUnit::Fraction);
    m_loss->linkTo(m_accuracy);
    m_loss->setEmptyText(QStringLiteral("The loss of every step will be drawn here"));
    m_accuracy->setEmptyText(QStringLiteral("The share of pictures the network names rightly"));

    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setRange(0, kSliderSteps);
    m_slider->setFixedWidth(84);
    m_slider->setAccessibleName(QStringLiteral("Smoothing"));
    m_slider->setToolTip(
        QStringLiteral("Smoothing: how far the strong line averages over the faint one"));
    m_sliderText = makeLabel({}, "small");
    m_sliderText->setMinimumWidth(
        m_sliderText->fontMetrics().horizontalAdvance(QStringLiteral("smoothing 0.999")));
    m_loss->headerLayout()->insertWidget(m_loss->headerLayout()->count() - 2, m_slider);
    m_loss->headerLayout()->insertWidget(m_loss->headerLayout()->count() - 2, m_sliderText);
    connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
        const double weight = weightAt(position);
        m_sliderText->setText(QStringLiteral("smoothing %1").arg(QString::number(weight, 'g', 3)));
        m_loss->setSmoothing(weight);
        m_accuracy->setSmoothing(weight);
    });
    m_slider->setValue(positionOf(0.6));

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_loss, 11);
    layout->addWidget(m_accuracy, 10);
}

void RunCurves::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    // Which curve is which matters more than how smooth they are drawn.
    constexpr int kRoomForText = 640, kRoomForSlider = 540;
    m_sliderText->setVisible(width() >= kRoomForText);
    m_slider->setVisible(width() >= kRoomForSlider);
}

QSize RunCurves::minimumSizeHint() const {
    constexpr int kLeast = 300;
    return {kLeast, QWidget::minimumSizeHint().height()};
}

void RunCurves::clear() {
    m_runs.clear();
    m_loss->clear();
    m_accuracy->clear();
}

int RunCurves::addRun(const QString& name, int color) {
    const bool single = name.isEmpty();
    const ChartSeries train{single ? QStringLiteral("train") : name + QStringLiteral(" · train"),
                            single ? ChartSeries::kAccent : color, true, false, false};
    // Test beside train by colour where there is one run; by dashes where the colour names the run.
    const ChartSeries test{single ? QStringLiteral("test") : name + QStringLiteral(" · test"),
                           single ? 1 : color, false, true, !single};
    Run run;
    run.trainLoss = m_loss->addSeries(train);
    run.testLoss = m_loss->addSeries(test);
    run.trainAccuracy = m_accuracy->addSeries(train);
    run.testAccuracy = m_accuracy->addSeries(test);
    run.name = name;
    run.color = color;
    m_runs.push_back(run);
    m_loss->setLegendShown(single);
    m_accuracy->setLegendShown(single);
    return static_cast<int>(m_runs.size()) - 1;
}

void RunCurves::tellStepsPerEpoch(int index, std::int64_t steps) {
    if (steps > 0)
        setStepsPerEpoch(m_runs[static_cast<std::size_t>(index)], static_cast<double>(steps));
}

void RunCurves::setPictureTitle(const QString& title) {
    m_loss->setPictureTitle(title);
    m_accuracy->setPictureTitle(title);
}

void RunCurves::setStepsPerEpoch(Run& run, double steps) {
    run.stepsPerEpoch = steps;
    m_loss->setStepsPerEpoch(run.trainLoss, steps);
    m_loss->setStepsPerEpoch(run.testLoss, steps);
    m_accuracy->setStepsPerEpoch(run.trainAccuracy, steps);
    m_accuracy->setStepsPerEpoch(run.testAccuracy, steps);
    if (run.validationLoss >= 0) {
        m_loss->setStepsPerEpoch(run.validationLoss, steps);
        m_accuracy->setStepsPerEpoch(run.validationAccuracy, steps);
    }
}

void RunCurves::addValidation(Run& run) {
    const bool single = run.name.isEmpty();
    const ChartSeries series{
        single ? QStringLiteral("validation") : run.name + QStringLiteral(" · validation"),
        single ? 2 : run.color, false, true, !single};
    run.validationLoss = m_loss->addSeries(series);
    run.validationAccuracy = m_accuracy->addSeries(series);
    setStepsPerEpoch(run, run.stepsPerEpoch);
}

void RunCurves::append(int index, const std::vector<RunEvent>& events) {
    Run& run = m_runs[static_cast<std::size_t>(index)];
    const bool single = m_runs.size() == 1;
    const RunEvent* lastEpoch = nullptr;
    for (const RunEvent& event : events) {
        if (event.type == RunEvent::Type::Start) {
            setStepsPerEpoch(run, static_cast<double>(event.stepsPerEpoch));
            if (single) {
                m_loss->setExpectedSteps(static_cast<double>(event.totalSteps));
                m_accuracy->setExpectedSteps(static_cast<double>(event.totalSteps));
            }
        } else if (event.type == RunEvent::Type::Step) {
            const double step = static_cast<double>(event.step);
            // A batch of which nothing counts has no loss; that is no alarm.
            run.sums = run.sums || !std::isnan(event.lossPerSample);
            const double loss = drawnLoss(event.loss, event.lossPerSample);
            if (!std::isnan(loss)) m_loss->append(run.trainLoss, step, loss);
            // A loss without classes has no accuracy; that is no alarm.
            if (!std::isnan(event.accuracy))
                m_accuracy->append(run.trainAccuracy, step, event.accuracy);
        } else if (event.type == RunEvent::Type::Epoch) {
            // Runs read back from their tables begin without a start.
            if (run.stepsPerEpoch <= 0 && event.epoch > 0 && event.step > 0)
                setStepsPerEpoch(
                    run, static_cast<double>(event.step) / static_cast<double>(event.epoch));
            const double step = event.step > 0
                                    ? static_cast<double>(event.step)
                                    : static_cast<double>(event.epoch) * run.stepsPerEpoch;
            run.sums = run.sums || !std::isnan(event.testLossPerSample);
            m_loss->append(run.testLoss, step, drawnLoss(event.testLoss, event.testLossPerSample));
            if (event.hasValidation()) {
                if (run.validationLoss < 0) addValidation(run);
                m_loss->append(run.validationLoss, step,
                               drawnLoss(event.validationLoss, event.validationLossPerSample));
                if (!std::isnan(event.validationAccuracy))
                    m_accuracy->append(run.validationAccuracy, step, event.validationAccuracy);
            }
            if (!std::isnan(event.testAccuracy))
                m_accuracy->append(run.testAccuracy, step, event.testAccuracy);
            run.best.offer(event);
            lastEpoch = &event;
        }
    }
    if (single && lastEpoch) showNotes(run, *lastEpoch);
    m_loss->refresh();
    m_accuracy->refresh();
}

void RunCurves::showNotes(const Run& run, const RunEvent& epoch) {
    QStringList loss;
    if (run.sums)
        loss
            << tr("drawn per sample; summed over the test set %1").arg(chartNumber(epoch.testLoss));
    if (run.best.exists()) {
        const RunEvent& best = run.best.epoch();
        if (std::isnan(best.judgedAccuracy()))
            loss << tr("best %1 at epoch %2")
                        .arg(chartNumber(drawnLoss(
                            best.judgedLoss(), best.hasValidation() ? best.validationLossPerSample
                                                                    : best.testLossPerSample)))
                        .arg(best.epoch);
        else
            m_accuracy->setNote(
                tr("best %1 at epoch %2").arg(chartPercent(best.judgedAccuracy())).arg(best.epoch));
    }
    m_loss->setNote(loss.join(QStringLiteral(" · ")));
}

void RunCurves::setSmoothing(double weight) {
    m_slider->setValue(positionOf(weight));
}
double RunCurves::smoothing() const {
    return weightAt(m_slider->value());
}

bool renderRunCurves(const std::vector<RunEvent>& events, const QString& title, const QString& path,
                     QSize size) {
    QWidget page;
    page.setAttribute(Qt::WA_DontShowOnScreen);
    setStyleProperty(&page, "surface", QStringLiteral("window"));
    page.setAutoFillBackground(true);
    page.resize(size);
    auto* layout = new QVBoxLayout(&page);
    layout->setContentsMargins(20, 16, 20, 20);
    layout->setSpacing(12);
    if (!title.isEmpty()) layout->addWidget(makeLabel(title, "title"));
    auto* curves = new RunCurves;
    curves->append(curves->addRun(), events);
    // A picture has no tool tips: both axes say what they are.
    curves->loss()->view()->setValueLabel(QStringLiteral("loss"));
    curves->accuracy()->view()->setValueLabel(QStringLiteral("accuracy"));
    layout->addWidget(curves, 1);
    page.show();
    for (QToolButton* button : page.findChildren<QToolButton*>()) button->hide();
    for (QSlider* slider : page.findChildren<QSlider*>()) slider->hide();
    // Two turns: the first lays the page out, the second draws at the final size.
    QCoreApplication::processEvents();
    curves->loss()->drawNow();
    curves->accuracy()->drawNow();
    for (QToolButton* button : page.findChildren<QToolButton*>()) button->hide();
    QCoreApplication::processEvents();
    return page.grab().save(path, "PNG");
}

}  // namespace loom
