#include "widgets/runs/runs_page.h"

#include <QDateTime>
#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QSplitter>
#include <QTableWidget>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/project/project_file.h"
#include "core/train/plan.h"
#include "core/train/run_claim.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/plots/chart_number.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/runs/run_buttons.h"
#include "widgets/style/controls.h"
#include "widgets/style/row_fit.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

// As many curves as there are colours to tell them apart.
constexpr std::size_t kMostCompared = kSeriesColors;

/// Every setting of a project by its path in the file; where blocks stand does not count.
void flatten(const Value& value, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& out) {
    if (value.isDict()) {
        for (const auto& [key, item] : value.asDict())
            if (key != "position") flatten(item, path.empty() ? key : path + "." + key, out);
    } else if (value.isList() && !value.asList().empty() && value.asList().front().isDict()) {
        int index = 0;
        for (const Value& item : value.asList()) {
            const Value* name = item.asDict().find("id");
            if (!name) name = item.asDict().find("kind");
            const std::string part =
                name && name->isString() ? name->asString() : std::to_string(index);
            flatten(item, path + "." + part, out);
            ++index;
        }
    } else {
        out.emplace_back(path, value.isString() ? value.asString() : value.toPython());
    }
}

std::string settingOf(const std::vector<std::pair<std::string, std::string>>& settings,
                      const std::string& key) {
    for (const auto& [name, value] : settings)
        if (name == key) return value;
    return "-";
}

/// "91.2 %", or the loss where there are no classes.
QString bestFigure(const RunRecord::Best& best) {
    if (best.epoch == 0) return QStringLiteral("-");
    if (std::isnan(best.accuracy)) return RunsPage::tr("loss %1").arg(chartNumber(best.loss));
    return QString::number(best.accuracy * 100, 'f', 1) + QStringLiteral(" %");
}

/// What the figure is, in a sentence.
QString bestTip(const RunRecord::Best& best) {
    if (best.epoch == 0) return RunsPage::tr("No epoch has been judged yet.");
    const bool classes = !std::isnan(best.accuracy);
    QString text = classes ? best.onValidation ? RunsPage::tr("Validation accuracy after epoch %1.")
                                               : RunsPage::tr("Test accuracy after epoch %1.")
                   : best.onValidation ? RunsPage::tr("Validation loss after epoch %1.")
                                       : RunsPage::tr("Test loss after epoch %1.");
    text = text.arg(best.epoch);
    if (!best.onValidation) return text;
    return text + QLatin1Char(' ') +
           (classes ? RunsPage::tr("The test accuracy was %1 % then.")
                          .arg(QString::number(best.testAccuracy * 100, 'f', 1))
                    : RunsPage::tr("The test loss was %1 then.")
                          .arg(QString::number(best.testLoss, 'g', 4)));
}

bool hasAccuracy(const std::vector<RunEvent>& events) {
    return std::any_of(events.begin(), events.end(), [](const RunEvent& event) {
        return !std::isnan(event.accuracy) || !std::isnan(event.testAccuracy) ||
               !std::isnan(event.validationAccuracy);
    });
}

QIcon dotIcon(const QColor& color) {
    QPixmap pixmap(20, 20);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QRectF(4, 4, 12, 12));
    QIcon icon(pixmap);
    // Selected rows keep the colour of their curve.
    icon.addPixmap(pixmap, QIcon::Selected);
    return icon;
}

}  // namespace

