#include "widgets/explain/weights_card.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QSignalBlocker>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/shape.h"
#include "core/exchange/torch_file.h"
#include "core/train/probe.h"
#include "widgets/bridge/strings.h"
#include "widgets/explain/tensor_model.h"
#include "widgets/explain/weights_history.h"
#include "widgets/style/file_choice.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

// While someone types a number, and for runs whose epochs are quick.
constexpr int kDelay = 250;
constexpr std::size_t kWritten = 8;
constexpr int kTableHeight = 176;
constexpr std::size_t kMostCopied = 1'000'000;
/// More would only be copied about while the window waits.
constexpr std::size_t kMostShown = 4'000'000;
/// Networks of more parameters are not built or copied just because a block is selected.
constexpr std::int64_t kMostUnasked = 10'000'000;
constexpr int kMostMeasured = 64;

std::size_t countOf(const PlainTensor& tensor) {
    std::size_t count = 1;
    for (const std::int64_t side : tensor.dims) count *= static_cast<std::size_t>(side);
    return count;
}

/// "weight 1×1: 2.9981", or what many numbers are like.
QString lineOf(const NamedTensor& entry) {
    const std::size_t count = countOf(entry.tensor);
    const QString name =
        q(entry.name) + QLatin1Char(' ') +
        (entry.tensor.dims.empty() ? QString() : q(Shape{entry.tensor.dims}.toText()));
    QStringList parts;
    if (count <= kWritten) {
        for (const double number : numbersOf(entry.tensor)) parts << weightText(number);
        return name.trimmed() + QStringLiteral(": ") + parts.join(QStringLiteral(", "));
    }
    double sum = 0, squares = 0, least = HUGE_VAL, most = -HUGE_VAL;
    eachNumber(entry.tensor, [&](double number) {
        sum += number;
        least = std::min(least, number);
        most = std::max(most, number);
    });
    const double mean = sum / static_cast<double>(count);
    eachNumber(entry.tensor, [&](double number) { squares += (number - mean) * (number - mean); });
    const auto brief = [](double number) { return QString::number(number, 'g', 3); };
    return WeightsCard::tr("%1: from %2 to %3, mean %4, deviation %5")
        .arg(name, brief(least), brief(most), brief(mean),
             brief(std::sqrt(squares / static_cast<double>(count))));
}

}  // namespace

WeightsCard::WeightsCard(DocumentController& document, QWidget* parent)
    : Card({}, parent),
      m_document(document),
      m_sources(new QComboBox(this)),
      m_source(makeWrappedLabel({}, "small", this)),
      m_lines(makeWrappedLabel({}, "mono", this)),
      m_tensors(new QComboBox(this)),
      m_copy(makeIconButton(QStringLiteral("copy"), tr("Copy these numbers"), this)),
      m_model(new TensorModel(this)),
      m_table(new QTableView(this)),
      m_show(makeButton(tr("Show them"), ButtonKind::Secondary, {}, this)),
      m_history(new WeightsHistory(this)) {
    setObjectName(QStringLiteral("weightsCard"));
    body()->setSpacing(4);
    body()->addWidget(makeLabel(tr("Weights as numbers"), "small", this));
    m_sources->setAccessibleName(tr("Which weights"));
    m_sources->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    // A row of its own: beside its label a file's name would make the card wider than its column.
    m_sources->setMinimumContentsLength(8);
    body()->addWidget(m_sources);
    body()->addWidget(m_source);
    m_show->setObjectName(QStringLiteral("showWeights"));
    body()->addWidget(m_show, 0, Qt::AlignLeft);
    m_lines->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_lines->setObjectName(QStringLiteral("weightLines"));
    body()->addWidget(m_lines);
    auto* row = new QHBoxLayout;
    m_tensors->setAccessibleName(tr("Which numbers"));
    m_tensors->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_tensors->setMinimumContentsLength(8);
    m_copy->setFixedSize(26, 24);
    row->addWidget(m_tensors, 1);
    row->addWidget(m_copy);
    body()->addLayout(row);
    m_table->setModel(m_model);
    m_table->setFixedHeight(kTableHeight);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->verticalHeader()->setDefaultSectionSize(22);
    m_table->setFont(monoFont(12));
    m_table->horizontalHeader()->setDefaultSectionSize(
        QFontMetrics(m_table->font()).horizontalAdvance(QStringLiteral("-1.234e-05")) + 20);
    m_table->setAccessibleName(tr("Weights as numbers"));
    body()->addWidget(m_table);
    body()->addWidget(m_history);

    m_delay.setSingleShot(true);
    m_delay.setInterval(kDelay);
    connect(&m_delay, &QTimer::timeout, this, &WeightsCard::recompute);
    connect(&document, &DocumentController::reportChanged, this, [this] {
        // Another drawing: what it costs is asked anew.
        m_allowed = false;
        later();
    });
    connect(m_show, &QPushButton::clicked, this, [this] {
        m_allowed = true;
        recompute();
    });
    connect(&document, &DocumentController::documentReset, this, [this] {
        m_fileByHand = false;
        m_chosen = Run;
        fillSources();
    });
    connect(m_sources, &QComboBox::activated, this, &WeightsCard::chooseSource);
    connect(m_tensors, &QComboBox::currentIndexChanged, this, &WeightsCard::showTensor);
    connect(m_copy, &QToolButton::clicked, this, &WeightsCard::copy);
    fillSources();
    hide();
}

