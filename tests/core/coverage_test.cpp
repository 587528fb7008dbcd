#include <QTest>
#include <map>
#include <set>

#include "core/catalogue/layer_kind.h"
#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

/// Classes of PyTorch that are no kind here, by why.
const std::map<const char*, QStringList> kLeftOut = {
    {"containers: ids with dots and groups take their place",
     {"Module", "Container", "Sequential", "ModuleList", "ModuleDict", "ParameterList",
      "ParameterDict"}},
    {"tensors of a module: a learnable one is the kind Parameter, and one that is not learned "
     "would "
     "be a block that nothing changes",
     {"Buffer", "UninitializedBuffer", "UninitializedParameter"}},
    {"bases of others", {"RNNBase", "RNNCellBase", "Optimizer", "LRScheduler"}},
    {"lazy modules: sizes are found from the input for every layer",
     {"LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d", "LazyConv1d", "LazyConv2d",
      "LazyConv3d", "LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d",
      "LazyInstanceNorm1d", "LazyInstanceNorm2d", "LazyInstanceNorm3d", "LazyLinear"}},
    {"for several GPUs", {"DataParallel", "SyncBatchNorm"}},
    {"losses of more than (output, target)",
     {"AdaptiveLogSoftmaxWithLoss", "CTCLoss", "CosineEmbeddingLoss", "GaussianNLLLoss",
      "MarginRankingLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss"}},
    {"an old name of NLLLoss", {"NLLLoss2d"}},
    {"lists and functions of the user's own", {"Compose", "Lambda"}},
    {"values that parameters have", {"InterpolationMode", "AutoAugmentPolicy"}},
    {"ToImage takes their place", {"PILToTensor", "ToPureTensor"}},
    {"bases of other transforms", {"Transform"}},
    {"weights several pictures by numbers of a Dirichlet distribution", {"AugMix"}},
    {"needs an encoder whose bytes are those of torchvision's own", {"JPEG"}},
    {"of boxes, masks and videos, which samples with a class do not have",
     {"ClampBoundingBoxes", "ConvertBoundingBoxFormat", "SanitizeBoundingBoxes", "RandomIoUCrop",
      "UniformTemporalSubsample"}},
    {"videos", {"HMDB51", "Kinetics", "MovingMNIST", "UCF101"}},
    {"pairs of pictures for optical flow or stereo",
     {"FlyingChairs", "FlyingThings3D", "HD1K", "KittiFlow", "Sintel", "CarlaStereo", "CREStereo",
      "ETH3DStereo", "FallingThingsStereo", "InStereo2k", "Kitti2012Stereo", "Kitti2015Stereo",
      "Middlebury2014Stereo", "SceneFlowStereo", "SintelStereo", "PhotoTour", "LFWPairs"}},
    {"boxes, outlines or sentences as answers",
     {"Cityscapes", "CocoCaptions", "Flickr30k", "Flickr8k", "Kitti", "SBDataset", "SBU",
      "VOCDetection", "VOCSegmentation", "WIDERFace"}},
    {"bases of other data sets, or made up", {"VisionDataset", "DatasetFolder", "FakeData"}},
    {"another form of a set that is here", {"LSUNClass", "QMNIST", "USPS", "SEMEION"}},
    {"pictures with a class: once unpacked, ImageFolder or PictureList reads them",
     {"Caltech101",    "Caltech256", "CelebA",      "CLEVRClassification", "Country211",
      "DTD",           "EuroSAT",    "FER2013",     "FGVCAircraft",        "Flowers102",
      "Food101",       "GTSRB",      "INaturalist", "LFWPeople",           "Omniglot",
      "OxfordIIITPet", "PCAM",       "Places365",   "RenderedSST2",        "StanfordCars",
      "SUN397"}},
    {"for sparse gradients, which are not made", {"SparseAdam"}},
};

template <class K>
QStringList idsOf(const Catalogue<K>& catalogue) {
    QStringList ids;
    for (const K& kind : catalogue) ids << QString::fromStdString(kind.info.id);
    return ids;
}

}  // namespace

/// Every class of torch.nn, torch.optim and torch.optim.lr_scheduler is a kind, or is named above.
class CoverageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyClassOfPyTorch_data() {
        QTest::addColumn<QString>("list");
        QTest::addColumn<QStringList>("kinds");
        QTest::newRow("torch.nn")
            << "torch.nn, (torch.nn.Module, torch.Tensor, torch.nn.Parameter, "
               "getattr(torch.nn, 'Buffer', torch.nn.Parameter), "
               "torch.nn.UninitializedParameter, torch.nn.UninitializedBuffer)"
            << idsOf(layers()) + idsOf(losses());
        QTest::newRow("torch.optim") << "torch.optim, torch.optim.Optimizer" << idsOf(optimizers());
        QTest::newRow("torchvision.transforms")
            << "torchvision.transforms, object" << idsOf(transforms()) + idsOf(batchTransforms());
        QTest::newRow("torchvision.transforms.v2")
            << "torchvision.transforms.v2 if hasattr(torchvision.transforms, 'v2') else "
               "torchvision.transforms, object"
            << idsOf(transforms()) + idsOf(batchTransforms());
        QTest::newRow("torchvision.datasets")
            << "torchvision.datasets, object" << idsOf(datasets());
        QTest::newRow("torch.optim.lr_scheduler")
            << "torch.optim.lr_scheduler, (getattr(torch.optim.lr_scheduler, 'LRScheduler', "
               "torch.optim.lr_scheduler._LRScheduler), "
               "torch.optim.lr_scheduler.ReduceLROnPlateau)"
            << idsOf(schedulers());
    }
    void everyClassOfPyTorch() {
        QFETCH(QString, list);
        QFETCH(QStringList, kinds);
        const auto peer = test::runPython(
            "import inspect, sys, torch, torch.optim.lr_scheduler, torchvision\n"
            "try: import torchvision.transforms.v2\n"
            "except ImportError: pass\n"
            "place, base = eval(sys.argv[1])\n"
            "print(' '.join(n for n, c in vars(place).items() if inspect.isclass(c) and "
            "issubclass(c, base) and not n.startswith('_')))",
            {list});
        QVERIFY2(peer.exitCode == 0, peer.err.constData());
        std::set<QString> leftOut;
        for (const auto& [why, names] : kLeftOut)
            for (const QString& name : names) leftOut.insert(name);
        QStringList missing;
        int covered = 0, excused = 0;
        for (const QString& name : QString::fromUtf8(peer.out).split(' ', Qt::SkipEmptyParts)) {
            const QString id = name.trimmed();
            if (kinds.contains(id))
                ++covered;
            else if (leftOut.contains(id))
                ++excused;
            else
                missing << id;
        }
        qInfo("%s: %d classes are kinds, %d are left out on purpose, %d kinds in all",
              QTest::currentDataTag(), covered, excused, int(kinds.size()));
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join(", ")));
    }
};

QTEST_GUILESS_MAIN(CoverageTest)
#include "coverage_test.moc"
