#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include "core/data/sets/csv.h"
#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// Tables and time series against the same computed in plain Python; and files that are wrong.
class TablesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tableEqualsPython();
    void testFileHasItsOwnRows();
    void everyColumnIsExplained();
    void tablesSayWhatIsWrong_data();
    void tablesSayWhatIsWrong();
    void seriesEqualsPython();
    void seriesSayWhatIsWrong_data();
    void seriesSayWhatIsWrong();
    void changesAreNoticed();
    void askingAgainIsQuick();

private:
    QString path(const QString& below) const { return m_folder.filePath(below); }
    QByteArrayList saidByPython(const char* script, const QString& name,
                                const QList<QMap<QString, QString>>& cases,
                                QStringList& files) const;
    QTemporaryDir m_folder;
};

namespace {

/// `inputs|label|answers`, each number as float32 prints.
QByteArrayList rowsOf(const Dataset& dataset) {
    QByteArrayList rows;
    const auto text = [](const std::vector<float>& numbers) {
        QByteArrayList words;
        for (const float x : numbers) words << QByteArray::number(double(x), 'g', 9);
        return words.join(' ');
    };
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        const auto sample = dataset.sample(i);
        if (!sample) return {QByteArray::fromStdString(sample.error().message)};
        const auto& tensor = std::get<TensorSample>(sample->input);
        if (tensor.dims != dataset.spec().dims) return {"the sample has another size"};
        rows << text(tensor.values) + '|' + QByteArray::number(qint64(sample->label)) + '|' +
                    text(dataset.answer(i));
    }
    return rows;
}

/// Parameters as JSON would give them, and as the Python side takes them.
using Texts = QMap<QString, QString>;
Params paramsOf(const Texts& texts, const std::string& kind) {
    const DatasetKind* found = datasets().find(kind);
    Params params;
    for (const auto& [key, text] : texts.asKeyValueRange())
        params.set(key.toStdString(),
                   *parseParam(*findSpec(found->params, key.toStdString()), text.toStdString()));
    return params;
}

const char* const kTableScript = R"(
import csv, math, random, sys
import numpy, torch
# From its release 3.12 on, Python's own sum carries what rounding leaves.
def sum(xs):
    total = 0
    for x in xs: total += x
    return total
random.seed(4)
path, params = sys.argv[1], dict(word.split('=', 1) for word in sys.argv[2:])
names = ['id', 'length', 'colour', 'mass', 'site', 'kind', 'price']
rows = []
for i in range(60):
    length, colour = round(random.uniform(2, 9), 2), random.choice(['red', 'green', 'ä blue'])
    rows.append([f'no {i}', length, colour, '%.3e' % random.gauss(1000, 200), random.choice([4, 7, 10]), random.choice(['wren', 'owl', 'jay']), round(2 * length - random.random(), 3)])
missing = params.get('missing', 'refuse') != 'refuse'
if missing:
    for i in (3, 17, 30, 41): rows[i][1] = random.choice(['', 'NA', 'nan', '?'])
    for i in (5, 30, 44): rows[i][2] = ''
with open(path, 'w', newline='') as f:
    out = csv.writer(f); out.writerow(names); out.writerows(rows)

with open(path, newline='') as f: table = list(csv.DictReader(f))
target = params.get('target', 'price').split(', ')
inputs = params['inputs'].split(', ') if 'inputs' in params else [n for n in names if n not in target and n not in params.get('ignore', '').split(', ')]
absent = lambda cell: cell in ('', 'NA', 'nan', '?')
n = len(table)
held = set(torch.randperm(n, generator=torch.Generator().manual_seed(int(params.get('seed', 0))))[:round(float(params.get('test_fraction', 0.2)) * n)].tolist())
train = [table[i] for i in range(n) if i not in held]; test = [table[i] for i in range(n) if i in held]
if params.get('missing') == 'drop':
    keep = lambda rows: [r for r in rows if not any(absent(r[c]) for c in inputs + target)]
    train, test = keep(train), keep(test)
def figures(name):
    xs = [float(r[name]) for r in train if not absent(r[name])]
    mean = sum(xs) / len(xs)
    return mean, math.sqrt(sum((x - mean) * (x - mean) for x in xs) / len(xs))
