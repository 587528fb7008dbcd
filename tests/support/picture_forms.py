#!/usr/bin/python3
"""Writes picture files of every form that Pillow reads of the formats that are read here:

    picture_forms.py FOLDER

Beside each FOLDER/NAME lies NAME.raw, width, height and RGB bytes as `Image.open(NAME).convert("RGB")` gives them, or
NAME.refused where Pillow refuses it. NAME.older holds what an older Pillow than the program follows makes of it (the raw bytes, or
nothing where it refuses).
"""
import itertools
import os
import struct
import sys
import zlib

import numpy
import PIL
from PIL import Image, TiffImagePlugin

FOLDER = sys.argv[1] + "/"
rng = numpy.random.default_rng(5)
# Files that Pillow reads as the program does only since a release: places beyond the end of a palette are black, and more
# forms of TIFF are known.
SINCE = {"3-8-0.png": (10, 1), "3-8-1.png": (10, 1), "8-few.bmp": (10, 1),
         "II-1-2-1-8-.tif": (10, 0), "MM-1-2-1-8-.tif": (10, 0), "II-3-1-1-8.8-0.tif": (10, 4), "MM-5-1-1-16.16.16.16-.tif": (11, 0)}
VERSION = tuple(int(word) for word in PIL.__version__.split(".")[:2])
W, H = 37, 29


def write(name, data):
    with open(FOLDER + name, "wb") as file:
        file.write(data)


