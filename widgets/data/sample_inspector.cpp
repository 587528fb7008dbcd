#include "widgets/data/sample_inspector.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/compare_view.h"
#include "widgets/data/numbers_view.h"
#include "widgets/data/transform_strip.h"
#include "widgets/data/value_histogram.h"
#include "widgets/style/controls.h"
#include "widgets/style/screen_size.h"
#include "widgets/style/segmented.h"

namespace loom {

namespace {

QString numberText(double number) {
    return QString::number(number, 'g', 4);
}

/// One number, or one per channel below each other.
template <class F>
QString perChannel(const SampleFigures& figures, F&& number) {
    QStringList lines;
    for (const auto& channel : figures.channels) lines << numberText(number(channel));
    return lines.join(QLatin1Char('\n'));
}

/// The value of a sample at a pixel of its picture; "0.31, 0.2, 0.11" in colour.
QString pixelText(const SampleInput& value, QPoint pixel) {
    QStringList parts;
    if (const auto* picture = std::get_if<Picture>(&value)) {
        const auto at =
            (static_cast<std::size_t>(pixel.y()) * static_cast<std::size_t>(picture->width) +
             static_cast<std::size_t>(pixel.x())) *
            static_cast<std::size_t>(picture->channels);
        for (int c = 0; c < picture->channels; ++c) {
            const std::size_t byte = at + static_cast<std::size_t>(c);
            if (byte < picture->pixels.size()) parts << QString::number(picture->pixels[byte]);
        }
        return parts.join(QStringLiteral(", "));
    }
    const auto& tensor = std::get<TensorSample>(value);
    if (tensor.dims.size() != 3) return {};
    const auto plane = static_cast<std::size_t>(tensor.dims[1] * tensor.dims[2]);
    const auto at = static_cast<std::size_t>(pixel.y()) * static_cast<std::size_t>(tensor.dims[2]) +
                    static_cast<std::size_t>(pixel.x());
    for (std::size_t c = 0; c < static_cast<std::size_t>(tensor.dims[0]) && c < 4; ++c)
        if (c * plane + at < tensor.values.size())
            parts << numberText(double(tensor.values[c * plane + at]));
    return parts.join(QStringLiteral(", "));
}

/// A pixel of a picture that was made smaller for the eye, as one of the sample.
QPoint pixelOf(const SampleInput& value, const QImage& shown, QPoint pixel) {
    int width = 0;
    int height = 0;
    if (const auto* picture = std::get_if<Picture>(&value)) {
        width = picture->width;
        height = picture->height;
    } else if (const auto& dims = std::get<TensorSample>(value).dims; dims.size() == 3) {
        height = static_cast<int>(dims[1]);
        width = static_cast<int>(dims[2]);
    }
    if (shown.width() <= 0 || shown.height() <= 0) return {};
    return {pixel.x() * width / shown.width(), pixel.y() * height / shown.height()};
}

}  // namespace

SampleInspector::SampleInspector(QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("A sample, step by step"));
    setProperty("surface", QStringLiteral("window"));
    setAttribute(Qt::WA_StyledBackground);
    resize(onScreen(this, {1100, 760}));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 14);
    column->setSpacing(10);
    column->addWidget(makeHeading());
    m_problem = makeWrappedLabel({}, "danger");
    m_problem->hide();
    column->addWidget(m_problem);
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(makePictures(), 1);
    row->addWidget(makeFigures());
    column->addLayout(row, 1);
    auto* stripCard = new Card;
    m_strip = new TransformStrip;
    m_strip->setReadOnly(true);
    stripCard->body()->addWidget(makeStripScroll(m_strip));
    column->addWidget(stripCard);
    connect(m_strip, &TransformStrip::selectionChanged, this, &SampleInspector::showStage);
}