def is_text(name): return name in ('colour', 'kind', 'id') or name in params.get('categorical', '').split(', ')
def encode(row):
    out = []
    for name in inputs:
        if is_text(name):
            words = sorted({r[name] for r in table if not absent(r[name])}, key=lambda w: (0, float(w), w) if w.replace('.', '').isdigit() else (1, 0, w))
            known = [r[name] for r in train if not absent(r[name])]
            out += [known.count(w) / len(known) if absent(row[name]) else float(row[name] == w) for w in words]
        else:
            mean, std = figures(name)
            x = mean if absent(row[name]) else float(row[name])
            out.append((x - mean) / std if params.get('standardize', 'True') == 'True' else x)
    return out
classes = target == ['kind'] or params.get('task') == 'classification'
words = sorted({r[target[0]] for r in table}, key=lambda w: (float(w) if w.replace('.', '').isdigit() else 0, w))
def answer(row):
    if classes: return []
    if params.get('standardize_target', 'False') == 'True': return [(float(row[t]) - figures(t)[0]) / figures(t)[1] for t in target]
    return [float(row[t]) for t in target]
show = lambda xs: ' '.join('%.9g' % numpy.float32(x) for x in xs)
for part in (train, test):
    for row in part: print(show(encode(row)), words.index(row[target[0]]) if classes else 0, show(answer(row)), sep='|')
    print()
)";

const char* const kSeriesScript = R"(
import csv, math, random, sys
import numpy
# From its release 3.12 on, Python's own sum carries what rounding leaves.
def sum(xs):
    total = 0
    for x in xs: total += x
    return total
random.seed(8)
path, params = sys.argv[1], dict(word.split('=', 1) for word in sys.argv[2:])
names = ['date', 'wind', 'temperature', 'rain']
with open(path, 'w', newline='') as f:
    out = csv.writer(f, delimiter=';'); out.writerow(names)
    for t in range(50): out.writerow([f'2021-01-{t:02}', str(round(random.gauss(5, 2), 2)).replace('.', ','), '' if t in (7, 8, 45) and 'missing' in params else round(math.sin(t / 3) * 10, 3), random.randint(0, 9)])
with open(path, newline='') as f: table = list(csv.DictReader(f, delimiter=';'))
columns = params['columns'].split(', ') if 'columns' in params else names[1:]
target = params['target'].split(', ') if 'target' in params else columns[-1:]
window, horizon, stride = (int(params.get(k, d)) for k, d in (('window', 24), ('horizon', 1), ('stride', 1)))
first = len(table) - round(float(params.get('test_fraction', 0.2)) * len(table))
def read(name, standardize):
    xs = [float(r[name].replace(',', '.')) if r[name] else None for r in table]
    known = [x for x in xs[:first] if x is not None]; mean = sum(known) / len(known)
    for i, x in enumerate(xs):
        if x is None: xs[i] = mean if params['missing'] == 'mean' else xs[i - 1]
    mean = sum(xs[:first]) / first; std = math.sqrt(sum((x - mean) * (x - mean) for x in xs[:first]) / first)
    return [(x - mean) / std if standardize else x for x in xs]
ins = numpy.array([read(n, params.get('standardize', 'True') == 'True') for n in columns], dtype=numpy.float32).T
outs = numpy.array([read(n, params.get('standardize_target', 'True') == 'True') for n in target], dtype=numpy.float32).T
show = lambda xs: ' '.join('%.9g' % x for x in xs)
for begin, end in ((0, first), (first, len(table))):
    for t in range(begin, end - window - horizon + 1, stride):
        x = ins[t:t + window]
        print(show((x.T if params.get('channels_first') == 'True' else x).ravel()), 0, show(outs[t + window:t + window + horizon].ravel()), sep='|')
    print()
)";

}  // namespace

/// What the script says of each case; every case reads a file of its own, named by its number.
QByteArrayList TablesTest::saidByPython(const char* script, const QString& name,
                                        const QList<Texts>& cases, QStringList& files) const {
    QList<QStringList> words;
    for (const Texts& texts : cases) {
        files << path(name.arg(files.size()));
        QStringList& one = words.emplace_back(QStringList{files.last()});
        for (const auto& [key, text] : texts.asKeyValueRange()) one << key + "=" + text;
    }
    return test::runPythonForEach(script, words);
}

