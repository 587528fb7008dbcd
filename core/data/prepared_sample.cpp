#include <algorithm>

#include "core/base/shape.h"
#include "core/data/transform.h"

namespace loom {
namespace {

/// A picture's bytes, interleaved, to planes of numbers.
void writeByTable(const Picture& picture, const std::vector<float>& table, float* __restrict out) {
    const std::size_t plane =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
    const std::uint8_t* __restrict in = picture.pixels.data();
    const float* __restrict of = table.data();
    if (picture.channels == 1) {
        for (std::size_t i = 0; i < plane; ++i) out[i] = of[in[i]];
        return;
    }
    // A plane after the other within stretches that stay in the nearest cache.
    constexpr std::size_t kStretch = 2048;
    for (std::size_t begin = 0; begin < plane; begin += kStretch) {
        const std::size_t end = std::min(begin + kStretch, plane);
        for (std::size_t channel = 0; channel < 3; ++channel) {
            const float* __restrict one = of + 256 * channel;
            float* __restrict to = out + channel * plane;
            for (std::size_t i = begin; i < end; ++i) to[i] = one[in[3 * i + channel]];
        }
    }
}

/// Sides of what a view becomes.
std::vector<std::int64_t> dimsOf(const SampleInput& view) {
    if (const auto* picture = std::get_if<Picture>(&view))
        return {picture->channels, picture->height, picture->width};
    return std::get<TensorSample>(view).dims;
}

}  // namespace

bool PreparedSample::isTensor() const {
    return m_tables || std::holds_alternative<TensorSample>(m_views.front());
}

std::vector<std::int64_t> PreparedSample::dims() const {
    return dimsOf(m_views.front());
}

std::size_t PreparedSample::count() const {
    std::size_t count = m_views.size();
    for (const std::int64_t side : dims()) count *= static_cast<std::size_t>(side);
    return count;
}

void PreparedSample::write(float* out) const {
    const std::size_t one = count() / m_views.size();
    for (const SampleInput& view : m_views) {
        if (const auto* tensor = std::get_if<TensorSample>(&view)) {
            std::copy(tensor->values.begin(), tensor->values.end(), out);
        } else {
            const auto& picture = std::get<Picture>(view);
            writeByTable(picture, m_tables->of(picture), out);
        }
        out += one;
    }
}

SampleInput PreparedSample::take() && {
    if (m_views.size() == 1 && !m_tables) return std::move(m_views.front());
    TensorSample all{dims(), std::vector<float>(count()), views()};
    write(all.values.data());
    return SampleInput(std::move(all));
}

/// Every byte through the last steps, as a picture of 256 pixels: the table's numbers are the
/// steps' own.
std::vector<float> Pipeline::tableOf(int channels) const {
    Picture bytes{256, 1, channels, {}};
    for (int value = 0; value < 256; ++value)
        bytes.pixels.insert(bytes.pixels.end(), static_cast<std::size_t>(channels),
                            static_cast<std::uint8_t>(value));
    SampleInput made = std::move(bytes);
    TorchRandom random(0);
    for (std::size_t step = m_tail; step < m_steps.size(); ++step) {
        auto next = m_steps[step].apply(std::move(made), random, nullptr);
        if (!next) return {};
        made = std::move(next->front());
    }
    auto* tensor = std::get_if<TensorSample>(&made);
    if (!tensor || tensor->dims != std::vector<std::int64_t>{channels, 1, 256}) return {};
    return std::move(tensor->values);
}

void Pipeline::makeTables() {
    m_tail = m_steps.size();
    while (m_tail > 0 && m_steps[m_tail - 1].transform->pointwise()) --m_tail;
    if (m_tail == m_steps.size() || !m_steps[m_tail].takesPicture) return;
    m_tables = std::make_shared<const ByteTables>(ByteTables{tableOf(1), tableOf(3)});
}

Result<PreparedSample> Pipeline::prepareFrom(std::size_t first, SampleInput input,
                                             TorchRandom& random,
                                             std::vector<std::string>* trace) const {
    std::vector<SampleInput> views;
    views.push_back(std::move(input));
    std::shared_ptr<const ByteTables> tables;
    for (std::size_t step = first; step < m_steps.size(); ++step) {
        if (step == m_tail && m_tables &&
            std::all_of(views.begin(), views.end(), [&](const SampleInput& view) {
                const auto* picture = std::get_if<Picture>(&view);
                return picture && !m_tables->of(*picture).empty();
            })) {
            tables = m_tables;
            break;
        }
        std::string draws;
        auto made = applyStep(m_steps[step], std::move(views), random, trace ? &draws : nullptr);
        if (!made) return made.error();
        views = std::move(*made);
        if (!draws.empty()) trace->push_back(m_steps[step].name + ": " + draws);
    }
    if (views.size() > 1)
        for (const SampleInput& view : views) {
            if (!tables && !std::holds_alternative<TensorSample>(view))
                return Error{"The transforms leave " + std::to_string(views.size()) +
                                 " pictures of one, but a network takes tensors.",
                             "Add ToTensor to the transforms."};
            if (dimsOf(view) != dimsOf(views.front()))
                return Error{"The transforms make views of different sizes of one sample, " +
                                 Shape{dimsOf(views.front())}.toSentence() + " and " +
                                 Shape{dimsOf(view)}.toSentence() + ".",
                             "Add a Resize with height and width after the crops."};
        }
    return PreparedSample(std::move(views), std::move(tables));
}

Result<PreparedSample> Pipeline::prepare(SampleInput input, TorchRandom& random,
                                         std::vector<std::string>* trace) const {
    return prepareFrom(0, std::move(input), random, trace);
}

Result<PreparedSample> Pipeline::prepare(const PictureSource& source, TorchRandom& random,
                                         std::vector<std::string>* trace) const {
    if (!m_steps.empty()) {
        const Transform& step = *m_steps.front().transform;
        std::string draws;
        if (const auto window = step.chooseWindow(source.height(), source.width(), random,
                                                  trace ? &draws : nullptr)) {
            auto cut = source.window(*window);
            if (!cut) return cut.error();
            auto made = step.applyToWindow(std::move(*cut));
            if (!made) return made.error();
            if (!draws.empty()) trace->push_back(m_steps.front().name + ": " + draws);
            return prepareFrom(1, std::move(*made), random, trace);
        }
    }
    auto whole = source.whole();
    if (!whole) return whole.error();
    return prepareFrom(0, std::move(*whole), random, trace);
}

Result<SampleInput> Pipeline::apply(SampleInput input, TorchRandom& random,
                                    std::vector<std::string>* trace) const {
    auto prepared = prepare(std::move(input), random, trace);
    if (!prepared) return prepared.error();
    return std::move(*prepared).take();
}

}  // namespace loom
