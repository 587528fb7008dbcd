// Who may write into a run folder, what becomes of a run whose program is gone, and that nothing
// writes over what a run recorded.

#include "core/train/run_claim.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/base/file_lock.h"
#include "core/base/files.h"
#include "core/project/project_file.h"
#include "core/train/plan.h"
#include "core/train/run_folder.h"

using namespace loom;

namespace {

bool has(const Error& error, const char* text) {
    return error.message.find(text) != std::string::npos ||
           error.hint.find(text) != std::string::npos;
}

void put(const QString& path, const QByteArray& bytes = "x") {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

const QByteArray kRecord = "{\"format\": \"torchloom-run\"}";

TrainingPlan plan(const QString& folder) {
    TrainingPlan result;
    result.project = newProject();
    result.options.runFolder = folder.toStdString();
    return result;
}

/// Runs `work` in a process of its own that then ends as if killed: nothing is tidied up.
template <class Work>
void inAKilledProcess(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    int status = 0;
    QCOMPARE(waitpid(child, &status, 0), child);
}

}  // namespace

class RunClaimTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    QString path(const QString& name) const { return m_folder.filePath(name); }
    std::string text(const QString& name) const { return path(name).toStdString(); }

private Q_SLOTS:
    void manyAtOnceGetFoldersOfTheirOwn() {
        std::vector<std::shared_ptr<RunClaim>> claims(24);
        std::vector<std::thread> threads;
        for (auto& claim : claims)
            threads.emplace_back([&claim, parent = text("many/below")] {
                if (auto taken = RunClaim::takeBelow(parent, "Same name")) claim = *taken;
            });
        for (std::thread& thread : threads) thread.join();
        std::set<std::string> folders;
        for (const auto& claim : claims) {
            QVERIFY(claim);
            folders.insert(claim->folder());
            QVERIFY(trainingProcess(claim->folder()).has_value());
        }
        QCOMPARE(folders.size(), claims.size());
        claims.clear();
        // Nothing was written to them.
        QVERIFY(QDir(path("many/below")).isEmpty());
    }

    void ofManyForOneFolderOneGetsIt() {
        for (const bool there : {false, true}) {
            const QString folder = path(there ? "one-there" : "one-new");
            if (there) QDir().mkpath(folder);
            std::vector<std::optional<Result<std::shared_ptr<RunClaim>>>> results(16);
            std::vector<std::thread> threads;
            for (auto& result : results)
                threads.emplace_back(
                    [&result, &folder] { result = RunClaim::take(folder.toStdString()); });
            for (std::thread& thread : threads) thread.join();
            int got = 0;
            for (const auto& result : results) {
                got += result->ok();
                if (!result->ok())
                    QVERIFY2(has(result->error(), "in use"), result->error().message.c_str());
            }
            QCOMPARE(got, 1);
        }
    }

    void whatIsThereIsNeverWrittenOver() {
        put(path("full/notes.txt"));
        auto claim = RunClaim::take(text("full"));
        QVERIFY(!claim && has(claim.error(), "not empty") && has(claim.error(), "full"));
        QCOMPARE(QDir(path("full")).entryList(QDir::Files), QStringList{"notes.txt"});
        put(path("run/run.json"), kRecord);
        claim = RunClaim::take(text("run/"));
        QVERIFY(!claim && has(claim.error(), "holds a run already") &&
                has(claim.error(), "--resume"));
        put(path("file"));
        claim = RunClaim::take(text("file"));
        QVERIFY(!claim && has(claim.error(), "a file, not a folder"));
        claim = RunClaim::take(text("file/below"));
        QVERIFY(!claim && has(claim.error(), "file"));
        claim = RunClaim::takeAgain(text("nowhere"));
        QVERIFY(!claim && has(claim.error(), "not a run folder"));
        QDir().mkpath(path("empty"));
        claim = RunClaim::takeAgain(text("empty"));
        QVERIFY(!claim && has(claim.error(), "not a run folder"));
        claim = RunClaim::take(text("empty"));
        QVERIFY(claim.ok());
        (*claim)->release();
        QVERIFY(QDir(path("empty")).exists());
    }

