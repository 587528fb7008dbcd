#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/exchange/torch_file.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "core/train/run_folder.h"
#include "tests/support/python.h"
#include "tests/support/sessions.h"

using namespace loom;
using namespace loom::test;

/// What a build with one LibTorch wrote, a build with another reads: weights, tensors, projects,
/// and runs that go on. `tests/core/written_by/make.sh` made the folders, one a release.
class ReleasesTest : public QObject {
    Q_OBJECT
    QDir m_written{sourcePath(QStringLiteral("tests/core/written_by"))};

    static QString here() {
        return QString::fromStdString(currentEnvironment(1, "cpu").torchVersion)
            .section(QLatin1Char('.'), 0, 1);
    }
    std::string file(const QString& release, const char* name) const {
        return m_written.filePath(release + QLatin1Char('/') + QLatin1String(name)).toStdString();
    }
    Project project() const {
        const auto loaded = loadProject(m_written.filePath("project.loom").toStdString());
        if (!loaded) qFatal("%s", loaded.error().message.c_str());
        return loaded->project;
    }

private Q_SLOTS:
    void initTestCase() {
        const QStringList releases = m_written.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QVERIFY2(releases.contains("1.13") && releases.contains("2.6"),
                 qPrintable(releases.join(' ')));
        QVERIFY2(releases.contains(here()),
                 qPrintable("LibTorch " + here() + " has written nothing yet: make.sh does."));
    }

    void eachRelease_data() {
        QTest::addColumn<QString>("release");
        for (const QString& release : m_written.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
            QTest::newRow(qPrintable(release)) << release;
    }

    void eachRelease() {
        QFETCH(QString, release);
        // What the network made of the input there, it makes of it here.
        const auto weights = loadStateDict(file(release, "run/weights/last.pth"));
        QVERIFY2(weights.ok(), weights.ok() ? "" : weights.error().message.c_str());
        const auto x = loadTensors(file(release, "x.pt")), y = loadTensors(file(release, "y.pt"));
        QVERIFY(x.ok() && y.ok());
        const auto own = forward(project(), *weights, *x, false);
        QVERIFY2(own.ok(), own.ok() ? "" : own.error().message.c_str());
        const auto numbers = [](const PlainTensor& t) {
            std::vector<float> values(t.bytes.size() / sizeof(float));
            std::copy(t.bytes.begin(), t.bytes.end(),
                      reinterpret_cast<std::uint8_t*>(values.data()));
            return values;
        };
        const auto ours = numbers(own->front().tensor), theirs = numbers(y->front().tensor);
        QCOMPARE(ours.size(), theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i)
            QVERIFY2(std::abs(ours[i] - theirs[i]) <= 1e-6f,
                     qPrintable(QStringLiteral("%1, %2").arg(ours[i]).arg(theirs[i])));

        // Python of this machine reads them, too.
        const auto peer = runPython(
            "import sys, torch\n"
            "d = torch.load(sys.argv[1], weights_only=True)\n"
            "m = torch.nn.ModuleDict(dict(fc1=torch.nn.Linear(2, 16), "
            "norm=torch.nn.BatchNorm1d(16), fc2=torch.nn.Linear(16, 2)))\n"
            "print(m.load_state_dict(d))\n"
            "print(torch.load(sys.argv[2], weights_only=True).shape)\n",
            {QString::fromStdString(file(release, "run/weights/last.pth")),
             QString::fromStdString(file(release, "y.pt"))});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        QCOMPARE(peer.out.trimmed(), QByteArray("<All keys matched successfully>\n"
                                                "torch.Size([5, 2])"));
    }

    void runsGoOn_data() { eachRelease_data(); }
    void runsGoOn() {
        QFETCH(QString, release);
        QTemporaryDir folder;
        const std::string copy = folder.filePath("run").toStdString();
        std::filesystem::copy(file(release, "run"), copy, std::filesystem::copy_options::recursive);
        PlanOptions options;
        options.runFolder = options.resumeFrom = copy;
        const auto loaded = loadProject(copy + "/project.loom");
        QVERIFY(loaded.ok());
        const auto session = ran(loaded->project, options);
        QCOMPARE(session->status(), std::string("finished"));
        std::string said;
        for (const RunEvent& event : eventsOf(*session, RunEvent::Type::Message))
            said += event.message + "\n";
        const bool foreign = release != here();
        QVERIFY2((said.find("LibTorch " + release.toStdString()) != std::string::npos) == foreign,
                 said.c_str());
        if (foreign)
            QVERIFY2(said.find("may differ in the last bits") != std::string::npos, said.c_str());

        const std::vector<double> rest = lossesOf(*session);
        const std::vector<double> unbroken = lossesOf(*ran(project()));
        QCOMPARE(unbroken.size(), std::size_t(40));
        QCOMPARE(rest.size(), std::size_t(15));
        for (std::size_t i = 0; i < rest.size(); ++i) {
            const double expected = unbroken[25 + i];
            if (foreign)
                QVERIFY(std::abs(rest[i] - expected) < 1e-3);
            else
                QCOMPARE(rest[i], expected);
        }
        QCOMPARE(readRunRecord(copy)->status, std::string("finished"));
    }
};

QTEST_GUILESS_MAIN(ReleasesTest)
#include "releases_test.moc"
