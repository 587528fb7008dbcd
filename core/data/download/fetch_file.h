#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/data/download/download.h"

namespace loom {

struct FetchLimits {
    long connectSeconds = 20;
    long stallSeconds = 30;  ///< without a byte
    int attempts = 4;        ///< in a row on one address without getting further
};

/// How far one file is. `checking`: it has come and its checksum is computed.
struct FetchStep {
    std::int64_t bytes = 0;
    std::int64_t totalBytes = 0;  ///< 0: not known
    bool checking = false;
};

/// Fetches one file from the first of its addresses that gives it whole. What has come lies in
/// `<path>.part` and is continued there, by the next call too; `path` is made when the checksum is
/// right. `goOn` is asked about ten times a second; false ends it with an error and keeps the part.
///
/// Errors: name every address with what it answered, and what to do.
Status fetchFile(const RemoteFile& file, const std::string& path,
                 const std::function<bool(const FetchStep&)>& goOn, const FetchLimits& limits = {});

/// Fetches files to their places below `root`, of which there may be some already, and unpacks what
/// they hold. `kind` is their folder on TORCHLOOM_MIRROR.
Status fetchFiles(const std::string& kind, std::vector<RemoteFile> files, const std::string& root,
                  const std::function<bool(const DownloadProgress&)>& goOn);

}  // namespace loom