void WeightsCard::setBridge(TrainingBridge* bridge) {
    m_bridge = bridge;
    connect(bridge, &TrainingBridge::runStarted, this, [this] {
        fillSources();
        later();
    });
    connect(bridge, &TrainingBridge::runEnded, this, &WeightsCard::later);
    connect(bridge, &TrainingBridge::eventsArrived, this,
            [this](const std::vector<RunEvent>& events) {
                // After each epoch, and while one goes on step by step.
                for (const RunEvent& event : events)
                    if (event.type == RunEvent::Type::Epoch || event.type == RunEvent::Type::Paused)
                        return later();
            });
    fillSources();
}

void WeightsCard::setBlock(const NodeId& block) {
    if (block == m_block) return;
    m_block = block;
    m_allowed = false;
    m_found = {};
    hide();
    fillSources();
    if (m_active) recompute();
}

void WeightsCard::setActive(bool active) {
    if (active == m_active) return;
    m_active = active;
    if (active) return recompute();
    m_delay.stop();
    m_job.cancel();
}

void WeightsCard::later() {
    // Not anew with each event: quick epochs would never let it begin.
    if (m_active && !m_delay.isActive()) m_delay.start();
}

void WeightsCard::fillSources() {
    const QSignalBlocker quiet(m_sources);
    const bool hasRun = m_bridge && m_bridge->hasRun();
    // What a run begins with, when it begins with a file's.
    if (!m_fileByHand) m_file = q(m_document.project().training.initialWeights);
    m_sources->clear();
    if (hasRun) m_sources->addItem(tr("Latest run"), int(Run));
    m_sources->addItem(tr("Fresh"), int(Fresh));
    if (!m_file.isEmpty()) m_sources->addItem(QFileInfo(m_file).fileName(), int(File));
    m_sources->addItem(tr("From a file…"), int(ChooseFile));
    const int place = m_sources->findData(int(m_chosen));
    m_sources->setCurrentIndex(std::max(place, 0));
}

void WeightsCard::chooseSource(int index) {
    const auto chosen = static_cast<Source>(m_sources->itemData(index).toInt());
    if (chosen == ChooseFile) {
        const QString path = loom::chooseFile(this, tr("Weights"), tr("Weights (*.pth *.pt)"));
        if (!path.isEmpty()) return setWeightFile(path);
        fillSources();
        return;
    }
    m_chosen = chosen;
    recompute();
}

void WeightsCard::setWeightFile(const QString& path) {
    m_file = path;
    m_fileByHand = true;
    m_chosen = File;
    fillSources();
    if (m_active) recompute();
}

void WeightsCard::recompute() {
    m_delay.stop();
    const Node* node = m_document.graph().find(m_block);
    const BlockReport* report = m_document.report().shapes.find(m_block);
    const LayerKind* kind = node ? layers().find(node->kind) : nullptr;
    if (!kind || !kind->build || !report || !report->known) {
        m_job.cancel();
        present({});
        return;
    }
    if (!m_allowed && m_document.report().shapes.parameters > kMostUnasked) return offer(*report);
    std::shared_ptr<TrainingSession> run;
    if (m_bridge && m_chosen == Run) run = m_bridge->sharedSession();
    const QString file = m_chosen == File ? m_file : QString();
    m_job.start(
        [project = m_document.snapshot(), block = m_block, run, file](const std::atomic<bool>&) {
            Found found;
            std::optional<Weights> given;
            if (run) {
                if (auto now = run->weights()) given = std::move(*now);
            } else if (!file.isEmpty()) {
                auto loaded = loadWeights(file.toStdString());
                if (!loaded) {
                    found.problem = q(loaded.error().message);
                    return found;
                }
                given = std::move(*loaded);
            }
            auto weights = blockWeights(*project, block, given ? &*given : nullptr);
            if (!weights) {
                found.problem = q(weights.error().message);
                return found;
            }
            found.state = std::move(weights->state);
            for (NamedTensor& entry : found.state.tensors) {
                found.lines << lineOf(entry);
                // More than the table takes is let go of.
                if (countOf(entry.tensor) > kMostShown) entry.tensor.bytes = {};
            }
            if (run) found.history = run->historyOf(block);
            if (!weights->given)
                found.source =
                    !file.isEmpty()
                        ? tr("The file has none for this block; these are fresh ones, seed %1.")
                              .arg(project->training.seed)
                        : tr("as a fresh run begins, seed %1").arg(project->training.seed);
            else if (run)
                found.source = run->state() == TrainingSession::State::Ended
                                   ? tr("as the latest run left them")
                                   : tr("of the run that goes on");
            else
                found.source = tr("of %1").arg(QFileInfo(file).fileName());
            return found;
        },
        [this](Found found) { present(std::move(found)); });
}