QWidget* SampleInspector::makeHeading() {
    auto* heading = new QWidget;
    auto* row = new QHBoxLayout(heading);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_title = makeLabel({}, "heading");
    m_verdict = makeLabel({}, "good");
    m_place = new ElidedLabel;
    m_place->setProperty("role", QStringLiteral("small"));
    m_epoch = makeLabel({}, "small");
    row->addWidget(m_title);
    row->addWidget(m_verdict);
    row->addWidget(m_place, 1);
    row->addWidget(m_epoch);
    QToolButton* before = makeIconButton(QStringLiteral("chevron-left"), tr("The sample before"));
    QToolButton* after = makeIconButton(QStringLiteral("chevron-right"), tr("The next sample"));
    before->setObjectName(QStringLiteral("sampleBefore"));
    after->setObjectName(QStringLiteral("sampleAfter"));
    QPushButton* again =
        makeButton(tr("Roll again"), ButtonKind::Secondary, QStringLiteral("dice"));
    again->setObjectName(QStringLiteral("inspectorRoll"));
    again->setToolTip(tr("The draws of the next epoch (R)"));
    QPushButton* follow = makeButton(tr("Follow in the strip"));
    follow->setObjectName(QStringLiteral("followSample"));
    follow->setToolTip(tr("The Data page shows this sample after each step"));
    for (QWidget* widget : {static_cast<QWidget*>(before), static_cast<QWidget*>(after),
                            static_cast<QWidget*>(again), static_cast<QWidget*>(follow)}) {
        row->addWidget(widget);
        m_free.push_back(widget);
    }
    connect(before, &QToolButton::clicked, this, [this] { walk(-1); });
    connect(after, &QToolButton::clicked, this, [this] { walk(1); });
    connect(again, &QPushButton::clicked, this, &SampleInspector::roll);
    connect(follow, &QPushButton::clicked, this, [this] {
        if (m_look.index >= 0) Q_EMIT followAsked(m_request.split, m_look.index);
    });
    return heading;
}

QWidget* SampleInspector::makePictures() {
    auto* card = new Card;
    auto* bar = new QHBoxLayout;
    m_modes = new SegmentedControl;
    m_modes->addSegment(QStringLiteral("side"), tr("Side by side"));
    m_modes->addSegment(QStringLiteral("slider"), tr("Slider"),
                        tr("One over the other; drag the edge, or use the arrow keys"));
    m_modes->addSegment(QStringLiteral("numbers"), tr("Numbers"),
                        tr("The very numbers after the chosen step"));
    m_modes->setCurrent(QStringLiteral("side"));
    m_raw = makeButton(tr("Raw"), ButtonKind::Ghost);
    m_raw->setCheckable(true);
    m_raw->setToolTip(
        tr("The very numbers as grey: the smallest black, the largest white. Otherwise Normalize "
           "is undone for the eye."));
    m_pixel = makeLabel({}, "mono");
    bar->addWidget(m_modes);
    bar->addWidget(m_raw);
    bar->addStretch(1);
    bar->addWidget(m_pixel);
    card->body()->addLayout(bar);
    m_compare = new CompareView;
    m_numbers = new NumbersView;
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_compare);
    m_stack->addWidget(m_numbers);
    card->body()->addWidget(m_stack, 1);
    connect(m_modes, &SegmentedControl::chosen, this, [this](const QString& id) {
        m_modes->setCurrent(id);
        const bool numbers = id == QStringLiteral("numbers");
        m_stack->setCurrentIndex(numbers ? 1 : 0);
        m_raw->setVisible(!numbers);
        m_compare->setMode(id == QStringLiteral("slider") ? CompareView::Mode::Slider
                                                          : CompareView::Mode::SideBySide);
        if (!numbers) m_compare->setFocus();
    });
    connect(m_raw, &QPushButton::toggled, this, &SampleInspector::showStage);
    connect(m_compare, &CompareView::hovered, this, &SampleInspector::showPixel);
    return card;
}

