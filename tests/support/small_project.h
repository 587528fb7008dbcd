#pragma once

#include <QJsonObject>
#include <QString>

namespace loom::test {

/// Writes a Fashion-MNIST of few pictures below `root`, in torchvision's layout: noise with a
/// bright bar whose place tells the class, so that a network learns it in a few steps.
void writeSmallFashionMnist(const QString& root, int trainSamples, int testSamples);

/// A project as JSON: Input > Conv2d 4 > ReLU > MaxPool2d > Flatten > Linear > Output on the small
/// Fashion-MNIST below `root`; batch 16, 2 epochs, 1 thread.
QJsonObject smallProject(const QString& root);

/// Sets the field at a dotted path, list items by number.
QJsonObject withField(QJsonObject project, const QString& path, const QJsonValue& value);

/// Writes the project and gives its path back.
QString writeProject(const QString& path, const QJsonObject& project);

}  // namespace loom::test
