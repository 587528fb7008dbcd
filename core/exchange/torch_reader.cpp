// Reading PyTorch files: the zip form and the one before PyTorch 1.6. The pickle inside is read
// without running it.
#include <cstring>

#include "core/base/files.h"
#include "core/exchange/torch_file.h"
#include "core/exchange/torch_tree.h"
#include "core/exchange/zip_reader.h"

namespace loom {
namespace {

using torch_tree::isTensor;
using torch_tree::Refusal;
using torch_tree::TorchTree;

struct StorageType {
    const char* name;
    const char* dtype;
    std::int64_t size;
};

constexpr StorageType kStorages[] = {
    {"FloatStorage", "float32", 4}, {"DoubleStorage", "float64", 8},
    {"HalfStorage", "float16", 2},  {"BFloat16Storage", "bfloat16", 2},
    {"LongStorage", "int64", 8},    {"IntStorage", "int32", 4},
    {"ShortStorage", "int16", 2},   {"CharStorage", "int8", 1},
    {"ByteStorage", "uint8", 1},    {"BoolStorage", "bool", 1}};

const StorageType* storageType(const std::string& global) {
    for (const StorageType& type : kStorages)
        if (global == std::string("torch.") + type.name ||
            global == std::string("torch.cuda.") + type.name)
            return &type;
    return nullptr;
}

constexpr char kLegacyMagic[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";

PickleValue pickleAt(const std::string& bytes, std::size_t& at) {
    std::size_t used = 0;
    auto value = readPickle(std::string_view(bytes).substr(at), &used);
    if (!value) throw Refusal{value.error().message};
    at += used;
    return *value;
}

/// Five pickles, then the storages: a count of elements and the bytes of each, in the order of the
/// last pickle.
TorchTree readLegacy(const std::string& bytes) {
    std::size_t at = 0;
    pickleAt(bytes, at);
    pickleAt(bytes, at);
    pickleAt(bytes, at);
    TorchTree file;
    file.root = pickleAt(bytes, at);
    const PickleValue keys = pickleAt(bytes, at);
    // The element size stands only where a tensor uses the storage; it is found from the next key's
    // place.
    std::map<std::string, std::int64_t> sizes;
    const std::function<void(const PickleValue&)> collect = [&](const PickleValue& value) {
        if (value.type() == PickleValue::Type::Persistent) {
            const PickleValue id = value.arguments();
            if (const StorageType* type = storageType(id.item(1).name()))
                sizes[id.item(2).text()] = type->size;
        }
        for (std::size_t i = 0; i < value.size(); ++i) collect(value.item(i));
        for (std::size_t i = 0; i < value.entryCount(); ++i) collect(value.entry(i));
        if (value.type() == PickleValue::Type::Object) collect(value.arguments());
    };
    collect(file.root);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string key = keys.item(i).text();
        std::int64_t count = 0;
        if (at + 8 > bytes.size() || !sizes.contains(key))
            throw Refusal{"it ends before its numbers do"};
        std::memcpy(&count, bytes.data() + at, 8);
        at += 8;
        if (count < 0 || static_cast<std::uint64_t>(count) >
                             (bytes.size() - at) / static_cast<std::uint64_t>(sizes[key]))
            throw Refusal{"it ends before its numbers do"};
        const std::size_t length = static_cast<std::size_t>(count * sizes[key]);
        file.storages[key] = bytes.substr(at, length);
        at += length;
    }
    return file;
}

TorchTree readZipped(const std::string& path, const std::string& bytes) {
    auto entries = readZip(path, bytes);
    if (!entries) throw Refusal{"", entries.error().message};
    std::string top;
    for (const auto& [name, content] : *entries)
        if (name.ends_with("/data.pkl")) top = name.substr(0, name.size() - 8);
    if (top.empty()) throw Refusal{"it is a zip archive, but not one that torch.save wrote"};
    if (entries->contains(top + "constants.pkl")) {
        throw Refusal{"it is a TorchScript archive, not a state_dict",
                      "In Python: torch.save(torch.jit.load(path).state_dict(), 'weights.pth')."};
    }
    if (const auto order = entries->find(top + "byteorder");
        order != entries->end() && order->second != "little")
        throw Refusal{"its numbers are stored in big-endian order"};
    std::size_t at = 0;
    TorchTree file;
    file.root = pickleAt(entries->at(top + "data.pkl"), at);
    for (auto& [name, content] : *entries)
        if (name.starts_with(top + "data/"))
            file.storages[name.substr(top.size() + 5)] = std::move(content);
    return file;
}

std::vector<std::int64_t> integers(const PickleValue& value) {
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!value.item(i).isInt())
            throw Refusal{"a tensor in it has a side that is no whole number"};
        out.push_back(value.item(i).integer());
    }
    return out;
}

}  // namespace

