#include <QTest>
#include <algorithm>
#include <set>

#include "core/data/transform.h"
#include "core/data/transforms/colour_operations.h"

using namespace loom;

/// Edges of the colour operations and what their transforms say; that they equal Pillow's is the
/// sweep's business (transform_parity_test).
class ColourOperationsTest : public QObject {
    Q_OBJECT

private slots:
    void oneColourHasNothingToStretch();
    void twoShadesAreStretched();
    void factorsZeroAndTwo();
    void halfACircleOfHueIsTheOpposite();
    void greyPicturesHaveNoColoursToChange();
    void tinyPicturesStayWhole();
    void posterizeKeepsTheHighestBits();
    void solarizeBeginsAtTheThreshold();
    void blurKeepsOneColour();
    void kernelLargerThanThePictureIsRefused();
    void evenKernelsAreRefused();
    void tracesTellTheDraws();
    void badgesTellTheSettings();
};

namespace {

Picture flat(int width, int height, const std::vector<std::uint8_t>& colour) {
    Picture made{width, height, int(colour.size()), {}};
    for (int i = 0; i < width * height; ++i)
        made.pixels.insert(made.pixels.end(), colour.begin(), colour.end());
    return made;
}

/// Every value of a byte, in an order that differs from channel to channel.
Picture wheel(int channels) {
    Picture made{16, 16, channels, {}};
    for (int i = 0; i < 256; ++i)
        for (int c = 0; c < channels; ++c)
            made.pixels.push_back(std::uint8_t(i * (2 * c + 1) + 40 * c));
    return made;
}

using Work = void (*)(Picture&);

std::string tracedOnce(const TransformChoice& choice, std::uint64_t seed) {
    const auto pipeline = Pipeline::make({choice});
    if (!pipeline) return pipeline.error().message;
    std::vector<std::string> trace;
    TorchRandom random(seed);
    const auto made = pipeline->apply(wheel(3), random, &trace);
    if (!made) return made.error().message;
    return trace.empty() ? std::string() : trace.front();
}

std::string badgeOf(const TransformChoice& choice) {
    const TransformKind* kind = transforms().find(choice.kind);
    return kind->badge(Settings(kind->params, choice.params));
}

}  // namespace

void ColourOperationsTest::oneColourHasNothingToStretch() {
    for (const auto& colour : {std::vector<std::uint8_t>{0}, {255}, {7, 7, 7}, {1, 128, 255}})
        for (const Work work : {Work(autocontrast), Work(equalize)}) {
            const Picture before = flat(9, 5, colour);
            Picture after = before;
            work(after);
            QCOMPARE(after.pixels, before.pixels);
        }
}

void ColourOperationsTest::twoShadesAreStretched() {
    Picture picture = flat(40, 25, {100});
    std::fill_n(picture.pixels.begin(), 500, std::uint8_t(120));
    Picture stretched = picture;
    autocontrast(stretched);
    QCOMPARE(int(stretched.pixels.front()), 255);
    QCOMPARE(int(stretched.pixels.back()), 0);
    equalize(picture);
    QCOMPARE(int(picture.pixels.front()), 255);
    QCOMPARE(int(picture.pixels.back()), 0);
}

void ColourOperationsTest::factorsZeroAndTwo() {
    const Picture before = wheel(3);
    Picture black = before;
    adjustBrightness(black, 0);
    QCOMPARE(black.pixels, std::vector<std::uint8_t>(before.pixels.size(), 0));
    Picture bright = before;
    adjustBrightness(bright, 2);
    for (std::size_t i = 0; i < before.pixels.size(); ++i)
        QCOMPARE(int(bright.pixels[i]), std::min(2 * before.pixels[i], 255));

    Picture even = before;
    adjustContrast(even, 0);
    QCOMPARE(even.pixels, std::vector<std::uint8_t>(before.pixels.size(), even.pixels[0]));
    Picture grey = before, alsoGrey = before;
    adjustSaturation(grey, 0);
    makeGrey(alsoGrey);
    QCOMPARE(grey.pixels, alsoGrey.pixels);

    for (const auto adjust : {adjustBrightness, adjustContrast, adjustSaturation}) {
        Picture same = before;
        adjust(same, 1);
        QCOMPARE(same.pixels, before.pixels);
    }
    Picture sharp = before;
    adjustSharpness(sharp, 1);
    QCOMPARE(sharp.pixels, before.pixels);
}

