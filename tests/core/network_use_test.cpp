#include "core/train/network_use.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/failures.h"
#include "core/check/number_source.h"
#include "core/graph/text_form.h"
#include "core/train/predictor.h"
#include "core/train/probe.h"

using namespace loom;

namespace {

Project projectOf(const std::string& network) {
    Project project = newProject();
    auto graph = graphFromText(network);
    if (!graph) qFatal("%s: %s", network.c_str(), graph.error().message.c_str());
    project.network = *graph;
    project.data.testTransforms = {};
    project.training.threads = 1;
    return project;
}

TensorSample noise(std::vector<std::int64_t> dims) {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    TensorSample sample{std::move(dims), {}};
    for (std::int64_t i = 0; i < Shape{sample.dims}.count(); ++i)
        sample.values.push_back(2 * normal(random));
    return sample;
}

PlainTensor batchOf(const TensorSample& sample) {
    PlainTensor tensor{"float32", sample.dims, {}};
    tensor.dims.insert(tensor.dims.begin(), 1);
    tensor.bytes.resize(sample.values.size() * sizeof(float));
    std::memcpy(tensor.bytes.data(), sample.values.data(), tensor.bytes.size());
    return tensor;
}

std::vector<float> numbers(const PlainTensor& tensor) {
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

std::vector<double> softmaxOf(const std::vector<float>& values) {
    std::vector<double> shares;
    double sum = 0;
    for (const float value : values) sum += std::exp(double(value));
    for (const float value : values) shares.push_back(std::exp(double(value)) / sum);
    return shares;
}

void speaksPlainly(const Error& error) {
    for (const char* word : {"mat1", "mat2", "shapes", "c10", "Expected", "aten", "tensors to",
                             "CUDA", "stack", "vector", "std::", "basic_"})
        QVERIFY2((error.message + error.hint).find(word) == std::string::npos,
                 (error.message + " " + error.hint).c_str());
    QVERIFY(!error.message.empty() && !error.hint.empty());
}

}  // namespace

class NetworkUseTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// Outputs that are probabilities already are shown as they are, whatever only hands them on.
    void probabilitiesAreMadeOnce_data() {
        QTest::addColumn<QString>("ending");
        QTest::addColumn<QString>("meaning");
        const auto row = [](const char* ending, const char* meaning) {
            QTest::newRow(*ending ? ending : "plain scores") << ending << meaning;
        };
        row("", "scores");
        row("ReLU > ", "scores");
        row("LayerNorm normalized_shape=6 > Flatten > ", "scores");
        for (const char* after :
             {"", "Flatten > ", "Identity > ", "Dropout > ", "Reshape shape=6 > ",
              "Unsqueeze dim=1 > Squeeze dim=1 > ", "Unsqueeze dim=2 > Flatten > Dropout > ",
              "Unsqueeze dim=1 > Select dim=1 index=0 > ",
              "Unsqueeze dim=1 > Permute dims=[0,2,1] > Flatten > "}) {
            row((std::string("Softmax dim=1 > ") + after).c_str(), "probabilities");
            row((std::string("LogSoftmax dim=1 > ") + after).c_str(), "logarithms");
        }
        row("Softmin dim=1 > Flatten > ", "probabilities");
        row("Sigmoid > Identity > ", "probabilities");
        row("LogSigmoid > Flatten > ", "logarithms");
    }
    void probabilitiesAreMadeOnce() {
        QFETCH(QString, ending);
        QFETCH(QString, meaning);
        const Project project =
            projectOf("Input 5 > Linear out_features=6 > " + ending.toStdString() + "Output");
        const auto weights = initialWeights(project, 3);
        QVERIFY2(weights.ok(), weights ? "" : weights.error().message.c_str());
        const TensorSample sample = noise({5});
        const auto outputs = forward(project, *weights, {{"", batchOf(sample)}}, false);
        QVERIFY2(outputs.ok(), outputs ? "" : outputs.error().message.c_str());
        const std::vector<float> given = numbers(outputs->front().tensor);
        const auto predictor = Predictor::make(project, *weights);
        QVERIFY2(predictor.ok(), predictor ? "" : predictor.error().message.c_str());
        QVERIFY(predictor->givesClasses());
        const auto made = predictor->predict(sample);
        QVERIFY2(made.ok(), made ? "" : made.error().message.c_str());
        QCOMPARE(made->classes.size(), 6u);
        const std::vector<double> shares = softmaxOf(given);
        double before = 2;
        for (const ClassScore& score : made->classes) {
            const auto place = static_cast<std::size_t>(score.index);
            const double expected = meaning == "scores"       ? shares[place]
                                    : meaning == "logarithms" ? std::exp(double(given[place]))
                                                              : double(given[place]);
            QVERIFY2(std::abs(score.probability - expected) < 1e-6,
                     qPrintable(QString::number(score.probability) + " is not " +
                                QString::number(expected)));
            QVERIFY(score.score && std::abs(*score.score - double(given[place])) < 1e-6);
            QVERIFY(score.probability <= before);
            before = score.probability;
        }
    }

