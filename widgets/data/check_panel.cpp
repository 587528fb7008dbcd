#include "widgets/data/check_panel.h"

#include <QLabel>
#include <QProgressBar>
#include <QScrollArea>
#include <QThreadPool>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "core/base/shape.h"
#include "core/project/data_check.h"
#include "widgets/bridge/activity.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/finding_card.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr int kPictureSide = 96;

QString countText(std::int64_t count) {
    return q(groupDigits(count));
}

}  // namespace

QString timeLeftText(double done, double seconds) {
    if (done <= 0 || seconds < 0.5) return {};
    const double left = std::max(0.0, seconds / done - seconds);
    return left < 90     ? CheckPanel::tr("%1 s left").arg(std::ceil(left))
           : left < 5400 ? CheckPanel::tr("%1 min left").arg(std::llround(left / 60))
                         : CheckPanel::tr("%1 h left").arg(left / 3600, 0, 'f', 1);
}

CheckPanel::CheckPanel(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(14, 12, 14, 14);
    column->setSpacing(10);
    column->addWidget(makeHead());
    m_list = new QVBoxLayout;
    m_list->setSpacing(10);
    column->addLayout(m_list);
    column->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeScrollColumn(content));
    m_timer = new QTimer(this);
    m_timer->setInterval(100);
    connect(m_timer, &QTimer::timeout, this, &CheckPanel::showProgress);
    connect(m_controller, &DocumentController::reportChanged, this, &CheckPanel::documentChanged);
    connect(m_controller, &DocumentController::documentReset, this, &CheckPanel::documentChanged);
    setRunning(false);
    documentChanged();
}

CheckPanel::~CheckPanel() {
    if (m_progress) m_progress->stopped = true;
}

QWidget* CheckPanel::makeHead() {
    auto* card = new Card;
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* words = new QVBoxLayout;
    words->setSpacing(4);
    words->addWidget(makeLabel(tr("Is the data sound?"), "heading"));
    m_summary = makeWrappedLabel({}, "muted");
    m_outdated = makeWrappedLabel(
        tr("The data or the transforms have been changed since. Check again."), "warning");
    words->addWidget(m_summary);
    words->addWidget(m_outdated);
    row->addLayout(words, 1);
    m_check = makeButton(tr("Check the data"), ButtonKind::Primary, QStringLiteral("check"));
    m_check->setObjectName(QStringLiteral("checkData"));
    m_stop = makeButton(tr("Stop"), ButtonKind::Secondary, QStringLiteral("stop"));
    m_stop->setObjectName(QStringLiteral("stopCheck"));
    row->addWidget(m_check, 0, Qt::AlignTop);
    row->addWidget(m_stop, 0, Qt::AlignTop);
    card->body()->addLayout(row);
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    m_progressText = makeLabel({}, "small");
    card->body()->addWidget(m_bar);
    card->body()->addWidget(m_progressText);
    connect(m_check, &QPushButton::clicked, this, &CheckPanel::start);
    connect(m_stop, &QPushButton::clicked, this, &CheckPanel::stop);
    return card;
}

void CheckPanel::setRunning(bool running) {
    m_check->setVisible(!running);
    m_stop->setVisible(running);
    m_stop->setEnabled(true);
    m_bar->setVisible(running);
    m_progressText->setVisible(running);
    if (running)
        m_timer->start();
    else
        m_timer->stop();
    m_activity = running ? std::make_unique<Activity>(tr("Checking the data"), [this] { stop(); })
                         : nullptr;
}

void CheckPanel::documentChanged() {
    const DataSection& section = m_controller->project().data;
    const bool otherSet = !(m_checked.dataset == section.dataset);
    if (otherSet && (m_report || m_job.isRunning())) {
        if (m_progress) m_progress->stopped = true;
        m_job.cancel();
        m_report.reset();
        setRunning(false);
        showReport();
        Q_EMIT reportChanged();
    }
    m_check->setEnabled(m_controller->report().location.found);
    m_outdated->setVisible(m_report && (m_checked.trainTransforms != section.trainTransforms ||
                                        m_checked.testTransforms != section.testTransforms));
    if (!m_report && !m_job.isRunning()) showReport();
}

void CheckPanel::start() {
    if (m_job.isRunning() || !m_controller->report().location.found) return;
    m_checked = m_controller->project().data;
    m_progress = std::make_shared<Progress>();
    m_clock.start();
    m_outdated->hide();
    setRunning(true);
    showProgress();
    const DatasetCheckRequest request =
        dataCheckRequest(m_controller->project(), m_controller->report());
    m_job.start(
        [request, progress = m_progress](const std::atomic<bool>& cancelled) {
            // It may go on for hours, and must not keep previews from a thread.
            QThreadPool::globalInstance()->releaseThread();
            auto report = checkDataset(request, [&](const DatasetCheckProgress& now) {
                progress->done = now.done;
                progress->total = now.total;
                return !cancelled && !progress->stopped;
            });
            QThreadPool::globalInstance()->reserveThread();
            return report;
        },
        [this](DatasetCheckReport report) {
            m_report = std::move(report);
            setRunning(false);
            showReport();
            documentChanged();
            Q_EMIT reportChanged();
        });
}

void CheckPanel::stop() {
    if (m_progress) m_progress->stopped = true;
    m_stop->setEnabled(false);
}

