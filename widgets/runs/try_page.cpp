#include "widgets/runs/try_page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/data/pictures/ground.h"
#include "core/project/delivered_dataset.h"
#include "core/train/plan.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/data/bar_list.h"
#include "widgets/data/preview_grid.h"
#include "widgets/data/sample_image.h"
#include "widgets/runs/drawing_pad.h"
#include "widgets/runs/try_answer.h"
#include "widgets/runs/try_source.h"
#include "widgets/style/controls.h"
#include "widgets/style/file_choice.h"

namespace loom {

namespace {

constexpr int kSamples = 12;
// How often the answer follows the weights while they change.
constexpr int kAgainMilliseconds = 1500;

/// Whether both give the same answers: projects whose blocks were only moved do.
bool answersAlike(const Project& a, const Project& b) {
    const auto alike = [](const Node& x, const Node& y) {
        return x.id == y.id && x.kind == y.kind && x.params == y.params &&
               x.sharesWith == y.sharesWith;
    };
    return a.data == b.data && a.training.loss == b.training.loss &&
           a.network.edges == b.network.edges &&
           std::equal(a.network.nodes.begin(), a.network.nodes.end(), b.network.nodes.begin(),
                      b.network.nodes.end(), alike);
}

/// A picture with transparent parts on white paper.
QImage onPaper(const QImage& image) {
    if (!image.hasAlphaChannel()) return image;
    QImage paper(image.size(), QImage::Format_RGB888);
    paper.fill(Qt::white);
    QPainter(&paper).drawImage(0, 0, image);
    return paper;
}

}  // namespace

TryPage::TryPage(DocumentController* controller, TrainingBridge* bridge, QWidget* parent)
    : QWidget(parent),
      m_controller(controller),
      m_bridge(bridge),
      m_runsFolder(QString::fromStdString(defaultRunsFolder())) {
    setProperty("surface", QStringLiteral("window"));
    setAttribute(Qt::WA_StyledBackground);
    setFocusPolicy(Qt::ClickFocus);

    m_source = new TrySource;

    auto* answerCard = new Card;
    auto* heading = new QHBoxLayout;
    heading->addWidget(makeLabel(tr("What the network says"), "strong"));
    heading->addStretch(1);
    m_weights = new ElidedLabel;
    m_weights->setProperty("role", QStringLiteral("small"));
    m_weights->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    heading->addWidget(m_weights);
    QPushButton* file = makeButton(tr("Weights from a file…"), ButtonKind::Ghost);
    m_useRun = makeButton(tr("Use the latest run's"), ButtonKind::Ghost);
    m_useRun->hide();
    heading->addWidget(file);
    heading->addWidget(m_useRun);
    answerCard->body()->addLayout(heading);
    m_answer = new TryAnswer;
    answerCard->body()->addWidget(makeScrollColumn(m_answer), 1);

    auto* sampleCard = new Card;
    auto* sampleHeading = new QHBoxLayout;
    m_samplesHeading = makeLabel({}, "strong");
    sampleHeading->addWidget(m_samplesHeading);
    m_unseen = new ElidedLabel;
    m_unseen->setProperty("role", QStringLiteral("small"));
    m_unseen->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    sampleHeading->addWidget(m_unseen);
    sampleHeading->addStretch(1);
    QPushButton* others = makeButton(tr("Others"), ButtonKind::Secondary, QStringLiteral("dice"));
    sampleHeading->addWidget(others);
    sampleCard->body()->addLayout(sampleHeading);
    m_samples = new PreviewGrid(kSamples);
    m_samples->setMinimumHeight(84);
    sampleCard->body()->addWidget(m_samples);

    auto* top = new QHBoxLayout;
    top->setSpacing(12);
    top->addWidget(m_source, 2);
    top->addWidget(answerCard, 3);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(12);
    column->addLayout(top, 1);
    column->addWidget(sampleCard);

    connect(m_source, &TrySource::fileChosen, this, &TryPage::tryFile);
    connect(m_source, &TrySource::pasteAsked, this,
            [this] { tryImage(QGuiApplication::clipboard()->image()); });
    connect(m_source, &TrySource::drawn, this, &TryPage::tryDrawing);
    connect(m_source, &TrySource::rowTyped, this, &TryPage::tryRow);
    connect(file, &QPushButton::clicked, this, [this] {
        const QString path = chooseFile(this, tr("Weights"), tr("Weights (*.pth *.pt)"));
        if (!path.isEmpty()) setWeightFile(path);
    });
    connect(m_useRun, &QPushButton::clicked, this, [this] { setWeightFile({}); });
    connect(others, &QPushButton::clicked, this, [this] {
        ++m_roll;
        takeSamples();
    });
    connect(m_samples, &PreviewGrid::clicked, this, [this](int index) {
        const TrySamples::Item& sample = m_taken[static_cast<std::size_t>(index)];
        m_source->setSample(sample.image, sample.cells);
        tryInput(sample.input, sample.className);
        m_tried.ofDataSet = true;
    });
    connect(m_answer, &TryAnswer::invertAsked, this, [this](bool invert) {
        m_tried.invert = invert;
        predict();
    });
    connect(m_controller, &DocumentController::reportChanged, this, [this] { m_foundRun.clear(); });
    connect(m_controller, &DocumentController::documentReset, this, [this] {
        m_runFolder.clear();
        m_foundRun.clear();
        m_weightFile.clear();
        m_useRun->hide();
        m_followed.reset();
        m_tried = {};
        m_source->setSample({});
        follow();
    });
    connect(m_controller, &DocumentController::reportChanged, this, &TryPage::follow);
    m_again.setInterval(kAgainMilliseconds);
    connect(&m_again, &QTimer::timeout, this, [this] {
        if (isVisible() && m_tried.any() && !weightsChoice().byHand() && m_bridge->isActive() &&
            !m_predictJob.isRunning())
            predict();
    });
    m_again.start();
    connect(m_bridge, &TrainingBridge::runEnded, this, [this] {
        if (!weightsChoice().byHand() && (m_tried.any() || isVisible())) predict();
    });
    showWords({});
    showOutcome({});
}

DrawingPad* TryPage::pad() const {
    return m_source->pad();
}

QLineEdit* TryPage::rowField() const {
    return m_source->rowField();
}

BarList* TryPage::bars() const {
    return m_answer->bars();
}

void TryPage::follow() {
    if (!isVisible()) {
        m_stale = true;
        return;
    }
    m_stale = false;
    const std::shared_ptr<const Project> now = m_controller->snapshot();
    const std::shared_ptr<const Project> before = std::exchange(m_followed, now);
    if (!before || deliveredDataset(*before) != deliveredDataset(*now) ||
        (m_taken.empty() && !m_sampleJob.isRunning())) {
        // What the strip showed was of another set; a picture of one's own stays.
        if (m_tried.ofDataSet || !m_tried.typed.isEmpty()) {
            m_tried = {};
            m_source->setSample({});
        }
        m_taken.clear();
        m_samples->setCells({});
        takeSamples();
    }
    if (!before || !answersAlike(*before, *now)) predict();
}

void TryPage::setWeightFile(const QString& path) {
    m_weightFile = path;
    m_runFolder.clear();
    m_foundRun.clear();
    m_useRun->setVisible(!path.isEmpty());
    predict();
}

void TryPage::setRun(const QString& runFolder) {
    m_weightFile.clear();
    m_foundRun.clear();
    m_runFolder = runFolder;
    m_useRun->setVisible(!runFolder.isEmpty());
    predict();
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
        [this](const QString& name) { m_weights->setFullText(name); });
}

