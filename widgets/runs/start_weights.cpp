#include "widgets/runs/start_weights.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QTableWidget>
#include <QVBoxLayout>

#include "core/base/shape.h"
#include "core/exchange/torch_file.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/style/controls.h"
#include "widgets/style/file_choice.h"
#include "widgets/style/screen_size.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

using Fit = WeightMatchRow::Fit;

struct FitLook {
    QString word;
    QColor color;
};

FitLook lookOf(Fit fit) {
    const Tokens& t = tokens();
    const std::pair<Fit, FitLook> looks[] = {
        {Fit::Fits, {QObject::tr("✓ fits"), t.good}},
        {Fit::OtherSize, {QObject::tr("! other size"), t.warning}},
        {Fit::OnlyInNetwork, {QObject::tr("! not in the file"), t.warning}},
        {Fit::OnlyInFile, {QObject::tr("– not in the network"), t.muted}}};
    for (const auto& [known, look] : looks)
        if (known == fit) return look;
    return {};
}

QTableWidgetItem* cell(const QString& text, bool mono = false) {
    auto* item = new QTableWidgetItem(text);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    if (mono) item->setFont(monoFont(12));
    return item;
}

}  // namespace

StartWeightsRow::StartWeightsRow(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    auto* row = new QHBoxLayout;
    row->addWidget(makeLabel(tr("Start from"), "muted"));
    row->addStretch(1);
    m_fresh = makeButton(tr("Fresh weights"), ButtonKind::Ghost);
    m_fresh->setToolTip(tr("Forget the file: every weight begins by chance, as the seed says"));
    m_choose = makeButton(tr("File…"));
    m_choose->setObjectName(QStringLiteral("startWeights"));
    m_choose->setToolTip(
        tr("Weights to start from, for transfer learning: a .pth file, torchvision's too, or a "
           "run's"));
    row->addWidget(m_fresh);
    row->addWidget(m_choose);
    column->addLayout(row);
    m_text = makeWrappedLabel({}, "small");
    column->addWidget(m_text);
    connect(m_choose, &QPushButton::clicked, this, &StartWeightsRow::choose);
    connect(m_fresh, &QPushButton::clicked, this, [this] {
        m_controller->edit(tr("Start from fresh weights"),
                           [](const Project& project) -> Result<Project> {
                               Project next = project;
                               next.training.initialWeights.clear();
                               return next;
                           });
    });
    reload();
}

void StartWeightsRow::reload() {
    const QString path = QString::fromStdString(m_controller->project().training.initialWeights);
    m_text->setText(path.isEmpty() ? tr("fresh weights, drawn by the seed")
                                   : QFileInfo(path).fileName());
    m_text->setToolTip(path);
    m_fresh->setVisible(!path.isEmpty());
    m_choose->setEnabled(!m_controller->isReadOnly());
    m_fresh->setEnabled(!m_controller->isReadOnly());
}

