#include "widgets/canvas/add_popup.h"

#include <QApplication>
#include <QGraphicsDropShadowEffect>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {
constexpr QSize kSize(400, 340);
constexpr QSize kLeastSize(220, 140);
}  // namespace

AddPopup::AddPopup(QWidget* parent)
    : QFrame(parent),
      m_field(new QLineEdit(this)),
      m_list(new LayerList(true, this)),
      m_note(new ElidedLabel({}, this)),
      m_nothing(makeWrappedLabel(tr("No layer is called that."), "muted", this)) {
    setProperty("card", QStringLiteral("true"));
    resize(kSize);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 6);
    column->setSpacing(6);
    column->addWidget(m_field);
    column->addWidget(m_nothing);
    column->addWidget(m_list, 1);
    column->addWidget(m_note);
    m_note->setProperty("role", QStringLiteral("small"));
    m_nothing->hide();
    m_field->setPlaceholderText(tr("Type a layer’s name"));
    m_field->setAccessibleName(tr("Add a layer"));
    m_field->installEventFilter(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(24);
    shadow->setOffset(0, 6);
    shadow->setColor(QColor(0, 0, 0, 60));
    setGraphicsEffect(shadow);
    connect(m_field, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_list->showLayers(text, false, m_classify);
        m_nothing->setVisible(m_list->kindCount() == 0);
    });
    connect(m_list, &LayerList::chosen, this, &AddPopup::choose);
    connect(m_list, &LayerList::helpAsked, this, &AddPopup::helpAsked);
    hide();
}

void AddPopup::open(const QPoint& at, const QString& note, LayerList::Classifier classify) {
    m_classify = std::move(classify);
    m_note->setFullText(note);
    m_field->clear();
    m_list->showLayers({}, false, m_classify);
    m_nothing->setVisible(m_list->kindCount() == 0);
    const QSize room = parentWidget()->size();
    resize(kSize.boundedTo(room - QSize(16, 16)).expandedTo(kLeastSize));
    move(std::clamp(at.x(), 8, std::max(8, room.width() - width() - 8)),
         std::clamp(at.y(), 8, std::max(8, room.height() - height() - 8)));
    show();
    raise();
    m_field->setFocus();
}

void AddPopup::close(bool chosen) {
    if (isHidden()) return;
    const bool focused = m_field->hasFocus();
    hide();
    if (focused) parentWidget()->setFocus();
    if (!chosen) Q_EMIT dismissed();
}

void AddPopup::choose(const QString& kind) {
    close(true);
    Q_EMIT this->chosen(kind);
}

bool AddPopup::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut && isVisible()) {
        const auto reason = static_cast<QFocusEvent*>(event)->reason();
        if (reason != Qt::ActiveWindowFocusReason && reason != Qt::PopupFocusReason) close();
        return false;
    }
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Down:
            m_list->moveCurrent(1);
            return true;
        case Qt::Key_Up:
            m_list->moveCurrent(-1);
            return true;
        case Qt::Key_Tab:
            m_list->moveCurrent(1);
            return true;
        case Qt::Key_Backtab:
            m_list->moveCurrent(-1);
            return true;
        case Qt::Key_Escape:
            close();
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (!m_list->currentKind().isEmpty()) choose(m_list->currentKind());
            return true;
        default:
            return QFrame::eventFilter(watched, event);
    }
}

}  // namespace loom