QString TryPage::weightsName() const {
    return m_weights->fullText();
}

void TryPage::takeSamples() {
    if (!m_controller->report().location.found) {
        m_sampleJob.cancel();
        m_taken.clear();
        m_samples->setCells({});
        showWords({});
        m_samples->setEmptyText(
            tr("The data set is not on this machine yet; the Data page says how to get it."));
        return;
    }
    const Choice choice = deliveredDataset(m_controller->project());
    m_samples->setEmptyText(tr("Reading…"));
    m_sampleJob.start(
        [choice, roll = m_roll](const std::atomic<bool>& cancelled) {
            return readTrySamples(choice, kSamples, roll, cancelled);
        },
        [this](TrySamples samples) {
            showWords(samples);
            m_taken = std::move(samples.items);
            std::vector<PreviewGrid::Cell> cells;
            for (const TrySamples::Item& sample : m_taken)
                cells.push_back({sample.image, sample.className, sample.className});
            m_samples->setEmptyText(samples.problem);
            m_samples->setCells(std::move(cells));
        });
}

/// What the page says of samples: pictures, rows of a table, points.
void TryPage::showWords(const TrySamples& samples) {
    const auto& spec = m_controller->report().sampleSpec;
    const bool pictures = !spec || !spec->isTensor;
    const bool typed = !pictures && !samples.columns.isEmpty();
    m_source->ask(pictures, samples);
    const bool train = samples.ofTraining;
    m_samplesHeading->setText(pictures ? (train ? tr("Training pictures") : tr("Test pictures"))
                              : !typed ? (train ? tr("Training samples") : tr("Test samples"))
                              : samples.table
                                  ? (train ? tr("Training rows") : tr("Test rows"))
                                  : (train ? tr("Training points") : tr("Test points")));
    m_unseen->setFullText(
        train ? tr("the data set has no test set; the network may have learned from these")
              : tr("the network never learned from these"));
}

