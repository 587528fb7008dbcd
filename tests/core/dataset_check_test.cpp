#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <functional>

#include "core/data/check/dataset_check.h"
#include "core/data/pictures/picture.h"
#include "core/graph/text_form.h"
#include "core/project/data_check.h"
#include "core/project/project.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

using Paint = std::function<int(int x, int y, int channel)>;

Picture painted(int width, int height, const Paint& paint) {
    Picture picture{width, height, 3, {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                picture.pixels.push_back(static_cast<std::uint8_t>(paint(x, y, c)));
    return picture;
}

/// Different for every number, with mean and deviation that do not depend on it.
Picture numbered(int number, int width = 16, int height = 16) {
    return painted(width, height, [number](int x, int y, int c) {
        return (x * 31 + y * 17 + c * 5 + number * 7 + (x * y + number) % 3) % 200 + 20;
    });
}

class Pets {
public:
    void put(const QString& place, const Picture& picture) {
        const auto bytes = encodePng(picture);
        QVERIFY(bytes.ok());
        write(place, QByteArray::fromStdString(*bytes));
    }
    void write(const QString& place, const QByteArray& bytes) {
        const QString path = m_folder.filePath(place);
        QDir().mkpath(QFileInfo(path).path());
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }
    /// Four of each class to train and two to test, all different.
    void fill() {
        int number = 0;
        for (const char* place : {"train/cat/%1.png", "train/dog/%1.png"})
            for (int i = 0; i < 4; ++i) put(QString::fromLatin1(place).arg(i), numbered(number++));
        for (const char* place : {"test/cat/%1.png", "test/dog/%1.png"})
            for (int i = 0; i < 2; ++i) put(QString::fromLatin1(place).arg(i), numbered(number++));
    }
    QString root() const { return m_folder.path(); }
    DatasetCheckRequest request() const {
        DatasetCheckRequest request;
        request.dataset = {"ImageFolder", {{"root", Value(m_folder.path().toStdString())}}};
        request.trainTransforms = {{"ToTensor"}};
        request.testTransforms = {{"ToTensor"}};
        return request;
    }

private:
    QTemporaryDir m_folder;
};

DatasetCheckReport run(const DatasetCheckRequest& request) {
    return checkDataset(request, [](const DatasetCheckProgress&) { return true; });
}

const DataFinding* found(const DatasetCheckReport& report, const char* id) {
    for (const DataFinding& finding : report.findings)
        if (finding.id == id) return &finding;
    return nullptr;
}

QString listOf(const DatasetCheckReport& report) {
    QStringList lines;
    for (const DataFinding& finding : report.findings)
        lines << QString::fromStdString(finding.id + ": " + finding.message);
    for (const std::string& sentence : report.passed)
        lines << QLatin1String("ok: ") + QString::fromStdString(sentence);
    return lines.join(QLatin1Char('\n'));
}

bool says(const DatasetCheckReport& report, const char* id, const char* words) {
    const DataFinding* finding = found(report, id);
    return finding && finding->message.find(words) != std::string::npos;
}

Choice normalize(const std::vector<double>& mean, const std::vector<double>& deviation) {
    List means, deviations;
    for (const double number : mean) means.push_back(Value(number));
    for (const double number : deviation) deviations.push_back(Value(number));
    return {"Normalize", {{"mean", Value(means)}, {"std", Value(deviations)}}};
}

}  // namespace

class DatasetCheckTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aSoundSetPasses() {
        Pets pets;
        pets.fill();
        const auto report = run(pets.request());
        QVERIFY(report.complete);
        QCOMPARE(report.trainSize, std::int64_t(8));
        QCOMPARE(report.looked, std::int64_t(12));
        for (const DataFinding& finding : report.findings)
            QVERIFY2(finding.severity == Severity::Info, qPrintable(listOf(report)));
        QVERIFY(report.passed.size() >= 4);
    }

    void unreadableFilesAreNamed() {
        Pets pets;
        pets.fill();
        pets.write(QStringLiteral("train/cat/9.png"), "no picture");
        const auto report = run(pets.request());
        const DataFinding* finding = found(report, "unreadable");
        QVERIFY2(finding, qPrintable(listOf(report)));
        QCOMPARE(finding->severity, Severity::Warning);
        QCOMPARE(finding->count, std::int64_t(1));
        QVERIFY(finding->samples.front().name.ends_with("train/cat/9.png"));
        QVERIFY(!finding->samples.front().note.empty());
        QCOMPARE(finding->samples.front().index, std::int64_t(4));
    }

    void equalPicturesAreFoundInAndAcrossSplits() {
        Pets pets;
        pets.fill();
        pets.put(QStringLiteral("test/cat/leak.png"), numbered(0));
        pets.put(QStringLiteral("train/dog/twin.png"), numbered(5));
        pets.put(QStringLiteral("train/dog/torn.png"), numbered(1));
        const auto report = run(pets.request());
        const DataFinding* leak = found(report, "leak");
        QVERIFY2(leak, qPrintable(listOf(report)));
        QCOMPARE(leak->severity, Severity::Warning);
        QCOMPARE(leak->count, std::int64_t(1));
        QCOMPARE(leak->samples.size(), std::size_t(2));
        QCOMPARE(leak->samples[0].split, Split::Train);
        QVERIFY(leak->samples[1].name.ends_with("test/cat/leak.png"));
        QCOMPARE(leak->samples[0].group, leak->samples[1].group);
        const DataFinding* twins = found(report, "duplicates");
        QVERIFY(twins);
        QCOMPARE(twins->count, std::int64_t(2));
        QCOMPARE(twins->samples.size(), std::size_t(4));
        const DataFinding* torn = found(report, "contradiction");
        QVERIFY(torn);
        QCOMPARE(torn->count, std::int64_t(2));
    }

    void mixedSizesMatterOnlyWhereTheyStay() {
        Pets pets;
        pets.fill();
        pets.put(QStringLiteral("train/cat/wide.png"), numbered(50, 40, 20));
        auto request = pets.request();
        auto report = run(request);
        QVERIFY2(says(report, "mixed_sizes", "16 to 40 pixels wide and 16 to 20 high"),
                 qPrintable(listOf(report)));
        QCOMPARE(found(report, "mixed_sizes")->severity, Severity::Error);
        request.trainTransforms.insert(
            request.trainTransforms.begin(),
            Choice{"Resize", {{"size", Value(List{Value(16), Value(16)})}}});
        report = run(request);
        QCOMPARE(found(report, "mixed_sizes")->severity, Severity::Info);
    }

    void cropsLargerThanSomePicturesAreTold() {
        Pets pets;
        pets.fill();
        pets.put(QStringLiteral("train/cat/small.png"), numbered(50, 8, 8));
        auto request = pets.request();
        request.trainTransforms = {{"RandomCrop", {{"size", Value(12)}}}, {"ToTensor"}};
        const auto report = run(request);
        const DataFinding* finding = found(report, "train_transforms");
        QVERIFY2(finding, qPrintable(listOf(report)));
        QCOMPARE(finding->count, std::int64_t(1));
        QVERIFY(finding->samples.front().name.ends_with("small.png"));
        QCOMPARE(finding->samples.front().note, std::string("8×8"));
    }

    void plainAndColourlessPicturesAreListed() {
        Pets pets;
        pets.fill();
        pets.put(QStringLiteral("train/cat/black.png"),
                 painted(16, 16, [](int, int, int) { return 0; }));
        pets.put(QStringLiteral("train/dog/black.png"),
                 painted(16, 16, [](int, int, int) { return 0; }));
        pets.put(QStringLiteral("train/dog/grey.png"),
                 painted(16, 16, [](int x, int y, int) { return x * y; }));
        const auto report = run(pets.request());
        QVERIFY2(found(report, "plain"), qPrintable(listOf(report)));
        QCOMPARE(found(report, "plain")->count, std::int64_t(2));
        QVERIFY(found(report, "colourless"));
        QCOMPARE(found(report, "colourless")->count, std::int64_t(1));
        // Black ones are equal, but that is told once.
        QVERIFY(!found(report, "duplicates"));
    }

    void unevenClassesSuggestASampler() {
        Pets pets;
        pets.fill();
        for (int i = 0; i < 12; ++i)
            pets.put(QStringLiteral("train/dog/more%1.png").arg(i), numbered(100 + i));
        auto request = pets.request();
        auto report = run(request);
        QVERIFY2(
            says(report, "imbalance", "4 times the pictures of the smallest: dog has 16, cat 4"),
            qPrintable(listOf(report)));
        QCOMPARE(found(report, "imbalance")->severity, Severity::Warning);
        const auto& fixes = found(report, "imbalance")->fixes;
        QCOMPARE(fixes.size(), std::size_t(1));
        const auto mended = applyDataFix(newProject(), fixes.front());
        QVERIFY(mended.ok());
        QVERIFY(mended->training.sampler.has_value());
        request.balanced = true;
        report = run(request);
        QCOMPARE(found(report, "imbalance")->severity, Severity::Info);
        QVERIFY(found(report, "imbalance")->fixes.empty());
    }

    void normalizeIsComparedWithTheData() {
        Pets pets;
        pets.fill();
        auto request = pets.request();
        auto report = run(request);
        const DataFinding* missing = found(report, "normalize_missing");
        QVERIFY(missing);
        QCOMPARE(missing->severity, Severity::Info);
        QCOMPARE(report.mean.size(), std::size_t(3));

        // By another road: the mean of the pixels themselves.
        double sum = 0;
        for (int i = 0; i < 8; ++i) {
            const Picture picture = numbered(i);
            for (std::size_t at = 0; at < picture.pixels.size(); at += 3)
                sum += picture.pixels[at] / 255.0;
        }
        QVERIFY(std::abs(report.mean[0] - sum / (8 * 16 * 16)) < 1e-12);

        request.trainTransforms.push_back(normalize({0.9}, {0.01}));
        request.testTransforms.push_back(normalize({0.9}, {0.01}));
        report = run(request);
        const DataFinding* finding = found(report, "normalize");
        QVERIFY2(finding, qPrintable(listOf(report)));
        QCOMPARE(finding->severity, Severity::Warning);

        Project project = newProject();
        project.data.trainTransforms = request.trainTransforms;
        project.data.testTransforms = request.testTransforms;
        const auto mended = applyDataFix(project, finding->fixes.front());
        QVERIFY(mended.ok());
        request.trainTransforms = mended->data.trainTransforms;
        request.testTransforms = mended->data.testTransforms;
        report = run(request);
        QVERIFY2(!found(report, "normalize"), qPrintable(listOf(report)));

        request.testTransforms.back() = normalize({0.1}, {0.2});
        report = run(request);
        QVERIFY(found(report, "normalize_differs"));
        project.data.trainTransforms = request.trainTransforms;
        project.data.testTransforms = request.testTransforms;
        const auto same = applyDataFix(project, found(report, "normalize_differs")->fixes.front());
        QVERIFY(same.ok());
        QCOMPARE(same->data.testTransforms.back().params, request.trainTransforms.back().params);
    }

    void stepsBeforeNormalizeCount() {
        Pets pets;
        pets.fill();
        auto request = pets.request();
        const double before = run(request).mean[0];
        // A border of black around each picture darkens what Normalize gets.
        request.trainTransforms = {{"Pad", {{"padding", Value(8)}}}, {"ToTensor"}};
        const double after = run(request).mean[0];
        QVERIFY2(std::abs(after - before / 4) < 1e-6,
                 qPrintable(QStringLiteral("%1 %2").arg(before).arg(after)));
    }

    /// What is drawn changes from epoch to epoch; the data's own figures do not.
    void randomStepsDoNotCount() {
        Pets pets;
        pets.fill();
        auto request = pets.request();
        const auto plain = run(request);
        request.trainTransforms = {
            {"RandomCrop", {{"size", Value(32)}, {"padding", Value(8)}}},
            {"RandomHorizontalFlip"},
            {"ToTensor"},
            {"RandomErasing", {{"p", Value(1.0)}}},
            {"Normalize",
             {{"mean", Value(List(plain.mean.begin(), plain.mean.end()))},
              {"std", Value(List(plain.deviation.begin(), plain.deviation.end()))}}}};
        request.testTransforms = {{"ToTensor"}, request.trainTransforms.back()};
        const auto drawn = run(request);
        QCOMPARE(drawn.mean, plain.mean);
        QCOMPARE(drawn.deviation, plain.deviation);
        QVERIFY2(!found(drawn, "normalize"), qPrintable(listOf(drawn)));
        QStringList passed;
        for (const std::string& one : drawn.passed) passed << QString::fromStdString(one);
        QVERIFY2(!passed.filter("measured without the random steps").isEmpty(),
                 qPrintable(passed.join('\n')));
    }

    void withoutATestSetAPartCanBeHeldBack() {
        Pets pets;
        pets.fill();
        QVERIFY(QDir(pets.root() + "/test").removeRecursively());
        const auto report = run(pets.request());
        const DataFinding* finding = found(report, "missing_split");
        QVERIFY2(finding && !finding->fixes.empty(), qPrintable(listOf(report)));
        QCOMPARE(finding->severity, Severity::Warning);
        const auto mended = applyDataFix(newProject(), finding->fixes.front());
        QVERIFY(mended.ok() && mended->data.validation);
        QCOMPARE(mended->data.validation->fraction, std::optional(0.2));
    }

    void randomTestStepsAreReplaced() {
        Pets pets;
        pets.fill();
        auto request = pets.request();
        request.testTransforms = {
            {"RandomCrop", {{"size", Value(12)}}}, {"RandomHorizontalFlip"}, {"ToTensor"}};
        const auto report = run(request);
        const DataFinding* finding = found(report, "random_test");
        QVERIFY(finding);
        Project project = newProject();
        project.data.testTransforms = request.testTransforms;
        const auto mended = applyDataFix(project, finding->fixes.front());
        QVERIFY(mended.ok());
        QCOMPARE(mended->data.testTransforms.size(), std::size_t(2));
        QCOMPARE(mended->data.testTransforms[0].kind, std::string("CenterCrop"));
    }

    void labelsAreHeldAgainstTheNetwork() {
        Pets pets;
        pets.fill();
        pets.put(QStringLiteral("train/emu/1.png"), numbered(70));
        pets.put(QStringLiteral("test/emu/1.png"), numbered(71));
        Project project = newProject();
        project.data.dataset = pets.request().dataset;
        project.data.trainTransforms = {{"Resize", {{"size", Value(List{Value(16), Value(16)})}}},
                                        {"ToTensor"}};
        project.data.testTransforms = project.data.trainTransforms;
        const auto withOutputs = [&](int count) {
            const auto graph = graphFromText(
                "Input > Flatten > Linear out_features=" + std::to_string(count) + " > Output");
            if (!graph) qFatal("%s", graph.error().message.c_str());
            project.network = *graph;
            return run(dataCheckRequest(project, checkProject(project)));
        };
        const auto tooFew = withOutputs(2);
        const DataFinding* finding = found(tooFew, "outputs");
        QVERIFY2(finding, qPrintable(listOf(tooFew)));
        QCOMPARE(finding->severity, Severity::Error);
        QVERIFY(finding->message.starts_with("Labels go from 0 to 2."));
        QVERIFY(found(withOutputs(7), "spare_outputs"));
        const auto fits = withOutputs(3);
        QVERIFY(!found(fits, "outputs") && !found(fits, "spare_outputs"));
    }

    void stoppingKeepsWhatWasFound() {
        Pets pets;
        pets.fill();
        auto request = pets.request();
        request.threads = 1;
        const auto report =
            checkDataset(request, [](const DatasetCheckProgress&) { return false; });
        QVERIFY(!report.complete);
        QVERIFY(report.passed.empty());
    }

    void threadsMakeNoDifference() {
        Pets pets;
        pets.fill();
        for (int i = 0; i < 300; ++i)
            pets.put(QStringLiteral("train/dog/many%1.png").arg(i, 3, 10, QLatin1Char('0')),
                     numbered(i % 290 + 200, 4, 4));
        auto request = pets.request();
        QStringList lists;
        for (const int threads : {1, 4}) {
            request.threads = threads;
            const auto report = run(request);
            QString text = listOf(report);
            for (const DataFinding& finding : report.findings)
                for (const FoundSample& sample : finding.samples)
                    text += QString::fromStdString(sample.name);
            lists << text;
        }
        QVERIFY(lists[0].contains(QStringLiteral("duplicates")));
        QCOMPARE(lists[0], lists[1]);
    }

    void fashionMnistTakesSeconds() {
        DatasetCheckRequest request;
        request.dataset = {"FashionMNIST"};
        request.trainTransforms = {{"ToTensor"}, normalize({0.286}, {0.353})};
        request.testTransforms = request.trainTransforms;
        const auto* kind = datasets().find("FashionMNIST");
        QVERIFY2(kind->locate(Settings(kind->params, {})).found, test::kNoFashionMnist);
        QElapsedTimer clock;
        clock.start();
        int calls = 0;
        const auto report = checkDataset(request, [&](const DatasetCheckProgress& progress) {
            ++calls;
            return progress.done <= progress.total;
        });
        qInfo("70,000 pictures in %lld ms", static_cast<long long>(clock.elapsed()));
        QCOMPARE(report.looked, std::int64_t(70000));
        QVERIFY2(report.findings.empty(), qPrintable(listOf(report)));
        QVERIFY(calls > 0);
        QVERIFY(clock.elapsed() < 10000);
    }
};

QTEST_GUILESS_MAIN(DatasetCheckTest)
#include "dataset_check_test.moc"