    void aRunThatGoesOnIsTakenOnceToo() {
        put(path("again/run.json"), kRecord);
        auto first = RunClaim::takeAgain(text("again"));
        QVERIFY(first.ok());
        const auto second = RunClaim::takeAgain(text("again"));
        QVERIFY(!second && has(second.error(), "in use"));
        QVERIFY(has(second.error(), std::to_string(::getpid()).c_str()));
        (*first)->release();
        QVERIFY(RunClaim::takeAgain(text("again")).ok());
    }

    void aRunWhoseProgramIsGoneIsInterrupted() {
        inAKilledProcess([&] {
            auto* writer = new RunFolderWriter(plan(path("killed")), Environment());
            if (!writer->open().ok()) _exit(1);
        });
        QVERIFY(QFile::exists(path("killed/run.lock")));
        QFile record(path("killed/run.json"));
        QVERIFY(record.open(QIODevice::ReadOnly) && record.readAll().contains("\"running\""));
        QCOMPARE(readRunRecord(text("killed"))->status, std::string("interrupted"));
        // It can go on, and then it is running again.
        TrainingPlan again = plan(path("killed"));
        again.options.resumeFrom = text("killed");
        RunFolderWriter writer(again, Environment());
        QVERIFY(writer.open().ok());
        QCOMPARE(readRunRecord(text("killed"))->status, std::string("running"));
    }

    void aProcessNumberGivenOutAgainDoesNotDeceive() {
        inAKilledProcess([&] {
            auto* writer = new RunFolderWriter(plan(path("reused")), Environment());
            if (!writer->open().ok()) _exit(1);
        });
        // This very process is alive and has the number that stands in the lock.
        put(path("reused/run.lock"),
            QByteArray::fromStdString(ProcessIdentity::current().toText()));
        QCOMPARE(readRunRecord(text("reused"))->status, std::string("interrupted"));
        ProcessIdentity other = ProcessIdentity::current();
        QVERIFY(other.isAlive());
        other.started -= 1;
        QVERIFY(!other.isAlive());
        other = ProcessIdentity::current();
        other.boot = "another machine";
        QVERIFY(!other.isAlive());
        QVERIFY(!ProcessIdentity::fromText("nonsense"));
    }

    void aCopyOfARunningRunIsInterrupted() {
        RunFolderWriter writer(plan(path("original")), Environment());
        QVERIFY(writer.open().ok());
        QDir().mkpath(path("copy"));
        for (const QString& file : QDir(path("original")).entryList(QDir::Files))
            QVERIFY(QFile::copy(path("original/") + file, path("copy/") + file));
        QVERIFY(QFile::exists(path("copy/run.lock")));
        QCOMPARE(readRunRecord(text("original"))->status, std::string("running"));
        QCOMPARE(readRunRecord(text("copy"))->status, std::string("interrupted"));
    }

    void aRunThatEndedLeavesNoLock() {
        {
            RunFolderWriter writer(plan(path("ended")), Environment());
            QVERIFY(writer.open().ok());
            RunEvent finish;
            finish.type = RunEvent::Type::Finish;
            finish.status = "finished";
            writer.write(finish);
        }
        QVERIFY(!QFile::exists(path("ended/run.lock")));
        QCOMPARE(readRunRecord(text("ended"))->status, std::string("finished"));
    }

    void aRunKilledWhileItBeganCanGoOn() {
        QDir().mkpath(path("begun"));
        inAKilledProcess([&] {
            static auto claim = RunClaim::take(text("begun"));
            if (!claim) _exit(1);
        });
        TrainingPlan again = plan(path("begun"));
        again.options.resumeFrom = text("begun");
        RunFolderWriter writer(again, Environment());
        const Status opened = writer.open();
        QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
        QVERIFY(readRunEvents(text("begun"))->empty());
    }