void TryPage::tryFile(const QString& path) {
    bool onWhite = false;
    auto picture = readVisible(path.toStdString(), onWhite);
    if (!picture) {
        m_predictJob.cancel();
        m_findJob.cancel();
        m_tried = {};
        m_source->setSample({});
        TryOutcome outcome;
        outcome.problem = QString::fromStdString(picture.error().message);
        outcome.hint = QString::fromStdString(picture.error().hint);
        showOutcome(outcome);
        return;
    }
    tryPicture(std::move(*picture));
    if (onWhite) m_tried.remarks << tr("The picture’s ground is transparent; it was put on white.");
}

void TryPage::tryPicture(Picture picture) {
    m_source->setSample(toImage(picture));
    tryInput(std::move(picture), {});
}

void TryPage::tryImage(const QImage& image) {
    if (image.isNull()) {
        m_predictJob.cancel();
        m_findJob.cancel();
        m_tried = {};
        m_source->setSample({});
        TryOutcome outcome;
        outcome.problem = tr("There is no picture on the clipboard.");
        showOutcome(outcome);
        return;
    }
    const QImage shown = onPaper(image);
    m_source->setSample(shown);
    tryInput(toPicture(shown, 3), {});
}

void TryPage::tryDrawing() {
    tryInput(toPicture(m_source->pad()->picture(), 1), {});
}

void TryPage::tryInput(SampleInput input, const QString& truth) {
    m_tried = {};
    m_tried.input = std::move(input);
    m_tried.truth = truth;
    predict();
}

void TryPage::tryRow(const QString& text) {
    if (text.trimmed().isEmpty()) return;
    m_tried = {};
    m_tried.typed = text;
    m_source->setSample({}, text);
    predict();
}

void TryPage::predict() {
    const std::shared_ptr<const Project> project = m_controller->snapshot();
    m_findJob.cancel();
    if (!m_tried.any() && m_weightFile.isEmpty()) {
        m_predictJob.cancel();
        lookForRun();
        return;
    }
    m_predictJob.start(
        [choice = weightsChoice(), project, tried = m_tried](const std::atomic<bool>& cancelled) {
            return tryOn(choice, *project, tried, cancelled);
        },
        [this](const TryOutcome& outcome) {
            m_foundRun = outcome.foundRun;
            showOutcome(outcome);
        });
}

void TryPage::showOutcome(const TryOutcome& outcome) {
    m_weights->setFullText(outcome.weights);
    const auto& spec = m_controller->report().sampleSpec;
    const bool pictures = !spec || !spec->isTensor;
    const bool computed = !outcome.made.output.values.empty();
    TryAnswer::Content content;
    content.problem = outcome.problem;
    content.hint = outcome.hint;
    content.truth = m_tried.truth;
    content.remarks = m_tried.remarks;
    content.inverted = m_tried.invert;
    content.classes = outcome.made.classes;
    content.names = outcome.names;
    if (computed && !outcome.classes) content.numbers = outcome.made.output;
    for (const std::string& remark : outcome.made.remarks) content.remarks << q(remark);
    content.advice = q(outcome.made.inversionAdvice);
    const bool pictureSeen = computed && outcome.made.seen.dims.size() == 3;
    if (pictureSeen) content.seen = outcome.seen;
    if (computed && m_source->isEmpty()) m_source->pad()->setPicture(outcome.seen);
    content.givesBack = m_controller->project().data.targetIsInput;
    content.nothing =
        pictures ? tr("Take a picture below, or bring one of your own. While a run goes on, "
                      "the answer follows its weights.")
                 : tr("Type numbers, or take some of those below. While a run goes on, the "
                      "answer follows its weights.");
    m_answer->present(content);
}

QString TryPage::verdict() const {
    return m_answer->verdict();
}

void TryPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_taken.empty() || m_stale) follow();
    if (!m_tried.any()) predict();
}

void TryPage::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Paste))
        tryImage(QGuiApplication::clipboard()->image());
    else
        QWidget::keyPressEvent(event);
}

}  // namespace loom
