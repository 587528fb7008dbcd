#include "core/backend/loss_parts.h"

namespace loom {

// Of torch.nn's losses, those that take (output, target). CTCLoss, GaussianNLLLoss,
// CosineEmbeddingLoss, MarginRankingLoss and the triplet losses take further inputs.
const Catalogue<LossKind>& losses() {
    static const Catalogue<LossKind> catalogue([] {
        std::vector<LossKind> all = classificationLosses();
        for (auto* part : {&yesNoLosses, &regressionLosses})
            for (LossKind& kind : (*part)()) all.push_back(std::move(kind));
        return all;
    }());
    return catalogue;
}

}  // namespace loom
