#include "core/base/text.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/base/sentence.h"
#include "tests/support/python.h"

using namespace loom;

class TextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// What is not UTF-8 is replaced as Python replaces it, on random bytes and on real text with
    /// bytes changed, cut and inserted.
    void invalidBytesAreReplacedAsPythonDoes() {
        TorchRandom random(7);
        const auto below = [&random](std::size_t count) {
            return static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(count)));
        };
        std::string all;
        const std::string real = "Grüße, 你好, ελληνικά, 🙂 and plain words";
        std::vector<std::string> lines;
        for (int i = 0; i < 2000; ++i) {
            std::string line = i % 2 ? real.substr(below(40)) : std::string();
            for (int k = 0; k < 12; ++k) {
                const auto byte = static_cast<char>(below(256));
                if (byte == '\n' || byte == '\r' || byte == '\0') continue;
                line.insert(below(line.size() + 1), 1, byte);
            }
            lines.push_back(line);
            all += line + "\n";
        }
        const QTemporaryDir folder;
        QFile file(folder.filePath("bytes"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(all.data(), static_cast<qint64>(all.size()));
        file.close();
        const test::ProcessResult python = test::runPython(
            "import sys\n"
            "for line in open(sys.argv[1], 'rb').read().split(b'\\n')[:-1]:\n"
            "    text = line.decode('utf-8', errors='replace')\n"
            "    text = ''.join('\\ufffd' if ord(c) < 32 and c != '\\t' or 127 <= ord(c) < 160\n"
            "                   else c for c in text)\n"
            "    sys.stdout.buffer.write(text.encode() + b'\\n')\n",
            {file.fileName()});
        QVERIFY2(python.exitCode == 0, python.err);
        const QByteArrayList expected = python.out.split('\n');
        for (std::size_t i = 0; i < lines.size(); ++i)
            QCOMPARE(QByteArray::fromStdString(cleanText(lines[i])),
                     expected[static_cast<qsizetype>(i)]);
    }

    void longTextIsCutBetweenCharacters() {
        QCOMPARE(shortText("你好世界", 4), std::string("你好世界"));
        QCOMPARE(shortText("你好世界", 3), std::string("你好世…"));
        QCOMPARE(shortText("two\nlines", 20), std::string("two lines"));
        QCOMPARE(shortText(std::string(100, 'x')), std::string(60, 'x') + "…");
        QCOMPARE(shortText(std::string(1000, '\xFF'), 2), std::string("\uFFFD\uFFFD…"));
        QCOMPARE(firstCharacters("é1", 1), std::string("é"));
        QCOMPARE(characterCount("é1"), std::size_t(2));
    }

    void sentencesHaveNamedPlaces() {
        QCOMPARE(sentence("{a} takes {b}, {a}.", {{"a", "x{b}"}, {"b", "1 row"}}),
                 std::string("x{b} takes 1 row, x{b}."));
        // What has no value is left for whoever looks for it.
        QCOMPARE(sentence("{unknown} and {open", {{"a", "x"}}), std::string("{unknown} and {open"));
        QCOMPARE(sentence("", {}), std::string());
        QCOMPARE(counted(1, "row", "rows"), std::string("1 row"));
        QCOMPARE(counted(1200, "row", "rows"), std::string("1,200 rows"));
        QCOMPARE(joinWords({"a", "b", "c"}), std::string("a, b and c"));
        QCOMPARE(joinWords({"a", "b"}, "or"), std::string("a or b"));
        QCOMPARE(someWords({"a", "b", "c"}, 3), std::string("a, b, c"));
        QCOMPARE(someWords({"a", "b", "c"}, 1), std::string("a and 2 more"));
    }
};

QTEST_GUILESS_MAIN(TextTest)
#include "text_test.moc"
