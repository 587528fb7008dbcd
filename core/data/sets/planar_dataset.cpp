#include "core/data/sets/planar_dataset.h"

#include "core/base/shape.h"

namespace loom {
namespace {

class PlanarDataset : public Dataset {
public:
    explicit PlanarDataset(PlanarPictures pictures) : m_(std::move(pictures)) {}

    std::int64_t size() const override { return static_cast<std::int64_t>(m_.labels.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{m_.title + " has no picture " + std::to_string(index) + ", only " +
                             groupDigits(size()) + ".",
                         "Take a smaller number."};
        if (!m_.readOne) {
            const std::size_t bytes = static_cast<std::size_t>(m_.channels) * plane();
            return Sample{interleaved(m_.planes.data() + static_cast<std::size_t>(index) * bytes),
                          label(index)};
        }
        const auto planes = m_.readOne(index);
        if (!planes) return planes.error();
        return Sample{interleaved(planes->data()), label(index)};
    }
    std::int64_t label(std::int64_t index) const override {
        return m_.labels[static_cast<std::size_t>(index)];
    }
    const std::vector<std::string>& classes() const override { return m_.classes; }
    bool displayTransposed() const override { return m_.onTheirSide; }
    SampleSpec spec() const override { return {false, {m_.channels, m_.height, m_.width}}; }
    std::int64_t bytesInMemory() const override {
        return static_cast<std::int64_t>(m_.planes.size() + 2 * m_.labels.size());
    }

private:
    std::size_t plane() const {
        return static_cast<std::size_t>(m_.height) * static_cast<std::size_t>(m_.width);
    }

    Picture interleaved(const std::uint8_t* planes) const {
        const auto channels = static_cast<std::size_t>(m_.channels);
        Picture picture{m_.width, m_.height, m_.channels, {}};
        if (channels == 1 && !m_.byColumns) {
            picture.pixels.assign(planes, planes + plane());
            return picture;
        }
        picture.pixels.resize(channels * plane());
        const auto height = static_cast<std::size_t>(m_.height);
        const auto width = static_cast<std::size_t>(m_.width);
        for (std::size_t channel = 0; channel < channels; ++channel) {
            const std::uint8_t* from = planes + channel * plane();
            std::uint8_t* to = picture.pixels.data() + channel;
            if (!m_.byColumns)
                for (std::size_t i = 0; i < plane(); ++i) to[i * channels] = from[i];
            else
                for (std::size_t x = 0; x < width; ++x)
                    for (std::size_t y = 0; y < height; ++y)
                        to[(y * width + x) * channels] = *from++;
        }
        return picture;
    }

    const PlanarPictures m_;
};

}  // namespace

std::shared_ptr<const Dataset> makePlanarDataset(PlanarPictures pictures) {
    return std::make_shared<PlanarDataset>(std::move(pictures));
}

}  // namespace loom
