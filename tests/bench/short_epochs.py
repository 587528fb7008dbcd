#!/usr/bin/python3
"""Measures thousands of short epochs, start-up aside, beside the Python loop of a course that tests after
every epoch too: a line through 500 points, all of them in one batch. Figures, not a test.

    tests/bench/short_epochs.py [--cli build/release/bin/torchloom-cli] [--epochs 1500] [--json]
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
if "OMP_WAIT_POLICY" not in os.environ:  # libgomp reads it once, when it is loaded
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_WAIT_POLICY": "passive"})

import torch
from torch import nn


def python_seconds(epochs):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x, xt = torch.rand(500, 1), torch.rand(100, 1)
    y, yt = 3 * x + 0.8 + 0.05 * torch.randn(500, 1), 3 * xt + 0.8
    model = nn.Linear(1, 1)
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    begin = time.perf_counter()
    for _ in range(epochs):
        model.train()
        loss = loss_fn(model(x), y)
        loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            loss_fn(model(xt), yt).item()
    return time.perf_counter() - begin


def torchloom_seconds(cli, epochs, as_json):
    """Seconds of the program, less those of the same run with one epoch."""
    def run(count, folder):
        begin = time.perf_counter()
        subprocess.run(
            [cli, "train", ROOT / "projects/zoo/linear_regression.loom", "--epochs", str(count), "--threads", "1",
             "--set", "training.batch_size=500", "--out", os.path.join(folder, str(count)), *["--json"] * as_json],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        start = run(1, folder)
        return run(epochs, folder) - start, start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", default=ROOT / "build/release/bin/torchloom-cli")
    parser.add_argument("--epochs", type=int, default=1500)
    parser.add_argument("--json", action="store_true", help="let it print every step, too")
    options = parser.parse_args()
    theirs = python_seconds(options.epochs)
    ours, start = torchloom_seconds(options.cli, options.epochs, options.json)
    print(f"{options.epochs} epochs: Torchloom {ours:.2f} s (start-up {start:.2f} s aside), Python {theirs:.2f} s, "
          f"ratio {ours / theirs:.2f}")


main()