void ColourOperationsTest::halfACircleOfHueIsTheOpposite() {
    for (const double shift : {0.5, -0.5}) {
        Picture red = flat(3, 1, {255, 0, 0});
        adjustHue(red, shift);
        // Cyan, as near as a circle of 255 steps comes to it.
        QVERIFY(red.pixels[0] == 0 && red.pixels[1] > 245 && red.pixels[2] > 245);
    }
    Picture grey = flat(3, 1, {90, 90, 90});
    adjustHue(grey, 0.5);
    QCOMPARE(grey.pixels, flat(3, 1, {90, 90, 90}).pixels);
}

void ColourOperationsTest::greyPicturesHaveNoColoursToChange() {
    const Picture before = wheel(1);
    Picture after = before;
    adjustSaturation(after, 0);
    adjustHue(after, 0.3);
    makeGrey(after);
    QCOMPARE(after.channels, 1);
    QCOMPARE(after.pixels, before.pixels);
}

void ColourOperationsTest::tinyPicturesStayWhole() {
    for (const auto& colour : {std::vector<std::uint8_t>{50}, {10, 60, 200}}) {
        const Picture before = flat(1, 1, colour);
        for (const Work work :
             {Work(autocontrast), Work(equalize), Work([](Picture& p) { adjustSharpness(p, 2); }),
              Work([](Picture& p) {
                  gaussianBlur(p, {1, 1, 1.5});
              })}) {
            Picture after = before;
            work(after);
            QCOMPARE(after.pixels, before.pixels);
        }
        Picture twice = before;
        invert(twice);
        QCOMPARE(int(twice.pixels[0]), 255 - colour[0]);
        invert(twice);
        QCOMPARE(twice.pixels, before.pixels);
    }
    Picture none{0, 0, 3, {}};
    for (const Work work : {Work(autocontrast), Work(equalize), Work(invert), Work(makeGrey),
                            Work([](Picture& p) { adjustContrast(p, 2); }),
                            Work([](Picture& p) { adjustHue(p, 0.2); })})
        work(none);
    QVERIFY(none.pixels.empty());
}

void ColourOperationsTest::posterizeKeepsTheHighestBits() {
    const Picture before = wheel(3);
    for (int bits = 0; bits <= 8; ++bits) {
        Picture after = before;
        posterize(after, bits);
        std::set<int> shades(after.pixels.begin(), after.pixels.end());
        QCOMPARE(int(shades.size()), 1 << bits);
    }
}

void ColourOperationsTest::solarizeBeginsAtTheThreshold() {
    for (const auto& [threshold, first] : {std::pair{0.0, 0},
                                           {127.5, 128},
                                           {128.0, 128},
                                           {255.0, 255},
                                           {255.5, 256},
                                           {256.0, 256}}) {
        Picture after = wheel(1);
        solarize(after, threshold);
        for (int i = 0; i < 256; ++i)
            QCOMPARE(int(after.pixels[std::size_t(i)]), i < first ? i : 255 - i);
    }
}

void ColourOperationsTest::blurKeepsOneColour() {
    for (const double sigma : {0.05, 1.0, 100.0}) {
        const Picture before = flat(20, 12, {3, 128, 255});
        Picture after = before;
        gaussianBlur(after, {23, 9, sigma});
        QCOMPARE(after.pixels, before.pixels);
    }
}

