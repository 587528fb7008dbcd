#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <set>

#include "core/data/transform.h"
#include "core/data/transforms/number_file.h"
#include "tests/support/python.h"

using namespace loom;

/// What transforms tell and promise besides their pixels: windows for a loader, draws, sentences.
class TransformStepsTest : public QObject {
    Q_OBJECT

private slots:
    void windowsGiveWhatTheWholeGives_data();
    void windowsGiveWhatTheWholeGives();
    void drawsAreToldInFewWords_data();
    void drawsAreToldInFewWords();
    void stepsWithinAreNamed_data();
    void stepsWithinAreNamed();
    void sizesThatChanceDecidesAreOpen();
    void viewsMultiply();
    void matrixComesFromAFile();
    void damagedNumberFilesAreRefused();
};

namespace {

Picture painted(int width, int height, int channels) {
    TorchRandom random(9);
    Picture made{width, height, channels, {}};
    for (int i = 0; i < width * height * channels; ++i)
        made.pixels.push_back(static_cast<std::uint8_t>(random.integer(0, 256)));
    return made;
}

/// A picture that is cut before anything else happens to it.
class Source : public PictureSource {
public:
    explicit Source(Picture picture) : m_picture(std::move(picture)) {}
    std::int64_t height() const override { return m_picture.height; }
    std::int64_t width() const override { return m_picture.width; }
    Result<Picture> whole() const override {
        ++wholes;
        return m_picture;
    }
    Result<Picture> window(const PictureWindow& w) const override {
        ++windows;
        Picture cut{int(w.width), int(w.height), m_picture.channels, {}};
        const auto depth = std::size_t(m_picture.channels);
        for (std::int64_t y = w.top; y < w.top + w.height; ++y) {
            const auto from =
                m_picture.pixels.begin() +
                std::ptrdiff_t(
                    (std::size_t(y) * std::size_t(m_picture.width) + std::size_t(w.left)) * depth);
            cut.pixels.insert(cut.pixels.end(), from, from + std::ptrdiff_t(w.width) * int(depth));
        }
        return cut;
    }
    mutable int wholes = 0;
    mutable int windows = 0;

private:
    Picture m_picture;
};

Choice nested(const char* kind, const std::vector<Choice>& steps, Params more = {}) {
    more.set("transforms", nestedValue(steps));
    return {kind, more};
}

const Choice kNormalize = {"Normalize", {{"mean", List{0.5}}, {"std", List{0.5}}}};

}  // namespace

void TransformStepsTest::windowsGiveWhatTheWholeGives_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<bool>("cuts");
    QTest::newRow("RandomResizedCrop") << "RandomResizedCrop" << true;
    QTest::newRow("RandomCrop") << "RandomCrop" << true;
    QTest::newRow("CenterCrop") << "CenterCrop" << true;
    QTest::newRow("FiveCrop") << "FiveCrop" << false;
}

void TransformStepsTest::windowsGiveWhatTheWholeGives() {
    QFETCH(QString, kind);
    QFETCH(bool, cuts);
    for (const int side : {20, 33, 90}) {
        const auto pipeline = Pipeline::make(
            {{kind.toStdString(), {{"size", 20}}}, {"RandomHorizontalFlip", {}}, {"ToTensor", {}}});
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
            const Source source(painted(side, side + 7, 3));
            TorchRandom one(seed), other(seed);
            std::vector<std::string> told, toldOther;
            auto prepared = pipeline->prepare(source, one, &told);
            auto applied = pipeline->apply(*source.whole(), other, &toldOther);
            QVERIFY(prepared && applied);
            const auto found = std::get<TensorSample>(std::move(*prepared).take());
            QCOMPARE(found.values, std::get<TensorSample>(*applied).values);
            QCOMPARE(told, toldOther);
            QCOMPARE(one.next(), other.next());
            QCOMPARE(source.windows, cuts ? 1 : 0);
        }
    }
}