    /// What entries say of their numbers holds for numbers of all kinds.
    void entriesSayTheTruth() {
        int seen = 0;
        for (const LayerKind& kind : layers()) {
            if (kind.gives == Gives::Anything) continue;
            ++seen;
            Graph graph;
            Inference made;
            TensorSample sample;
            // The first of these sizes that the kind takes, with its suggestions set.
            Project project = newProject();
            bool found = false;
            for (const std::vector<std::int64_t>& dims :
                 {std::vector<std::int64_t>{4, 6, 6}, {4, 6}, {6}, {4, 6, 6, 6}, {1, 6}}) {
                Node input{"in", "Input"}, block{"b", kind.info.id}, output{"out", "Output"};
                List sides;
                for (const std::int64_t side : dims) sides.emplace_back(side);
                input.params.set("shape", sides);
                for (const ParamSpec& spec : kind.params)
                    if (!spec.suggestion.isNone()) block.params.set(spec.key, spec.suggestion);
                graph = {};
                graph.nodes = {input, block, output};
                for (int port = 0; port < static_cast<int>(kind.inputs.size()); ++port)
                    graph.edges.push_back({{"in", 0}, {"b", port}});
                graph.edges.push_back({{"b", 0}, {"out", 0}});
                if (hasErrors(inferShapes(graph, std::nullopt).diagnostics)) continue;
                sample = noise(dims);
                found = true;
                break;
            }
            const char* id = kind.info.id.c_str();
            if (!found) continue;
            project.network = graph;
            const auto weights = initialWeights(project, 1);
            QVERIFY2(weights.ok(), id);
            const auto outputs = forward(project, *weights, {{"", batchOf(sample)}}, false);
            QVERIFY2(outputs.ok(), id);
            std::vector<float> in = sample.values;
            std::sort(in.begin(), in.end());
            for (const float value : numbers(outputs->front().tensor)) {
                const bool holds = kind.gives == Gives::NotNegative     ? value >= 0
                                   : kind.gives == Gives::Probabilities ? value >= 0 && value <= 1
                                   : kind.gives == Gives::LogProbabilities
                                       ? value <= 0
                                       : std::binary_search(in.begin(), in.end(), value);
                QVERIFY2(holds, id);
            }
        }
        QVERIFY2(seen > 25, qPrintable(QString::number(seen)));
    }

    void samplesOfAnotherSizeAreRefusedInOurWords() {
        const Project project = projectOf("in=Input 5 > Linear out_features=6 > Output");
        const auto weights = initialWeights(project, 3);
        const auto predictor = Predictor::make(project, *weights);
        const auto row = predictor->predict(noise({4}));
        QVERIFY(!row.ok());
        QCOMPARE(QString::fromStdString(row.error().message),
                 QStringLiteral("in takes samples of 5 numbers, but what arrives has 4 numbers."));
        speaksPlainly(row.error());
        const auto picture =
            predictor->predict(Picture{8, 6, 3, std::vector<std::uint8_t>(144, 9)});
        QVERIFY(!picture.ok());
        speaksPlainly(picture.error());
        const auto tensors = forward(project, *weights, {{"", batchOf(noise({4}))}}, false);
        QVERIFY(!tensors.ok());
        const auto wrong = gradients(project, *weights, {{"", batchOf(noise({5}))}},
                                     {{"output", batchOf(noise({3}))}}, false);
        QVERIFY(!wrong.ok());
        QVERIFY2(wrong.error().message.find("1 × 6") != std::string::npos,
                 wrong.error().message.c_str());
    }

    void exceptionsAreToldInOurWords() {
        for (const char* text :
             {"mat1 and mat2 shapes cannot be multiplied (64x784 and 1024x10)",
              "Expected all tensors to be on the same device", "vector::_M_range_check",
              "CUDA out of memory. Tried to allocate 20 MiB",
              "[enforce fail at alloc_cpu.cpp:66] DefaultCPUAllocator: can't allocate memory",
              "basic_string: construction from null is not valid"})
            speaksPlainly(backend::explainFailure(std::runtime_error(text), nullptr));
    }

