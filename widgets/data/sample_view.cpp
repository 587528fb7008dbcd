#include "widgets/data/sample_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <map>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/annotated_picture.h"
#include "widgets/data/sample_image.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr std::size_t kNumbersShown = 24;

/// "person 2, dog 1", of a picture's boxes.
QString countsText(const Annotations& annotations, const QStringList& names) {
    std::map<std::int64_t, int> counts;
    for (const Box& box : annotations.boxes) ++counts[box.label];
    QStringList parts;
    for (const auto& [label, count] : counts) {
        const QString name = label >= 0 && label < names.size()
                                 ? names[static_cast<qsizetype>(label)]
                                 : QString::number(label);
        parts << (count > 1 ? QStringLiteral("%1 ×%2").arg(name).arg(count) : name);
    }
    return parts.join(QStringLiteral(", "));
}

QString numbersOf(const Dataset& dataset, const TensorSample& tensor) {
    const std::vector<std::string> names = dataset.inputNames();
    QStringList lines;
    for (std::size_t i = 0; i < std::min(tensor.values.size(), kNumbersShown); ++i) {
        const QString number = QString::number(double(tensor.values[i]), 'g', 6);
        lines << (i < names.size() ? q(names[i]) + QLatin1String(" = ") + number : number);
    }
    if (tensor.values.size() > kNumbersShown)
        lines << SampleView::tr("… %1 numbers in all")
                     .arg(q(groupDigits(static_cast<std::int64_t>(tensor.values.size()))));
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

SampleView::SampleView(QWidget* parent) : QWidget(parent) {
    m_area = new QWidget;
    auto* column = new QVBoxLayout(m_area);
    column->setContentsMargins(10, 0, 4, 0);
    column->setSpacing(8);
    m_picture = new AnnotatedPicture;
    m_answer = makeWrappedLabel({}, "heading");
    m_facts = makeWrappedLabel({}, "muted");
    m_problem = makeWrappedLabel({}, "danger");
    m_captions = makeWrappedLabel({});
    m_name = makeWrappedLabel({}, "small");
    m_copy = makeButton(tr("Copy the path"), ButtonKind::Ghost, QStringLiteral("copy"));
    m_copy->setObjectName(QStringLiteral("copyPath"));
    m_follow = makeButton(tr("Follow through the transforms"), ButtonKind::Secondary,
                          QStringLiteral("play"));
    m_follow->setObjectName(QStringLiteral("followSample"));
    m_follow->setToolTip(tr("Shows on the Transforms tab what becomes of this sample"));
    for (QLabel* label : {m_answer, m_facts, m_problem, m_captions, m_name})
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_picture);
    for (QWidget* widget : {static_cast<QWidget*>(m_answer), static_cast<QWidget*>(m_problem),
                            static_cast<QWidget*>(m_facts), static_cast<QWidget*>(m_captions),
                            static_cast<QWidget*>(m_follow), static_cast<QWidget*>(m_name)})
        column->addWidget(widget);
    column->addWidget(m_copy, 0, Qt::AlignLeft);
    column->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeScrollColumn(m_area));
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_name->property("path").toString()); });
    connect(m_follow, &QPushButton::clicked, this, [this] {
        if (m_item) Q_EMIT followAsked(*m_item);
    });
    clear();
}

void SampleView::setData(std::shared_ptr<const BrowserData> opened) {
    clear();
    m_data = std::move(opened);
}

void SampleView::clear() {
    m_job.cancel();
    m_item.reset();
    m_area->hide();
}

const QImage& SampleView::image() const {
    return m_picture->image();
}

QString SampleView::text() const {
    QStringList lines;
    for (const QLabel* label : {m_answer, m_problem, m_facts, m_captions, m_name})
        if (!label->isHidden()) lines << label->text();
    return lines.join(QLatin1Char('\n'));
}

void SampleView::setItem(const BrowserItem& item) {
    if (!m_data) return;
    m_item = item;
    m_job.start([data = m_data, item](const std::atomic<bool>&) { return read(*data, item); },
                [this](const Shown& shown) { show(shown); });
}

SampleView::Shown SampleView::read(const BrowserData& data, const BrowserItem& item) {
    const Dataset& dataset = data.dataset(item.split);
    Shown shown;
    shown.annotations = dataset.annotations(item.index);
    shown.answer = data.answerOf(item);
    shown.name = data.nameOf(item);
    const auto sample = dataset.sample(item.index);
    if (!sample) {
        shown.picture.problem = q(sample.error().message);
        return shown;
    }
    if (const auto* tensor = std::get_if<TensorSample>(&sample->input)) {
        if (tensor->dims.size() == 3)
            shown.picture.image = toImage(*tensor, nullptr);
        else
            shown.numbers = numbersOf(dataset, *tensor);
        // One number, or a few, are seen at once.
        if (tensor->dims.size() > 1) shown.size = q(Shape{tensor->dims}.toSentence());
        return shown;
    }
    shown.picture = readThumbnail(dataset, item.index, 0);
    shown.size = describeSample(sample->input);
    return shown;
}

void SampleView::show(const Shown& shown) {
    m_area->show();
    const auto names = m_data->any()->answerNames().empty() ? m_data->any()->classes()
                                                            : m_data->any()->answerNames();
    QStringList boxNames;
    for (const std::string& name : names) boxNames << q(name);
    m_picture->setPicture(shown.picture.image, shown.annotations.boxes, boxNames);
    m_picture->setVisible(shown.numbers.isEmpty());
    m_answer->setText(shown.answer);
    m_problem->setText(shown.picture.problem);
    m_problem->setVisible(!shown.picture.problem.isEmpty());
    const QString part = m_item->split == Split::Train ? tr("training") : tr("test");
    QStringList facts{tr("sample %1 of the %2 set").arg(q(groupDigits(m_item->index)), part)};
    if (!shown.size.isEmpty()) facts << shown.size;
    if (!shown.annotations.boxes.empty())
        facts << (shown.annotations.boxes.size() == 1
                      ? tr("1 box: ")
                      : tr("%1 boxes: ").arg(shown.annotations.boxes.size())) +
                     countsText(shown.annotations, boxNames);
    m_facts->setText(facts.join(QLatin1Char('\n')));
    QStringList captions;
    for (const std::string& caption : shown.annotations.captions)
        captions << QStringLiteral("“%1”").arg(q(caption).trimmed());
    if (!shown.numbers.isEmpty()) captions << shown.numbers;
    m_captions->setText(captions.join(QLatin1Char('\n')));
    m_captions->setVisible(!captions.isEmpty());
    const bool file = shown.name.contains(QLatin1Char('/'));
    // A path may be broken at its slashes.
    m_name->setText(QString(shown.name).replace(QLatin1Char('/'), QStringLiteral("/\u200B")));
    m_name->setProperty("path", shown.name);
    m_name->setVisible(file);
    m_copy->setVisible(file);
    m_follow->setVisible(shown.picture.problem.isEmpty());
}

}  // namespace loom
