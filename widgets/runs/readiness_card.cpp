#include "widgets/runs/readiness_card.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QVBoxLayout>

#include "core/base/machine_memory.h"
#include "core/base/shape.h"
#include "widgets/bridge/problems.h"

namespace loom {

namespace {
// More would bury the first, which is the one to mend.
constexpr int kMostProblems = 4;
/// What reaches the first Output block; null when it is not known.
const Shape* arrivingAtOutput(const Graph& graph, const ShapeReport& shapes) {
    for (const Node& node : graph.nodes) {
        if (node.kind != "Output") continue;
        const BlockReport* block = shapes.find(node.id);
        return block && !block->inputs.empty() ? &block->inputs.front() : nullptr;
    }
    return nullptr;
}

}  // namespace

ClickLabel::ClickLabel(const QString& text, const char* role, QWidget* parent)
    : QLabel(text, parent) {
    setProperty("role", QString::fromLatin1(role));
    setWordWrap(true);
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::TabFocus);
}

void ClickLabel::mouseReleaseEvent(QMouseEvent* event) {
    if (rect().contains(event->position().toPoint())) Q_EMIT clicked();
}

void ClickLabel::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space)
        Q_EMIT clicked();
    else
        QLabel::keyPressEvent(event);
}

ReadinessCard::ReadinessCard(QWidget* parent) : Card({}, parent) {
    body()->addWidget(makeLabel(tr("Before you start"), "strong"));
    m_lines = new QVBoxLayout;
    m_lines->setSpacing(4);
    body()->addLayout(m_lines);
}

bool ReadinessCard::lists(const Diagnostic& problem, const std::vector<Diagnostic>& all) {
    int place = 0;
    for (const Diagnostic& one : all) {
        if (one.severity == Severity::Info) continue;
        if (place++ == kMostProblems) return false;
        if (one.node == problem.node && one.message == problem.message) return true;
    }
    return false;
}

void ReadinessCard::show(const Project& project, const ProjectReport& report,
                         const QString& dataWarning, bool readOnly) {
    while (QLayoutItem* item = m_lines->takeAt(0)) {
        if (QWidget* old = item->widget()) {
            old->hide();
            old->deleteLater();
        }
        delete item;
    }
    int errors = 0;
    int shown = 0;
    bool networkErrors = false;
    bool trainingErrors = false;
    for (const Diagnostic& problem : report.diagnostics) {
        if (problem.severity == Severity::Info) continue;
        const bool error = problem.severity == Severity::Error;
        errors += error && !isUnfinished(problem);
        networkErrors = networkErrors || (error && pageOf(problem) == "network");
        trainingErrors = trainingErrors || (error && pageOf(problem) == "training");
        if (shown == kMostProblems) continue;
        ++shown;
        const Tone tone = toneOf(problem);
        auto* line = new ClickLabel((tone == Tone::Advice ? QStringLiteral("○ ")
                                     : error              ? QStringLiteral("✕ ")
                                                          : QStringLiteral("! ")) +
                                        QString::fromStdString(problem.message),
                                    tone == Tone::Advice ? "muted"
                                    : error              ? "danger"
                                                         : "warning");
        line->setToolTip(QString::fromStdString(problem.hint));
        connect(line, &ClickLabel::clicked, this,
                [this, problem] { Q_EMIT problemChosen(problem); });
        m_lines->addWidget(line);
        if (readOnly || problem.fixes.empty()) continue;
        QPushButton* mend = makeButton(QString::fromStdString(problem.fixes.front().label));
        mend->setObjectName(QStringLiteral("readinessFix"));
        mend->setToolTip(QString::fromStdString(problem.hint));
        connect(mend, &QPushButton::clicked, this,
                [this, fix = problem.fixes.front()] { Q_EMIT fixChosen(fix); });
        m_lines->addWidget(mend, 0, Qt::AlignLeft);
    }
    if (!dataWarning.isEmpty()) {
        auto* line = new ClickLabel(QStringLiteral("! ") + dataWarning, "warning");
        line->setObjectName(QStringLiteral("dataWarning"));
        line->setToolTip(tr("Shows what the check of the data found"));
        connect(line, &ClickLabel::clicked, this, &ReadinessCard::dataWarningChosen);
        m_lines->addWidget(line);
    }
    const auto good = [this](const QString& text) {
        m_lines->addWidget(makeWrappedLabel(QStringLiteral("✓ ") + text, "good"));
    };
    if (!networkErrors && report.dataShape) good(tr("The network fits the data"));
    const loom::Shape* output = arrivingAtOutput(project.network, report.shapes);
    if (!networkErrors && !trainingErrors && output &&
        report.target.type == TargetSpec::Type::ClassIndex && report.target.classes > 0 &&
        output->count() == report.target.classes)
        good(tr("%1 outputs, %2 classes").arg(output->count()).arg(report.target.classes));
    const auto memory = static_cast<double>(machineMemory());
    // More than there is, is an error above.
    if (report.trainingBytes > 0 && memory > 0 &&
        static_cast<double>(report.trainingBytes) <= memory) {
        const auto needed = static_cast<double>(report.trainingBytes);
        const QString text = tr("%1 of %2 memory needed")
                                 .arg(QString::fromStdString(byteText(needed)),
                                      QString::fromStdString(byteText(memory)));
        if (needed < 0.8 * memory)
            good(text);
        else
            m_lines->addWidget(makeWrappedLabel(
                QStringLiteral("! ") + text +
                    tr(": take a smaller batch than %1").arg(project.training.batchSize),
                "warning"));
    }
    setTone(errors > 0 ? QStringLiteral("danger") : QString());
}

}  // namespace loom
