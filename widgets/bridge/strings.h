#pragma once

#include <QString>
#include <string>

namespace loom {

/// Core speaks UTF-8 std::string, Qt QString.
inline QString q(const std::string& text) {
    return QString::fromStdString(text);
}

}  // namespace loom
