#pragma once

#include <map>
#include <string>

#include "core/graph/layout.h"
#include "core/graph/level.h"

namespace loom {

/// Room around the blocks of an open group, for its frame and title.
struct FrameRoom {
    double side = 20;
    double top = 40;
    double bottom = 20;
};

/// A collapsed group where its size is not known better.
inline constexpr BlockSize kGroupBox{180, 72};

/// layoutGraph for what a level shows, by key: collapsed groups are units, and so is what stands
/// inside of a frame. The smallest position is (0, 0).
std::map<std::string, Position> layoutLevel(const Graph& graph, const Level& level,
                                            const std::map<std::string, BlockSize>& sizes,
                                            const LayoutOptions& options = {});

/// Lays out the inside of collapsed groups whose blocks stand on top of each other: nobody has
/// placed them yet.
Graph layoutUnplaced(const Graph& graph, const std::map<std::string, BlockSize>& sizes,
                     const LayoutOptions& options = {});

/// Lays out the whole network and the inside of every collapsed group, for networks that a program
/// wrote. `sizes` by block id.
Graph layoutWithGroups(const Graph& graph, const std::map<std::string, BlockSize>& sizes,
                       const LayoutOptions& options = {});

}  // namespace loom