void WeightsCard::offer(const BlockReport& report) {
    m_job.cancel();
    Found found;
    const ShapeReport& shapes = m_document.report().shapes;
    const bool given = (m_bridge && m_chosen == Run && m_bridge->hasRun()) ||
                       (m_chosen == File && !m_file.isEmpty());
    // Of weights that are there all are copied; fresh ones are drawn a block after the other, and
    // the largest counts.
    std::int64_t most = report.inference.parameters;
    for (const auto& [id, block] : shapes.blocks)
        if (block.known) most = std::max(most, block.inference.parameters);
    const std::int64_t numbers = given ? shapes.parameters : most;
    found.source = tr("This network has %1 parameters. Showing those of this block takes a few "
                      "seconds and up to %2 of memory meanwhile.")
                       .arg(q(groupDigits(shapes.parameters)),
                            q(byteText(2.0 * sizeof(float) * static_cast<double>(numbers))));
    found.offered = report.inference.parameters > 0;
    present(std::move(found));
}

void WeightsCard::present(Found found) {
    m_found = std::move(found);
    m_show->setVisible(m_found.offered);
    m_history->setHistory(m_found.history);
    const QStringList& lines = m_found.lines;
    m_source->setText(breakable(source()));
    QStringList shown;
    // Names are broken where they are long; numbers stay as they may be copied.
    for (const QString& line : lines) {
        const qsizetype end = line.indexOf(QLatin1Char(' '));
        shown << breakable(line.left(end)) + (end < 0 ? QString() : line.mid(end));
    }
    m_lines->setText(shown.join(QLatin1Char('\n')));
    m_lines->setVisible(!lines.isEmpty());
    const QString before = m_tensors->currentText();
    {
        const QSignalBlocker quiet(m_tensors);
        m_tensors->clear();
        for (const NamedTensor& entry : m_found.state.tensors)
            if (const std::size_t count = countOf(entry.tensor);
                count > kWritten && count <= kMostShown)
                m_tensors->addItem(q(entry.name));
        m_tensors->setCurrentIndex(std::max(m_tensors->findText(before), 0));
    }
    const bool any = m_tensors->count() > 0;
    for (QWidget* widget : {static_cast<QWidget*>(m_tensors), static_cast<QWidget*>(m_copy),
                            static_cast<QWidget*>(m_table)})
        widget->setVisible(any);
    if (any) showTensor(m_tensors->currentIndex());
    setVisible(!lines.isEmpty() || !m_found.problem.isEmpty() || m_found.offered);
}

void WeightsCard::showTensor(int index) {
    const std::string name = m_tensors->itemText(index).toStdString();
    const PlainTensor* tensor = m_found.state.find(name);
    if (!tensor) return;
    m_model->setTensor(*tensor);
    // Measuring thousands of columns would take longer than looking at them.
    if (m_model->columnCount() <= kMostMeasured) m_table->resizeColumnsToContents();
}

void WeightsCard::copy() {
    const PlainTensor* tensor = m_found.state.find(m_tensors->currentText().toStdString());
    if (!tensor) return;
    if (countOf(*tensor) > kMostCopied) {
        Q_EMIT statusMessage(
            tr("These are too many numbers for the clipboard; export the weights."));
        return;
    }
    QApplication::clipboard()->setText(m_model->toText());
    Q_EMIT statusMessage(tr("Copied %1: %2 numbers")
                             .arg(m_tensors->currentText(),
                                  q(groupDigits(static_cast<std::int64_t>(countOf(*tensor))))));
}

QString WeightsCard::source() const {
    return m_found.problem.isEmpty() ? m_found.source : m_found.problem;
}

QString WeightsCard::lines() const {
    return m_found.lines.join(QLatin1Char('\n'));
}

}  // namespace loom
