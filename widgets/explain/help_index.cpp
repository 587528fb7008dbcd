#include "widgets/explain/help_index.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/bridge/strings.h"
#include "widgets/explain/help_kinds.h"
#include "widgets/style/controls.h"
#include "widgets/style/list_rows.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

enum Role { KeyRole = Qt::UserRole, FamilyRole, SummaryRole };

class PageDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
        const bool heading = index.data(KeyRole).toString().isEmpty();
        return QSize(160, heading && index.row() > 0 ? 34 : 28);
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        const QRect r = option.rect;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (index.data(KeyRole).toString().isEmpty()) {
            paintListHeading(*painter, r, index.data(Qt::DisplayRole).toString());
            painter->restore();
            return;
        }
        paintListGround(*painter, option, index.data(FamilyRole).toString());
        const QString name = index.data(Qt::DisplayRole).toString();
        painter->setFont(uiFont(13, QFont::Medium));
        painter->setPen(t.text);
        const QRect text = r.adjusted(32, 0, -10, 0);
        painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft, name);
        const int used = std::max(150, painter->fontMetrics().horizontalAdvance(name) + 12);
        painter->setFont(uiFont(12));
        painter->setPen(t.muted);
        const QRect rest = text.adjusted(used, 0, 0, 0);
        painter->drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                          painter->fontMetrics().elidedText(index.data(SummaryRole).toString(),
                                                            Qt::ElideRight, rest.width()));
        painter->restore();
    }
};

}  // namespace

HelpIndex::HelpIndex(QWidget* parent)
    : QWidget(parent),
      m_search(new QLineEdit(this)),
      m_list(new QListWidget(this)),
      m_nothing(makeWrappedLabel(tr("No page is about that. Try another word, for example “pool”."),
                                 "muted", this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 6, 6, 6);
    column->setSpacing(6);
    auto* top = new QHBoxLayout;
    top->setContentsMargins(0, 0, 8, 0);
    top->addWidget(m_search, 100);
    top->addStretch(1);
    column->addLayout(top);
    column->addWidget(m_nothing);
    column->addWidget(m_list, 1);
    m_search->setPlaceholderText(tr("Search help: a name or what it does"));
    m_search->setAccessibleName(tr("Search help"));
    m_search->setMaximumWidth(480);
    m_search->installEventFilter(this);
    m_nothing->hide();
    m_list->setItemDelegate(new PageDelegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setMouseTracking(true);
    m_list->setAccessibleName(tr("Help pages"));
    m_list->setStyleSheet(QStringLiteral("QListView { background: transparent; border: 0; }"));
    connect(m_search, &QLineEdit::textChanged, this, &HelpIndex::fill);
    connect(m_list, &QListWidget::itemClicked, this, &HelpIndex::choose);
    connect(m_list, &QListWidget::itemActivated, this, &HelpIndex::choose);
    connect(&Theme::instance(), &Theme::changed, m_list->viewport(), qOverload<>(&QWidget::update));
    setFocusProxy(m_search);
    fill({});
}

void HelpIndex::fill(const QString& typed) {
    m_list->clear();
    const bool headings = typed.trimmed().isEmpty();
    QString group;
    for (const HelpKind* kind : searchHelp(typed)) {
        const QString heading =
            (kind->layer ? q(kind->info->family) : kind->catalogueTitle).toUpper();
        if (headings && heading != group) {
            group = heading;
            auto* head = new QListWidgetItem(group, m_list);
            head->setFlags(Qt::NoItemFlags);
        }
        auto* item = new QListWidgetItem(q(kind->info->id), m_list);
        item->setData(KeyRole, kind->key());
        item->setData(FamilyRole, q(kind->info->family));
        item->setData(SummaryRole, q(kind->info->summary));
        item->setData(Qt::AccessibleTextRole, q(kind->info->id + ", " + kind->info->summary));
    }
    m_nothing->setVisible(m_list->count() == 0);
    move(1);
}

int HelpIndex::pageCount() const {
    int pages = 0;
    for (int row = 0; row < m_list->count(); ++row)
        pages += !m_list->item(row)->data(KeyRole).toString().isEmpty();
    return pages;
}

void HelpIndex::move(int rows) {
    const int step = rows > 0 ? 1 : -1;
    int row = m_list->currentRow();
    for (int left = std::abs(rows); left > 0; --left) {
        int next = row + step;
        while (next >= 0 && next < m_list->count() &&
               m_list->item(next)->data(KeyRole).toString().isEmpty())
            next += step;
        if (next < 0 || next >= m_list->count()) break;
        row = next;
    }
    if (row >= 0) m_list->setCurrentRow(row);
}

void HelpIndex::choose(QListWidgetItem* item) {
    const QString key = item ? item->data(KeyRole).toString() : QString();
    if (!key.isEmpty()) Q_EMIT chosen(key);
}

bool HelpIndex::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Down:
            move(1);
            return true;
        case Qt::Key_Up:
            move(-1);
            return true;
        case Qt::Key_PageDown:
            move(8);
            return true;
        case Qt::Key_PageUp:
            move(-8);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            choose(m_list->currentItem());
            return true;
        default:
            return QWidget::eventFilter(watched, event);
    }
}

}  // namespace loom
