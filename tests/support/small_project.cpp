#include "tests/support/small_project.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <random>

namespace loom::test {

namespace {

constexpr int kSide = 28;

void writeFile(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

QByteArray bigEndian(const QList<quint32>& numbers) {
    QByteArray bytes;
    for (const quint32 number : numbers)
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    return bytes;
}

void writeSplit(const QString& folder, const QString& prefix, int count, unsigned seed) {
    std::mt19937 random(seed);
    QByteArray pictures = bigEndian({0x803, static_cast<quint32>(count), kSide, kSide});
    QByteArray labels = bigEndian({0x801, static_cast<quint32>(count)});
    for (int i = 0; i < count; ++i) {
        const int label = i % 10;
        labels += static_cast<char>(label);
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x) {
                const bool bar = y / 2 == label + 1;
                pictures += static_cast<char>(bar ? 200 + random() % 50 : random() % 60);
            }
    }
    writeFile(folder + "/" + prefix + "-images-idx3-ubyte", pictures);
    writeFile(folder + "/" + prefix + "-labels-idx1-ubyte", labels);
}

QJsonObject node(const QString& id, const QString& kind, const QJsonObject& params = {}) {
    return {{"id", id}, {"kind", kind}, {"params", params}, {"position", QJsonArray{0, 0}}};
}

QJsonValue withValue(const QJsonValue& old, QStringList path, const QJsonValue& value) {
    if (path.isEmpty()) return value;
    const QString key = path.takeFirst();
    if (old.isArray()) {
        QJsonArray list = old.toArray();
        list[key.toInt()] = withValue(list[key.toInt()], path, value);
        return list;
    }
    QJsonObject object = old.toObject();
    object[key] = withValue(object[key], path, value);
    return object;
}

}  // namespace

void writeSmallFashionMnist(const QString& root, int trainSamples, int testSamples) {
    const QString folder = root + "/FashionMNIST/raw";
    QDir().mkpath(folder);
    writeSplit(folder, "train", trainSamples, 1);
    writeSplit(folder, "t10k", testSamples, 2);
}

QJsonObject smallProject(const QString& root) {
    const QStringList order{"input", "conv", "relu", "pool", "flatten", "fc", "output"};
    QJsonArray edges;
    for (int i = 1; i < order.size(); ++i)
        edges.append(QJsonObject{{"from", order[i - 1]}, {"to", order[i]}});
    const QJsonObject network{
        {"nodes",
         QJsonArray{node("input", "Input"),
                    node("conv", "Conv2d", {{"out_channels", 4}, {"kernel_size", 3}}),
                    node("relu", "ReLU"), node("pool", "MaxPool2d", {{"kernel_size", 2}}),
                    node("flatten", "Flatten"), node("fc", "Linear", {{"out_features", 10}}),
                    node("output", "Output")}},
        {"edges", edges}};
    const QJsonArray transforms{QJsonObject{{"kind", "ToTensor"}, {"params", QJsonObject{}}}};
    const QJsonObject data{
        {"dataset", QJsonObject{{"kind", "FashionMNIST"}, {"params", QJsonObject{{"root", root}}}}},
        {"train_transforms", transforms},
        {"test_transforms", transforms}};
    const QJsonObject training{
        {"loss", QJsonObject{{"kind", "CrossEntropyLoss"}, {"params", QJsonObject{}}}},
        {"optimizer",
         QJsonObject{{"kind", "SGD"}, {"params", QJsonObject{{"lr", 0.05}, {"momentum", 0.9}}}}},
        {"scheduler", QJsonValue()},
        {"batch_size", 16},
        {"shuffle", true},
        {"drop_last", false},
        {"num_workers", 1},
        {"epochs", 2},
        {"seed", 3},
        {"device", "cpu"},
        {"threads", 1}};
    return {{"format", "torchloom-project"},
            {"version", 1},
            {"name", "small"},
            {"notes", ""},
            {"network", network},
            {"data", data},
            {"training", training}};
}

QJsonObject withField(QJsonObject project, const QString& path, const QJsonValue& value) {
    return withValue(project, path.split('.'), value).toObject();
}

QString writeProject(const QString& path, const QJsonObject& project) {
    writeFile(path, QJsonDocument(project).toJson());
    return path;
}

}  // namespace loom::test
