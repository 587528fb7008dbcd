#pragma once

#include <QString>
#include <vector>

#include "core/catalogue/layer_kind.h"

namespace loom {

/// How well `typed` stands for `word`; 0 when its letters do not occur in order. Letters that
/// follow each other or begin a part of the word count more: "cnv" finds Conv2d, "bn" BatchNorm2d.
int fuzzyScore(const QString& typed, const QString& word);

/// Layers that `typed` may mean, the likeliest first; all in the palette's order when it is empty.
std::vector<const LayerKind*> findLayers(const QString& typed);

}  // namespace loom
