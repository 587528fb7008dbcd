#include "widgets/runs/run_buttons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <algorithm>
#include <cstdint>

#include "widgets/style/controls.h"
#include "widgets/style/row_fit.h"

namespace loom {

namespace {

constexpr int kMostEpochs = 1'000'000;
constexpr int kUsualEpochs = 5;

void enable(QPushButton* button, const QString& whyNot, const QString& does) {
    button->setEnabled(whyNot.isEmpty());
    button->setToolTip(whyNot.isEmpty() ? does : whyNot);
}

}  // namespace

RunButtons::RunButtons(QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    m_try = makeButton(tr("Try it"), ButtonKind::Secondary, QStringLiteral("image"));
    m_export = makeButton(tr("Export weights…"), ButtonKind::Secondary, QStringLiteral("export"));
    m_resume = makeButton(tr("Resume"), ButtonKind::Secondary, QStringLiteral("play"));
    m_stop = makeButton(tr("Stop"), ButtonKind::Secondary, QStringLiteral("stop"));
    m_try->setObjectName(QStringLiteral("tryRun"));
    m_export->setObjectName(QStringLiteral("exportRun"));
    m_resume->setObjectName(QStringLiteral("resumeRun"));
    m_stop->setObjectName(QStringLiteral("stopRun"));
    m_moreRow = new QWidget;
    auto* more = new QHBoxLayout(m_moreRow);
    more->setContentsMargins(0, 0, 0, 0);
    more->setSpacing(6);
    m_more = new QSpinBox;
    m_more->setObjectName(QStringLiteral("moreEpochs"));
    m_more->setRange(1, kMostEpochs);
    m_more->setValue(kUsualEpochs);
    m_more->setAccessibleName(tr("Epochs to train on for"));
    m_more->setToolTip(tr("This run has had all its epochs; it can go on for so many more"));
    more->addWidget(makeLabel(tr("for"), "muted"));
    more->addWidget(m_more);
    more->addWidget(makeLabel(tr("more epochs"), "muted"));
    row->addWidget(m_try);
    row->addWidget(m_export);
    row->addWidget(m_resume);
    row->addWidget(m_moreRow);
    row->addWidget(m_stop);
    row->addStretch(1);
    new RowFit(this, row, {m_resume, m_try, m_stop, m_export});
    connect(m_try, &QPushButton::clicked, this, &RunButtons::tryAsked);
    connect(m_export, &QPushButton::clicked, this, &RunButtons::exportAsked);
    connect(m_resume, &QPushButton::clicked, this,
            [this] { Q_EMIT resumeAsked(m_moreRow->isHidden() ? 0 : m_more->value()); });
    connect(m_stop, &QPushButton::clicked, this, &RunButtons::stopAsked);
    show(nullptr, false);
}

void RunButtons::show(const RunRecord* record, bool busy) {
    const bool running = record && record->status == "running";
    const QString one = record ? QString() : tr("Choose one run of the list.");
    const QString weights = !record || !record->weights.empty()
                                ? one
                                : tr("This run has no weights yet: they are kept after its first "
                                     "epoch and at its end.");
    const QString resume = !record   ? one
                           : running ? tr("This run is still going on.")
                           : busy    ? tr("Another run is training in this window; stop it first.")
                                     : QString();
    enable(m_try, weights, tr("Shows samples of the test set, or your own, to this run's network"));
    enable(m_export, weights, tr("Writes this run's best weights to a file"));
    const bool complete = record && record->epochs > 0 && record->epochsDone >= record->epochs;
    enable(m_resume, resume,
           complete ? tr("Trains this run on, behind its last epoch")
                    : tr("Goes on where this run ended, to the bit"));
    m_moreRow->setVisible(complete && resume.isEmpty());
    m_stop->setVisible(running);
    m_stop->setToolTip(tr("Ends this run after the batch in hand and keeps what was learned"));
}

void RunButtons::fill(QMenu* menu) const {
    for (QPushButton* button : {m_try, m_export, m_resume, m_stop}) {
        if (button == m_stop && button->isHidden()) continue;
        // In a narrow window a button may have no room for its text.
        const QString name = button->text().isEmpty() ? button->accessibleName() : button->text();
        QAction* action = menu->addAction(name, button, &QPushButton::click);
        action->setEnabled(button->isEnabled());
        action->setToolTip(button->toolTip());
    }
    menu->setToolTipsVisible(true);
}

}  // namespace loom
