#include "widgets/runs/try_page.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <utility>

#include "core/project/delivered_dataset.h"
#include "core/train/plan.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/data/bar_list.h"
#include "widgets/data/preview_grid.h"
#include "widgets/data/sample_image.h"
#include "widgets/runs/drawing_pad.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr int kSamples = 12;
constexpr std::size_t kMostBars = 20;
// How often the answer follows the weights while they change.
constexpr int kAgainMilliseconds = 1500;

}  // namespace

TryPage::TryPage(DocumentController* controller, TrainingBridge* bridge, QWidget* parent)
    : QWidget(parent),
      m_controller(controller),
      m_bridge(bridge),
      m_runsFolder(QString::fromStdString(defaultRunsFolder())) {
    setProperty("surface", QStringLiteral("window"));
    setAttribute(Qt::WA_StyledBackground);
    setFocusPolicy(Qt::ClickFocus);

    auto* pictureCard = new Card;
    pictureCard->body()->addWidget(makeLabel(tr("Picture"), "strong"));
    m_pad = new DrawingPad;
    pictureCard->body()->addWidget(m_pad, 1);
    auto* sources = new QHBoxLayout;
    QPushButton* choose = makeButton(tr("Choose…"), ButtonKind::Secondary, QStringLiteral("image"));
    QPushButton* paste = makeButton(tr("Paste"), ButtonKind::Secondary, QStringLiteral("copy"));
    m_draw = makeButton(tr("Draw"), ButtonKind::Secondary, QStringLiteral("pencil"));
    m_draw->setCheckable(true);
    m_clear = makeButton(tr("Clear"), ButtonKind::Ghost);
    m_clear->hide();
    for (QPushButton* button : {choose, paste, m_draw, m_clear}) sources->addWidget(button);
    sources->addStretch(1);
    pictureCard->body()->addLayout(sources);

    auto* answerCard = new Card;
    auto* heading = new QHBoxLayout;
    heading->addWidget(makeLabel(tr("What the network says"), "strong"));
    heading->addStretch(1);
    m_weights = makeLabel({}, "small");
    heading->addWidget(m_weights);
    QPushButton* file = makeButton(tr("Weights from a file…"), ButtonKind::Ghost);
    m_useRun = makeButton(tr("Use the latest run's"), ButtonKind::Ghost);
    m_useRun->hide();
    heading->addWidget(file);
    heading->addWidget(m_useRun);
    answerCard->body()->addLayout(heading);
    m_verdict = makeWrappedLabel({}, "title");
    m_detail = makeWrappedLabel({}, "muted");
    m_bars = new BarList;
    answerCard->body()->addWidget(m_verdict);
    answerCard->body()->addWidget(m_detail);
    answerCard->body()->addWidget(m_bars);
    m_given = new QLabel;
    m_given->setObjectName(QStringLiteral("givenPicture"));
    m_given->hide();
    answerCard->body()->addWidget(m_given);
    answerCard->body()->addStretch(1);

    auto* sampleCard = new Card;
    auto* sampleHeading = new QHBoxLayout;
    sampleHeading->addWidget(makeLabel(tr("Test pictures"), "strong"));
    sampleHeading->addWidget(makeLabel(tr("the network never learned from these"), "small"));
    sampleHeading->addStretch(1);
    QPushButton* others = makeButton(tr("Others"), ButtonKind::Secondary, QStringLiteral("dice"));
    sampleHeading->addWidget(others);
    sampleCard->body()->addLayout(sampleHeading);
    m_samples = new PreviewGrid(kSamples);
    m_samples->setMinimumHeight(84);
    sampleCard->body()->addWidget(m_samples);

    auto* top = new QHBoxLayout;
    top->setSpacing(12);
    top->addWidget(pictureCard, 2);
    top->addWidget(answerCard, 3);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(12);
    column->addLayout(top, 1);
    column->addWidget(sampleCard);

    connect(choose, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getOpenFileName(
            this, tr("Choose a picture"), {},
            tr("Pictures (*.png *.jpg *.jpeg *.bmp *.webp *.tif *.tiff)"));
        if (!path.isEmpty()) tryFile(path);
    });
    connect(paste, &QPushButton::clicked, this,
            [this] { tryImage(QGuiApplication::clipboard()->image()); });
    connect(m_draw, &QPushButton::toggled, this, &TryPage::setDrawing);
    connect(m_clear, &QPushButton::clicked, m_pad, &DrawingPad::clear);
    connect(m_pad, &DrawingPad::drawn, this, &TryPage::tryDrawing);
    connect(file, &QPushButton::clicked, this, [this] {
        const QString path =
            QFileDialog::getOpenFileName(this, tr("Weights"), {}, tr("Weights (*.pth *.pt)"));
        if (!path.isEmpty()) setWeightFile(path);
    });
    connect(m_useRun, &QPushButton::clicked, this, [this] { setWeightFile({}); });
    connect(others, &QPushButton::clicked, this, [this] {
        ++m_roll;
        takeSamples();
    });
    connect(m_samples, &PreviewGrid::clicked, this, [this](int index) {
        const TestSample& sample = m_taken[static_cast<std::size_t>(index)];
        m_draw->setChecked(false);
        m_pad->setPicture(sample.image);
        tryInput(sample.input, sample.className);
    });
    connect(m_controller, &DocumentController::reportChanged, this, [this] { m_foundRun.clear(); });
    connect(m_controller, &DocumentController::documentReset, this, [this] {
        m_runFolder.clear();
        m_foundRun.clear();
        m_useRun->setVisible(!m_weightFile.isEmpty());
        m_input.reset();
        m_pad->setPicture({});
        if (isVisible()) takeSamples();
    });
    m_again.setInterval(kAgainMilliseconds);
    connect(&m_again, &QTimer::timeout, this, [this] {
        if (isVisible() && m_input && !weightsChoice().byHand() && m_bridge->isActive() &&
            !m_predictJob.isRunning())
            predict();
    });
    m_again.start();
    connect(m_bridge, &TrainingBridge::runEnded, this, [this] {
        if (m_input && !weightsChoice().byHand()) predict();
    });
    showOutcome({});
}