QWidget* SampleInspector::makeFigures() {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    auto* figures = new Card(tr("In figures"));
    m_table = new QGridLayout;
    m_table->setHorizontalSpacing(12);
    m_table->setVerticalSpacing(4);
    const QStringList rows{QString(), tr("shape"), tr("dtype"), tr("min"),
                           tr("max"), tr("mean"),  tr("std")};
    for (int r = 0; r < rows.size(); ++r) {
        m_table->addWidget(makeLabel(rows[r], "muted"), r, 0, Qt::AlignTop);
        for (int c = 1; c <= 2; ++c) {
            QLabel* cell = makeLabel({}, r == 0 ? "small" : "mono");
            cell->setTextInteractionFlags(Qt::TextSelectableByMouse);
            m_table->addWidget(cell, r, c, Qt::AlignTop);
            m_cells.push_back(cell);
        }
    }
    m_table->setColumnStretch(2, 1);
    figures->body()->addLayout(m_table);
    m_histogramBefore = new ValueHistogram;
    m_histogramAfter = new ValueHistogram;
    figures->body()->addWidget(makeLabel(tr("Values before"), "small"));
    figures->body()->addWidget(m_histogramBefore);
    figures->body()->addWidget(makeLabel(tr("Values after"), "small"));
    figures->body()->addWidget(m_histogramAfter);
    column->addWidget(figures);
    m_drawsCard = new Card(tr("What chance decided"));
    m_draws = makeWrappedLabel({}, "mono");
    m_draws->setObjectName(QStringLiteral("draws"));
    m_draws->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_drawsCard->body()->addWidget(m_draws);
    column->addWidget(m_drawsCard);
    column->addStretch(1);
    QScrollArea* area = makeScrollColumn(content);
    area->setFixedWidth(300);
    return area;
}

void SampleInspector::look(const LookRequest& request, Ways ways) {
    m_request = request;
    m_ways = ways;
    setVerdict({}, true);
    for (QWidget* widget : m_free)
        widget->setVisible(
            ways == Ways::Free &&
            (!request.own || widget->objectName() == QLatin1String("inspectorRoll")));
    compute();
    show();
    raise();
    activateWindow();
}

void SampleInspector::setVerdict(const QString& verdict, bool right) {
    m_verdict->setText(verdict);
    m_verdict->setVisible(!verdict.isEmpty());
    setStyleProperty(m_verdict, "role", right ? QStringLiteral("good") : QStringLiteral("danger"));
}

void SampleInspector::compute() {
    m_job.start([request = m_request](
                    const std::atomic<bool>& cancelled) { return lookAt(request, cancelled); },
                [this](SampleLook look) {
                    m_look = std::move(look);
                    showLook();
                });
}

void SampleInspector::walk(int amount) {
    if (m_ways != Ways::Free || m_look.count <= 0) return;
    m_request.index = (m_look.index + amount + m_look.count) % m_look.count;
    compute();
}

void SampleInspector::roll() {
    if (m_ways != Ways::Free) return;
    ++m_request.epoch;
    compute();
}

void SampleInspector::showLook() {
    m_title->setText(m_look.answer);
    // A file's name says more than its number does.
    const bool named = !m_look.place.startsWith(QLatin1String("sample "));
    m_place->setFullText(
        m_look.index < 0
            ? QString()
            : tr("sample %1 of %2")
                      .arg(q(groupDigits(m_look.index)), q(groupDigits(m_look.count))) +
                  (named ? QStringLiteral(", ") + m_look.place : QString()));
    m_epoch->setText(tr("draws of epoch %1").arg(m_look.epoch + 1));
    m_problem->setText(m_look.hint.isEmpty() ? m_look.problem
                                             : m_look.problem + QLatin1Char(' ') + m_look.hint);
    m_problem->setVisible(!m_look.problem.isEmpty());
    std::vector<StripCard> cards;
    QStringList draws;
    for (const SampleLook::Stage& stage : m_look.stages) {
        StripCard card;
        card.title = stage.title;
        card.badge = stage.badge;
        card.caption = stage.figures.shape;
        card.draws = stage.draws;
        card.picture = stage.shown;
        card.others = stage.others;
        card.toolTip = stage.draws;
        cards.push_back(std::move(card));
        if (!stage.draws.isEmpty()) draws << stage.title + QStringLiteral(": ") + stage.draws;
    }
    const int last = static_cast<int>(cards.size()) - 1;
    m_strip->setCards(std::move(cards));
    m_draws->setText(draws.join(QLatin1Char('\n')));
    m_drawsCard->setVisible(!draws.isEmpty());
    // The end of the list unless the same step can stay chosen.
    if (m_strip->selected() < 0 || m_strip->selected() > last) m_strip->setSelected(last);
    showStage();
}

