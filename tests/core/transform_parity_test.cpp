#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <cstring>

#include "core/base/json.h"
#include "core/data/loader.h"
#include "tests/support/python.h"

using namespace loom;

/// Pipelines on pictures of many sizes against Debian's torchvision with Pillow: every bit of the
/// outcome must agree, random draws included, and what one refuses the other must refuse.
class TransformParityTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void everyBitAgrees_data();
    void everyBitAgrees();
    void resizeAgreesForManySizes();

private:
    QTemporaryDir m_folder;
};

namespace {

constexpr int kRunSeed = 5;
constexpr int kEpoch = 2;

const std::vector<const char*> kPipelines = {
    R"([{"kind":"ToTensor"}])",
    R"([{"kind":"ToTensor"},{"kind":"Normalize","params":{"mean":[0.286],"std":[0.353]}}])",
    R"([{"kind":"ToTensor"},{"kind":"Normalize","params":{"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]}}])",
    R"([{"kind":"ToTensor"},{"kind":"Normalize","params":{"mean":[0.1,0.2,0.3],"std":[0.7],"inplace":true}}])",
    R"([{"kind":"Resize","params":{"size":32}}])",
    R"([{"kind":"Resize","params":{"size":[32]}}])",
    R"([{"kind":"Resize","params":{"size":[17,40]}}])",
    R"([{"kind":"Resize","params":{"size":64,"max_size":70}}])",
    R"([{"kind":"Resize","params":{"size":[9,90],"interpolation":"nearest"}}])",
    R"([{"kind":"Resize","params":{"size":50,"interpolation":"nearest"}}])",
    R"([{"kind":"Resize","params":{"size":[100,64],"interpolation":"bicubic"}}])",
    R"([{"kind":"Resize","params":{"size":[25,200],"interpolation":"bicubic"}}])",
    R"([{"kind":"Resize","params":{"size":[40,40],"interpolation":"lanczos"}}])",
    R"([{"kind":"Resize","params":{"size":[31,33],"interpolation":"box"}}])",
    R"([{"kind":"Resize","params":{"size":[23,45],"interpolation":"hamming"}}])",
    R"([{"kind":"Resize","params":{"size":[28,28],"antialias":true}}])",
    R"([{"kind":"RandomCrop","params":{"size":24}}])",
    R"([{"kind":"RandomCrop","params":{"size":28}}])",
    R"([{"kind":"RandomCrop","params":{"size":[3,2]}}])",
    R"([{"kind":"RandomCrop","params":{"size":32,"padding":4}}])",
    R"([{"kind":"RandomCrop","params":{"size":[30,20],"padding":[5,3],"fill":77}}])",
    R"([{"kind":"RandomCrop","params":{"size":[30,20],"padding":[1,2,3,4],"fill":12.9}}])",
    R"([{"kind":"RandomCrop","params":{"size":[30,20],"padding":6,"fill":[10,200,255]}}])",
    R"([{"kind":"RandomCrop","params":{"size":[30,20],"padding":7,"padding_mode":"edge"}}])",
    R"([{"kind":"RandomCrop","params":{"size":[30,20],"padding":2,"padding_mode":"reflect"}}])",
    R"([{"kind":"RandomCrop","params":{"size":[30,20],"padding":[2,3],"padding_mode":"symmetric"}}])",
    R"([{"kind":"RandomCrop","params":{"size":[30,20],"padding":11,"padding_mode":"reflect"}}])",
    R"([{"kind":"RandomCrop","params":{"size":[30,20],"padding":[9,8,7,12],"padding_mode":"symmetric"}}])",
    R"([{"kind":"RandomCrop","params":{"size":70,"pad_if_needed":true}}])",
    R"([{"kind":"RandomCrop","params":{"size":[100,40],"padding":3,"pad_if_needed":true,"fill":9}}])",
    R"([{"kind":"RandomCrop","params":{"size":48,"pad_if_needed":true,"padding_mode":"edge"}}])",
    R"([{"kind":"CenterCrop","params":{"size":24}}])",
    R"([{"kind":"CenterCrop","params":{"size":[33,27]}}])",
    R"([{"kind":"CenterCrop","params":{"size":[300,2]}}])",
    R"([{"kind":"RandomHorizontalFlip"}])",
    R"([{"kind":"RandomHorizontalFlip","params":{"p":0.1}}])",
    R"([{"kind":"RandomHorizontalFlip","params":{"p":1.0}}])",
    R"([{"kind":"RandomHorizontalFlip","params":{"p":0}}])",
    R"([{"kind":"RandomVerticalFlip","params":{"p":0.6}}])",
    R"([{"kind":"Grayscale"}])",
    R"([{"kind":"Grayscale","params":{"num_output_channels":3}}])",
    R"([{"kind":"ToTensor"},{"kind":"RandomCrop","params":{"size":[20,25],"padding":4,"fill":0.5}}])",
    R"([{"kind":"ToTensor"},{"kind":"RandomHorizontalFlip"},{"kind":"RandomVerticalFlip"},{"kind":"CenterCrop","params":{"size":[29,40]}}])",
    R"([{"kind":"Resize","params":{"size":36}},{"kind":"RandomCrop","params":{"size":32,"padding":4}},
        {"kind":"RandomHorizontalFlip"},{"kind":"RandomVerticalFlip"},{"kind":"Grayscale"},{"kind":"ToTensor"},
        {"kind":"Normalize","params":{"mean":[0.3],"std":[0.2]}}])",
};

