#pragma once

namespace loom {

/// Lets screen readers see the blocks on the canvas: each is a list item named by its description,
/// with its place and whether it is selected. Call once; canvases made later are covered.
void installCanvasAccessibility();

}  // namespace loom
