#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/data/transforms/affine.h"
#include "tests/support/python.h"

using namespace loom;

/// Hundreds of pictures turned, sheared and warped by Pillow and here: no pixel may differ.
class AffineTest : public QObject {
    Q_OBJECT

private slots:
    void everyPixelAgrees_data();
    void everyPixelAgrees();
};

namespace {

/// Writes for every case: sides, pixels, interpolation, fill, what `numbers` and `made` say.
const QString kScript = R"(
import os, random, struct, sys
import numpy
from PIL import Image
from torchvision.transforms import functional as F
methods = [Image.NEAREST, Image.BILINEAR, Image.BICUBIC]
modes = [F.InterpolationMode.NEAREST, F.InterpolationMode.BILINEAR, F.InterpolationMode.BICUBIC]
random.seed(4); rng = numpy.random.default_rng(4)
U = random.uniform
out = open(sys.argv[2], 'wb')
def write(image):
    a = numpy.asarray(image); out.write(struct.pack('<iii', image.width, image.height, len(image.getbands()))); out.write(a.tobytes())
def tried(make, size):
    """What `make` gives in a process of its own; a picture of -1 columns if that is killed."""
    read, wrote = os.pipe(); child = os.fork()
    if child == 0:
        os.close(read)
        # Without the library's handler, which would write a backtrace.
        import signal
        for one in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT): signal.signal(one, signal.SIG_DFL)
        with os.fdopen(wrote, 'wb') as pipe: pipe.write(numpy.asarray(make()).tobytes())
        os._exit(0)
    os.close(wrote)
    with os.fdopen(read, 'rb') as pipe: pixels = pipe.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status): out.write(struct.pack('<iii', -1, 0, 0)); return
    assert status == 0
    out.write(struct.pack('<iii', *size)); out.write(pixels)
def numbers(*values): out.write(struct.pack('<i%dd' % len(values), len(values), *values))
for i in range(360):
    c = random.choice([1, 3]); h, w = [int(2 ** U(0, 7)) for _ in range(2)]
    picture = rng.integers(0, 256, (h, w, c)).astype(numpy.uint8)
    image = Image.fromarray(picture[:, :, 0], 'L') if c == 1 else Image.fromarray(picture, 'RGB')
    fill = [random.choice([0, 7, 255, 300, -4]) for _ in range(c)]
    m = i % 3
    write(image); numbers(m, *fill)
    def opts(): return tuple(fill) if c == 3 else fill[0]
    what = sys.argv[1]
    if what == 'rotate':
        angle = random.choice([0, 90, 180, 270, -90, 450, 30, U(-400, 400), U(-400, 400), U(-1, 1)])
        expand = random.random() < 0.5
        centre = random.choice([None, None, (0, 0), (U(-3, w), U(0, h + 3)), (w // 2, h // 2)])
        numbers(angle, expand, *(centre or ()))
        write(F.rotate(image, angle, modes[m], expand, centre, fill))
    elif what == 'affine':
        move = [random.choice([0.0, U(-180, 180), 90.0]), [int(U(-9, 9)), int(U(-9, 9))], random.choice([1.0, U(0.05, 4), 0.5]), [random.choice([0.0, U(-60, 60)]), random.choice([0.0, U(-60, 60)])]]
        if random.random() < 0.3: move[0] = 0.0; move[3] = [0.0, 0.0]
        centre = random.choice([None, [0, 0], [U(0, w), U(0, h)]])
        numbers(move[0], *move[1], move[2], *move[3], *(centre or ()))
        write(F.affine(image, *move, interpolation=modes[m], fill=fill, center=centre))
    elif what == 'matrix':
        nw, nh = [int(2 ** U(0, 7)) for _ in range(2)]
        matrix = [U(-3, 3), U(-3, 3), U(-50, 50), U(-3, 3), U(-3, 3), U(-50, 50)]
        if random.random() < 0.2: matrix[1] = matrix[3] = 0
        if random.random() < 0.1: matrix[2] = 40000
        numbers(nw, nh, *matrix)
        write(image.transform((nw, nh), Image.AFFINE, matrix, methods[m], fillcolor=opts()))
    else:
        matrix = [U(0.3, 2), U(-0.5, 0.5), U(-9, 9), U(-0.5, 0.5), U(0.3, 2), U(-9, 9), U(-0.02, 0.02), U(-0.02, 0.02)]
        if random.random() < 0.1: matrix[random.randrange(8)] = float('nan')
        numbers(*matrix)
        tried(lambda: image.transform(image.size, Image.PERSPECTIVE, matrix, methods[m], fillcolor=opts()), (w, h, c))
)";

class Reader {
public:
    explicit Reader(QByteArray data) : m_data(std::move(data)) {}
    bool atEnd() const { return m_at == m_data.size(); }
    void take(void* to, std::size_t count) {
        if (m_at + qsizetype(count) > m_data.size()) qFatal("the results of Python end too early");
        std::memcpy(to, m_data.constData() + m_at, count);
        m_at += qsizetype(count);
    }
    Picture picture() {
        Picture read;
        take(&read.width, 4);
        take(&read.height, 4);
        take(&read.channels, 4);
        if (read.width < 0) return read;
        read.pixels.resize(std::size_t(read.width) * std::size_t(read.height) *
                           std::size_t(read.channels));
        take(read.pixels.data(), read.pixels.size());
        return read;
    }
    std::vector<double> numbers() {
        qint32 count = 0;
        take(&count, 4);
        std::vector<double> read(static_cast<std::size_t>(count));
        take(read.data(), read.size() * sizeof(double));
        return read;
    }

private:
    QByteArray m_data;
    qsizetype m_at = 0;
};

using Numbers = std::vector<double>;
using Make = Picture (*)(const Picture&, const Numbers&, Interpolation, const FillColour&);

std::optional<std::array<double, 2>> centreAt(const Numbers& n, std::size_t at) {
    if (n.size() <= at) return std::nullopt;
    return std::array<double, 2>{n[at], n[at + 1]};
}

Picture rotate(const Picture& in, const Numbers& n, Interpolation method, const FillColour& fill) {
    const auto centre = centreAt(n, 2);
    const Picture made = rotated(in, n[0], method, n[1] != 0, centre, fill);
    if (n[1] != 0) {
        const auto sides = expandedSides(in.width, in.height, n[0], centre);
        if (sides[0] != made.width || sides[1] != made.height) return {};
    }
    return made;
}

Picture affine(const Picture& in, const Numbers& n, Interpolation method, const FillColour& fill) {
    return movedAffine(in, {n[0], {n[1], n[2]}, n[3], {n[4], n[5]}}, method, fill, centreAt(n, 6));
}

Picture matrix(const Picture& in, const Numbers& n, Interpolation method, const FillColour& fill) {
    return warpedAffine(in, int(n[0]), int(n[1]), {n[2], n[3], n[4], n[5], n[6], n[7]}, method,
                        fill);
}

Picture perspective(const Picture& in, const Numbers& n, Interpolation method,
                    const FillColour& fill) {
    return warpedPerspective(in, {n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]}, method, fill);
}

}  // namespace