const char* const kScript = R"(
import json, struct, sys
import numpy, torch
from PIL import Image
from torchvision import transforms as T
def sample_seed(seed, epoch, index):
    m = (1 << 64) - 1
    x = (seed * 0x9E3779B97F4A7C15 + epoch * 0xBF58476D1CE4E5B9 + index * 0x94D049BB133111EB) & m
    x ^= x >> 30; x = x * 0xBF58476D1CE4E5B9 & m
    x ^= x >> 27; x = x * 0x94D049BB133111EB & m
    return (x ^ x >> 31) & 0xFFFFFFFF
def make(choice):
    params = dict(choice.get('params', {}))
    if 'interpolation' in params: params['interpolation'] = T.InterpolationMode(params['interpolation'])
    if isinstance(params.get('fill'), list): params['fill'] = tuple(params['fill'])
    return getattr(T, choice['kind'])(**params)
rng = numpy.random.default_rng(1)
pictures = []
for h, w, c in [(28, 28, 1), (32, 32, 3), (61, 47, 3), (47, 61, 1), (133, 200, 3), (3, 5, 3), (1, 1, 1), (9, 1, 3), (480, 720, 3), (90, 90, 1)]:
    y, x = numpy.mgrid[0:h, 0:w]
    planes = [(128 + 90 * numpy.sin(x / (7.0 + 3 * k)) * numpy.cos(y / (5.0 + k)) + rng.normal(0, 40, (h, w))).clip(0, 255) for k in range(c)]
    pictures.append(numpy.stack(planes, axis=2).astype(numpy.uint8))
out = open(sys.argv[2], 'wb')
out.write(struct.pack('<i', len(pictures)))
for p in pictures:
    out.write(struct.pack('<iii', p.shape[1], p.shape[0], p.shape[2])); out.write(p.tobytes())
for pipeline in json.load(open(sys.argv[1])):
    steps = T.Compose([make(choice) for choice in pipeline])
    for index, p in enumerate(pictures):
        torch.manual_seed(sample_seed(5, 2, index))
        image = Image.fromarray(p[:, :, 0], 'L') if p.shape[2] == 1 else Image.fromarray(p, 'RGB')
        try:
            made = steps(image)
        except (ValueError, RuntimeError):
            out.write(b'E'); continue
        if isinstance(made, torch.Tensor):
            out.write(b'T'); out.write(struct.pack('<iii', *made.shape)); out.write(made.contiguous().numpy().tobytes())
        else:
            a = numpy.asarray(made); a = a.reshape(a.shape[0], a.shape[1], -1)
            out.write(b'P'); out.write(struct.pack('<iii', *a.shape)); out.write(a.tobytes())
)";

