#include "core/backend/failures.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "core/backend/compiled_network.h"
#include "core/base/sentence.h"

namespace loom::backend {
namespace {

bool says(const std::exception& failure, const char* part) {
    return std::string(failure.what()).find(part) != std::string::npos;
}

/// "8 × 1 × 28 × 28 and 8 × 10"
std::string arrivedText(const std::vector<std::vector<std::int64_t>>& arrived) {
    std::vector<std::string> sizes;
    for (const auto& one : arrived)
        sizes.push_back(one.empty() ? "a single number" : Shape{one}.toSentence());
    return joinWords(sizes);
}

}  // namespace

bool isOutOfMemory(const std::exception& failure) {
    return dynamic_cast<const std::bad_alloc*>(&failure) || says(failure, "out of memory") ||
           says(failure, "can't allocate memory") || says(failure, "CUBLAS_STATUS_ALLOC_FAILED");
}

bool isSingleValue(const std::exception& failure) {
    return says(failure, "more than 1 value per channel");
}

Error explainFailure(const std::exception& failure, const CompiledNetwork* network) {
    if (const auto* size = dynamic_cast<const SampleSizeError*>(&failure)) return size->error();
    if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&failure))
        return {file->path1().string() + " could not be used: " + file->code().message() + ".",
                "Look at the folder and at the space on the disk."};
    const NodeId block = network ? network->currentBlock() : NodeId();
    if (const auto* refusal = dynamic_cast<const Refusal*>(&failure))
        return {(block.empty() ? std::string("The network") : block) +
                    " could not compute this: " + refusal->what() + ".",
                refusal->hint().empty() ? "Give it numbers that it can take." : refusal->hint()};
    if (isOutOfMemory(failure))
        return {block.empty() ? std::string("There was not enough memory.")
                              : "There was not enough memory to compute " + block + ".",
                "Take fewer samples at a time, or a smaller network."};
    if (isSingleValue(failure))
        return {block +
                    " received a single number per channel, but normalisation takes the mean and "
                    "deviation of at least two.",
                "Give at least two samples, or let the block track running statistics."};
    if (block.empty())
        return {
            "What the network gave could not be used: the loss or its gradients could not be "
            "computed.",
            "Compare the size that the network gives with the answers in the data and with the "
            "loss."};
    const std::string arrived = arrivedText(network->arrived());
    return {block + " could not compute " +
                (arrived.empty() ? "its output." : "what arrived: " + arrived + "."),
            "Look at its parameters, and whether the input has the size that the network was drawn "
            "for."};
}

}  // namespace loom::backend