void TryPage::setWeightFile(const QString& path) {
    m_weightFile = path;
    m_runFolder.clear();
    m_foundRun.clear();
    m_useRun->setVisible(!path.isEmpty());
    if (m_input)
        predict();
    else
        lookForRun();
}

void TryPage::setRun(const QString& runFolder) {
    setWeightFile({});
    m_runFolder = runFolder;
    m_useRun->setVisible(!runFolder.isEmpty());
    if (m_input)
        predict();
    else
        lookForRun();
}

WeightsChoice TryPage::weightsChoice() const {
    WeightsChoice choice{m_weightFile, m_runFolder, m_bridge->sharedSession(), m_runsFolder};
    if (!choice.byHand() && !choice.session) choice.runFolder = m_foundRun;
    return choice;
}

void TryPage::lookForRun() {
    showOutcome({});
    m_findJob.start(
        [choice = weightsChoice(), project = m_controller->snapshot()](
            const std::atomic<bool>& cancelled) { return chosenName(choice, *project, cancelled); },
        [this](const QString& name) { m_weights->setText(name); });
}

QString TryPage::weightsName() const {
    return m_weights->text();
}

void TryPage::takeSamples() {
    if (!m_controller->report().location.found) {
        m_sampleJob.cancel();
        m_taken.clear();
        m_samples->setCells({});
        m_samples->setEmptyText(
            tr("The data set is not on this machine yet; the Data page says how to get it."));
        return;
    }
    const Choice choice = deliveredDataset(m_controller->project());
    m_samples->setEmptyText(tr("Reading pictures…"));
    m_sampleJob.start(
        [choice, roll = m_roll](const std::atomic<bool>& cancelled) {
            Samples samples;
            const auto dataset = openDataset(choice.kind, choice.params, Split::Test);
            if (!dataset) {
                samples.problem = QString::fromStdString(dataset.error().message);
                return samples;
            }
            std::mt19937 random(roll);
            for (int i = 0; i < kSamples && !cancelled && (*dataset)->size() > 0; ++i) {
                std::uniform_int_distribution<std::int64_t> any(0, (*dataset)->size() - 1);
                const std::int64_t index = any(random);
                auto sample = (*dataset)->sample(index);
                if (!sample) {
                    samples.problem = QString::fromStdString(sample.error().message);
                    break;
                }
                TestSample item;
                item.image = toImage(sample->input, nullptr);
                const auto& classes = (*dataset)->classes();
                item.className = answerText((*dataset)->answer(index));
                if (sample->label >= 0 && sample->label < static_cast<std::int64_t>(classes.size()))
                    item.className =
                        QString::fromStdString(classes[static_cast<std::size_t>(sample->label)]);
                item.input = std::move(sample->input);
                samples.items.push_back(std::move(item));
            }
            return samples;
        },
        [this](Samples samples) {
            m_taken = std::move(samples.items);
            std::vector<PreviewGrid::Cell> cells;
            for (const TestSample& sample : m_taken)
                cells.push_back({sample.image, sample.className, sample.className});
            m_samples->setEmptyText(samples.problem);
            m_samples->setCells(std::move(cells));
        });
}

