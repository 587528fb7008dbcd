"""Writes small data sets in their publishers' own formats and says what torchvision reads of them.

published_sets.py FOLDER prints JSON: for each case its kind, root below FOLDER, parameters, split,
number of samples, classes and a digest of all pictures and labels.
"""
import gzip
import hashlib
import json
import os
import pickle
import struct
import sys
import tarfile
import zipfile

import numpy
import scipy.io
import torchvision.datasets as sets

folder = sys.argv[1]
random = numpy.random.default_rng(5)
cases = []

# Small files cannot have the published checksums; only their readers are compared.
for module in (sets.cifar, sets.stl10, sets.svhn):
    module.check_integrity = lambda path, md5=None: os.path.isfile(path)


def digest(data):
    sum = hashlib.sha256()
    for picture, label in data:
        sum.update(picture.tobytes())
        sum.update(struct.pack("<i", label))
    return sum.hexdigest()


def case(name, kind, root, part, data, classes, **params):
    cases.append({"name": name, "kind": kind, "root": root, "split": part, "params": params,
                  "size": len(data), "classes": list(classes), "digest": digest(data)})


def write(path, data):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def pictures(count, *shape):
    return random.integers(0, 256, (count, *shape), numpy.uint8)


def idx(array):
    return struct.pack(">" + "I" * (1 + array.ndim), 0x800 + array.ndim, *array.shape) + array.tobytes()


# MNIST's relatives: plain, and packed beside
for kind in ("MNIST", "FashionMNIST", "KMNIST"):
    for prefix, count in (("train", 23), ("t10k", 11)):
        for ending, data in (("images-idx3-ubyte", pictures(count, 28, 28)),
                             ("labels-idx1-ubyte", random.integers(0, 10, count, numpy.uint8))):
            write(f"plain/{kind}/raw/{prefix}-{ending}", idx(data))
            write(f"packed/{kind}/raw/{prefix}-{ending}.gz", gzip.compress(idx(data)))
    for train in (True, False):
        data = getattr(sets, kind)(folder + "/plain", train=train)
        for root in ("plain", "packed"):
            case(f"{kind} {root}", kind, root, "train" if train else "test", data, data.classes)

