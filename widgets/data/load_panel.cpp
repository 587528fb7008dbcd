#include "widgets/data/load_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QTableWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/shape.h"
#include "core/project/loader_script.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/part_form.h"
#include "widgets/data/split_bar.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/parts_form.h"
#include "widgets/inspector/section_forms.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kLabelWidth = 112;
constexpr int kFormsWidth = 400;
constexpr int kNumbersWidth = 380;
constexpr int kTallestTable = 330;

QString countText(std::int64_t count) {
    return q(groupDigits(count));
}

QTableWidgetItem* makeCell(const QString& text, bool number) {
    auto* item = new QTableWidgetItem(text);
    if (number) {
        item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        item->setFont(monoFont(12));
    }
    return item;
}

}  // namespace

LoadPanel::LoadPanel(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    auto* content = new QWidget;
    m_row = new QBoxLayout(QBoxLayout::LeftToRight, content);
    m_row->setContentsMargins(14, 12, 14, 14);
    m_row->setSpacing(12);
    m_forms = makeForms();
    m_row->addWidget(m_forms, 0, Qt::AlignTop);
    m_row->addWidget(makeNumbers(), 1, Qt::AlignTop);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeScrollColumn(content));
    // Typing must not start a count for every letter.
    m_delay = new QTimer(this);
    m_delay->setSingleShot(true);
    m_delay->setInterval(60);
    connect(m_delay, &QTimer::timeout, this, &LoadPanel::startCounting);
    connect(m_controller, &DocumentController::reportChanged, this, &LoadPanel::reload);
    connect(m_controller, &DocumentController::documentReset, this, &LoadPanel::reload);
    reload();
}

void LoadPanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    // What follows stands below where there is no room for it beside.
    const bool narrow = width() < kFormsWidth + kNumbersWidth;
    m_row->setDirection(narrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_row->setAlignment(m_forms, narrow ? Qt::Alignment() : Qt::AlignTop);
    m_forms->setMinimumWidth(narrow ? 0 : kFormsWidth);
    m_forms->setMaximumWidth(narrow ? QWIDGETSIZE_MAX : kFormsWidth);
}

bool LoadPanel::isComputing() const {
    return m_delay->isActive() || m_job.isRunning();
}

QWidget* LoadPanel::makeForms() {
    auto* forms = new QWidget;
    auto* column = new QVBoxLayout(forms);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);

    auto* split = new Card(tr("Split"));
    const PartForm::Subject subjects[] = {
        {QStringLiteral("validation"),
         tr("Samples of the training set that are held back: the run is judged by them, and learns "
            "from the rest. torch.utils.data.random_split."),
         &DataSection::validation, 0.1, 1000},
        {QStringLiteral("subset"),
         tr("For quick trials: learn from a part of what is left. torch.utils.data.Subset."),
         &DataSection::subset, 0.1, 1000},
        {QStringLiteral("test_subset"), tr("For quick trials: test with a part of the test set."),
         &DataSection::testSubset, 0.1, 1000}};
    for (const PartForm::Subject& subject : subjects) {
        if (!m_parts.empty()) split->body()->addWidget(makeLine());
        m_parts.push_back(new PartForm(subject, m_controller));
        split->body()->addWidget(m_parts.back());
    }
    column->addWidget(split);

    auto* sampling = new Card(tr("Sampler"));
    m_sampler = new ChoiceForm(samplerSubject(), m_controller);
    m_sampler->setLabelWidth(kLabelWidth);
    sampling->body()->addWidget(m_sampler);
    m_samplerText = makeWrappedLabel({}, "small");
    sampling->body()->addWidget(m_samplerText);
    column->addWidget(sampling);

    auto* loader = new Card(tr("DataLoader"));
    m_fields = new TrainingFieldsForm({"batch_size", "shuffle", "drop_last", "num_workers",
                                       "prefetch_factor", "pin_memory", "timeout"},
                                      m_controller);
    m_fields->setLabelWidth(kLabelWidth);
    m_fields->form()->setHintsShown(true);
    loader->body()->addWidget(m_fields);
    column->addWidget(loader);

    auto* mixing = new Card(tr("Whole batches"));
    mixing->body()->addWidget(makeWrappedLabel(
        tr("Done to each batch of training after its samples' own transforms, labels included: "
           "MixUp and CutMix blend every sample with another."),
        "small"));
    m_mixing = new PartsForm(batchTransformsSubject(), m_controller);
    mixing->body()->addWidget(m_mixing);
    column->addWidget(mixing);
    return forms;
}

