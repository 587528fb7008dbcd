#include <QTest>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "core/base/random.h"
#include "tests/support/python.h"

using namespace loom;

/// Draws of TorchRandom against those of Debian's torch for the same seeds, as text of all bits.
class RandomTest : public QObject {
    Q_OBJECT

private slots:
    void drawsEqualTorch();
    void ordersEqualTorch();
    void normalNumbersEqualTorch();
    void sampleSeedEqualsItsPythonForm();
    void pythonsOwnDrawsAgree();
    void copyContinuesTheSameStream();
};

namespace {

quint32 bits(float value) {
    quint32 raw = 0;
    std::memcpy(&raw, &value, sizeof raw);
    return raw;
}

}  // namespace

void RandomTest::drawsEqualTorch() {
    const auto python = test::runPython(R"(
import struct, torch
def bits(x): return struct.unpack('<I', struct.pack('<f', x))[0]
for seed in (0, 1, 42, 2**32 - 1, 2**32 + 5, 123456789012345):
    torch.manual_seed(seed)
    for i in range(700):
        print(bits(torch.rand(1).item()))
        print(torch.randint(0, 2 + i, (1,)).item())
        print(bits(torch.empty(1).uniform_(0.08, 1.0 + i / 7).item()))
        print(torch.randint(-5, 2**40, (1,)).item())
        print(bits(torch.empty(1).uniform_(-0.3, 0.1).item()))
)");
    QCOMPARE(python.exitCode, 0);
    const QList<QByteArray> lines = python.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 6 * 700 * 5);
    qsizetype at = 0;
    for (const std::uint64_t seed :
         {std::uint64_t(0), std::uint64_t(1), std::uint64_t(42), std::uint64_t(4294967295),
          std::uint64_t(4294967301), std::uint64_t(123456789012345)}) {
        TorchRandom random(seed);
        for (int i = 0; i < 700; ++i) {
            QCOMPARE(QByteArray::number(bits(random.uniform())), lines[at++]);
            QCOMPARE(QByteArray::number(qint64(random.integer(0, 2 + i))), lines[at++]);
            QCOMPARE(QByteArray::number(bits(random.uniform(0.08, 1.0 + i / 7.0))), lines[at++]);
            QCOMPARE(QByteArray::number(qint64(random.integer(-5, std::int64_t(1) << 40))),
                     lines[at++]);
            QCOMPARE(QByteArray::number(bits(random.uniform(-0.3, 0.1))), lines[at++]);
        }
    }
}

void RandomTest::ordersEqualTorch() {
    const auto python = test::runPython(R"(
import torch
torch.manual_seed(11)
for count in (0, 1, 2, 3, 4, 10, 1000):
    print(torch.randperm(count).tolist(), torch.randint(0, 1000, (1,)).item())
)");
    QVERIFY2(python.exitCode == 0, python.err);
    const QList<QByteArray> lines = python.out.trimmed().split('\n');
    qsizetype at = 0;
    TorchRandom random(11);
    for (const std::int64_t count : {0, 1, 2, 3, 4, 10, 1000}) {
        QByteArrayList order;
        for (const std::int64_t place : random.permutation(count))
            order.append(QByteArray::number(qint64(place)));
        // The draw after it shows that as many numbers were taken.
        QCOMPARE(
            "[" + order.join(", ") + "] " + QByteArray::number(qint64(random.integer(0, 1000))),
            lines[at++]);
    }
}

void RandomTest::normalNumbersEqualTorch() {
    const auto python = test::runPython(R"(
import struct, torch
def bits(x): return struct.unpack('<I', struct.pack('<f', x))[0]
for seed in (0, 3, 2**31 + 7):
    torch.manual_seed(seed)
    for i in range(400):
        print(bits(torch.randn(1).item()))
        # In between, other draws: the second of a pair waits for the next normal number.
        if i % 3 == 0: print(bits(torch.rand(1).item()))
        for x in torch.randn(5).tolist(): print(bits(x))
)");
    QVERIFY2(python.exitCode == 0, python.err);
    const QList<QByteArray> lines = python.out.trimmed().split('\n');
    qsizetype at = 0;
    for (const std::uint64_t seed :
         {std::uint64_t(0), std::uint64_t(3), (std::uint64_t(1) << 31) + 7}) {
        TorchRandom random(seed);
        for (int i = 0; i < 400; ++i) {
            QCOMPARE(QByteArray::number(bits(random.normal())), lines[at++]);
            if (i % 3 == 0) QCOMPARE(QByteArray::number(bits(random.uniform())), lines[at++]);
            for (int k = 0; k < 5; ++k)
                QCOMPARE(QByteArray::number(bits(random.normal())), lines[at++]);
        }
    }
    QCOMPARE(at, lines.size());
}

void RandomTest::sampleSeedEqualsItsPythonForm() {
    const auto python = test::runPython(R"(
def sample_seed(seed, epoch, index):
    m = (1 << 64) - 1
    x = (seed * 0x9E3779B97F4A7C15 + epoch * 0xBF58476D1CE4E5B9 + index * 0x94D049BB133111EB) & m
    x ^= x >> 30; x = x * 0xBF58476D1CE4E5B9 & m
    x ^= x >> 27; x = x * 0x94D049BB133111EB & m
    return (x ^ x >> 31) & 0xFFFFFFFF
for seed in (0, 7, 2**31, 2**63):
    for epoch in range(4):
        for index in (0, 1, 2, 59999, 1234567):
            print(sample_seed(seed, epoch, index))
)");
    QCOMPARE(python.exitCode, 0);
    const QList<QByteArray> lines = python.out.trimmed().split('\n');
    qsizetype at = 0;
    for (const std::uint64_t seed :
         {std::uint64_t(0), std::uint64_t(7), std::uint64_t(1) << 31, std::uint64_t(1) << 63})
        for (std::uint64_t epoch = 0; epoch < 4; ++epoch)
            for (const std::uint64_t index : {0, 1, 2, 59999, 1234567})
                QCOMPARE(QByteArray::number(quint64(sampleSeed(seed, epoch, index))), lines[at++]);
    QCOMPARE(at, lines.size());
}

void RandomTest::pythonsOwnDrawsAgree() {
    const auto python = test::runPython(R"(
import random
for seed in (0, 1, 42, 4294967295, 2862933555):
    random.seed(seed)
    for i in range(400):
        print(random.random().hex(), random.randrange(1 + i))
)");
    QCOMPARE(python.exitCode, 0);
    const QList<QByteArray> lines = python.out.trimmed().split('\n');
    qsizetype at = 0;
    for (const std::uint64_t seed : {0u, 1u, 42u, 4294967295u, 2862933555u}) {
        TorchRandom random(seed);
        for (std::uint32_t i = 0; i < 400; ++i) {
            const QList<QByteArray> numbers = lines[at++].split(' ');
            QCOMPARE(random.pythonRandom(), std::strtod(numbers[0].constData(), nullptr));
            QCOMPARE(random.pythonBelow(1 + i), numbers[1].toUInt());
        }
    }
    QCOMPARE(at, lines.size());
}

void RandomTest::copyContinuesTheSameStream() {
    TorchRandom first(3);
    first.next();
    TorchRandom second = first;
    for (int i = 0; i < 1000; ++i) QCOMPARE(first.next(), second.next());
}

QTEST_GUILESS_MAIN(RandomTest)
#include "random_test.moc"
