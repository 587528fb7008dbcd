#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/base/machine_memory.h"
#include "core/base/params.h"
#include "core/base/saturating.h"
#include "core/graph/text_form.h"
#include "core/project/memory_check.h"
#include "core/project/memory_forecast.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"

using namespace loom;

namespace {

Project projectOf(const std::string& text) {
    Project project = newProject();
    auto graph = graphFromText(text);
    if (!graph) qFatal("%s", graph.error().message.c_str());
    project.network = *graph;
    return project;
}

/// The first error of a project, with its advice.
QString firstError(const Project& project) {
    for (const Diagnostic& one : checkProject(project).diagnostics)
        if (one.severity == Severity::Error)
            return QString::fromStdString(one.message + "\n" + one.hint);
    return {};
}

void write(const QString& path, const QByteArray& bytes) {
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

}  // namespace

/// Numbers that are too large for anything: told, and never wrapped round.
class LargeCountsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void arithmeticStopsAtTheEnd() {
        QCOMPARE(times(3, 4, 5), std::int64_t(60));
        QCOMPARE(plus(3, 4, 5), std::int64_t(12));
        QCOMPARE(times(std::int64_t(1) << 40, std::int64_t(1) << 40), kUncountable);
        QCOMPARE(plus(kUncountable, 1), kUncountable);
        QCOMPARE((Shape{{std::int64_t(1) << 40, std::int64_t(1) << 40}}.count()), kUncountable);
    }

    void aFieldTakesWhatItCanHoldOrRefuses() {
        const ParamSpec count{.key = "out_channels", .type = ParamType::Int, .minimum = 1};
        const ParamSpec sides{
            .key = "kernel_size", .type = ParamType::Ints, .arity = 2, .minimum = 1};
        QVERIFY(!checkParam(count, Value(std::int64_t(1) << 40)));
        const auto said = [](const ParamSpec& spec, const Value& value) {
            const auto problem = checkParam(spec, value);
            return problem ? QString::fromStdString(problem->message) : QString();
        };
        QCOMPARE(said(count, Value(std::int64_t(999999999999999999))),
                 "out_channels is 999999999999999999, but it must be from 1 to 9007199254740992.");
        // As a form and as a file bring it.
        QCOMPARE(said(count, Value("99999999999999999999")),
                 "out_channels is 99999999999999999999, but it must be from 1 to "
                 "9007199254740992.");
        QCOMPARE(said(count, Value(1e20)),
                 "out_channels is 1e+20, but it must be from 1 to 9007199254740992.");
        QCOMPARE(said(count, Value("3,4,5")),
                 "out_channels is '3,4,5', but it must be a whole number.");
        QCOMPARE(said(sides, Value(List{3, std::int64_t(1) << 40})),
                 "kernel_size is [3, 1099511627776], but it must be from 1 to 2147483647.");
        QVERIFY(!parseParam(count, "99999999999999999999"));
        QVERIFY(!parseParam(count, "3,4,5"));
        QVERIFY(!parseParam(count, "3.0"));
    }

    /// The largest values a file may give, to every kind: counts stay counts.
    void noKindCountsBelowZero() {
        const char* const inputs[] = {"8", "3x8", "3x8x8", "3x4x8x8"};
        int known = 0;
        for (const LayerKind& kind : layers()) {
            for (const char* input : inputs) {
                for (const std::int64_t large :
                     {std::int64_t(1) << 31, (std::int64_t(1) << 33) - 1, std::int64_t(1) << 53}) {
                    Graph graph =
                        *graphFromText(std::string("Input ") + input + " > Conv1d > Output");
                    Node& node = graph.nodes[1];
                    node.kind = kind.info.id;
                    node.params = startingParams(kind.params);
                    for (const ParamSpec& spec : kind.params)
                        if ((spec.type == ParamType::Int && !spec.inferred) ||
                            spec.type == ParamType::Ints)
                            node.params.set(
                                spec.key, Value(spec.type == ParamType::Ints
                                                    ? std::int64_t(2147483647)
                                                    : std::min<std::int64_t>(
                                                          large, std::int64_t(spec.maximum.value_or(
                                                                     9007199254740992.0)))));
                    const ShapeReport report = inferShapes(graph, std::nullopt);
                    const BlockReport* block = report.find(node.id);
                    QVERIFY2(
                        report.parameters >= 0 && report.macs >= 0 && report.activationBytes >= 0,
                        qPrintable(QString::fromStdString(kind.info.id)));
                    if (!block || !block->known) continue;
                    ++known;
                    for (const Shape& shape : block->inference.outputs)
                        for (const std::int64_t side : shape.dims)
                            QVERIFY2(side >= 0, kind.info.id.c_str());
                }
            }
        }
        QVERIFY(known > 20);
    }

