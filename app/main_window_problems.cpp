// Where problems lead, what mends them, and what a file had to say.

#include <QRegularExpression>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/status_strip.h"
#include "widgets/bridge/problems.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/data/data_page.h"
#include "widgets/runs/train_page.h"

namespace loom {

namespace {

/// More would push the page out of a small window; the Design page lists them all.
constexpr std::size_t kMostRemarks = 3;

/// Fields of the project file that stand on the Data page under "Split & load".
bool isAboutLoading(const Diagnostic& problem) {
    for (const char* place : {"data.validation", "data.subset", "data.test_subset",
                              "data.batch_transforms", "training.sampler"})
        if (liesIn(problem, place)) return true;
    return false;
}

}  // namespace

void MainWindow::goToProblem(Diagnostic problem) {
    if (isAboutLoading(problem)) {
        showPage(Data);
        m_data->showView(QStringLiteral("load"));
    } else if (pageOf(problem) == "data") {
        goToData(problem);
    } else if (pageOf(problem) == "training" && problem.node.empty()) {
        showPage(Train);
        m_train->showField(q(problem.section));
        // Said twice, the message would lie over the card that says it.
        if (m_train->showProblem(problem)) return m_status->say({});
    } else {
        showPage(Design);
        m_design->showProblem(problem);
    }
    m_status->sayProblem(problem);
}

void MainWindow::goToData(const Diagnostic& problem) {
    showPage(Data);
    static const QRegularExpression step(
        QStringLiteral("^data\\.(train|test)_transforms(?:\\.(\\d+))?"));
    const QRegularExpressionMatch match = step.match(q(problem.section));
    if (!match.hasMatch()) return;
    m_data->setSplit(match.captured(1) == QLatin1String("test") ? Split::Test : Split::Train);
    // A list that ends wrongly is shown at its end.
    m_data->selectStep(match.captured(2).isEmpty() ? m_data->lastStep()
                                                   : match.captured(2).toInt());
}

void MainWindow::repair() {
    if (currentPage() == Design && m_design->canvas()->overlays()->applyFirstFix()) return;
    const Diagnostic* foremost = foremostProblem(m_document.report());
    if (!foremost) {
        m_status->say(tr("There is nothing to mend."));
        return;
    }
    // A copy: taking the repair replaces the report it is from.
    const Diagnostic problem = *foremost;
    if (!problem.fixes.empty()) {
        if (canvas_edits::applyFix(m_document, problem.fixes.front(),
                                   m_design->canvas()->drawing().scope()))
            m_status->say(
                tr("Done: %1. Ctrl+Z takes it back.").arg(q(problem.fixes.front().label)));
        return;
    }
    goToProblem(problem);
    if (pageOf(problem) != "data") return;
    const QString done = m_data->takeFirstFix();
    if (!done.isEmpty()) m_status->say(tr("Done: %1. Ctrl+Z takes it back.").arg(done));
}

void MainWindow::showRemarks() {
    const std::vector<Diagnostic>& remarks = m_document.remarks();
    if (remarks.empty()) return;
    QStringList lines;
    for (std::size_t i = 0; i < remarks.size() && i < kMostRemarks; ++i)
        lines << problemText(remarks[i]);
    std::vector<NoticeBar::Action> actions;
    if (remarks.size() > kMostRemarks)
        actions.push_back({tr("Show all %1").arg(remarks.size()), [this] {
                               showPage(Design);
                               m_design->showRemarks();
                           }});
    m_notice->show(lines.join(QLatin1Char('\n')), {}, "warning", std::move(actions));
}

}  // namespace loom
