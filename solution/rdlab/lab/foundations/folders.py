"""The folder of one run of part 4: what is in it, and how it is written and read. Given code.

A folder is written in one move when its training ends, so it is there whole or not at all.
"""

import csv
import json
import math
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from rdlab.lab import runs
from rdlab.lab.errors import LabError
from rdlab.lab.foundations.networks import BERNOULLI, build_gaussian
from rdlab.lab.models import load_state

FILES = ("config.json", "perf_metrics.csv", "summary.json", "weights.safetensors")
"""What is handed in; the pictures beside them are not."""
COLUMNS = ("epoch", "train_loss", "test_loss", "lr")


class Run(NamedTuple):
    """A finished run, read back."""

    folder: Path
    config: dict
    metrics: list[dict[str, float]]
    """One row per epoch, counted from 0; the last one's test loss is that of the weights."""
    summary: dict
    """"parameters", "train_loss", "test_loss", "active", "kl": see `measure.summarise`."""
    model: nn.Module
    """With the stored weights, in float32 and evaluation mode."""


def run_name(config: dict, experiment: str = "AE") -> str:
    """Return its name, for example AE-arch=vae(512)-lr=0.001-ep=100, or gaussian-deep."""
    kind = config["type"]
    if kind in ("linear", "deep"):
        return f"gaussian-{kind}"
    size = config["width"] if kind == "conv" else config["hidden"]
    return f"{experiment}-arch={kind}({size})-lr={config['learning_rate']:g}-ep={config['epochs']}"


def build(config: dict) -> nn.Module:
    """Build the untrained network of a config: your `Autoencoder`, or a given Gaussian VAE."""
    if config["type"] not in BERNOULLI:
        return build_gaussian(config)
    from rdlab.foundations import Autoencoder

    pixels = math.prod(config.get("image_shape", (1, 28, 28)))
    return Autoencoder(config["type"], pixels, config["hidden"], config["latent_dim"])


def is_finished(folder: Path, config: dict) -> bool:
    """Return whether the folder holds this very run; False if there is no such folder yet.

    Raises:
        LabError: it holds another run, or not a whole one.
    """
    return runs.is_finished(folder, config, FILES)


def write(
    folder: Path,
    config: dict,
    metrics: list[dict[str, float]],
    summary: dict,
    model: nn.Module,
    sheets: dict[str, Tensor],
) -> None:
    """Write a run in one move, its weights in half precision, and drop its checkpoint.

    Args:
        sheets: name of each picture to its pixels, uint8, shape (H, W) or (H, W, 3).
    """
    with runs.in_one_move(folder) as partial:
        runs.write_json(partial / "config.json", config)
        runs.write_json(partial / "summary.json", summary)
        write_metrics(partial / "perf_metrics.csv", metrics)
        runs.write_weights(partial / "weights.safetensors", model)
        for name, pixels in sheets.items():
            Image.fromarray(pixels.numpy()).save(partial / f"{name}.png")


def write_metrics(path: Path, metrics: list[dict[str, float]]) -> None:
    """Write perf_metrics.csv: a row per epoch, losses and learning rate with eight decimals."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in metrics:
            writer.writerow([row["epoch"], *(f"{row[key]:.8f}" for key in COLUMNS[1:])])


def read_metrics(folder: Path) -> list[dict[str, float]]:
    """Read the rows of a run's perf_metrics.csv."""
    path = folder / "perf_metrics.csv"
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [{key: float(row[key]) for key in COLUMNS} for row in csv.DictReader(file)]
        if not rows or not all(math.isfinite(value) for row in rows for value in row.values()):
            raise ValueError("it has no rows, or values that are not finite")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabError(f"{path} cannot be read ({error}): train this run again.") from error
    return rows


def read(folder: Path) -> Run:
    """Read a run back, its model in evaluation mode.

    Raises:
        LabError: a file is missing or damaged, or the weights do not fit the config.
    """
    config = runs.read_config(folder)
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        model = build(config)
        load_state(model, load_file(folder / "weights.safetensors"))
    except (OSError, ValueError, KeyError, TypeError, SafetensorError, LabError) as error:
        raise LabError(f"{folder} cannot be used ({error}): train this run again.") from error
    return Run(folder, config, read_metrics(folder), summary, model.eval().requires_grad_(False))


def read_all(out: Path) -> list[Run]:
    """Read every finished run below a folder, by name.

    Raises:
        LabError: there is none, or one cannot be read.
    """
    found = sorted(path.parent for path in out.glob("[!.]*/perf_metrics.csv"))
    if not found:
        raise LabError(f"{out} holds no run: train with `python -m rdlab foundations train`.")
    return [read(folder) for folder in found]
