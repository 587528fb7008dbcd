#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/data/dataset_fix.h"
#include "core/data/sets/number_style.h"
#include "core/data/transforms/pipeline_fixes.h"
#include "core/project/delivered_dataset.h"
#include "core/project/project_check.h"
#include "tests/support/data_files.h"

using namespace loom;

/// How what stands in a table is understood: numbers that people wrote, paths, and what is said of
/// it all.
class TableReadingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void columnsOfNumbers_data();
    void columnsOfNumbers();
    void wordsStayWords_data();
    void wordsStayWords();
    void seriesReadNumbersToo();
    void ambiguityIsSaid();
    void whatIsSaid_data();
    void whatIsSaid();
    void nothingIsSaidOfPlainTables();
    void pathsNeedNoRoot();
    void toTensorIsCounted();

private:
    QString path(const QString& below) const { return m_folder.filePath(below); }
    QTemporaryDir m_folder;
};

namespace {

const DatasetKind& kindOf(const std::string& id) {
    return *datasets().find(id);
}

std::vector<float> inputsOf(const Dataset& data, std::size_t column) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < data.size(); ++i)
        values.push_back(std::get<TensorSample>(data.sample(i)->input).values.at(column));
    return values;
}

Project projectWith(const std::string& kind, const Params& params) {
    Project project = newProject();
    project.data.dataset = {kind, params};
    project.data.trainTransforms = project.data.testTransforms = {};
    return project;
}

/// What a project's check says of the data set beyond whether it is there.
std::vector<Diagnostic> remarksOf(const Project& project) {
    const Choice& set = project.data.dataset;
    return kindOf(set.kind).remarks(Settings(kindOf(set.kind).params, set.params));
}

}  // namespace

void TableReadingTest::columnsOfNumbers_data() {
    QTest::addColumn<QStringList>("cells");
    QTest::addColumn<QList<double>>("values");
    const auto row = [](const char* name, const QStringList& cells, const QList<double>& values) {
        QTest::newRow(name) << cells << values;
    };
    row("thousands", {"4,351", "12,000,000", "7"}, {4351, 12000000, 7});
    row("English decimals", {"1,234.5", "999", "2.25"}, {1234.5, 999, 2.25});
    row("German decimals", {"1.200,50", "3,5", "1.200"}, {1200.5, 3.5, 1200});
    row("German thousands", {"1.234.567", "12", "1.000,5"}, {1234567, 12, 1000.5});
    row("percent", {"12%", "3.5 %", "-1%"}, {0.12, 0.035, -0.01});
    row("dollars", {"$1.50", "$2", "-$3.25", "$1,000"}, {1.5, 2, -3.25, 1000});
    row("euros behind", {"3,50 €", "1.200,00 €", "4 €"}, {3.5, 1200, 4});
    row("euros before", {"€ 3", "€ 4.5", "€-5"}, {3, 4.5, -5});
    row("codes", {"USD 3.5", "USD 1,200.25", "4 USD"}, {3.5, 1200.25, 4});
    row("prefixed dollars", {"US$3.5", "US$ 4", "-US$1"}, {3.5, 4, -1});
    row("yuan", {"¥12", "￥3.5", "¥1,000"}, {12, 3.5, 1000});
    row("brackets", {"(1.50)", "2", "($3)", "$4"}, {-1.5, 2, -3, 4});
    row("sign behind", {"5-", "6", "1,000.5-"}, {-5, 6, -1000.5});
    row("thin spaces", {"1\u2009234", "12\u2009345,5", "7"}, {1234, 12345.5, 7});
    row("no-break spaces", {"1\u00A0234", "1\u202F000\u202F000", "3"}, {1234, 1000000, 3});
    row("plain spaces", {"1 234", "2 345.5", "9"}, {1234, 2345.5, 9});
    row("apostrophes", {"1'234.5", "1’000", "3"}, {1234.5, 1000, 3});
    row("lakhs", {"12,34,567", "1,00,000.5", "3"}, {1234567, 100000.5, 3});
    row("typeset minus", {"−5", "3", "−2.5"}, {-5, 3, -2.5});
    row("full-width", {"１２", "３．５", "4"}, {12, 3.5, 4});
    row("powers of ten", {"1.5e3", "$2", "-1E-2"}, {1500, 2, -0.01});
    row("per mille", {"5‰", "12 ‰", "1‰"}, {0.005, 0.012, 0.001});
}

