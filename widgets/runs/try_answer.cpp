#include "widgets/runs/try_answer.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cstddef>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/bar_list.h"
#include "widgets/data/sample_image.h"
#include "widgets/data/sample_paint.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr std::size_t kMostBars = 20;
constexpr int kSeenSide = 84;

QString percent(double probability) {
    return QString::number(probability * 100, 'f', 1) + QStringLiteral(" %");
}

}  // namespace

TryAnswer::TryAnswer(QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    m_verdict = makeWrappedLabel({}, "title");
    m_detail = makeWrappedLabel({}, "muted");
    column->addWidget(m_verdict);
    column->addWidget(m_detail);

    m_seenRow = new QWidget;
    auto* row = new QHBoxLayout(m_seenRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(10);
    m_seen = new QLabel;
    m_seen->setObjectName(QStringLiteral("seenPicture"));
    m_seen->setFixedSize(kSeenSide, kSeenSide);
    m_seen->setAlignment(Qt::AlignCenter);
    m_seen->setAccessibleName(tr("What the network sees"));
    row->addWidget(m_seen, 0, Qt::AlignTop);
    auto* notes = new QVBoxLayout;
    notes->setSpacing(4);
    notes->addWidget(makeLabel(tr("What the network sees"), "small"));
    m_seenNote = makeWrappedLabel({}, "small");
    m_advice = makeWrappedLabel({}, "warning");
    m_invert = makeButton(tr("Swap light and dark"), ButtonKind::Secondary);
    m_invert->setObjectName(QStringLiteral("invertPicture"));
    m_invert->setCheckable(true);
    notes->addWidget(m_seenNote);
    notes->addWidget(m_advice);
    notes->addWidget(m_invert, 0, Qt::AlignLeft);
    notes->addStretch(1);
    row->addLayout(notes, 1);
    column->addWidget(m_seenRow);

    m_columns =
        makeLabel(tr("probability, and the network’s own number (logit) behind it"), "small");
    column->addWidget(m_columns);
    m_bars = new BarList;
    column->addWidget(m_bars);
    m_given = new QLabel;
    m_given->setObjectName(QStringLiteral("givenPicture"));
    m_given->hide();
    column->addWidget(m_given);
    column->addStretch(1);
    connect(m_invert, &QPushButton::clicked, this, &TryAnswer::invertAsked);
}

void TryAnswer::present(const Content& content) {
    std::vector<BarList::Row> rows;
    bool scores = false;
    for (std::size_t i = 0; i < content.classes.size() && i < kMostBars; ++i) {
        const ClassScore& score = content.classes[i];
        QString value = percent(score.probability);
        if (score.score)
            value += QStringLiteral("%1").arg(QString::number(*score.score, 'f', 2), 9);
        scores = scores || score.score.has_value();
        rows.push_back({q(score.name), score.probability, value, i == 0});
    }
    m_bars->setRows(rows);
    m_columns->setVisible(scores);
    m_given->hide();
    m_seenRow->setVisible(!content.seen.isNull() || !content.advice.isEmpty() || content.inverted ||
                          !content.remarks.isEmpty());
    m_seen->setPixmap(content.seen.isNull()
                          ? QPixmap()
                          : samplePixmap(content.seen, kSeenSide, devicePixelRatioF()));
    m_seen->setVisible(!content.seen.isNull());
    m_seenNote->setText(content.remarks.join(QLatin1Char(' ')));
    m_seenNote->setVisible(!content.remarks.isEmpty());
    m_advice->setText(content.advice);
    m_advice->setVisible(!content.advice.isEmpty());
    m_invert->setChecked(content.inverted);
    m_invert->setVisible(!content.advice.isEmpty() || content.inverted);
    setStyleProperty(m_detail, "role", QStringLiteral("muted"));
    if (content.numbers && content.problem.isEmpty())
        showNumbers(*content.numbers, content);
    else
        showVerdict(content);
}

void TryAnswer::showVerdict(const Content& content) {
    if (!content.problem.isEmpty()) {
        m_verdict->setText(content.problem);
        m_detail->setText(content.hint);
        return;
    }
    if (content.classes.empty()) {
        m_verdict->setText(tr("Nothing tried yet"));
        m_detail->setText(content.nothing);
        return;
    }
    const ClassScore& first = content.classes.front();
    const bool right = content.truth == q(first.name);
    m_verdict->setText(q(first.name));
    m_detail->setText(content.truth.isEmpty() ? tr("%1 sure").arg(percent(first.probability))
                      : right ? tr("✓ right, %1 sure").arg(percent(first.probability))
                              : tr("✕ it is: %1").arg(content.truth));
    if (!content.truth.isEmpty())
        setStyleProperty(m_detail, "role",
                         right ? QStringLiteral("good") : QStringLiteral("danger"));
}

void TryAnswer::showNumbers(const TensorSample& numbers, const Content& content) {
    const QString& truth = content.truth;
    const bool givesBack = content.givesBack;
    const QImage picture = numbers.dims.size() == 3 ? toImage(numbers, nullptr) : QImage();
    if (picture.isNull()) {
        // "price: 2.04" says more than "2.04".
        m_verdict->setText(content.names.size() == 1 && numbers.values.size() == 1
                               ? tr("%1: %2").arg(content.names.front(), answerText(numbers.values))
                               : answerText(numbers.values));
        if (content.names.size() > 1 &&
            content.names.size() == static_cast<qsizetype>(numbers.values.size())) {
            QStringList parts;
            for (qsizetype i = 0; i < std::min<qsizetype>(content.names.size(), 4); ++i)
                parts << tr("%1: %2").arg(
                    content.names[i], answerText({numbers.values[static_cast<std::size_t>(i)]}));
            m_verdict->setText(parts.join(QStringLiteral(", ")));
        }
        m_detail->setText(truth.isEmpty() ? QString() : tr("it is: %1").arg(truth));
        return;
    }
    m_verdict->setText(givesBack ? tr("What it gives back") : tr("What it gives"));
    m_detail->setText(givesBack
                          ? tr("made from what fits through the narrowest place of the network")
                          : q(Shape{numbers.dims}.toSentence()));
    m_given->setPixmap(samplePixmap(picture, std::max(height() / 2, 120), devicePixelRatioF()));
    m_given->show();
}

QString TryAnswer::verdict() const {
    return m_verdict->text();
}

QString TryAnswer::remarks() const {
    return QStringList{m_detail->text(), m_seenNote->text(), m_advice->text()}.join(
        QLatin1Char('\n'));
}

}  // namespace loom
