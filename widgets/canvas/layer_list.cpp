#include "widgets/canvas/layer_list.h"

#include <QDrag>
#include <QHelpEvent>
#include <QMimeData>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QToolTip>
#include <algorithm>
#include <tuple>

#include "widgets/bridge/strings.h"
#include "widgets/canvas/fuzzy_match.h"
#include "widgets/style/icons.h"
#include "widgets/style/list_rows.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

// The question mark at the right end of a row.
constexpr int kHelpWidth = 28;

class LayerDelegate : public QStyledItemDelegate {
public:
    LayerDelegate(bool withSummaries, QObject* parent)
        : QStyledItemDelegate(parent), m_withSummaries(withSummaries) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
        const bool heading = index.data(LayerList::KindRole).toString().isEmpty();
        return QSize(120, heading ? (index.row() == 0 ? 24 : 32) : 28);
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRect r = option.rect;
        if (index.data(LayerList::KindRole).toString().isEmpty()) {
            paintListHeading(*painter, r, index.data(Qt::DisplayRole).toString());
            painter->restore();
            return;
        }
        paintListGround(*painter, option, index.data(LayerList::FamilyRole).toString());

        const auto mark = static_cast<PortMark>(index.data(LayerList::MarkRole).toInt());
        painter->setFont(uiFont(13, m_withSummaries ? QFont::Medium : QFont::Normal));
        painter->setPen(mark == PortMark::Impossible ? t.muted : t.text);
        const QString name = index.data(Qt::DisplayRole).toString();
        const bool asks = option.state & (QStyle::State_MouseOver | QStyle::State_Selected);
        const QRect text = r.adjusted(32, 0, asks ? -kHelpWidth : -10, 0);
        painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft, name);
        if (asks) {
            const qreal scale = painter->device()->devicePixelRatioF();
            painter->drawPixmap(QPointF(r.right() - kHelpWidth + 7, r.center().y() - 7),
                                iconPixmap(QStringLiteral("help"), t.muted, 15, scale));
        }
        if (m_withSummaries) {
            const int used = painter->fontMetrics().horizontalAdvance(name) + 10;
            painter->setFont(uiFont(12));
            const bool bridge = mark == PortMark::Bridge;
            const QString tail = bridge ? LayerList::tr("needs something in between")
                                        : index.data(LayerList::SummaryRole).toString();
            painter->setPen(bridge ? t.warning : t.muted);
            const QRect rest = text.adjusted(used, 0, 0, 0);
            painter->drawText(
                rest, Qt::AlignVCenter | Qt::AlignLeft,
                painter->fontMetrics().elidedText(tail, Qt::ElideRight, rest.width()));
        }
        painter->restore();
    }

private:
    bool m_withSummaries;
};

}  // namespace