    void dataAndTrainingMayBeAnything() {
        Project project = projectOf("Input 1x5x5 > MaxPool2d kernel_size=2 > Output");
        project.data.dataset = {"NoSuchSet", {}};
        project.data.testTransforms = {{"ToTensor", {}}};
        project.training.loss = {"NoSuchLoss", {}};
        project.training.optimizer = {"NoSuchOptimizer", {}};
        QVERIFY(!needsWeights(project));
        const auto weights = initialWeights(project, 0);
        QVERIFY(weights.ok());
        QVERIFY(weights->tensors.empty());
        QVERIFY(matchWeights(project, {}).ok());
        const auto predictor = Predictor::make(project, {});
        QVERIFY2(predictor.ok(), predictor ? "" : predictor.error().message.c_str());
        QVERIFY(!predictor->givesClasses());
        const auto made =
            predictor->predict(Picture{64, 48, 3, std::vector<std::uint8_t>(9216, 51)});
        QVERIFY2(made.ok(), made ? "" : made.error().message.c_str());
        QCOMPARE(made->output.dims, (std::vector<std::int64_t>{1, 2, 2}));
        QCOMPARE(made->output.values, std::vector<float>(4, 51.0f / 255));
        QCOMPARE(made->seen.dims, (std::vector<std::int64_t>{1, 5, 5}));
        QVERIFY2(made->remarks.size() == 1 &&
                     made->remarks[0].find("64 × 48") != std::string::npos &&
                     made->remarks[0].find("the network takes") != std::string::npos,
                 made->remarks.empty() ? "" : made->remarks[0].c_str());
    }

    /// Folders that are elsewhere leave the size to the transforms.
    void theTransformsSayTheSizeWhereTheDataCannot() {
        Project project = projectOf("Input > Flatten > Linear out_features=3 > Output");
        project.data.dataset = {"NoSuchSet", {}};
        project.data.testTransforms = {{"Resize", {{"size", List{8, 8}}}}, {"ToTensor", {}}};
        QVERIFY(!hasErrors(shapesForPrediction(project).diagnostics));
        Project fixed = project;
        fixed.network.nodes.front().params.set("shape", List{3, 8, 8});
        const auto weights = initialWeights(fixed, 0);
        QVERIFY(weights.ok());
        const auto predictor = Predictor::make(project, *weights);
        QVERIFY2(predictor.ok(), predictor ? "" : predictor.error().message.c_str());
        const auto made = predictor->predict(Picture{20, 10, 3, std::vector<std::uint8_t>(600, 9)});
        QVERIFY2(made.ok(), made ? "" : made.error().message.c_str());
        QVERIFY(made->remarks.empty());
        QCOMPARE(made->classes.size(), 3u);
    }

    void aSingleOutputSpeaksOfTheSecondClass() {
        Project project = projectOf("Input 5 > Linear out_features=1 > Output");
        project.training.loss = {"BCEWithLogitsLoss", {}};
        const auto weights = initialWeights(project, 3);
        const auto predictor = Predictor::make(project, *weights);
        QVERIFY(predictor.ok());
        const auto made = predictor->predict(noise({5}));
        QVERIFY2(made.ok(), made ? "" : made.error().message.c_str());
        QCOMPARE(made->classes.size(), 2u);
        for (const ClassScore& score : made->classes) {
            QCOMPARE(score.score.has_value(), score.index == 1);
            if (score.score)
                QVERIFY(std::abs(score.probability - 1 / (1 + std::exp(-*score.score))) < 1e-6);
        }
    }

    void aBlocksWeightsAreNumbers() {
        const Project project = projectOf(
            "Input 5 > a=Linear out_features=6 > b=BatchNorm1d > c=Linear out_features=2 > Output");
        const auto fresh = blockWeights(project, "c");
        QVERIFY2(fresh.ok(), fresh ? "" : fresh.error().message.c_str());
        QVERIFY(!fresh->given);
        const auto all = initialWeights(project, project.training.seed);
        QCOMPARE(fresh->state.find("weight")->bytes, all->find("c.weight")->bytes);
        QCOMPARE(fresh->state.find("bias")->bytes, all->find("c.bias")->bytes);
        const auto other = initialWeights(project, 5);
        const auto given = blockWeights(project, "b", &*other);
        QVERIFY(given.ok() && given->given);
        QCOMPARE(given->state.tensors.size(), 5u);
        QVERIFY(given->state.find("running_var"));
        QVERIFY(!blockWeights(project, "nothing").ok());
    }
};

QTEST_GUILESS_MAIN(NetworkUseTest)
#include "network_use_test.moc"