RunsPage::RunsPage(TrainingBridge* bridge, QWidget* parent)
    : QWidget(parent), m_bridge(bridge), m_folder(QString::fromStdString(defaultRunsFolder())) {
    setProperty("surface", QStringLiteral("window"));
    setAttribute(Qt::WA_StyledBackground);
    m_listSide = new QWidget;
    auto* left = new QVBoxLayout(m_listSide);
    left->setContentsMargins(14, 14, 14, 14);
    left->setSpacing(10);
    auto* heading = new QHBoxLayout;
    heading->addWidget(makeLabel(tr("Runs"), "heading"));
    heading->addStretch(1);
    m_undo = makeButton(tr("Undo delete"), ButtonKind::Ghost, QStringLiteral("undo"));
    m_undo->hide();
    m_open = makeButton(tr("Open project"), ButtonKind::Secondary, QStringLiteral("file"));
    m_show = makeButton(tr("Folder"), ButtonKind::Secondary, QStringLiteral("folder"));
    m_show->setToolTip(
        tr("Opens the folder with the weights, the curves as a table and the settings"));
    m_delete = makeButton(tr("Delete"), ButtonKind::Secondary, QStringLiteral("trash"));
    m_delete->setToolTip(tr("Moves the selected runs to the trash beside them (Del)"));
    for (QPushButton* button : {m_undo, m_open, m_show, m_delete}) heading->addWidget(button);
    left->addLayout(heading);
    new RowFit(m_listSide, heading, {m_open, m_show, m_delete, m_undo});
    m_table = new QTableWidget(0, Columns);
    m_table->setHorizontalHeaderLabels(
        {tr("Name"), tr("Status"), tr("Best"), tr("Epochs"), tr("Started")});
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(34);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTextElideMode(Qt::ElideRight);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(NameColumn, QHeaderView::Stretch);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->installEventFilter(this);
    left->addWidget(m_table, 1);
    m_buttons = new RunButtons;
    left->addWidget(m_buttons);
    m_empty = new EmptyState(QStringLiteral("chart"), tr("No runs yet"),
                             tr("Every training is kept here with its curves, settings and "
                                "weights. Press Train to make the first."));
    left->addWidget(m_empty, 1);
    m_empty->hide();

    auto* rightSide = new QWidget;
    auto* right = new QVBoxLayout(rightSide);
    right->setContentsMargins(14, 14, 14, 14);
    right->setSpacing(12);
    m_curves = new RunCurves;
    right->addWidget(m_curves, 1);
    m_differenceCard = new Card;
    m_differenceCard->body()->addWidget(makeLabel(tr("What differs"), "strong"));
    m_differences = makeWrappedLabel({});
    m_differences->setTextFormat(Qt::RichText);
    m_differences->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_differenceCard->body()->addWidget(m_differences);
    m_differenceCard->hide();
    right->addWidget(m_differenceCard);

    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_listSide);
    m_splitter->addWidget(rightSide);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({560, 800});
    m_listSide->setMinimumWidth(440);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);

    connect(m_table, &QTableWidget::itemSelectionChanged, this, &RunsPage::selectionChanged);
    connect(m_delete, &QPushButton::clicked, this, &RunsPage::deleteSelected);
    connect(m_undo, &QPushButton::clicked, this, &RunsPage::undoDelete);
    connect(m_open, &QPushButton::clicked, this, [this] {
        const std::vector<int> rows = selectedRows();
        if (!rows.empty())
            Q_EMIT openAsked(
                QString::fromStdString(m_records[static_cast<std::size_t>(rows.front())].folder) +
                QStringLiteral("/project.loom"));
    });
    connect(m_show, &QPushButton::clicked, this, [this] {
        const std::vector<int> rows = selectedRows();
        if (rows.empty()) return;
        const QString path =
            QString::fromStdString(m_records[static_cast<std::size_t>(rows.front())].folder);
        if (!QDesktopServices::openUrl(QUrl::fromLocalFile(path)))
            Q_EMIT said(tr("The run lies in %1").arg(path));
    });
    connect(m_bridge, &TrainingBridge::stateChanged, this, [this] {
        if (isVisible()) refresh();
    });
    connect(m_bridge, &TrainingBridge::runEnded, this, [this] {
        if (isVisible()) refresh();
    });
    connectButtons();
    selectionChanged();
}

void RunsPage::setFolder(const QString& folder) {
    m_folder = folder;
    if (isVisible()) refresh();
}

void RunsPage::refresh() {
    m_listJob.start(
        [folder = m_folder.toStdString()](const std::atomic<bool>&) { return listRuns(folder); },
        [this](std::vector<RunRecord> records) { showList(std::move(records)); });
}

