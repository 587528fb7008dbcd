#include "widgets/data/class_list.h"

#include <QPainter>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <algorithm>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kRow = 28;
constexpr int kBar = 4;
enum Role { CountRole = Qt::UserRole, ShareRole, WidthRole };

/// Name and count on a line, a bar below.
class BarRow : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {120, kRow};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const bool chosen = option.state & QStyle::State_Selected;
        if (chosen || option.state & QStyle::State_MouseOver) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(chosen ? t.accentSoft : t.hover);
            painter->drawRoundedRect(option.rect.adjusted(1, 1, -1, -1), 5, 5);
        }
        const QRect inner = option.rect.adjusted(8, 3, -8, -3);
        const QString count = q(groupDigits(index.data(CountRole).toLongLong()));
        painter->setFont(monoFont(12));
        painter->setPen(chosen ? t.text : t.muted);
        const int width = painter->fontMetrics().horizontalAdvance(count);
        const QRect line(inner.left(), inner.top(), inner.width(), inner.height() - kBar - 1);
        painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, count);
        painter->setFont(uiFont(12, chosen ? QFont::DemiBold : QFont::Normal));
        painter->setPen(t.text);
        const int room = line.width() - width - 8;
        painter->drawText(
            QRect(line.left(), line.top(), room, line.height()), Qt::AlignLeft | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, room));
        if (index.data(ShareRole).isValid()) {
            const double share = index.data(ShareRole).toDouble();
            QRectF bar(inner.left(), inner.bottom() - kBar + 1, inner.width(), kBar);
            painter->setPen(Qt::NoPen);
            painter->setBrush(t.hairline);
            painter->drawRoundedRect(bar, kBar / 2.0, kBar / 2.0);
            bar.setWidth(bar.width() * share);
            painter->setBrush(t.accent);
            if (bar.width() > 0.5) painter->drawRoundedRect(bar, kBar / 2.0, kBar / 2.0);
        }
        painter->restore();
    }
};

}  // namespace

ClassList::ClassList(QWidget* parent) : QListView(parent), m_rows(new QStandardItemModel(this)) {
    setModel(m_rows);
    setItemDelegate(new BarRow(this));
    setUniformItemSizes(true);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setAccessibleName(tr("Classes"));
    setObjectName(QStringLiteral("classList"));
    setStyleSheet(QStringLiteral("QListView { background: transparent; border: 0; }"));
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (m_quiet) return;
        // "All" and a class at once make no sense: the one chosen last counts.
        const QModelIndex all = m_rows->index(0, 0);
        if (selectionModel()->isSelected(all) && selectionModel()->selectedRows().size() > 1) {
            m_quiet = true;
            if (currentIndex() == all)
                selectionModel()->select(all, QItemSelectionModel::ClearAndSelect);
            else
                selectionModel()->select(all, QItemSelectionModel::Deselect);
            m_quiet = false;
        }
        Q_EMIT chosenChanged();
    });
    connect(&Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void ClassList::setRows(const QString& allName, qint64 allCount, const std::vector<Row>& rows) {
    QStringList names;
    qint64 most = 0;
    for (const Row& row : rows) {
        names << row.name;
        most = std::max(most, row.count);
    }
    const std::set<int> kept = names == m_names ? chosen() : std::set<int>();
    m_names = names;
    m_quiet = true;
    m_rows->clear();
    auto* all = new QStandardItem(allName);
    all->setData(allCount, CountRole);
    m_rows->appendRow(all);
    for (const Row& row : rows) {
        auto* item = new QStandardItem(row.name);
        item->setData(row.count, CountRole);
        item->setData(most > 0 ? static_cast<double>(row.count) / static_cast<double>(most) : 0.0,
                      ShareRole);
        item->setToolTip(row.toolTip);
        m_rows->appendRow(item);
    }
    m_quiet = false;
    setChosen(kept);
}

void ClassList::setChosen(const std::set<int>& rows) {
    m_quiet = true;
    selectionModel()->clearSelection();
    if (rows.empty()) selectionModel()->select(m_rows->index(0, 0), QItemSelectionModel::Select);
    for (const int row : rows)
        selectionModel()->select(m_rows->index(row + 1, 0), QItemSelectionModel::Select);
    m_quiet = false;
}

std::set<int> ClassList::chosen() const {
    std::set<int> rows;
    for (const QModelIndex& index : selectionModel()->selectedRows())
        if (index.row() > 0) rows.insert(index.row() - 1);
    return rows;
}

}  // namespace loom
