"""Training one network of part 4. Given code: it calls your functions."""

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from rdlab.lab.data import Dataset
from rdlab.lab.errors import LabError
from rdlab.lab.foundations import folders
from rdlab.lab.foundations.losses import batch_loss, evaluate, prepare
from rdlab.lab.foundations.measure import summarise
from rdlab.lab.foundations.pictures import reconstruction_sheet, sample_sheet
from rdlab.lab.runs import claimed, read_checkpoint, round_to_half, write_checkpoint

PICTURES_EVERY = 10


def train_run(
    folder: Path, config: dict, data: Dataset, device: torch.device, position: int = 0
) -> None:
    """Train one network and write its folder; a finished one is kept.

    Stopped at any moment, it loses at most the epoch it is in.

    Args:
        folder: the run's folder-to-be.
        config: "type", its sizes, "data", "epochs", "batch_size", "learning_rate", "mc_samples",
            "seed", and "sigma" of a Gaussian type.
        position: line of the progress bar, where several networks train at once.

    Raises:
        LabError: the loss is no longer finite, or the folder holds another run or is in use.
    """
    with claimed(folder):
        if folders.is_finished(folder, config):
            return
        model, metrics, sheets = _train(folder, config, data, device, position)
        summary = summarise(model, config, data)
        folders.write(folder, config, metrics, summary, model.cpu(), sheets)


def _train(folder, config, data, device, position) -> tuple[nn.Module, list[dict], dict]:
    torch.manual_seed(config["seed"])
    torch.set_flush_denormal(True)  # Adam's moments decay into denormals, twice as slow
    model = folders.build(config).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=config["learning_rate"], fused=True)
    metrics, sheets = _resume(folder, config, model, optimizer)
    train_images = data.train_images
    if train_images.dtype != torch.uint8:  # once for all epochs; photographs would take too much
        train_images = prepare(train_images, config, model)
    bar = tqdm(
        range(len(metrics), config["epochs"]),
        desc=f"{folder.name:<38}",
        unit="epoch",
        initial=len(metrics),
        total=config["epochs"],
        position=position,
    )
    for epoch in bar:
        loss = train_epoch(model, train_images, config, optimizer)
        if last := epoch == config["epochs"] - 1:
            round_to_half(model)
        test_loss = evaluate(model, data.test_images, config, precise=last)
        if not math.isfinite(loss + test_loss):
            raise LabError(
                f"training {folder.name} is no longer finite after epoch {epoch}: check tasks 4.2 "
                "to 4.5 with `python -m rdlab check`, or lower --lr."
            )
        row = (epoch, loss, test_loss, config["learning_rate"])
        metrics.append(dict(zip(folders.COLUMNS, row, strict=True)))
        bar.set_postfix_str(f"loss {loss:.2f}, test {test_loss:.2f}")
        if last or epoch % PICTURES_EVERY in (0, PICTURES_EVERY - 1):
            sheets[f"reconstruction_{epoch}"] = reconstruction_sheet(model, config, data)
            sheets[f"sample_{epoch}"] = sample_sheet(model, config, data)
        _keep(folder, config, model, optimizer, metrics, sheets)
    return model, metrics, sheets


def _keep(folder, config, model, optimizer, metrics, sheets) -> None:
    """Write down all that the next epochs depend on. All noise is drawn on the processor."""
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    write_checkpoint(
        folder,
        config,
        {**state, "random": torch.get_rng_state(), "metrics": metrics, "sheets": sheets},
    )


def _resume(folder, config, model, optimizer) -> tuple[list[dict], dict[str, Tensor]]:
    """Put back what `_keep` wrote down; returns the metrics and pictures of what is done."""
    state = read_checkpoint(folder, config)
    if state is None:
        return [], {}
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    return state["metrics"], state["sheets"]


def train_epoch(
    model: nn.Module, images: Tensor, config: dict, optimizer: torch.optim.Optimizer
) -> float:
    """Pass once over the training images in a new order; return the running mean of the loss.

    Args:
        images: prepared, or as bytes, which are prepared batch by batch.
    """
    model.train()
    total = torch.zeros(())
    for indices in torch.randperm(len(images)).split(config["batch_size"]):
        x = images[indices.to(images.device)]
        x = prepare(x, config, model) if x.dtype == torch.uint8 else x
        loss = batch_loss(model, x, config)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total = total + loss.detach() * len(
            indices
        )  # stays on the device: no wait for it in each step
    return float(total) / len(images)