class Reader {
public:
    explicit Reader(QByteArray data) : m_data(std::move(data)) {}
    void take(void* to, std::size_t count) {
        QVERIFY2(m_at + qsizetype(count) <= m_data.size(), "the results of Python end too early");
        std::memcpy(to, m_data.constData() + m_at, count);
        m_at += qsizetype(count);
    }
    std::array<qint32, 3> three() {
        std::array<qint32, 3> numbers{};
        take(numbers.data(), sizeof numbers);
        return numbers;
    }
    bool atEnd() const { return m_at == m_data.size(); }

private:
    QByteArray m_data;
    qsizetype m_at = 0;
};

std::vector<TransformChoice> choicesOf(const char* json) {
    std::vector<TransformChoice> choices;
    const auto value = parseJson(json);
    for (const Value& one : value->asList()) {
        const Value* params = one.asDict().find("params");
        choices.push_back(
            {one.asDict().find("kind")->asString(), params ? params->asDict() : Params{}});
    }
    return choices;
}

struct Expected {
    char kind = 'E';
    std::array<qint32, 3> dims{};
    std::vector<std::uint8_t> bytes;
};

std::vector<Picture> pictures;
std::vector<std::vector<Expected>> expected;

/// The outcome as Python wrote it, or 'E'.
Expected outcome(const Result<SampleInput>& made) {
    Expected found;
    if (!made) return found;
    if (const auto* picture = std::get_if<Picture>(&*made)) {
        found.kind = 'P';
        found.dims = {picture->height, picture->width, picture->channels};
        found.bytes = picture->pixels;
    } else {
        const auto& tensor = std::get<TensorSample>(*made);
        found.kind = 'T';
        for (std::size_t i = 0; i < 3; ++i) found.dims[i] = qint32(tensor.dims[i]);
        found.bytes.resize(tensor.values.size() * sizeof(float));
        std::memcpy(found.bytes.data(), tensor.values.data(), found.bytes.size());
    }
    return found;
}

}  // namespace

void TransformParityTest::initTestCase() {
    QFile choices(m_folder.filePath("pipelines.json"));
    QVERIFY(choices.open(QIODevice::WriteOnly));
    QByteArray list = "[";
    for (const char* pipeline : kPipelines)
        list += (list.size() > 1 ? "," : "") + QByteArray(pipeline);
    choices.write(list + "]");
    choices.close();
    const auto python =
        test::runPython(kScript, {choices.fileName(), m_folder.filePath("out.bin")});
    QVERIFY2(python.exitCode == 0, python.err);
    QFile results(m_folder.filePath("out.bin"));
    QVERIFY(results.open(QIODevice::ReadOnly));
    Reader reader(results.readAll());
    qint32 count = 0;
    reader.take(&count, sizeof count);
    for (int i = 0; i < count; ++i) {
        const auto sides = reader.three();
        Picture picture{sides[0], sides[1], sides[2], {}};
        picture.pixels.resize(std::size_t(sides[0]) * std::size_t(sides[1]) *
                              std::size_t(sides[2]));
        reader.take(picture.pixels.data(), picture.pixels.size());
        pictures.push_back(std::move(picture));
    }
    for (std::size_t p = 0; p < kPipelines.size(); ++p) {
        std::vector<Expected> row(pictures.size());
        for (Expected& one : row) {
            reader.take(&one.kind, 1);
            if (one.kind == 'E') continue;
            one.dims = reader.three();
            one.bytes.resize(std::size_t(one.dims[0]) * std::size_t(one.dims[1]) *
                             std::size_t(one.dims[2]) * (one.kind == 'T' ? 4 : 1));
            reader.take(one.bytes.data(), one.bytes.size());
        }
        expected.push_back(std::move(row));
    }
    QVERIFY(reader.atEnd());
}

void TransformParityTest::everyBitAgrees_data() {
    QTest::addColumn<int>("number");
    for (std::size_t i = 0; i < kPipelines.size(); ++i)
        QTest::addRow("%s", QByteArray(kPipelines[i]).simplified().constData()) << int(i);
}

