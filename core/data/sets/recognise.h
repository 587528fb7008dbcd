#pragma once

#include <string>
#include <vector>

#include "core/base/choice.h"

namespace loom {

/// A data set that lies where someone pointed.
struct RecognisedDataset {
    Choice dataset;
    std::string message;  ///< what was found: "2 classes found in …"
    /// The test split shows the training samples, as the place has no others.
    bool testIsTrain = false;
};

/// What a file or folder holds that a data set of this program reads, the likeliest first: asks
/// every kind that has a `root`, with the path itself and the folders above it, so that
/// `MNIST/raw`, `pets/train` and `iris.csv` are found as well as their roots.
///
/// Threads: any; reads folders and the tables among the files.
std::vector<RecognisedDataset> recogniseDatasets(const std::string& path);

/// Whether the file begins as a picture does that `readPicture` reads.
bool beginsAsPicture(const std::string& path);

}  // namespace loom
