#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/python.h"

using namespace loom;

/// What of the packaging scripts can be held without installing or building anything.
class PackagingTest : public QObject {
    Q_OBJECT

    test::ProcessResult run(const QString& script, const QStringList& arguments) {
        return test::runProcess(test::sourcePath("packaging/") + script, arguments);
    }

private Q_SLOTS:
    void scriptsAreSoundShell() {
        const QDir folder(test::sourcePath("packaging"));
        const QStringList scripts = folder.entryList({"*.sh"});
        QVERIFY(scripts.contains("run.sh") && scripts.contains("test.sh") &&
                scripts.contains("install-deps.sh"));
        for (const QString& script : scripts) {
            const test::ProcessResult result =
                test::runProcess("sh", {"-n", folder.filePath(script)});
            QVERIFY2(result.exitCode == 0, result.err);
        }
        QVERIFY(QFileInfo(test::sourcePath(".ci/run")).isExecutable());
    }

    void runRefusesWhatItDoesNotKnow() {
        const test::ProcessResult option = run("run.sh", {"--headles"});
        QCOMPARE(option.exitCode, 2);
        QVERIFY2(option.err.contains("--headless"), option.err);
        const test::ProcessResult missing = run("run.sh", {"nowhere.loom"});
        QCOMPARE(missing.exitCode, 1);
        QVERIFY2(missing.err.contains("nowhere.loom"), missing.err);
        const test::ProcessResult help = run("run.sh", {"--help"});
        QCOMPARE(help.exitCode, 0);
        QVERIFY2(help.out.contains("--headless"), help.out);
    }
};

QTEST_GUILESS_MAIN(PackagingTest)
#include "packaging_test.moc"
