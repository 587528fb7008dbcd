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

    /// run.sh in a tree of its own, beside programs that only say what they were told.
    void startedAtOnceEveryRunHasItsFolder() {
        const QTemporaryDir folder;
        const auto script = [&](const QString& name, const QByteArray& text) {
            QDir().mkpath(QFileInfo(folder.filePath(name)).path());
            QFile file(folder.filePath(name));
            if (!file.open(QIODevice::WriteOnly) || file.write("#!/bin/sh\n" + text) < 0 ||
                !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
                qFatal("cannot write");
        };
        QVERIFY(QDir(folder.path()).mkpath("packaging"));
        QVERIFY(
            QFile::copy(test::sourcePath("packaging/run.sh"), folder.filePath("packaging/run.sh")));
        script("packaging/environment.sh", "build() { :; }\n");
        script("packaging/install-deps.sh", "");
        script("build/release/bin/torchloom", "");
        script(
            "build/release/bin/torchloom-cli",
            "[ -z \"$REFUSE\" ] || exit 1\n"
            "echo told \"$@\"\n"
            "while [ $# -gt 0 ]; do case $1 in --out | --resume) touch \"$2/metrics.csv\" ;; esac; "
            "shift; done\n");
        script("p.loom", "");
        const QString call = "cd " + folder.path() + "; ";
        const QString run = "sh packaging/run.sh --headless p.loom";
        const test::ProcessResult many = test::runProcess(
            "sh", {"-c", call + "for i in 1 2 3 4 5 6; do " + run + " & done; wait"});
        QCOMPARE(many.out.count("Run folder: "), 6);
        QCOMPARE(QDir(folder.filePath("runs")).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(),
                 6);
        // Refused: no folder is left. Named by the caller: no other is made.
        test::runProcess("sh", {"-c", call + "REFUSE=1 " + run});
        QDir(folder.path()).mkpath("mine");
        const test::ProcessResult named =
            test::runProcess("sh", {"-c", call + run + " -- --epochs 1 --out mine"});
        QVERIFY2(named.out.contains("Run folder: mine") &&
                     named.out.contains("p.loom --epochs 1 --out mine\n"),
                 named.out);
        const test::ProcessResult resumed =
            test::runProcess("sh", {"-c", call + run + " -- --resume=mine"});
        QVERIFY2(resumed.out.contains("Run folder: mine"), resumed.out);
        QCOMPARE(QDir(folder.filePath("runs")).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(),
                 6);
    }

    void tryFreshRefusesWhatItDoesNotKnow() {
        for (const QStringList& arguments :
             {QStringList{}, QStringList{"11"}, QStringList{"12", "--test"}}) {
            const test::ProcessResult result = run("try-fresh.sh", arguments);
            QCOMPARE(result.exitCode, 2);
            QVERIFY2(result.err.contains("--tests"), result.err);
        }
    }

    /// run.sh installs less than test.sh: what was missing when the first configured must be looked
    /// for again when packages have been installed since, and only then.
    void packagesInstalledSinceAreLookedForAgain() {
        const QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkpath("packaging"));
        QVERIFY(QFile::copy(test::sourcePath("packaging/environment.sh"),
                            folder.filePath("packaging/environment.sh")));
        QFile cmake(folder.filePath("cmake"));
        QVERIFY(cmake.open(QIODevice::WriteOnly));
        cmake.write(
            "#!/bin/sh\necho \"$1\" >>calls\n"
            "[ \"$1\" = --build ] || { mkdir -p build/release; touch build/release/build.ninja; "
            "}\n");
        cmake.close();
        QVERIFY(cmake.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        const QString script = QStringLiteral(
            "cd %1; PATH=%1:$PATH; . packaging/environment.sh; build one; build two; "
            "touch -d 2000-01-01 build/release/configured; build three; build four; cat calls");
        const test::ProcessResult result =
            test::runProcess("sh", {"-eu", "-c", script.arg(folder.path())});
        QVERIFY2(result.exitCode == 0, result.err);
        QCOMPARE(result.out,
                 QByteArray("--preset\n--build\n--build\n--preset\n--build\n--build\n"));
    }
};

QTEST_GUILESS_MAIN(PackagingTest)
#include "packaging_test.moc"
