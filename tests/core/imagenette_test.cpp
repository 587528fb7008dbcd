#include <QTemporaryDir>
#include <QTest>

#include "tests/support/data_files.h"
#include "tests/support/python.h"

using namespace loom;

/// Imagenette's folders against torchvision's class, where this Python has it.
class ImagenetteTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySampleIsTorchvisions_data();
    void everySampleIsTorchvisions();
    void whatIsMissingIsNamed();
};

namespace {

/// Makes the folders; with a torchvision that has the class, prints the classes and then a line for
/// each sample of both splits.
const char* const kScript = R"(
import os, sys
import numpy, torchvision
from PIL import Image
root, size = sys.argv[1], sys.argv[2]
name = {'full': 'imagenette2', '320px': 'imagenette2-320', '160px': 'imagenette2-160'}[size]
numbers = ['n01440764', 'n02102040', 'n02979186', 'n03000684', 'n03028079', 'n03394916', 'n03417042', 'n03425413', 'n03445777', 'n03888257']
for split, count in (('train', 2), ('val', 1)):
    for k, number in enumerate(numbers):
        folder = f'{root}/{name}/{split}/{number}'
        os.makedirs(folder)
        for i in range(count): Image.new('RGB', (6 + k, 5), (k, 20 * i, 7)).save(f'{folder}/{number}_{i}.JPEG')
if hasattr(torchvision.datasets, 'Imagenette'):
    for split in ('train', 'val'):
        data = torchvision.datasets.Imagenette(root, split, size)
        print('|'.join(', '.join(words) for words in data.classes))
        for image, label in data: print(label, *image.size, *image.getpixel((0, 0)))
)";

}  // namespace

void ImagenetteTest::everySampleIsTorchvisions_data() {
    QTest::addColumn<QString>("size");
    for (const char* size : {"full", "320px", "160px"}) QTest::newRow(size) << QString(size);
}

void ImagenetteTest::everySampleIsTorchvisions() {
    QFETCH(QString, size);
    QTemporaryDir folder;
    const auto python = test::runPython(kScript, {folder.path(), size});
    QVERIFY2(python.exitCode == 0, python.err);
    QByteArray said;
    for (const Split split : {Split::Train, Split::Test}) {
        const auto data = openDataset(
            "Imagenette", {{"root", folder.path().toStdString()}, {"size", size.toStdString()}},
            split);
        QVERIFY2(data, data ? "" : data.error().message.c_str());
        QCOMPARE((*data)->size(), std::int64_t(split == Split::Train ? 20 : 10));
        QByteArrayList classes;
        for (const std::string& one : (*data)->classes()) classes << QByteArray::fromStdString(one);
        QCOMPARE(classes.size(), 10);
        said += classes.join('|') + '\n';
        for (std::int64_t i = 0; i < (*data)->size(); ++i) {
            const auto sample = (*data)->sample(i);
            QVERIFY2(sample, sample ? "" : sample.error().message.c_str());
            const Picture& picture = std::get<Picture>(sample->input);
            QByteArrayList words{QByteArray::number(qint64(sample->label)),
                                 QByteArray::number(picture.width),
                                 QByteArray::number(picture.height)};
            for (std::size_t c = 0; c < 3; ++c) words << QByteArray::number(picture.pixels[c]);
            said += words.join(' ') + '\n';
        }
    }
    if (!python.out.isEmpty()) QCOMPARE(said, python.out);
}

void ImagenetteTest::whatIsMissingIsNamed() {
    QTemporaryDir folder;
    const Params params = {{"root", folder.path().toStdString()}, {"size", "320px"}};
    const auto data = openDataset("Imagenette", params, Split::Train);
    QVERIFY(!data);
    QCOMPARE(test::sentenceOf(data), "Imagenette's pictures are not here: there is no folder " +
                                         folder.path() + "/imagenette2-320/train.");
    QVERIFY(data.error().hint.find("imagenette2-320.tgz (md5 3df6f0d01a2c9592104656642f5e78a3)") !=
            std::string::npos);
}

QTEST_GUILESS_MAIN(ImagenetteTest)
#include "imagenette_test.moc"
