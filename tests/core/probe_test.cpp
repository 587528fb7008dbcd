#include "core/train/probe.h"

#include <QTemporaryDir>
#include <QTest>
#include <cstring>

#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "tests/support/small_project.h"

using namespace loom;

namespace {

std::vector<float> numbers(const PlainTensor& tensor) {
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

Project projectOf(const char* network) {
    Project project = newProject();
    auto graph = graphFromText(network);
    if (!graph) qFatal("%s: %s", network, graph.error().message.c_str());
    project.network = *graph;
    return project;
}

TensorSample ramp(std::vector<std::int64_t> dims) {
    TensorSample sample{std::move(dims), {}};
    for (std::int64_t i = 0; i < Shape{sample.dims}.count(); ++i)
        sample.values.push_back(static_cast<float>(i % 7) - 3.0f);
    return sample;
}

const char* const kNetwork =
    "Input 1x8x8 > a=Conv2d out_channels=3 kernel_size=3 > b=BatchNorm2d > d=Dropout > f=Flatten > "
    "Linear out_features=4 > Output";

}  // namespace

class ProbeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void seesWhatArrivesAndWhatLeaves() {
        const Project project = projectOf(kNetwork);
        const TensorSample sample = ramp({1, 8, 8});
        const auto first = probeBlock(project, "a", {sample});
        QVERIFY2(first.ok(), first.ok() ? "" : first.error().message.c_str());
        QVERIFY(first->realInput);
        QVERIFY(!first->givenWeights);
        QCOMPARE(first->inputs.at(0).dims, (std::vector<std::int64_t>{1, 1, 8, 8}));
        QCOMPARE(numbers(first->inputs[0]), sample.values);
        QCOMPARE(first->outputs.at(0).dims, (std::vector<std::int64_t>{1, 3, 6, 6}));
        QVERIFY(first->state.find("weight"));
        QCOMPARE(first->state.find("bias")->dims, std::vector<std::int64_t>{3});
        const auto second = probeBlock(project, "b", {sample});
        QVERIFY(second.ok());
        QCOMPARE(second->inputs.at(0).bytes, first->outputs[0].bytes);
        QVERIFY(second->state.find("running_mean"));
        // The same numbers as the whole network gives.
        const auto weights = initialWeights(project, project.training.seed);
        QVERIFY(weights.ok());
        PlainTensor batch = first->inputs[0];
        const auto whole = forward(project, *weights, {{"", batch}}, false);
        QVERIFY(whole.ok());
        const auto last = probeBlock(project, "output", {sample});
        QVERIFY(last.ok());
        QCOMPARE(last->outputs.at(0).bytes, whole->at(0).tensor.bytes);
        QCOMPARE(first->state.find("weight")->bytes, weights->find("a.weight")->bytes);
    }

    void weightsOfABlockDoNotDependOnWhatIsDrawnBehindIt() {
        const auto drawnOut = probeBlock(projectOf(kNetwork), "a", {ramp({1, 8, 8})});
        // Unfinished: the Linear's size is missing, the Output has no wire.
        const Project unfinished =
            projectOf("Input 1x8x8 > a=Conv2d out_channels=3 kernel_size=3 > Conv2d");
        const auto started = probeBlock(unfinished, "a", {ramp({1, 8, 8})});
        QVERIFY(drawnOut.ok());
        QVERIFY2(started.ok(), started.ok() ? "" : started.error().message.c_str());
        QCOMPARE(started->outputs.at(0).bytes, drawnOut->outputs.at(0).bytes);
        const auto unknown = probeBlock(unfinished, "conv2d", {ramp({1, 8, 8})});
        QVERIFY(!unknown.ok());
        QVERIFY(unknown.error().message.starts_with("conv2d has no size yet"));
    }