void RunsPage::showList(std::vector<RunRecord> records) {
    std::set<std::string> selected;
    for (const int row : selectedRows())
        selected.insert(m_records[static_cast<std::size_t>(row)].folder);
    const bool first = m_records.empty();
    m_records = std::move(records);
    for (const RunRecord& record : m_records)
        if (QString::fromStdString(record.folder) == m_askedToStop && record.status != "running") {
            // What was said before would go on saying that it is about to end.
            m_askedToStop.clear();
            Q_EMIT said(tr("The run has ended: %1.").arg(QString::fromStdString(record.status)));
            break;
        }
    m_table->blockSignals(true);
    m_table->setRowCount(static_cast<int>(m_records.size()));
    m_table->clearSelection();
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const RunRecord& record = m_records[static_cast<std::size_t>(row)];
        const auto set = [&](Column column, const QString& text) {
            auto* item = new QTableWidgetItem(text);
            item->setToolTip(QString::fromStdString(record.folder));
            m_table->setItem(row, column, item);
        };
        set(NameColumn, QString::fromStdString(record.name));
        set(StatusColumn, statusOf(record));
        set(BestColumn, bestFigure(record.best));
        m_table->item(row, BestColumn)->setToolTip(bestTip(record.best));
        set(EpochsColumn, QString::number(record.epochsDone));
        const QDateTime started =
            QDateTime::fromString(QString::fromStdString(record.started), Qt::ISODate);
        set(StartedColumn, started.isValid() ? started.toString(QStringLiteral("d MMM, HH:mm"))
                                             : QString::fromStdString(record.started));
        // All that a narrow list has no column for.
        m_table->item(row, NameColumn)
            ->setToolTip(tr("%1\nStatus: %2\nBest: %3\nEpochs: %4\nStarted: %5\n%6")
                             .arg(QString::fromStdString(record.name), statusOf(record),
                                  bestFigure(record.best), QString::number(record.epochsDone),
                                  m_table->item(row, StartedColumn)->text(),
                                  QString::fromStdString(record.folder)));
        if (selected.count(record.folder))
            for (int column = 0; column < Columns; ++column)
                m_table->item(row, column)->setSelected(true);
    }
    m_table->blockSignals(false);
    m_table->setVisible(!m_records.empty());
    m_buttons->setVisible(!m_records.empty());
    m_empty->setVisible(m_records.empty());
    fitColumns();
    if (first && selected.empty() && !m_records.empty())
        m_table->selectRow(0);
    else
        selectionChanged();
}

std::vector<int> RunsPage::selectedRows() const {
    std::set<int> rows;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        rows.insert(index.row());
    return {rows.begin(), rows.end()};
}

void RunsPage::selectionChanged() {
    std::vector<int> rows = selectedRows();
    m_open->setEnabled(rows.size() == 1);
    m_delete->setEnabled(!rows.empty());
    m_show->setEnabled(rows.size() == 1);
    showButtons();
    if (rows.size() > kMostCompared) rows.resize(kMostCompared);
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const auto place = std::find(rows.begin(), rows.end(), row);
        if (QTableWidgetItem* item = m_table->item(row, NameColumn))
            item->setIcon(place == rows.end()
                              ? dotIcon(Qt::transparent)
                              : dotIcon(seriesColor(static_cast<int>(place - rows.begin()))));
    }
    std::vector<RunRecord> wanted;
    for (const int row : rows) wanted.push_back(m_records[static_cast<std::size_t>(row)]);
    m_eventsJob.start(
        [wanted](const std::atomic<bool>& cancelled) {
            std::vector<LoadedRun> runs;
            for (const RunRecord& record : wanted) {
                if (cancelled) break;
                LoadedRun run;
                run.record = record;
                if (auto events = readRunEvents(record.folder))
                    run.events = std::move(*events);
                else
                    run.problem = QString::fromStdString(events.error().message);
                if (const auto project = loadProject(record.folder + "/project.loom"))
                    flatten(projectToValue(project->project), {}, run.settings);
                runs.push_back(std::move(run));
            }
            return runs;
        },
        [this](const std::vector<LoadedRun>& runs) { showRuns(runs); });
}

