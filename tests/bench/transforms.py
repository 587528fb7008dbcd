#!/usr/bin/python3
"""Measures each transform of one picture in Torchloom and in torchvision with Pillow, turn by turn, one thread
each. Not a test: figures depend on the machine and on what else it does, so the load is printed with them.

    tests/bench/transforms.py [--bench build/release/tests/bench_transforms] [--size 500x375] [--mode RGB|L] [KIND ...]

Figures are milliseconds a picture, the median over the same seeds; random steps with a probability get p=1.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time
import warnings

import numpy
import torch
from PIL import Image
from torchvision import transforms

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEEDS = 31
STEPS = [
    [("Grayscale", {"num_output_channels": 3})],
    [("RandomGrayscale", {"p": 1.0})],
    [("ColorJitter", {"brightness": 0.4})],
    [("ColorJitter", {"contrast": 0.4})],
    [("ColorJitter", {"saturation": 0.4})],
    [("ColorJitter", {"hue": 0.1})],
    [("ColorJitter", {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1})],
    [("GaussianBlur", {"kernel_size": 3})],
    [("GaussianBlur", {"kernel_size": 5})],
    [("GaussianBlur", {"kernel_size": 23})],
    [("RandomInvert", {"p": 1.0})],
    [("RandomPosterize", {"bits": 4, "p": 1.0})],
    [("RandomSolarize", {"threshold": 128, "p": 1.0})],
    [("RandomAdjustSharpness", {"sharpness_factor": 2, "p": 1.0})],
    [("RandomAutocontrast", {"p": 1.0})],
    [("RandomEqualize", {"p": 1.0})],
    [("AutoAugment", {})],
    [("RandAugment", {})],
    [("TrivialAugmentWide", {})],
    [("Pad", {"padding": 20, "padding_mode": "reflect"})],
    [("RandomResizedCrop", {"size": 224})],
    [("RandomRotation", {"degrees": 30})],
    [("RandomRotation", {"degrees": 30, "interpolation": "bilinear"})],
    [("RandomRotation", {"degrees": 30, "interpolation": "bicubic"})],
    [("RandomAffine", {"degrees": 10, "translate": [0.1, 0.1], "scale": [0.8, 1.2], "shear": 10.0})],
    [("RandomPerspective", {"p": 1.0})],
    [("ElasticTransform", {})],
    [("ToTensor", {}), ("RandomErasing", {"p": 1.0, "value": "random"})],
    [("ToTensor", {}), ("ToPILImage", {})],
    [("ToTensor", {}), ("GaussianBlur", {"kernel_size": 5})],
    [("ToTensor", {}), ("RandomAdjustSharpness", {"sharpness_factor": 2, "p": 1.0})],
    [("ToTensor", {}), ("RandomAutocontrast", {"p": 1.0})],
]


def photo(width, height, mode):
    """Waves, edges and noise."""
    rng = numpy.random.default_rng(3)
    y, x = numpy.mgrid[0:height, 0:width]
    planes = []
    for c in range(3):
        plane = 120 + 70 * numpy.sin(x / (17 + 5 * c)) * numpy.cos(y / (13 + c)) + rng.normal(0, 9, x.shape)
        plane[(3 * x + 2 * y) % 190 > 140] += 60 - 25 * c
        planes.append(plane)
    return Image.fromarray(numpy.stack(planes, 2).clip(0, 255).astype(numpy.uint8), "RGB").convert(mode)


def theirs(steps, picture):
    def made(kind, params):
        if "interpolation" in params:
            params = {**params, "interpolation": transforms.InterpolationMode(params["interpolation"])}
        return getattr(transforms, kind)(**params)

    pipeline = transforms.Compose([made(kind, params) for kind, params in steps])
    seconds = []
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        begin = time.perf_counter()
        pipeline(picture)
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def label(steps):
    return " > ".join(kind + "".join(f" {k}={v}" for k, v in params.items() if k != "p") for kind, params in steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", help="only steps of these kinds")
    parser.add_argument("--bench", default=ROOT / "build/release/tests/bench_transforms")
    parser.add_argument("--size", default="500x375")
    parser.add_argument("--mode", default="RGB", choices=["RGB", "L"])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    width, height = map(int, arguments.size.split("x"))
    picture = photo(width, height, arguments.mode)
    print(f"{width} x {height} {arguments.mode}, load {os.getloadavg()[0]:.1f}")
    print(f"{'ms a picture':64}{'Torchloom':>11}{'torchvision':>13}{'ratio':>8}")
    with tempfile.NamedTemporaryFile() as pixels:
        pixels.write(picture.tobytes())
        pixels.flush()
        command = [arguments.bench, pixels.name, str(width), str(height), str(len(picture.getbands()))]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as ours:
            for steps in STEPS:
                if arguments.kinds and not any(kind in arguments.kinds for kind, _ in steps):
                    continue
                print(json.dumps([{"kind": kind, "params": params} for kind, params in steps]), file=ours.stdin, flush=True)
                mine = float(ours.stdout.readline())
                peer = theirs(steps, picture)
                print(f"{label(steps):64}{1e3 * mine:11.3f}{1e3 * peer:13.3f}{peer / mine:8.1f}")
            ours.stdin.close()


if __name__ == "__main__":
    main()