void AffineTest::everyPixelAgrees_data() {
    QTest::addColumn<Make>("make");
    QTest::newRow("rotate") << Make(rotate);
    QTest::newRow("affine") << Make(affine);
    QTest::newRow("matrix") << Make(matrix);
    QTest::newRow("perspective") << Make(perspective);
}

void AffineTest::everyPixelAgrees() {
    QFETCH(Make, make);
    QTemporaryDir folder;
    const QString path = folder.filePath("made.bin");
    const auto python = test::runPython(kScript, {QTest::currentDataTag(), path});
    QVERIFY2(python.exitCode == 0, python.err);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    Reader reader(file.readAll());
    int count = 0, crashed = 0;
    for (; !reader.atEnd(); ++count) {
        const Picture before = reader.picture();
        const Numbers style = reader.numbers();
        const Numbers numbers = reader.numbers();
        const Picture wanted = reader.picture();
        const Picture found = make(before, numbers, Interpolation(int(style[0])),
                                   FillColour(style.begin() + 1, style.end()));
        QString where = QString("case %1, %2 × %3 × %4, interpolation %5:")
                            .arg(count)
                            .arg(before.width)
                            .arg(before.height)
                            .arg(before.channels)
                            .arg(style[0]);
        for (const double number : numbers) where += QString(" %1").arg(number, 0, 'g', 17);
        if (wanted.width < 0) {
            // Pillow 11 reads beyond its picture where a number of the matrix is none.
            QVERIFY2(std::any_of(numbers.begin(), numbers.end(),
                                 [](double number) { return std::isnan(number); }),
                     qPrintable("Pillow crashes at " + where));
            qInfo("Pillow crashes at %s", qPrintable(where));
            ++crashed;
            continue;
        }
        QVERIFY2(found.width == wanted.width && found.height == wanted.height, qPrintable(where));
        QVERIFY2(found.pixels == wanted.pixels, qPrintable(where));
    }
    QCOMPARE(count, 360);
    QVERIFY2(crashed < 40, "Pillow crashes too often to be compared with");
}

QTEST_GUILESS_MAIN(AffineTest)
#include "affine_test.moc"
