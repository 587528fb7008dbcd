#pragma once

#include <string>
#include <vector>

#include "core/catalogue/layer_kind.h"

/// What the families' `infer` functions share: sentences, repairs and the window formula.
namespace loom::layers_detail {

/// An Inference that says why the block cannot take what arrives. The message begins with the
/// block's id.
Inference refuse(const LayerContext& context, const std::string& message, const std::string& hint,
                 std::vector<Fix> fixes = {}, int inputPort = -1);
Diagnostic remark(const LayerContext& context, Severity severity, const std::string& message,
                  const std::string& hint, std::vector<Fix> fixes = {});

/// "a picture, 64 × 13 × 13", "a row of 784 numbers", "a single number", "49 rows of 64 numbers".
std::string describe(const Shape& shape);

Fix setParamFix(const NodeId& id, const std::string& label, const std::string& key,
                std::optional<Value> value);
/// Puts a new block before input `port` of the block.
Fix insertBeforeFix(const NodeId& id, const std::string& label, const std::string& kind,
                    Params params = {}, int port = 0);

/// Refuses what is not C×H×W, with the likely reason; nullopt when it is a picture.
std::optional<Inference> requirePicture(const LayerContext& context);

/// Checks a count that may be given (`in_channels`) against what arrives; records it as inferred.
std::optional<Inference> agree(const LayerContext& context, const std::string& key,
                               std::int64_t arriving, const std::string& noun, Inference& inference,
                               int port = 0);

/// Output sides for H and W; refuses when a window is larger than the padded picture.
struct Windows {
    std::vector<std::int64_t> sides;
    std::vector<FilledFormula> formulas;
    std::optional<Inference> problem;
};
Windows slide(const LayerContext& context, const Window& rows, const Window& columns,
              bool withDilation);

/// `5×5`, or `5×3` where the sides differ.
std::string sizeText(const std::vector<std::int64_t>& sides);

/// "same" stays a word; numbers become one per side.
bool isWord(const Settings& settings, const std::string& key);

}  // namespace loom::layers_detail
