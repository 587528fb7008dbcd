#include "widgets/data/kind_picker.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "widgets/style/list_rows.h"
#include "widgets/style/screen_size.h"
#include "widgets/data/sample_paint.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kSummaryRole = Qt::UserRole;
constexpr int kPictureRole = Qt::UserRole + 1;
constexpr int kHeadingRole = Qt::UserRole + 2;
constexpr int kPictureSide = 38;
constexpr int kArrowWidth = 14;
constexpr int kPairWidth = 2 * kPictureSide + kArrowWidth;

/// Before, an arrow, after, in the colours of the theme.
QPixmap pairPixmap(const QImage& before, const QImage& after, double ratio) {
    QPixmap pair(QSize(kPairWidth, kPictureSide) * ratio);
    pair.setDevicePixelRatio(ratio);
    pair.fill(Qt::transparent);
    QPainter painter(&pair);
    painter.setRenderHint(QPainter::Antialiasing);
    int x = 0;
    for (const QImage* image : {&before, &after}) {
        if (!image->isNull()) {
            paintSample(painter, *image, QRect(x, 0, kPictureSide, kPictureSide));
        }
        x += kPictureSide + kArrowWidth;
    }
    painter.setPen(QPen(tokens().muted, 1.2, Qt::SolidLine, Qt::RoundCap));
    const int y = kPictureSide / 2;
    painter.drawLine(kPictureSide + 3, y, kPictureSide + 11, y);
    painter.drawLine(kPictureSide + 8, y - 3, kPictureSide + 11, y);
    painter.drawLine(kPictureSide + 8, y + 3, kPictureSide + 11, y);
    return pair;
}

class TwoLines : public QStyledItemDelegate {
public:
    TwoLines(bool pictures, QObject* parent) : QStyledItemDelegate(parent), m_pictures(pictures) {}
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
        return {300, index.data(kHeadingRole).toBool() ? 28 : m_pictures ? 48 : 44};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (index.data(kHeadingRole).toBool()) {
            paintListHeading(*painter, option.rect, index.data().toString());
            painter->restore();
            return;
        }
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(option.state & QStyle::State_Selected ? t.accentSoft : t.hover);
            painter->drawRoundedRect(option.rect, 5, 5);
        }
        QRect inner = option.rect.adjusted(10, 4, -8, -4);
        if (m_pictures) {
            const QPixmap pair = index.data(kPictureRole).value<QPixmap>();
            painter->drawPixmap(inner.left(), option.rect.center().y() - kPictureSide / 2, pair);
            inner.setLeft(inner.left() + kPairWidth + 12);
        }
        painter->setFont(uiFont(13, QFont::DemiBold));
        painter->setPen(t.text);
        painter->drawText(QRect(inner.left(), inner.top(), inner.width(), 18), Qt::AlignVCenter,
                          index.data().toString());
        painter->setFont(uiFont(12));
        painter->setPen(t.muted);
        painter->drawText(QRect(inner.left(), inner.top() + 18, inner.width(), 18),
                          Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(kSummaryRole).toString(),
                                                            Qt::ElideRight, inner.width()));
        painter->restore();
    }

private:
    bool m_pictures;
};

}  // namespace

KindPicker::KindPicker(std::vector<Entry> entries, Pictures pictures, QWidget* parent)
    : QFrame(parent, Qt::Popup), m_entries(std::move(entries)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setProperty("card", QStringLiteral("true"));
    // Families are for long lists, whose kinds one looks at rather than reads about.
    const bool grouped = std::any_of(m_entries.begin(), m_entries.end(),
                                     [](const Entry& entry) { return !entry.family.isEmpty(); });
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(6);
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Search"));
    m_search->setObjectName(QStringLiteral("kindSearch"));
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("kindList"));
    m_list->setItemDelegate(new TwoLines(pictures != Pictures::None, m_list));
    m_list->setMouseTracking(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setFrameShape(QFrame::NoFrame);
    column->addWidget(m_search);
    column->addWidget(m_list);
    resize(onScreen(this, grouped ? QSize(460, 520) : QSize(340, 330)));
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

void KindPicker::addItem(const Entry& entry) {
    auto* item = new QListWidgetItem(entry.id, m_list);
    item->setData(kSummaryRole, entry.summary);
    item->setData(kPictureRole, m_pictures.value(entry.id));
    item->setToolTip(entry.summary);
}

void KindPicker::addHeading(const QString& family) {
    auto* item = new QListWidgetItem(family, m_list);
    item->setData(kHeadingRole, true);
    item->setFlags(Qt::NoItemFlags);
}

void KindPicker::setPicture(const QString& id, const QImage& before, const QImage& after) {
    m_pictures.insert(id, pairPixmap(before, after, devicePixelRatioF()));
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->text() == id && !m_list->item(row)->data(kHeadingRole).toBool())
            m_list->item(row)->setData(kPictureRole, m_pictures.value(id));
}

void KindPicker::filter(const QString& text) {
    m_list->clear();
    const QString wanted = text.trimmed();
    if (wanted.isEmpty()) {
        QStringList families;
        for (const Entry& entry : m_entries)
            if (!families.contains(entry.family)) families << entry.family;
        for (const QString& family : families) {
            if (!family.isEmpty()) addHeading(family);
            for (const Entry& entry : m_entries)
                if (entry.family == family) addItem(entry);
        }
    } else {
        // Names that begin so come before those that only contain it.
        for (const Entry& entry : m_entries)
            if (entry.id.startsWith(wanted, Qt::CaseInsensitive)) addItem(entry);
        for (const Entry& entry : m_entries) {
            if (entry.id.startsWith(wanted, Qt::CaseInsensitive)) continue;
            const QString all = entry.id + QLatin1Char(' ') + entry.summary + QLatin1Char(' ') +
                                entry.keywords + QLatin1Char(' ') + entry.family;
            if (all.contains(wanted, Qt::CaseInsensitive)) addItem(entry);
        }
    }
    m_list->setCurrentRow(-1);
    moveBy(1);
}

void KindPicker::moveBy(int rows) {
    const int step = rows < 0 ? -1 : 1;
    int row = m_list->currentRow() + step;
    while (row >= 0 && row < m_list->count() && m_list->item(row)->data(kHeadingRole).toBool())
        row += step;
    if (row >= 0 && row < m_list->count()) m_list->setCurrentRow(row);
}

void KindPicker::pickCurrent() {
    QListWidgetItem* item = m_list->currentItem();
    // A click may also activate: once is enough.
    if (!item || !isVisible() || item->data(kHeadingRole).toBool()) return;
    const QString id = item->text();
    close();
    Q_EMIT picked(id);
}

bool KindPicker::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Down || key->key() == Qt::Key_Up) {
            moveBy(key->key() == Qt::Key_Down ? 1 : -1);
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

}  // namespace loom
