#pragma once

#include <QImage>
#include <QString>
#include <QStringList>
#include <atomic>
#include <vector>

#include "core/base/choice.h"
#include "core/data/dataset.h"

namespace loom {

/// Samples of a test set to choose from, and how its samples are typed.
struct TrySamples {
    struct Item {
        QImage image;
        SampleInput input;
        QString className;
        QString cells;  ///< as it would be typed; empty of pictures
    };
    std::vector<Item> items;
    QStringList columns;      ///< what is typed for a row; empty of pictures
    bool ofTraining = false;  ///< there is no test set
    bool table = false;       ///< rows of a table; else points
    QString problem;
};

/// `count` of them, drawn by `roll`. On any thread.
TrySamples readTrySamples(const Choice& dataset, int count, unsigned roll,
                          const std::atomic<bool>& cancelled);

}  // namespace loom