void TablesTest::tableEqualsPython() {
    const QList<Texts> cases = {
        Texts{{"ignore", "id"}},
        Texts{{"ignore", "id, price"}, {"target", "kind"}},
        Texts{{"inputs", "site, colour, mass"}, {"categorical", "site"}, {"seed", "3"}},
        Texts{{"target", "length, price"},
              {"ignore", "id, colour"},
              {"standardize_target", "True"},
              {"test_fraction", "0.45"}},
        Texts{{"ignore", "id"}, {"standardize", "False"}},
        Texts{{"ignore", "id"}, {"missing", "mean"}},
        Texts{{"ignore", "id"}, {"missing", "drop"}, {"target", "kind"}},
        Texts{{"inputs", "length"}, {"target", "site"}, {"task", "classification"}}};
    QStringList files;
    QByteArrayList outputs = saidByPython(kTableScript, "table%1.csv", cases, files);
    QCOMPARE(outputs.size(), cases.size());
    for (const Texts& texts : cases) {
        const QString file = files.takeFirst();
        QByteArrayList said = outputs.takeFirst().split('\n');
        Params params = paramsOf(texts, "Table");
        params.set("root", file.toStdString());
        for (const Split split : {Split::Train, Split::Test}) {
            const auto data = openDataset("Table", params, split);
            QVERIFY2(data, qPrintable(test::sentenceOf(data)));
            const qsizetype end = said.indexOf("");
            QCOMPARE(rowsOf(**data), said.first(end));
            said.remove(0, end + 1);
            const auto spec = test::specOf("Table", params);
            QVERIFY(spec && spec->isTensor);
            QCOMPARE(spec->dims, (*data)->spec().dims);
            const TargetSpec target = test::targetOf("Table", params);
            QCOMPARE(target.classes, std::int64_t((*data)->classes().size()));
            if (target.type == TargetSpec::Type::Numbers)
                QCOMPARE(target.dims[0], std::int64_t((*data)->answerNames().size()));
            QCOMPARE(std::int64_t((*data)->inputNames().size()), spec->dims[0]);
        }
    }
}

void TablesTest::testFileHasItsOwnRows() {
    test::writeFile(path("pair/train.csv"), "x,y\n1,a\n3,b\n5,a\n");
    test::writeFile(path("pair/test.csv"), "x,y\n7,b\n");
    const Params params = {{"root", path("pair").toStdString()}};
    const auto data = openDataset("Table", params, Split::Test);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    // (7 − 3) / sqrt(8 / 3)
    QCOMPARE(rowsOf(**data), QByteArrayList{"2.44948983|1|"});
    QCOMPARE(QString::fromStdString((*data)->nameOf(0)), "line 2 of " + path("pair/test.csv"));
    QCOMPARE(QString::fromStdString(test::locationOf("Table", params).message),
             "3 rows to train with and 1 to test with found in " + path("pair/train.csv") +
                 " and " + path("pair/test.csv") + ": 1 number in, 2 classes of y out.");
    test::writeFile(path("pair/test.csv"), "x,z\n7,b\n");
    QCOMPARE(QString::fromStdString(test::locationOf("Table", params).message),
             "Column 2 is called z in " + path("pair/test.csv") + ", but y in " +
                 path("pair/train.csv") + ".");
}

void TablesTest::everyColumnIsExplained() {
    test::writeFile(path("names.csv"), "size,colour,label\n1,red,0\n2,blue,1\n3,red,0\n4,red,1\n");
    const auto data =
        openDataset("Table", {{"root", path("names.csv").toStdString()}}, Split::Train);
    QVERIFY2(data, qPrintable(test::sentenceOf(data)));
    QCOMPARE((*data)->inputNames(),
             (std::vector<std::string>{"size", "colour = blue", "colour = red"}));
    QCOMPARE((*data)->classes(), (std::vector<std::string>{"0", "1"}));
    QVERIFY(QString::fromStdString((*data)->nameOf(0)).endsWith(" of " + path("names.csv")));
}

