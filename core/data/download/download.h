#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/params.h"
#include "core/base/result.h"

namespace loom {

/// How far a download is. Called a few times a second.
struct DownloadProgress {
    std::string file;    ///< the one in hand
    int fileNumber = 1;  ///< from 1
    int fileCount = 1;
    std::int64_t bytes = 0;       ///< of this file, what was there before included
    std::int64_t totalBytes = 0;  ///< 0: the server does not tell
    double bytesPerSecond = 0;
    enum class Doing { Fetching, Checking, Unpacking };
    Doing doing = Doing::Fetching;
};

/// Fetches a data set's files into torchvision's folders below `root` (empty: where the data set's
/// own `root` or the shared folder says), checks their md5, unpacks archives. Files that are there
/// and whole are not fetched again; a file that was cut off is continued where it ended. The
/// environment's TORCHLOOM_MIRROR, an address, is asked before the publishers' addresses, for
/// `<mirror>/<kind>/<name>`.
///
/// Threads: blocks; call it from a thread of its own. `goOn` is asked between pieces; false ends it
///          and keeps what has come, for the next time.
/// Errors:  name the address and what to do: no network, a server's refusal, a wrong checksum, a
/// full
///          disk.
Status fetchDataset(const std::string& kind, const Params& params, const std::string& root,
                    const std::function<bool(const DownloadProgress&)>& goOn);

}  // namespace loom
