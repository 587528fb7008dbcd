#include "app/main_window.h"

namespace loom {

MainWindow::MainWindow(QWidget* parent) : QMainWindow(parent) {
    setWindowTitle(QStringLiteral("Torchloom"));
}

}  // namespace loom