    void whatCannotBeHeldIsAnError() {
        const QString wide = firstError(
            projectOf("Input 1x28x28 > Flatten > Linear out_features=1099511627776 > Linear "
                      "out_features=10 > Output"));
        QVERIFY2(wide.startsWith("Training needs 19,3") || wide.startsWith("Training needs "),
                 qPrintable(wide));
        QVERIFY2(wide.contains("even with a single sample") &&
                     wide.endsWith("Make the network smaller."),
                 qPrintable(wide));
        const QString wider = firstError(
            projectOf("Input 1x28x28 > Flatten > Linear out_features=9007199254740992 > Output"));
        QVERIFY2(wider.contains("more numbers than any computer holds"), qPrintable(wider));
        const QString beyond = firstError(
            projectOf("Input 281474976710656 > Linear out_features=281474976710656 > Output"));
        QVERIFY2(!beyond.isEmpty() && !beyond.contains('-'), qPrintable(beyond));
        // Nor are the weights made.
        const auto weights = initialWeights(
            projectOf("Input 1x28x28 > Flatten > Linear out_features=1099511627776 > Output"), 0);
        QVERIFY(!weights.ok());
        QVERIFY2(QString::fromStdString(weights.error().message).contains("of memory."),
                 weights.error().message.c_str());
    }

    void theLargestBatchThatFitsIsTold() {
        Project project = projectOf(
            "Input 3x224x224 > Conv2d out_channels=64 kernel_size=3 > ReLU > Flatten > "
            "Linear out_features=2 > Output");
        project.training.batchSize = 100000;
        project.training.device = "cpu";
        const ShapeReport shapes = checkProject(project).shapes;
        const std::int64_t memory = std::int64_t(8) << 30;
        const auto found = checkMemory(project, shapes, memory);
        QVERIFY(found.has_value());
        const QString hint = QString::fromStdString(found->hint);
        QVERIFY2(hint.startsWith("Set batch_size to "), qPrintable(hint));
        const std::int64_t most = hint.split(' ')[3].remove(',').toLongLong();
        QVERIFY(most > 1 && most < 100000);
        project.training.batchSize = most;
        QVERIFY(!checkMemory(project, shapes, memory));
        project.training.batchSize = most + 1;
        QVERIFY(checkMemory(project, shapes, memory));
        QVERIFY(!checkMemory(project, shapes, 0));
        project.training.device = "cuda:0";
        QVERIFY(!checkMemory(project, shapes, memory));
    }

    /// A file system as Linux has it in a container, of both versions of control groups.
    void memoryIsThatOfTheControlGroup() {
        const auto ask = [](const QTemporaryDir& root) {
            return machineMemory(root.path().toStdString());
        };
        QTemporaryDir plain, second, nested, first;
        const QByteArray info = "MemTotal:       16384000 kB\nMemFree: 1 kB\n";
        for (const QTemporaryDir* root : {&plain, &second, &nested, &first})
            write(root->filePath("proc/meminfo"), info);
        QCOMPARE(ask(plain), std::int64_t(16384000) * 1024);
        write(second.filePath("proc/self/cgroup"), "0::/\n");
        write(second.filePath("sys/fs/cgroup/memory.max"), "4294967296\n");
        QCOMPARE(ask(second), std::int64_t(1) << 32);
        write(nested.filePath("proc/self/cgroup"), "0::/job/step\n");
        write(nested.filePath("sys/fs/cgroup/job/step/memory.max"), "max\n");
        write(nested.filePath("sys/fs/cgroup/job/memory.max"), "2147483648\n");
        QCOMPARE(ask(nested), std::int64_t(1) << 31);
        write(first.filePath("proc/self/cgroup"), "9:cpu,cpuacct:/x\n4:memory:/docker/1\n");
        write(first.filePath("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes"),
              "1073741824\n");
        QCOMPARE(ask(first), std::int64_t(1) << 30);
        QVERIFY(machineMemory() > 0);
    }
};

QTEST_GUILESS_MAIN(LargeCountsTest)
#include "large_counts_test.moc"