void SampleInspector::showStage() {
    const int chosen = m_strip->selected();
    if (m_look.stages.empty() || chosen < 0 || chosen >= static_cast<int>(m_look.stages.size())) {
        m_compare->setPictures({}, {});
        return;
    }
    // A step against the one before it; the source against itself.
    const SampleLook::Stage& after = m_look.stages[static_cast<std::size_t>(chosen)];
    const bool whole = chosen + 1 == static_cast<int>(m_look.stages.size());
    const SampleLook::Stage& before =
        m_look.stages[whole ? 0 : static_cast<std::size_t>(std::max(0, chosen - 1))];
    const bool raw = m_raw->isChecked();
    std::vector<QImage> views;
    if (!after.others.empty()) {
        views = after.others;
        views.insert(views.begin(), after.shown);
    }
    m_compare->setViews(raw ? before.raw : before.shown, std::move(views));
    if (after.others.empty())
        m_compare->setPictures(raw ? before.raw : before.shown, raw ? after.raw : after.shown);
    const bool first = &before == &m_look.stages.front();
    m_compare->setTitles(first ? tr("before all steps") : tr("after %1").arg(before.title),
                         whole               ? tr("what the network receives")
                         : &after == &before ? after.title
                                             : tr("after %1").arg(after.title));
    m_numbers->setSample(after.value, m_look.inputNames);
    showFigures(before, after);
}

void SampleInspector::showFigures(const SampleLook::Stage& before, const SampleLook::Stage& after) {
    using Channel = SampleFigures::Channel;
    int side = 0;
    for (const SampleLook::Stage* stage : {&before, &after}) {
        const SampleFigures& f = stage->figures;
        const QStringList texts{
            side == 0 ? tr("before") : tr("after"),
            f.shape,
            f.type,
            perChannel(f, [](const Channel& c) { return c.least; }),
            perChannel(f, [](const Channel& c) { return c.most; }),
            perChannel(f, [](const Channel& c) { return c.mean; }),
            perChannel(f, [](const Channel& c) { return c.deviation; }),
        };
        for (int r = 0; r < texts.size(); ++r)
            m_cells[static_cast<std::size_t>(2 * r + side)]->setText(texts[r]);
        ++side;
    }
    m_histogramBefore->setFigures(before.figures);
    m_histogramAfter->setFigures(after.figures);
}

void SampleInspector::showPixel(bool after, QPoint pixel) {
    const int chosen = m_strip->selected();
    const auto count = static_cast<int>(m_look.stages.size());
    if (pixel.x() < 0 || chosen < 0 || chosen >= count) {
        m_pixel->clear();
        return;
    }
    const bool whole = chosen + 1 == count;
    const SampleLook::Stage& stage =
        m_look.stages[static_cast<std::size_t>(after   ? chosen
                                               : whole ? 0
                                                       : std::max(0, chosen - 1))];
    const QPoint at = pixelOf(stage.value, stage.shown, pixel);
    m_pixel->setText(tr("x %1, y %2: %3").arg(at.x()).arg(at.y()).arg(pixelText(stage.value, at)));
}

void SampleInspector::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() == Qt::NoModifier && event->key() == Qt::Key_R)
        roll();
    else if (event->key() == Qt::Key_PageDown)
        walk(1);
    else if (event->key() == Qt::Key_PageUp)
        walk(-1);
    else
        QDialog::keyPressEvent(event);
}

}  // namespace loom
