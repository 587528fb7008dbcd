#include <QTest>

#include <QFile>
#include <random>
#include <vector>

#include "core/base/pickle.h"
#include "tests/support/python.h"

using namespace loom;
using Type = PickleValue::Type;

class PickleTest : public QObject {
    Q_OBJECT

private slots:
    void plainValues_data();
    void plainValues();
    void classesStayNames();
    void nothingIsRun();
    void numpyArrayKeepsItsBytes();
    void valueThatHoldsItselfEnds();
    void sharedValuesThatMultiplyAreRefused();
    void deepNestingIsRefused();
    void severalPicklesInARow();
    void truncatedAnywhereIsAnError();
    void changedBytesNeverCrash();
};

namespace {

std::string pickled(const QString& expression, int protocol) {
    const auto python = test::runPython(
        "import pickle, sys, collections, argparse, os\n" + QString("value = ") + expression +
        QString("\nsys.stdout.buffer.write(pickle.dumps(value, %1))").arg(protocol));
    if (python.exitCode != 0) qWarning() << python.err;
    return python.out.toStdString();
}

const QString kPlain =
    "{'none': None, 'yes': True, 'no': False, 'ints': [0, 255, 256, 65536, -1, -2**31, 2**40, "
    "-2**63, 2**63 - 1], 'wide': 2**70, 'float': -1.5e-300, 'text': 'Größe', 'bytes': "
    "b'\\x00\\xff', "
    "'tuples': ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)), 'set': {5}, 3: 'three', (1, 2): "
    "'pair', "
    "'ordered': collections.OrderedDict([('b', 1), ('a', 2)])}";

/// Visits everything, as a reader would.
std::size_t walk(const PickleValue& value) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < value.size(); ++i) count += walk(value.item(i));
    for (std::size_t i = 0; i < value.entryCount(); ++i)
        count += walk(value.key(i)) + walk(value.entry(i));
    if (!value.arguments().isNone()) count += walk(value.arguments());
    if (!value.state().isNone()) count += walk(value.state());
    return count;
}

}  // namespace

void PickleTest::plainValues_data() {
    QTest::addColumn<int>("protocol");
    for (const int protocol : {2, 3, 4, 5}) QTest::addRow("protocol %d", protocol) << protocol;
}

void PickleTest::plainValues() {
    QFETCH(int, protocol);
    const std::string bytes = pickled(kPlain, protocol);
    std::size_t consumed = 0;
    const auto read = readPickle(bytes, &consumed);
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QCOMPARE(consumed, bytes.size());
    const PickleValue& value = *read;
    QVERIFY(value.isDict());
    QCOMPARE(value.entryCount(), std::size_t(13));
    QVERIFY(value.find("none")->isNone());
    QCOMPARE(value.find("yes")->boolean(), true);
    QCOMPARE(value.find("no")->type(), Type::Bool);
    QCOMPARE(value.find("no")->boolean(), false);
    const PickleValue ints = *value.find("ints");
    const std::vector<std::int64_t> expected = {
        0, 255, 256, 65536, -1, -2147483648LL, 1LL << 40, INT64_MIN, INT64_MAX};
    QCOMPARE(ints.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) QCOMPARE(ints.item(i).integer(), expected[i]);
    QCOMPARE(value.find("wide")->type(), Type::LongInt);
    QCOMPARE(value.find("wide")->text().size(), std::size_t(9));
    QCOMPARE(value.find("float")->number(), -1.5e-300);
    QCOMPARE(value.find("text")->text(), std::string("Größe"));
    QCOMPARE(value.find("bytes")->type(), Type::Bytes);
    QCOMPARE(value.find("bytes")->text(), std::string("\0\xff", 2));
    const PickleValue tuples = *value.find("tuples");
    for (std::size_t i = 0; i < 5; ++i) {
        QVERIFY(tuples.item(i).isTuple());
        QCOMPARE(tuples.item(i).size(), i);
    }
    QCOMPARE(value.key(10).integer(), std::int64_t(3));
    QVERIFY(value.key(11).isTuple());
    const PickleValue ordered = *value.find("ordered");
    QVERIFY(ordered.isDict());
    QCOMPARE(ordered.key(0).text(), std::string("b"));
    QCOMPARE(ordered.find("a")->integer(), std::int64_t(2));
    QVERIFY(!value.find("absent"));
}

void PickleTest::classesStayNames() {
    for (const int protocol : {2, 4}) {
        const auto read =
            readPickle(pickled("[argparse.Namespace(lr=3), collections.Counter]", protocol));
        QVERIFY(read);
        QVERIFY(read->item(0).isObject("argparse.Namespace"));
        QCOMPARE(read->item(0).state().find("lr")->integer(), std::int64_t(3));
        QVERIFY(read->item(1).isGlobal("collections.Counter"));
    }
}

