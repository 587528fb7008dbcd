#include "widgets/plots/schedule_plot.h"

#include <QVBoxLayout>
#include <algorithm>

#include "core/base/shape.h"
#include "core/base/value.h"
#include "widgets/plots/chart_number.h"
#include "widgets/plots/plot_view.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

QString number(double value) {
    return chartNumber(value);
}

}  // namespace

SchedulePlot::SchedulePlot(QWidget* parent)
    : QWidget(parent), m_plot(new PlotView(this)), m_text(makeWrappedLabel({}, "small", this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 2, 0, 0);
    column->setSpacing(4);
    auto* card = new Card({}, this);
    card->body()->setContentsMargins(4, 4, 4, 4);
    card->body()->addWidget(m_plot);
    column->addWidget(card);
    column->addWidget(m_text);
    m_plot->setFixedHeight(132);
    m_plot->setAxisLabel(tr("epoch"));
    m_plot->setAccessibleName(tr("Learning rate over the run"));
    // It shows the whole run, so there is nothing to move.
    m_plot->setAttribute(Qt::WA_TransparentForMouseEvents);
    connect(&Theme::instance(), &Theme::changed, this, &SchedulePlot::draw);
    hide();
}

QString SchedulePlot::text() const {
    return m_text->text();
}

void SchedulePlot::setCurve(const ScheduleCurve& curve, std::int64_t epochs, const QString& note) {
    m_curve = curve;
    m_epochs = epochs;
    setVisible(!curve.rates.empty());
    if (curve.rates.empty()) return;
    const auto [low, high] = std::minmax_element(curve.rates.begin(), curve.rates.end());
    QStringList lines;
    lines << tr("The learning rate over %1 epochs: from %2 to %3, largest %4.")
                 .arg(QString::fromStdString(groupDigits(epochs)), number(curve.rates.front()),
                      number(curve.rates.back()), number(*high));
    if (!curve.momenta.empty()) {
        const auto [least, most] = std::minmax_element(curve.momenta.begin(), curve.momenta.end());
        lines << tr("The momentum moves between %1 and %2.").arg(number(*least), number(*most));
    }
    if (!curve.note.empty()) lines << QString::fromStdString(curve.note);
    if (!note.isEmpty()) lines << note;
    m_text->setText(lines.join(QLatin1Char(' ')));
    draw();
}

void SchedulePlot::draw() {
    if (m_curve.rates.empty()) return;
    PlotCurve line;
    line.color = tokens().accent;
    line.width = 1.8;
    for (std::size_t i = 0; i < m_curve.rates.size(); ++i) {
        line.points.push_back({m_curve.epochs[i], m_curve.rates[i]});
        // An epoch's rate holds to its end.
        if (m_curve.perBatch) continue;
        const double end =
            i + 1 < m_curve.epochs.size() ? m_curve.epochs[i + 1] : static_cast<double>(m_epochs);
        line.points.push_back({end, m_curve.rates[i]});
    }
    const double high = *std::max_element(m_curve.rates.begin(), m_curve.rates.end());
    m_plot->setCurves({line});
    m_plot->setRanges({0, static_cast<double>(std::max<std::int64_t>(1, m_epochs))},
                      {0, high > 0 ? high * 1.08 : 1});
    m_plot->redraw();
}

}  // namespace loom