QWidget* LoadPanel::makeNumbers() {
    auto* numbers = new QWidget;
    auto* column = new QVBoxLayout(numbers);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);

    auto* follows = new Card(tr("What follows"));
    m_bar = new SplitBar;
    follows->body()->addWidget(m_bar);
    m_batches = makeWrappedLabel({}, "strong");
    m_batches->setObjectName(QStringLiteral("batches"));
    m_batchesText = makeWrappedLabel({}, "small");
    m_problem = makeWrappedLabel({}, "danger");
    m_problem->hide();
    follows->body()->addWidget(m_problem);
    follows->body()->addWidget(m_batches);
    follows->body()->addWidget(m_batchesText);
    column->addWidget(follows);

    m_classCard = new Card(tr("Samples of each class"));
    m_classText = makeWrappedLabel({}, "small");
    m_classCard->body()->addWidget(m_classText);
    m_classes = new QTableWidget;
    m_classes->setObjectName(QStringLiteral("loadClasses"));
    m_classes->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_classes->setSelectionMode(QAbstractItemView::NoSelection);
    m_classes->setFocusPolicy(Qt::NoFocus);
    m_classes->setShowGrid(false);
    m_classes->verticalHeader()->hide();
    m_classes->verticalHeader()->setDefaultSectionSize(24);
    m_classes->setFrameShape(QFrame::NoFrame);
    m_classCard->body()->addWidget(m_classes);
    column->addWidget(m_classCard);

    auto* code = new Card(tr("In Python"));
    auto* codeRow = new QHBoxLayout;
    m_python = makeWrappedLabel({}, "mono");
    m_python->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_python->setObjectName(QStringLiteral("loaderPython"));
    codeRow->addWidget(m_python, 1);
    QToolButton* copy = makeIconButton(QStringLiteral("copy"), tr("Copy these lines of Python"));
    codeRow->addWidget(copy, 0, Qt::AlignTop);
    code->body()->addLayout(codeRow);
    column->addWidget(code);
    connect(copy, &QToolButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_python->text()); });
    return numbers;
}

QString LoadPanel::python() const {
    return m_python->text();
}

void LoadPanel::reload() {
    for (PartForm* form : m_parts) form->reload();
    m_fields->reload();
    m_sampler->reload();
    m_mixing->reload();
    const Project& project = m_controller->project();
    const auto& sampler = project.training.sampler;
    const SamplerKind* kind = sampler ? samplers().find(sampler->kind) : nullptr;
    m_samplerText->setText(
        kind ? q(sampler->kind + " " + kind->info.summary + ". ") +
                   tr("It decides the order, so shuffle is off beside it.")
             : tr("torch.utils.data's samplers decide which sample comes when. Without one, every "
                  "sample comes once in each epoch, in a new order where shuffle is on."));
    m_python->setText(q(loaderScript(project.data, project.training)));
    if (m_counted && m_countedData == project.data && m_countedTraining == project.training) return;
    m_counted = false;
    if (isVisible()) m_delay->start();
}

void LoadPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (!m_counted) m_delay->start();
}

void LoadPanel::startCounting() {
    const Project& project = m_controller->project();
    m_counted = true;
    m_countedData = project.data;
    m_countedTraining = project.training;
    if (!m_controller->report().location.found) {
        m_job.cancel();
        m_facts = {};
        m_facts.problem = tr("The data set is not on this machine yet.");
        m_facts.hint = tr("The panel on the left says how to get it.");
        showFacts();
        return;
    }
    m_job.start(
        [data = project.data, training = project.training](const std::atomic<bool>& cancelled) {
            return loadFacts(data, training, cancelled);
        },
        [this](LoadFacts facts) {
            m_facts = std::move(facts);
            showFacts();
        });
}

