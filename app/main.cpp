#include <QApplication>
#include <QIcon>
#include <QTimer>
#include <cstdio>
#include <cstdlib>

#include "app/main_window.h"
#include "app/process_setup.h"
#include "app/quit_signals.h"
#include "app/screenshot.h"
#include "app/start_options.h"
#include "widgets/data/data_page.h"

int main(int argc, char** argv) {
    using namespace loom;
    prepareProcess(argv);
    QStringList arguments;
    for (int i = 0; i < argc; ++i) arguments << QString::fromLocal8Bit(argv[i]);
    const StartOptions options = StartOptions::read(arguments);
    if (options.help || !options.problem.isEmpty()) {
        if (!options.problem.isEmpty())
            std::fprintf(stderr, "torchloom: %s\n", qPrintable(options.problem));
        std::fputs(qPrintable(StartOptions::usage()), options.help ? stdout : stderr);
        return options.help ? 0 : 2;
    }
    // Pictures are drawn the same with and without a display; this must be said before Qt starts.
    if (options.offscreen() && !std::getenv("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");

    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("torchloom"));
    QApplication::setApplicationVersion(QStringLiteral(TORCHLOOM_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("torchloom"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/torchloom.svg")));
    if (options.version) {
        std::printf("torchloom %s\n", TORCHLOOM_VERSION);
        return 0;
    }
    Theme::apply(application, options.theme.value_or(options.offscreen() ? ThemeMode::Light
                                                                         : Preferences().theme()));
    if (!options.curvesOf.isEmpty()) return writeCurves(options);

    MainWindow window;
    // "data/browse" is a view of the page.
    if (const int page = MainWindow::pageByName(options.page.section(QLatin1Char('/'), 0, 0));
        page >= 0)
        window.showPage(page);
    window.dataPage()->showView(options.page.section(QLatin1Char('/'), 1));
    if (!options.screenshot.isEmpty()) {
        if (!options.project.isEmpty()) window.openAtStart(options.project);
        return writeScreenshot(options, window);
    }
    QuitSignals quitSignals;
    QObject::connect(&quitSignals, &QuitSignals::asked, &window, &MainWindow::endForSystem);
    window.fitToScreen();
    window.show();
    // The window first; reading files comes after it stands.
    QTimer::singleShot(0, &window, [&window, &options] {
        window.fitToScreen();
        if (!options.project.isEmpty()) window.openAtStart(options.project);
        if (!options.helpOn.isEmpty()) showHelp(window, options.helpOn);
        window.offerRecovery();
    });
    return QApplication::exec();
}
