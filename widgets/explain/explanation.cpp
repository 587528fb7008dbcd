#include "widgets/explain/explanation.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/graph/edit.h"
#include "core/train/network_use.h"
#include "widgets/bridge/strings.h"

namespace loom {

namespace {

constexpr int kCurvePoints = 261;
constexpr double kCurveReach = 6.5;
constexpr std::int64_t kMostBars = 12;
constexpr std::int64_t kMostUnits = 32;
constexpr std::int64_t kBatch = 16;  // samples whose numbers a histogram counts

QString tr(const char* text) {
    return QCoreApplication::translate("Explanation", text);
}

/// Input > block > Output, for a kind that is on no canvas.
Project alone(const Project& project, const Node& node, const std::vector<std::int64_t>& shape) {
    Project part = project;
    Node input{.id = "input", .kind = "Input"};
    if (!shape.empty()) {
        List sides;
        for (const std::int64_t side : shape) sides.emplace_back(side);
        input.params.set("shape", sides);
    }
    Node block = node;
    block.id = "block";
    block.sharesWith.clear();
    part.network = Graph{{input, block, Node{.id = "output", .kind = "Output"}},
                         {{{"input", 0}, {"block", 0}}, {{"block", 0}, {"output", 0}}}};
    return part;
}

bool computable(const Project& project, const NodeId& block) {
    const BlockReport* report = checkProject(project).shapes.find(block);
    return report && report->known;
}

/// The block on its own where it stands on no canvas: on the data if it takes them, else on noise
/// of the first size that it takes.
Project exampleOf(const Project& project, const std::string& kind) {
    const LayerKind* layer = layers().find(kind);
    const Node node{.id = "block", .kind = kind, .params = startingParams(layer->params)};
    std::vector<std::vector<std::int64_t>> shapes{{},          {10},      {1, 24},       {4, 24},
                                                  {3, 16, 16}, {4, 8, 8}, {2, 6, 10, 10}};
    // Activations are understood on a few numbers.
    if (layer->info.family == "activation") std::swap(shapes[0], shapes[1]);
    for (const auto& shape : shapes) {
        Project part = alone(project, node, shape);
        if (computable(part, "block")) return part;
    }
    return alone(project, node, {});
}

PlainTensor plainRow(const std::vector<float>& values) {
    PlainTensor tensor;
    tensor.dims = {1, static_cast<std::int64_t>(values.size())};
    tensor.bytes.resize(values.size() * sizeof(float));
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    return tensor;
}

/// The layer on a row of numbers; empty when it does not take one.
std::vector<float> onRow(const Project& part, const Weights& weights,
                         const std::vector<float>& row) {
    const auto made = forward(part, weights, {{"", plainRow(row)}}, false);
    if (!made || made->empty()) return {};
    return firstSample(made->front().tensor);
}

/// The curve of a function that treats every number alike; false when it does not.
bool takeCurve(const Project& project, const Node& node, Explanation& result) {
    const Project part = alone(project, node, {kCurvePoints});
    if (!computable(part, "block")) return false;
    const auto weights = initialWeights(part, project.training.seed);
    if (!weights) return false;
    std::vector<float> row;
    for (int i = 0; i < kCurvePoints; ++i)
        row.push_back(static_cast<float>(-kCurveReach + 2 * kCurveReach * i / (kCurvePoints - 1)));
    const std::vector<float> made = onRow(part, *weights, row);
    if (made.size() != row.size()) return false;
    // Other neighbours must not change a number.
    std::vector<float> other = row;
    std::fill(other.begin() + kCurvePoints / 2, other.end(), 0.25f);
    const std::vector<float> again = onRow(part, *weights, other);
    if (!std::equal(again.begin(), again.begin() + kCurvePoints / 2, made.begin())) return false;
    PlainTensor ones = plainRow(std::vector<float>(row.size(), 1));
    const auto slopes = gradients(part, *weights, {{"", plainRow(row)}}, {{"output", ones}}, false);
    result.x.assign(row.begin(), row.end());
    result.y.assign(made.begin(), made.end());
    if (slopes)
        for (const NamedTensor& entry : *slopes)
            if (entry.name == "input") {
                const std::vector<float> slope = firstSample(entry.tensor);
                result.slope.assign(slope.begin(), slope.end());
            }
    return true;
}

/// Up to kMostBars numbers along the first side of a sample, in the middle of the others.
std::vector<float> alongFirst(const PlainTensor& tensor) {
    const std::vector<float> all = firstSample(tensor);
    if (all.empty() || tensor.dims.size() < 2) return all;
    const std::int64_t count = tensor.dims[1];
    const std::int64_t stride = static_cast<std::int64_t>(all.size()) / count;
    std::vector<float> values;
    for (std::int64_t i = 0; i < std::min(count, kMostBars); ++i)
        values.push_back(all[static_cast<std::size_t>(i * stride + stride / 2)]);
    return values;
}

/// One plane of a picture, or a row broken into lines, small enough to count its units.
void takeUnits(const BlockProbe& probe, Explanation& result) {
    const std::vector<float> before = firstSample(probe.inputs.at(0)),
                             after = firstSample(probe.outputs.at(0));
    const auto& dims = probe.inputs[0].dims;
    if (before.size() != after.size() || before.empty()) return;
    const auto count = static_cast<std::int64_t>(before.size());
    std::int64_t columns = dims.size() >= 4 ? dims.back() : std::min<std::int64_t>(count, 16);
    std::int64_t rows = dims.size() >= 4 ? dims[dims.size() - 2] : (count + columns - 1) / columns;
    const std::int64_t shownRows = std::min(rows, kMostUnits),
                       shownColumns = std::min(columns, kMostUnits);
    for (std::int64_t row = 0; row < shownRows; ++row)
        for (std::int64_t column = 0; column < shownColumns; ++column) {
            const std::int64_t at = row * columns + column;
            result.before.push_back(at < count ? before[static_cast<std::size_t>(at)] : 0);
            result.after.push_back(at < count ? after[static_cast<std::size_t>(at)] : 0);
        }
    result.rows = shownRows;
    result.columns = shownColumns;
    result.picture = Explanation::Picture::Units;
}

std::vector<float> allNumbers(const PlainTensor& tensor) {
    if (tensor.dtype != "float32") return {};
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(float));
    return values;
}

QString partsText(const Weights& state) {
    QStringList parts;
    for (const NamedTensor& entry : state.tensors) {
        if (entry.tensor.dtype != "float32" || entry.name.starts_with("running_")) continue;
        const Shape shape{entry.tensor.dims};
        QString text = q(entry.name) + QLatin1Char(' ') + q(shape.toText());
        if (shape.rank() > 1) text += QStringLiteral(" = ") + q(groupDigits(shape.count()));
        parts << text;
    }
    return parts.join(QStringLiteral(",  "));
}

}  // namespace

