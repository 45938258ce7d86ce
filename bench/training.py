"""How long the β sweep takes, beside pythae's: whole commands, alternated, medians.

Prints wall time and CPU time of the six-β sweep on the sample, their ratios, what was learned, and
which part of our CPU time the unavoidable work takes: the matrix products and Adam's memory
traffic, measured in the same run.
"""

import argparse
import csv
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab.models import build_model  # noqa: E402
from rdlab.lab.runs import BETAS  # noqa: E402
from rdlab.lab.train import EVALUATION_BATCH  # noqa: E402

PEER = ROOT / "bench" / ".venv" / "bin" / "python"
SAMPLE, BATCH = 10_000, 128
CONFIGS = {
    "mlp": {"model": "mlp", "hidden": [512, 256], "latent_dim": 32},
    "conv": {"model": "conv", "width": 32, "latent_dim": 32},
}


@dataclass
class Timing:
    """One run of a command: seconds on the clock and of all processors, and mean D + β·R."""

    wall: float
    cpu: float
    cost: float


def ours(model: str, epochs: int) -> Timing:
    with tempfile.TemporaryDirectory() as out:
        command = [
            sys.executable,
            "-m",
            "rdlab",
            "sweep",
            "--model",
            model,
            "--epochs",
            str(epochs),
            "--out",
            out,
        ]
        wall, cpu, _ = timed(command, ROOT / "solution")
        costs = []
        for beta in BETAS:
            with open(Path(out) / f"beta-{beta:g}" / "metrics.csv", newline="") as file:
                last = list(csv.DictReader(file))[-1]
            costs.append(float(last["test_distortion"]) + beta * float(last["test_rate"]))
    return Timing(wall, cpu, statistics.mean(costs))


def pythae(model: str, epochs: int, *, flush: bool = False) -> Timing:
    command = [
        str(PEER),
        "pythae_sweep.py",
        "--data",
        str(ROOT / "data"),
        "--model",
        model,
        "--epochs",
        str(epochs),
        "--beta",
        *map(str, BETAS),
        *(["--flush"] if flush else []),
    ]
    wall, cpu, output = timed(command, ROOT / "bench")
    words = [line.split() for line in output.splitlines() if line.startswith("beta ")]
    costs = [float(line[5]) + float(line[1]) * float(line[3]) for line in words]
    return Timing(wall, cpu, statistics.mean(costs))


def timed(command: list[str], folder: Path) -> tuple[float, float, str]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.stdout


def floor_seconds(epochs: int) -> tuple[float, float]:
    """CPU seconds of the MLP sweep's matrix products, in the fastest type, and of Adam.

    Products of training, and of the evaluation on the test images after each epoch.
    """
    torch.set_num_threads(1)
    model = build_model(CONFIGS["mlp"])
    epochs *= len(BETAS)
    steps, tests = epochs * -(-SAMPLE // BATCH), epochs * -(-SAMPLE // EVALUATION_BATCH)
    products = 0.0
    for layer in model.modules():
        if isinstance(layer, torch.nn.Linear):
            kinds = [_products(layer, kind) for kind in (torch.float32, torch.bfloat16)]
            train, test = map(min, zip(*kinds, strict=True))
            products += steps * train + tests * test
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    return products, steps * _seconds(optimizer.step)


def _products(layer: torch.nn.Linear, kind: torch.dtype) -> tuple[float, float]:
    """One layer's products for a training batch (forward, both gradients) and a test batch."""
    weight = layer.weight.detach().to(kind)
    x = torch.randn(EVALUATION_BATCH, layer.in_features).to(kind)
    few, y = x[:BATCH], torch.randn(BATCH, layer.out_features).to(kind)
    train = _seconds(lambda: (few @ weight.T, y @ weight, y.T @ few))
    return train, _seconds(lambda: x @ weight.T, repeats=30)


def _seconds(function, repeats: int = 200) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def compare(model: str, epochs: int, rounds: int, console: Console) -> None:
    """Alternate the sweeps and print their medians."""
    contestants = {
        "rdlab": ours,
        "pythae": pythae,
        "pythae, denormals flushed": lambda *work: pythae(*work, flush=True),
    }
    timings: dict[str, list[Timing]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            timings[name].append(run(model, epochs))
    table = Table(title=f"six β, {model}, {epochs} epochs of the sample, {rounds} rounds")
    for heading in ("", "wall s", "CPU s", "× wall", "× CPU", "mean D + βR"):
        table.add_column(heading)
    for name in contestants:
        wall, cpu, cost = (_median(timings[name], key) for key in ("wall", "cpu", "cost"))
        ratios = [f"{_ratio(timings, name, key):.2f}" for key in ("wall", "cpu")]
        table.add_row(name, f"{wall:.1f}", f"{cpu:.1f}", *ratios, f"{cost:.2f}")
    console.print(table)
    if model == "mlp":
        products, adam = floor_seconds(epochs)
        floor = products + adam
        share = floor / _median(timings["rdlab"], "cpu")
        most = _median(timings["pythae"], "cpu") / floor
        console.print(
            f"floor: {products:.1f} s matrix products + {adam:.1f} s Adam = {share:.0%} "
            f"of rdlab's CPU time; at the floor it would be {most:.1f} × pythae's"
        )


def _median(timings: list[Timing], key: str) -> float:
    return statistics.median(getattr(timing, key) for timing in timings)


def _ratio(timings: dict[str, list[Timing]], name: str, key: str) -> float:
    """Median over the rounds of a contestant's time over ours in the same round."""
    pairs = zip(timings[name], timings["rdlab"], strict=True)
    return statistics.median(getattr(a, key) / getattr(b, key) for a, b in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=12, help="of the MLP (conv: a quarter)")
    options = parser.parse_args()
    console = Console()
    compare("mlp", options.epochs, options.rounds, console)
    compare("conv", max(1, options.epochs // 4), options.rounds, console)


if __name__ == "__main__":
    main()