void TransformStepsTest::drawsAreToldInFewWords_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<Choice>("choice");
    const auto row = [](const char* name, const char* pattern, const Choice& choice) {
        QTest::newRow(name) << pattern << choice;
    };
    row("rotation", "^angle −?\\d+(\\.\\d)?°$", {"RandomRotation", {{"degrees", 40}}});
    row("affine", "^angle .*°, moved −?\\d+ and −?\\d+, scale \\d(\\.\\d+)?, shear .*° and .*°$",
        {"RandomAffine",
         {{"degrees", 5},
          {"translate", List{0.4, 0.4}},
          {"scale", List{0.5, 2}},
          {"shear", List{-5, 5, -9, 9}}}});
    row("resized crop", "^x \\d+, y \\d+, \\d+ × \\d+$", {"RandomResizedCrop", {{"size", 9}}});
    row("perspective", "^corners( \\(\\d+, \\d+\\)){4}$|^not applied$", {"RandomPerspective", {}});
    row("apply", "^not applied$|^applied; RandomRotation: angle .*°$",
        nested("RandomApply", {{"RandomRotation", {{"degrees", 40}}}}));
    row("choice",
        "^number 1, RandomHorizontalFlip; RandomHorizontalFlip: (not )?flipped$|^number 2, Pad$",
        nested("RandomChoice", {{"RandomHorizontalFlip", {}}, {"Pad", {{"padding", 2}}}}));
    row("order", "^order [123] [123] [123]; .*angle.*$",
        nested("RandomOrder", {{"RandomHorizontalFlip", {}},
                               {"RandomVerticalFlip", {}},
                               {"RandomRotation", {{"degrees", 4}}}}));
}

void TransformStepsTest::drawsAreToldInFewWords() {
    QFETCH(QString, pattern);
    QFETCH(Choice, choice);
    const auto pipeline = Pipeline::make({choice});
    QVERIFY2(pipeline, pipeline ? "" : pipeline.error().message.c_str());
    std::set<QString> seen;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        TorchRandom random(seed);
        const auto stages = pipeline->stages(painted(40, 30, 3), random);
        QVERIFY(stages);
        const QString draws = QString::fromStdString(stages->back().draws);
        QVERIFY2(QRegularExpression(pattern).match(draws).hasMatch(), qPrintable(draws));
        seen.insert(draws);
    }
    QVERIFY(seen.size() > 1);
}

void TransformStepsTest::stepsWithinAreNamed_data() {
    QTest::addColumn<QString>("message");
    QTest::addColumn<Choice>("choice");
    const auto row = [](const char* name, const char* message, const Choice& choice) {
        QTest::newRow(name) << message << choice;
    };
    row("a tensor's step",
        "RandomApply, step 2: Normalize works on tensors, but a picture arrives here.",
        nested("RandomApply", {{"RandomHorizontalFlip", {}}, kNormalize}));
    row("deep",
        "RandomApply, step 1: RandomChoice, step 1: Normalize works on tensors, but a picture "
        "arrives here.",
        nested("RandomApply", {nested("RandomChoice", {kNormalize})}));
    row("a wrong number",
        "RandomChoice, step 1: RandomRotation: degrees is not set, and it has no "
        "default.",
        nested("RandomChoice", {{"RandomRotation", {}}}));
    row("unknown",
        "RandomOrder, step 1: There is no transform called Nothing here. This happens "
        "when it comes first.",
        nested("RandomOrder", {{"Nothing", {}}}));
    row("by chance", "RandomApply would leave a picture now and a tensor then, by chance.",
        nested("RandomApply", {{"ToTensor", {}}}));
    row("views by chance",
        "RandomChoice would leave 5 views of a sample now and 1 then, by chance.",
        nested("RandomChoice", {{"FiveCrop", {{"size", 5}}}, {"CenterCrop", {{"size", 5}}}}));
    row("an order",
        "RandomOrder, step 2: ToPILImage works on tensors, but a picture arrives here. This "
        "happens when it comes first.",
        nested("RandomOrder", {{"ToTensor", {}}, {"ToPILImage", {}}}));
    row("an order of sizes",
        "RandomOrder, step 2: FiveCrop cannot cut 30 × 30 out of a picture of 20 × 20. This "
        "happens when it comes after others.",
        nested("RandomOrder",
               {{"Resize", {{"size", List{20, 20}}}}, {"FiveCrop", {{"size", 30}}}}));
}

void TransformStepsTest::stepsWithinAreNamed() {
    QFETCH(QString, message);
    QFETCH(Choice, choice);
    const auto inference = inferPipeline({choice}, {false, {3, 32, 32}});
    QCOMPARE(inference.failedStep, 0);
    QCOMPARE(QString::fromStdString(inference.problem.message), message);
}

