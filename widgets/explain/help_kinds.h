#pragma once

#include <QString>
#include <utility>
#include <vector>

#include "core/catalogue/layer_kind.h"

namespace loom {

/// A kind of any catalogue, as the help pages see it.
struct HelpKind {
    QString catalogue;       ///< "layer", "loss", ...: first half of the page's key
    QString catalogueTitle;  ///< "Losses"
    const KindInfo* info = nullptr;
    const std::vector<ParamSpec>* params = nullptr;
    const LayerKind* layer = nullptr;  ///< null for kinds of other catalogues
    /// What only kinds of its catalogue have to say, with a label each.
    std::vector<std::pair<QString, QString>> facts;

    QString key() const;  ///< "layer/Conv2d"
};

/// Every kind of every catalogue: layers first, each catalogue in its own order.
const std::vector<HelpKind>& helpKinds();
/// Null when there is no such page.
const HelpKind* findHelp(const QString& key);
QString layerHelpKey(const QString& kindId);

/// Pages that `typed` may mean, the likeliest first; all in order when it is empty.
std::vector<const HelpKind*> searchHelp(const QString& typed);

}  // namespace loom
