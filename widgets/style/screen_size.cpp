#include "widgets/style/screen_size.h"

#include <QGuiApplication>
#include <QScreen>
#include <QWidget>

namespace loom {

QSize onScreen(const QWidget* near, const QSize& wanted) {
    constexpr QSize kFrame(24, 48);
    const QScreen* screen = near ? near->screen() : QGuiApplication::primaryScreen();
    return screen ? wanted.boundedTo(screen->availableSize() - kFrame) : wanted;
}

}  // namespace loom
