"""Training in whole epochs that can be stopped at any moment and gone on with. Given code."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from rdlab.lab.errors import LabError
from rdlab.lab.progress import advance, is_shared
from rdlab.lab.runs import read_checkpoint, round_to_half, write_checkpoint

Row = dict[str, float]
"""What was found in one epoch, by column."""


def begin(seed: int) -> None:
    """Make what follows reproducible and fast: call it before the model is built."""
    torch.manual_seed(seed)
    torch.set_flush_denormal(True)  # Adam's moments decay into denormals, twice as slow


def checkpointed_epochs(
    folder: Path | None,
    config: dict,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    train_epoch: Callable[[int], Row],
    measure: Callable[[int, bool], Row],
    *,
    name: str,
    gathered: dict[str, Tensor] | None = None,
) -> list[Row]:
    """Train config["epochs"] epochs; the weights end rounded to half precision, as they are stored.

    All that an epoch depends on must be in the model, the optimizer, torch's random numbers and
    the epoch's number: then a training that was stopped and goes on gives the same weights.

    Args:
        folder: the run's folder-to-be. Training goes on from the checkpoint beside it, if there
            is one, and leaves one there after each epoch. None keeps nothing.
        config: of the run, as config.json will hold it.
        train_epoch: trains one epoch, given its number from 1; gives columns such as {"loss": …}.
        measure: evaluates the model after an epoch, given its number and whether it is the last,
            whose results are kept, so that they should be exact; gives further columns.
        name: of the run, for progress and errors: "β = 0.5".
        gathered: what train_epoch and measure add to from epoch to epoch, such as pictures. It
            is kept in the checkpoint too, and put back before training goes on.

    Returns:
        One row per epoch: "epoch", what train_epoch gave, "seconds" of it, what measure gave.

    Raises:
        LabError: a value is no longer finite, or the checkpoint is of another run.
    """
    gathered = {} if gathered is None else gathered
    rows = _resume(folder, config, model, optimizer, gathered) if folder else []
    epochs = config["epochs"]
    left = range(len(rows) + 1, epochs + 1)
    advance(len(rows))
    bar = tqdm(left, name, epochs, initial=len(rows), unit="epoch", disable=is_shared())
    for epoch in bar:
        start = time.perf_counter()
        trained = train_epoch(epoch)
        seconds = time.perf_counter() - start
        if last := epoch == epochs:
            round_to_half(model)
        found = measure(epoch, last)
        rows.append({"epoch": epoch, **trained, "seconds": seconds, **found})
        _refuse_divergence(name, rows[-1])
        shown = ", ".join(f"{key} {value:.2f}" for key, value in found.items())
        bar.set_postfix_str(shown)
        advance(1, f"{name}: {shown}")
        if folder:
            _keep(folder, config, model, optimizer, rows, gathered)
    return rows


def _keep(folder: Path, config: dict, model, optimizer, rows: list[Row], gathered: dict) -> None:
    """Write down all that the next epochs depend on."""
    device = _device(model)
    random = [torch.get_rng_state()]
    if device.type != "cpu":
        random.append(torch.get_device_module(device).get_rng_state())
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    state |= {"random": random, "metrics": rows, "gathered": gathered}
    write_checkpoint(folder, config, state)


def _resume(folder: Path, config: dict, model, optimizer, gathered: dict) -> list[Row]:
    """Put back what `_keep` wrote down; return the rows of the epochs that are done."""
    state = read_checkpoint(folder, config)
    if state is None or "gathered" not in state:  # none, or an earlier release's: begin anew
        return []
    gathered.update(state["gathered"])
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"][0])
    device = _device(model)
    if device.type != "cpu":
        torch.get_device_module(device).set_rng_state(state["random"][-1])
    return state["metrics"]


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


def _refuse_divergence(name: str, row: Row) -> None:
    if not all(math.isfinite(value) for value in row.values()):
        raise LabError(
            f"{name}: training is no longer finite after epoch {row['epoch']}: check your "
            "functions with `python -m rdlab check`, or lower the learning rate if you raised it."
        )


def shuffled_batches(
    images: Tensor, size: int, augment: Callable[[Tensor], Tensor] | None = None
) -> Iterator[Tensor]:
    """Yield all the images once, in an order drawn afresh, in batches of `size`."""
    for indices in torch.randperm(len(images)).to(images.device).split(size):
        yield augment(images[indices]) if augment else images[indices]


def low_precision(device: torch.device) -> AbstractContextManager:
    """Let networks compute in bfloat16 within the block, where the processor is made for it."""
    enabled = device.type == "cpu" and _has_bfloat16()
    return torch.autocast("cpu", torch.bfloat16, enabled=enabled)


@cache
def _has_bfloat16() -> bool:
    cpu = torch.cpu.get_capabilities()
    return bool(cpu.get("avx512_bf16") or cpu.get("amx_bf16"))
