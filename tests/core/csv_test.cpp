#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <cstddef>
#include <string>
#include <utility>

#include "core/data/sets/csv.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// Text in cells: CSV files against Python's csv module, and files that are wrong.
class CsvTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cellsEqualPython();
    void delimitersAreFound_data();
    void delimitersAreFound();
    void numbersAreRead_data();
    void numbersAreRead();
    void hostileTablesAreSentences();

private:
    QString path(const QString& below) const { return m_folder.filePath(below); }
    QTemporaryDir m_folder;
};

namespace {

const char* const kCsvScript = R"(
import csv, random, sys
random.seed(int(sys.argv[2]))
cells = ['', 'a', 'b c', 'x,y', 'say "hi"', 'line\nbreak', '"', '1.5', 'é', ';', "tab\there", ',,', 'e']
with open(sys.argv[1], 'w', newline='', encoding='utf-8-sig') as f:
    # Python leaves a line break as it is where lines end with \r, unless it quotes everything.
    end, quoting = random.choice([('\n', csv.QUOTE_MINIMAL), ('\r\n', csv.QUOTE_MINIMAL), ('\r', csv.QUOTE_ALL), ('\n', csv.QUOTE_NONNUMERIC)])
    out = csv.writer(f, lineterminator=end, quoting=quoting)
    for _ in range(40): out.writerow([random.choice(cells[1:])] + [random.choice(cells) for _ in range(4)])
with open(sys.argv[1], newline='', encoding='utf-8-sig') as f:
    for row in csv.reader(f): print(' '.join('.' + cell.strip(' \t').encode().hex() for cell in row))
)";

}  // namespace

void CsvTest::cellsEqualPython() {
    QList<QStringList> cases;
    for (int seed = 0; seed < 12; ++seed)
        cases << QStringList{path(QString("cells%1.csv").arg(seed)), QString::number(seed)};
    QByteArrayList said = test::runPythonForEach(kCsvScript, cases);
    QCOMPARE(said.size(), cases.size());
    for (const QStringList& one : cases) {
        const QString file = one[0];
        const auto table = readCsv(file.toStdString(), {',', false});
        QVERIFY2(table, qPrintable(test::sentenceOf(table)));
        QByteArrayList lines;
        for (std::size_t row = 0; row < table->rows(); ++row) {
            QByteArrayList cells;
            for (std::size_t c = 0; c < table->columns(); ++c)
                cells << '.' + QByteArray::fromStdString(std::string(table->cell(row, c))).toHex();
            lines << cells.join(' ');
        }
        QCOMPARE(lines.join('\n'), said.takeFirst().trimmed());
    }
}

void CsvTest::delimitersAreFound_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<char>("delimiter");
    QTest::addColumn<bool>("header");
    QTest::newRow("comma") << QByteArray("a,b\n1,2\n") << ',' << true;
    QTest::newRow("semicolon, decimal commas")
        << QByteArray("a;b\n1,5;2,5\n2,5;3\n") << ';' << true;
    QTest::newRow("tab") << QByteArray("x, y\tz\n1\t2") << '\t' << true;
    QTest::newRow("bar") << QByteArray("1|2\r3|4") << '|' << false;
    QTest::newRow("quoted") << QByteArray("\"a;b;c\",d\n\"e\",f") << ',' << true;
    QTest::newRow("excel") << QByteArray("sep=;\r\na;b\r\n1;2\r\n") << ';' << true;
    QTest::newRow("one column") << QByteArray("a\n1\n") << ',' << true;
    QTest::newRow("pictures") << QByteArray("cats/1.jpg,cat\n") << ',' << false;
    QTest::newRow("index column") << QByteArray(",a\n0,5\n") << ',' << true;
}

void CsvTest::delimitersAreFound() {
    QFETCH(QByteArray, bytes);
    const auto table = CsvTable::parse(bytes.toStdString(), {}, "x");
    QVERIFY2(table || bytes.startsWith("a\n"), qPrintable(test::sentenceOf(table)));
    QTEST(table->delimiter(), "delimiter");
    QTEST(table->hasHeader(), "header");
}

void CsvTest::numbersAreRead_data() {
    QTest::addColumn<QByteArray>("cell");
    QTest::addColumn<int>("kind");
    QTest::addColumn<double>("value");
    using Kind = CsvNumber::Kind;
    const auto row = [](const char* cell, Kind kind, double value = 0) {
        QTest::newRow(cell) << QByteArray(cell) << int(kind) << value;
    };
    row("1", Kind::Number, 1);
    row("+2.5", Kind::Number, 2.5);
    row("-1e-3", Kind::Number, -0.001);
    row("1,5", Kind::Number, 1.5);
    row("1e-999", Kind::Number, 0);
    row("1e38", Kind::Number, 1e38);
    for (const char* cell : {"1e39", "1e999", "-1e999", "inf", "-Infinity"})
        row(cell, Kind::TooLarge);
    for (const char* cell : {"", "NA", "nan", "NaN", "?", "null"}) row(cell, Kind::Missing);
    for (const char* cell : {"1,5,5", "1.2.3", "abc", "0x10", "1 2", "+", "12a", "1,234.5"})
        row(cell, Kind::Text);
}

void CsvTest::numbersAreRead() {
    QFETCH(QByteArray, cell);
    const CsvNumber number = csvNumber(cell.toStdString(), true);
    QTEST(int(number.kind), "kind");
    if (number.kind == CsvNumber::Kind::Number) QTEST(number.value, "value");
    if (cell == "1,5") QVERIFY(csvNumber("1,5", false).kind == CsvNumber::Kind::Text);
}

void CsvTest::hostileTablesAreSentences() {
    const auto says = [](std::string bytes, const QString& sentence) {
        QCOMPARE(test::sentenceOf(CsvTable::parse(std::move(bytes), {}, "x")), sentence);
    };
    says(std::string("a,b\n1,\0", 7), "x is no table in plain text: byte 6 is zero.");
    says("a,\"b\n1,2\n", "x: the quote that opens in line 1 is never closed.");
    says(std::string(40'000'000, 'a'),
         "x: line 1 is longer than 16.8 MB, so it is no table of lines.");
    says("a\n\"" + std::string(40'000'000, '\n'),
         "x: the quote that opens in line 2 is never closed.");
    says(std::string(200'000, ','), "x: line 1 has more than 100,000 cells.");
    says("\xEF\xBB\xBF\r\n\n", "x is empty.");
    QRandomGenerator random(2);
    const char alphabet[] = "a1,;\"\n\r\t .é|";
    for (int round = 0; round < 20000; ++round) {
        std::string bytes;
        for (int i = random.bounded(60); i > 0; --i)
            bytes += alphabet[random.bounded(int(sizeof alphabet) - 1)];
        const auto table = CsvTable::parse(bytes, {}, "x");
        if (!table) continue;
        std::size_t cells = 0;
        for (std::size_t row = 0; row < table->rows(); ++row)
            for (std::size_t c = 0; c < table->columns(); ++c) cells += table->cell(row, c).size();
        QVERIFY(cells <= bytes.size());
    }
}

QTEST_GUILESS_MAIN(CsvTest)
#include "csv_test.moc"
