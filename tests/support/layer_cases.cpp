#include "tests/support/layer_cases.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include "core/catalogue/layer_kind.h"
#include "core/graph/text_form.h"
#include "tests/support/python.h"

namespace loom::test {
namespace {

Graph parsed(const QString& text, const QString& where) {
    auto graph = graphFromText(text.toStdString());
    if (!graph)
        qFatal("%s: %s\n%s", qPrintable(where), graph.error().message.c_str(), qPrintable(text));
    return *graph;
}

/// The short form: sizes before the first `>`, one block after it.
void expand(LayerCase& c, const QString& sizes, const QString& block, const QString& where) {
    static const QRegularExpression whole(QStringLiteral("^(.*):int64\\((\\d+)\\)$"));
    QString inputs, wires;
    int port = -1;
    for (const QString& item : sizes.split(QLatin1Char(','))) {
        ++port;
        QString size = item.trimmed();
        if (size == QLatin1String("-")) continue;
        const auto match = whole.match(size);
        c.limits.push_back(match.hasMatch() ? match.captured(2).toLongLong() : 0);
        if (match.hasMatch()) size = match.captured(1) + QStringLiteral(" dtype=int64");
        const QString id = QStringLiteral("x%1").arg(c.limits.size() - 1);
        inputs += QStringLiteral("%1=Input %2 ; ").arg(id, size);
        wires += QStringLiteral(" ; %1 > b:%2").arg(id).arg(port);
    }
    c.graph = parsed(inputs + QStringLiteral("b=") + block + wires, where);
    c.block = "b";
    const Node& node = *c.graph.find("b");
    const LayerKind* kind = layers().find(node.kind);
    if (!kind) qFatal("%s: no layer %s", qPrintable(where), node.kind.c_str());
    const std::size_t ports = outputPorts(*kind, node.params).size();
    for (std::size_t i = 0; i < ports; ++i) {
        const NodeId out = "out" + std::to_string(i);
        c.graph.nodes.push_back({out, "Output"});
        c.graph.edges.push_back({{"b", static_cast<int>(i)}, {out, 0}});
    }
}

/// `m(x0)`, or `before 2.0: m(x0)`.
void addPython(LayerCase& c, const QString& field, const QString& where) {
    static const QRegularExpression older(QStringLiteral("^before (\\d+\\.\\d+): (.+)$"));
    const auto match = older.match(field.trimmed());
    std::string& into = match.hasMatch() ? c.older : c.python;
    if (!into.empty()) qFatal("%s: a field too many: %s", qPrintable(where), qPrintable(field));
    into = (match.hasMatch() ? match.captured(2) : field.trimmed()).toStdString();
    if (match.hasMatch()) c.before = match.captured(1).toStdString();
}

}  // namespace

std::vector<LayerCase> layerCases() {
    std::vector<LayerCase> all;
    const QDir folder(sourcePath(QStringLiteral("tests/core/layer_cases")));
    for (const QString& name :
         folder.entryList({QStringLiteral("*.txt")}, QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(name));
        if (!file.open(QFile::ReadOnly)) qFatal("%s", qPrintable(file.errorString()));
        int number = 0;
        for (const QByteArray& raw : file.readAll().split('\n')) {
            ++number;
            QString line = QString::fromUtf8(raw).trimmed();
            if (line.isEmpty() || line.startsWith(QLatin1Char('#'))) continue;
            const QString where = QStringLiteral("%1:%2").arg(name).arg(number);
            LayerCase c;
            c.where = where.toStdString();
            c.text = c.where + ": " + line.toStdString();
            const QStringList fields = line.split(QStringLiteral(" | "));
            line = fields[0];
            for (const QString& field : fields.mid(1)) addPython(c, field, where);
            if (line.startsWith(QLatin1String("graph "))) {
                c.graph = parsed(line.mid(6), where);
                for (const Node& node : c.graph.nodes)
                    if (node.kind == "Input") c.limits.push_back(0);
                if (const Edge* last = c.graph.edgeInto({"out0", 0})) c.block = last->from.node;
            } else {
                const qsizetype arrow = line.indexOf(QLatin1Char('>'));
                if (arrow < 0) qFatal("%s: no > in the line", qPrintable(where));
                expand(c, line.left(arrow), line.mid(arrow + 1).trimmed(), where);
            }
            all.push_back(std::move(c));
        }
    }
    return all;
}

}  // namespace loom::test