void TablesTest::tablesSayWhatIsWrong_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<Texts>("texts");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char* name, const QByteArray& bytes, const Texts& texts,
                        const QString& sentence) {
        QTest::newRow(name) << bytes << texts << sentence;
    };
    row("missing", "a,b\n1,2\n,3\n4,5\n", {}, "In line 3 of FILE, column a, the value is missing.");
    row("missing answer", "a,b\n1,2\n2,\n", {{"missing", "mean"}},
        "In line 3 of FILE, column b, the value is missing.");
    row("slip", "a,b\n1,1\n2,2\n3,1\n4,2\n5,1\n6,2\n7,1\n8,2\n9,1\nO,2\n", {},
        "In line 11 of FILE, column a, \"O\" is not a number, as 9 others of the column are.");
    row("too large", "a,b\n1,2\n1e999,3\n", {},
        "In line 3 of FILE, column a, \"1e999\" is more than a number here can hold (3.4e38).");
    row("unknown column", "width,b\n1,2\n3,4\n", {{"target", "with"}},
        "target names the column with, but FILE has only width, b.");
    row("input is answer", "a,b\n1,2\n3,4\n", {{"inputs", "a, b"}},
        "The column b is both an input and the answer: the network would only copy it.");
    row("no input", "b\n2\n4\n", {}, "FILE has no column left to be an input.");
    row("one class", "a,b\n1,x\n2,x\n3,x\n", {}, "The column b of FILE says x in every row.");
    row("two class columns", "a,b,c\n1,x,y\n2,x,y\n",
        {{"target", "b, c"}, {"task", "classification"}},
        "target names 2 columns, but a class is one.");
    row("nothing to train", "a,b\n1,2\n3,4\n", {{"test_fraction", "1"}},
        "FILE leaves no row to train with.");
    QByteArray names = "who,b\n";
    for (int i = 0; i < 2000; ++i)
        names += "p" + QByteArray::number(i) + ',' + QByteArray::number(i) + ".5\n";
    row("names", names, {},
        "The column who of FILE holds 2,000 different texts, more than the 1,000 that become "
        "numbers of their own.");
}

void TablesTest::tablesSayWhatIsWrong() {
    QFETCH(QByteArray, bytes);
    QFETCH(Texts, texts);
    QFETCH(QString, sentence);
    const QString file = path(QString("wrong_%1.csv").arg(QTest::currentDataTag()));
    test::writeFile(file, bytes);
    Params params = paramsOf(texts, "Table");
    params.set("root", file.toStdString());
    const auto data = openDataset("Table", params, Split::Train);
    QCOMPARE(test::sentenceOf(data), sentence.replace("FILE", file));
    QVERIFY(!data.error().hint.empty());
    QCOMPARE(QString::fromStdString(test::locationOf("Table", params).message), sentence);
    QVERIFY(!test::specOf("Table", params));
}

void TablesTest::seriesEqualsPython() {
    const QList<Texts> cases = {
        Texts{{"window", "4"}},
        Texts{{"window", "5"},
              {"horizon", "3"},
              {"stride", "2"},
              {"target", "temperature, wind"},
              {"test_fraction", "0.3"}},
        Texts{{"window", "3"}, {"channels_first", "True"}, {"columns", "temperature, rain"}},
        Texts{{"window", "2"}, {"standardize", "False"}, {"standardize_target", "False"}},
        Texts{{"window", "3"}, {"missing", "previous"}},
        Texts{{"window", "3"}, {"missing", "mean"}, {"target", "temperature"}}};
    QStringList files;
    QByteArrayList outputs = saidByPython(kSeriesScript, "series%1.csv", cases, files);
    QCOMPARE(outputs.size(), cases.size());
    for (const Texts& texts : cases) {
        const QString file = files.takeFirst();
        QByteArrayList said = outputs.takeFirst().split('\n');
        Params params = paramsOf(texts, "TimeSeries");
        params.set("root", file.toStdString());
        for (const Split split : {Split::Train, Split::Test}) {
            const auto data = openDataset("TimeSeries", params, split);
            QVERIFY2(data, qPrintable(test::sentenceOf(data)));
            const qsizetype end = said.indexOf("");
            QVERIFY(end > 0);
            QCOMPARE(rowsOf(**data), said.first(end));
            said.remove(0, end + 1);
            QCOMPARE(test::specOf("TimeSeries", params)->dims, (*data)->spec().dims);
            QCOMPARE(test::targetOf("TimeSeries", params).dims,
                     std::vector<std::int64_t>{std::int64_t((*data)->answerNames().size())});
        }
        QVERIFY(test::locationOf("TimeSeries", params).found);
    }
}

