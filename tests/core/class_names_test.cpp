#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/base/choice.h"
#include "core/data/sets/class_names.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// Which labels mean the same class: numbers of equal value, words alike but for blanks; wherever
/// classes are united by name.
class ClassNamesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalNumbersHaveOneKey();
    void wordsDifferInMoreThanBlanks();
    void equalLabelsAreOneClass_data();
    void equalLabelsAreOneClass();
    void picturesHaveNumbersAsClasses();
    void labelFilesHaveNumbersAsClasses();
    void concatenatedClassesAreUnited();

private:
    QString path(const QString& below) const { return m_folder.filePath(below); }
    QTemporaryDir m_folder;
};

namespace {

std::vector<float> inputsOf(const Dataset& data, std::size_t column) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < data.size(); ++i)
        values.push_back(std::get<TensorSample>(data.sample(i)->input).values.at(column));
    return values;
}

}  // namespace

void ClassNamesTest::equalNumbersHaveOneKey() {
    const char* const script = R"(
import decimal, itertools, sys
texts = sys.argv[1].split('|')
def value(t):
    try: float(t)
    except ValueError: return t
    return decimal.Decimal(t)
for a, b in itertools.combinations(texts, 2): print(int(value(a) == value(b)), end='')
)";
    const QStringList texts = {"0",
                               "0.0",
                               "-0",
                               "00",
                               "0e5",
                               ".0",
                               "1",
                               "+1",
                               "1.",
                               "1e0",
                               "10e-1",
                               "0.1e1",
                               "1.0001",
                               "01",
                               "007",
                               "7",
                               "7.00",
                               "-7",
                               "-07.0",
                               "1e3",
                               "1000",
                               "12e2",
                               "1200",
                               "9007199254740993",
                               "9007199254740992",
                               "cat",
                               "1.2.3",
                               "1e",
                               "0x10",
                               "+",
                               "0.1",
                               ".1"};
    const auto peer = test::runPython(script, {texts.join('|')});
    QVERIFY2(peer.exitCode == 0, peer.err.constData());
    QByteArray ours;
    for (qsizetype i = 0; i < texts.size(); ++i)
        for (qsizetype j = i + 1; j < texts.size(); ++j)
            ours +=
                classKey(texts[i].toStdString()) == classKey(texts[j].toStdString()) ? '1' : '0';
    QCOMPARE(ours, peer.out.trimmed());
}

void ClassNamesTest::wordsDifferInMoreThanBlanks() {
    for (const char* same :
         {"a b", " a b\t", "a\u00A0b", "\u3000a\u2009b\u00A0", "\uFEFFa b", "a\u202Fb\u200B"})
        QCOMPARE(classKey(same), classKey("a b"));
    for (const char* other : {"ab", "A b", "a  b", "a-b", "0", ""})
        QVERIFY(classKey(other) != classKey("a b"));
    QCOMPARE(classKey("\u22121.0"), classKey("-1"));
    QCOMPARE(classKey("\uFF11\uFF0E\uFF10"), classKey("1"));
    // Broken UTF-8 is a word as any other, and nothing is read beyond its end.
    QCOMPARE(withoutBlanks("\xC2"), std::string_view("\xC2"));
    QCOMPARE(withoutBlanks("a\xE2\x80"), std::string_view("a\xE2\x80"));
    QCOMPARE(withoutBlanks("\xA0 x"), std::string_view("\xA0 x"));
}

void ClassNamesTest::equalLabelsAreOneClass_data() {
    QTest::addColumn<QByteArrayList>("test");
    const auto row = [](const char* name, const QByteArrayList& labels) {
        QTest::newRow(name) << labels;
    };
    row("decimals", {"0.0", "1.0", "2.0"});
    row("zeros before", {"00", "01", "02"});
    row("signs", {"-0", "+1", "+2"});
    row("powers", {"0e0", "1e0", "20e-1"});
    row("no-break spaces", {"0\u00A0", "\u00A01", "2\u202F"});
    row("ideographic and zero-width", {"\u30000", "1\u3000", "\u200B2"});
    row("full-width digits", {"\uFF10", "\uFF11", "\uFF12"});
    row("quoted", {"\" 0.00\"", "\"1 \"", "\"2\t\""});
}

