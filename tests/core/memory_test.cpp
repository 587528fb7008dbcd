#include "core/base/memory.h"

#include <sys/resource.h>

#include <QCoreApplication>
#include <QFile>
#include <QTest>
#include <cstddef>
#include <cstring>
#include <memory>
#include <thread>

using namespace loom;

namespace {

constexpr std::size_t kBlock = std::size_t(32) << 20;
constexpr long kPagesOfBlock = long(kBlock >> 12);

long pageFaults() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/// Pages of this process in memory.
long residentPages() {
    QFile file("/proc/self/statm");
    return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toLong() : 0;
}

/// Three large blocks written and freed, as the activations of a step are, on a thread of their
/// own.
void steps(int count) {
    std::thread([count] {
        for (int step = 0; step < count; ++step) {
            std::unique_ptr<char[]> blocks[3];
            for (auto& block : blocks) {
                block.reset(new char[kBlock]);
                std::memset(block.get(), step + 1, kBlock);
                // Or the compiler leaves out what nobody reads.
                asm volatile("" : : "r"(block.get()) : "memory");
            }
        }
    }).join();
}

}  // namespace

class MemoryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
        QSKIP("What is tested is glibc's allocator; a sanitizer's stands in for it in this build.");
#endif
    }

    void freedMemoryIsKeptBetweenSteps() {
        steps(2);
        const long before = pageFaults();
        steps(20);
        const long faults = pageFaults() - before;
        // Handed back at every step it would be 20 * 3 blocks.
        QVERIFY2(faults < 3 * kPagesOfBlock, qPrintable(QString::number(faults)));
    }

    void andGivenBackAtTheEnd() {
        steps(2);
        const long kept = residentPages();
        giveBackFreedMemory();
        const long left = residentPages();
        QVERIFY2(left < kept - 2 * kPagesOfBlock,
                 qPrintable(QString("%1 then %2 pages").arg(kept).arg(left)));
    }
};

int main(int argc, char** argv) {
    keepFreedMemory();  // before Qt Test has threads
    QCoreApplication application(argc, argv);
    MemoryTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "memory_test.moc"
