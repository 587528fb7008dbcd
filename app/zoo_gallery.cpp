#include "app/zoo_gallery.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/base/shape.h"
#include "core/project/project_check.h"
#include "core/project/project_file.h"
#include "widgets/inspector/figures_card.h"
#include "widgets/style/controls.h"
#include "widgets/style/screen_size.h"

namespace loom {

namespace {
constexpr int kPath = Qt::UserRole;
constexpr int kSearchText = Qt::UserRole + 1;
}  // namespace

ZooGallery::ZooGallery(const QStringList& files, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Model zoo"));
    setObjectName(QStringLiteral("zooGallery"));
    resize(onScreen(parent, {820, 560}));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(18, 16, 18, 16);
    row->setSpacing(18);
    auto* left = new QVBoxLayout;
    left->addWidget(makeLabel(tr("Model zoo"), "title"));
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Search"));
    m_search->setClearButtonEnabled(true);
    left->addWidget(m_search);
    m_list = new QListWidget;
    m_list->setMinimumWidth(270);
    for (const QString& path : files) {
        const auto loaded = loadProject(path.toStdString());
        if (!loaded) continue;
        auto* item = new QListWidgetItem(QString::fromStdString(loaded->project.name), m_list);
        item->setData(kPath, path);
        item->setSizeHint({0, 28});
        item->setData(kSearchText,
                      QString::fromStdString(loaded->project.name + " " + loaded->project.notes) +
                          QFileInfo(path).completeBaseName());
    }
    m_list->sortItems();
    left->addWidget(m_list, 1);
    row->addLayout(left);
    auto* right = new QVBoxLayout;
    right->setSpacing(10);
    m_title = makeWrappedLabel({}, "title");
    m_file = makeLabel({}, "mono");
    m_figures = new FiguresCard;
    m_notes = makeWrappedLabel({});
    m_notes->setAlignment(Qt::AlignTop);
    right->addWidget(m_title);
    right->addWidget(m_file);
    right->addWidget(m_figures);
    right->addWidget(makeScrollColumn(m_notes), 1);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    QPushButton* cancel = makeButton(tr("Cancel"));
    m_open = makeButton(tr("Open"), ButtonKind::Primary);
    m_open->setDefault(true);
    buttons->addWidget(cancel);
    buttons->addWidget(m_open);
    right->addLayout(buttons);
    row->addLayout(right, 1);
    connect(m_search, &QLineEdit::textChanged, this, &ZooGallery::filter);
    connect(m_list, &QListWidget::currentItemChanged, this, &ZooGallery::showCurrent);
    connect(m_list, &QListWidget::itemActivated, this, &ZooGallery::openCurrent);
    connect(m_open, &QPushButton::clicked, this, &ZooGallery::openCurrent);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    m_list->setCurrentRow(0);
    m_search->setFocus();
}

QString ZooGallery::chosen() const {
    const QListWidgetItem* item = m_list->currentItem();
    return item && !item->isHidden() ? item->data(kPath).toString() : QString();
}

void ZooGallery::filter(const QString& text) {
    QListWidgetItem* first = nullptr;
    for (int i = 0; i < m_list->count(); ++i) {
        QListWidgetItem* item = m_list->item(i);
        bool shown = true;
        for (const QString& word : text.split(QLatin1Char(' '), Qt::SkipEmptyParts))
            shown = shown && item->data(kSearchText).toString().contains(word, Qt::CaseInsensitive);
        item->setHidden(!shown);
        if (shown && !first) first = item;
    }
    if (first && (!m_list->currentItem() || m_list->currentItem()->isHidden()))
        m_list->setCurrentItem(first);
    m_open->setEnabled(first != nullptr);
}

void ZooGallery::showCurrent() {
    const auto loaded = loadProject(chosen().toStdString());
    m_open->setEnabled(loaded.ok());
    if (!loaded) return;
    const ShapeReport shapes = checkProject(loaded->project).shapes;
    m_title->setText(QString::fromStdString(loaded->project.name));
    m_file->setText(QFileInfo(chosen()).fileName());
    m_notes->setText(QString::fromStdString(loaded->project.notes));
    QString input;
    for (const NodeId& id : nodesOfKind(loaded->project.network, "Input"))
        if (const loom::Shape* shape = shapes.shapeAt({id, 0}))
            input = QString::fromStdString(shape->toText());
    m_figures->setFigures(
        {{tr("Blocks"), QString::number(loaded->project.network.nodes.size()), {}},
         {tr("Parameters"),
          QString::fromStdString(shortNumber(static_cast<double>(shapes.parameters))),
          QString::fromStdString(groupDigits(shapes.parameters))},
         {tr("MACs"), QString::fromStdString(shortNumber(static_cast<double>(shapes.macs))),
          tr("Multiplications with an addition for one sample")},
         {tr("Input"), input, {}}},
        4);
}

void ZooGallery::openCurrent() {
    const QString path = chosen();
    if (path.isEmpty()) return;
    accept();
    Q_EMIT fileChosen(path);
}

}  // namespace loom
