#pragma once

#include <string>
#include <vector>

#include "core/catalogue/layer_kind.h"

/// What the families' `infer` functions share: sentences and repairs.
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

/// Checks a count that may be given (`in_channels`) against what arrives; records it as inferred.
std::optional<Inference> agree(const LayerContext& context, const std::string& key,
                               std::int64_t arriving, const std::string& noun, Inference& inference,
                               int port = 0);

/// `5×5`, or `5×3` where the sides differ.
std::string sizeText(const std::vector<std::int64_t>& sides);

/// "same" stays a word; numbers become one per side.
bool isWord(const Settings& settings, const std::string& key);

}  // namespace loom::layers_detail
