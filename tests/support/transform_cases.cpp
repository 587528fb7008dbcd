#include "tests/support/transform_cases.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QVersionNumber>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <thread>

#include "core/base/json.h"
#include "tests/support/python.h"

namespace loom::test {
namespace {

/// Splits at a character outside of brackets and quotes.
QStringList splitOutside(const QString& text, QChar at) {
    QStringList parts = {QString()};
    int depth = 0;
    bool quoted = false;
    for (const QChar one : text) {
        if (one == u'"') quoted = !quoted;
        if (!quoted && QStringLiteral("([{").contains(one)) ++depth;
        if (!quoted && QStringLiteral(")]}").contains(one)) --depth;
        if (one == at && depth == 0 && !quoted)
            parts.append(QString());
        else
            parts.last().append(one);
    }
    return parts;
}

std::vector<TransformChoice> pipelineOf(const QString& text);

Value valueOf(const QString& text) {
    if (text.startsWith(u'(')) return nestedValue(pipelineOf(text.mid(1, text.size() - 2)));
    const auto value = parseJson(text.toStdString());
    return value ? *value : Value(text.toStdString());
}

std::vector<TransformChoice> pipelineOf(const QString& text) {
    std::vector<TransformChoice> choices;
    if (text.trimmed().isEmpty()) return choices;
    for (const QString& step : splitOutside(text, u'>')) {
        QStringList words = splitOutside(step.simplified(), u' ');
        TransformChoice choice{words.takeFirst().toStdString(), {}};
        for (const QString& word : words) {
            const qsizetype equals = word.indexOf(u'=');
            if (equals < 0) qFatal("no = in %s", qPrintable(word));
            choice.params.set(word.left(equals).toStdString(), valueOf(word.mid(equals + 1)));
        }
        choices.push_back(std::move(choice));
    }
    return choices;
}

void note(TransformCase& c, const std::vector<TransformChoice>& choices) {
    for (const TransformChoice& choice : choices) {
        const TransformKind* kind = transforms().find(choice.kind);
        c.random |= kind && kind->random;
        if (const Value* nested = choice.params.find("transforms")) {
            c.nested = true;
            note(c, nestedChoices(*nested));
        }
    }
}

/// Waves, edges and noise, as photographs have them.
Picture paintedPicture(int height, int width, int channels) {
    Picture made{width, height, channels, {}};
    TorchRandom random(static_cast<std::uint64_t>(height * 1000 + width));
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < channels; ++c) {
                double value = 120 + 80 * std::sin(x / (7.0 + 3 * c)) * std::cos(y / (5.0 + c));
                if ((x * 3 + y * 2) % 90 > 60) value += 70 - 30 * c;
                value += 50 * random.uniform() - 25;
                made.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)));
            }
    return made;
}

std::vector<Picture> paintedPictures() {
    std::vector<Picture> made;
    for (const auto& [h, w, c] : {std::array{28, 28, 1},
                                  {32, 32, 3},
                                  {61, 47, 3},
                                  {47, 61, 1},
                                  {3, 5, 3},
                                  {1, 1, 1},
                                  {9, 1, 3},
                                  {1, 12, 1},
                                  {96, 128, 3},
                                  {90, 90, 1},
                                  {240, 331, 3}})
        made.push_back(paintedPicture(h, w, c));
    // A flat one, where contrasts and deviations are 0.
    made.push_back({20, 16, 3, std::vector<std::uint8_t>(20 * 16 * 3, 77)});
    return made;
}

/// More seeds where the pictures are small.
std::vector<std::uint64_t> seedsOf(const TransformCase& c, const Picture& picture,
                                   std::size_t number) {
    const std::size_t count = !c.random ? 1 : picture.pixels.size() > 10'000 ? 2 : 12;
    std::vector<std::uint64_t> seeds;
    for (std::size_t i = 0; i < count; ++i) seeds.push_back(sampleSeed(5, i, number));
    return seeds;
}

void writeFile(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("%s: %s", qPrintable(path), qPrintable(file.errorString()));
}