void TryPage::tryFile(const QString& path) {
    auto picture = readPicture(path.toStdString());
    if (!picture) {
        Outcome outcome;
        outcome.problem = QString::fromStdString(picture.error().message);
        outcome.hint = QString::fromStdString(picture.error().hint);
        showOutcome(outcome);
        return;
    }
    tryPicture(std::move(*picture));
}

void TryPage::tryPicture(Picture picture) {
    m_draw->setChecked(false);
    m_pad->setPicture(toImage(picture));
    tryInput(std::move(picture), {});
}

void TryPage::tryImage(const QImage& image) {
    if (image.isNull()) {
        Outcome outcome;
        outcome.problem = tr("There is no picture on the clipboard.");
        showOutcome(outcome);
        return;
    }
    m_draw->setChecked(false);
    m_pad->setPicture(image);
    tryInput(toPicture(image, 3), {});
}

void TryPage::tryDrawing() {
    int side = 28;
    const auto& spec = m_controller->report().sampleSpec;
    if (spec && spec->dims.size() == 3 && spec->dims[1] > 0) side = static_cast<int>(spec->dims[1]);
    tryInput(toPicture(m_pad->picture().scaled(side, side, Qt::IgnoreAspectRatio,
                                               Qt::SmoothTransformation),
                       1),
             {});
}

void TryPage::setDrawing(bool on) {
    m_pad->setDrawing(on);
    m_clear->setVisible(on);
    if (on) m_pad->clear();
}

void TryPage::tryInput(SampleInput input, const QString& truth) {
    // Colour or grey as the data set's pictures are.
    const auto& spec = m_controller->report().sampleSpec;
    if (auto* picture = std::get_if<Picture>(&input);
        picture && spec && !spec->dims.empty() && (spec->dims[0] == 1 || spec->dims[0] == 3))
        *picture = convertChannels(*picture, static_cast<int>(spec->dims[0]));
    m_input = std::move(input);
    m_truth = truth;
    predict();
}

