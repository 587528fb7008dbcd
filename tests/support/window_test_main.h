#pragma once

#include <QApplication>
#include <QTest>

#include "tests/support/app_home.h"
#include "widgets/style/theme.h"

namespace loom::test {

/// The main function of a test that opens the application's window: with a home of its own, the
/// light theme, and file dialogues that a test can drive. `home` is set while the tests run.
template <class Test>
int windowTestMain(int argc, char** argv, AppHome*& home) {
    AppHome own;
    home = &own;
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("torchloom"));
    Theme::apply(application, ThemeMode::Light);
    Test tests;
    return QTest::qExec(&tests, argc, argv);
}

}  // namespace loom::test