void ColourOperationsTest::kernelLargerThanThePictureIsRefused() {
    const TransformChoice blur{"GaussianBlur", {{"kernel_size", List{9, 3}}}};
    const auto early = inferPipeline({blur}, {false, {3, 20, 4}});
    QCOMPARE(early.failedStep, 0);
    QVERIFY(early.problem.message.find("3 × 9") != std::string::npos);
    QVERIFY(early.problem.message.find("20 × 4") != std::string::npos);

    const auto pipeline = Pipeline::make({blur});
    QVERIFY(pipeline.ok());
    TorchRandom random(1);
    const auto late = pipeline->apply(flat(4, 20, {1, 2, 3}), random);
    QVERIFY(!late);
    QCOMPARE(late.error().message, early.problem.message);
    QVERIFY(pipeline->apply(flat(5, 20, {1, 2, 3}), random).ok());
}

void ColourOperationsTest::evenKernelsAreRefused() {
    const auto refused = Pipeline::make({{"GaussianBlur", {{"kernel_size", 4}}}});
    QVERIFY(!refused);
    QVERIFY(refused.error().message.find("odd") != std::string::npos);
    QVERIFY(refused.error().hint.find("5") != std::string::npos);
}

void ColourOperationsTest::tracesTellTheDraws() {
    QCOMPARE(tracedOnce({"RandomInvert", {{"p", 1.0}}}, 1), std::string("RandomInvert: applied"));
    QCOMPARE(tracedOnce({"RandomInvert", {{"p", 0.0}}}, 1),
             std::string("RandomInvert: not applied"));
    QCOMPARE(tracedOnce({"ColorJitter", {{"hue", List{-0.25, -0.25}}}}, 1),
             std::string("ColorJitter: hue −0.25"));
    QCOMPARE(tracedOnce({"ColorJitter", {{"brightness", List{1.5, 1.5}}}}, 1),
             std::string("ColorJitter: brightness 1.5"));
    QCOMPARE(tracedOnce({"GaussianBlur", {{"kernel_size", 3}, {"sigma", 0.75}}}, 1),
             std::string("GaussianBlur: σ 0.75"));
    QCOMPARE(tracedOnce({"ColorJitter", {}}, 1), std::string());
    // All four in the order in which they were applied, which differs from picture to picture.
    const Params all = {{"brightness", 0.5}, {"contrast", 0.5}, {"saturation", 0.5}, {"hue", 0.1}};
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const std::string trace = tracedOnce({"ColorJitter", all}, seed);
        for (const char* quality : {"brightness ", "contrast ", "saturation ", "hue "})
            QVERIFY2(trace.find(quality) != std::string::npos, trace.c_str());
        orders.insert(trace.substr(0, trace.find(' ', sizeof "ColorJitter: ")));
    }
    QCOMPARE(orders.size(), 4u);
    // Whatever is drawn is told by name.
    std::set<std::string> operations;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const std::string trace = tracedOnce({"TrivialAugmentWide", {}}, seed);
        const std::string told = trace.substr(trace.find(": ") + 2);
        operations.insert(told.substr(0, told.find(' ')));
    }
    QCOMPARE(operations.size(), 14u);
}

void ColourOperationsTest::badgesTellTheSettings() {
    QCOMPARE(badgeOf({"RandomPosterize", {{"bits", 3}}}), std::string("3 bits, p 0.5"));
    QCOMPARE(badgeOf({"RandomGrayscale", {}}), std::string("p 0.1"));
    QCOMPARE(badgeOf({"ColorJitter", {{"hue", 0.1}, {"contrast", List{1, 1}}}}),
             std::string("hue"));
    QCOMPARE(badgeOf({"RandAugment", {}}), std::string("2 × magnitude 9"));
    QCOMPARE(badgeOf({"AutoAugment", {{"policy", "svhn"}}}), std::string("svhn"));
}

QTEST_GUILESS_MAIN(ColourOperationsTest)
#include "colour_operations_test.moc"
