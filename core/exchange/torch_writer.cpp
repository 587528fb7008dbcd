// Writing PyTorch files: a stored zip with a pickle of protocol 2. Layout and opcodes as torch.save
// writes them.
#include <caffe2/serialize/inline_container.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>

#include "core/base/files.h"
#include "core/exchange/torch_file.h"

namespace loom {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 10> kStorages = {
    {{"float32", "FloatStorage"},
     {"float64", "DoubleStorage"},
     {"float16", "HalfStorage"},
     {"bfloat16", "BFloat16Storage"},
     {"int64", "LongStorage"},
     {"int32", "IntStorage"},
     {"int16", "ShortStorage"},
     {"int8", "CharStorage"},
     {"uint8", "ByteStorage"},
     {"bool", "BoolStorage"}}};

class Pickler {
public:
    Pickler() { m_out = "\x80\x02"; }

    void orderedDict(const std::vector<NamedTensor>& tensors) {
        m_out += "ccollections\nOrderedDict\n)R(";
        for (const NamedTensor& entry : tensors) {
            text(entry.name);
            tensor(entry.tensor);
        }
        m_out += 'u';
    }

    /// Storages are numbered in the order in which tensors are written.
    void tensor(const PlainTensor& plain) {
        std::string storage = "FloatStorage";
        for (const auto& [dtype, name] : kStorages)
            if (plain.dtype == dtype) storage = name;
        std::int64_t count = 1;
        for (std::int64_t side : plain.dims) count *= side;
        m_out += "ctorch._utils\n_rebuild_tensor_v2\n((";
        text("storage");
        m_out += "ctorch\n" + storage + "\n";
        text(std::to_string(m_storages++));
        text("cpu");
        integer(count);
        m_out += "tQ";
        integer(0);
        m_out += '(';
        for (std::int64_t side : plain.dims) integer(side);
        m_out += "t(";
        std::vector<std::int64_t> strides(plain.dims.size(), 1);
        for (std::size_t i = strides.size(); i-- > 1;)
            strides[i - 1] = strides[i] * std::max<std::int64_t>(plain.dims[i], 1);
        for (std::int64_t stride : strides) integer(stride);
        m_out +=
            "t\x89"
            "ccollections\nOrderedDict\n)RtR";
    }

    std::string finish() { return std::move(m_out) + "."; }

private:
    std::string m_out;
    int m_storages = 0;

    void bytes(std::uint64_t value, int width) {
        for (int i = 0; i < width; ++i) m_out += static_cast<char>(value >> (8 * i) & 0xff);
    }
    void text(const std::string& text) {
        m_out += 'X';
        bytes(text.size(), 4);
        m_out += text;
    }
    void integer(std::int64_t value) {
        if (value >= 0 && value < 256) {
            m_out += 'K';
            bytes(static_cast<std::uint64_t>(value), 1);
        } else if (value >= 0 && value < 65536) {
            m_out += 'M';
            bytes(static_cast<std::uint64_t>(value), 2);
        } else if (value >= INT32_MIN && value <= INT32_MAX) {
            m_out += 'J';
            bytes(static_cast<std::uint64_t>(value), 4);
        } else {
            m_out += "\x8a\x08";
            bytes(static_cast<std::uint64_t>(value), 8);
        }
    }
};

Status write(const std::string& path, const std::string& pickle,
             const std::vector<NamedTensor>& tensors) {
    std::string archive;
    try {
        caffe2::serialize::PyTorchStreamWriter writer([&](const void* data, std::size_t size) {
            archive.append(static_cast<const char*>(data), size);
            return size;
        });
        writer.writeRecord("data.pkl", pickle.data(), pickle.size());
        writer.writeRecord("byteorder", "little", 6);
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const auto& bytes = tensors[i].tensor.bytes;
            writer.writeRecord("data/" + std::to_string(i), bytes.data(), bytes.size());
        }
        writer.writeEndOfFile();
    } catch (const std::exception&) {
        return Error{path + " cannot be written: there is not enough memory to put it together.",
                     "Close other programs and try again."};
    }
    return writeFileAtomically(path, archive);
}

}  // namespace

Status saveTensors(const std::string& path, const std::vector<NamedTensor>& tensors) {
    Pickler pickler;
    pickler.orderedDict(tensors);
    return write(path, pickler.finish(), tensors);
}

Status saveStateDict(const std::string& path, const Weights& weights) {
    return saveTensors(path, weights.tensors);
}

Status saveTensor(const std::string& path, const PlainTensor& tensor) {
    Pickler pickler;
    pickler.tensor(tensor);
    return write(path, pickler.finish(), {{"", tensor}});
}

}  // namespace loom
