#include "widgets/canvas/group_library.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <algorithm>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/graph/group.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"

namespace loom::group_library {

namespace {

/// The name as a file can have it.
QString fileOf(const QString& name) {
    QString stem;
    for (const QChar c : name.trimmed())
        stem += c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char(' ')
                    ? c
                    : QLatin1Char('_');
    return folder() + QLatin1Char('/') + stem + QStringLiteral(".loomgroup");
}

Result<Dict> load(const QString& file) {
    const Result<std::string> text = readFile(file.toStdString(), 64u << 20);
    if (!text) return text.error();
    const Result<Value> value = parseJson(*text);
    if (!value) return value.error();
    const Error odd{QFileInfo(file).fileName().toStdString() + " does not hold a saved group.",
                    "Remove it from the library, or save the group again."};
    if (!value->isDict() || !value->asDict().contains("network")) return odd;
    return value->asDict();
}

}  // namespace

QString folder() {
    QString base = qEnvironmentVariable("XDG_DATA_HOME");
    if (base.isEmpty()) base = QDir::homePath() + QStringLiteral("/.local/share");
    return base + QStringLiteral("/torchloom/library");
}

std::vector<SavedGroup> list() {
    std::vector<SavedGroup> found;
    const QFileInfoList files = QDir(folder()).entryInfoList(
        {QStringLiteral("*.loomgroup")}, QDir::Files | QDir::Readable, QDir::Name);
    for (const QFileInfo& info : files) {
        SavedGroup saved{info.filePath(), info.completeBaseName(), 0};
        if (const Result<Dict> content = load(info.filePath()); content.ok()) {
            if (const Value* name = content->find("name"); name && name->isString())
                saved.name = q(name->asString());
            const Value* network = content->find("network");
            if (network->isDict())
                if (const Value* nodes = network->asDict().find("nodes"); nodes && nodes->isList())
                    saved.blocks = static_cast<int>(nodes->asList().size());
        }
        if (saved.blocks > 0) found.push_back(std::move(saved));
    }
    std::stable_sort(found.begin(), found.end(), [](const SavedGroup& a, const SavedGroup& b) {
        return a.name.localeAwareCompare(b.name) < 0;
    });
    return found;
}

Result<QString> save(const Graph& graph, const std::string& path, const QString& name) {
    const QString text = canvas_edits::copyText(graph, groupMembers(graph, path), parentPath(path));
    const Result<Value> value = parseJson(text.toStdString());
    if (!value) return value.error();
    Dict content = value->asDict();
    content.set("name", Value(name.trimmed().toStdString()));
    const Status made = makeFolder(folder().toStdString());
    if (!made) return made.error();
    const QString file = fileOf(name);
    const Status written = writeFileAtomically(file.toStdString(), printJson(Value(content)));
    if (!written) return written.error();
    return file;
}

bool has(const QString& name) {
    return QFile::exists(fileOf(name));
}

Result<Graph> read(const QString& file) {
    const Result<Dict> content = load(file);
    if (!content) return content.error();
    return canvas_edits::blocksFromText(q(printJson(Value(*content))));
}

Status rename(const QString& file, const QString& name) {
    Result<Dict> content = load(file);
    if (!content) return content.error();
    content->set("name", Value(name.trimmed().toStdString()));
    const QString fresh = fileOf(name);
    if (fresh != file && QFile::exists(fresh))
        return Error{"There is a saved group called " + name.trimmed().toStdString() + " already.",
                     "Choose another name."};
    const Status written =
        writeFileAtomically(fresh.toStdString(), printJson(Value(std::move(*content))));
    if (!written) return written;
    if (fresh != file) return remove(file);
    return {};
}

Status remove(const QString& file) {
    if (QFile::remove(file) || !QFile::exists(file)) return {};
    return Error{"The saved group could not be removed from " + file.toStdString() + ".",
                 "Check whether you may write in that folder."};
}

}  // namespace loom::group_library