void CheckPanel::showProgress() {
    if (!m_progress) return;
    const auto done = static_cast<double>(m_progress->done);
    const auto total = static_cast<double>(std::max<std::int64_t>(1, m_progress->total));
    m_bar->setValue(static_cast<int>(1000 * done / total));
    if (m_activity && m_progress->total > 0)
        m_activity->setPercent(static_cast<int>(100 * done / total));
    QStringList parts;
    if (m_progress->total == 0)
        parts << tr("Opening the data set…");
    else
        parts << tr("%1 of %2 samples")
                     .arg(countText(m_progress->done), countText(m_progress->total));
    const QString left = timeLeftText(done / total, static_cast<double>(m_clock.elapsed()) / 1000);
    if (!left.isEmpty()) parts << left;
    m_progressText->setText(parts.join(QStringLiteral("  ·  ")));
}

QString CheckPanel::warningLine() const {
    if (!m_report) return {};
    QStringList titles;
    for (const DataFinding& finding : m_report->findings)
        if (finding.severity != Severity::Info) titles << q(finding.title);
    if (titles.isEmpty()) return {};
    return tr("The check of the data found: %1").arg(titles.join(QStringLiteral(", ")));
}

void CheckPanel::showReport() {
    while (QLayoutItem* item = m_list->takeAt(0)) {
        if (QWidget* old = item->widget()) {
            old->hide();
            old->deleteLater();
        }
        delete item;
    }
    m_cards.clear();
    m_pictureJob.cancel();
    if (!m_report) {
        m_summary->setText(
            m_controller->report().location.found
                ? tr("Reads every sample once and looks for unreadable files, equal pictures in "
                     "training and test, uneven or empty classes, labels that do not fit the "
                     "network, and a Normalize that does not fit the data.")
                : tr("The data set is not on this machine yet; the panel on the left says how to "
                     "get it."));
        m_check->setText(tr("Check the data"));
        return;
    }
    int errors = 0, warnings = 0, notes = 0;
    for (const DataFinding& finding : m_report->findings)
        ++(finding.severity == Severity::Error     ? errors
           : finding.severity == Severity::Warning ? warnings
                                                   : notes);
    QStringList found;
    if (errors > 0) found << (errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors));
    if (warnings > 0) found << (warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings));
    if (notes > 0) found << (notes == 1 ? tr("1 note") : tr("%1 notes").arg(notes));
    if (found.isEmpty()) found << tr("Nothing to complain of");
    const QString seconds = tr("%1 samples read in %2 s")
                                .arg(countText(m_report->looked))
                                .arg(m_report->seconds, 0, 'f', m_report->seconds < 10 ? 1 : 0);
    m_summary->setText(
        found.join(QStringLiteral(", ")) + QStringLiteral("  ·  ") + seconds +
        (m_report->complete ? QString() : QStringLiteral("  ·  ") + tr("stopped before the end")));
    m_check->setText(tr("Check again"));
    for (const DataFinding& finding : m_report->findings) {
        auto* card = new FindingCard(finding);
        connect(card, &FindingCard::fixAsked, this, &CheckPanel::applyFix);
        connect(card, &FindingCard::samplesAsked, this, [this, card] {
            std::vector<BrowserItem> items;
            for (const FoundSample& sample : card->finding().samples)
                items.push_back({sample.split, sample.index});
            QString title = q(card->finding().title);
            const auto listed = static_cast<std::int64_t>(items.size());
            title += listed < card->finding().count
                         ? tr(": the first %1 of %2").arg(listed).arg(card->finding().count)
                         : QStringLiteral(": %1").arg(countText(listed));
            Q_EMIT samplesAsked(title, items);
        });
        m_list->addWidget(card);
        m_cards.push_back(card);
    }
    if (!m_report->passed.empty()) {
        auto* card = new Card(tr("In order"));
        for (const std::string& sentence : m_report->passed)
            card->body()->addWidget(makeWrappedLabel(QStringLiteral("✓ ") + q(sentence), "good"));
        m_list->addWidget(card);
    }
    readPictures();
}

void CheckPanel::readPictures() {
    std::vector<std::vector<BrowserItem>> wanted;
    for (const DataFinding& finding : m_report->findings) {
        wanted.emplace_back();
        for (std::size_t i = 0; i < std::min(kPicturedSamples, finding.samples.size()); ++i)
            wanted.back().push_back({finding.samples[i].split, finding.samples[i].index});
    }
    m_pictureJob.start(
        [wanted = std::move(wanted),
         choice = m_checked.dataset](const std::atomic<bool>& cancelled) {
            std::array<std::shared_ptr<const Dataset>, 2> sets;
            for (const Split split : {Split::Train, Split::Test})
                if (auto opened = openDataset(choice.kind, choice.params, split))
                    sets[static_cast<std::size_t>(split)] = *opened;
            std::vector<std::vector<QImage>> pictures;
            for (const auto& items : wanted) {
                pictures.emplace_back();
                for (const BrowserItem& item : items) {
                    const auto& set = sets[static_cast<std::size_t>(item.split)];
                    pictures.back().push_back(
                        cancelled || !set ? QImage()
                                          : readThumbnail(*set, item.index, kPictureSide).image);
                }
            }
            return pictures;
        },
        [this](std::vector<std::vector<QImage>> pictures) {
            for (std::size_t i = 0; i < std::min(pictures.size(), m_cards.size()); ++i)
                m_cards[i]->setPictures(std::move(pictures[i]));
        });
}

void CheckPanel::applyFix(const DataFix& fix) {
    const bool done = m_controller->edit(
        q(fix.label), [&](const Project& project) { return applyDataFix(project, fix); });
    // The report is of the project as it was; what is mended shows by checking anew.
    if (done) start();
}

}  // namespace loom
