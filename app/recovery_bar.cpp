#include "app/recovery_bar.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLocale>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "app/document_actions.h"
#include "app/notice_bar.h"
#include "core/base/sentence.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

/// More would push the page away; the others come forward as these are answered.
constexpr std::size_t kMostRows = 3;

QString timeText(const QDateTime& time) {
    return QLocale::c().toString(time.toLocalTime(), QStringLiteral("d MMM yyyy, HH:mm"));
}

QString sentenceOf(const Recovery::Leftover& one) {
    const QString since = timeText(one.since);
    if (one.path.isEmpty())
        return RecoveryBar::tr("“%1”, which had no file yet, has unsaved changes of %2.")
            .arg(one.name, since);
    const QFileInfo file(one.path);
    if (file.exists() && file.lastModified() > one.since)
        return RecoveryBar::tr(
                   "“%1” (%2) has unsaved changes of %3; its file was saved again on %4.")
            .arg(one.name, file.fileName(), since, timeText(file.lastModified()));
    return RecoveryBar::tr("“%1” (%2) has unsaved changes of %3.")
        .arg(one.name, file.fileName(), since);
}

}  // namespace

RecoveryBar::RecoveryBar(DocumentActions* actions, QWidget* parent)
    : QFrame(parent), m_actions(actions) {
    setObjectName(QStringLiteral("recoveryBar"));
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(18, 6, 10, 6);
    m_column->setSpacing(4);
    hide();
}

void RecoveryBar::offer() {
    Recovery::sweep();
    m_discarded.clear();
    show(Recovery::leftovers());
}

QStringList RecoveryBar::rows() const {
    QStringList texts;
    if (isHidden()) return texts;
    for (const QLabel* label : findChildren<QLabel*>(QStringLiteral("recoveryRow")))
        texts << label->text();
    return texts;
}

void RecoveryBar::show(std::vector<Recovery::Leftover> found) {
    m_found = std::move(found);
    // A button that was pressed is among what goes, so it goes later.
    for (QWidget* row : findChildren<QWidget*>(Qt::FindDirectChildrenOnly)) {
        row->hide();
        row->setParent(nullptr);
        row->deleteLater();
    }
    const std::size_t rows = std::min(m_found.size(), kMostRows);
    for (std::size_t i = 0; i < rows; ++i) addRow(m_found[i]);
    if (m_found.size() > rows)
        addLine(q(sentence("{copies} of earlier times wait behind these.",
                           {{"copies", counted(static_cast<std::int64_t>(m_found.size() - rows),
                                               "more copy", "more copies")}})));
    if (!m_discarded.empty()) addLine({});
    setVisible(!m_found.empty() || !m_discarded.empty());
}

void RecoveryBar::addRow(const Recovery::Leftover& one) {
    auto* holder = new QWidget(this);
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    QLabel* text = makeWrappedLabel(sentenceOf(one));
    text->setObjectName(QStringLiteral("recoveryRow"));
    text->setToolTip(one.path);
    row->addWidget(text, 1);
    QPushButton* back = makeButton(tr("Bring back"));
    back->setToolTip(tr("Opens the project with these changes, unsaved; Undo shows its file"));
    QPushButton* away = makeButton(tr("Throw away"));
    row->addWidget(back);
    row->addWidget(away);
    if (&one == &m_found.front()) {
        QToolButton* close = makeIconButton(QStringLiteral("close"), tr("Throw all of them away"));
        connect(close, &QToolButton::clicked, this, &RecoveryBar::discardAll);
        row->addWidget(close);
    } else {
        row->addSpacing(36);
    }
    m_column->addWidget(holder);
    connect(back, &QPushButton::clicked, this, [this, one] {
        if (!m_actions->bringBack(one)) return;
        m_discarded.clear();
        show(Recovery::leftovers());
    });
    connect(away, &QPushButton::clicked, this, [this, one] { discard({one.copy}); });
}

void RecoveryBar::addLine(const QString& text) {
    auto* holder = new QWidget(this);
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_column->addWidget(holder);
    if (!text.isEmpty()) {
        row->addWidget(makeWrappedLabel(text, "muted"), 1);
        return;
    }
    row->addWidget(
        makeWrappedLabel(
            m_discarded.size() == 1
                ? tr("The copy was thrown away.")
                : q(sentence("{copies} were thrown away.",
                             {{"copies", counted(static_cast<std::int64_t>(m_discarded.size()),
                                                 "copy", "copies")}})),
            "muted"),
        1);
    QPushButton* undo = makeButton(tr("Undo"));
    undo->setToolTip(tr("Gets them back; after the next start they are gone"));
    connect(undo, &QPushButton::clicked, this, [this] {
        for (const QString& copy : std::exchange(m_discarded, {})) Recovery::restore(copy);
        show(Recovery::leftovers());
    });
    row->addWidget(undo);
    QToolButton* close = makeIconButton(QStringLiteral("close"), tr("Dismiss"));
    connect(close, &QToolButton::clicked, this, [this] {
        m_discarded.clear();
        show(Recovery::leftovers());
    });
    row->addWidget(close);
}

void RecoveryBar::discardAll() {
    std::vector<QString> copies;
    for (const Recovery::Leftover& one : m_found) copies.push_back(one.copy);
    discard(copies);
}

void RecoveryBar::discard(const std::vector<QString>& copies) {
    for (const QString& copy : copies) Recovery::discard(copy);
    m_discarded = copies;
    show(Recovery::leftovers());
}

void RecoveryBar::paintEvent(QPaintEvent*) {
    paintNotice(*this, QStringLiteral("accent"));
}

}  // namespace loom
