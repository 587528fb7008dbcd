#include "core/data/sets/cifar_format.h"

#include "core/base/pickle.h"
#include "core/base/shape.h"

namespace loom {
namespace {

constexpr std::size_t kPixels = 3 * 32 * 32;

Status checkLabel(std::int64_t label, std::size_t place, int classes) {
    if (label >= 0 && label < classes) return {};
    return Error{"label " + std::to_string(place) + " is " + std::to_string(label) +
                 ", but labels go from 0 to " + std::to_string(classes - 1)};
}

/// How a pickle says what an array of numpy is: protocol 5 in one way, the others in another.
struct NumpyArray {
    std::string type;
    PickleValue shape;
    PickleValue bytes;
    bool byColumns = false;
};

NumpyArray numpyArray(const PickleValue& value) {
    if (value.name().ends_with("_frombuffer")) {
        const PickleValue arguments = value.arguments();
        return {arguments.item(1).arguments().item(0).text(), arguments.item(2), arguments.item(0),
                arguments.item(3).text() == "F"};
    }
    const PickleValue state = value.state();
    if (!value.name().ends_with("_reconstruct") || state.size() != 5) return {};
    return {state.item(2).arguments().item(0).text(), state.item(1), state.item(4),
            state.item(3).boolean()};
}

/// The bytes of a pickled numpy array of pictures.
Result<std::string> pictureBytes(const PickleValue& value) {
    const NumpyArray array = numpyArray(value);
    if (array.type != "u1" && array.type != "|u1" && array.type != "uint8")
        return Error{"its data are no numpy array of unsigned bytes"};
    if (array.byColumns || array.shape.size() != 2 ||
        array.shape.item(1).integer() != static_cast<std::int64_t>(kPixels))
        return Error{"its pictures are not rows of " + groupDigits(kPixels) + " bytes"};
    const auto rows = static_cast<std::uint64_t>(array.shape.item(0).integer());
    const std::string& bytes = array.bytes.text();
    if (bytes.size() % kPixels != 0 || bytes.size() / kPixels != rows)
        return Error{"it says " + std::to_string(rows) + " pictures, but has " +
                     groupDigits(static_cast<std::int64_t>(bytes.size())) + " bytes of them"};
    return bytes;
}

}  // namespace

Result<CifarBatch> readCifarPickle(std::string_view file, const std::string& labelKey,
                                   int classes) {
    const auto pickle = readPickle(file);
    if (!pickle) return Error{pickle.error().message};
    const auto data = pickle->find("data");
    const auto labels = pickle->find(labelKey);
    if (!data || !labels) return Error{"it has no entries called data and " + labelKey};
    const auto bytes = pictureBytes(*data);
    if (!bytes) return bytes.error();
    CifarBatch batch;
    batch.planes.assign(bytes->begin(), bytes->end());
    if (batch.planes.empty()) return Error{"it holds no picture"};
    if (labels->size() != batch.planes.size() / kPixels)
        return Error{"it has " + std::to_string(labels->size()) + " labels for " +
                     std::to_string(batch.planes.size() / kPixels) + " pictures"};
    for (std::size_t i = 0; i < labels->size(); ++i) {
        const PickleValue label = labels->item(i);
        if (!label.isInt()) return Error{"label " + std::to_string(i) + " is no whole number"};
        if (auto fine = checkLabel(label.integer(), i, classes); !fine) return fine.error();
        batch.labels.push_back(static_cast<std::uint8_t>(label.integer()));
    }
    return batch;
}

Result<CifarBatch> readCifarRecords(std::string_view file, std::size_t labelBytes,
                                    std::size_t labelAt, int classes) {
    const std::size_t record = labelBytes + kPixels;
    if (file.size() % record != 0)
        return Error{"its " + groupDigits(static_cast<std::int64_t>(file.size())) +
                     " bytes are no whole number of records of " +
                     groupDigits(static_cast<std::int64_t>(record)) + " bytes"};
    const std::size_t count = file.size() / record;
    if (count == 0) return Error{"it holds no picture"};
    CifarBatch batch;
    batch.planes.reserve(count * kPixels);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view one = file.substr(i * record, record);
        const auto label = static_cast<std::uint8_t>(one[labelAt]);
        if (auto fine = checkLabel(label, i, classes); !fine) return fine.error();
        batch.labels.push_back(label);
        batch.planes.insert(batch.planes.end(),
                            one.begin() + static_cast<std::ptrdiff_t>(labelBytes), one.end());
    }
    return batch;
}

}  // namespace loom