bool torch_tree::isTensor(const PickleValue& value) {
    return value.isObject("torch._utils._rebuild_tensor_v2") ||
           value.isObject("torch._utils._rebuild_tensor") ||
           value.isObject("torch._utils._rebuild_parameter");
}

PlainTensor torch_tree::tensorFrom(const PickleValue& value, const TorchTree& file) {
    const PickleValue arguments = value.arguments();
    if (value.isObject("torch._utils._rebuild_parameter")) {
        if (!isTensor(arguments.item(0))) throw Refusal{"a parameter in it is no tensor"};
        return tensorFrom(arguments.item(0), file);
    }
    const PickleValue id = arguments.item(0).arguments();
    const StorageType* type = storageType(id.item(1).name());
    if (!type) throw Refusal{"a tensor in it has numbers of an unknown kind, " + id.item(1).name()};
    const auto storage = file.storages.find(id.item(2).text());
    if (storage == file.storages.end())
        throw Refusal{"the numbers of a tensor are missing from it"};
    const std::int64_t available = static_cast<std::int64_t>(storage->second.size()) / type->size;
    const std::int64_t offset = arguments.item(1).integer();
    PlainTensor plain;
    plain.dtype = type->dtype;
    plain.dims = integers(arguments.item(2));
    const std::vector<std::int64_t> strides = integers(arguments.item(3));
    if (strides.size() != plain.dims.size() || offset < 0 || plain.dims.size() > 64)
        throw Refusal{"a tensor in it has impossible sides"};
    std::int64_t count = 1, last = offset;
    for (std::size_t i = 0; i < strides.size(); ++i) {
        const std::int64_t side = plain.dims[i], stride = strides[i];
        if (side < 0 || stride < 0 || (side > 1 && stride > available) ||
            (count > 0 && side > (std::int64_t(1) << 40) / count))
            throw Refusal{"a tensor in it has impossible sides"};
        count *= side;
        if (side > 1) last += (side - 1) * stride;
        if (last > (std::int64_t(1) << 50)) throw Refusal{"a tensor in it has impossible sides"};
    }
    // Expanded views (stride 0) could make a small file ask for any amount of memory.
    if (count > 0 && (last >= available || count > available * 1024 + 1024))
        throw Refusal{"the numbers of a tensor are cut off"};
    const std::size_t width = static_cast<std::size_t>(type->size);
    plain.bytes.resize(static_cast<std::size_t>(count) * width);
    std::vector<std::int64_t> index(plain.dims.size(), 0);
    std::int64_t source = offset;
    for (std::int64_t n = 0; n < count; ++n) {
        std::memcpy(plain.bytes.data() + static_cast<std::size_t>(n) * width,
                    storage->second.data() + static_cast<std::size_t>(source) * width, width);
        for (std::size_t axis = plain.dims.size(); axis-- > 0;) {
            source += strides[axis];
            if (++index[axis] < plain.dims[axis]) break;
            source -= strides[axis] * plain.dims[axis];
            index[axis] = 0;
        }
    }
    return plain;
}

Result<TorchTree> torch_tree::open(const std::string& path) {
    auto bytes = readFile(path);
    if (!bytes) return bytes.error();
    try {
        if (bytes->starts_with("PK")) return readZipped(path, *bytes);
        if (bytes->starts_with(std::string(kLegacyMagic, sizeof kLegacyMagic - 1)))
            return readLegacy(*bytes);
        if (bytes->size() > 262 && bytes->compare(257, 5, "ustar") == 0)
            throw Refusal{"it is of PyTorch's oldest format (a tar archive)",
                          "Load it in Python and save it again with torch.save."};
        throw Refusal{"it is no file that torch.save wrote"};
    } catch (const Refusal& refusal) {
        if (refusal.message.empty())
            return Error{refusal.hint, "Take another copy of the file, or save it again."};
        return Error{path + " cannot be read: " + refusal.message + ".", refusal.hint};
    }
}

Result<std::vector<NamedTensor>> loadTensors(const std::string& path) {
    auto file = torch_tree::open(path);
    if (!file) return file.error();
    try {
        std::vector<NamedTensor> tensors;
        if (isTensor(file->root))
            tensors.push_back({"", torch_tree::tensorFrom(file->root, *file)});
        for (std::size_t i = 0; i < file->root.entryCount(); ++i)
            if (file->root.key(i).isText() && isTensor(file->root.entry(i)))
                tensors.push_back(
                    {file->root.key(i).text(), torch_tree::tensorFrom(file->root.entry(i), *file)});
        if (tensors.empty())
            throw Refusal{"it holds neither a tensor nor a dict of tensors",
                          "In Python: torch.save(tensor, path)."};
        return tensors;
    } catch (const Refusal& refusal) {
        return Error{path + " cannot be read: " + refusal.message + ".", refusal.hint};
    }
}

}  // namespace loom
