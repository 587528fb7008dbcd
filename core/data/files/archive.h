#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"

namespace loom {

/// Unpacks files out of an archive (.tar.gz, .zip, or a single .gz) to `root` and their path there,
/// in whatever folder of the archive they lie; a packed one (.gz) within a .zip is unpacked as
/// well. Nothing else of the archive is written. Each file is written beside its place and gets its
/// name when all are whole, so that half a set is never taken for one.
///
/// `goOn` is told how many bytes of the archive are done; false ends it with an error.
/// Errors:  name the archive: damaged, without a wanted file, larger unpacked than the data set can
///          be; members that are links or devices or would leave the folder are refused.
Status unpackArchive(const std::string& archive, const std::vector<PackedFile>& wanted,
                     const std::string& root, const std::function<bool(std::int64_t)>& goOn = {});

}  // namespace loom
