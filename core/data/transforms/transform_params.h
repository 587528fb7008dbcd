#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/data/transform.h"
#include "core/data/transforms/affine.h"
#include "core/data/transforms/pixels.h"

namespace loom {

// Arguments that several transforms share, and what they stand for.

/// `28`, `28×32`: a side, or height and width.
std::string sizeBadge(const Settings& settings, const std::string& key = "size");
/// "p 0.5".
std::string chanceBadge(const Settings& settings);

/// Height and width of the parameter `size`: a number or a list of one stands for a square.
struct WindowSize {
    std::int64_t height = 0;
    std::int64_t width = 0;
};
WindowSize windowSize(const Settings& settings);
/// "28 × 32".
std::string sizeText(const WindowSize& size);
/// Why `size` cannot be a height and width; empty when it can.
std::string windowSizeProblem(const Settings& settings);
ParamSpec windowSizeParam(const std::string& hint);

/// Height and width of a picture or a tensor C×H×W.
WindowSize sidesOf(const SampleInput& input);
std::int64_t channelsOf(const SampleInput& input);
/// The middle of that size, with a black border where the input is smaller.
SampleInput centerCropped(SampleInput input, const WindowSize& size);

/// How often a step is done: `p`.
ParamSpec chanceParam(double usual = 0.5, const std::string& hint = {});
/// Whether a step with chance p is done: torch compares its float32 draw with p as float32.
bool happens(double p, TorchRandom& random);

/// All that Resize knows, or with `turning` the three that turning and shearing know.
ParamSpec interpolationParam(const std::string& usual, bool turning);
/// A switch that torchvision has for tensors alone.
ParamSpec antialiasParam();
bool antialiasOf(const Settings& settings);
/// Why a tensor cannot be scaled by this `interpolation`.
std::optional<Error> tensorScaling(const std::string& name, const std::string& interpolation);

/// The colour beyond the edges.
struct Fill {
    FillColour colour = {0};
    bool perChannel = false;  ///< a list was given: one number per channel
};
ParamSpec fillParam(const std::string& hint);
Fill fillOf(const Settings& settings);
/// Why the fill does not suit that many channels (-1: not known yet).
std::optional<Error> fillProblem(const std::string& name, const Fill& fill, std::int64_t channels);

/// What releases changed of `fill`, and of mirrored padding.
VersionChange fillChange();
VersionChange mirrorChange();
/// Where torchvision's v2 computes otherwise under the same name.
VersionChange v2Change(const std::string& difference);

ParamSpec paddingParam(bool required);
ParamSpec paddingModeParam();
/// `padding`, `padding_mode` and `fill` together; nullopt for a list of a wrong length.
std::optional<Padding> paddingOf(const Settings& settings);
std::optional<Error> paddingLengthProblem(const std::string& name, const Settings& settings);
/// Why the padding cannot be put around what has these sides (-1: not known yet): PyTorch mirrors a
/// tensor only once.
std::optional<Error> paddingProblem(const std::string& name, const Padding& padding, bool isTensor,
                                    const WindowSize& sides);

/// `degrees` and `shear`: one number a stands for (−a, a), or the least and the most.
ParamSpec anglesParam(const std::string& key, const std::string& hint);
/// Two numbers, the least and the most; with `allowFour` two such pairs.
std::vector<double> angleRanges(const Settings& settings, const std::string& key);
std::optional<Error> anglesProblem(const std::string& name, const Settings& settings,
                                   const std::string& key, bool allowFour = false);
/// Of a list that must hold a least and a most.
std::optional<Error> rangeProblem(const std::string& name, const Settings& settings,
                                  const std::string& key);

/// `center` (x, y) to turn about.
ParamSpec centreParam();
std::optional<std::array<double, 2>> centreOf(const Settings& settings);

/// "12.4": a drawn number for the trace, with few digits.
std::string drawnText(double number, int digits = 1);
/// "x 3, y 7, 120 × 98".
std::string windowText(const PictureWindow& window);

}  // namespace loom