def noise(count):
    """Bytes with long runs of small numbers as well, so that clipping and scaling both show."""
    data = rng.integers(0, 256, count, dtype=numpy.uint8)
    data[: count // 3] = rng.integers(0, 3, count // 3, dtype=numpy.uint8)
    return data.tobytes()


y, x = numpy.mgrid[0:H, 0:W]
base = numpy.stack([(128 + 120 * numpy.sin(x / 5 + k) * numpy.cos(y / 4) + rng.normal(0, 9, x.shape)).clip(0, 255)
                    for k in range(4)], axis=2).astype(numpy.uint8)
rgb = Image.fromarray(base[:, :, :3].copy(), "RGB")
rgba = Image.fromarray(base, "RGBA")
grey = Image.fromarray(base[:, :, 0].copy(), "L")
la = Image.merge("LA", (grey, grey.transpose(0)))
bit = grey.convert("1")
palette = rgb.quantize(40)
wide = base[:, :, 0].astype(numpy.int64) * 257 + base[:, :, 1]


def pnm():
    values = wide % 1024
    for most in (1, 3, 100, 127, 254, 255, 256, 1000, 4095, 65534, 65535):
        for kind, channels in (("5", 1), ("6", 3)):
            numbers = rng.integers(0, most + 1, (H, W * channels))
            raw = numbers.astype(numpy.uint8 if most < 256 else ">u2").tobytes()
            write(f"p{kind}-{most}.p{'gp'[channels // 3]}m", b"P%s\n# a comment\n%d %d\n%d\n" % (kind.encode(), W, H, most) + raw)
            text = " ".join(str(n) for n in numbers.reshape(-1)).encode()
            plain = b"3" if channels == 3 else b"2"
            write(f"p{plain.decode()}-{most}.pnm", b"P%s %d %d #c\n%d\n" % (plain, W, H, most) + text[:50] + b" # in between\n" + text[50:]
                  if b" " == text[50:51] else b"P%s %d %d\n%d\n" % (plain, W, H, most) + text + b"\n")
    # Numbers above the largest one are clipped.
    write("p5-beyond.pgm", b"P5 %d %d 100\n" % (W, H) + noise(W * H))
    packed = numpy.packbits(values % 2 == 0, axis=1).tobytes()
    write("p4.pbm", b"P4\n%d %d\n" % (W, H) + packed)
    write("p1.pbm", b"P1\n%d %d\n" % (W, H) + "".join(str(n % 2) for n in values.reshape(-1)).encode())
    write("p1-words.png", b"P1\n%d %d\n" % (W, H) + " ".join(str(n % 2) for n in values.reshape(-1)).encode())


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png():
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
    for colour, count in channels.items():
        for depth in (1, 2, 4, 8, 16):
            for laced in (0, 1):
                passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
                rows = b""
                for x0, y0, dx, dy in passes if laced else [(0, 0, 1, 1)]:
                    width, height = -(-(W - x0) // dx), -(-(H - y0) // dy)
                    for row in range(height):
                        rows += bytes([row % 5]) + noise((width * depth * count + 7) // 8)
                data = zlib.compress(rows)
                head = struct.pack(">IIBBBBB", W, H, depth, colour, 0, 0, laced)
                parts = png_chunk(b"IHDR", head)
                if colour == 3:
                    parts += png_chunk(b"PLTE", noise(3 * min(100, 1 << depth))) + png_chunk(b"tRNS", b"\0\x80")
                if colour == 0 and depth == 8:
                    parts += png_chunk(b"tRNS", b"\0\1")
                parts += png_chunk(b"IDAT", data[:100]) + png_chunk(b"IDAT", b"") + png_chunk(b"IDAT", data[100:])
                write(f"{colour}-{depth}-{laced}.png", b"\x89PNG\r\n\x1a\n" + parts + png_chunk(b"IEND", b""))


def bmp_file(name, bits, data, colours=b"", size=40, packing=0, masks=(), height=H, used=0):
    if size == 12:
        head = struct.pack("<IHHHH", 12, W, height, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", size, W, height, 1, bits, packing, len(data), 2835, 2835, used, 0)
        extra = b"".join(struct.pack("<I", m) for m in masks)
        head = head + (extra + bytes(124))[: size - 40] if size > 40 else head + extra
    offset = 14 + len(head) + len(colours)
    write(name, b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + head + colours + data)


def bmp():
    def rows(bits):
        return b"".join(noise((W * bits + 7) // 8).ljust((W * bits + 31) // 32 * 4, b"\0") for _ in range(H))

    for bits in (1, 4, 8):
        colours = noise(4 << bits)
        bmp_file(f"{bits}.bmp", bits, rows(bits), colours)
        bmp_file(f"{bits}-top.bmp", bits, rows(bits), colours, height=-H)
        bmp_file(f"{bits}-old.bmp", bits, rows(bits), noise(3 << bits), size=12)
        bmp_file(f"{bits}-v5.bmp", bits, rows(bits), colours, size=124)
    bmp_file("8-few.bmp", 8, rows(8), noise(4 * 20), used=20)
    bmp_file("8-grey.bmp", 8, rows(8), b"".join(bytes([i, i, i, 0]) for i in range(256)))
    bmp_file("1-grey.bmp", 1, rows(1), b"\0\0\0\0\xff\xff\xff\0")
    for bits in (16, 24, 32):
        bmp_file(f"{bits}.bmp", bits, rows(bits))
        bmp_file(f"{bits}-top.bmp", bits, rows(bits), height=-H)
    bmp_file("16-565.bmp", 16, rows(16), packing=3, masks=(0xF800, 0x7E0, 0x1F))
    bmp_file("16-555.bmp", 16, rows(16), packing=3, masks=(0x7C00, 0x3E0, 0x1F))
    bmp_file("16-565-v4.bmp", 16, rows(16), size=108, packing=3, masks=(0xF800, 0x7E0, 0x1F, 0))
    bmp_file("16-444.bmp", 16, rows(16), packing=3, masks=(0xF00, 0xF0, 0xF))
    for i, masks in enumerate([(0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0),
                               (0xFF000000, 0xFF0000, 0xFF00, 0xFF), (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
                               (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0, 0, 0, 0), (0xFF, 0xFF00, 0xFF0000, 0)]):
        bmp_file(f"32-masks{i}.bmp", 32, rows(32), size=108, packing=3, masks=masks)
    bmp_file("32-short.bmp", 32, rows(32), packing=3, masks=(0xFF0000, 0xFF00, 0xFF))
    rle8 = b"".join(bytes([20, i, 0, 5, 1, 2, 3, 4, 5, 0, W - 25, 200 - i]) + (b"\0\0" if i % 3 else b"\0\0") for i in range(H - 2))
    bmp_file("rle8.bmp", 8, rle8 + bytes([W, 9]) + b"\0\0" + bytes([W, 7]) + b"\0\0\0\1", noise(1024), packing=1)
    rle8 = b"".join(bytes([W, 3 * i]) + b"\0\0" for i in range(H))
    bmp_file("rle8-whole.bmp", 8, rle8 + b"\0\1", noise(1024), packing=1)
    rle4 = b"".join(bytes([20, 0x12 + i]) + b"\0\4\x34\x56" + bytes([W - 24, 0x77]) + b"\0\0" for i in range(H))
    bmp_file("rle4.bmp", 4, rle4 + b"\0\1", noise(64), packing=2)


def tiff_file(name, order, tags, data, strips=None):
    """One strip; tags: {number: (type, values)}, type 3 short or 4 long."""
    mark = {b"II": "<", b"MM": ">"}[order[:2]]
    tags = dict(tags)
    tags[273] = (4, tuple(strips[0]) if strips else (8,))
    tags[279] = (4, tuple(strips[1]) if strips else (len(data),))
    start = 8 + len(data) + len(data) % 2
    extra = b""
    directory = struct.pack(mark + "H", len(tags))
    after = start + 2 + 12 * len(tags) + 4
    for number, (kind, values) in sorted(tags.items()):
        raw = b"".join(struct.pack(mark + {3: "H", 4: "I"}[kind], v) for v in values)
        if len(raw) <= 4:
            field = raw.ljust(4, b"\0")
        else:
            field = struct.pack(mark + "I", after + len(extra))
            extra += raw
        directory += struct.pack(mark + "HHI", number, kind, len(values)) + field
    write(name, order + struct.pack(mark + "H", 42) + struct.pack(mark + "I", start) + data + bytes(len(data) % 2) + directory
          + struct.pack(mark + "I", 0) + extra)


def planes_file(name, tags, bits):
    """Three planes of one strip each, packed by Deflate so that Pillow asks libtiff."""
    strips = [zlib.compress(noise(W * H * bits // 8)) for _ in range(3)]
    data = b"".join(strip + bytes(len(strip) % 2) for strip in strips)
    places, place = [], 8
    for strip in strips:
        places.append(place)
        place += len(strip) + len(strip) % 2
    tags = dict(tags)
    tags[259] = (3, (8,))
    tiff_file(name, b"II", tags, data, strips=(places, [len(strip) for strip in strips]))


def float_bytes(order, count):
    values = numpy.concatenate([rng.uniform(-50, 320, count - 4), [numpy.nan, numpy.inf, -numpy.inf, 254.999]])
    return values.astype((">" if order == b"MM" else "<") + "f4").tobytes()


def tiff():
    known = [(prefix[:2], *key) for prefix, *key in TiffImagePlugin.OPEN_INFO if key[0] != 8]
    others = [(b"MM", 0, (1,), 1, (16,), ()), (b"MM", 1, (1,), 1, (12,), ()), (b"MM", 1, (1,), 1, (32,), ()),
              (b"II", 1, (3,), 1, (64,), ()), (b"II", 1, (1,), 1, (8, 8), (1,)), (b"II", 2, (1,), 1, (32, 32, 32), ()),
              (b"II", 2, (3,), 1, (32, 32, 32), ()), (b"II", 0, (2,), 1, (16,), ())]
    newer = [(b"II", 1, (2,), 1, (8,), ()), (b"MM", 1, (2,), 1, (8,), ()), (b"II", 3, (1,), 1, (8, 8), (0,)),
             (b"MM", 5, (1,), 1, (16, 16, 16, 16), ())]
    others += [one for one in newer if one not in known]
    # Brightness alone that calls itself YCbCr: libtiff does not open it, Pillow reads it since 10.1.
    alone = [(b"II", 6, (1,), 1, (8,), ()), (b"MM", 6, (1,), 1, (8,), ())]
    known = [one for one in known if one not in alone]
    for order, photo, form, fill, bits, extra in known + others:
        name = f"{order.decode()}-{photo}-{form[0]}-{fill}-{'.'.join(map(str, bits))}-{'.'.join(map(str, extra))}"
        row = (W * sum(bits) + 7) // 8
        data = float_bytes(order, W * H) if form == (3,) and bits == (32,) else noise(row * H)
        if bits == (32,) and form != (3,):
            data = rng.integers(-300, 600, W * H).astype((">" if order == b"MM" else "<") + "i4").tobytes()
        if bits == (16,):
            data = rng.integers(0, 400, W * H).astype((">" if order == b"MM" else "<") + "i2").tobytes()
        tags = {256: (3, (W,)), 257: (3, (H,)), 258: (3, bits), 259: (3, (1,)), 262: (3, (photo,)), 266: (3, (fill,)),
                277: (3, (len(bits),)), 278: (3, (H,)), 284: (3, (1,)), 339: (3, form * len(bits))}
        if extra:
            tags[338] = (3, extra)
        if photo == 3:
            tags[320] = (3, tuple(rng.integers(0, 65536, 3 << bits[0])))
        if photo == 6:
            tags[530] = (3, (1, 1))
        tiff_file(name + ".tif", order, tags, data)
    for turn in range(1, 9):
        tags = {256: (3, (W,)), 257: (3, (H,)), 258: (3, (8, 8, 8)), 259: (3, (1,)), 262: (3, (2,)), 274: (3, (turn,)), 277: (3, (3,)),
                278: (3, (H,)), 284: (3, (1,))}
        tiff_file(f"turned{turn}.tif", b"II", tags, rgb.tobytes())
    images = {"1": bit, "L": grey, "LA": la, "P": palette, "RGB": rgb, "RGBA": rgba, "CMYK": rgb.convert("CMYK"), "YCbCr": rgb.convert("YCbCr"),
              "I16": Image.fromarray(wide.astype(numpy.uint16)), "I": Image.fromarray((wide - 9000).astype(numpy.int32)),
              "F": Image.fromarray((wide / 200 - 20).astype(numpy.float32))}
    for (mode, image), packing in itertools.product(images.items(), [None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group4"]):
        try:
            image.save(f"{FOLDER}saved-{mode}-{packing}.tif", compression=packing)
        except Exception:
            if os.path.exists(f"{FOLDER}saved-{mode}-{packing}.tif"):
                os.remove(f"{FOLDER}saved-{mode}-{packing}.tif")
    for bits in (8, 16):
        tags = {256: (3, (W,)), 257: (3, (H,)), 258: (3, (bits,) * 3), 259: (3, (5,)), 262: (3, (2,)), 277: (3, (3,)), 278: (3, (H,)),
                284: (3, (2,))}
        planes_file(f"planes{bits}.tif", tags, bits)
    grey.save(FOLDER + "pages.tif", save_all=True, append_images=[grey.rotate(90)])


def gif():
    for name, image in {"p": palette, "l": grey, "bit": bit, "rgb": rgb, "la": la, "rgba": rgba}.items():
        image.save(f"{FOLDER}{name}.gif")
    palette.save(FOLDER + "transparent.gif", transparency=3)
    palette.save(FOLDER + "plain.gif", interlace=0)
    rgb.save(FOLDER + "moving.gif", save_all=True, append_images=[rgb.rotate(90), rgb.rotate(180)], duration=50, loop=0)
    rgb.save(FOLDER + "gif-called.jpg", format="GIF")
    for source in ("transparent.gif", "plain.gif", "l.gif"):
        data = bytearray(open(FOLDER + source, "rb").read())
        data[6:10] = struct.pack("<HH", W + 11, H + 7)
        at = data.index(b",\0\0\0\0" + struct.pack("<HH", W, H))
        data[at + 1 : at + 5] = struct.pack("<HH", 6, 5)
        write("larger-" + source, bytes(data))
        data[6:10] = struct.pack("<HH", 5, 4)
        write("smaller-" + source, bytes(data))


def webp():
    rgb.save(FOLDER + "lossy.webp", quality=60)
    rgba.save(FOLDER + "lossy-alpha.webp", quality=60)
    rgb.save(FOLDER + "lossless.webp", lossless=True)
    rgba.save(FOLDER + "lossless-alpha.webp", lossless=True)
    rgba.save(FOLDER + "exact.webp", lossless=True, exact=True)
    frames = [rgb.rotate(90 * i) for i in range(1, 4)]
    rgb.save(FOLDER + "moving.webp", save_all=True, append_images=frames, duration=40)
    rgba.save(FOLDER + "moving-alpha.webp", save_all=True, append_images=[rgba.rotate(90)], lossless=True)
    rgb.save(FOLDER + "webp-called.png", format="WEBP")


def jpeg2000():
    sixteen = Image.fromarray((wide % 700).astype(numpy.uint16))
    for name, image in {"l": grey, "la": la, "rgb": rgb, "rgba": rgba, "i16": sixteen}.items():
        for ending in ("jp2", "j2k"):
            image.save(f"{FOLDER}{name}.{ending}")
            image.save(f"{FOLDER}{name}-lossy.{ending}", irreversible=True, quality_mode="rates", quality_layers=[20, 5])
    rgb.save(FOLDER + "tiles.jp2", tile_size=(16, 16), num_resolutions=2)
    rgb.save(FOLDER + "offset.jp2", offset=(5, 3), tile_offset=(0, 0), tile_size=(32, 32), num_resolutions=2)
    grey.save(FOLDER + "grey-tiles.j2k", tile_size=(16, 16), num_resolutions=2)
    rgb.save(FOLDER + "no-mct.jp2", mct=0)
    rgb.save(FOLDER + "mct.jp2", mct=1)
    rgb.save(FOLDER + "jp2-called.png", format="JPEG2000")


def jpeg():
    for name, image in {"rgb": rgb, "l": grey, "cmyk": rgb.convert("CMYK")}.items():
        image.save(f"{FOLDER}{name}.jpg")
    rgb.save(FOLDER + "jpeg-called.gif", format="JPEG")


pnm(), png(), bmp(), tiff(), gif(), webp(), jpeg2000(), jpeg()
for name in sorted(os.listdir(FOLDER)):
    try:
        opened = Image.open(FOLDER + name)
        image = opened.convert("RGB")
        luma = Image.open(FOLDER + name).convert("L")
        raw = struct.pack("<II", *image.size) + image.tobytes()
    except Exception as problem:
        raw, refusal = b"", str(problem)
    if VERSION < SINCE.get(name, (0,)):
        write(name + ".older", raw)
    elif raw:
        write(name + ".raw", raw)
        write(name + ".luma", luma.tobytes())
    else:
        write(name + ".refused", refusal.encode())
