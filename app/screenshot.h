#pragma once

#include "app/start_options.h"

namespace loom {

class MainWindow;

/// The curves of a run as a picture. The exit code of the program.
int writeCurves(const StartOptions& options);
/// The window as it looks with the project open, once everything it reads has arrived.
int writeScreenshot(const StartOptions& options, MainWindow& window);
/// Lets the pages finish what they compute beside the window; 10 s at most.
void settle(MainWindow& window);
/// Opens the help page of a block, of a layer by its name, or by a page's key.
void showHelp(MainWindow& window, const QString& on);
/// Shows the curves of a run that is over on the Train page. Errors are said on the window.
void showRun(MainWindow& window, const QString& folder);

}  // namespace loom
