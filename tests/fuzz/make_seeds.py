#!/usr/bin/python3
"""Writes a small, whole example of everything that Torchloom reads, for fuzz_readers to damage:

    make_seeds.py FOLDER

FOLDER/pictures/*: picture files. FOLDER/projects/*: project files. FOLDER/sets/NAME/case.txt: a data set's kind
and parameters, `key<TAB>value` a line; its root is FOLDER/sets/NAME/root.
"""
import gzip
import io
import json
import os
import pathlib
import pickle
import shutil
import struct
import sys
import tarfile
import zipfile

import numpy
from PIL import Image

FOLDER = pathlib.Path(sys.argv[1])
# What an earlier run left, whole or cut short, would mix with this one's.
if FOLDER.exists():
    shutil.rmtree(FOLDER)
rng = numpy.random.default_rng(2)


def write(path, data):
    path = FOLDER / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def case(name, kind, **params):
    lines = [f"kind\t{kind}"] + [f"{key}\t{value}" for key, value in params.items()]
    write(f"sets/{name}/case.txt", "\n".join(lines) + "\n")
    return f"sets/{name}/root"


def photo(width=23, height=17):
    y, x = numpy.mgrid[0:height, 0:width]
    waves = [128 + 90 * numpy.sin(x / 3 + c) * numpy.cos(y / 4) + rng.normal(0, 9, x.shape) for c in range(3)]
    return Image.fromarray(numpy.stack(waves, 2).clip(0, 255).astype(numpy.uint8))


def encoded(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def pictures():
    rgb = photo(61, 47)
    grey = rgb.convert("L")
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = Image.fromarray(numpy.asarray(grey).astype(numpy.int32) * 3, "I")
    for name, data in {
        "plain.jpg": encoded(rgb, "JPEG"), "sharp.jpg": encoded(rgb, "JPEG", subsampling=0, restart_marker_blocks=3),
        "progressive.jpg": encoded(rgb, "JPEG", progressive=True), "grey.jpg": encoded(grey, "JPEG"),
        "cmyk.jpg": encoded(rgb.convert("CMYK"), "JPEG"), "exif.jpg": encoded(rgb, "JPEG", exif=exif.tobytes()),
        "rgb.png": encoded(rgb, "PNG"), "grey.png": encoded(grey, "PNG"), "palette.png": encoded(rgb.quantize(20), "PNG"),
        "bit.png": encoded(grey.convert("1"), "PNG"), "wide.png": encoded(wide, "PNG"), "rgba.png": encoded(rgb.convert("RGBA"), "PNG"),
        "rgb.bmp": encoded(rgb, "BMP"), "palette.bmp": encoded(rgb.quantize(20), "BMP"), "grey.bmp": encoded(grey, "BMP"),
        "rgb.ppm": encoded(rgb, "PPM"), "grey.pgm": encoded(grey, "PPM"), "text.ppm": b"P3\n3 2\n255\n" + b"7 80 255 " * 6,
        "rgb.tif": encoded(rgb, "TIFF"), "packed.tif": encoded(rgb, "TIFF", compression="tiff_lzw"),
        "deflate.tif": encoded(grey, "TIFF", compression="tiff_adobe_deflate"),
        "lossy.webp": encoded(rgb, "WEBP"), "lossless.webp": encoded(rgb, "WEBP", lossless=True),
        "moving.webp": encoded(rgb, "WEBP", save_all=True, append_images=[rgb.rotate(90)]),
        "float.tif": encoded(Image.fromarray(numpy.asarray(grey).astype(numpy.float32)), "TIFF"),
        "cmyk.tif": encoded(rgb.convert("CMYK"), "TIFF", compression="packbits"),
        "ycc.tif": encoded(rgb.convert("YCbCr"), "TIFF", compression="jpeg"),
        "bit.tif": encoded(grey.convert("1"), "TIFF", compression="group4"),
        "moving.gif": encoded(rgb, "GIF", save_all=True, append_images=[rgb.rotate(90)]), "grey.gif": encoded(grey, "GIF"),
        "rgb.jp2": encoded(rgb, "JPEG2000"), "wide.jp2": encoded(Image.fromarray(numpy.asarray(grey).astype(numpy.uint16) * 9), "JPEG2000"),
        "tiles.j2k": encoded(rgb, "JPEG2000", no_jp2=True, tile_size=(16, 16), num_resolutions=2),
        "wide.pgm": b"P5 5 4 1000\n" + bytes(range(40)), "bits.pbm": b"P4 9 4\n" + bytes(range(8)),
        "runs.bmp": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 118, 40, 5, 3, 1, 4, 2, 20, 0, 0, 0, 0) + bytes(range(64))
        + b"\5\x12\0\0\0\4\x34\x56\1\x77\0\0\5\x33\0\1",
    }.items():
        write(f"pictures/{name}", data)