LayerList::LayerList(bool withSummaries, QWidget* parent) : QListWidget(parent) {
    setItemDelegate(new LayerDelegate(withSummaries, this));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setMouseTracking(true);
    // A click adds a layer and leaves the keyboard where it is.
    setFocusPolicy(Qt::TabFocus);
    setUniformItemSizes(false);
    setDragEnabled(true);
    setDragDropMode(QAbstractItemView::DragOnly);
    setStyleSheet(QStringLiteral("QListView { background: transparent; border: 0; }"));
    connect(this, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
        const QString kind = item->data(KindRole).toString();
        if (!kind.isEmpty()) Q_EMIT chosen(kind);
    });
    connect(&Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void LayerList::showLayers(const QString& typed, bool headings, const Classifier& classify) {
    clear();
    std::vector<KindFit> fits;
    for (const LayerKind* kind : findLayers(typed)) {
        KindFit fit = classify ? classify(*kind) : KindFit{kind, PortMark::Fits, {}, false};
        // What cannot be wired is left out, unless there is no reason to.
        if (fit.mark != PortMark::Impossible || fit.reason.isEmpty())
            fits.push_back(std::move(fit));
    }
    // What fits comes first, but a name typed in full is meant, whether it fits or not.
    const auto rank = [&](const KindFit& fit) {
        const bool named = q(fit.kind->info.id).compare(typed.trimmed(), Qt::CaseInsensitive) == 0;
        // A second end of the network is seldom meant.
        return std::tuple(!named, fit.mark, fit.isThere);
    };
    if (classify)
        std::stable_sort(fits.begin(), fits.end(),
                         [&](const KindFit& a, const KindFit& b) { return rank(a) < rank(b); });
    QString family;
    for (const KindFit& fit : fits) {
        if (headings && q(fit.kind->info.family) != family) {
            family = q(fit.kind->info.family);
            addHeading(family);
        }
        addKind(*fit.kind, fit);
    }
    if (!headings || !typed.isEmpty()) moveCurrent(1);
}

void LayerList::addHeading(const QString& family) {
    auto* item = new QListWidgetItem(familyTitle(family), this);
    item->setFlags(Qt::NoItemFlags);
}

void LayerList::addKind(const LayerKind& kind, const KindFit& fit) {
    auto* item = new QListWidgetItem(q(kind.info.id), this);
    item->setData(KindRole, q(kind.info.id));
    item->setData(FamilyRole, q(kind.info.family));
    item->setData(SummaryRole, q(kind.info.summary));
    item->setData(MarkRole, static_cast<int>(fit.mark));
    item->setData(ReasonRole, fit.reason);
    item->setData(Qt::AccessibleTextRole, q(kind.info.id + ", " + kind.info.summary));
    item->setToolTip(fit.reason.isEmpty() ? q(kind.info.id + " " + kind.info.summary + ".")
                                          : fit.reason);
}

QString LayerList::currentKind() const {
    return currentItem() ? currentItem()->data(KindRole).toString() : QString();
}

void LayerList::moveCurrent(int rows) {
    const int step = rows > 0 ? 1 : -1;
    int row = currentRow();
    for (int left = std::abs(rows); left > 0; --left) {
        int next = row + step;
        while (next >= 0 && next < count() && item(next)->data(KindRole).toString().isEmpty())
            next += step;
        if (next < 0 || next >= count()) break;
        row = next;
    }
    if (row >= 0) setCurrentRow(row);
}

int LayerList::kindCount() const {
    int kinds = 0;
    for (int row = 0; row < count(); ++row)
        kinds += !item(row)->data(KindRole).toString().isEmpty();
    return kinds;
}

QString LayerList::helpAt(const QPoint& at) const {
    const QListWidgetItem* item = itemAt(at);
    if (!item || at.x() < visualItemRect(item).right() - kHelpWidth) return {};
    return item->data(KindRole).toString();
}

void LayerList::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && !helpAt(event->pos()).isEmpty()) return;
    QListWidget::mousePressEvent(event);
}

void LayerList::mouseReleaseEvent(QMouseEvent* event) {
    if (const QString kind = helpAt(event->pos());
        event->button() == Qt::LeftButton && !kind.isEmpty() && state() == NoState) {
        Q_EMIT helpAsked(kind);
        return;
    }
    QListWidget::mouseReleaseEvent(event);
}

void LayerList::mouseMoveEvent(QMouseEvent* event) {
    viewport()->setCursor(helpAt(event->pos()).isEmpty() ? Qt::ArrowCursor
                                                         : Qt::PointingHandCursor);
    QListWidget::mouseMoveEvent(event);
}

bool LayerList::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const QString kind = helpAt(help->pos()); !kind.isEmpty()) {
            QToolTip::showText(help->globalPos(), tr("Explain %1 (F1)").arg(kind), viewport());
            return true;
        }
    }
    return QListWidget::viewportEvent(event);
}

void LayerList::startDrag(Qt::DropActions) {
    const QString kind = currentKind();
    if (kind.isEmpty()) return;
    auto* mime = new QMimeData;
    mime->setData(QLatin1String(kLayerMime), kind.toUtf8());
    auto* drag = new QDrag(this);
    drag->setMimeData(mime);

    // A small card under the mouse, like the block that will be.
    const Tokens& t = tokens();
    const qreal scale = devicePixelRatioF();
    const int width = fontMetrics().horizontalAdvance(kind) + 52;
    QPixmap card(QSizeF(width * scale, 36 * scale).toSize());
    card.setDevicePixelRatio(scale);
    card.fill(Qt::transparent);
    QPainter painter(&card);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(t.accent, 1.5));
    painter.setBrush(t.surface);
    painter.drawRoundedRect(QRectF(1, 1, width - 2, 34), 8, 8);
    painter.setPen(Qt::NoPen);
    painter.setBrush(familyColor(currentItem()->data(FamilyRole).toString()));
    painter.drawRoundedRect(QRectF(12, 13, 10, 10), 3, 3);
    painter.setPen(t.text);
    painter.setFont(uiFont(13, QFont::DemiBold));
    painter.drawText(QRectF(30, 0, width - 30, 36), Qt::AlignVCenter | Qt::AlignLeft, kind);
    painter.end();
    drag->setPixmap(card);
    drag->setHotSpot(QPoint(width / 2, 18));
    drag->exec(Qt::CopyAction);
}

}  // namespace loom