void TableReadingTest::columnsOfNumbers() {
    QFETCH(QStringList, cells);
    QFETCH(QList<double>, values);
    for (const char* delimiter : {",", ";", "\t"}) {
        QString text = QString("amount%1y\n").arg(delimiter);
        for (const QString& cell : cells)
            for (int again = 0; again < 2; ++again)
                text += QString("\"%1\"%2%3\n").arg(cell, delimiter).arg(again ? "b" : "a");
        const QString file = path(QString("numbers_%1.csv").arg(QTest::currentDataTag()));
        test::writeFile(file, text.toUtf8());
        const Params params{{"root", file.toStdString()},
                            {"standardize", Value(false)},
                            {"test_fraction", Value(0.2)}};
        std::vector<float> found, expected;
        for (const Split split : {Split::Train, Split::Test}) {
            const auto data = openDataset("Table", params, split);
            QVERIFY2(data, qPrintable(test::sentenceOf(data)));
            QCOMPARE((*data)->inputNames(), std::vector<std::string>{"amount"});
            for (const float x : inputsOf(**data, 0)) found.push_back(x);
        }
        for (const double x : values) expected.insert(expected.end(), 2, static_cast<float>(x));
        std::sort(found.begin(), found.end());
        std::sort(expected.begin(), expected.end());
        QCOMPARE(found, expected);
    }
    // An answer is read by the same rule.
    QString text = "x,y\n";
    for (int i = 0; i < 40; ++i)
        text += QString("%1.5,\"%2\"\n").arg(i).arg(cells[i % cells.size()]);
    test::writeFile(path("answer.csv"), text.toUtf8());
    const auto data =
        openDataset("Table", {{"root", path("answer.csv").toStdString()}, {"task", "regression"}},
                    Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    for (std::int64_t i = 0; i < (*data)->size(); ++i) {
        const double y = (*data)->answer(i)[0];
        QVERIFY(std::any_of(values.begin(), values.end(),
                            [y](double one) { return static_cast<float>(one) == float(y); }));
    }
}

void TableReadingTest::wordsStayWords_data() {
    QTest::addColumn<QStringList>("cells");
    const auto row = [](const char* name, const QStringList& cells) {
        QTest::newRow(name) << cells;
    };
    row("dates", {"2021-01-02", "2021-02-03", "2021-03-04"});
    row("times", {"12:30", "1:15", "23:59"});
    row("versions", {"1.2.3", "2.0.1", "1.10.4"});
    row("addresses", {"192.168.1.1", "10.0.0.1", "8.8.4.4"});
    row("wrong groups", {"1,23", "4,5678", "12,34,56"});
    row("two currencies", {"$1.50", "€ 3", "$2"});
    row("contradicting", {"1,234.5", "1.234,5", "7,000"});
    row("names in brackets", {"(1)", "(2)", "(3)"});
    row("units", {"3 kg", "4 kg", "5 kg"});
    row("words", {"red", "green", "5 blue"});
    row("sizes", {"S", "M", "2XL"});
}

void TableReadingTest::wordsStayWords() {
    QFETCH(QStringList, cells);
    QString text = "x,word,y\n";
    for (int i = 0; i < 12; ++i)
        text += QString("%1.5,\"%2\",%3\n").arg(i).arg(cells[i % 3]).arg(i % 2 ? "b" : "a");
    const QString file = path(QString("words_%1.csv").arg(QTest::currentDataTag()));
    test::writeFile(file, text.toUtf8());
    const auto data = openDataset("Table", {{"root", file.toStdString()}}, Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE((*data)->spec().dims, std::vector<std::int64_t>{4});
}

void TableReadingTest::seriesReadNumbersToo() {
    QByteArray text = "day,price,share\n";
    for (int i = 0; i < 30; ++i)
        text += "2021-01-" + QByteArray::number(i + 1) + ",\"$1," + QByteArray::number(100 + i) +
                ".50\"," + QByteArray::number(i) + "%\n";
    test::writeFile(path("series.csv"), text);
    const Params params{{"root", path("series.csv").toStdString()},
                        {"window", Value(2)},
                        {"standardize", Value(false)}};
    const auto data = openDataset("TimeSeries", params, Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE((*data)->inputNames(), (std::vector<std::string>{"price", "share"}));
    QCOMPARE(std::get<TensorSample>((*data)->sample(0)->input).values,
             (std::vector<float>{1100.5f, 0.0f, 1101.5f, 0.01f}));
}

/// "4,351" alone tells nothing; another column may, and the parameter always does.
void TableReadingTest::ambiguityIsSaid() {
    const QString file = path("ambiguous.csv");
    const Params params{{"root", file.toStdString()}, {"standardize", Value(false)}};
    const auto first = [&](const Params& with) {
        const auto data = openDataset("Table", with, Split::Train);
        return data ? inputsOf(**data, 0).at(0) : -1.0f;
    };
    const QByteArray rows = "\"4,351\",a\n\"4,351\",b\n\"4,351\",a\n";
    test::writeFile(file, "price,y\n" + rows);
    QCOMPARE(first(params), 4351.0f);
    Project project = projectWith("Table", params);
    const auto remarks = remarksOf(project);
    QCOMPARE(remarks.size(), std::size_t(1));
    QCOMPARE(QString::fromStdString(remarks[0].message),
             "In the column price of " + file +
                 ", \"4,351\" is 4351, but it may also mean 4.351: nothing in the table tells.");
    QVERIFY(remarks[0].severity == Severity::Warning);
    const Project mended = withDatasetParams(project, *datasetParamsOf(remarks[0].fixes[0]));
    QCOMPARE(first(mended.data.dataset.params), 4.351f);
    QVERIFY(remarksOf(mended)[0].severity == Severity::Info);
    const Project kept = withDatasetParams(project, *datasetParamsOf(remarks[0].fixes[1]));
    QCOMPARE(first(kept.data.dataset.params), 4351.0f);
    // A column with decimals beside it speaks for the whole table.
    test::writeFile(file, "price,x,y\n\"4,351\",1.5,a\n\"4,351\",2.5,b\n\"4,351\",3.5,a\n");
    QVERIFY(remarksOf(project)[0].severity == Severity::Info);
    test::writeFile(file,
                    "price,x,y\n\"4,351\",\"1,5\",a\n\"4,351\",\"2,5\",b\n\"4,351\",\"3,5\",a\n");
    QCOMPARE(first(params), 4.351f);
    // With semicolons between cells, a comma begins decimals.
    test::writeFile(file, "price;y\n4,351;a\n4,351;b\n4,351;a\n");
    QCOMPARE(first(params), 4.351f);
}

void TableReadingTest::whatIsSaid_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("sentence");
    QTest::addColumn<QString>("key");  // of the first fix
    QTest::addColumn<QString>("value");
    const auto row = [](const char* name, const QByteArray& bytes, const char* sentence,
                        const char* key, const char* value) {
        QTest::newRow(name) << bytes << QString::fromUtf8(sentence) << QString(key)
                            << QString(value);
    };
    QByteArray counted = ",x,y\n", named = "id,x,y\n", shuffled = "Unnamed: 0,x,y\n",
               texts = "x,who,y\n", years = "2019,2020,2021\n", pandas = "0,1,2,3\n",
               odd = "name,2019,kind\n", two = "0,1\n";
    for (int i = 0; i < 30; ++i) {
        const QByteArray n = QByteArray::number(i), y = i % 2 ? "a" : "b";
        const QByteArray x = QByteArray::number(i * 0.37 + 0.1);
        counted += n + ',' + x + ',' + y + '\n';
        named += QByteArray::number(i + 1) + ',' + x + ',' + y + '\n';
        shuffled += QByteArray::number((i * 7) % 101) + ',' + x + ',' + y + '\n';
        texts += x + ",p" + n + ',' + y + '\n';
        years += x + ',' + x + ',' + x + '\n';
        pandas += x + ',' + x + ',' + x + ',' + y + '\n';
        odd += "n" + QByteArray::number(i % 3) + ',' + x + ',' + y + '\n';
        two += x + ',' + x + '\n';
    }
    row("pandas' index", counted,
        "The first column of FILE has no name and a different whole number in every row, as pandas "
        "writes its index; it goes into the network as an input.",
        "ignore", "column 1");
    row("a saved index", shuffled,
        "The first column of FILE has no name and a different whole number in every row, as pandas "
        "writes its index; it goes into the network as an input.",
        "ignore", "Unnamed: 0");
    row("numbers of rows", named,
        "The column id of FILE has a different whole number in every row; it goes into the network "
        "as an input.",
        "ignore", "id");
    row("names", texts,
        "The column who of FILE holds 30 different texts in 30 rows, such as \"p0\"; each became "
        "an "
        "input of its own, 0 or 1.",
        "ignore", "who");
    for (const auto& [name, bytes] :
         {std::pair("years", years), std::pair("pandas' numbers", pandas),
          std::pair("some years", odd), std::pair("two numbers", two)})
        row(name, bytes,
            "The first line of FILE looks like the names of the columns, but was read as a row, "
            "because a number stands in it.",
            "header", "yes");
    row("prices", "price,share,y\n$1.50,12%,a\n$2,3%,b\n$3,5%,a\n",
        "In FILE these were read as numbers: price (\"$1.50\" is 1.5), share (\"12%\" is 0.12).",
        "categorical", "price, share");
}

void TableReadingTest::whatIsSaid() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, sentence);
    QFETCH(QString, key);
    QFETCH(QString, value);
    const QString file = path(QString("said_%1.csv").arg(QTest::currentDataTag()));
    test::writeFile(file, bytes);
    const Project project = projectWith("Table", {{"root", file.toStdString()}});
    const ProjectReport report = checkProject(project);
    const QString wanted = sentence.replace("FILE", file);
    const auto said = std::find_if(
        report.diagnostics.begin(), report.diagnostics.end(),
        [&](const Diagnostic& one) { return QString::fromStdString(one.message) == wanted; });
    QStringList all;
    for (const Diagnostic& one : report.diagnostics) all << QString::fromStdString(one.message);
    QVERIFY2(said != report.diagnostics.end(), qPrintable(all.join('\n')));
    QVERIFY(!said->hint.empty());
    QVERIFY(!said->fixes.empty());
    const Value* set = datasetParamsOf(said->fixes[0])->find(key.toStdString());
    QVERIFY(set);
    QCOMPARE(QString::fromStdString(set->asString()), value);
    // Once taken, it is no longer said.
    for (const Diagnostic& one :
         remarksOf(withDatasetParams(project, *datasetParamsOf(said->fixes[0]))))
        QVERIFY(QString::fromStdString(one.message) != wanted);
}