def idx(data):
    return struct.pack(">I", 0x800 + data.ndim) + b"".join(struct.pack(">I", side) for side in data.shape) + data.tobytes()


def mnist_files(prefix=""):
    files = {}
    for split, count in (("train", 7), ("t10k", 3)):
        files[f"{prefix}{split}-images-idx3-ubyte"] = idx(rng.integers(0, 256, (count, 28, 28), numpy.uint8))
        files[f"{prefix}{split}-labels-idx1-ubyte"] = idx((numpy.arange(count) % 10).astype(numpy.uint8))
    return files


def mnist():
    for kind in ("MNIST", "FashionMNIST", "KMNIST"):
        root = case(kind, kind)
        for name, data in mnist_files().items():
            write(f"{root}/{kind}/raw/{name}", data)
    root = case("MNIST_packed", "MNIST")
    for name, data in mnist_files().items():
        write(f"{root}/MNIST/raw/{name}.gz", gzip.compress(data))
    emnist = {}
    for name, data in mnist_files().items():
        emnist[f"emnist-digits-{name.replace('t10k', 'test')}"] = data
    root = case("EMNIST", "EMNIST", split="digits")
    for name, data in emnist.items():
        write(f"{root}/EMNIST/raw/{name}", data)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in emnist.items():
            archive.writestr(f"gzip/{name}.gz", gzip.compress(data))
    write(case("EMNIST_archive", "EMNIST", split="digits") + "/EMNIST/raw/gzip.zip", packed.getvalue())


