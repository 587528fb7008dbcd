#include <QApplication>
#include <QIcon>

#include "app/main_window.h"
#include "app/process_setup.h"

int main(int argc, char** argv) {
    loom::prepareProcess(argv);
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("torchloom"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/torchloom.svg")));
    loom::MainWindow window;
    window.show();
    return QApplication::exec();
}
