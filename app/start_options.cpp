#include "app/start_options.h"

#include <QObject>

namespace loom {

QString StartOptions::usage() {
    return QStringLiteral(
        "torchloom [PROJECT.loom] [--theme light|dark] [--page design|data|train|runs|try]\n"
        "          [--help-on BLOCK|LAYER]\n"
        "          [--screenshot FILE.png [--size 1280x800] [--run RUN_FOLDER]]\n"
        "torchloom --curves RUN_FOLDER OUT.png [--size 1400x900] [--theme light|dark]\n");
}

StartOptions StartOptions::read(const QStringList& arguments) {
    StartOptions options;
    bool sized = false;
    for (qsizetype i = 1; i < arguments.size() && options.problem.isEmpty(); ++i) {
        const QString& word = arguments[i];
        const auto next = [&]() -> QString {
            if (i + 1 < arguments.size()) return arguments[++i];
            options.problem = QObject::tr("%1 needs a value after it.").arg(word);
            return {};
        };
        if (word == QLatin1String("--help") || word == QLatin1String("-h")) {
            options.help = true;
        } else if (word == QLatin1String("--version")) {
            options.version = true;
        } else if (word == QLatin1String("--theme")) {
            const QString name = next();
            if (name == QLatin1String("light"))
                options.theme = ThemeMode::Light;
            else if (name == QLatin1String("dark"))
                options.theme = ThemeMode::Dark;
            else if (options.problem.isEmpty())
                options.problem = QObject::tr("--theme takes light or dark, not “%1”.").arg(name);
        } else if (word == QLatin1String("--page")) {
            options.page = next();
        } else if (word == QLatin1String("--screenshot")) {
            options.screenshot = next();
        } else if (word == QLatin1String("--help-on")) {
            options.helpOn = next();
        } else if (word == QLatin1String("--run")) {
            options.run = next();
        } else if (word == QLatin1String("--size")) {
            const QStringList sides = next().split(QLatin1Char('x'));
            options.size = QSize(sides.value(0).toInt(), sides.value(1).toInt());
            sized = true;
            if (options.problem.isEmpty() &&
                (options.size.width() < 100 || options.size.height() < 100 ||
                 options.size.width() > 10000 || options.size.height() > 10000))
                options.problem =
                    QObject::tr("--size takes width and height in pixels, as in 1280x800.");
        } else if (word == QLatin1String("--curves")) {
            options.curvesOf = next();
            if (options.problem.isEmpty()) options.curvesTo = next();
        } else if (word.startsWith(QLatin1Char('-'))) {
            options.problem = QObject::tr("%1 is not known.").arg(word);
        } else if (options.project.isEmpty()) {
            options.project = word;
        } else {
            options.problem =
                QObject::tr("One project at a time: %1 came after %2.").arg(word, options.project);
        }
    }
    if (!options.curvesOf.isEmpty() && !sized) options.size = QSize(1400, 900);
    return options;
}

}  // namespace loom
