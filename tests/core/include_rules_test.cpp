#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include "tests/support/python.h"

namespace {

/// Folders of core, and which others each may include from (core/README.md). All may include base.
const QMap<QString, QSet<QString>> kMayInclude{
    {"base", {}},
    {"graph", {}},
    {"catalogue", {"graph"}},
    {"check", {"graph", "catalogue"}},
    {"data", {"graph", "catalogue"}},
    {"project", {"graph", "catalogue", "check", "data"}},
    {"layers", {"graph", "catalogue", "check", "data", "backend"}},
    {"exchange", {"graph", "catalogue", "check", "data", "project", "backend"}},
    {"train", {"graph", "catalogue", "check", "data", "project", "layers", "exchange", "backend"}},
    {"backend", {"graph", "catalogue", "check", "data", "project", "exchange", "train"}},
};

const QSet<QString> kTorchFolders{"layers", "train", "exchange", "backend"};

struct Include {
    QString file;  ///< from the root
    int line;
    QString target;
    bool isIn(const QString& folder) const { return file.startsWith(folder + "/"); }
    bool isHeader() const { return file.endsWith(".h"); }
    bool isTorch() const {
        static const QRegularExpression kTorch("^(torch|ATen|c10|caffe2)/");
        return kTorch.match(target).hasMatch();
    }
    bool isOpenCv() const { return target.startsWith("opencv"); }
    bool isQt() const {
        static const QRegularExpression kQt("^Q[A-Z]|^Qt[A-Z]|^qcustomplot");
        return kQt.match(target).hasMatch();
    }
    QString where() const { return file + ":" + QString::number(line) + " includes " + target; }
};

QList<Include> includesBelow(const QStringList& folders) {
    static const QRegularExpression kInclude("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]");
    QList<Include> found;
    const QString root = loom::test::sourcePath("");
    for (const QString& folder : folders) {
        QDirIterator files(root + folder, {"*.h", "*.cpp"}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (!file.open(QIODevice::ReadOnly))
                qFatal("cannot read %s", qPrintable(file.fileName()));
            const QStringList lines = QString::fromUtf8(file.readAll()).split('\n');
            for (int i = 0; i < lines.size(); ++i)
                if (const auto match = kInclude.match(lines[i]); match.hasMatch())
                    found.append({file.fileName().mid(root.size()), i + 1, match.captured(1)});
        }
    }
    return found;
}

}  // namespace

class IncludeRulesTest : public QObject {
    Q_OBJECT

    QStringList m_broken;
    void check(bool holds, const Include& include, const QString& rule) {
        if (!holds) m_broken.append(include.where() + ": " + rule);
    }
    void verify() {
        const QString text = m_broken.join("\n");
        m_broken.clear();
        QVERIFY2(text.isEmpty(), qPrintable("\n" + text));
    }

private Q_SLOTS:
    void foldersOfCoreIncludeOnlyWhatStandsBelowThem() {
        const QList<Include> includes = includesBelow({"core"});
        QVERIFY(includes.size() > 100);
        for (const Include& include : includes) {
            const QString from = include.file.section('/', 1, 1);
            QVERIFY2(kMayInclude.contains(from),
                     qPrintable(from + " is a folder that core/README.md does not name"));
            if (!include.target.startsWith("core/")) continue;
            const QString to = include.target.section('/', 1, 1);
            check(from == to || to == "base" || kMayInclude[from].contains(to), include,
                  from + " may not include " + to);
        }
        verify();
    }

    void torchAndOpenCvStayInside() {
        for (const Include& include : includesBelow({"core", "widgets", "app"})) {
            const QString folder = include.file.section('/', 1, 1);
            if (include.isTorch()) {
                check(include.isIn("core") && kTorchFolders.contains(folder), include,
                      "torch stays in core");
                check(!include.isHeader() || folder == "backend", include,
                      "no torch in public headers");
            }
            if (include.isOpenCv())
                check(include.isIn("core") && !include.isHeader(), include,
                      "OpenCV stays in core's .cpp files");
            if (include.target.startsWith("core/backend/"))
                check(include.isIn("core") && (!include.isHeader() || folder == "backend" ||
                                               kTorchFolders.contains(folder)),
                      include, "backend is private to core");
        }
        verify();
    }

    void coreAndTheCommandLineKnowNoQt() {
        for (const Include& include : includesBelow({"core", "app/cli"}))
            check(!include.isQt(), include, "no Qt here");
        verify();
    }

    void libraryFoldersNeverLookUp() {
        for (const Include& include : includesBelow({"core", "widgets"})) {
            check(!include.target.startsWith("app/"), include, "app is above");
            check(!include.isIn("core") || !include.target.startsWith("widgets/"), include,
                  "widgets is above core");
        }
        verify();
    }

    void qcustomplotIsWrapped() {
        for (const Include& include : includesBelow({"widgets", "app"}))
            if (include.target == "qcustomplot.h")
                check(include.isIn("widgets/plots"), include,
                      "qcustomplot.h only in widgets/plots");
        verify();
    }
};

QTEST_GUILESS_MAIN(IncludeRulesTest)
#include "include_rules_test.moc"
