#include <QDir>
#include <QFile>
#include <QTest>
#include <string>
#include <vector>

#include "core/base/release_text.h"
#include "core/base/sentence.h"
#include "core/catalogue/init_kind.h"
#include "core/catalogue/layer_kind.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

const char* const kIntroduction =
    "# What differs between releases of PyTorch\n"
    "\n"
    "Torchloom runs with Debian 12's PyTorch 1.13 and torchvision 0.14 and with Debian 13's 2.6 "
    "and 0.21.\n"
    "Every kind and every parameter works with both. This page lists what Python gained or changed "
    "in between,\n"
    "and what Torchloom does about it. A kind or argument that is new in Python is computed here "
    "with every\n"
    "LibTorch; only a script that names it needs the release. A default that changed is written "
    "into project files\n"
    "and scripts, so that they mean the same everywhere; a file from before the change keeps the "
    "former one.\n"
    "\n"
    "The catalogues hold these facts, and `core/catalogue_sweep_test` compares them with the "
    "Python "
    "of the machine.\n"
    "This file is written by `TORCHLOOM_WRITE_DOCS=1 ctest --preset release -R "
    "core/pytorch_versions_test`.\n";

/// Text in a cell: a bar would end it.
std::string cell(std::string text) {
    for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
        text.insert(at, "\\");
    return text;
}

void addRow(std::string& table, const std::string& name, const std::string& release,
            const std::string& change, const std::string& here) {
    table += "| `" + cell(name) + "` | " + releaseText(release) + " | " + cell(change) + " | " +
             cell(here) + " |\n";
}

template <class K>
std::string rowsOf(const Catalogue<K>& catalogue) {
    std::string table;
    for (const K& kind : catalogue) {
        const KindInfo& info = kind.info;
        if (!info.since.empty())
            addRow(table, info.id, info.since, "Python has it since then.", "Works with both.");
        for (const VersionChange& change : info.changes)
            addRow(table, info.id, change.release, change.change, change.here);
        for (const ParamSpec& spec : kind.params) {
            const std::string name = info.id + "." + spec.key;
            if (!spec.since.empty())
                addRow(table, name, spec.since,
                       sentence("Python has the argument since then; its default is {default}.",
                                {{"default", spec.defaultValue.toPython()}}),
                       "Works with both.");
            if (!spec.defaultSince.empty())
                addRow(table, name, spec.defaultSince, defaultSinceText(spec),
                       "Files and scripts state the value.");
        }
    }
    return table;
}

std::string document() {
    std::string text = kIntroduction;
    const auto add = [&](const char* title, const auto& catalogue) {
        const std::string rows = rowsOf(catalogue);
        if (rows.empty()) return;
        text += std::string("\n## ") + title +
                "\n\n| | since | in Python | here |\n|---|---|---|---|\n" + rows;
    };
    add("Layers", layers());
    add("Losses", losses());
    add("Optimizers", optimizers());
    add("Schedulers", schedulers());
    add("Initial weights", initializations());
    add("Transforms", transforms());
    add("Transforms of batches", batchTransforms());
    add("Data sets", datasets());
    add("Samplers", samplers());
    return text;
}

}  // namespace

/// `PYTORCH_VERSIONS.md` says what the catalogues say.
class PytorchVersionsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void releasesAreWrittenOut() {
        QCOMPARE(sinceText("2.4"), std::string("since PyTorch 2.4"));
        QCOMPARE(sinceText("0.17"), std::string("since torchvision 0.17"));
        QCOMPARE(sinceText("numpy 2.0"), std::string("since numpy 2.0"));
        QCOMPARE(sinceText(""), std::string());
        QCOMPARE(releaseText("v2"), std::string("torchvision.transforms.v2"));
        QCOMPARE(releaseText("numpy 2.0"), std::string("numpy 2.0"));
        const ParamSpec always{.key = "a", .defaultValue = 1};
        QCOMPARE(defaultSinceText(always), std::string());
        const ParamSpec changed{
            .key = "a", .defaultValue = true, .formerDefault = Value(), .defaultSince = "0.17"};
        QCOMPARE(defaultSinceText(changed),
                 std::string("The default is True since torchvision 0.17; before, it was None."));
        QCOMPARE(cell("a | b|c"), std::string("a \\| b\\|c"));
    }

    void theTableIsTheCatalogues() {
        const QString path = test::sourcePath(QStringLiteral("PYTORCH_VERSIONS.md"));
        const QByteArray wanted = QByteArray::fromStdString(document());
        QVERIFY(wanted.contains("`RMSNorm`"));
        QFile file(path);
        if (qEnvironmentVariableIsSet("TORCHLOOM_WRITE_DOCS")) {
            QVERIFY(QDir().mkpath(test::sourcePath(QStringLiteral("docs"))));
            QVERIFY(file.open(QFile::WriteOnly));
            QCOMPARE(file.write(wanted), wanted.size());
            return;
        }
        QVERIFY2(file.open(QFile::ReadOnly), qPrintable(path));
        const QList<QByteArray> lines = file.readAll().split('\n'), ours = wanted.split('\n');
        for (qsizetype i = 0; i < qMin(lines.size(), ours.size()); ++i)
            QVERIFY2(lines[i] == ours[i], ("Line " + QByteArray::number(i + 1) + " is\n" +
                                           lines[i] + "\nbut the catalogues say\n" + ours[i] +
                                           "\nTORCHLOOM_WRITE_DOCS=1 writes the file anew.")
                                              .constData());
        QCOMPARE(lines.size(), ours.size());
    }
};

QTEST_GUILESS_MAIN(PytorchVersionsTest)
#include "pytorch_versions_test.moc"