QByteArray readFile(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray pictureBytes(const std::vector<Picture>& pictures) {
    QByteArray bytes;
    for (const Picture& one : pictures) {
        for (const qint32 side : {one.width, one.height, one.channels})
            bytes.append(reinterpret_cast<const char*>(&side), 4);
        bytes.append(reinterpret_cast<const char*>(one.pixels.data()),
                     qsizetype(one.pixels.size()));
    }
    return bytes;
}

Value caseValue(const TransformCase& c, const List& runs) {
    return Dict{{"text", Value(c.text.toStdString())},
                {"choices", nestedValue(c.choices)},
                {"refused", Value(c.refused)},
                {"since", Value(!c.since.isEmpty())},
                {"runs", Value(runs)}};
}

Value seedList(const std::vector<std::uint64_t>& seeds) {
    List list;
    for (const std::uint64_t seed : seeds) list.push_back(Value(static_cast<std::int64_t>(seed)));
    return list;
}

QByteArray valuesOf(const SampleInput& input) {
    if (const auto* picture = std::get_if<Picture>(&input))
        return {reinterpret_cast<const char*>(picture->pixels.data()),
                qsizetype(picture->pixels.size())};
    const auto& values = std::get<TensorSample>(input).values;
    return {reinterpret_cast<const char*>(values.data()), qsizetype(values.size() * sizeof(float))};
}

}  // namespace

std::vector<TransformCase> transformCases() {
    std::vector<TransformCase> all;
    const QDir folder(sourcePath(QStringLiteral("tests/core/transform_cases")));
    for (const QString& name : folder.entryList({QStringLiteral("*.txt")}, QDir::Files)) {
        int number = 0;
        for (const QByteArray& raw : readFile(folder.filePath(name)).split('\n')) {
            ++number;
            QString line = QString::fromUtf8(raw).trimmed();
            if (line.isEmpty() || line.startsWith(u'#')) continue;
            TransformCase c;
            c.text = QStringLiteral("%1:%2: %3").arg(name).arg(number).arg(line);
            static const QRegularExpression since(QStringLiteral("^since (\\w+) ([\\d.]+): (.*)$"));
            if (const auto found = since.match(line); found.hasMatch()) {
                c.package = found.captured(1).toLatin1();
                c.since = found.captured(2).toLatin1();
                line = found.captured(3);
            }
            c.refused = line.startsWith(u'!');
            c.choices = pipelineOf(c.refused ? line.mid(1) : line);
            note(c, c.choices);
            all.push_back(std::move(c));
        }
    }
    return all;
}

bool TransformPeer::isTooOldFor(const TransformCase& c) const {
    if (c.since.isEmpty()) return false;
    if (!versions.contains(c.package)) qFatal("no package %s", c.package.constData());
    return QVersionNumber::fromString(QString::fromLatin1(versions[c.package])) <
           QVersionNumber::fromString(QString::fromLatin1(c.since));
}

TransformPeer transformPeer(const std::vector<TransformCase>& cases) {
    TransformPeer peer;
    peer.pictures = paintedPictures();
    QTemporaryDir folder;
    const QString pictures = folder.filePath(QStringLiteral("pictures.bin"));
    writeFile(pictures, pictureBytes(peer.pictures));
    std::array<List, 2> halves;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        List runs;
        for (std::size_t p = 0; p < peer.pictures.size() && !cases[i].refused; ++p) {
            const auto seeds = seedsOf(cases[i], peer.pictures[p], p);
            runs.push_back(List{Value(static_cast<std::int64_t>(p)), seedList(seeds)});
            for (const std::uint64_t seed : seeds) peer.outcomes.push_back({i, p, seed, {}});
        }
        halves[i < cases.size() / 2 ? 0 : 1].push_back(caseValue(cases[i], runs));
    }
    const QString script =
        QString::fromUtf8(readFile(sourcePath(QStringLiteral("tests/support/transform_peer.py"))));
    std::array<ProcessResult, 2> ended;
    {
        std::vector<std::jthread> both;
        for (std::size_t half = 0; half < 2; ++half) {
            const QString list = folder.filePath(QStringLiteral("cases%1.json").arg(half));
            writeFile(list, QByteArray::fromStdString(printJsonLine(halves[half])));
            const QString out = folder.filePath(QStringLiteral("out%1.txt").arg(half));
            both.emplace_back([&, half, list, out] {
                ended[half] = runPython(script, {list, pictures, out});
            });
        }
    }
    std::size_t next = 0;
    for (std::size_t half = 0; half < 2; ++half) {
        if (ended[half].exitCode != 0) peer.problem = ended[half].err;
        for (const QByteArray& line :
             readFile(folder.filePath(QStringLiteral("out%1.txt").arg(half))).split('\n')) {
            const QByteArrayList words = line.split(' ');
            if (line.startsWith('V'))
                peer.versions.insert(words[1], words[2]);
            else if (line.startsWith('R'))
                peer.refusals.push_back(line.mid(2));
            else if (!line.isEmpty() && next < peer.outcomes.size())
                peer.outcomes[next++].text = line;
        }
    }
    if (peer.problem.isEmpty() && next != peer.outcomes.size())
        peer.problem = "Python told of fewer outcomes than there are";
    return peer;
}

