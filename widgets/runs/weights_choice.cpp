#include "widgets/runs/weights_choice.h"

#include <QDateTime>
#include <QFileInfo>
#include <QObject>
#include <optional>
#include <utility>

#include "core/exchange/torch_file.h"
#include "core/project/project_file.h"
#include "core/train/fitting_run.h"
#include "core/train/network_use.h"
#include "core/train/run_folder.h"
#include "widgets/bridge/strings.h"

namespace loom {

namespace {

QString nameOf(const RunRecord& record) {
    const QDateTime started = QDateTime::fromString(q(record.started), Qt::ISODate);
    const bool best = record.weights.find("best") != std::string::npos;
    const QString when = started.isValid() ? started.toString(QStringLiteral("d MMM, HH:mm"))
                                           : QFileInfo(q(record.folder)).fileName();
    return best ? QObject::tr("best weights of the run “%1”, %2").arg(q(record.name), when)
                : QObject::tr("weights of the run “%1”, %2").arg(q(record.name), when);
}

Result<ChosenWeights> ofRun(const RunRecord& record) {
    if (record.weights.empty())
        return Error{"The run in " + record.folder + " has no weights yet.",
                     "Weights are kept after a run's first epoch and when it ends."};
    auto project = loadProject(record.folder + "/project.loom");
    if (!project) return project.error();
    auto weights = loadWeights(record.weights);
    if (!weights) return weights.error();
    return ChosenWeights{*std::move(weights), std::move(project->project), nameOf(record),
                         q(record.name), q(record.folder)};
}

}  // namespace

namespace {

/// What is left of a choice once it is known what is there: one of the members.
struct Picked {
    QString file;
    std::optional<RunRecord> run;
    std::shared_ptr<TrainingSession> session;
};

Result<Picked> pick(const WeightsChoice& choice, const Project& document,
                    const std::atomic<bool>& cancelled) {
    if (!choice.file.isEmpty()) return Picked{choice.file, {}, {}};
    if (!choice.runFolder.isEmpty()) {
        auto record = readRunRecord(choice.runFolder.toStdString());
        if (!record) return record.error();
        return Picked{{}, *std::move(record), {}};
    }
    const bool failed = choice.session && choice.session->status() == "failed";
    if (choice.session && !failed &&
        weightsFit(choice.session->plan().project, document).value_or(false))
        return Picked{{}, {}, choice.session};
    if (auto found = latestFittingRun(choice.runsFolder.toStdString(), document, cancelled))
        return Picked{{}, std::move(found), {}};
    return Picked{{}, {}, choice.session};
}

bool hasNoWeights(const Project& document) {
    return !document.network.nodes.empty() && !needsWeights(document);
}

}  // namespace

QString chosenName(const WeightsChoice& choice, const Project& document,
                   const std::atomic<bool>& cancelled) {
    const auto picked = pick(choice, document, cancelled);
    if (!picked) return {};
    if (!picked->file.isEmpty()) return QFileInfo(picked->file).fileName();
    if (picked->run) return nameOf(*picked->run);
    if (picked->session) return QObject::tr("weights of this run");
    return hasNoWeights(document) ? QObject::tr("a network without weights")
                                  : QObject::tr("no weights yet");
}

Result<ChosenWeights> takeWeights(const WeightsChoice& choice, const Project& document,
                                  const std::atomic<bool>& cancelled) {
    const auto picked = pick(choice, document, cancelled);
    if (!picked) return picked.error();
    if (!picked->file.isEmpty()) {
        auto weights = loadWeights(picked->file.toStdString());
        if (!weights) return weights.error();
        const QFileInfo file(picked->file);
        return ChosenWeights{
            *std::move(weights), document, file.fileName(), file.completeBaseName(), {}};
    }
    if (picked->run) return ofRun(*picked->run);
    if (picked->session) {
        auto weights = picked->session->weights();
        if (!weights) return weights.error();
        const Project& project = picked->session->plan().project;
        return ChosenWeights{
            *std::move(weights), project, QObject::tr("weights of this run"), q(project.name), {}};
    }
    if (hasNoWeights(document))
        return ChosenWeights{
            {}, document, QObject::tr("a network without weights"), q(document.name), {}};
    return Error{"There are no weights yet, and no finished run fits this network.",
                 "Train the network, or take weights from a file."};
}

}  // namespace loom
