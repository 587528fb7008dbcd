#include "widgets/data/dataset_panel.h"

#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/shape.h"
#include "core/data/transforms/statistics.h"
#include "core/project/delivered_dataset.h"
#include "widgets/bridge/activity.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/data/bar_list.h"
#include "widgets/data/download_card.h"
#include "widgets/data/kind_picker.h"
#include "widgets/data/path_choosers.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/problem_card.h"
#include "widgets/inspector/section_forms.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr int kLabelWidth = 104;

QString numbersText(const std::vector<double>& numbers) {
    QStringList parts;
    for (const double number : numbers) parts << QString::number(number, 'f', 3);
    return parts.join(QStringLiteral(", "));
}

QString ownPictures() {
    return DatasetPanel::tr("My own pictures…");
}
QString ownTable() {
    return DatasetPanel::tr("My own table…");
}

/// What opens a file dialog and lets the program find out which kind it is.
std::vector<KindPicker::Entry> ownEntries() {
    const QString family = DatasetPanel::tr("your own data");
    return {
        {ownPictures(),
         DatasetPanel::tr("Choose a folder: one folder per class, label files, or a list"),
         QStringLiteral("own folder images custom import open"), family},
        {ownTable(), DatasetPanel::tr("Choose a CSV file: rows of numbers, or a series in time"),
         QStringLiteral("own csv tsv excel pandas custom import open"), family}};
}

}  // namespace

DatasetPanel::DatasetPanel(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    setProperty("surface", QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(10);
    column->addWidget(makeLabel(tr("Dataset"), "heading"));

    m_choice = new ChoiceForm(datasetSubject(), controller);
    m_choice->setLabelWidth(kLabelWidth);
    column->addWidget(m_choice);
    if (QWidget* kinds = m_choice->kindForm()->editor(QStringLiteral("dataset")))
        kinds->installEventFilter(this);
    auto* answer = new QHBoxLayout;
    answer->setSpacing(8);
    auto* answerLabel = makeLabel(tr("answer"), "muted");
    answerLabel->setFixedWidth(kLabelWidth);
    m_target = new QComboBox;
    m_target->setObjectName(QStringLiteral("target"));
    m_target->addItems({tr("the data set's own"), tr("the input itself")});
    m_target->setToolTip(
        tr("What the network is to give: the label of each sample, or, for an autoencoder, the "
           "sample it received"));
    answerLabel->setBuddy(m_target);
    answer->addWidget(answerLabel);
    answer->addWidget(m_target, 1);
    column->addLayout(answer);
    connect(m_target, &QComboBox::activated, this, [this](int index) {
        m_controller->edit(tr("Choose the answer"),
                           [index](const Project& project) -> Result<Project> {
                               Project next = project;
                               next.data.targetIsInput = index == 1;
                               return next;
                           });
    });
    m_location = makeWrappedLabel({}, "good");
    m_location->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_location);
    m_remarks = new QVBoxLayout;
    m_remarks->setSpacing(8);
    column->addLayout(m_remarks);

    m_download = new DownloadCard;
    column->addWidget(m_download);
    connect(m_download, &DownloadCard::fetched, this, [this] {
        m_everMeasured = false;
        m_controller->recheck();
    });

    m_help = new Card;
    m_help->setTone(QStringLiteral("warning"));
    m_helpTitle = makeLabel(tr("How to get it"), "strong");
    m_help->body()->addWidget(m_helpTitle);
    m_byHand = makeButton(tr("Get it by hand…"), ButtonKind::Ghost);
    m_byHand->setObjectName(QStringLiteral("getByHand"));
    m_byHand->setToolTip(tr("Says which files to fetch, and where to put them"));
    m_help->body()->addWidget(m_byHand, 0, Qt::AlignLeft);
    connect(m_byHand, &QPushButton::clicked, this, [this] {
        m_showsByHand = true;
        showLocation();
    });
    m_helpText = makeWrappedLabel({});
    m_helpText->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse);
    m_help->body()->addWidget(m_helpText);
    m_helpRow = new QWidget;
    auto* row = new QHBoxLayout(m_helpRow);
    row->setContentsMargins(0, 0, 0, 0);
    QPushButton* copy = makeButton(tr("Copy"), ButtonKind::Secondary, QStringLiteral("copy"));
    QPushButton* look =
        makeButton(tr("Look again"), ButtonKind::Secondary, QStringLiteral("refresh"));
    row->addWidget(copy);
    row->addWidget(look);
    row->addStretch(1);
    m_help->body()->addWidget(m_helpRow);
    column->addWidget(m_help);
    connect(copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_helpText->text()); });
    connect(look, &QPushButton::clicked, this, [this] {
        m_everMeasured = false;
        m_controller->recheck();
    });

    m_classes = new Card(tr("Classes"));
    m_bars = new BarList;
    m_classes->body()->addWidget(m_bars);
    column->addWidget(m_classes);

    m_check = new Card(tr("Check"));
    m_checkText = makeWrappedLabel({}, "good");
    m_statistics = makeWrappedLabel({}, "small");
    m_use = makeButton(tr("Use in Normalize"));
    m_use->setToolTip(
        tr("Sets mean and std of the Normalize steps to these numbers, or adds the steps"));
    m_check->body()->addWidget(m_checkText);
    m_check->body()->addWidget(m_statistics);
    m_stop = makeButton(tr("Stop"), ButtonKind::Ghost, QStringLiteral("stop"));
    m_stop->setObjectName(QStringLiteral("stopMeasuring"));
    m_stop->hide();
    auto* uses = new QHBoxLayout;
    uses->addWidget(m_use);
    uses->addWidget(m_stop);
    uses->addStretch(1);
    m_check->body()->addLayout(uses);
    column->addWidget(m_check);
    column->addStretch(1);
    connect(m_use, &QPushButton::clicked, this, &DatasetPanel::useStatistics);
    connect(m_stop, &QPushButton::clicked, this, &DatasetPanel::stopMeasuringAll);
    m_progress = new QTimer(this);
    m_progress->setInterval(100);
    connect(m_progress, &QTimer::timeout, this, [this] {
        m_use->setText(tr("Measuring… %1 %").arg(m_percent->load()));
        if (m_activity) m_activity->setPercent(m_percent->load());
    });

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeScrollColumn(content));
    reload();
}