void TransformStepsTest::sizesThatChanceDecidesAreOpen() {
    const auto dims = [](const Choice& choice) {
        const auto inference = inferPipeline({choice}, {false, {3, 32, 48}});
        return inference.failedStep < 0 ? inference.specs[0].dims : std::vector<std::int64_t>();
    };
    const Choice resize = {"Resize", {{"size", List{32, 20}}}};
    const std::vector<std::int64_t> open = {3, 32, -1};
    QCOMPARE(dims(nested("RandomApply", {resize})), open);
    QCOMPARE(dims(nested("RandomApply", {resize}, {{"p", 1}})),
             (std::vector<std::int64_t>{3, 32, 20}));
    QCOMPARE(dims(nested("RandomChoice", {resize, {"RandomHorizontalFlip", {}}})), open);
    // Where it stands decides how often the border is there.
    QCOMPARE(dims(nested("RandomOrder", {resize, {"Pad", {{"padding", List{2, 0}}}}})), open);
    QCOMPARE(dims({"RandomRotation", {{"degrees", 5}, {"expand", true}}}),
             (std::vector<std::int64_t>{3, -1, -1}));
}

void TransformStepsTest::viewsMultiply() {
    const auto inference = inferPipeline({{"FiveCrop", {{"size", 9}}},
                                          {"RandomHorizontalFlip", {}},
                                          {"TenCrop", {{"size", 4}}},
                                          {"ToTensor", {}}},
                                         {false, {1, 28, 28}});
    QCOMPARE(inference.failedStep, -1);
    QCOMPARE(inference.specs.back().views, 50);
}

void TransformStepsTest::matrixComesFromAFile() {
    QTemporaryDir folder;
    const auto python = test::runPython(R"(
import sys, numpy
numpy.save(sys.argv[1] + '/matrix.npy', numpy.array([[0, 1], [1, 0.5]], numpy.float32))
numpy.save(sys.argv[1] + '/mean.npy', numpy.array([0.25, 0.5]))
numpy.save(sys.argv[1] + '/whole.npy', numpy.arange(4))
numpy.save(sys.argv[1] + '/columns.npy', numpy.asfortranarray(numpy.ones((2, 2))))
)",
                                        {folder.path()});
    QCOMPARE(python.exitCode, 0);
    const auto file = [&](const char* name) { return folder.filePath(name).toStdString(); };
    const auto pipeline = Pipeline::make({{"LinearTransformation",
                                           {{"transformation_matrix_file", file("matrix.npy")},
                                            {"mean_vector_file", file("mean.npy")}}}});
    QVERIFY2(pipeline, pipeline ? "" : pipeline.error().message.c_str());
    TorchRandom random(0);
    const auto made = pipeline->apply(TensorSample{{1, 1, 2}, {1.25f, 2.5f}}, random);
    QVERIFY(made);
    QCOMPARE(std::get<TensorSample>(*made).values, (std::vector<float>{2, 2}));
    QVERIFY(!pipeline->apply(TensorSample{{1, 1, 3}, {1, 2, 3}}, random));
    for (const char* name : {"whole.npy", "columns.npy", "missing.npy"}) {
        const auto read = readNumberFile(file(name));
        QVERIFY(!read);
        QVERIFY2(read.error().message.starts_with(file(name)), read.error().message.c_str());
    }
}

void TransformStepsTest::damagedNumberFilesAreRefused() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("a.npy").toStdString();
    const auto header = [](const std::string& shape) {
        std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
        return std::string("\x93NUMPY\x01\x00", 8) + char(text.size()) + char(0) + text;
    };
    const auto write = [&](const std::string& bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
        return readNumberFile(path);
    };
    QVERIFY(write(header("2,") + std::string(8, 'x')));
    for (const char* shape :
         {"3,", "2, 2", "99999999999999999999", "4294967296, 4294967296", "-1,", "1e9", "2, x"})
        QVERIFY2(!write(header(shape) + std::string(8, 'x')), shape);
    const std::string whole = header("2,") + std::string(8, 'x');
    for (std::size_t length = 0; length < whole.size(); ++length)
        QVERIFY(!write(whole.substr(0, length)));
}

QTEST_GUILESS_MAIN(TransformStepsTest)
#include "transform_steps_test.moc"
