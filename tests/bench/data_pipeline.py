#!/usr/bin/python3
"""Measures the data pipeline in Torchloom and in torchvision with a DataLoader: the same pictures, steps,
batch size and number of workers, turn by turn on the same machine. Not a test: figures depend on the
machine and on what else it does, so the load is printed with them.

    tests/bench/data_pipeline.py [--bench build/release/tests/bench_data_pipeline] [--pictures 600] [--repeats 3] [--workers 1 2]

Figures are samples per second, the median of the turns. `stream` reads and decodes every picture anew in
every epoch, as torchvision does; `cache` keeps decoded pictures in memory, and is measured after the first
epoch, which fills it; `run` is three epochs from nothing with the cache, as a training has them.
"""
import argparse
import gzip
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import torch
import torchvision
from PIL import Image
from torchvision import transforms

ROOT = pathlib.Path(__file__).resolve().parents[2]
FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")


def make_photos(root, count):
    """JPEGs like photographs of 500 x 375: smooth surfaces, edges, texture of all sizes and noise."""
    rng = numpy.random.default_rng(1)
    y, x = numpy.mgrid[0:375, 0:500].astype(numpy.float32)
    for number in range(count):
        folder = root / "train" / f"class{number % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        picture = numpy.zeros((375, 500, 3), numpy.float32) + rng.uniform(60, 160, 3)
        for octave in range(1, 7):  # texture whose strength falls with its fineness
            coarse = rng.normal(0, 70 / octave, (3 * 2**octave, 4 * 2**octave, 3)).astype(numpy.float32)
            for c in range(3):
                picture[:, :, c] += numpy.asarray(Image.fromarray(coarse[:, :, c], "F").resize((500, 375), Image.BICUBIC))
        for _ in range(12):  # things with an edge
            inside = ((x - rng.uniform(0, 500)) / rng.uniform(15, 120)) ** 2 + ((y - rng.uniform(0, 375)) / rng.uniform(15, 90)) ** 2 < 1
            picture[inside] = picture[inside] * 0.5 + rng.uniform(0, 255, 3) * 0.5
        picture += rng.normal(0, 5, picture.shape)
        Image.fromarray(picture.clip(0, 255).astype(numpy.uint8)).save(folder / f"{number}.jpg", quality=90)


def make_fashion_mnist(root):
    raw = root / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for path in FASHION.glob("*.gz"):
        (raw / path.stem).write_bytes(gzip.open(path).read())


class Theirs:
    def __init__(self, case, root, workers, batch):
        normalize = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        if case == "image_folder":
            steps = [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), normalize]
            dataset = torchvision.datasets.ImageFolder(str(root / "train"), transforms.Compose(steps))
        else:
            steps = [transforms.ToTensor(), transforms.Normalize([0.286], [0.353])]
            dataset = torchvision.datasets.FashionMNIST(str(root), transform=transforms.Compose(steps))
            dataset = torch.utils.data.Subset(dataset, range(12000))  # enough to tell, without waiting for all
        self.loader = torch.utils.data.DataLoader(dataset, batch, num_workers=workers, persistent_workers=True)
        self.turn()  # starts the workers

    def turn(self):
        begin = time.perf_counter()
        samples = sum(len(labels) for _, labels in self.loader)
        return samples / (time.perf_counter() - begin)


class Ours:
    def __init__(self, bench, case, root, workers, batch, way, warm=True):
        command = [bench, case, str(root), str(workers), str(batch), way]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if warm:
            self.turn()  # fills the cache, or warms up

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            raise SystemExit(f"{self.process.args} ended without a figure.")
        self.kept = float(answer[1])
        return float(answer[0])

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def run_of_three(*arguments):
    """Samples per second over three epochs, the first of which fills the cache."""
    program = Ours(*arguments, "cache", warm=False)
    rates = [program.turn() for _ in range(3)]
    program.end()
    return 3 / sum(1 / rate for rate in rates)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=ROOT / "build/release/tests/bench_data_pipeline")
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--cases", nargs="*", default=["fashion_mnist", "image_folder"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        make_photos(root, options.pictures)
        make_fashion_mnist(root)
        bytes_each = sum(path.stat().st_size for path in root.glob("train/*/*.jpg")) / options.pictures
        print(f"{options.pictures} JPEGs of 500 x 375, {bytes_each / 1024:.0f} KB each; {os.cpu_count()} cores, PyTorch {torch.__version__}, torchvision {torchvision.__version__}")
        print(f"{'samples per second':44}{'Torchloom':>12}{'torchvision':>12}{'ratio':>8}{'load':>8}")
        for case in options.cases:
            batch = 32 if case == "image_folder" else 64
            for workers in options.workers:
                ways = ["stream", "cache"] if case == "image_folder" else ["stream"]
                theirs = Theirs(case, root, workers, batch)
                ours = {way: Ours(options.bench, case, root, workers, batch, way) for way in ways}
                figures = {way: [] for way in [*ways, "run", "theirs"]}
                for _ in range(options.repeats):
                    figures["theirs"].append(theirs.turn())
                    for way, program in ours.items():
                        figures[way].append(program.turn())
                    if case == "image_folder":
                        figures["run"].append(run_of_three(options.bench, case, root, workers, batch))
                median = {name: statistics.median(values) for name, values in figures.items() if values}
                for way in [way for way in median if way != "theirs"]:
                    name = f"{case}, {workers} worker{'s' if workers > 1 else ''}, {way}"
                    if way == "cache":
                        name += f" ({ours[way].kept:.0%} kept)"
                    print(f"{name:44}{median[way]:12,.0f}{median['theirs']:12,.0f}{median[way] / median['theirs']:8.2f}{os.getloadavg()[0]:8.1f}", flush=True)
                for program in ours.values():
                    program.end()
                del theirs


main()