void ClassNamesTest::equalLabelsAreOneClass() {
    QFETCH(QByteArrayList, test);
    QByteArray train = "x,label\n";
    for (int i = 0; i < 9; ++i)
        train += QByteArray::number(i) + ".5," + QByteArray::number(i % 3) + '\n';
    const QString folder = path(QString("labels_%1").arg(QTest::currentDataTag()));
    test::writeFile(folder + "/train.csv", train);
    QByteArray other = "x,label\n";
    for (const QByteArray& label : test) other += "1.5," + label + '\n';
    test::writeFile(folder + "/test.csv", other);
    for (const char* task : {"auto", "classification"}) {
        const Params params{{"root", folder.toStdString()}, {"task", task}};
        const auto data = openDataset("Table", params, Split::Test);
        QVERIFY2(data, qPrintable(test::sentenceOf(data)));
        QCOMPARE((*data)->classes(), (std::vector<std::string>{"0", "1", "2"}));
        for (std::int64_t i = 0; i < 3; ++i) QCOMPARE((*data)->label(i), i);
    }
    // Columns whose numbers are names become inputs by the same rule.
    const Params named{{"root", folder.toStdString()},
                       {"inputs", "label"},
                       {"categorical", "label"},
                       {"target", "x"}};
    const auto data = openDataset("Table", named, Split::Test);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE((*data)->spec().dims, std::vector<std::int64_t>{3});
    for (std::size_t i = 0; i < 3; ++i) QCOMPARE(inputsOf(**data, i).at(i), 1.0f);
}

void ClassNamesTest::picturesHaveNumbersAsClasses() {
    const QByteArray pixel = "P5 1 1 255 x";
    for (const char* name : {"a.pgm", "b.pgm", "c.pgm", "d.pgm"})
        test::writeFile(path(QString("list/%1").arg(name)), pixel);
    test::writeFile(path("list/train.csv"), ",path,kind\n0,a.pgm,1\n1,b.pgm,2\n");
    test::writeFile(path("list/test.csv"), ",path,kind\n7,c.pgm,02\n9,d.pgm,1.0\u00A0\n");
    const Params params{{"root", path("list").toStdString()}};
    const auto data = openDataset("PictureList", params, Split::Test);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE((*data)->classes(), (std::vector<std::string>{"1", "2"}));
    QCOMPARE((*data)->label(0), 1);
    QCOMPARE((*data)->label(1), 0);
}

void ClassNamesTest::labelFilesHaveNumbersAsClasses() {
    const QByteArray pixel = "P5 1 1 255 x";
    const auto one = [&](const QString& split, const QString& name, const QByteArray& label) {
        test::writeFile(path("words/" + split + "/p_image/" + name + ".pgm"), pixel);
        test::writeFile(path("words/" + split + "/p_label/" + name + ".txt"), label);
    };
    one("train", "a", "0\n");
    one("train", "b", "1\u00A0\r\n");
    one("train", "c", "\u3000 1.0");
    one("val", "d", "01");
    one("val", "e", "0.0");
    const Params params{{"root", path("words").toStdString()}};
    const auto data = openDataset("LabelFolders", params, Split::Test);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE((*data)->classes().size(), std::size_t(2));
    QCOMPARE((*data)->label(0), 1);
    QCOMPARE((*data)->label(1), 0);
    // Pictures to test with may lie in plain class folders.
    test::writeFile(path("mixed/train/p_image/a.pgm"), pixel);
    test::writeFile(path("mixed/train/p_label/a.txt"), "1");
    test::writeFile(path("mixed/train/p_image/b.pgm"), pixel);
    test::writeFile(path("mixed/train/p_label/b.txt"), "2");
    test::writeFile(path("mixed/val/02/c.pgm"), pixel);
    const auto mixed =
        openDataset("LabelFolders", {{"root", path("mixed").toStdString()}}, Split::Test);
    QVERIFY2(mixed, qPrintable(test::sentenceOf(mixed)));
    QCOMPARE((*mixed)->label(0), 1);
}

void ClassNamesTest::concatenatedClassesAreUnited() {
    test::writeFile(path("one.csv"), "x,y\n1.5,0\n2.5,1\n3.5,2\n4.5,0\n5.5,1\n");
    test::writeFile(path("two.csv"), "x,y\n1.5,2.0\n2.5,0.0\n3.5,03\n4.5,1e0\n5.5,0\n");
    const auto table = [&](const char* name) {
        return Choice{"Table",
                      {{"root", path(name).toStdString()},
                       {"task", "classification"},
                       {"test_fraction", Value(0.2)}}};
    };
    const Params params{{"datasets", nestedValue({table("one.csv"), table("two.csv")})}};
    QCOMPARE(test::targetOf("ConcatDataset", params).classes, 4);
    std::vector<std::int64_t> labels;
    for (const Split split : {Split::Train, Split::Test}) {
        const auto data = openDataset("ConcatDataset", params, split);
        QVERIFY2(data, qPrintable(test::sentenceOf(data)));
        QCOMPARE((*data)->classes().size(), std::size_t(4));
        for (std::int64_t i = 0; i < (*data)->size(); ++i) labels.push_back((*data)->label(i));
    }
    std::sort(labels.begin(), labels.end());
    QCOMPARE(labels, (std::vector<std::int64_t>{0, 0, 0, 0, 1, 1, 1, 2, 2, 3}));
}

QTEST_GUILESS_MAIN(ClassNamesTest)
#include "class_names_test.moc"
