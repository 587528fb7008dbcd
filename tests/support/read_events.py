"""Reads TensorBoard event files without TensorBoard or protobuf: prints one JSON object per event.

Written from the formats' descriptions (TFRecord framing, crc32c, protobuf wire types), not from the
program under test. Ends with an error at the first record whose checksum is wrong.
"""
import json
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = data[at:at + 8], at + 8
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        elif kind == 5:
            value, at = data[at:at + 4], at + 4
        else:
            raise SystemExit(f"wire type {kind}")
        yield field, value


def records(data):
    at = 0
    while at < len(data):
        size, crc = struct.unpack_from("<QI", data, at)
        if crc != masked(data[at:at + 8]):
            raise SystemExit("the checksum of a length is wrong")
        body = data[at + 12:at + 12 + size]
        if struct.unpack_from("<I", data, at + 12 + size)[0] != masked(body):
            raise SystemExit("the checksum of a record is wrong")
        yield body
        at += 16 + size


def event(body):
    out = {"step": 0, "scalars": {}}
    for field, value in fields(body):
        if field == 1:
            out["wall_time"] = struct.unpack("<d", value)[0]
        elif field == 2:
            out["step"] = value
        elif field == 3:
            out["version"] = value.decode()
        elif field == 7:
            out["session_log"] = dict(fields(value))[1]
        elif field == 5:
            for number, summary in fields(value):
                parts = dict(fields(summary))
                if 2 in parts:
                    out["scalars"][parts[1].decode()] = struct.unpack("<f", parts[2])[0]
                elif 8 in parts:
                    out.setdefault("texts", {})[parts[1].decode()] = dict(fields(parts[8]))[8].decode()
    return out


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        for body in records(file.read()):
            print(json.dumps(event(body)))