void StartWeightsRow::choose() {
    const QString path = chooseFile(this, tr("Weights to start from"),
                                    tr("PyTorch weights (*.pth *.pt *.bin);;All files (*)"));
    if (path.isEmpty()) return;
    auto* dialog = new WeightMatchDialog(m_controller, path, window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

WeightMatchDialog::WeightMatchDialog(DocumentController* controller, const QString& path,
                                     QWidget* parent)
    : QDialog(parent), m_controller(controller), m_path(path) {
    setWindowTitle(tr("Start from weights"));
    setObjectName(QStringLiteral("weightMatch"));
    resize(onScreen(parent, {720, 560}));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(18, 16, 18, 16);
    column->setSpacing(10);
    column->addWidget(makeLabel(QFileInfo(path).fileName(), "title"));
    m_sentence = makeWrappedLabel(tr("Reading the file…"), "strong");
    m_hint = makeWrappedLabel({}, "muted");
    column->addWidget(m_sentence);
    column->addWidget(m_hint);
    m_differences = new QCheckBox(tr("Show only what does not fit"));
    column->addWidget(m_differences);
    m_table = new QTableWidget(0, 4);
    m_table->setHorizontalHeaderLabels(
        {tr("Tensor"), tr("Match"), tr("In the file"), tr("In the network")});
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    for (int i = 1; i < 4; ++i)
        m_table->horizontalHeader()->setSectionResizeMode(i, QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->verticalHeader()->hide();
    m_table->setShowGrid(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    column->addWidget(m_table, 1);
    m_freeze = new QCheckBox(tr("Freeze the blocks that the file fills, and train only the rest"));
    m_freeze->setToolTip(tr(
        "Transfer learning: what was learned before stays as it is, and a step is much cheaper"));
    m_freeze->hide();
    column->addWidget(m_freeze);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    QPushButton* cancel = makeButton(tr("Cancel"));
    m_use = makeButton(tr("Start from these"), ButtonKind::Primary);
    m_use->setObjectName(QStringLiteral("useWeights"));
    m_use->setEnabled(false);
    m_use->setDefault(true);
    buttons->addWidget(cancel);
    buttons->addWidget(m_use);
    column->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_use, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_differences, &QCheckBox::toggled, this, &WeightMatchDialog::fillTable);
    m_job.start(
        [project = m_controller->snapshot(),
         file = path.toStdString()](const std::atomic<bool>&) -> Reading {
            const auto weights = loadWeights(file);
            if (!weights) return {{}, weights.error()};
            const auto match = matchTable(*project, *weights);
            if (!match) return {{}, match.error()};
            return {*match, {}};
        },
        [this](const Reading& reading) { showMatch(reading); });
}

void WeightMatchDialog::showMatch(const Reading& reading) {
    m_match = reading.match;
    const bool read = reading.error.message.empty();
    m_sentence->setText(
        QString::fromStdString(read ? m_match.toSentence() : reading.error.message));
    if (!read)
        m_hint->setText(QString::fromStdString(reading.error.hint));
    else if (m_match.fits == 0)
        m_hint->setText(
            tr("Weights go by name: <block>.<parameter>. Rename the blocks as in the "
               "network the file is from, or open that network from the model zoo."));
    else if (m_match.otherSize + m_match.onlyInNetwork > 0)
        m_hint->setText(tr("What does not fit begins with fresh weights."));
    m_hint->setVisible(!m_hint->text().isEmpty());
    m_differences->setVisible(read && m_match.fits > 0 &&
                              m_match.fits < static_cast<std::int64_t>(m_match.rows.size()));
    m_freeze->setVisible(read && !m_match.filledBlocks.empty() && !m_match.freshBlocks.empty());
    m_use->setEnabled(read && m_match.fits > 0);
    m_differences->setChecked(m_differences->isVisibleTo(this));
    fillTable();
}

void WeightMatchDialog::fillTable() {
    m_table->setRowCount(0);
    m_table->setUpdatesEnabled(false);
    for (const WeightMatchRow& row : m_match.rows) {
        if (m_differences->isChecked() && row.fit == Fit::Fits) continue;
        const int at = m_table->rowCount();
        m_table->insertRow(at);
        const FitLook look = lookOf(row.fit);
        auto* fit = cell(look.word);
        fit->setForeground(look.color);
        m_table->setItem(at, 0, cell(QString::fromStdString(row.name), true));
        m_table->setItem(at, 1, fit);
        const auto sides = [](const std::vector<std::int64_t>& dims, bool there) {
            return there ? QString::fromStdString(Shape{dims}.toText()) : QString();
        };
        m_table->setItem(at, 2, cell(sides(row.fileDims, row.fit != Fit::OnlyInNetwork), true));
        m_table->setItem(at, 3, cell(sides(row.networkDims, row.fit != Fit::OnlyInFile), true));
    }
    m_table->setUpdatesEnabled(true);
}

void WeightMatchDialog::accept() {
    const bool freeze = m_freeze->isVisibleTo(this) && m_freeze->isChecked();
    m_controller->edit(tr("Start from weights"),
                       [this, freeze](const Project& project) -> Result<Project> {
                           Project next = project;
                           next.training.initialWeights = m_path.toStdString();
                           if (freeze) {
                               ParameterGroup group;
                               group.blocks = m_match.filledBlocks;
                               group.frozen = true;
                               next.training.parameterGroups.push_back(std::move(group));
                           }
                           return next;
                       });
    QDialog::accept();
}

}  // namespace loom
