#include "widgets/runs/run_progress.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "core/base/shape.h"
#include "widgets/style/row_fit.h"

namespace loom {

namespace {

// Speed over this long: shorter jumps, longer lags behind.
constexpr double kWindowSeconds = 5;

QString grouped(std::int64_t number) {
    return QString::fromStdString(groupDigits(number));
}

}  // namespace

void RunProgress::begin(std::int64_t batchSize) {
    *this = RunProgress();
    m_batch = batchSize;
}

void RunProgress::add(const RunEvent& event) {
    switch (event.type) {
        case RunEvent::Type::Start:
            m_total = event.totalSteps;
            m_stepsPerEpoch = event.stepsPerEpoch;
            m_epochs = event.epochs;
            break;
        case RunEvent::Type::Step:
            m_step = event.step;
            m_epoch = event.epoch;
            m_elapsed = event.elapsed;
            m_lastStepElapsed = event.elapsed;
            m_rate = event.lr;
            m_loss = event.loss;
            m_marks.push_back({event.step, event.elapsed});
            while (m_marks.size() > 2 && m_marks.front().elapsed < event.elapsed - kWindowSeconds)
                m_marks.pop_front();
            break;
        case RunEvent::Type::Epoch:
            m_elapsed = std::max(m_elapsed, event.elapsed);
            m_testSeconds = std::max(0.0, event.elapsed - m_lastStepElapsed);
            m_best.offer(event);
            // The test pass is no training: the next epoch's speed starts afresh.
            m_marks.clear();
            break;
        case RunEvent::Type::Skipped:
            m_skipped = event.skipped;
            m_skippedMessage = QString::fromStdString(event.message);
            break;
        case RunEvent::Type::Finish:
            m_elapsed = std::max(m_elapsed, event.elapsed);
            break;
        default:
            break;
    }
}

double RunProgress::fraction() const {
    return m_total > 0 ? static_cast<double>(m_step) / static_cast<double>(m_total) : 0;
}

double RunProgress::samplesPerSecond() const {
    if (m_marks.size() < 2)
        return m_elapsed > 0 && m_step > 0 ? static_cast<double>(m_step * m_batch) / m_elapsed
                                           : kNoNumber;
    const double seconds = m_marks.back().elapsed - m_marks.front().elapsed;
    if (seconds <= 0) return kNoNumber;
    return static_cast<double>((m_marks.back().step - m_marks.front().step) * m_batch) / seconds;
}

double RunProgress::secondsLeft() const {
    const double speed = samplesPerSecond();
    if (std::isnan(speed) || speed <= 0 || m_batch <= 0) return kNoNumber;
    const double tests = m_stepsPerEpoch > 0 ? std::ceil(static_cast<double>(m_total - m_step) /
                                                         static_cast<double>(m_stepsPerEpoch))
                                             : 0;
    return static_cast<double>((m_total - m_step) * m_batch) / speed + tests * m_testSeconds;
}

QString RunProgress::text() const {
    QString text = QObject::tr("step %1 of %2").arg(grouped(m_step), grouped(m_total));
    const double speed = samplesPerSecond();
    if (!std::isnan(speed))
        text += QObject::tr(" · %1 samples/s").arg(grouped(std::llround(speed)));
    const double left = secondsLeft();
    if (!std::isnan(left) && m_step < m_total)
        text += QObject::tr(" · %1 left").arg(durationText(left));
    if (m_skipped == 1) text += QObject::tr(" · 1 sample left out");
    if (m_skipped > 1) text += QObject::tr(" · %1 samples left out").arg(grouped(m_skipped));
    return text;
}

QString durationText(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
    if (whole < 60) return QObject::tr("%1 s").arg(whole);
    if (whole < 3600) return QObject::tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    return QObject::tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString bestText(const RunEvent& epoch) {
    const bool validation = epoch.hasValidation();
    if (std::isnan(epoch.judgedAccuracy()))
        return (validation ? QObject::tr("Best validation loss %1 after epoch %2.")
                           : QObject::tr("Best test loss %1 after epoch %2."))
            .arg(QString::number(epoch.judgedLoss(), 'g', 4))
            .arg(epoch.epoch);
    return (validation ? QObject::tr("Best validation accuracy %1 % after epoch %2.")
                       : QObject::tr("Best test accuracy %1 % after epoch %2."))
        .arg(QString::number(epoch.judgedAccuracy() * 100, 'f', 1))
        .arg(epoch.epoch);
}

ProgressCard::ProgressCard(QWidget* parent) : Card({}, parent) {
    auto* row = new QHBoxLayout;
    row->setSpacing(14);
    m_title = makeLabel({}, "strong");
    m_bar = new QProgressBar;
    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    // In a narrow window what it says is cut before the bar goes.
    m_text = new ElidedLabel;
    m_text->setProperty("role", QStringLiteral("muted"));
    m_text->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_bar->setMinimumWidth(60);
    row->addWidget(m_title);
    row->addWidget(m_bar, 1);
    row->addWidget(m_text);
    body()->addLayout(row);

    m_endRow = new QWidget;
    auto* end = new QHBoxLayout(m_endRow);
    end->setContentsMargins(0, 0, 0, 0);
    m_result = makeWrappedLabel({});
    m_export = makeButton(tr("Export weights…"), ButtonKind::Secondary, QStringLiteral("export"));
    m_folder = makeButton(tr("Open run folder"), ButtonKind::Secondary, QStringLiteral("folder"));
    m_resume = makeButton(tr("Resume"), ButtonKind::Secondary, QStringLiteral("play"));
    m_resume->setToolTip(tr("Goes on where this run was stopped, to the bit"));
    end->addWidget(m_result, 1);
    end->addWidget(m_resume);
    end->addWidget(m_export);
    end->addWidget(m_folder);
    m_result->setMinimumWidth(140);
    new RowFit(this, end, {m_folder, m_export});
    body()->addWidget(m_endRow);
    connect(m_export, &QPushButton::clicked, this, &ProgressCard::exportAsked);
    connect(m_folder, &QPushButton::clicked, this, &ProgressCard::folderAsked);
    connect(m_resume, &QPushButton::clicked, this, &ProgressCard::resumeAsked);
    showIdle({});
}

void ProgressCard::showIdle(const QString& text, bool ready) {
    m_title->setText(ready ? tr("Ready") : tr("Not ready yet"));
    m_text->setFullText(text);
    m_bar->setValue(0);
    m_endRow->hide();
    setStyleProperty(m_bar, "state", QString());
}

void ProgressCard::showProgress(const RunProgress& progress, const QString& state) {
    const std::int64_t epoch = std::max<std::int64_t>(1, progress.epoch());
    QString title = progress.epochs() > 0 ? tr("Epoch %1 of %2").arg(epoch).arg(progress.epochs())
                                          : tr("Starting");
    if (!state.isEmpty()) title += QStringLiteral(" · ") + state;
    m_title->setText(title);
    m_bar->setValue(static_cast<int>(progress.fraction() * 1000));
    m_text->setToolTip(progress.skippedMessage());
    m_text->setFullText(progress.totalSteps() > 0
                            ? progress.text()
                            : tr("opening the data and building the network"));
    m_endRow->hide();
    setStyleProperty(m_bar, "state", QString());
}

void ProgressCard::showEnd(const RunProgress& progress, const QString& status,
                           const QString& message, const QString& hint, bool hasFolder) {
    const bool finished = status == QLatin1String("finished");
    const bool bad = status == QLatin1String("failed") || status == QLatin1String("diverged");
    m_title->setText(finished                                 ? tr("Finished")
                     : status == QLatin1String("stopped")     ? tr("Stopped")
                     : status == QLatin1String("diverged")    ? tr("Diverged")
                     : status == QLatin1String("interrupted") ? tr("Interrupted")
                     : status == QLatin1String("running")     ? tr("Training")
                                                              : tr("Failed"));
    m_bar->setValue(static_cast<int>(progress.fraction() * 1000));
    m_text->setFullText(
        tr("%1 steps in %2").arg(grouped(progress.step()), durationText(progress.elapsed())));
    setStyleProperty(m_bar, "state",
                     bad        ? QStringLiteral("danger")
                     : finished ? QStringLiteral("good")
                                : QString());
    QString result;
    if (bad) {
        result = hint.isEmpty() ? message : message + QLatin1Char(' ') + hint;
    } else if (progress.best().exists()) {
        result = bestText(progress.best().epoch());
    } else if (!std::isnan(progress.lastLoss())) {
        result =
            tr("The last batch's loss was %1.").arg(QString::number(progress.lastLoss(), 'g', 4));
    }
    m_result->setText(result);
    setStyleProperty(m_result, "role", bad ? QStringLiteral("danger") : QString());
    m_export->setVisible(progress.step() > 0);
    m_folder->setVisible(hasFolder);
    m_resume->setVisible(hasFolder && status == QLatin1String("stopped"));
    m_endRow->show();
}

}  // namespace loom
