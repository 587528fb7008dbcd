#include "widgets/style/controls.h"

#include <QHelpEvent>
#include <QPainter>
#include <QRegularExpression>
#include <QScrollArea>
#include <QStyle>
#include <QToolTip>
#include <QVBoxLayout>
#include <QVariant>
#include <algorithm>

#include "widgets/style/icons.h"
#include "widgets/style/theme.h"

namespace loom {

Card::Card(const QString& title, QWidget* parent) : QFrame(parent), m_body(new QVBoxLayout(this)) {
    setProperty("card", QStringLiteral("true"));
    m_body->setContentsMargins(12, 10, 12, 10);
    m_body->setSpacing(8);
    if (!title.isEmpty()) m_body->addWidget(new SectionLabel(title, this));
}

void Card::setTone(const QString& tone) {
    setStyleProperty(this, "card", tone.isEmpty() ? QStringLiteral("true") : tone);
}

SectionLabel::SectionLabel(const QString& text, QWidget* parent) : QLabel(parent) {
    setProperty("role", QStringLiteral("section"));
    QFont spaced = font();
    spaced.setLetterSpacing(QFont::AbsoluteSpacing, 0.4);
    setFont(spaced);
    setTitle(text);
}

void SectionLabel::setTitle(const QString& text) {
    setText(text.toUpper());
}

KeyCap::KeyCap(const QString& key, QWidget* parent) : QLabel(key, parent) {
    setProperty("role", QStringLiteral("keycap"));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent) : QLabel(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    setFullText(text);
}

void ElidedLabel::setFullText(const QString& text) {
    m_full = text;
    // For whoever asks a label what it says; it is painted here.
    setTextFormat(Qt::PlainText);
    setText(text);
    setAccessibleName(text);
    updateGeometry();
    update();
}

QSize ElidedLabel::sizeHint() const {
    return QSize(fontMetrics().horizontalAdvance(m_full) + 2, fontMetrics().height() + 2);
}

QSize ElidedLabel::minimumSizeHint() const {
    return QSize(std::min(fontMetrics().horizontalAdvance(m_full) + 2, 40),
                 fontMetrics().height() + 2);
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    painter.drawText(rect(), static_cast<int>(alignment() | Qt::TextSingleLine), shownText());
}

QString ElidedLabel::shownText() const {
    return fontMetrics().elidedText(m_full, Qt::ElideRight, width());
}

bool ElidedLabel::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QLabel::event(event);
    QStringList lines;
    if (shownText() != m_full) lines << m_full;
    if (!toolTip().isEmpty() && toolTip() != m_full) lines << toolTip();
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), lines.join(QLatin1Char('\n')),
                       this);
    return true;
}

EmptyState::EmptyState(const QString& iconName, const QString& title, const QString& text,
                       const QString& buttonText, QWidget* parent)
    : QWidget(parent),
      m_icon(new QLabel(this)),
      m_title(makeLabel(title, "heading", this)),
      m_text(makeWrappedLabel(text, "muted", this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 24);
    column->setSpacing(8);
    const auto drawIcon = [this, iconName] {
        m_icon->setPixmap(iconPixmap(iconName, tokens().muted, 36, devicePixelRatioF()));
    };
    drawIcon();
    connect(&Theme::instance(), &Theme::changed, this, drawIcon);
    for (QLabel* label : {m_icon, m_title, m_text}) label->setAlignment(Qt::AlignCenter);
    m_title->setWordWrap(true);
    m_text->setMaximumWidth(440);
    m_text->setMinimumWidth(160);

    column->addStretch(2);
    column->addWidget(m_icon);
    column->addSpacing(4);
    column->addWidget(m_title);
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(m_text, 100);
    row->addStretch(1);
    column->addLayout(row);
    if (!buttonText.isEmpty()) {
        m_button = makeButton(buttonText, ButtonKind::Primary, {}, this);
        connect(m_button, &QPushButton::clicked, this, &EmptyState::actionTriggered);
        column->addSpacing(4);
        column->addWidget(m_button, 0, Qt::AlignHCenter);
    }
    column->addStretch(3);
}

void EmptyState::setTexts(const QString& title, const QString& text) {
    m_title->setText(title);
    m_text->setText(text);
}

QPushButton* makeButton(const QString& text, ButtonKind kind, const QString& iconName,
                        QWidget* parent) {
    static const char* const kNames[] = {"secondary", "primary", "ghost", "danger", "page"};
    auto* button = new QPushButton(text, parent);
    button->setProperty("kind", QString::fromLatin1(kNames[static_cast<int>(kind)]));
    button->setCheckable(kind == ButtonKind::Page);
    if (!iconName.isEmpty()) setIcon(button, iconName);
    return button;
}

QToolButton* makeIconButton(const QString& iconName, const QString& toolTip, QWidget* parent) {
    auto* button = new QToolButton(parent);
    setIcon(button, iconName);
    button->setFixedSize(28, 28);
    button->setToolTip(toolTip);
    button->setAccessibleName(toolTip);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

QLabel* makeLabel(const QString& text, const char* role, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    if (role[0] != '\0') label->setProperty("role", QString::fromLatin1(role));
    return label;
}

QLabel* makeWrappedLabel(const QString& text, const char* role, QWidget* parent) {
    QLabel* label = makeLabel(text, role, parent);
    label->setWordWrap(true);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    label->setSizePolicy(policy);
    return label;
}

QString breakable(const QString& text) {
    static const QRegularExpression joints(QStringLiteral("([/\\\\._(,=-])(?=\\S)"));
    return QString(text).replace(joints, QStringLiteral("\\1\u200B"));
}

QFrame* makeLine(QWidget* parent) {
    auto* line = new QFrame(parent);
    line->setProperty("line", QStringLiteral("true"));
    return line;
}

void setStyleProperty(QWidget* widget, const char* name, const QVariant& value) {
    if (widget->property(name) == value) return;
    widget->setProperty(name, value);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

QScrollArea* makeScrollColumn(QWidget* content, QWidget* parent) {
    auto* area = new QScrollArea(parent);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setWidgetResizable(true);
    area->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    area->setWidget(content);
    area->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    return area;
}

}  // namespace loom
