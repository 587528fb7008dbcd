#pragma once

#include <optional>
#include <string>

#include "core/data/pictures/picture.h"

namespace loom {

/// What lies around the object of a picture, as its rim tells.
enum class Ground { Dark, Light, Mixed };

/// Dark or light where nearly all of the rim is nearly black or nearly white.
Ground groundOf(const Picture& picture);
/// Whether it has no colours: grey, or RGB with equal channels.
bool isGreyToned(const Picture& picture);
/// White for black.
Picture inverted(const Picture& picture);

/// A picture file as it looks on white paper; nullopt where it has no transparent part, or cannot
/// be read so.
std::optional<Picture> readOnWhite(const std::string& path);
/// `readPicture`, but a drawing whose hidden colour is the same all over, as of black strokes on a
/// transparent ground, is put on white: Pillow would show nothing of it. `onWhite` says so.
Result<Picture> readVisible(const std::string& path, bool& onWhite);

}  // namespace loom