    void branchesKeepTheSeedsWeights() {
        const Project project = projectOf(
            "Input 6 > a=Linear out_features=5; input > b=Linear out_features=5; "
            "input > c=Linear out_features=5; a > s=Add; b > s:1; c > s:2; s > Output");
        const auto weights = initialWeights(project, project.training.seed);
        QVERIFY2(weights.ok(), weights.ok() ? "" : weights.error().message.c_str());
        for (const char* id : {"a", "b", "c"}) {
            const auto probe = probeBlock(project, id, {ramp({6})});
            QVERIFY(probe.ok());
            QCOMPARE(probe->state.find("weight")->bytes,
                     weights->find(std::string(id) + ".weight")->bytes);
        }
        const auto sum = probeBlock(project, "s", {ramp({6})});
        QVERIFY(sum.ok());
        QCOMPARE(sum->inputs.size(), 3u);
        QCOMPARE(
            numbers(sum->outputs.at(0))[2],
            numbers(sum->inputs[0])[2] + numbers(sum->inputs[1])[2] + numbers(sum->inputs[2])[2]);
    }

    void takesGivenWeightsWhereTheyFit() {
        const Project project = projectOf(kNetwork);
        const auto other = initialWeights(project, 77);
        QVERIFY(other.ok());
        ProbeOptions options;
        options.weights = &*other;
        const auto probe = probeBlock(project, "a", {ramp({1, 8, 8})}, options);
        QVERIFY(probe.ok());
        QVERIFY(probe->givenWeights);
        QCOMPARE(probe->state.find("weight")->bytes, other->find("a.weight")->bytes);
        const Project wider = projectOf(
            "Input 1x8x8 > a=Conv2d out_channels=5 kernel_size=3 > Flatten > Linear out_features=4 "
            "> Output");
        const auto fallback = probeBlock(wider, "a", {ramp({1, 8, 8})}, options);
        QVERIFY(fallback.ok());
        QVERIFY(!fallback->givenWeights);
    }

    void aBlockTrainsWithoutTouchingTheRandomStreams() {
        const Project project = projectOf(kNetwork);
        ProbeOptions training;
        training.blockTrains = true;
        const auto quiet = probeBlock(project, "d", {ramp({1, 8, 8})});
        const auto random = probeBlock(project, "d", {ramp({1, 8, 8})}, training);
        const auto again = probeBlock(project, "d", {ramp({1, 8, 8})}, training);
        QVERIFY(quiet.ok() && random.ok() && again.ok());
        QCOMPARE(quiet->outputs.at(0).bytes, quiet->inputs.at(0).bytes);
        QVERIFY(random->outputs.at(0).bytes != random->inputs.at(0).bytes);
        QCOMPARE(again->outputs.at(0).bytes, random->outputs.at(0).bytes);
        // Of the block alone: the BatchNorm before it still uses its running average.
        QCOMPARE(random->inputs.at(0).bytes, quiet->inputs.at(0).bytes);
    }

    void samplesComeThroughTheTestTransforms() {
        const QTemporaryDir root;
        test::writeSmallFashionMnist(root.path(), 20, 12);
        const QString path =
            test::writeProject(root.filePath("p.loom"), test::smallProject(root.path()));
        const auto loaded = loadProject(path.toStdString());
        QVERIFY(loaded.ok());
        const auto sample = probeSample(loaded->project, 3);
        QVERIFY2(sample.ok(), sample.ok() ? "" : sample.error().message.c_str());
        QCOMPARE(sample->count, 12);
        QCOMPARE(sample->index, 3);
        QVERIFY(!sample->className.empty());
        QCOMPARE(sample->input.dims, (std::vector<std::int64_t>{1, 28, 28}));
        const auto around = probeSample(loaded->project, -9);
        QVERIFY(around.ok());
        QCOMPARE(around->input.values, sample->input.values);
        // A sample of another size than the Input block fixes does not pass for its input.
        const auto noise = probeBlock(projectOf(kNetwork), "a", {sample->input});
        QVERIFY(noise.ok());
        QVERIFY(!noise->realInput);
    }
};

QTEST_GUILESS_MAIN(ProbeTest)
#include "probe_test.moc"
