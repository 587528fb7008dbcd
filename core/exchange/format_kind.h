#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/catalogue.h"
#include "core/base/result.h"
#include "core/exchange/weights.h"
#include "core/project/project.h"

namespace loom {

/// A file format a trained network can be written to.
struct FormatKind {
    KindInfo info;          ///< id as on the command line: "state_dict"
    std::string extension;  ///< ".pth"
    std::function<Status(const Project&, const Weights&, const std::string& path)> write;
};

const Catalogue<FormatKind>& formats();

}  // namespace loom