void TablesTest::seriesSayWhatIsWrong_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<Texts>("texts");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char* name, const QByteArray& bytes, const Texts& texts,
                        const QString& sentence) {
        QTest::newRow(name) << bytes << texts << sentence;
    };
    row("short", "t,x\na,1\nb,2\nc,3\nd,4\ne,5\n", {{"window", "4"}},
        "4 rows of FILE are to train with, but a window of 4 and the horizon of 1 after it take "
        "5.");
    row("no numbers", "t,x\na,b\nc,d\n", {}, "FILE has no column of numbers.");
    row("dates named", "t,x\na,1\nc,2\n", {{"columns", "t"}},
        "In line 2 of FILE, column t, \"a\" is not a number.");
    row("gap", "x\n1\nNA\n3\n", {{"window", "1"}},
        "In line 3 of FILE, column x, the value is missing.");
    row("gap at the beginning", "x\nNA\n1\n3\n", {{"window", "1"}, {"missing", "previous"}},
        "In line 2 of FILE, column x, the value is missing.");
}

void TablesTest::seriesSayWhatIsWrong() {
    QFETCH(QByteArray, bytes);
    QFETCH(Texts, texts);
    QFETCH(QString, sentence);
    const QString file = path(QString("bad_%1.csv").arg(QTest::currentDataTag()));
    test::writeFile(file, bytes);
    Params params = paramsOf(texts, "TimeSeries");
    params.set("root", file.toStdString());
    const auto data = openDataset("TimeSeries", params, Split::Train);
    QCOMPARE(test::sentenceOf(data), sentence.replace("FILE", file));
    QVERIFY(!data.error().hint.empty());
    QCOMPARE(QString::fromStdString(test::locationOf("TimeSeries", params).message), sentence);
}

void TablesTest::changesAreNoticed() {
    const Params params = {{"root", path("change.csv").toStdString()}};
    QVERIFY(!test::locationOf("Table", params).found);
    test::writeFile(path("change.csv"), "a,b\n1,2.5\n3,4\n5,6\n");
    QCOMPARE(test::specOf("Table", params)->dims, std::vector<std::int64_t>{1});
    const auto before = openDataset("Table", params, Split::Train);
    QVERIFY(before && *before == *openDataset("Table", params, Split::Train));
    test::writeFile(path("change.csv"), "a,b,c\n1,2,2.5\n3,4,1\n5,6,1\n");
    QCOMPARE(test::specOf("Table", params)->dims, std::vector<std::int64_t>{2});
    // Though the old one is still open.
    const auto after = openDataset("Table", params, Split::Train);
    QCOMPARE((*after)->inputNames().size(), std::size_t(2));
    test::writeFile(path("change.csv"), "a,b,c\n1,2\n");
    QVERIFY(!test::specOf("Table", params));
}

void TablesTest::askingAgainIsQuick() {
    QByteArray bytes = "a,b,c,d\n";
    for (int i = 0; i < 200'000; ++i)
        bytes += QByteArray::number(i * 0.37) + ",red," + QByteArray::number(i % 977) + ',' +
                 QByteArray::number(i * 0.11) + '\n';
    test::writeFile(path("many.csv"), bytes);
    const Params params = {{"root", path("many.csv").toStdString()}};
    QElapsedTimer clock;
    clock.start();
    QVERIFY(test::locationOf("Table", params).found);
    const qint64 first = clock.restart();
    for (int i = 0; i < 100; ++i) {
        test::specOf("Table", params);
        test::targetOf("Table", params);
        test::locationOf("Table", params);
    }
    const double again = double(clock.nsecsElapsed()) / 1e5;
    qInfo("%lld MB: %lld ms to look at, %.0f µs to ask again", qlonglong(bytes.size() / 1000000),
          first, again);
    QVERIFY(again < 1000);
    const auto data = openDataset("Table", params, Split::Train);
    QVERIFY((*data)->bytesInMemory() < 3 * bytes.size());
}

QTEST_GUILESS_MAIN(TablesTest)
#include "tables_test.moc"