# EMNIST: plain, and the archive it comes in
splits = sets.EMNIST.classes_split_dict
os.makedirs(folder + "/archive/EMNIST/raw")
with zipfile.ZipFile(folder + "/archive/EMNIST/raw/gzip.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for split, classes in splits.items():
        for part, count in (("train", 130), ("test", 70)):
            first = 1 if split == "letters" else 0
            for ending, data in (
                    ("images-idx3-ubyte", pictures(count, 28, 28)),
                    ("labels-idx1-ubyte", random.integers(first, len(classes), count).astype(numpy.uint8))):
                name = f"emnist-{split}-{part}-{ending}"
                write("plain/EMNIST/raw/" + name, idx(data))
                archive.writestr(f"gzip/{name}.gz", gzip.compress(idx(data)))
for split in splits:
    for train in (True, False):
        data = sets.EMNIST(folder + "/plain", split, train=train)
        for root in ("plain", "archive"):
            case(f"EMNIST {split} {root}", "EMNIST", root, "train" if train else "test", data,
                 data.classes, split=split)


# CIFAR
def short(text):
    return b"U" + bytes([len(text)]) + text


def python2(data, lists):
    """What Python 2's cPickle wrote, byte by byte: byte strings instead of text."""
    raw = data.tobytes()
    out = b"\x80\x02}q\x01(" + short(b"batch_label") + short(b"training batch 1 of 5")
    for key, labels in lists.items():
        out += short(key.encode()) + b"]q\x02(" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    out += short(b"data") + b"cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85"
    out += short(b"b") + b"\x87R(K\x01M" + struct.pack("<H", len(data)) + b"M\x00\x0c\x86cnumpy\ndtype\nq\x05"
    out += short(b"u1") + b"K\x00K\x01\x87R(K\x03" + short(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
    out += struct.pack("<I", len(raw)) + raw + b"tb" + short(b"filenames")
    return out + b"](" + b"".join(short(b"leptodactylus_pentadactylus_s_000004.png") for _ in data) + b"eu."


def cifar_file(form, data, lists):
    if form == "python2":
        return python2(data, lists)
    if form == "bytes":
        lists = {key.encode(): value for key, value in lists.items()}
        return pickle.dumps({b"data": data, **lists}, 2)
    return pickle.dumps({"data": data, **lists, "filenames": ["a.png"] * len(data)}, int(form))


fine = [f"class {i}" for i in range(100)]
ten = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
batches = [(f"data_batch_{i}" if i < 6 else "test_batch", pictures(7 + i, 3072),
            random.integers(0, 10, 7 + i).tolist()) for i in range(1, 7)]
hundred = [(name, pictures(count, 3072), random.integers(0, 100, count).tolist(),
            random.integers(0, 20, count).tolist()) for name, count in (("train", 130), ("test", 40))]
for form in ("python2", "bytes", "2", "3", "4", "5"):
    root = "cifar-" + form
    for name, data, labels in batches:
        write(f"{root}/cifar-10-batches-py/{name}", cifar_file(form, data, {"labels": labels}))
    write(f"{root}/cifar-10-batches-py/batches.meta", pickle.dumps({"label_names": ten}, 2))
    for name, data, labels, coarse in hundred:
        write(f"{root}/cifar-100-python/{name}",
              cifar_file(form, data, {"fine_labels": labels, "coarse_labels": coarse}))
    write(f"{root}/cifar-100-python/meta", pickle.dumps({"fine_label_names": fine}, 2))
for name, data, labels in batches:
    write(f"cifar-binary/cifar-10-batches-bin/{name}.bin",
          b"".join(bytes([label]) + row.tobytes() for label, row in zip(labels, data)))
for name, data, labels, coarse in hundred:
    write(f"cifar-binary/cifar-100-binary/{name}.bin",
          b"".join(bytes(pair) + row.tobytes() for pair, row in zip(zip(coarse, labels), data)))
for archive, root, inside in (("cifar-10-python.tar.gz", "cifar-python2", "cifar-10-batches-py"),
                              ("cifar-100-python.tar.gz", "cifar-python2", "cifar-100-python"),
                              ("cifar-10-binary.tar.gz", "cifar-binary", "cifar-10-batches-bin"),
                              ("cifar-100-binary.tar.gz", "cifar-binary", "cifar-100-binary")):
    packed = "archive" if "python" in archive else "archive-binary"
    os.makedirs(f"{folder}/{packed}", exist_ok=True)
    with tarfile.open(f"{folder}/{packed}/{archive}", "w:gz") as tar:
        tar.add(f"{folder}/{root}/{inside}", inside)
for train in (True, False):
    for kind in ("CIFAR10", "CIFAR100"):
        data = getattr(sets, kind)(folder + "/cifar-python2", train=train)
        coarse = [(picture, group) for (picture, _), group in zip(data, hundred[0 if train else 1][3])]
        for root in ["cifar-" + form for form in ("python2", "bytes", "2", "3", "4", "5", "binary")] + [
                "archive", "archive-binary"]:
            classes = ten if kind == "CIFAR10" else []
            split = "train" if train else "test"
            case(f"{kind} {root}", kind, root, split, data, classes)
            if kind == "CIFAR100":
                case(f"{kind} coarse {root}", kind, root, split, coarse, [], label_mode="coarse")

# STL-10
for name, count in (("train", 30), ("test", 20), ("unlabeled", 9)):
    write(f"plain/stl10_binary/{name}_X.bin", pictures(count, 3, 96, 96).tobytes())
    if name != "unlabeled":
        write(f"plain/stl10_binary/{name}_y.bin", random.integers(1, 11, count, numpy.uint8).tobytes())
names = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]
write("plain/stl10_binary/class_names.txt", "\n".join(names).encode() + b"\n")
folds = "".join(" ".join(str(i) for i in random.permutation(30)[:6]) + " \n" for _ in range(10))
write("plain/stl10_binary/fold_indices.txt", folds.encode())
with tarfile.open(folder + "/archive/stl10_binary.tar.gz", "w:gz") as tar:
    tar.add(folder + "/plain/stl10_binary", "stl10_binary")
for split, fold in (("train", None), ("train", 0), ("train", 9), ("unlabeled", None),
                    ("train+unlabeled", None), ("train+unlabeled", 3)):
    data = sets.STL10(folder + "/plain", split, folds=fold)
    for root in ("plain", "archive"):
        case(f"STL10 {split} {fold} {root}", "STL10", root, "train", data, data.classes,
             split=split, **({} if fold is None else {"folds": fold}))
data = sets.STL10(folder + "/plain", "test")
case("STL10", "STL10", "plain", "test", data, data.classes)

# SVHN: as MATLAB packs it, unpacked, and with labels as doubles
for root, packed, kind in (("svhn", True, numpy.uint8), ("svhn-unpacked", False, numpy.uint8),
                           ("svhn-doubles", True, numpy.float64), ("svhn-long", False, numpy.int64)):
    os.makedirs(f"{folder}/{root}")
    for split, count in (("train", 33), ("test", 12), ("extra", 41)):
        x = pictures(count, 32, 32, 3).transpose(1, 2, 3, 0)
        y = random.integers(1, 11, (count, 1)).astype(kind)
        extra = {} if split == "test" else {"a_note": "not a picture", "zz": numpy.arange(7.0)}
        scipy.io.savemat(f"{folder}/{root}/{split}_32x32.mat", {**extra, "X": x, "y": y}, do_compression=packed)
        data = sets.SVHN(f"{folder}/{root}", split)
        case(f"SVHN {split} {root}", "SVHN", root, "test" if split == "test" else "train", data,
             [str(i) for i in range(10)], split="extra" if split == "extra" else "train")

print(json.dumps(cases))