void TableReadingTest::nothingIsSaidOfPlainTables() {
    QByteArray plain = "length,colour,count,label\n", bare;
    for (int i = 0; i < 30; ++i) {
        plain += QByteArray::number(i * 0.7) + ",c" + QByteArray::number(i % 5) + ',' +
                 QByteArray::number(i % 9) + ',' + QByteArray::number(i % 3) + '\n';
        bare +=
            QByteArray::number(i * 0.3 + 5.1) + ',' + QByteArray::number(i * 0.2 + 1) + ",setosa\n";
    }
    const QByteArray line = "x,y\n0,0.1\n1,1.2\n2,1.9\n3,3.1\n";
    const QByteArray german = "a;b\n1,5;2,5\n2,5;3\n3,5;4\n";
    for (const QByteArray& bytes : {plain, bare, line, german}) {
        test::writeFile(path("plain.csv"), bytes);
        const auto remarks =
            remarksOf(projectWith("Table", {{"root", path("plain.csv").toStdString()}}));
        QVERIFY2(remarks.empty(), remarks.empty() ? "" : remarks[0].message.c_str());
    }
}

/// `file` may say where it lies; so may test_file, and the folders of pictures.
void TableReadingTest::pathsNeedNoRoot() {
    const QByteArray rows = "x,y\n1.5,a\n2.5,b\n3.5,a\n4.5,b\n";
    test::writeFile(path("place/own.csv"), rows);
    test::writeFile(path("place/more.csv"), rows);
    test::writeFile(path("elsewhere/other.csv"), "x,y\n9.5,a\n");
    const auto text = [&](const char* below) { return path(below).toStdString(); };
    const auto opens = [](const Params& params, std::int64_t tests) {
        for (const char* kind : {"Table"}) {
            const auto data = openDataset(kind, params, Split::Test);
            QVERIFY2(data, qPrintable(test::sentenceOf(data)));
            QCOMPARE((*data)->size(), tests);
            QVERIFY(test::locationOf(kind, params).found);
        }
    };
    opens({{"file", text("place/own.csv")}}, 1);
    opens({{"file", text("place/own.csv")}, {"test_file", text("elsewhere/other.csv")}}, 1);
    opens({{"file", text("place/own.csv")}, {"test_file", "more.csv"}}, 4);
    opens({{"root", text("elsewhere")}, {"file", text("place/own.csv")}}, 1);
    opens({{"root", text("place/more.csv")}, {"file", "own.csv"}}, 1);
    opens(
        {{"root", text("place")}, {"file", "own.csv"}, {"test_file", text("elsewhere/other.csv")}},
        1);
    QCOMPARE(QString::fromStdString(
                 test::locationOf("Table", {{"file", text("place/none.csv")}}).message),
             "Neither a file nor a folder lies at " + path("place/none.csv") + ".");
    QCOMPARE(QString::fromStdString(test::locationOf("Table", {}).message),
             QString("Table has no file yet."));
    test::writeFile(path("place/list.csv"), "a.pgm,cat\nb.pgm,dog\nc.pgm,cat\nd.pgm,dog\n");
    for (const char* name : {"a", "b", "c", "d"})
        test::writeFile(path(QString("place/%1.pgm").arg(name)), "P5 1 1 255 x");
    QVERIFY(test::locationOf("PictureList", {{"file", text("place/list.csv")}}).found);
    for (const char* split : {"train", "val"})
        for (const char* name : {"cat", "dog"})
            test::writeFile(path(QString("pets/%1/%2/1.pgm").arg(split, name)), "P5 1 1 255 x");
    const auto folders = test::locationOf(
        "ImageFolder", {{"train", text("pets/train")}, {"test", text("pets/val")}});
    QVERIFY2(folders.found, folders.message.c_str());
    QVERIFY(test::locationOf("ImageFolder", {{"train", text("pets/train")}}).found);
    QVERIFY(!test::locationOf("ImageFolder", {}).found);
}

void TableReadingTest::toTensorIsCounted() {
    const auto last = [](const std::vector<TransformChoice>& steps, bool tensor) {
        const auto fixes =
            pipelineFixes(steps, tensor ? SampleSpec{true, {4}} : SampleSpec{false, {3, 8, 8}});
        return fixes.empty() ? std::string() : fixes.back().label;
    };
    QCOMPARE(last({{"ToTensor"}}, true), "Remove ToTensor");
    QCOMPARE(last({{"ToTensor"}, {"ToTensor"}}, false), "Remove the second ToTensor");
}

QTEST_GUILESS_MAIN(TableReadingTest)
#include "table_reading_test.moc"
