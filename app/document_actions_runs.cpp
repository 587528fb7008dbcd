// Weights written to files, and the projects of runs.

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "app/document_actions.h"
#include "core/exchange/format_kind.h"
#include "core/project/project_file.h"
#include "core/train/fitting_run.h"
#include "core/train/plan.h"
#include "core/train/run_claim.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/bridge/training_bridge.h"

namespace loom {

namespace {

/// "PyTorch's weight file (*.pth)".
QString filterOf(const FormatKind& format) {
    return QStringLiteral("%1 (*%2)").arg(q(format.info.summary), q(format.extension));
}

const FormatKind& formatOf(const QString& filter, const QString& path) {
    const QString ending = QLatin1Char('.') + QFileInfo(path).suffix();
    const FormatKind* chosen = formats().begin().operator->();
    for (const FormatKind& format : formats())
        if (filterOf(format) == filter) chosen = &format;
    if (q(chosen->extension) == ending) return *chosen;
    // A typed ending of another format says what is meant.
    for (const FormatKind& format : formats())
        if (q(format.extension) == ending) return format;
    return *chosen;
}

}  // namespace

bool DocumentActions::openProjectOf(const QString& runFolder, bool withRecipe) {
    const QString file = runFolder + QStringLiteral("/project.loom");
    const auto loaded = loadProject(file.toStdString());
    if (!loaded) {
        Q_EMIT failed(q(loaded.error().message), q(loaded.error().hint));
        return false;
    }
    const Project& shown = m_controller->project();
    TrainingSection recipe = loaded->project.training;
    recipe.epochs = shown.training.epochs;
    if (sameDrawing(shown.network, loaded->project.network) && shown.data == loaded->project.data &&
        (!withRecipe || shown.training == recipe))
        return true;
    return openFile(file);
}

void DocumentActions::exportWeights() {
    takeForExport({}, [this](const ChosenWeights& chosen) { askWhereTo(chosen); });
}

void DocumentActions::exportRun(const QString& runFolder) {
    takeForExport(runFolder, [this](const ChosenWeights& chosen) { askWhereTo(chosen); });
}

void DocumentActions::exportWeightsTo(const QString& path) {
    takeForExport(
        {}, [this, path](const ChosenWeights& chosen) { write(chosen, formatOf({}, path), path); });
}

void DocumentActions::takeForExport(const QString& runFolder,
                                    std::function<void(const ChosenWeights&)> then) {
    const QString runs =
        m_runsFolder.isEmpty() ? QString::fromStdString(defaultRunsFolder()) : m_runsFolder;
    using Taken = std::shared_ptr<const Result<ChosenWeights>>;
    m_takeJob.start(
        [choice = WeightsChoice{{}, runFolder, m_bridge->sharedSession(), runs},
         project = m_controller->snapshot()](const std::atomic<bool>& cancelled) -> Taken {
            return std::make_shared<const Result<ChosenWeights>>(
                takeWeights(choice, *project, cancelled));
        },
        [this, then = std::move(then)](const Taken& taken) {
            if (taken->ok())
                then(**taken);
            else
                Q_EMIT failed(q(taken->error().message), q(taken->error().hint));
        });
}

void DocumentActions::askWhereTo(const ChosenWeights& chosen) {
    QStringList filters;
    for (const FormatKind& format : formats()) filters << filterOf(format);
    QString filter = filters.front();
    const QString name = chosen.fileName.isEmpty() ? tr("weights") : chosen.fileName;
    const QString proposed =
        QDir(m_preferences.folder()).filePath(name + q(formats().begin()->extension));
    QString path =
        QFileDialog::getSaveFileName(m_window, tr("Export the %1").arg(chosen.name), proposed,
                                     filters.join(QStringLiteral(";;")), &filter);
    if (path.isEmpty()) return;
    const FormatKind& format = formatOf(filter, path);
    if (QFileInfo(path).suffix().isEmpty()) path += q(format.extension);
    m_preferences.setFolder(QFileInfo(path).path());
    write(chosen, format, path);
}

void DocumentActions::write(const ChosenWeights& chosen, const FormatKind& format,
                            const QString& path) {
    if (const Status free = notOfARunsRecord(path.toStdString()); !free) {
        Q_EMIT failed(q(free.error().message), q(free.error().hint));
        return;
    }
    m_exportJob.start(
        [chosen, &format, path = path.toStdString()](const std::atomic<bool>&) {
            return format.write(chosen.project, chosen.weights, path);
        },
        [this, path, name = chosen.name, how = q(format.info.details)](const Status& status) {
            if (status)
                Q_EMIT said(tr("Wrote the %1 to %2. %3").arg(name, path, how));
            else
                Q_EMIT failed(q(status.error().message), q(status.error().hint));
        });
}

}  // namespace loom