DatasetPanel::~DatasetPanel() = default;

bool DatasetPanel::eventFilter(QObject* watched, QEvent* event) {
    // The many kinds of data sets are found more easily in a picker than in a long list.
    if (event->type() == QEvent::MouseButtonPress) {
        if (static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton) {
            openPicker({});
            return true;
        }
    } else if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool opens = key->key() == Qt::Key_Space || key->key() == Qt::Key_F4 ||
                           key->key() == Qt::Key_Return || key->key() == Qt::Key_Down;
        const QString typed = key->text().trimmed();
        if (opens || (!typed.isEmpty() && typed[0].isLetterOrNumber() &&
                      !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier)))) {
            openPicker(opens ? QString() : typed);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void DatasetPanel::openPicker(const QString& typed) {
    if (m_controller->isReadOnly()) return;
    std::vector<KindPicker::Entry> entries = ownEntries();
    for (const DatasetKind& kind : datasets()) {
        QStringList words;
        for (const std::string& word : kind.info.keywords) words << q(word);
        KindPicker::Entry entry;
        entry.id = q(kind.info.id);
        entry.summary = q(kind.info.summary);
        entry.keywords = words.join(QLatin1Char(' '));
        entry.family = q(kind.info.family);
        entries.push_back(std::move(entry));
    }
    QWidget* field = m_choice->kindForm()->editor(QStringLiteral("dataset"));
    auto* picker = new KindPicker(std::move(entries), KindPicker::Pictures::None, this);
    connect(picker, &KindPicker::picked, this, &DatasetPanel::pick);
    picker->resize(380, 460);
    picker->popup(field->mapToGlobal(QPoint(0, field->height() + 4)) + QPoint(picker->width(), 0));
    picker->search()->setText(typed);
}

void DatasetPanel::pick(const QString& entry) {
    if (entry == ownPictures() || entry == ownTable())
        chooseOwn(entry == ownPictures());
    else
        m_choice->choose(entry.toStdString());
}

void DatasetPanel::chooseOwn(bool folder) {
    auto* dialog = new QFileDialog(
        window(), folder ? tr("Choose the folder with your pictures") : tr("Choose your table"));
    dialog->setObjectName(QStringLiteral("ownData"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
    if (folder)
        dialog->setOption(QFileDialog::ShowDirsOnly);
    else
        dialog->setNameFilters({tr("Tables (*.csv *.tsv *.txt)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, &DatasetPanel::ownDataChosen);
    dialog->open();
}

void DatasetPanel::showRemarks() {
    const Choice choice = deliveredDataset(m_controller->project());
    const DatasetKind* kind = datasets().find(choice.kind);
    std::vector<Diagnostic> remarks;
    if (kind && kind->remarks) remarks = kind->remarks(Settings(kind->params, choice.params));
    QStringList said{m_controller->isReadOnly() ? QString() : QStringLiteral("edit")};
    for (const Diagnostic& remark : remarks) said << q(remark.message);
    if (said == m_saidRemarks) return;
    m_saidRemarks = said;
    while (QLayoutItem* item = m_remarks->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const Diagnostic& remark : remarks) {
        auto* card = new ProblemCard(remark, false, m_controller->isReadOnly(), this);
        connect(card, &ProblemCard::fixChosen, this,
                [this](const Fix& fix) { canvas_edits::applyFix(*m_controller, fix); });
        m_remarks->addWidget(card);
    }
}

void DatasetPanel::reload() {
    m_choice->reload();
    addPathChoosers(m_choice->paramForm(), m_controller->project().data.dataset, m_controller);
    m_target->setCurrentIndex(m_controller->project().data.targetIsInput ? 1 : 0);
    m_target->setEnabled(!m_controller->isReadOnly());
    showLocation();
    showRemarks();
    measure();
}

void DatasetPanel::showLocation() {
    const DatasetLocation& location = m_controller->report().location;
    m_location->setText((location.found ? QStringLiteral("✓ ") : QString()) +
                        QString::fromStdString(location.message));
    setStyleProperty(m_location, "role",
                     location.found ? QStringLiteral("good") : QStringLiteral("warning"));
    const QString how = QString::fromStdString(location.howToGet);
    if (how != m_helpText->text()) m_showsByHand = false;
    m_helpText->setText(how);
    m_help->setVisible(!location.found && !location.howToGet.empty());
    m_download->setChoice(m_controller->project().data.dataset, location.found);
    // Where one press fetches it, the way by hand is not what catches the eye.
    m_help->setTone(m_download->isHidden() ? QStringLiteral("warning") : QString());
    const bool open = m_download->isHidden() || m_showsByHand;
    for (QWidget* part :
         {static_cast<QWidget*>(m_helpTitle), static_cast<QWidget*>(m_helpText), m_helpRow})
        part->setVisible(open);
    m_byHand->setVisible(!open);
}

void DatasetPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    measure();
}

void DatasetPanel::measure() {
    const Choice& choice = m_controller->project().data.dataset;
    if (!m_controller->report().location.found) {
        m_job.cancel();
        stopMeasuringAll();
        m_everMeasured = false;
        m_facts = {};
        m_classes->hide();
        m_check->hide();
        return;
    }
    const auto before = stepsBeforeNormalize(m_controller->project().data.trainTransforms);
    if (m_everMeasured && m_measured == choice && m_measuredBehind == before) return;
    stopMeasuringAll();
    m_job.cancel();
    m_everMeasured = false;
    // Files are read for those who look.
    if (!isVisible()) return;
    m_measured = choice;
    m_measuredBehind = before;
    m_everMeasured = true;
    m_facts = {};
    m_classes->hide();
    m_check->show();
    m_checkText->setText(tr("Looking through the samples…"));
    setStyleProperty(m_checkText, "role", QStringLiteral("muted"));
    m_statistics->hide();
    m_use->hide();
    m_job.start(
        [choice, before](const std::atomic<bool>& cancelled) {
            return measureDataset(choice, before, cancelled);
        },
        [this](DatasetFacts facts) {
            m_facts = std::move(facts);
            showFacts();
        });
}

/// Large pictures were measured by a sample of them: before their figures go into the project, all
/// are.
void DatasetPanel::useStatistics() {
    if (m_facts.isWhole()) {
        Q_EMIT statisticsWanted();
        return;
    }
    m_use->setEnabled(false);
    m_stop->show();
    m_activity = std::make_unique<Activity>(tr("Measuring mean and deviation"),
                                            [this] { stopMeasuringAll(); });
    m_percent = std::make_shared<std::atomic<int>>(0);
    m_progress->start();
    m_whole.start(
        [choice = m_measured, before = m_measuredBehind, facts = m_facts,
         percent = m_percent](const std::atomic<bool>& cancelled) {
            return measureWhole(
                choice, before, facts, cancelled, [percent](std::int64_t done, std::int64_t of) {
                    *percent = static_cast<int>(100 * done / std::max<std::int64_t>(of, 1));
                });
        },
        [this](DatasetFacts facts) {
            stopMeasuringAll();
            m_facts = std::move(facts);
            showFacts();
            if (m_facts.problem.isEmpty()) Q_EMIT statisticsWanted();
        });
}

void DatasetPanel::stopMeasuringAll() {
    m_whole.cancel();
    m_progress->stop();
    m_use->setEnabled(true);
    m_stop->hide();
    m_activity.reset();
    m_use->setText(tr("Use in Normalize"));
}

void DatasetPanel::showFacts() {
    std::int64_t most = 0;
    std::int64_t least = m_facts.trainSize;
    for (const auto& [name, count] : m_facts.classes) {
        most = std::max(most, count);
        least = std::min(least, count);
    }
    std::vector<BarList::Row> rows;
    for (const auto& [name, count] : m_facts.classes)
        rows.push_back({name, most > 0 ? static_cast<double>(count) / static_cast<double>(most) : 0,
                        QString::fromStdString(groupDigits(count))});
    m_bars->setRows(std::move(rows));
    m_classes->setVisible(!m_facts.classes.empty());

    if (!m_facts.problem.isEmpty()) {
        m_checkText->setText(m_facts.problem);
        setStyleProperty(m_checkText, "role", QStringLiteral("danger"));
        m_statistics->setText(m_facts.hint);
        m_statistics->setVisible(!m_facts.hint.isEmpty());
        return;
    }
    if (m_facts.classes.empty()) {
        m_checkText->setText(
            tr("✓ %1 samples to train with, %2 to test with; their answers are numbers")
                .arg(QString::fromStdString(groupDigits(m_facts.trainSize)),
                     QString::fromStdString(groupDigits(m_facts.testSize))));
        setStyleProperty(m_checkText, "role", QStringLiteral("good"));
        return;
    }
    const bool balanced = most > 0 && least * 10 >= most * 9;
    setStyleProperty(m_checkText, "role",
                     balanced ? QStringLiteral("good") : QStringLiteral("warning"));
    if (balanced)
        m_checkText->setText(tr("✓ The classes are balanced"));
    else if (least == 0)
        m_checkText->setText(tr("Some class has no training sample"));
    else
        m_checkText->setText(
            tr("The largest class has %1 times the samples of the smallest")
                .arg(QString::number(static_cast<double>(most) / static_cast<double>(least), 'f',
                                     1)));
    m_statistics->setVisible(!m_facts.mean.empty());
    m_use->setVisible(!m_facts.mean.empty());
    m_statistics->setText(
        tr("mean %1, std %2").arg(numbersText(m_facts.mean), numbersText(m_facts.deviation)));
    const QString measured = QString::fromStdString(groupDigits(m_facts.measured));
    m_statistics->setToolTip(
        m_facts.isWhole()
            ? tr("Of all %1 training pictures as ToTensor gives them").arg(measured)
            : tr("Of %1 training pictures, spread over the set, as ToTensor gives them; all are "
                 "measured before the figures are used")
                  .arg(measured));
}

}  // namespace loom