def tar_gz(files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def cifar():
    def batch(labels, protocol, text=str):
        data = rng.integers(0, 256, (len(labels), 3072), numpy.uint8)
        return pickle.dumps({text("data"): data, text("batch_label"): "b", text("filenames"): ["a.png"] * len(labels),
                             text("labels"): labels, text("fine_labels"): labels, text("coarse_labels"): labels}, protocol)

    names = [f"data_batch_{k}" for k in range(1, 6)] + ["test_batch"]
    for protocol in (2, 4):
        root = case(f"CIFAR10_pickle{protocol}", "CIFAR10")
        for name in names:
            write(f"{root}/cifar-10-batches-py/{name}", batch([1, 9], protocol))
        write(f"{root}/cifar-10-batches-py/batches.meta", pickle.dumps({"label_names": list("abcdefghij")}, protocol))
        root = case(f"CIFAR100_pickle{protocol}", "CIFAR100")
        for name in ("train", "test"):
            write(f"{root}/cifar-100-python/{name}", batch([5, 7], protocol))
        write(f"{root}/cifar-100-python/meta", pickle.dumps({"fine_label_names": [f"f{i}" for i in range(100)], "coarse_label_names": [f"c{i}" for i in range(20)]}, protocol))
    root = case("CIFAR10_binary", "CIFAR10")
    for name in names:
        write(f"{root}/cifar-10-batches-bin/{name}.bin", b"".join(bytes([label]) + rng.bytes(3072) for label in (3, 8)))
    root = case("CIFAR100_binary", "CIFAR100")
    for name in ("train", "test"):
        write(f"{root}/cifar-100-binary/{name}.bin", b"".join(bytes([2, label]) + rng.bytes(3072) for label in (3, 8)))
    files = {f"cifar-10-batches-py/{name}": batch([1, 9], 2) for name in names}
    files["cifar-10-batches-py/batches.meta"] = pickle.dumps({"label_names": list("abcdefghij")}, 2)
    write(case("CIFAR10_archive", "CIFAR10") + "/cifar-10-python.tar.gz", tar_gz(files))


def stl10():
    root = case("STL10", "STL10") + "/stl10_binary"
    for name, count in (("train", 3), ("test", 2), ("unlabeled", 2)):
        write(f"{root}/{name}_X.bin", rng.bytes(27648 * count))
        if name != "unlabeled":
            write(f"{root}/{name}_y.bin", bytes(range(1, count + 1)))
    write(f"{root}/class_names.txt", "\n".join("airplane bird car cat deer dog horse monkey ship truck".split()) + "\n")
    write(f"{root}/fold_indices.txt", "0 2\n1 2\n")


def svhn():
    import scipy.io

    for packed in (False, True):
        root = case(f"SVHN_{'packed' if packed else 'plain'}", "SVHN")
        for name, count in (("train", 3), ("test", 2)):
            out = io.BytesIO()
            scipy.io.savemat(out, {"X": rng.integers(0, 256, (32, 32, 3, count), numpy.uint8), "y": numpy.arange(1, count + 1, dtype=numpy.uint8)[:, None]}, do_compression=packed)
            write(f"{root}/{name}_32x32.mat", out.getvalue())


def folders():
    root = case("ImageFolder", "ImageFolder")
    for split in ("train", "test"):
        for label in ("ants", "bees"):
            write(f"{root}/{split}/{label}/a.jpg", encoded(photo(), "JPEG"))
            write(f"{root}/{split}/{label}/b.png", encoded(photo(), "PNG"))
    root = case("ImageNet", "ImageNet")
    for split in ("train", "val"):
        for label in ("n01440764", "n02084071"):
            write(f"{root}/{split}/{label}/a.JPEG", encoded(photo(), "JPEG"))
    write(f"{root}/LOC_synset_mapping.txt", "n01440764 tench, Tinca tinca\nn02084071 dog\n")
    root = case("LabelFolders", "LabelFolders")
    for split in ("train", "val"):
        for label in ("ants", "bees"):
            write(f"{root}/{split}/{label}_image/{label}1.jpg", encoded(photo(), "JPEG"))
            write(f"{root}/{split}/{label}_label/{label}1.txt", label)


def lists():
    root = case("PictureList", "PictureList")
    write(f"{root}/train.csv", 'file,label\n"a.jpg",cat\nb.png,"d""og"\na.jpg,dog\n')
    write(f"{root}/test.csv", "file,label\na.jpg,cat\nb.png,\"d\"\"og\"\n")
    write(f"{root}/a.jpg", encoded(photo(), "JPEG"))
    write(f"{root}/b.png", encoded(photo(), "PNG"))
    table = "age,city,height,kind\n" + "".join(f'{20 + i},"{["Ulm", "Kiel, D"][i % 2]}",{1.5 + i / 10:.2f},{"ab"[i % 2]}\n' for i in range(8))
    write(case("Table", "Table") + "/train.csv", table)
    write(case("Table_numbers", "Table", task="regression", target="height", missing="mean") + "/t.csv", table)
    series = "day,x,y\n" + "".join(f"2024-01-{i + 1:02},{i * 0.5},{(i * 7) % 5}\n" for i in range(28))
    write(case("TimeSeries", "TimeSeries", window=4) + "/train.csv", series)


def coco():
    root = case("Coco", "CocoDetection")
    for split in ("train", "val"):
        write(f"{root}/{split}2017/1.jpg", encoded(photo(), "JPEG"))
        write(f"{root}/{split}2017/2.jpg", encoded(photo(), "JPEG"))
        images = [{"id": 7, "file_name": "1.jpg", "width": 23, "height": 17}, {"id": 9, "file_name": "2.jpg", "width": 23, "height": 17}]
        boxes = [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2, 5.5, 6], "area": 33, "iscrowd": 0, "segmentation": [[1, 2, 6, 2, 6, 8]]},
                 {"id": 2, "image_id": 9, "category_id": 18, "bbox": [0, 0, 9, 9], "area": 81, "iscrowd": 1, "segmentation": {"counts": [3, 4], "size": [17, 23]}}]
        captions = [{"id": 3, "image_id": 7, "caption": "A \u00e4nt."}]
        categories = [{"id": 3, "name": "car", "supercategory": "vehicle"}, {"id": 18, "name": "dog", "supercategory": "animal"}]
        write(f"{root}/annotations/instances_{split}2017.json", json.dumps({"info": {}, "images": images, "annotations": boxes, "categories": categories}))
        write(f"{root}/annotations/captions_{split}2017.json", json.dumps({"images": images, "annotations": captions}))


