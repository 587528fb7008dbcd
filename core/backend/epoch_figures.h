#pragma once

#include "core/backend/tally.h"

namespace loom::backend {

/// Brings what an epoch's passes came to into its event. `validation` may be null.
inline void putFigures(RunEvent& event, const Tally& train, const Tally* validation,
                       const Tally& test) {
    const auto put = [](const Tally& tally, double& loss, double& accuracy, double& sum,
                        double& perSample) {
        loss = tally.loss();
        accuracy = tally.accuracy();
        sum = tally.lossSum;
        perSample = tally.lossPerSample();
    };
    put(train, event.trainLoss, event.trainAccuracy, event.trainLossSum, event.trainLossPerSample);
    put(test, event.testLoss, event.testAccuracy, event.testLossSum, event.testLossPerSample);
    event.validated = validation != nullptr;
    if (validation)
        put(*validation, event.validationLoss, event.validationAccuracy, event.validationLossSum,
            event.validationLossPerSample);
}

}  // namespace loom::backend