void TryPage::predict() {
    const std::shared_ptr<const Project> project = m_controller->snapshot();
    m_findJob.cancel();
    m_predictJob.start(
        [choice = weightsChoice(), project, input = *m_input](const std::atomic<bool>& cancelled) {
            Outcome outcome;
            const auto fail = [&outcome](const Error& error) {
                outcome.problem = QString::fromStdString(error.message);
                outcome.hint = QString::fromStdString(error.hint);
                return outcome;
            };
            const auto chosen = takeWeights(choice, *project, cancelled);
            if (!chosen) return fail(chosen.error());
            const auto predictor = Predictor::make(chosen->project, chosen->weights);
            if (!predictor) return fail(predictor.error());
            outcome.weights = chosen->name;
            outcome.foundRun = chosen->foundRun;
            if (!predictor->givesClasses()) {
                auto numbers = predictor->compute(input);
                if (!numbers) return fail(numbers.error());
                outcome.numbers = std::move(*numbers);
                return outcome;
            }
            const auto* picture = std::get_if<Picture>(&input);
            auto scores = picture ? predictor->predict(*picture)
                                  : predictor->predict(std::get<TensorSample>(input));
            if (!scores) return fail(scores.error());
            outcome.scores = std::move(*scores);
            return outcome;
        },
        [this](const Outcome& outcome) {
            m_foundRun = outcome.foundRun;
            showOutcome(outcome);
        });
}

void TryPage::showOutcome(const Outcome& outcome) {
    m_weights->setText(outcome.weights);
    std::vector<BarList::Row> rows;
    for (std::size_t i = 0; i < outcome.scores.size() && i < kMostBars; ++i) {
        const ClassScore& score = outcome.scores[i];
        rows.push_back({QString::fromStdString(score.name), score.probability,
                        QString::number(score.probability * 100, 'f', 1) + QStringLiteral(" %"),
                        i == 0});
    }
    m_bars->setRows(rows);
    m_given->hide();
    if (outcome.numbers && outcome.problem.isEmpty()) {
        showNumbers(*outcome.numbers);
        return;
    }
    if (!outcome.problem.isEmpty()) {
        m_verdict->setText(outcome.problem);
        m_detail->setText(outcome.hint);
    } else if (rows.empty()) {
        m_verdict->setText(tr("Nothing tried yet"));
        m_detail->setText(
            tr("Take a test picture below, or bring one of your own. While a run goes on, the "
               "answer follows its weights."));
    } else {
        m_verdict->setText(rows.front().name);
        m_detail->setText(m_truth.isEmpty() ? tr("%1 sure").arg(rows.front().value)
                          : m_truth == rows.front().name
                              ? tr("✓ right, %1 sure").arg(rows.front().value)
                              : tr("✕ it is: %1").arg(m_truth));
    }
    const bool judged = outcome.problem.isEmpty() && !rows.empty() && !m_truth.isEmpty();
    setStyleProperty(m_detail, "role",
                     !judged                        ? QStringLiteral("muted")
                     : m_truth == rows.front().name ? QStringLiteral("good")
                                                    : QStringLiteral("danger"));
}

void TryPage::showNumbers(const TensorSample& numbers) {
    const QImage picture = numbers.dims.size() == 3 ? toImage(numbers, nullptr) : QImage();
    setStyleProperty(m_detail, "role", QStringLiteral("muted"));
    if (picture.isNull()) {
        m_verdict->setText(answerText(numbers.values));
        m_detail->setText(m_truth.isEmpty() ? QString() : tr("it is: %1").arg(m_truth));
        return;
    }
    m_verdict->setText(tr("What it gives back"));
    m_detail->setText(tr("made from what fits through the narrowest place of the network"));
    const int side = std::max(m_pad->height() - 40, 120);
    m_given->setPixmap(QPixmap::fromImage(
        picture.scaled(side, side, Qt::KeepAspectRatio, Qt::FastTransformation)));
    m_given->show();
}

QString TryPage::verdict() const {
    return m_verdict->text();
}

void TryPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_taken.empty()) takeSamples();
    if (!m_input) lookForRun();
}

void TryPage::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Paste))
        tryImage(QGuiApplication::clipboard()->image());
    else
        QWidget::keyPressEvent(event);
}

}  // namespace loom
