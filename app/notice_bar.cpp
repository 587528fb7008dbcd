#include "app/notice_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <utility>

#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

NoticeBar::NoticeBar(QWidget* parent) : QFrame(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(18, 6, 10, 6);
    row->setSpacing(8);
    m_text = makeWrappedLabel({});
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_text, 1);
    m_buttons = new QHBoxLayout;
    row->addLayout(m_buttons);
    QToolButton* close = makeIconButton(QStringLiteral("close"), tr("Dismiss"));
    row->addWidget(close);
    connect(close, &QToolButton::clicked, this, &NoticeBar::dismiss);
    hide();
}

void NoticeBar::show(const QString& message, const QString& hint, const char* tone,
                     std::vector<Action> actions) {
    dismiss();
    m_tone = QString::fromLatin1(tone);
    m_text->setText(hint.isEmpty() ? message : message + QLatin1Char(' ') + hint);
    for (Action& action : actions) {
        QPushButton* button = makeButton(action.text);
        m_buttons->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, run = std::move(action.run)] {
            dismiss();
            run();
        });
    }
    QFrame::show();
    update();
}

void NoticeBar::dismiss() {
    while (QLayoutItem* item = m_buttons->takeAt(0)) {
        if (item->widget()) item->widget()->deleteLater();
        delete item;
    }
    hide();
}

QString NoticeBar::message() const {
    return isHidden() ? QString() : m_text->text();
}

void NoticeBar::paintEvent(QPaintEvent*) {
    paintNotice(*this, m_tone);
}

void paintNotice(QWidget& bar, const QString& tone) {
    QPainter painter(&bar);
    const Tokens& t = tokens();
    const bool danger = tone == QLatin1String("danger");
    const bool warning = tone == QLatin1String("warning");
    painter.fillRect(bar.rect(), danger ? t.dangerSoft : warning ? t.warningSoft : t.accentSoft);
    painter.fillRect(QRect(0, 0, 4, bar.height()), danger    ? t.danger
                                                   : warning ? t.warning
                                                             : t.accent);
    painter.setPen(t.hairline);
    painter.drawLine(0, bar.height() - 1, bar.width(), bar.height() - 1);
}

}  // namespace loom
