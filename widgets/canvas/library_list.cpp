#include "widgets/canvas/library_list.h"

#include <QDrag>
#include <QMimeData>
#include <QPainter>
#include <QStyledItemDelegate>

#include "widgets/canvas/group_library.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

class LibraryDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return QSize(120, 28);
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRect r = option.rect;
        const bool current = option.state & QStyle::State_Selected;
        if (current || option.state & QStyle::State_MouseOver) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(current ? t.accentSoft : t.hover);
            painter->drawRoundedRect(r.adjusted(2, 1, -2, -1), 6, 6);
        }
        // A small stack, as a group's box is drawn.
        painter->setPen(QPen(t.accent, 1));
        painter->setBrush(t.surface);
        painter->drawRoundedRect(QRectF(r.left() + 14.5, r.center().y() - 2.5, 9, 7), 2, 2);
        painter->drawRoundedRect(QRectF(r.left() + 11.5, r.center().y() - 5.5, 9, 7), 2, 2);
        const QString count = QString::number(index.data(LibraryList::BlocksRole).toInt());
        painter->setFont(monoFont(11));
        painter->setPen(t.muted);
        painter->drawText(r.adjusted(0, 0, -12, 0), Qt::AlignVCenter | Qt::AlignRight, count);
        const int used = painter->fontMetrics().horizontalAdvance(count) + 20;
        painter->setFont(uiFont(13));
        painter->setPen(t.text);
        const QRect text = r.adjusted(32, 0, -used, 0);
        painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight,
                                                            text.width()));
        painter->restore();
    }
};

}  // namespace

LibraryList::LibraryList(QWidget* parent) : QListWidget(parent) {
    setItemDelegate(new LibraryDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setDragEnabled(true);
    setDragDropMode(QAbstractItemView::DragOnly);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setStyleSheet(QStringLiteral("QListView { background: transparent; border: 0; }"));
    connect(&Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void LibraryList::startDrag(Qt::DropActions) {
    if (!currentItem()) return;
    auto* mime = new QMimeData;
    mime->setData(QLatin1String(kLibraryMime), currentItem()->data(FileRole).toString().toUtf8());
    auto* drag = new QDrag(this);
    drag->setMimeData(mime);
    drag->setPixmap(viewport()->grab(visualItemRect(currentItem())));
    drag->exec(Qt::CopyAction);
}

}  // namespace loom
