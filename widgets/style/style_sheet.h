#pragma once

#include <QString>

#include "widgets/style/theme.h"

namespace loom {

/// The template `:/style/loom.qss` with `@name` replaced by the colours of `tokens`.
QString styleSheet(const Tokens& tokens, bool dark);

}  // namespace loom
