#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/data/transforms/number_file.h"
#include "core/data/transforms/torch_math.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

/// The matrix row by row, and what is subtracted before.
struct Whitening {
    std::vector<float> matrix;
    std::vector<float> mean;
};

std::vector<float> floatsOf(const std::vector<double>& numbers) {
    return {numbers.begin(), numbers.end()};
}

/// Numbers of a parameter, or of the file that stands beside it.
Result<std::vector<float>> numbersOf(const Settings& settings, const std::string& key,
                                     const std::string& fileKey) {
    const std::string path = settings.text(fileKey);
    if (settings.isNone(key) == path.empty())
        return Error{"LinearTransformation needs either " + key + " or " + fileKey +
                         (path.empty() ? ", but has neither." : ", but has both."),
                     "A file is written in Python by numpy.save."};
    if (path.empty()) return floatsOf(settings.numbers(key));
    auto read = readNumberFile(path);
    if (!read) return read.error();
    return std::move(read->values);
}

Result<Whitening> whiteningOf(const Settings& settings) {
    auto matrix = numbersOf(settings, "transformation_matrix", "transformation_matrix_file");
    if (!matrix) return matrix.error();
    auto mean = numbersOf(settings, "mean_vector", "mean_vector_file");
    if (!mean) return mean.error();
    if (mean->empty() || mean->size() * mean->size() != matrix->size())
        return Error{"LinearTransformation's matrix has " + std::to_string(matrix->size()) +
                         " numbers for a mean of " + std::to_string(mean->size()) +
                         ", but it must have as many rows and columns as the mean is long, " +
                         std::to_string(mean->size()) + " × " + std::to_string(mean->size()) + ".",
                     "Give both for the same pictures: C × H × W numbers in the mean."};
    return Whitening{std::move(*matrix), std::move(*mean)};
}

Error sizeProblem(const std::vector<std::int64_t>& dims, std::size_t wanted) {
    return {"LinearTransformation's mean has " + std::to_string(wanted) +
                " numbers, but a tensor of " + Shape{dims}.toSentence() + " arrives here.",
            "Every picture must have the size for which the matrix was computed; put a Resize "
            "before ToTensor."};
}

class LinearTransformation : public Transform {
public:
    explicit LinearTransformation(Result<Whitening> whitening)
        : m_whitening(std::move(whitening)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        if (!m_whitening) return m_whitening.error();
        auto& tensor = std::get<TensorSample>(input);
        const std::vector<float>& mean = m_whitening->mean;
        if (tensor.values.size() != mean.size()) return sizeProblem(tensor.dims, mean.size());
        for (std::size_t i = 0; i < mean.size(); ++i) tensor.values[i] -= mean[i];
        tensor.values = torchProduct(tensor.values, m_whitening->matrix);
        return input;
    }

private:
    Result<Whitening> m_whitening;
};

Result<SampleSpec> infer(const Settings& settings, const SampleSpec& input) {
    const auto whitening = whiteningOf(settings);
    if (!whitening) return whitening.error();
    const bool known = std::all_of(input.dims.begin(), input.dims.end(),
                                   [](std::int64_t side) { return side >= 0; });
    const std::int64_t count =
        std::accumulate(input.dims.begin(), input.dims.end(), std::int64_t(1), std::multiplies<>());
    if (known && count != static_cast<std::int64_t>(whitening->mean.size()))
        return sizeProblem(input.dims, whitening->mean.size());
    return input;
}

}  // namespace

TransformKind linearTransformationKind() {
    TransformKind kind;
    kind.info = {
        .id = "LinearTransformation",
        .family = "tensor",
        .summary = "subtracts a mean and multiplies by a matrix",
        .details =
            "For whitening (ZCA): with X the training tensors as flat rows, zero in the "
            "middle, the covariance XᵀX / n is taken apart into U·diag(s)·Uᵀ, and the "
            "matrix is U·diag(1/√(s + ε))·Uᵀ. Neighbouring pixels then no longer tell the "
            "same. The matrix has (C·H·W)² numbers, so this is for small pictures; give it "
            "by a file that numpy.save has written.",
        .python = "torchvision.transforms.LinearTransformation",
        .keywords = {"whitening", "ZCA", "PCA", "matrix", "decorrelate"},
        .formula = "y = (x − mean_vector) · transformation_matrix, x as one row of C·H·W numbers"};
    kind.takesPicture = false;
    kind.takesTensor = true;
    const auto numbers = [](const std::string& key, const std::string& hint) {
        return ParamSpec{.key = key,
                         .type = ParamType::Floats,
                         .hint = hint,
                         .optional = true,
                         .arity = 0,
                         .noneText = "from the file"};
    };
    const auto file = [](const std::string& key, const std::string& hint) {
        return ParamSpec{.key = key, .type = ParamType::Path, .defaultValue = "", .hint = hint};
    };
    kind.params = {
        numbers("transformation_matrix", "The matrix, row by row, (C·H·W)² numbers."),
        numbers("mean_vector", "What to subtract, C·H·W numbers."),
        file("transformation_matrix_file",
             "A file with the matrix: *.npy as numpy.save writes it."),
        file("mean_vector_file", "A file with the mean: *.npy as numpy.save writes it.")};
    kind.infer = infer;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<LinearTransformation>(whiteningOf(settings));
    };
    kind.fidelity = "bit for bit with the same number of threads";
    return kind;
}

}  // namespace loom