QByteArray describe(const Result<SampleInput>& made, TorchRandom& random) {
    if (!made) return "E";
    QString text;
    if (const auto* picture = std::get_if<Picture>(&*made)) {
        text = QStringLiteral("P %1 %2 %3").arg(picture->height).arg(picture->width);
        text = text.arg(picture->channels);
    } else {
        const auto& tensor = std::get<TensorSample>(*made);
        text = QStringLiteral("T %1").arg(tensor.views);
        for (const std::int64_t side : tensor.dims) text += QStringLiteral(" %1").arg(side);
    }
    const QByteArray hash =
        QCryptographicHash::hash(valuesOf(*made), QCryptographicHash::Md5).toHex();
    const auto torch = std::bit_cast<std::uint32_t>(random.uniform());
    const auto python = std::bit_cast<std::uint64_t>(random.pythonRandom());
    return text.toLatin1() + ' ' + hash + ' ' +
           QByteArray::number(torch, 16).rightJustified(8, '0') + ' ' +
           QByteArray::number(quint64(python), 16).rightJustified(16, '0');
}

QByteArray difference(const TransformCase& c, const Picture& picture, std::uint64_t seed,
                      const Result<SampleInput>& made) {
    if (!made) return QByteArray::fromStdString(made.error().message);
    QTemporaryDir folder;
    const auto file = [&](const char* name) { return folder.filePath(QLatin1String(name)); };
    writeFile(file("pictures.bin"), pictureBytes({picture}));
    const List runs = {List{Value(0), seedList({seed})}};
    writeFile(file("cases.json"),
              QByteArray::fromStdString(printJsonLine(List{caseValue(c, runs)})));
    const QString script =
        QString::fromUtf8(readFile(sourcePath(QStringLiteral("tests/support/transform_peer.py"))));
    runPython(script,
              {file("cases.json"), file("pictures.bin"), file("out.txt"), file("dump.bin")});
    const QByteArray wanted = readFile(file("dump.bin")), found = valuesOf(*made);
    if (wanted.size() != found.size())
        return QByteArray::number(found.size()) + " bytes instead of " +
               QByteArray::number(wanted.size());
    const bool bytes = std::holds_alternative<Picture>(*made);
    const std::size_t size = bytes ? 1 : 4;
    int count = 0;
    double most = 0;
    std::size_t first = 0;
    for (std::size_t at = 0; at < static_cast<std::size_t>(found.size()); at += size) {
        const auto number = [&](const QByteArray& of) {
            float value = 0;
            if (bytes) return double(std::uint8_t(of[qsizetype(at)]));
            std::memcpy(&value, of.constData() + at, 4);
            return double(value);
        };
        const double apart = std::fabs(number(found) - number(wanted));
        if (std::memcmp(found.constData() + at, wanted.constData() + at, size) == 0) continue;
        if (count++ == 0) first = at / size;
        most = std::max(most, apart);
    }
    return QByteArray::number(count) + " of " + QByteArray::number(found.size() / qsizetype(size)) +
           " values differ, by at most " + QByteArray::number(most) + ", first at " +
           QByteArray::number(qulonglong(first));
}

}  // namespace loom::test
