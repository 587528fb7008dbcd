#include "widgets/style/segmented.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPushButton>

namespace loom {

namespace {

QAbstractButton* segment(const QButtonGroup* group, const QString& id) {
    for (QAbstractButton* button : group->buttons())
        if (button->objectName() == QLatin1String("segment.") + id) return button;
    return nullptr;
}

}  // namespace

SegmentedControl::SegmentedControl(QWidget* parent)
    : QFrame(parent), m_group(new QButtonGroup(this)), m_row(new QHBoxLayout(this)) {
    setProperty("segments", true);
    setAttribute(Qt::WA_StyledBackground);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_row->setContentsMargins(2, 2, 2, 2);
    m_row->setSpacing(2);
    connect(m_group, &QButtonGroup::buttonClicked, this,
            [this](QAbstractButton*) { Q_EMIT chosen(current()); });
}

void SegmentedControl::addSegment(const QString& id, const QString& title, const QString& toolTip) {
    auto* button = new QPushButton(title, this);
    button->setObjectName(QLatin1String("segment.") + id);
    button->setProperty("kind", QStringLiteral("segment"));
    button->setCheckable(true);
    button->setToolTip(toolTip);
    m_group->addButton(button);
    m_row->addWidget(button);
    if (m_group->buttons().size() == 1) button->setChecked(true);
}

void SegmentedControl::setTitle(const QString& id, const QString& title) {
    if (QAbstractButton* button = segment(m_group, id)) button->setText(title);
}

void SegmentedControl::setSegmentVisible(const QString& id, bool visible) {
    if (QAbstractButton* button = segment(m_group, id)) button->setVisible(visible);
}

void SegmentedControl::setCurrent(const QString& id) {
    if (QAbstractButton* button = segment(m_group, id)) button->setChecked(true);
}

QString SegmentedControl::current() const {
    const QAbstractButton* button = m_group->checkedButton();
    return button ? button->objectName().mid(8) : QString();
}

}  // namespace loom
