#pragma once

#include <string>
#include <vector>

#include "core/base/params.h"
#include "core/data/dataset.h"
#include "core/data/sets/picture_index.h"

namespace loom {

/// Two folders, one per split, in which every class has a folder of pictures.
struct ClassFolders {
    std::string train;
    std::string test;
    const std::string& of(Split split) const { return split == Split::Train ? train : test; }
};

/// The folder of both splits: `root`, or the one around a `train` with its whole path; empty when
/// neither is set.
std::string classFoldersRoot(const Settings& settings);

/// Where the folders of the two splits lie below `root`: `train` or `test` of the parameters, or an
/// absolute path. Without a name for the test split, the first of the usual names that is there.
ClassFolders splitFolders(const Settings& settings);

/// `train` and `test`, the names of the splits' folders in `root`.
std::vector<ParamSpec> splitFolderParams();

/// Why the split's pictures are not there, for a kind of data set; empty when its folder is.
std::string missingFolder(const std::string& kind, const Settings& settings,
                          const ClassFolders& folders, Split split);

/// Whether pictures to test with are neither there nor asked for: nobody named their folder, and
/// none of the usual ones lies beside the training pictures.
bool lacksTestFolder(const Settings& settings, const ClassFolders& folders);

/// Labels are places in the sorted list of classes, so both splits must have the same ones.
Status sameClasses(const ClassFolders& folders, const std::vector<std::string>& train,
                   const std::vector<std::string>& test);

/// The classes of both splits, the same ones.
Result<std::vector<std::string>> commonClasses(const ClassFolders& folders);

/// Every picture of one split, classes in the order given; at least one of each, or with
/// `mayBeEmpty` of any.
Result<PictureIndex> indexClasses(const std::string& folder,
                                  const std::vector<std::string>& classes, bool mayBeEmpty = false);

}  // namespace loom