void LoadPanel::showFacts() {
    using Look = SplitBar::Part::Look;
    m_bar->setParts({{tr("training"), m_facts.train, Look::First},
                     {tr("validation"), m_facts.validation, Look::Second},
                     {tr("left out"), m_facts.trainLeft, Look::Unused},
                     {tr("test"), m_facts.test, Look::Third},
                     {tr("test left out"), m_facts.testLeft, Look::Unused}});
    m_bar->setVisible(m_facts.train + m_facts.test > 0);
    m_problem->setText(m_facts.hint.isEmpty() ? m_facts.problem
                                              : m_facts.problem + QLatin1Char(' ') + m_facts.hint);
    m_problem->setVisible(!m_facts.problem.isEmpty());
    const TrainingSection& training = m_controller->project().training;
    m_batches->setText(m_facts.batches == 1
                           ? tr("1 batch per epoch")
                           : tr("%1 batches per epoch").arg(countText(m_facts.batches)));
    m_batches->setVisible(m_facts.train > 0);
    QString text = tr("%1 samples an epoch in batches of %2")
                       .arg(countText(m_facts.samplesPerEpoch), countText(training.batchSize));
    const std::int64_t rest =
        m_facts.samplesPerEpoch % std::max<std::int64_t>(1, training.batchSize);
    if (rest == 0)
        text += tr("; all batches are full.");
    else if (training.dropLast)
        text += tr("; the last %1 are left out of each epoch (drop_last).").arg(countText(rest));
    else
        text += tr("; the last batch holds %1.").arg(countText(m_facts.lastBatch));
    text += QLatin1Char(' ') +
            tr("%1 epochs are %2 steps.")
                .arg(countText(training.epochs), countText(training.epochs * m_facts.batches));
    m_batchesText->setText(text);
    m_batchesText->setVisible(m_facts.train > 0);
    showClasses();
}

void LoadPanel::showClasses() {
    m_classCard->setVisible(!m_facts.classes.empty());
    m_classText->setText(
        m_facts.weighted
            ? tr("Each sample is drawn in proportion to its weight; the share is how much of an "
                 "epoch each class then makes.")
            : QString());
    m_classText->setVisible(m_facts.weighted);
    QStringList headings{tr("class"), tr("training")};
    if (m_facts.hasValidation) headings << tr("validation");
    headings << tr("test");
    if (m_facts.weighted) headings << tr("weight");
    headings << tr("share");
    m_classes->setColumnCount(static_cast<int>(headings.size()));
    m_classes->setHorizontalHeaderLabels(headings);
    m_classes->setRowCount(static_cast<int>(m_facts.classes.size()));
    int r = 0;
    for (const LoadFacts::ClassRow& row : m_facts.classes) {
        int c = 0;
        m_classes->setItem(r, c++, makeCell(row.name, false));
        m_classes->setItem(r, c++, makeCell(countText(row.train), true));
        if (m_facts.hasValidation)
            m_classes->setItem(r, c++, makeCell(countText(row.validation), true));
        m_classes->setItem(r, c++, makeCell(countText(row.test), true));
        if (m_facts.weighted)
            m_classes->setItem(r, c++, makeCell(QString::number(row.weight, 'g', 4), true));
        m_classes->setItem(
            r, c++,
            makeCell(QString::number(row.share * 100, 'f', 1) + QStringLiteral(" %"), true));
        ++r;
    }
    QHeaderView* header = m_classes->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(0, QHeaderView::Stretch);
    header->setMinimumSectionSize(56);
    const int height = header->sizeHint().height() + 4 + r * 24;
    m_classes->setFixedHeight(std::min(height, kTallestTable));
}

}  // namespace loom