void TransformParityTest::everyBitAgrees() {
    QFETCH(int, number);
    const auto choices = choicesOf(kPipelines[std::size_t(number)]);
    const auto pipeline = Pipeline::make(choices);
    QVERIFY2(pipeline, pipeline ? "" : pipeline.error().message.c_str());
    int made = 0;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        const Picture& picture = pictures[i];
        TorchRandom random(sampleSeed(kRunSeed, kEpoch, i));
        const Expected found = outcome(pipeline->apply(picture, random));
        const Expected& wanted = expected[std::size_t(number)][i];
        const QByteArray where = "picture " + QByteArray::number(int(i));
        QVERIFY2(found.kind == wanted.kind,
                 where + ": " + found.kind + " instead of " + wanted.kind);
        QVERIFY2(found.dims == wanted.dims, where);
        QVERIFY2(found.bytes == wanted.bytes, where);
        made += wanted.kind != 'E';

        // What was inferred without the picture's pixels must say the same.
        const auto inference =
            inferPipeline(choices, {false, {picture.channels, picture.height, picture.width}});
        QVERIFY2((inference.failedStep < 0) == (wanted.kind != 'E'), where);
        if (wanted.kind == 'E') {
            QVERIFY(!inference.problem.message.empty());
            continue;
        }
        const SampleSpec& spec = inference.specs.back();
        QCOMPARE(spec.isTensor, wanted.kind == 'T');
        const auto& d = wanted.dims;
        const std::vector<std::int64_t> dims = spec.isTensor
                                                   ? std::vector<std::int64_t>{d[0], d[1], d[2]}
                                                   : std::vector<std::int64_t>{d[2], d[0], d[1]};
        QVERIFY2(spec.dims == dims, where);
    }
    QVERIFY(made > 0);
}

void TransformParityTest::resizeAgreesForManySizes() {
    const QString out = m_folder.filePath("sizes.bin");
    const auto python = test::runPython(R"(
import random, struct, sys
import numpy
from PIL import Image
methods = ['nearest', 'bilinear', 'bicubic', 'box', 'hamming', 'lanczos']
codes = {'nearest': 0, 'lanczos': 1, 'bilinear': 2, 'bicubic': 3, 'box': 4, 'hamming': 5}
random.seed(8); rng = numpy.random.default_rng(8)
with open(sys.argv[1], 'wb') as out:
    for i in range(600):
        c = random.choice([1, 3]); h, w, nh, nw = [int(2 ** random.uniform(0, 8)) for _ in range(4)]
        picture = rng.integers(0, 256, (h, w, c)).astype(numpy.uint8)
        image = Image.fromarray(picture[:, :, 0], 'L') if c == 1 else Image.fromarray(picture, 'RGB')
        made = numpy.asarray(image.resize((nw, nh), codes[methods[i % 6]]))
        out.write(struct.pack('<iii', w, h, c)); out.write(picture.tobytes())
        out.write(struct.pack('<iii', nw, nh, c)); out.write(made.tobytes())
)",
                                        {out});
    QVERIFY2(python.exitCode == 0, python.err);
    QFile results(out);
    QVERIFY(results.open(QIODevice::ReadOnly));
    Reader reader(results.readAll());
    const auto picture = [&] {
        const auto sides = reader.three();
        Picture read{sides[0], sides[1], sides[2], {}};
        read.pixels.resize(std::size_t(sides[0]) * std::size_t(sides[1]) * std::size_t(sides[2]));
        reader.take(read.pixels.data(), read.pixels.size());
        return read;
    };
    int count = 0;
    for (; !reader.atEnd(); ++count) {
        const char* method = std::array{"nearest", "bilinear", "bicubic",
                                        "box",     "hamming",  "lanczos"}[std::size_t(count % 6)];
        const Picture before = picture();
        const Picture after = picture();
        const auto resize = Pipeline::make(
            {{"Resize", {{"size", List{after.height, after.width}}, {"interpolation", method}}}});
        QVERIFY(resize);
        TorchRandom random(0);
        const auto made = resize->apply(before, random);
        QVERIFY(made);
        QVERIFY2(std::get<Picture>(*made).pixels == after.pixels,
                 qPrintable(QString("%1 from %2 × %3 to %4 × %5")
                                .arg(method)
                                .arg(before.width)
                                .arg(before.height)
                                .arg(after.width)
                                .arg(after.height)));
    }
    QCOMPARE(count, 600);
}

QTEST_GUILESS_MAIN(TransformParityTest)
#include "transform_parity_test.moc"
