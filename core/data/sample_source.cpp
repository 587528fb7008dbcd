#include "core/data/sample_source.h"

#include "core/data/pictures/picture_header.h"

namespace loom {
namespace {

class DecodedSource : public PictureSource {
public:
    explicit DecodedSource(std::shared_ptr<const Picture> picture)
        : m_picture(std::move(picture)) {}
    std::int64_t height() const override { return m_picture->height; }
    std::int64_t width() const override { return m_picture->width; }
    Result<Picture> whole() const override { return *m_picture; }
    Result<Picture> window(const PictureWindow& window) const override {
        return cutWindow(*m_picture, window);
    }

private:
    std::shared_ptr<const Picture> m_picture;
};

class FileSource : public PictureSource {
public:
    FileSource(std::string_view bytes, const PictureHeader& header, std::string name)
        : m_bytes(bytes), m_header(header), m_name(std::move(name)) {}
    std::int64_t height() const override { return static_cast<std::int64_t>(m_header.height); }
    std::int64_t width() const override { return static_cast<std::int64_t>(m_header.width); }
    Result<Picture> whole() const override { return decodePicture(m_bytes, m_name); }
    Result<Picture> window(const PictureWindow& window) const override {
        return decodeWindow(m_bytes, window, m_name);
    }

private:
    std::string_view m_bytes;
    const PictureHeader& m_header;
    std::string m_name;
};

/// A name at the beginning of a sentence.
std::string capitalised(std::string name) {
    if (name.starts_with("sample")) name[0] = 'S';
    return name;
}

Result<std::shared_ptr<const std::string>> fileOf(const Dataset& dataset, std::int64_t index,
                                                  DataCache* cache) {
    if (cache)
        if (auto kept = cache->file(index)) return kept;
    auto bytes = dataset.encodedPicture(index);
    if (!bytes) return bytes.error();
    auto file = std::make_shared<const std::string>(std::move(*bytes));
    if (cache && cache->keeps() == DataCache::Keeps::Files) cache->keep(index, file);
    return file;
}

/// An error of a file or of a step, told apart, as only the first names the file already.
struct Outcome {
    Result<PreparedSample> made;
    bool named = false;
};

Outcome prepareFile(const Dataset& dataset, const Pipeline& pipeline, std::int64_t index,
                    TorchRandom& random, std::vector<std::string>* trace, DataCache* cache) {
    if (cache)
        if (auto kept = cache->picture(index))
            return {pipeline.prepare(DecodedSource(std::move(kept)), random, trace)};
    auto file = fileOf(dataset, index, cache);
    if (!file) return {file.error(), true};
    const std::string name = capitalised(dataset.nameOf(index));
    const bool keepsPicture = cache && cache->keeps() == DataCache::Keeps::Pictures;
    const auto header = readPictureHeader(**file);
    // What is wrong with a file is said by decoding it.
    if (keepsPicture || !header) {
        auto decoded = decodePicture(**file, name);
        if (!decoded) return {decoded.error(), true};
        auto picture = std::make_shared<const Picture>(std::move(*decoded));
        if (keepsPicture) cache->keep(index, picture);
        return {pipeline.prepare(DecodedSource(std::move(picture)), random, trace)};
    }
    const FileSource source(**file, *header, name);
    auto made = pipeline.prepare(source, random, trace);
    const bool named = !made && made.error().message.starts_with(name);
    return {std::move(made), named};
}

}  // namespace

Result<PreparedSample> prepareFromDataset(const Dataset& dataset, const Pipeline& pipeline,
                                          std::int64_t index, std::uint64_t seed,
                                          std::uint64_t epoch, std::vector<std::string>* trace,
                                          DataCache* cache) {
    TorchRandom random(sampleSeed(seed, epoch, static_cast<std::uint64_t>(index)));
    Outcome outcome = [&]() -> Outcome {
        if (dataset.hasEncodedPictures())
            return prepareFile(dataset, pipeline, index, random, trace, cache);
        auto sample = dataset.sample(index);
        if (!sample) return {sample.error(), true};
        return {pipeline.prepare(std::move(sample->input), random, trace)};
    }();
    if (!outcome.made && !outcome.named) {
        const Error& error = outcome.made.error();
        return Error{capitalised(dataset.nameOf(index)) + ": " + error.message, error.hint};
    }
    return std::move(outcome.made);
}

Error noTensorError() {
    return {"The transforms leave a picture, but a network takes a tensor.",
            "Add ToTensor to the transforms."};
}

}  // namespace loom
