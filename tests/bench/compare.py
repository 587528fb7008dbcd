#!/usr/bin/python3
"""Measures the same work in Torchloom and in the plain PyTorch script a course would write, and prints
figures and ratios. Not a test: figures depend on the machine and on what else it does.

    tests/bench/compare.py [--cli build/release/bin/torchloom-cli] [--steps 100] [--rounds 3] [--threads N]
                           [PROJECT.loom ...]

Three figures a project, in samples per second: the data pipeline alone, the training step on one batch that
stays in memory, and real training; and what real training keeps of the step's speed. Networks must be chains; data is Debian's dataset-fashion-mnist.
"""
import argparse
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WARM_UP = 5
if "OMP_WAIT_POLICY" not in os.environ:  # libgomp reads it once, when it is loaded
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_WAIT_POLICY": "passive"})

import torch
import torchvision
from torch import nn


def chain(project, sample):
    """The project's network as nn.Sequential."""
    modules = []
    for node in project["network"]["nodes"]:
        kind, params = node["kind"], dict(node["params"])
        if kind in ("Input", "Output"):
            continue
        size = sample.shape[1]
        first = {"Conv2d": "in_channels", "Linear": "in_features", "BatchNorm2d": "num_features"}.get(kind)
        if first:
            params.setdefault(first, size)
        modules.append(getattr(nn, kind)(**params))
        sample = modules[-1](sample)
    return nn.Sequential(*modules)


def fashion_mnist(root):
    raw = pathlib.Path(root) / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for path in pathlib.Path("/usr/share/datasets/fashion-mnist").glob("*.gz"):
        (raw / path.stem).write_bytes(gzip.open(path).read())
    return root


def compose(steps):
    transforms = torchvision.transforms
    return transforms.Compose([getattr(transforms, step["kind"])(**step["params"]) for step in steps])


class Script:
    """The course's script, taken apart into what is measured."""

    def __init__(self, project, root):
        training = project["training"]
        torch.manual_seed(training["seed"])
        dataset = torchvision.datasets.FashionMNIST(root, transform=compose(project["data"]["train_transforms"]))
        self.loader = torch.utils.data.DataLoader(
            dataset, training["batch_size"], shuffle=training["shuffle"], num_workers=training["num_workers"])
        self.model = chain(project, dataset[0][0].unsqueeze(0))
        self.loss = getattr(nn, training["loss"]["kind"])(**training["loss"]["params"])
        optimizer = training["optimizer"]
        self.optimizer = getattr(torch.optim, optimizer["kind"])(self.model.parameters(), **optimizer["params"])

    def step(self, x, y):
        loss = self.loss(self.model(x), y)
        loss.item()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def measure(self, steps, work):
        """Samples per second of `work` on batch after batch."""
        batches = iter(self.loader)
        samples = 0
        for step in range(-WARM_UP, steps):
            if step == 0:
                begin = time.perf_counter()
            batch = next(batches)
            work(*batch)
            if step >= 0:
                samples += len(batch[1])
        return samples / (time.perf_counter() - begin)

    def measure_step(self, steps):
        x, y = next(iter(self.loader))
        for step in range(-WARM_UP, steps):
            if step == 0:
                begin = time.perf_counter()
            self.step(x, y)
        return steps * len(y) / (time.perf_counter() - begin)


def ours(options, path):
    """What `torchloom-cli bench` measures."""
    result = subprocess.run(
        [options.cli, "bench", path, "--json", "--steps", str(options.steps), "--threads", str(options.threads)],
        check=True, capture_output=True, text=True)
    return json.loads(result.stdout)["samples_per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", default=ROOT / "build/release/bin/torchloom-cli")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("projects", nargs="*", default=[
        *(ROOT / "projects" / f"{name}.loom" for name in ("fashion_mnist_two_convolutions", "lenet5", "mlp")),
        ROOT / "tests/bench/four_convolutions.loom"])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{options.threads} threads, PyTorch {torch.__version__}, {options.steps} batches, best of "
          f"{options.rounds} rounds; samples per second")
    print(f"{'':50}{'Torchloom':>12}{'PyTorch':>12}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        root = fashion_mnist(folder)
        for path in options.projects:
            project = json.loads(pathlib.Path(path).read_text())
            best, theirs = {}, {}
            # Interleaved: what else the machine does meets both.
            for _ in range(options.rounds):
                for part, figure in ours(options, path).items():
                    best[part] = max(best.get(part, 0), figure)
                script = Script(project, root)
                for part, figure in {
                    "pipeline": script.measure(options.steps, lambda x, y: None),
                    "training_step": script.measure_step(options.steps),
                    "training": script.measure(options.steps, script.step),
                }.items():
                    theirs[part] = max(theirs.get(part, 0), figure)
            stem = pathlib.Path(path).stem
            for part, figure in theirs.items():
                name = f"{stem}, {part.replace('_', ' ')}"
                print(f"{name:50}{best[part]:12,.0f}{figure:12,.0f}{best[part] / figure:8.2f}")
            name = f"{stem}, training by its own step"
            print(f"{name:50}{best['training'] / best['training_step']:12.2f}"
                  f"{theirs['training'] / theirs['training_step']:12.2f}")


main()
