#pragma once

#include "tests/widgets/canvas_bench.h"
#include "widgets/canvas/ask_card.h"

namespace loom::test {

inline const char* const kResidual =
    "Input 8x4x4 > stem=Conv2d out_channels=8 kernel_size=1 > conv1=Conv2d out_channels=8 "
    "kernel_size=3 padding=1 > relu=ReLU > conv2=Conv2d out_channels=8 kernel_size=3 padding=1 > "
    "add=Add > last=ReLU > Output ; stem > add:1";

/// The residual network with its four middle blocks grouped as a person does it.
struct Grouped : Bench {
    explicit Grouped(const char* path = "layer1.0") : Bench(kResidual, 200) {
        view.drawing().select({"conv1", "relu", "conv2", "add"});
        key(Qt::Key_G, Qt::ControlModifier);
        QTest::keyClick(view.askCard()->field(), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(view.askCard()->field(), QLatin1String(path));
        QTest::keyClick(view.askCard()->field(), Qt::Key_Return);
    }
    void doubleClick(QPoint p) {
        QTest::mouseClick(surface(), Qt::LeftButton, {}, p);
        QTest::mouseDClick(surface(), Qt::LeftButton, {}, p);
    }
    CanvasScene& scene() const { return view.drawing(); }
    std::size_t boxes() const {
        std::size_t count = 0;
        for (const auto& [id, block] : scene().blocks()) count += !block->isOutside();
        return count;
    }
};

}  // namespace loom::test
