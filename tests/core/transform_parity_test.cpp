#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "tests/support/python.h"
#include "tests/support/transform_cases.h"

using namespace loom;

/// Every transform, with many settings, on pictures of many sizes against Debian's torchvision with
/// Pillow: every bit of the outcome must agree, random draws included, and what one refuses the
/// other must refuse.
class TransformParityTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void everyTransformHasACase();
    void everyBitAgrees_data();
    void everyBitAgrees();
    void mistakesAreRefused_data();
    void mistakesAreRefused();
    void resizeAgreesForManySizes();
    void resizeByOpenCvIsNamedAndNear();

private:
    QTemporaryDir m_folder;
};

namespace {

std::vector<test::TransformCase> cases;
test::TransformPeer peer;

void addRows(bool refused) {
    QTest::addColumn<int>("number");
    int refusal = 0;
    for (std::size_t i = 0; i < cases.size(); ++i)
        if (cases[i].refused == refused)
            QTest::newRow(cases[i].text.toUtf8().constData()) << (refused ? refusal++ : int(i));
}

const test::TransformCase& refusedCase(int number) {
    for (const test::TransformCase& c : cases)
        if (c.refused && number-- == 0) return c;
    qFatal("no such case");
}

void collectKinds(const std::vector<TransformChoice>& choices, std::set<std::string>& kinds) {
    for (const TransformChoice& choice : choices) {
        kinds.insert(choice.kind);
        if (const Value* nested = choice.params.find("transforms"))
            collectKinds(nestedChoices(*nested), kinds);
    }
}

/// Sides that are known beforehand must be those that come out.
bool specAgrees(const SampleSpec& spec, const SampleInput& made) {
    const auto* tensor = std::get_if<TensorSample>(&made);
    if (spec.isTensor != (tensor != nullptr)) return false;
    if (tensor && spec.views != tensor->views) return false;
    std::vector<std::int64_t> dims;
    if (tensor) {
        dims = tensor->dims;
    } else {
        const auto& picture = std::get<Picture>(made);
        dims = {picture.channels, picture.height, picture.width};
    }
    if (dims.size() != spec.dims.size()) return false;
    for (std::size_t i = 0; i < dims.size(); ++i)
        if (spec.dims[i] >= 0 && spec.dims[i] != dims[i]) return false;
    return true;
}

/// Whether sides and the next numbers drawn agree, where Python is older than what the program
/// follows. What an older one refused or did not have yet says nothing of them.
bool agreesButForNumbers(const QByteArray& found, const QByteArray& older) {
    if (older == "E" || older == "-") return true;
    const auto withoutHash = [](const QByteArray& text) {
        QByteArrayList words = text.split(' ');
        if (words.size() > 3) words.removeAt(words.size() - 3);
        return words;
    };
    return withoutHash(found) == withoutHash(older);
}

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

}  // namespace

void TransformParityTest::initTestCase() {
    cases = test::transformCases();
    peer = test::transformPeer(cases);
    QVERIFY2(peer.problem.isEmpty(), peer.problem);
}

void TransformParityTest::everyTransformHasACase() {
    std::set<std::string> kinds;
    for (const test::TransformCase& c : cases)
        if (!c.refused) collectKinds(c.choices, kinds);
    for (const TransformKind& kind : transforms())
        QVERIFY2(kinds.contains(kind.info.id), kind.info.id.c_str());
}

void TransformParityTest::everyBitAgrees_data() {
    addRows(false);
}

void TransformParityTest::everyBitAgrees() {
    QFETCH(int, number);
    const test::TransformCase& c = cases[std::size_t(number)];
    const auto pipeline = Pipeline::make(c.choices);
    QVERIFY2(pipeline, pipeline ? "" : pipeline.error().message.c_str());
    const bool older = peer.isTooOldFor(c);
    bool differs = false;
    int made = 0;
    for (const test::TransformPeer::Outcome& outcome : peer.outcomes) {
        if (outcome.number != std::size_t(number)) continue;
        const Picture& picture = peer.pictures[outcome.picture];
        TorchRandom random(outcome.seed);
        const auto found = pipeline->apply(picture, random);
        const QByteArray text = test::describe(found, random);
        const QByteArray where =
            QByteArray::number(picture.height) + " × " + QByteArray::number(picture.width) + " × " +
            QByteArray::number(picture.channels) + ", seed " + QByteArray::number(outcome.seed);
        differs = differs || text != outcome.text;
        if (text != outcome.text && !(older && agreesButForNumbers(text, outcome.text)))
            QVERIFY2(false, where + ": " + text + " instead of " + outcome.text + "; " +
                                test::difference(c, picture, outcome.seed, found));
        made += found ? 1 : 0;

        // What was inferred without the picture's pixels must say the same.
        const auto inference =
            inferPipeline(c.choices, {false, {picture.channels, picture.height, picture.width}});
        if (!found) {
            QVERIFY2(!found.error().message.empty(), where);
            // What is drawn may refuse a picture that other draws take.
            QVERIFY2(c.random || inference.failedStep >= 0, where);
        } else if (!c.nested || inference.failedStep < 0) {
            QVERIFY2(inference.failedStep < 0, where + ": " + inference.problem.message.c_str());
            QVERIFY2(specAgrees(inference.specs.back(), *found), where);
        }
    }
    QVERIFY(made > 0);
    QVERIFY2(!older || differs, "nothing differs with this Python: take the \"since\" away");
}

void TransformParityTest::mistakesAreRefused_data() {
    addRows(true);
}

void TransformParityTest::mistakesAreRefused() {
    QFETCH(int, number);
    QVERIFY2(!peer.refusals[std::size_t(number)].isEmpty(), "Python takes it");
    const auto& choices = refusedCase(number).choices;
    // On a coloured picture of 32 × 32.
    const auto inference = inferPipeline(choices, {false, {3, 32, 32}});
    const QByteArray message = QByteArray::fromStdString(inference.problem.message);
    QVERIFY(inference.failedStep >= 0);
    QVERIFY2(message.endsWith('.') && message.contains(' '), message);
    QVERIFY2(message.contains(choices[std::size_t(inference.failedStep)].kind.c_str()), message);
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

void TransformParityTest::resizeByOpenCvIsNamedAndNear() {
    // Shrinking by whole numbers, an area's mean is what Pillow's box gives, but for rounding.
    const Picture& picture = peer.pictures[8];
    for (const char* method : {"box", "opencv_area", "opencv_bilinear"}) {
        const auto resize = Pipeline::make(
            {{"Resize",
              {{"size", List{picture.height / 4, picture.width / 4}}, {"interpolation", method}}}});
        TorchRandom random(0);
        const auto made = resize->apply(picture, random);
        QVERIFY(made);
        static Picture box;
        if (std::string(method) == "box") box = std::get<Picture>(*made);
        const Picture& found = std::get<Picture>(*made);
        QCOMPARE(found.width, picture.width / 4);
        QCOMPARE(found.pixels.size(), box.pixels.size());
        int most = 0;
        for (std::size_t i = 0; i < box.pixels.size(); ++i)
            most = std::max(most, std::abs(int(found.pixels[i]) - int(box.pixels[i])));
        QVERIFY2(most <= (std::string(method) == "opencv_bilinear" ? 100 : 1), method);
    }
    QVERIFY(transforms().find("Resize")->fidelity.find("opencv_area") != std::string::npos);
}

QTEST_GUILESS_MAIN(TransformParityTest)
#include "transform_parity_test.moc"
