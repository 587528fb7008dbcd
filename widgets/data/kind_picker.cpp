#include "widgets/data/kind_picker.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "widgets/style/theme.h"

namespace loom {

namespace {

class TwoLines : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {300, 44};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(option.state & QStyle::State_Selected ? t.accentSoft : t.hover);
            painter->drawRoundedRect(option.rect, 5, 5);
        }
        const QRect inner = option.rect.adjusted(10, 4, -8, -4);
        painter->setFont(uiFont(13, QFont::DemiBold));
        painter->setPen(t.text);
        painter->drawText(QRect(inner.left(), inner.top(), inner.width(), 18), Qt::AlignVCenter,
                          index.data().toString());
        painter->setFont(uiFont(12));
        painter->setPen(t.muted);
        painter->drawText(QRect(inner.left(), inner.top() + 18, inner.width(), 18),
                          Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(Qt::UserRole).toString(),
                                                            Qt::ElideRight, inner.width()));
        painter->restore();
    }
};

}  // namespace

KindPicker::KindPicker(std::vector<Entry> entries, QWidget* parent)
    : QFrame(parent, Qt::Popup), m_entries(std::move(entries)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setProperty("card", QStringLiteral("true"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(6);
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Search"));
    m_search->setObjectName(QStringLiteral("kindSearch"));
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("kindList"));
    m_list->setItemDelegate(new TwoLines(m_list));
    m_list->setMouseTracking(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setFrameShape(QFrame::NoFrame);
    column->addWidget(m_search);
    column->addWidget(m_list);
    resize(340, 330);
    m_search->installEventFilter(this);
    connect(m_search, &QLineEdit::textChanged, this, &KindPicker::filter);
    connect(m_search, &QLineEdit::returnPressed, this, &KindPicker::pickCurrent);
    connect(m_list, &QListWidget::itemClicked, this, &KindPicker::pickCurrent);
    connect(m_list, &QListWidget::itemActivated, this, &KindPicker::pickCurrent);
    filter({});
}

void KindPicker::popup(QPoint globalTopRight) {
    move(globalTopRight - QPoint(width(), 0));
    show();
    m_search->setFocus();
}

void KindPicker::filter(const QString& text) {
    m_list->clear();
    const QString wanted = text.trimmed();
    const auto add = [this](const Entry& entry) {
        auto* item = new QListWidgetItem(entry.id, m_list);
        item->setData(Qt::UserRole, entry.summary);
        item->setToolTip(entry.summary);
    };
    // Names that begin so come before those that only contain it.
    for (const Entry& entry : m_entries)
        if (entry.id.startsWith(wanted, Qt::CaseInsensitive)) add(entry);
    if (!wanted.isEmpty())
        for (const Entry& entry : m_entries) {
            if (entry.id.startsWith(wanted, Qt::CaseInsensitive)) continue;
            const QString all =
                entry.id + QLatin1Char(' ') + entry.summary + QLatin1Char(' ') + entry.keywords;
            if (all.contains(wanted, Qt::CaseInsensitive)) add(entry);
        }
    m_list->setCurrentRow(0);
}

void KindPicker::pickCurrent() {
    QListWidgetItem* item = m_list->currentItem();
    // A click may also activate: once is enough.
    if (!item || !isVisible()) return;
    const QString id = item->text();
    close();
    Q_EMIT picked(id);
}

bool KindPicker::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        const int row = m_list->currentRow();
        if (key->key() == Qt::Key_Down || key->key() == Qt::Key_Up) {
            m_list->setCurrentRow(
                std::clamp(row + (key->key() == Qt::Key_Down ? 1 : -1), 0, m_list->count() - 1));
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

}  // namespace loom