def lsun():
    import lmdb

    root = case("LSUN", "LSUN", classes="tower")
    for split in ("train", "val"):
        folder = FOLDER / root / f"tower_{split}_lmdb"
        folder.mkdir(parents=True)
        with lmdb.open(str(folder), map_size=1 << 20) as base, base.begin(write=True) as writing:
            for i in range(3):
                writing.put(f"key{i}".encode(), encoded(photo(), "WEBP" if i else "JPEG"))


def projects():
    nodes = [{"id": "input", "kind": "Input", "params": {"shape": [1, 28, 28]}}, {"id": "output", "kind": "Output", "params": {}}]
    steps = [{"kind": "RandomCrop", "params": {"size": 20, "padding": [1, 2]}}, {"kind": "Resize", "params": {"size": [14, 15]}},
             {"kind": "RandomResizedCrop", "params": {"size": 12, "scale": [0.1, 1.0], "ratio": [0.75, 1.3333]}},
             {"kind": "ColorJitter", "params": {"brightness": 0.4, "contrast": [0.5, 1.5], "hue": 0.1}},
             {"kind": "RandomAffine", "params": {"degrees": 20, "translate": [0.1, 0.2], "shear": 5}},
             {"kind": "GaussianBlur", "params": {"kernel_size": 3, "sigma": [0.1, 2.0]}},
             {"kind": "RandomApply", "params": {"transforms": [{"kind": "RandomHorizontalFlip", "params": {"p": 0.5}}], "p": 0.3}},
             {"kind": "CenterCrop", "params": {"size": 9}}, {"kind": "ToTensor", "params": {}},
             {"kind": "Normalize", "params": {"mean": [0.5], "std": [0.25]}}, {"kind": "RandomErasing", "params": {"p": 0.7, "scale": [0.02, 0.33]}}]
    data = {"dataset": {"kind": "FashionMNIST", "params": {}}, "train_transforms": steps, "test_transforms": steps[1:2] + steps[8:10]}
    write("projects/project.loom", json.dumps({"format": "torchloom-project", "version": 1, "network": {"nodes": nodes, "edges": []}, "data": data}, indent=1))
    for number, step in enumerate(steps):
        one = dict(data, train_transforms=[step], test_transforms=[])
        write(f"projects/{number}.loom", json.dumps({"format": "torchloom-project", "version": 1, "network": {"nodes": nodes, "edges": []}, "data": one}))


for make in (pictures, mnist, cifar, stl10, svhn, folders, lists, coco, lsun, projects):
    try:
        make()
    except ImportError as missing:
        print(f"{make.__name__}: {missing}; left out", file=sys.stderr)
