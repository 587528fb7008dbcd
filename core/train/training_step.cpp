#include "core/backend/training_step.h"

#include <cmath>

#include "core/backend/interrupt.h"
#include "core/backend/run_failures.h"
#include "core/base/shape.h"

namespace loom::backend {

at::Tensor TrainingStep::toDevice(const at::Tensor& input, at::Device device) const {
    if (!device.is_cuda()) return input;
    return m_pinMemory ? input.pin_memory().to(device, /*non_blocking=*/true) : input.to(device);
}

bool TrainingStep::gradientsAreFinite() const {
    const ParameterList parameters = m_network.parameters();
    for (const at::Tensor& parameter : parameters.tensors)
        if (parameter.grad().defined() && !parameter.grad().isfinite().all().item<bool>())
            return false;
    return true;
}

TrainingStep::Outcome TrainingStep::run(const Batch& batch, std::int64_t classes, at::Device device,
                                        std::int64_t step) {
    Outcome outcome;
    outcome.input = toDevice(inputTensor(batch), device);
    at::Tensor labels = labelTensor(batch).to(device);
    MixedBatch mixed;
    if (m_mixer.mixes()) {
        mixed = m_mixer.mix(outcome.input, labels, classes);
        outcome.input = mixed.input;
        outcome.mixing = mixed.note;
        labels = mixed.shares.argmax(1);
    }
    const bool byShares = mixed.shares.defined();
    BatchFigures& figures = outcome.figures;
    figures = countBatch(m_loss, batch, byShares || answersAreClasses(batch, m_data), byShares);
    // Nothing in the batch counts: the mean of its losses is 0 / 0, which is no divergence.
    const bool empty = figures.weight == 0 && !m_loss.sums;

    at::Tensor output;
    figures.loss = m_optimizer.step([&] {
        const at::Tensor now = forwardViews(m_network, outcome.input, batch.views);
        const Target target = byShares ? Target{m_loss.target(mixed.shares, now), true}
                                       : targetOf(batch, m_data, m_loss, outcome.input, now);
        const at::Tensor loss = m_loss.forward(now, target.tensor);
        const double number = loss.item<double>();
        const bool first = !output.defined();
        if (first) {
            output = now.detach();
            if (!std::isfinite(number) && !(empty && std::isnan(number))) {
                const Divergence found = explainDivergence(m_network, outcome.input, number, step,
                                                           m_optimizer.learningRate());
                throw DivergedStep{found.error, found.node};
            }
        }
        m_optimizer.zeroGrad();
        loss.backward();
        // From the first gradients on the optimizer changes weights, and a step is not left any
        // more.
        InterruptScope::endAsking();
        if (first && empty && !gradientsAreFinite())
            throw DivergedStep{
                {"All samples of the batch at step " + groupDigits(step) +
                     " are of classes whose weight is 0, so that their mean loss is 0 divided by 0 "
                     "and the gradients are not numbers, in PyTorch too.",
                 "Give these classes a weight above 0 or set ignore_index, or take larger "
                 "batches."},
                m_network.outputs().front()};
        return number;
    });
    if (figures.classes) {
        outcome.predicted = m_loss.classes(output);
        figures.correct = countCorrect(m_loss, figures, outcome.predicted, labels);
    }
    return outcome;
}

}  // namespace loom::backend
