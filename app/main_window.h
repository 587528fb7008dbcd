#pragma once

#include <QMainWindow>

namespace loom {

/// The one window: puts the pages together and nothing else.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(QWidget* parent = nullptr);
};

}  // namespace loom
