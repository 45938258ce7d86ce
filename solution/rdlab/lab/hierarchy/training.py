"""Train a grid of hierarchies, one run for each pair of prices. Given code."""

import math
from collections.abc import Sequence
from functools import cache, partial
from itertools import product
from pathlib import Path

import torch
from torch import nn

from rdlab.hierarchy import (
    hierarchical_loss,
    layer_rates,
    precision_weighted_merge,
    warm_up,
)
from rdlab.lab.dask_training import train_on_cluster
from rdlab.lab.epochs import begin, checkpointed_epochs, low_precision, shuffled_batches
from rdlab.lab.errors import LabError
from rdlab.lab.hierarchy.data_sets import load_data
from rdlab.lab.hierarchy.networks import IMAGE_SHAPE, Hierarchy, build_hierarchy
from rdlab.lab.hierarchy.objective import costs, sample_top, temperature
from rdlab.lab.runs import Run, load_run, read_metrics
from rdlab.lab.train_runs import chosen_device, train_runs, unfinished

PRICES = (0.3, 1.0, 3.0)
COLUMNS = (
    "epoch",
    "loss",
    "weight",
    "seconds",
    "test_rate_2",
    "test_rate_1",
    "test_distortion",
)
LEARNING_RATE = 1e-3
EVALUATION_BATCH = 1000
QUICK_IMAGES = 2000
"""Test images that are measured after an epoch which is not the last."""


def run_name(beta_2: float, beta_1: float) -> str:
    """Return the name of a run folder, such as beta2-0.3_beta1-3."""
    return f"beta2-{beta_2:g}_beta1-{beta_1:g}"


def train_grid(
    settings: dict,
    pairs: Sequence[tuple[float, float]],
    out: Path,
    *,
    data_folder: Path | None = None,
    device: str | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
) -> None:
    """Train one hierarchy for each pair (β₂, β₁), and write each to its run folder.

    Finished runs are kept. Stopped at any moment, training loses at most the epoch it is in: called
    again with the same arguments it goes on.

    Args:
        settings: config of the runs but for the prices; see `build_hierarchy`, and "data",
            "epochs", "batch_size", "learning_rate", "seed", "variance" and "warm_up"; "decay"
            may be left out.
        pairs: the prices.
        out: folder of the run folders.
        data_folder: see `load_data`.
        device: where to train; None is the accelerator if there is one.
        jobs: how many to train at once; None is one per core.
        cluster: address of a Dask scheduler on whose workers to train.

    Raises:
        LabError: a setting is out of range, a folder holds another run or is in use, training
            diverged, or the cluster cannot be used.
    """
    chosen = chosen_device(None if cluster else device)
    shape = tuple(_load(settings["data"], data_folder).train_images.shape[1:])
    if shape != IMAGE_SHAPE:
        settings = {**settings, "image_shape": list(shape)}
    build_hierarchy(settings, precision_weighted_merge)
    left = unfinished(_runs(settings, pairs, out))
    if cluster:
        train_on_cluster(cluster, left, data_folder, device, command_words)
    else:
        train_runs(left, COLUMNS, partial(_train, data_folder), chosen, jobs)
    for folder, _ in left:
        last = read_metrics(folder, COLUMNS)[-1]
        rates = f"R₂ = {last['test_rate_2']:.2f}, R₁ = {last['test_rate_1']:.2f} nats"
        print(f"{folder}: {rates}, D = {last['test_distortion']:.2f} on the test images")


def _runs(settings: dict, pairs: Sequence[tuple[float, float]], out: Path):
    """Yield folder and config of every run of a grid."""
    for beta_2, beta_1 in pairs:
        prices = {"beta_2": float(beta_2), "beta_1": float(beta_1)}
        yield out / run_name(beta_2, beta_1), {**settings, **prices}


def command_words(config: dict, data_folder: Path | None, device: str | None) -> list[str]:
    """Return the command line that trains one run: `hierarchy train --beta2 0.3 …`."""
    words = ["hierarchy", "train", "--jobs", "1", "--beta2", f"{config['beta_2']:g}"]
    words += ["--beta1", f"{config['beta_1']:g}"]
    places = {"folder": data_folder and str(data_folder), "device": device}
    for key, value in {**config, **places}.items():
        if key in ("versions", "image_shape", "beta_2", "beta_1") or value is None:
            continue
        option = key.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += ["--" + option, *map(str, value if isinstance(value, list) else [value])]
    return words


def pairs_of(beta_2: Sequence[float], beta_1: Sequence[float]) -> list[tuple[float, float]]:
    """Return all pairs (β₂, β₁), each once, by ascending prices."""
    return list(product(sorted(set(beta_2)), sorted(set(beta_1))))