void RunsPage::showRuns(const std::vector<LoadedRun>& runs) {
    m_curves->clear();
    const QString empty = tr("Choose a run of the list to see its curves; Ctrl+click compares");
    m_curves->loss()->setEmptyText(
        runs.empty() && !m_records.empty() ? empty : tr("This run has no curves yet"));
    m_curves->setPictureTitle(runs.size() == 1 ? QString::fromStdString(runs[0].record.name)
                                               : QString());
    bool classes = false, any = false;
    for (const LoadedRun& run : runs) any = any || !run.events.empty();
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const QString name = runs.size() == 1
                                 ? QString()
                                 : QStringLiteral("%1 (%2)")
                                       .arg(QString::fromStdString(runs[i].record.name))
                                       .arg(i + 1);
        const int run = m_curves->addRun(name, static_cast<int>(i));
        const Value* steps = runs[i].record.details.find("steps_per_epoch");
        m_curves->tellStepsPerEpoch(run, steps && steps->isInt() ? steps->asInt() : 0);
        m_curves->append(run, runs[i].events);
        classes = classes || hasAccuracy(runs[i].events);
        if (!runs[i].problem.isEmpty()) Q_EMIT said(runs[i].problem);
    }
    // Where the answers are numbers there is no share of right ones.
    m_curves->accuracy()->setVisible(classes || !any);
    QString html;
    std::set<std::string> keys;
    for (const LoadedRun& run : runs)
        for (const auto& [key, value] : run.settings) keys.insert(key);
    int shown = 0;
    for (const std::string& key : keys) {
        std::set<std::string> values;
        for (const LoadedRun& run : runs) values.insert(settingOf(run.settings, key));
        if (values.size() < 2 || ++shown > 14) continue;
        html += QStringLiteral("<tr><td style='padding-right:18px'>%1</td>")
                    .arg(QString::fromStdString(key).toHtmlEscaped());
        for (std::size_t i = 0; i < runs.size(); ++i)
            html +=
                QStringLiteral(
                    "<td style='padding-right:18px'><span style='color:%1'>●</span> <b>%2</b></td>")
                    .arg(seriesColor(static_cast<int>(i)).name(),
                         QString::fromStdString(settingOf(runs[i].settings, key)).toHtmlEscaped());
        html += QStringLiteral("</tr>");
    }
    m_differences->setText(html.isEmpty()
                               ? tr("Nothing: the same project with the same settings.")
                               : QStringLiteral("<table>") + html + QStringLiteral("</table>"));
    m_differenceCard->setVisible(runs.size() > 1);
}

QString RunsPage::differences() const {
    return m_differences->text();
}

void RunsPage::deleteSelected() {
    const QString trash = m_folder + QStringLiteral("/trash");
    QDir().mkpath(trash);
    m_trashed.clear();
    for (const int row : selectedRows()) {
        const RunRecord& record = m_records[static_cast<std::size_t>(row)];
        const QString from = QString::fromStdString(record.folder);
        if (trainingProcess(record.folder)) {
            Q_EMIT said(tr("A run that is training cannot be deleted; stop it first."));
            continue;
        }
        QString to = trash + QLatin1Char('/') + QFileInfo(from).fileName();
        for (int copy = 2; QFileInfo::exists(to); ++copy)
            to = trash + QLatin1Char('/') + QFileInfo(from).fileName() +
                 QStringLiteral("-%1").arg(copy);
        if (QDir().rename(from, to))
            m_trashed.emplace_back(from, to);
        else
            Q_EMIT said(tr("%1 could not be moved to %2.").arg(from, trash));
    }
    if (m_trashed.empty()) return;
    m_undo->show();
    Q_EMIT said(m_trashed.size() == 1 ? tr("1 run moved to %1").arg(trash)
                                      : tr("%1 runs moved to %2").arg(m_trashed.size()).arg(trash));
    refresh();
}

void RunsPage::undoDelete() {
    for (const auto& [from, to] : m_trashed)
        if (!QDir().rename(to, from))
            Q_EMIT said(tr("%1 could not be brought back to %2.").arg(to, from));
    m_trashed.clear();
    m_undo->hide();
    refresh();
}

void RunsPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

void RunsPage::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Delete)
        deleteSelected();
    else if (event->matches(QKeySequence::Undo) && m_undo->isVisible())
        undoDelete();
    else
        QWidget::keyPressEvent(event);
}

}  // namespace loom