    void leftoversOfKilledWritersAreSwept() {
        const QString file = path("swept/state.json");
        QDir().mkpath(path("swept"));
        inAKilledProcess([&] {
            // Holds the lock until it ends.
            const int left = ::open((file + ".tmp" + QString::number(::getpid()) + "-0").toUtf8(),
                                    O_CREAT | O_WRONLY, 0644);
            if (tryLock(left) != LockState::Free) _exit(1);
        });
        put(file + ".tmp999999999");
        put(path("swept/other.json.tmp999999999"));
        put(path("swept/state.json.tmp"));
        put(path("swept/state.json.tmp1.bak"));
        const int written = ::open((file + ".tmp7-7").toUtf8(), O_CREAT | O_WRONLY, 0644);
        QCOMPARE(tryLock(written), LockState::Free);
        QVERIFY(writeFileAtomically(file.toStdString(), "{}").ok());
        const QStringList left = QDir(path("swept")).entryList(QDir::Files, QDir::Name);
        QCOMPARE(left, (QStringList{"other.json.tmp999999999", "state.json", "state.json.tmp",
                                    "state.json.tmp1.bak", "state.json.tmp7-7"}));
        ::close(written);

        put(path("gone/run.json"), kRecord);
        for (const char* name : {"weights/last.pth.tmp41-0", "checkpoints/last.pt.tmp999999999",
                                 "weights/best.pth.tmp41", "project.loom.tmp5-3"})
            put(path("gone/") + name);
        TrainingPlan again = plan(path("gone"));
        again.options.resumeFrom = text("gone");
        RunFolderWriter writer(again, Environment());
        QVERIFY(writer.open().ok());
        QVERIFY(QDir(path("gone/weights")).isEmpty() && QDir(path("gone/checkpoints")).isEmpty());
        QVERIFY(!QFile::exists(path("gone/project.loom.tmp5-3")));
    }

    void manyThreadsMayWriteOneFile() {
        const std::string file = text("threads.txt");
        std::vector<std::thread> threads;
        std::atomic<int> failed = 0;
        for (int thread = 0; thread < 8; ++thread)
            threads.emplace_back([&, thread] {
                const std::string bytes(10000, static_cast<char>('a' + thread));
                for (int i = 0; i < 20; ++i)
                    if (!writeFileAtomically(file, bytes)) ++failed;
            });
        for (std::thread& thread : threads) thread.join();
        QCOMPARE(failed, 0);
        const auto bytes = readFile(file);
        QVERIFY(bytes.ok() && bytes->size() == 10000);
        QCOMPARE(bytes->find_first_not_of(bytes->front()), std::string::npos);
        QVERIFY(QDir(m_folder.path()).entryList({"threads.txt.tmp*"}).isEmpty());
    }

    void whatARunRecordedIsKnown() {
        put(path("kept/run.json"), kRecord);
        put(path("kept/project.loom"));
        put(path("kept/weights/best.pth"));
        QVERIFY(QFile::link(path("kept/project.loom"), path("link.loom")));
        for (const char* name :
             {"kept/project.loom", "kept/run.json", "kept/metrics.csv", "kept/weights/best.pth",
              "kept/weights/new.pth", "kept/checkpoints/last.pt", "kept/events.out.tfevents.1",
              "kept/../kept/./project.loom", "link.loom"}) {
            QVERIFY2(!notOfARunsRecord(text(name)).ok(), name);
            QCOMPARE(runFolderAround(text(name)), QDir(path("kept")).canonicalPath().toStdString());
        }
        for (const char* name : {"kept/curves.png", "free.loom", "elsewhere/project.loom"})
            QVERIFY2(notOfARunsRecord(text(name)).ok(), name);
        QVERIFY(runFolderAround(text("free.loom")).empty());
        put(path("others/run.json"), "{\"tool\": \"another\"}");
        QVERIFY(notOfARunsRecord(text("others/run.json")).ok());
        const auto inside = RunClaim::take(text("kept/weights/run"));
        QVERIFY(!inside && has(inside.error(), "record"));
    }
};

QTEST_GUILESS_MAIN(RunClaimTest)
#include "run_claim_test.moc"
