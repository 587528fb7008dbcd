#pragma once

#include <QSize>

class QWidget;

namespace loom {

/// The size for a window of its own that would like to have `wanted`: no more than the screen of
/// `near` has room for, frame included.
QSize onScreen(const QWidget* near, const QSize& wanted);

}  // namespace loom