_load = cache(load_data)  # once per process


def _train(data_folder: Path | None, config: dict, device: torch.device, *, folder: Path):
    return train(config, _load(config["data"], data_folder), device, folder=folder)


def train(
    config: dict,
    data,
    device: torch.device,
    *,
    folder: Path | None = None,
) -> tuple[nn.Module, list[dict[str, float]]]:
    """Train one hierarchy; see `checkpointed_epochs` for the folder.

    Returns:
        (model, rows of metrics.csv): the weights end rounded to half precision, as they are
        stored, and the last row is theirs on all test images.
    """
    begin(config["seed"])
    model = build_hierarchy(config, precision_weighted_merge).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=config["learning_rate"], fused=True)
    train_images, test_images = data.train_images.to(device), data.test_images.to(device)

    def one_epoch(epoch: int) -> dict[str, float]:
        weight = float(warm_up(epoch - 1, config["epochs"])) if config["warm_up"] else 1.0
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(config, epoch - 1)
        batches = shuffled_batches(train_images, config["batch_size"])
        loss = _train_epoch(model, batches, config, optimizer, weight, temperature(epoch - 1))
        return {"loss": loss, "weight": weight}

    def measure(epoch: int, last: bool) -> dict[str, float]:
        images = test_images if last else test_images[:QUICK_IMAGES]
        rate_2, rate_1, distortion = measure_layers(model, images)
        return {"test_rate_2": rate_2, "test_rate_1": rate_1, "test_distortion": distortion}

    name = f"β₂ = {config['beta_2']:g}, β₁ = {config['beta_1']:g}"
    rows = checkpointed_epochs(folder, config, model, optimizer, one_epoch, measure, name=name)
    return model, rows


def learning_rate(config: dict, epoch: int) -> float:
    """Return the learning rate of an epoch, counted from 0.

    With the config's "decay" it falls along half a cosine, from its full value towards 0.
    """
    share = (1 + math.cos(math.pi * epoch / config["epochs"])) / 2 if config.get("decay") else 1.0
    return config["learning_rate"] * share


def _train_epoch(model, batches, config: dict, optimizer, weight: float, heat: float) -> float:
    """Return the loss averaged over the images of one pass over the batches."""
    model.train()
    device = next(model.parameters()).device
    total, images = torch.zeros((), device=device), 0
    for x in batches:
        with low_precision(device):
            found = costs(model, x, variance=config["variance"], temperature=heat)
        loss = hierarchical_loss(*found, config["beta_1"], config["beta_2"], weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(x)  # stays on the device: no wait for it in each step
        images += len(x)
    return float(total) / images


def measure_layers(model: Hierarchy, images: torch.Tensor) -> tuple[float, float, float]:
    """Return R₂, R₁ and D on these images: by your `layer_rates` where z₂ is Gaussian."""
    batches = images.split(EVALUATION_BATCH)
    if model.family == "gaussian":
        rate_2, rate_1, distortion = layer_rates(model, batches)
        return float(rate_2), float(rate_1), float(distortion)
    model.eval()
    sums = torch.zeros(3, dtype=torch.float64)
    with torch.no_grad():
        for x in batches:
            sums += _categorical_costs(model, x)
    return tuple((sums / len(images)).tolist())


def _categorical_costs(model: Hierarchy, x: torch.Tensor) -> torch.Tensor:
    """Return R₂, R₁ and D of a batch, summed over images, at hard samples of z₂."""
    from rdlab.gaussian import reparameterize
    from rdlab.hierarchy import gaussian_kl_between

    z_2, kl_2 = sample_top(model, x)
    bottom = model.encode_bottom(x, z_2)
    z_1 = reparameterize(*bottom, torch.randn_like(bottom[0]))
    kl_1 = gaussian_kl_between(*bottom, *model.prior_bottom(z_2))
    parts = kl_2, kl_1, (x - model.decode(z_1)).square()
    return torch.stack([part.double().sum() for part in parts])


def load_hierarchy(folder: Path) -> Run:
    """Return the finished run of a folder.

    Raises:
        LabError: a file is missing or damaged.
    """
    return load_run(folder, COLUMNS, partial(build_hierarchy, merge=precision_weighted_merge))


def load_grid(folder: Path) -> dict[tuple[float, float], Run]:
    """Return the finished runs of a folder by (β₂, β₁), in ascending order.

    Raises:
        LabError: there is none, or one is damaged.
    """
    runs = [load_hierarchy(path.parent) for path in sorted(folder.glob("beta2-*/config.json"))]
    if not runs:
        raise LabError(f"{folder} has no runs: train them with `python -m rdlab hierarchy train`.")
    return dict(sorted(((run.config["beta_2"], run.config["beta_1"]), run) for run in runs))
