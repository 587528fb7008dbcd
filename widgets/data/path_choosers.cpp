#include "widgets/data/path_choosers.h"

#include <QAction>
#include <QCoreApplication>
#include <QDir>
#include <QLineEdit>
#include <QRegularExpression>

#include "core/data/dataset.h"
#include "core/data/files/locations.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/inspector/param_form.h"
#include "widgets/style/file_choice.h"
#include "widgets/style/icons.h"

namespace loom {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("DatasetPanel", text);
}

enum class Names { Nothing, File, Folder };

Names whatIsNamed(const ParamSpec& spec) {
    static const QRegularExpression files(QStringLiteral("(^|_)(file|annotations|captions)$"));
    static const QRegularExpression folders(QStringLiteral("^(train|test|folder)$|_images$"));
    if (spec.type != ParamType::Text) return Names::Nothing;
    return q(spec.key).contains(files)     ? Names::File
           : q(spec.key).contains(folders) ? Names::Folder
                                           : Names::Nothing;
}

/// A path below the root is written from there, so that the folder may move.
QString fromRoot(const QString& chosen, const QString& root) {
    const QString relative = QDir(root).relativeFilePath(chosen);
    return root.isEmpty() || relative.startsWith(QLatin1String("..")) ? chosen
           : relative.isEmpty()                                       ? QStringLiteral(".")
                                                                      : relative;
}

}  // namespace

void addPathChoosers(ParamForm* form, const Choice& dataset, DocumentController* controller) {
    const DatasetKind* kind = datasets().find(dataset.kind);
    if (!kind) return;
    for (const ParamSpec& spec : kind->params) {
        const Names names = whatIsNamed(spec);
        const QString key = q(spec.key);
        auto* line = qobject_cast<QLineEdit*>(form->editor(key));
        if (names == Names::Nothing || !line || !line->actions().isEmpty()) continue;
        const bool file = names == Names::File;
        QAction* choose =
            line->addAction(icon(file ? QStringLiteral("file") : QStringLiteral("folder")),
                            QLineEdit::TrailingPosition);
        choose->setToolTip(file ? tr("Choose a file") : tr("Choose a folder"));
        QObject::connect(choose, &QAction::triggered, line, [line, file, key, controller] {
            const Choice& now = controller->project().data.dataset;
            const DatasetKind* known = datasets().find(now.kind);
            if (!known || controller->isReadOnly()) return;
            const std::string given = Settings(known->params, now.params).text("root");
            const QString root = given.empty() ? QString() : q(dataRoots(given).front());
            const QString title = tr("Choose %1").arg(key);
            const QString chosen = file ? chooseFile(line->window(), title, {}, root)
                                        : chooseFolder(line->window(), title, root);
            if (chosen.isEmpty()) return;
            controller->edit(tr("Set %1").arg(key), [&](const Project& project) -> Result<Project> {
                Project next = project;
                next.data.dataset.params.set(key.toStdString(),
                                             Value(fromRoot(chosen, root).toStdString()));
                return next;
            });
        });
    }
}

}  // namespace loom
