#include <QCryptographicHash>
#include <QTest>
#include <array>
#include <utility>

#include "core/data/transforms/pipeline_fixes.h"
#include "core/data/transforms/published_pipelines.h"
#include "tests/support/python.h"

using namespace loom;

/// The steps for published weights against `weights.transforms()` of the machine's torchvision.
class PublishedPipelinesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyBitIsTorchvisions();
    void aNameInAListIsMended();
};

namespace {

/// Prints the names of all weights, then for each name and picture the numbers' md5.
const char* const kScript = R"(
import hashlib, sys
import numpy, torch, torchvision
from PIL import Image
models = sys.argv[1].split()
for model in models:
    for weights in torchvision.models.get_model_weights(model):
        print('N', model, str(weights))
        for h, w in ((240, 331), (300, 200), (90, 90)):
            y, x, c = numpy.mgrid[:h, :w, :3]
            pixels = ((x * 7 + y * 13 + c * 50 + x * y // 9) % 256).astype(numpy.uint8)
            made = weights.transforms()(Image.fromarray(pixels, 'RGB'))
            print('P', *made.shape, hashlib.md5(made.contiguous().numpy().tobytes()).hexdigest())
)";

Picture picture(int height, int width) {
    Picture made{width, height, 3, {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                made.pixels.push_back(
                    static_cast<std::uint8_t>((x * 7 + y * 13 + c * 50 + x * y / 9) % 256));
    return made;
}

/// What torchvision's own steps are, where the model's `transform_input` is a part of ours.
std::vector<TransformChoice> withoutTheModel(const PublishedPipeline& published) {
    std::vector<TransformChoice> steps = published.steps;
    if (published.transformsInput) {
        steps.back().params.set("mean", Value(List{0.485, 0.456, 0.406}));
        steps.back().params.set("std", Value(List{0.229, 0.224, 0.225}));
    }
    return steps;
}

}  // namespace

void PublishedPipelinesTest::everyBitIsTorchvisions() {
    QStringList models;
    for (const PublishedPipeline& one : publishedPipelines())
        if (!models.contains(QString::fromStdString(one.model)))
            models << QString::fromStdString(one.model);
    const auto peer = test::runPython(kScript, {models.join(' ')});
    QVERIFY2(peer.exitCode == 0, peer.err);
    QStringList known, ours;
    const PublishedPipeline* published = nullptr;
    int place = 0;
    for (const QByteArray& line : peer.out.trimmed().split('\n')) {
        const QByteArrayList words = line.split(' ');
        if (words[0] == "N") {
            known << QString::fromUtf8(words[1] + ' ' + words[2]);
            published = findPublishedPipeline(words[2].toStdString());
            QVERIFY2(published, line);
            place = 0;
            continue;
        }
        static const std::array sides = {std::pair(240, 331), std::pair(300, 200),
                                         std::pair(90, 90)};
        const auto [height, width] = sides[std::size_t(place++)];
        const auto pipeline = Pipeline::make(withoutTheModel(*published));
        QVERIFY2(pipeline, published->weights.c_str());
        TorchRandom random(0);
        const auto made = pipeline->apply(picture(height, width), random);
        QVERIFY2(made, published->weights.c_str());
        const auto& tensor = std::get<TensorSample>(*made);
        QByteArray text = "P";
        for (const std::int64_t side : tensor.dims) text += ' ' + QByteArray::number(qint64(side));
        const QByteArrayView bytes(reinterpret_cast<const char*>(tensor.values.data()),
                                   qsizetype(tensor.values.size() * sizeof(float)));
        text += ' ' + QCryptographicHash::hash(bytes, QCryptographicHash::Md5).toHex();
        QVERIFY2(text == line, (published->weights + ": " + text.toStdString()).c_str());
    }
    for (const PublishedPipeline& one : publishedPipelines())
        ours << QString::fromStdString(one.model + " " + one.weights);
    known.sort();
    ours.sort();
    QCOMPARE(ours, known);
}

void PublishedPipelinesTest::aNameInAListIsMended() {
    const std::vector<TransformChoice> list = {{"ResNet50_Weights.IMAGENET1K_V2"}};
    const auto fixes = pipelineFixes(list, {false, {3, -1, -1}});
    QVERIFY(!fixes.empty());
    QCOMPARE(QString::fromStdString(fixes.front().label),
             QString("Use the steps of ResNet50_Weights.IMAGENET1K_V2"));
    const auto inference = inferPipeline(fixes.front().steps, {false, {3, -1, -1}});
    QCOMPARE(inference.failedStep, -1);
    QCOMPARE(inference.specs.back().dims, (std::vector<std::int64_t>{3, 224, 224}));
}

QTEST_GUILESS_MAIN(PublishedPipelinesTest)
#include "published_pipelines_test.moc"