void PickleTest::nothingIsRun() {
    const std::string bytes =
        "\x80\x02"
        "cposix\nsystem\nX\x11" +
        std::string(3, '\0') + "touch /tmp/harmed\x85R.";
    const auto read = readPickle(bytes);
    QVERIFY(read);
    QVERIFY(read->isObject("posix.system"));
    QCOMPARE(read->arguments().item(0).text(), std::string("touch /tmp/harmed"));
    QVERIFY(!QFile::exists("/tmp/harmed"));
}

void PickleTest::numpyArrayKeepsItsBytes() {
    for (const int protocol : {2, 4}) {
        const auto read = readPickle(
            pickled("__import__('numpy').arange(250, 256, dtype='u1').reshape(2, 3)", protocol));
        QVERIFY(read);
        QCOMPARE(read->type(), Type::Object);
        QVERIFY(read->name().ends_with("_reconstruct"));
        QCOMPARE(read->state().size(), std::size_t(5));
        QCOMPARE(read->state().item(1).item(1).integer(), std::int64_t(3));
        QCOMPARE(read->state().item(4).type(), Type::Bytes);
        QCOMPARE(read->state().item(4).text(), std::string("\xfa\xfb\xfc\xfd\xfe\xff"));
    }
}

void PickleTest::valueThatHoldsItselfEnds() {
    const std::string bytes =
        "\x80\x02]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a.";
    const auto read = readPickle(bytes);
    QVERIFY(read);
    QCOMPARE(read->size(), std::size_t(1));
    QCOMPARE(read->item(0).type(), Type::Cycle);
    QCOMPARE(walk(*read), std::size_t(2));
}

void PickleTest::sharedValuesThatMultiplyAreRefused() {
    // Each list holds the one before it twice: 2^60 visits for a reader.
    std::string bytes = "\x80\x02]";
    for (int i = 0; i < 60; ++i) bytes += "2\x86";
    const auto read = readPickle(bytes + ".");
    QVERIFY(!read);
    QVERIFY2(read.error().message.find("too often") != std::string::npos,
             read.error().message.c_str());

    // A long text, joined to another one again and again by four bytes each time.
    std::string names = "\x80\x04X" + std::string("\0\0\1\0", 4) + std::string(65536, 'a') + "\x94";
    for (int i = 0; i < 10000; ++i) names += std::string("h\0h\0\x93", 5);
    QVERIFY(!readPickle(names + "."));
}

void PickleTest::deepNestingIsRefused() {
    std::string bytes = "\x80\x02N";
    for (int i = 0; i < 200000; ++i) bytes += "\x85";
    const auto read = readPickle(bytes + ".");
    QVERIFY(!read);
    QVERIFY(read.error().message.find("1000 levels") != std::string::npos);
}

void PickleTest::severalPicklesInARow() {
    const std::string bytes = pickled("2**77 + 5", 2) + pickled("[1, 2]", 2);
    std::size_t consumed = 0;
    QVERIFY(readPickle(bytes, &consumed));
    const auto second = readPickle(std::string_view(bytes).substr(consumed));
    QVERIFY(second);
    QCOMPARE(second->size(), std::size_t(2));
}

void PickleTest::truncatedAnywhereIsAnError() {
    for (const int protocol : {2, 4}) {
        const std::string bytes = pickled(kPlain, protocol);
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            const auto read = readPickle(std::string_view(bytes).substr(0, length));
            QVERIFY2(!read, qPrintable(QString::number(length)));
            QVERIFY(!read.error().message.empty());
        }
    }
}

void PickleTest::changedBytesNeverCrash() {
    std::mt19937 random(20240501);
    std::size_t accepted = 0;
    for (const int protocol : {2, 4}) {
        const std::string original = pickled("[" + kPlain +
                                                 ", argparse.Namespace(a=[1, {'k': b'x'}], b=1.5), "
                                                 "__import__('numpy').arange(5)]",
                                             protocol);
        for (int round = 0; round < 60000; ++round) {
            std::string bytes = original;
            const int changes = 1 + static_cast<int>(random() % 4);
            for (int i = 0; i < changes; ++i) {
                const std::size_t at = random() % bytes.size();
                switch (random() % 4) {
                    case 0:
                        bytes[at] = static_cast<char>(random());
                        break;
                    case 1:
                        bytes.erase(at, 1 + random() % 9);
                        break;
                    case 2:
                        bytes.insert(at, bytes, random() % bytes.size(), random() % 12);
                        break;
                    default:
                        bytes[at] = bytes[random() % bytes.size()];
                        break;
                }
                if (bytes.empty()) bytes = ".";
            }
            const auto read = readPickle(bytes);
            if (!read) continue;
            ++accepted;
            walk(*read);
        }
    }
    QVERIFY(accepted > 100);
}

QTEST_GUILESS_MAIN(PickleTest)
#include "pickle_test.moc"
