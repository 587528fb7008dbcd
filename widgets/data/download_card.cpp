#include "widgets/data/download_card.h"

#include <QProgressBar>
#include <QThreadPool>
#include <QTimer>
#include <QVBoxLayout>
#include <cmath>
#include <mutex>

#include "core/base/shape.h"
#include "core/data/dataset.h"
#include "widgets/bridge/activity.h"
#include "widgets/bridge/strings.h"

namespace loom {

namespace {

QString sizeText(std::int64_t bytes) {
    return q(byteText(static_cast<double>(bytes)));
}

}  // namespace

/// What both threads look at.
struct DownloadCard::Shared {
    std::mutex mutex;
    DownloadProgress progress;
    std::atomic<bool> stopped = false;
};

QString progressText(const DownloadProgress& progress) {
    QStringList parts;
    if (progress.totalBytes > 0)
        parts << DownloadCard::tr("%1 of %2")
                     .arg(sizeText(progress.bytes), sizeText(progress.totalBytes));
    else
        parts << sizeText(progress.bytes);
    if (progress.doing == DownloadProgress::Doing::Fetching && progress.bytesPerSecond > 1) {
        parts << DownloadCard::tr("%1/s").arg(
            sizeText(static_cast<std::int64_t>(progress.bytesPerSecond)));
        if (progress.totalBytes > progress.bytes) {
            const double seconds =
                static_cast<double>(progress.totalBytes - progress.bytes) / progress.bytesPerSecond;
            parts << (seconds < 90
                          ? DownloadCard::tr("%1 s left").arg(std::ceil(seconds))
                          : DownloadCard::tr("%1 min left").arg(std::llround(seconds / 60)));
        }
    }
    return parts.join(QStringLiteral("  ·  "));
}

DownloadCard::DownloadCard(QWidget* parent) : Card({}, parent) {
    setObjectName(QStringLiteral("downloadCard"));
    m_title = makeWrappedLabel(tr("Get it now"), "strong");
    m_text = makeWrappedLabel({}, "muted");
    m_problem = makeWrappedLabel({}, "danger");
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_progress = makeWrappedLabel({}, "small");
    m_download = makeButton(tr("Download"), ButtonKind::Primary, QStringLiteral("download"));
    m_download->setObjectName(QStringLiteral("downloadDataset"));
    m_cancel = makeButton(tr("Cancel"), ButtonKind::Secondary, QStringLiteral("stop"));
    m_cancel->setObjectName(QStringLiteral("cancelDownload"));
    for (QWidget* widget : {static_cast<QWidget*>(m_title), static_cast<QWidget*>(m_text),
                            static_cast<QWidget*>(m_bar), static_cast<QWidget*>(m_progress),
                            static_cast<QWidget*>(m_problem)})
        body()->addWidget(widget);
    body()->addWidget(m_download, 0, Qt::AlignLeft);
    body()->addWidget(m_cancel, 0, Qt::AlignLeft);
    m_problem->hide();
    m_timer = new QTimer(this);
    m_timer->setInterval(150);
    connect(m_timer, &QTimer::timeout, this, &DownloadCard::showProgress);
    connect(m_download, &QPushButton::clicked, this, &DownloadCard::start);
    connect(m_cancel, &QPushButton::clicked, this, &DownloadCard::cancel);
    setRunning(false);
    hide();
}

DownloadCard::~DownloadCard() {
    if (m_shared) m_shared->stopped = true;
}

void DownloadCard::setRunning(bool running) {
    m_download->setVisible(!running);
    m_cancel->setVisible(running);
    m_cancel->setEnabled(true);
    m_bar->setVisible(running);
    m_progress->setVisible(running);
    if (running)
        m_timer->start();
    else
        m_timer->stop();
    m_activity = running ? std::make_unique<Activity>(tr("Downloading %1").arg(q(m_choice.kind)),
                                                      [this] { cancel(); })
                         : nullptr;
}

void DownloadCard::setChoice(const Choice& choice, bool found) {
    if (!(choice == m_choice)) {
        if (m_shared) m_shared->stopped = true;
        m_job.cancel();
        setRunning(false);
        m_problem->hide();
        m_begun = false;
        m_choice = choice;
    }
    const DatasetKind* kind = datasets().find(choice.kind);
    const bool offered = !found && kind && kind->downloads &&
                         !kind->downloads(Settings(kind->params, choice.params)).empty();
    setVisible(offered);
    if (offered) showOffer();
}

void DownloadCard::showOffer() {
    const DatasetKind* kind = datasets().find(m_choice.kind);
    std::int64_t bytes = 0;
    bool known = true;
    const auto files = kind->downloads(Settings(kind->params, m_choice.params));
    for (const RemoteFile& file : files) {
        bytes += file.bytes;
        known = known && file.bytes > 0;
    }
    const QString count = files.size() == 1 ? tr("1 file") : tr("%1 files").arg(files.size());
    m_text->setText(known ? tr("%1 can be downloaded: %2 in %3. Its checksums are verified.")
                                .arg(q(m_choice.kind), sizeText(bytes), count)
                          : tr("%1 can be downloaded: %2. Their checksums are verified.")
                                .arg(q(m_choice.kind), count));
    m_download->setText(m_begun ? tr("Continue the download") : tr("Download"));
}

void DownloadCard::start() {
    if (m_job.isRunning()) return;
    m_problem->hide();
    m_begun = true;
    m_shared = std::make_shared<Shared>();
    setRunning(true);
    showProgress();
    m_job.start(
        [shared = m_shared, choice = m_choice](const std::atomic<bool>& cancelled) {
            // It waits more than it works, and must not keep previews from a thread.
            QThreadPool::globalInstance()->releaseThread();
            const Status done =
                fetchDataset(choice.kind, choice.params, {}, [&](const DownloadProgress& progress) {
                    const std::lock_guard lock(shared->mutex);
                    shared->progress = progress;
                    return !cancelled && !shared->stopped;
                });
            QThreadPool::globalInstance()->reserveThread();
            return done;
        },
        [this](const Status& done) {
            const bool stopped = m_shared->stopped;
            setRunning(false);
            showOffer();
            if (done) {
                m_begun = false;
                Q_EMIT fetched();
                return;
            }
            const QString hint = q(done.error().hint);
            setStyleProperty(m_problem, "role",
                             stopped ? QStringLiteral("muted") : QStringLiteral("danger"));
            m_problem->setText(stopped ? tr("Cancelled. What has come is kept for the next time.")
                               : hint.isEmpty()
                                   ? q(done.error().message)
                                   : q(done.error().message) + QLatin1Char(' ') + hint);
            m_problem->show();
        });
}

void DownloadCard::cancel() {
    if (m_shared) m_shared->stopped = true;
    m_cancel->setEnabled(false);
}

void DownloadCard::showProgress() {
    if (!m_shared) return;
    DownloadProgress progress;
    {
        const std::lock_guard lock(m_shared->mutex);
        progress = m_shared->progress;
    }
    static const char* const verbs[] = {QT_TR_NOOP("Fetching %1"), QT_TR_NOOP("Checking %1"),
                                        QT_TR_NOOP("Unpacking %1")};
    // Without a total the bar only shows that something happens.
    m_bar->setRange(0, progress.totalBytes > 0 ? 1000 : 0);
    if (m_activity)
        m_activity->setPercent(progress.totalBytes > 0
                                   ? static_cast<int>(100 * progress.bytes / progress.totalBytes)
                                   : -1);
    if (progress.totalBytes > 0)
        m_bar->setValue(static_cast<int>(1000.0 * static_cast<double>(progress.bytes) /
                                         static_cast<double>(progress.totalBytes)));
    if (progress.file.empty()) {
        m_progress->setText(tr("Connecting…"));
        return;
    }
    QString text = tr(verbs[static_cast<int>(progress.doing)]).arg(q(progress.file));
    if (progress.fileCount > 1)
        text += tr(" (%1 of %2)").arg(progress.fileNumber).arg(progress.fileCount);
    m_progress->setText(text + QLatin1Char('\n') + progressText(progress));
}

}  // namespace loom
