#include "core/data/transforms/pipeline_fixes.h"

#include <QTest>

using namespace loom;

namespace {

const SampleSpec kPicture{false, {1, 28, 28}};
const SampleSpec kPhotos{false, {3, -1, -1}};

Choice normalize() {
    return {"Normalize", {{"mean", Value(List{Value(0.5)})}, {"std", Value(List{Value(0.5)})}}};
}

std::string kindsOf(const std::vector<Choice>& steps) {
    std::string text;
    for (const Choice& step : steps) text += (text.empty() ? "" : " ") + step.kind;
    return text;
}

}  // namespace

class PipelineFixesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void order_data();
    void order();
    void aWrongParameterGoesBackToItsDefault();
    void aMistypedNameIsFound();
    void everyWayButTakingOutMendsTheList();
};

void PipelineFixesTest::order_data() {
    QTest::addColumn<QStringList>("steps");
    QTest::addColumn<QString>("label");
    QTest::addColumn<QString>("after");
    const auto row = [](const char* steps, const char* label, const char* after) {
        QTest::newRow(steps) << QString(steps).split(' ', Qt::SkipEmptyParts) << QString(label)
                             << QString(after);
    };
    row("Normalize ToTensor", "Move Normalize behind ToTensor", "ToTensor Normalize");
    row("Normalize CenterCrop ToTensor", "Move Normalize behind ToTensor",
        "CenterCrop ToTensor Normalize");
    row("Normalize", "Add ToTensor before Normalize", "ToTensor Normalize");
    row("ToTensor ToTensor", "Remove the second ToTensor", "ToTensor");
    row("CenterCrop", "Add ToTensor at the end", "CenterCrop ToTensor");
    row("ToTensor", "", "");
    row("ToImage", "Add ToDtype at the end", "ToImage ToDtype");
    row("ToImage Normalize", "Add ToDtype before Normalize", "ToImage ToDtype Normalize");
    row("ToImage ToPILImage", "Add ToTensor at the end", "ToImage ToPILImage ToTensor");
    row("CenterCrop ToImage ToDtype", "", "");
}

void PipelineFixesTest::order() {
    QFETCH(QStringList, steps);
    QFETCH(QString, label);
    QFETCH(QString, after);
    std::vector<Choice> choices;
    for (const QString& kind : steps) {
        if (kind == "Normalize")
            choices.push_back(normalize());
        else if (kind == "CenterCrop")
            choices.push_back({"CenterCrop", {{"size", Value(20)}}});
        else if (kind == "ToDtype")
            choices.push_back({"ToDtype", {{"dtype", Value("float32")}, {"scale", Value(true)}}});
        else
            choices.push_back({kind.toStdString()});
    }
    const auto fixes = pipelineFixes(choices, kPicture);
    if (label.isEmpty()) {
        QVERIFY(fixes.empty());
        return;
    }
    QVERIFY(!fixes.empty());
    QCOMPARE(QString::fromStdString(fixes.front().label), label);
    QCOMPARE(QString::fromStdString(kindsOf(fixes.front().steps)), after);
    // The step it is about is told by its place, unless it went.
    const int chosen = fixes.front().chosen;
    if (chosen >= 0) QVERIFY(chosen < static_cast<int>(fixes.front().steps.size()));
}

void PipelineFixesTest::aWrongParameterGoesBackToItsDefault() {
    const std::vector<Choice> steps{{"RandomHorizontalFlip", {{"p", Value(3.0)}}}, {"ToTensor"}};
    const auto fixes = pipelineFixes(steps, kPicture);
    QCOMPARE(fixes.front().label, std::string("Set p to 0.5"));
    QVERIFY(!fixes.front().steps[0].params.contains("p"));
    QCOMPARE(fixes.front().chosen, 0);
    QCOMPARE(fixes.back().label, std::string("Remove RandomHorizontalFlip"));
}

void PipelineFixesTest::aMistypedNameIsFound() {
    const auto fixes = pipelineFixes({{"RandomHorizontalFlp"}, {"ToTensor"}}, kPicture);
    QCOMPARE(fixes.front().label, std::string("Use RandomHorizontalFlip"));
    QVERIFY(pipelineFixes(fixes.front().steps, kPicture).empty());
}

void PipelineFixesTest::everyWayButTakingOutMendsTheList() {
    // Pictures of all sizes: nothing is wrong with a step, but a batch needs one size.
    const auto fixes = pipelineFixes({{"ToTensor"}}, kPhotos);
    QCOMPARE(fixes.size(), std::size_t(1));
    QCOMPARE(kindsOf(fixes.front().steps), std::string("Resize ToTensor"));
    const auto made = inferPipeline(fixes.front().steps, kPhotos);
    QVERIFY(made.failedStep < 0 && made.specs.back().fixed());
}

QTEST_APPLESS_MAIN(PipelineFixesTest)
#include "pipeline_fixes_test.moc"
