#include "widgets/data/finding_card.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/icons.h"
#include "widgets/data/sample_paint.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kSide = 56;
constexpr int kGap = 6;

struct Look {
    const char* icon;
    const char* word;
    QColor Tokens::*colour;
};

const Look& lookOf(Severity severity) {
    static const Look looks[] = {
        {"info", QT_TRANSLATE_NOOP("FindingCard", "Good to know"), &Tokens::muted},
        {"warning", QT_TRANSLATE_NOOP("FindingCard", "Warning"), &Tokens::warning},
        {"error", QT_TRANSLATE_NOOP("FindingCard", "Error"), &Tokens::danger}};
    return looks[static_cast<std::size_t>(severity)];
}

/// An icon that follows the theme.
class SeverityIcon : public QLabel {
public:
    explicit SeverityIcon(Severity severity) {
        const auto draw = [this, severity] {
            const Look& look = lookOf(severity);
            setPixmap(iconPixmap(QString::fromLatin1(look.icon), tokens().*look.colour, 18,
                                 devicePixelRatioF()));
        };
        draw();
        setFixedWidth(22);
        setAlignment(Qt::AlignTop);
        setToolTip(FindingCard::tr(lookOf(severity).word));
        connect(&Theme::instance(), &Theme::changed, this, draw);
    }
};

}  // namespace

/// The first pictures concerned, in a row; one click shows them all.
class FindingPictures : public QWidget {
    Q_OBJECT
public:
    FindingPictures(const DataFinding& finding) : m_finding(finding) {
        setFixedHeight(kSide);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        setCursor(Qt::PointingHandCursor);
        setObjectName(QStringLiteral("findingPictures"));
        connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
    }
    void setPictures(std::vector<QImage> pictures) {
        m_pictures = std::move(pictures);
        update();
    }

Q_SIGNALS:
    void clicked();

protected:
    void mousePressEvent(QMouseEvent*) override { Q_EMIT clicked(); }
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Tokens& t = tokens();
        const auto& samples = m_finding.samples;
        int x = 0;
        std::size_t shown = 0;
        for (; shown < std::min(kPicturedSamples, samples.size()); ++shown) {
            // What is equal stands together.
            if (shown > 0 && samples[shown].group != samples[shown - 1].group) x += 2 * kGap;
            if (x + kSide > width() - 60) break;
            const QRect cell(x, 0, kSide, kSide);
            QPainterPath rounded;
            rounded.addRoundedRect(cell, 5, 5);
            painter.save();
            painter.setClipPath(rounded);
            painter.fillRect(cell, t.canvas);
            const QImage image = shown < m_pictures.size() ? m_pictures[shown] : QImage();
            if (!image.isNull()) {
                paintSample(painter, image, cell);
            } else if (shown < m_pictures.size()) {
                painter.drawPixmap(
                    cell.center() - QPoint(9, 9),
                    iconPixmap(QStringLiteral("warning"), t.warning, 18, devicePixelRatioF()));
            }
            painter.restore();
            x += kSide + kGap;
        }
        const auto more =
            std::max<std::int64_t>(m_finding.count, static_cast<std::int64_t>(samples.size()));
        if (more <= static_cast<std::int64_t>(shown)) return;
        painter.setFont(uiFont(12));
        painter.setPen(t.muted);
        painter.drawText(
            QRect(x + 4, 0, 80, kSide), Qt::AlignVCenter | Qt::AlignLeft,
            QStringLiteral("+ ") + q(groupDigits(more - static_cast<std::int64_t>(shown))));
    }

private:
    DataFinding m_finding;
    std::vector<QImage> m_pictures;
};

FindingCard::FindingCard(const DataFinding& finding, QWidget* parent)
    : Card({}, parent), m_finding(finding) {
    setObjectName(QLatin1String("finding.") + q(finding.id));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(new SeverityIcon(finding.severity), 0, Qt::AlignTop);
    auto* column = new QVBoxLayout;
    column->setSpacing(4);
    row->addLayout(column, 1);
    body()->addLayout(row);
    column->addWidget(makeWrappedLabel(q(finding.title), "strong"));
    QLabel* message = makeWrappedLabel(q(finding.message));
    message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(message);
    if (!finding.hint.empty()) column->addWidget(makeWrappedLabel(q(finding.hint), "muted"));
    if (!finding.samples.empty()) {
        auto* pictures = new FindingPictures(finding);
        connect(pictures, &FindingPictures::clicked, this, &FindingCard::samplesAsked);
        column->addSpacing(4);
        column->addWidget(pictures);
        m_pictures = pictures;
    }
    if (finding.samples.empty() && finding.fixes.empty()) return;
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    column->addSpacing(2);
    column->addLayout(buttons);
    for (const DataFix& fix : finding.fixes) {
        QPushButton* button = makeButton(q(fix.label));
        button->setObjectName(QLatin1String("fix.") + q(fix.id));
        connect(button, &QPushButton::clicked, this, [this, fix] { Q_EMIT fixAsked(fix); });
        buttons->addWidget(button);
    }
    if (!finding.samples.empty()) {
        QPushButton* look =
            makeButton(finding.samples.size() == 1 ? tr("Look at it") : tr("Look at them"),
                       ButtonKind::Ghost, QStringLiteral("eye"));
        look->setObjectName(QStringLiteral("lookAtSamples"));
        look->setToolTip(tr("Shows exactly these on the Browse tab"));
        connect(look, &QPushButton::clicked, this, &FindingCard::samplesAsked);
        buttons->addWidget(look);
    }
    buttons->addStretch(1);
}

void FindingCard::setPictures(std::vector<QImage> pictures) {
    if (m_pictures) static_cast<FindingPictures*>(m_pictures)->setPictures(std::move(pictures));
}

}  // namespace loom

#include "finding_card.moc"