Explanation explainBlock(const ExplanationRequest& request, const std::atomic<bool>& cancelled) {
    Explanation result;
    const bool onCanvas = !request.block.empty();
    const Project project = onCanvas ? *request.project : exampleOf(*request.project, request.kind);
    const NodeId id = onCanvas ? request.block : NodeId("block");
    const Node* node = project.network.find(id);
    // A shared module has its parameters where it was drawn first.
    if (node && !node->sharesWith.empty()) node = project.network.find(node->sharesWith);
    const LayerKind* kind = node ? layers().find(node->kind) : nullptr;
    if (!kind || kind->inputs.empty() || !computable(project, id)) return result;

    const bool isActivation = kind->info.family == "activation",
               isNormalisation = kind->info.family == "normalisation",
               isDropout = kind->info.family == "regularisation";
    std::vector<TensorSample> samples;
    for (std::int64_t i = 0; i < (isNormalisation ? kBatch : 1) && !cancelled; ++i) {
        auto sample = probeSample(project, request.sample + i);
        if (!sample) break;
        if (i == 0)
            result.source =
                sample->className.empty()
                    ? tr("test sample %1").arg(sample->index)
                    : tr("test sample %1: %2").arg(sample->index).arg(q(sample->className));
        samples.push_back(std::move(sample->input));
    }
    ProbeOptions options;
    std::optional<Weights> weights;
    if (request.run && onCanvas)
        if (auto now = request.run->weights()) weights = std::move(*now);
    options.weights = weights ? &*weights : nullptr;
    options.blockTrains = isNormalisation || isDropout;
    if (cancelled) return result;
    const auto probe = probeBlock(project, id, samples, options);
    if (!probe) {
        result.problem = q(probe.error().message);
        return result;
    }
    result.realSample = probe->realInput;
    result.samples = std::max<std::int64_t>(1, std::ssize(samples));
    if (!probe->realInput)
        result.source = !onCanvas         ? tr("example numbers, drawn at random")
                        : samples.empty() ? tr("noise: the data set is not on this machine")
                                          : tr("noise: the data do not have this size");
    if (!probe->state.tensors.empty())
        result.weights = probe->givenWeights ? tr("weights of the latest run")
                                             : tr("fresh weights, not trained");
    result.parts = partsText(probe->state);
    const Settings settings(kind->params, node->params);
    if (kind->window)
        if ((result.sums = WindowSums::make(kind->window(settings), *probe))) {
            result.picture = Explanation::Picture::Window;
            return result;
        }
    if (probe->inputs.size() != 1 || probe->outputs.empty()) return result;
    if (isActivation && takeCurve(project, *node, result)) {
        result.picture = Explanation::Picture::Curve;
        result.before = firstSample(probe->inputs[0]);
    } else if (isActivation) {
        result.before = alongFirst(probe->inputs[0]);
        result.after = alongFirst(probe->outputs[0]);
        if (!result.before.empty() && !result.after.empty())
            result.picture = Explanation::Picture::Bars;
    } else if (isDropout) {
        takeUnits(*probe, result);
    } else if (isNormalisation) {
        result.before = allNumbers(probe->inputs[0]);
        result.after = allNumbers(probe->outputs[0]);
        if (!result.before.empty() && !result.after.empty())
            result.picture = Explanation::Picture::Histogram;
    }
    return result;
}

}  // namespace loom
